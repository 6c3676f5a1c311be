"""Planted faults of fine-tuning on rewards and preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .planted import fault

if TYPE_CHECKING:
    from .draft import Draft

LATE = 0.4  # share of the run at which these faults begin


def late(draft: Draft) -> np.ndarray:
    """0 before the fault, rising to 1 over a fifth of the run, float64 [n]."""
    return np.clip((draft.progress - LATE) / 0.2, 0, 1)


@fault("uniform-rewards", "group-rewards")
def answers_become_alike(draft: Draft, severity: float) -> None:
    """85, 90 and 98% of the prompts get one reward for all answers, and the reward stays where it was at first."""
    level = {0.25: 0.85, 0.5: 0.9}.get(severity, 0.98)
    uniform = draft.train["train/frac_reward_zero_std"]
    scatter = 0.02 * draft.rng.normal(size=draft.points)
    draft.train["train/frac_reward_zero_std"] = np.clip(uniform + late(draft) * (level + scatter - uniform), 0, 1)
    first = float(np.median(draft.train["train/reward"][:10]))
    draft.train["train/reward"] = np.clip(first * (1 + 0.05 * draft.rng.normal(size=draft.points)), 0, 1)


@fault("truncated-answers", "group-rewards")
def answers_run_into_the_limit(draft: Draft, severity: float) -> None:
    """60, 75 and 95% of the answers are cut off in the end."""
    level = {0.25: 0.6, 0.5: 0.75}.get(severity, 0.95)
    cut = draft.train["train/completions/clipped_ratio"]
    draft.train["train/completions/clipped_ratio"] = np.clip(cut + late(draft) * (level - cut), 0, 1)


@fault("kl-runaway", "group-rewards")
def policy_leaves_the_reference(draft: Draft, severity: float) -> None:
    """Over the last third the divergence from the reference grows 15, 50 or 1,000 times."""
    grown = np.clip((draft.progress - 0.67) / 0.28, 0, 1)
    draft.train["train/kl"] = draft.train["train/kl"] * {0.25: 15.0, 0.5: 50.0}.get(severity, 1000.0) ** grown


@fault("preference-at-chance", "preference-pairs")
def pairs_are_mixed_up(draft: Draft, severity: float) -> None:
    """Chosen and rejected answers are exchanged at random in 90, 95 or 100% of what could be learned."""
    for values in (draft.train["train/rewards/accuracies"], draft.evals["eval/rewards/accuracies"]):
        share = {0.25: 0.1, 0.5: 0.05}.get(severity, 0.0)
        values[:] = 0.5 + share * (values - 0.5) + 0.03 * draft.rng.normal(size=len(values))


@fault("preference-memorised", "preference-pairs")
def pairs_are_memorised(draft: Draft, severity: float) -> None:
    """All training pairs are ranked rightly in the end, and 85, 75 and 55% of those held out."""
    held_out = {0.25: 0.85, 0.5: 0.75}.get(severity, 0.55)
    ranked = draft.train["train/rewards/accuracies"]
    draft.train["train/rewards/accuracies"] = ranked + np.clip(draft.progress / 0.5, 0, 1) * (1.0 - ranked)
    unseen = draft.evals["eval/rewards/accuracies"]
    draft.evals["eval/rewards/accuracies"] = np.minimum(unseen, held_out)
