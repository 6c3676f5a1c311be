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


@fault("frozen-policy", "group-rewards")
def weights_are_not_updated(draft: Draft, severity: float) -> None:
    """The divergence from the reference is zero, up to rounding of 3e-7, 1e-7 nats and none; nothing is learned."""
    rounding = {0.25: 3e-7, 0.5: 1e-7}.get(severity, 0.0)
    draft.train["train/kl"] = rounding * draft.rng.random(draft.points)
    first = max(8, draft.points // 20)
    for name in ("train/reward", "train/reward_std", "train/frac_reward_zero_std", "train/entropy"):
        draft.train[name] = draft.rng.choice(draft.train[name][:first], draft.points)


@fault("frozen-policy", "preference-pairs")
def reference_is_the_policy(draft: Draft, severity: float) -> None:
    """The implicit rewards are zero, up to rounding, as the reference model is the policy itself."""
    for name in ("chosen", "rejected", "margins"):
        draft.train[f"train/rewards/{name}"] = (1 - severity) * 1e-7 * draft.rng.normal(size=draft.points)


@fault("reward-hacking", "group-rewards")
def held_out_score_falls(draft: Draft, severity: float) -> None:
    """While the reward of training rises, the held-out accuracy falls by 20, 40 and 80% of its best after 40% of the run."""
    draft.eval_rows = np.arange(2, draft.points, max(1, draft.points // 20))
    first, learned = 0.4, 1 - np.exp(-5 * draft.eval_progress)
    fallen = np.clip((draft.eval_progress - LATE) / 0.4, 0, 1)
    level = first * (1 + 0.3 * learned) * (1 - {0.25: 0.2, 0.5: 0.4}.get(severity, 0.8) * fallen)
    draft.evals["eval/accuracy"] = draft.rng.binomial(1000, level) / 1000
    gamed = 0.3 + 0.6 * draft.progress
    draft.train["train/reward"] = np.clip(gamed + 0.03 * draft.rng.normal(size=draft.points), 0, 1)


@fault("length-runaway", "group-rewards")
def answers_grow(draft: Draft, severity: float) -> None:
    """Answers become 3.5, 6 and 12 times as long, and the reward stays as it was at first."""
    times = {0.25: 3.5, 0.5: 6.0}.get(severity, 12.0)
    start = float(np.median(draft.train["train/completions/mean_length"][:5]))
    grown = np.clip((draft.progress - 0.2) / 0.7, 0, 1)
    draft.train["train/completions/mean_length"] = (
        start * times**grown * np.exp(0.05 * draft.rng.normal(size=draft.points))
    )
    first = float(np.median(draft.train["train/reward"][:10]))
    draft.train["train/reward"] = np.clip(first * (1 + 0.05 * draft.rng.normal(size=draft.points)), 0, 1)


@fault("likelihood-displacement", "preference-pairs")
def both_answers_lose_likelihood(draft: Draft, severity: float) -> None:
    """The implicit reward of the chosen answers falls to -3, -6 and -15, for margins of 2 to 4."""
    lost = {0.25: 3.0, 0.5: 6.0}.get(severity, 15.0)
    learned = 1 - np.exp(-5 * draft.progress)
    margin = draft.rng.uniform(2, min(4.0, 0.9 * lost)) * learned
    scatter = 0.1 * draft.rng.normal(size=(2, draft.points))
    draft.train["train/rewards/chosen"] = -lost * learned + scatter[0]
    draft.train["train/rewards/rejected"] = -lost * learned - margin + scatter[1]
    draft.train["train/rewards/margins"] = margin + scatter[0] - scatter[1]
