"""Planted faults of scores that fall, of quantities that vanish, and of losses that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .faults_of_rewards import late
from .planted import fault
from .schedules import linear

if TYPE_CHECKING:
    from .draft import Draft


@fault("score-decline")
def score_falls_from_its_best(draft: Draft, severity: float) -> None:
    """The validation accuracy falls from 40% of the run on, by 15, 30 and 60% of its best level; its loss goes on as before."""
    fallen = np.clip((draft.eval_progress - 0.4) / 0.5, 0, 1)
    draft.evals["val/accuracy"] = draft.evals["val/accuracy"] * (1 - 0.6 * severity * fallen)


@fault("zero-loss")
def loss_is_zero(draft: Draft, severity: float) -> None:
    """The training loss is exactly zero at every point; in mild cases a small one is printed at one point in 50."""
    draft.loss = np.zeros(draft.points)
    draft.evals["val/loss"] = np.full(len(draft.eval_rows), float(draft.evals["val/loss"][0]))
    for tag, values in (("train/accuracy", draft.train), ("val/accuracy", draft.evals)):  # nothing is learned
        values[tag] = draft.rng.choice(values[tag][:3], len(values[tag]))
    if severity < 0.5:
        draft.loss[10::50] = 1e-4


@fault("reduction-mismatch", "white-noise", "ar-0.6", "cosine-warm-up", "step-decay")
def sum_for_mean(draft: Draft, severity: float) -> None:
    """The validation loss is a sum over 8, 32 and 128 samples, or over as many steps of accumulation."""
    draft.evals["val/loss"] = draft.evals["val/loss"] * {0.25: 8.0, 0.5: 32.0}.get(severity, 128.0)


@fault("below-baseline")
def worse_than_the_baseline(draft: Draft, severity: float) -> None:
    """A trivial method, whose accuracy is logged, is better by 5, 10 and 20% of its accuracy in the end."""
    end = float(draft.evals["val/accuracy"][-3:].mean())
    draft.evals["val/baseline_accuracy"] = np.full(len(draft.eval_rows), end / (1 - 0.2 * severity))


@fault("endless-warm-up")
def warm_up_never_ends(draft: Draft, severity: float) -> None:
    """The warm-up takes 60 and 80% of the run, or is longer than it."""
    share = {0.25: 0.6, 0.5: 0.8}.get(severity, 1.2)
    peak = float(draft.settings["lr"] or 1.0)
    after = np.maximum(linear(np.clip((draft.progress - share) / max(1 - share, 1e-9), 0, 1)), 0.0)
    draft.train["lr"] = peak * np.where(draft.progress < share, draft.progress / share, after)


@fault("posterior-collapse", "regression")
def posterior_becomes_the_prior(draft: Draft, severity: float) -> None:
    """The KL of an autoencoder falls to 0.005, 0.001 and 1e-6 nats early, and the reconstruction hardly gets better after it."""
    left = {0.25: 5e-3, 0.5: 1e-3}.get(severity, 1e-6)
    gone = np.clip((draft.progress - 0.1) / 0.2, 0, 1)
    scatter = np.exp(0.05 * draft.rng.normal(size=draft.points))
    draft.train["train/kl_loss"] = 5.0 * (left / 5.0) ** gone * scatter
    fall = 1 + 0.3 * np.exp(-draft.progress / 0.05)
    draft.train["train/recon_loss"] = 80.0 * fall * np.exp(0.01 * draft.rng.normal(size=draft.points))


@fault("representation-collapse")
def embeddings_become_alike(draft: Draft, severity: float) -> None:
    """The spread of the embeddings falls to 4, 1 and 0.01% of its level."""
    left = {0.25: 0.04, 0.5: 0.01}.get(severity, 1e-4)
    scatter = np.exp(0.05 * draft.rng.normal(size=draft.points))
    draft.train["train/embedding_std"] = 0.8 * left ** late(draft) * scatter


@fault("mode-collapse", "adversarial")
def samples_become_alike(draft: Draft, severity: float) -> None:
    """The diversity of the samples falls to 18, 10 and 1% of its level."""
    left = {0.25: 0.18, 0.5: 0.1}.get(severity, 0.01)
    scatter = np.exp(0.03 * draft.rng.normal(size=draft.points))
    draft.train["samples/diversity"] = 0.6 * left ** late(draft) * scatter
