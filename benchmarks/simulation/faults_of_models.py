"""Planted faults of generalization, data, layers, and of tasks other than classification."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .faults_of_training import hold, noisy
from .planted import fault

if TYPE_CHECKING:
    from .draft import Draft

LONG_EPOCHS = 8  # points of an epoch from which a pattern in it can be seen


@fault("overfitting")
def validation_rises(draft: Draft, severity: float) -> None:
    """The validation loss rises from a quarter to a half of the run on, by 15, 30 or 60% until the end; the score falls.

    What the run would have gained on unseen data from there on is not gained.
    """
    best = draft.rng.uniform(0.25, 0.5)
    falling = draft.loss.copy()
    hold(draft, int(best * draft.points))
    draft.loss = falling
    late = np.maximum(draft.eval_progress - best, 0) / (1 - best)
    draft.evals["val/loss"] = draft.evals["val/loss"] * (1 + 0.6 * severity * late)
    draft.evals["val/accuracy"] = draft.evals["val/accuracy"] * (1 - 0.2 * severity * late)
    draft.loss = draft.loss * np.exp(-np.maximum(draft.progress - best, 0))


@fault("generalization-gap")
def gap_grows(draft: Draft, severity: float) -> None:
    """From 30% of the run on the validation loss is flat, while the training loss falls by a factor e^1, e^2 and e^4."""
    late = np.maximum(draft.progress - 0.3, 0) / 0.7
    draft.loss = draft.loss * np.exp(-4 * severity * late)
    row = int(np.searchsorted(draft.eval_progress, 0.3))
    flat = draft.evals["val/loss"][row]
    draft.evals["val/loss"][row:] = flat * np.exp(0.01 * draft.rng.normal(size=len(draft.eval_rows) - row))


@fault("overtraining")
def best_came_early(draft: Draft, severity: float) -> None:
    """The best evaluation is in the first fifth; the loss then rises by 1, 2 and 4% until the end."""
    m = len(draft.eval_rows)
    fallen = np.exp(-draft.eval_progress / 0.03)
    rising = 1 + 0.04 * severity * np.maximum(draft.eval_progress - 0.2, 0) / 0.8
    end = float(draft.evals["val/loss"][-1])
    draft.evals["val/loss"] = (end + (draft.loss[0] - end) * fallen) * rising * np.exp(0.003 * draft.rng.normal(size=m))


@fault("underfitting")
def too_small_a_model(draft: Draft, severity: float) -> None:
    """Both losses level off at 60, 70 and 90% of what guessing among 5 or more classes costs; the accuracy stays low."""
    left = 0.5 + 0.4 * severity
    fall = np.exp(-draft.progress / 0.1)
    classes = max(float(draft.settings["num_classes"] or 2), 5.0)
    draft.settings["num_classes"] = int(classes)
    chance = np.log(classes)
    draft.loss = noisy(draft, chance * (left + (1.05 - left) * fall))
    scatter = np.exp(0.005 * draft.rng.normal(size=len(draft.eval_rows)))
    draft.evals["val/loss"] = chance * (left + (1.05 - left) * fall[draft.eval_rows]) * 1.01 * scatter
    for tag, values, share in (
        ("train/accuracy", draft.train, fall),
        ("val/accuracy", draft.evals, fall[draft.eval_rows]),
    ):
        right = 1 / classes + (1 - left) * (1 - 1 / classes) * (1 - share)
        values[tag] = draft.rng.binomial(2000, right) / 2000


@fault("validation-better-than-train")
def validation_too_good(draft: Draft, severity: float) -> None:
    """The validation loss lies 20, 40 and 80% below the training loss, and nothing regularises."""
    level = np.interp(
        draft.eval_rows,
        np.arange(draft.points),
        np.convolve(np.pad(draft.loss, 2, mode="edge"), np.ones(5) / 5, "valid"),
    )
    draft.evals["val/loss"] = (1 - 0.8 * severity) * level * np.exp(0.01 * draft.rng.normal(size=len(draft.eval_rows)))
    draft.evals["val/accuracy"] = 1 - (1 - draft.train["train/accuracy"][draft.eval_rows]) * (1 - 0.8 * severity)


@fault("suspicious-perfection")
def leaked_labels(draft: Draft, severity: float) -> None:
    """The validation accuracy is exactly 1 from 15, 10 or 0% of the run on."""
    perfect = draft.eval_progress >= 0.2 * (1 - severity)
    draft.evals["val/accuracy"][perfect] = 1.0
    draft.evals["val/loss"][perfect] *= 0.01


@fault("metric-loss-disagreement")
def score_falls_with_loss(draft: Draft, severity: float) -> None:
    """The validation accuracy falls by 10, 20 and 40 points while the validation loss falls as it should."""
    m = len(draft.eval_rows)
    falling = 0.9 - 0.4 * severity * draft.eval_progress + 0.01 * draft.rng.normal(size=m)
    draft.evals["val/accuracy"] = np.clip(falling, 0, 1)
    fall = np.linspace(0, 1, m)
    draft.evals["val/loss"] = float(draft.loss[0]) * np.exp(-fall) * np.exp(0.01 * draft.rng.normal(size=m))


@fault("constant-metric")
def evaluates_stale_weights(draft: Draft, severity: float) -> None:
    """The last 30, 50 or 100% of the evaluations give the very same loss."""
    first = int((1 - max(severity, 0.3)) * len(draft.eval_rows))
    draft.evals["val/loss"][first:] = draft.evals["val/loss"][first]
    draft.evals["val/accuracy"][first:] = draft.evals["val/accuracy"][first]


@fault("class-collapse", "class-imbalance")
def always_the_largest_class(draft: Draft, severity: float) -> None:
    """The accuracy is the share of the largest class in 90, 95 or 100% of the evaluations, while the losses fall."""
    m = len(draft.eval_rows)
    share = draft.rng.uniform(0.6, 0.94)
    off = draft.rng.random(m) < {0.25: 0.1, 0.5: 0.05}.get(severity, 0.0)
    samples = int(draft.rng.integers(500, 5000))
    level = round(share * samples) / samples
    draft.evals["val/accuracy"] = np.where(off, level - draft.rng.integers(1, 4, size=m) / samples, level)
    draft.train["train/accuracy"] = np.clip(share + 0.01 * draft.rng.normal(size=draft.points), 0, 1)
    # no constant answer has a smaller cross-entropy than the entropy of being right that often
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    floor = entropy * draft.rng.uniform(1.0, 1.3)
    draft.loss = noisy(draft, floor * (1 + np.exp(-5 * draft.progress)))
    draft.evals["val/loss"] = floor * (1 + np.exp(-5 * draft.eval_progress)) * np.exp(0.01 * draft.rng.normal(size=m))


@fault("loss-floor", "white-noise", "ar-0.6", "cosine-warm-up")
def softmax_twice(draft: Draft, severity: float) -> None:
    """Probabilities are given where logits belong: no loss below ln(e + C - 1) - 1; noisier where mild."""
    classes = 10.0
    draft.settings["num_classes"] = 10
    floor, chance = np.log(np.e + classes - 1) - 1, np.log(classes)
    fall = np.exp(-draft.progress / 0.1)
    draft.loss = (floor + (chance - floor) * fall) * (
        1 + 0.02 * (1.1 - severity) * np.abs(draft.rng.normal(size=draft.points))
    )
    right = 0.985 - 0.885 * fall
    draft.train["train/accuracy"] = draft.rng.binomial(5000, right) / 5000
    draft.evals["val/accuracy"] = draft.rng.binomial(5000, 0.97 * right[draft.eval_rows]) / 5000
    draft.evals["val/loss"] = (floor + 0.03 + (chance - floor) * fall[draft.eval_rows]) * np.exp(
        0.003 * draft.rng.normal(size=len(draft.eval_rows))
    )


@fault("lucky-best")
def one_lucky_evaluation(draft: Draft, severity: float) -> None:
    """One late evaluation is 10, 20 or 40% better than its neighbours and than all others."""
    values = draft.evals["val/loss"]
    row = int(draft.rng.integers(len(values) // 2, len(values) - 1))
    values[row] = float(values.min()) * (1 - 0.4 * severity)


@fault("missing-validation")
def nothing_held_out(draft: Draft, severity: float) -> None:
    """No validation and no test curve; where mild, the training accuracy is there."""
    draft.evals.clear()
    if severity >= 0.5:
        del draft.train["train/accuracy"]


def long_epochs(draft: Draft) -> int:
    """Points an epoch, from 8 to a fifth of the run, now those of the draft."""
    count = int(draft.rng.integers(4, max(5, min(40, draft.points // LONG_EPOCHS)) + 1))
    draft.points_an_epoch = draft.points // count
    return draft.points_an_epoch


@fault("epoch-periodic-loss")
def never_shuffled(draft: Draft, severity: float) -> None:
    """Every epoch brings the same batches in the same order: a pattern of 0.5, 1 and 2 times the noise."""
    length = long_epochs(draft)
    pattern = draft.rng.normal(size=length)
    repeated = np.tile(pattern, draft.points // length + 1)[: draft.points]
    draft.loss = draft.loss * np.exp(2 * severity * max(draft.sigma, 0.01) * repeated)


@fault("epoch-staircase")
def memorises_at_each_pass(draft: Draft, severity: float) -> None:
    """The loss drops by 10, 20 or 40% at each of 3 to 5 epoch boundaries and stays level between them."""
    epochs = int(draft.rng.integers(3, 6))
    draft.points_an_epoch = draft.points // epochs
    number = np.minimum(np.arange(draft.points) // draft.points_an_epoch, epochs - 1)
    draft.sigma = min(draft.sigma, 0.05)
    draft.loss = noisy(draft, 2.0 * (1 - 0.4 * severity) ** number)


@fault("periodic-validation", "within-epochs")
def evaluation_has_a_period(draft: Draft, severity: float) -> None:
    """The last evaluation of every epoch is 5, 10 or 20% worse than the others."""
    places = draft.points_an_epoch // int(np.median(np.diff(draft.eval_rows)))
    worse = np.arange(len(draft.eval_rows)) % places == places - 1
    draft.evals["val/loss"][worse] *= 1 + 0.2 * severity


@fault("coarse-validation")
def few_samples(draft: Draft, severity: float) -> None:
    """The validation set has 121 to 180, 41 to 120 or 12 to 40 samples, but no number that two decimals would show as well."""
    low, high = {0.25: (121, 180), 0.5: (41, 120)}.get(severity, (12, 40))
    samples = int(draft.rng.choice([n for n in range(low, high + 1) if 100 % n]))
    draft.evals["val/accuracy"] = np.round(draft.evals["val/accuracy"] * samples) / samples


@fault("vanishing-gradients")
def gradients_shrink_with_depth(draft: Draft, severity: float) -> None:
    """Each layer before the last gets 10^-0.6, 10^-1.1 or 10^-2 of the gradient of the next."""
    tags = [tag for tag in draft.train if tag.startswith("grads/")]
    decades = 0.2 + 1.8 * severity
    for depth, tag in enumerate(reversed(tags)):
        draft.train[tag] = draft.train[tag] * 10 ** (-decades * depth)


@fault("layer-gradient-imbalance")
def gradients_grow_with_depth(draft: Draft, severity: float) -> None:
    """Each layer before the last gets 10^0.6, 10^1.1 or 10^2 of the gradient of the next; the loss does not fall."""
    tags = [tag for tag in draft.train if tag.startswith("grads/")]
    decades = 0.2 + 1.8 * severity
    for depth, tag in enumerate(reversed(tags)):
        draft.train[tag] = draft.train[tag] * 10 ** (decades * depth)
    draft.loss = noisy(draft, float(draft.loss[0]))


@fault("dead-units")
def layer_dies(draft: Draft, severity: float) -> None:
    """A layer is zero in 95, 99.5 or 100% of its activations from some point on."""
    row = draft.row(0.05, 0.6)
    tag = f"zero_fraction/layers.{draft.rng.integers(5)}"
    draft.train[tag][row:] = {0.25: 0.95, 0.5: 0.995}.get(severity, 1.0)


@fault("frozen-weights")
def layers_left_out_of_the_optimizer(draft: Draft, severity: float) -> None:
    """One, two or four of five layers are never updated."""
    for layer in range(max(1, round(4 * severity))):
        draft.train[f"update_ratio/layers.{layer}.weight"][:] = 0.0


@fault("saturated-activations")
def tanh_at_its_ends(draft: Draft, severity: float) -> None:
    """The standard deviation of a tanh layer goes to 0.9, 0.95 or 0.99."""
    end = {0.25: 0.9, 0.5: 0.95}.get(severity, 0.99)
    reached = 1 - np.exp(-draft.progress / 0.05)
    draft.histograms["activations/tanh1", "std"] = (
        0.6 + (end - 0.6) * reached + 0.002 * draft.rng.normal(size=draft.points)
    )


@fault("update-ratio")
def updates_of_wrong_size(draft: Draft, severity: float) -> None:
    """All updates are 15, 30 and 60% of the weights, or, for every other run, 10^-5.25, 10^-5.5 and 10^-6 of them."""
    size = 0.6 * severity if draft.rng.random() < 0.5 else 10 ** -(5 + severity)
    for tag in [tag for tag in draft.train if tag.startswith("update_ratio/")]:
        draft.train[tag] = size * np.exp(0.3 * draft.rng.normal(size=draft.points))


@fault("activation-drift")
def activations_grow(draft: Draft, severity: float) -> None:
    """The spread of a layer grows evenly by 1, 2 and 4 decades over the run."""
    tag = f"act_std/layers.{draft.rng.integers(5)}"
    draft.train[tag] = draft.train[tag] * 10 ** (4 * severity * draft.progress)


@fault("entropy-collapse", "reinforcement")
def policy_stops_exploring(draft: Draft, severity: float) -> None:
    """The entropy falls to 5, 2 or 0.1% of its start within 30% of the run, and the return stays low."""
    left = {0.25: 0.05, 0.5: 0.02}.get(severity, 0.001)
    draft.train["train/entropy_loss"] = draft.train["train/entropy_loss"][0] * np.maximum(
        left, np.exp(-draft.progress / 0.05)
    )
    goal = float(draft.train["rollout/ep_rew_mean"].max())
    draft.train["rollout/ep_rew_mean"] = goal * (0.1 + 0.02 * draft.rng.normal(size=draft.points))


@fault("policy-divergence", "reinforcement")
def updates_leave_the_trust_region(draft: Draft, severity: float) -> None:
    """Over the last 40% the KL divergence of an update is 10, 30 or 100 times as large, and the return falls."""
    late = draft.progress >= 0.6
    draft.train["train/approx_kl"][late] *= {0.25: 10.0, 0.5: 30.0}.get(severity, 100.0)
    draft.train["train/clip_fraction"][late] = np.clip(
        0.3 + 0.4 * severity + 0.02 * draft.rng.normal(size=int(late.sum())), 0, 1
    )
    draft.train["rollout/ep_rew_mean"][late] *= 1 - 0.5 * severity


@fault("value-failure", "reinforcement")
def critic_explains_nothing(draft: Draft, severity: float) -> None:
    """The explained variance lies at 0, -0.3 or -0.9 for the whole run."""
    level = {0.25: 0.0, 0.5: -0.3}.get(severity, -0.9)
    draft.train["train/explained_variance"] = level - np.abs(0.03 * draft.rng.normal(size=draft.points))


@fault("reward-collapse", "reinforcement")
def agent_forgets(draft: Draft, severity: float) -> None:
    """From 70% of the run on the return falls by 40, 60 or 100% of what had been gained."""
    reward = draft.train["rollout/ep_rew_mean"]
    fall = np.clip((draft.progress - 0.7) / 0.1, 0, 1) * (0.2 + 0.8 * severity)
    draft.train["rollout/ep_rew_mean"] = reward - fall * (reward - reward[0])


@fault("reward-stagnation", "reinforcement")
def agent_never_learns(draft: Draft, severity: float) -> None:
    """The return stays where it was, with noise of 20, 15 and 5% of it."""
    level = float(draft.train["rollout/ep_rew_mean"].max()) * 0.1
    scatter = (0.25 - 0.2 * severity) * draft.rng.normal(size=draft.points)
    draft.train["rollout/ep_rew_mean"] = level * (1 + scatter)


@fault("discriminator-dominance", "adversarial")
def discriminator_wins(draft: Draft, severity: float) -> None:
    """Over the last half the loss of the discriminator is 10, 3 or 0.1% of its start, that of the generator grows."""
    late = np.clip((draft.progress - 0.3) / 0.2, 0, 1)
    left = {0.25: 0.1, 0.5: 0.03}.get(severity, 0.001)
    draft.train["Loss/D"] = draft.train["Loss/D"] * left**late
    draft.train["Loss/G"] = draft.train["Loss/G"] * (1 + late * (2 + 8 * severity))
    draft.train["D/real"] = draft.train["D/real"] + late * (0.97 - draft.train["D/real"])
    draft.train["D/fake"] = draft.train["D/fake"] * (1 - late * 0.95)


@fault("generator-dominance", "adversarial")
def generator_wins(draft: Draft, severity: float) -> None:
    """Over the last half the loss of the generator is 10, 3 or 0.1% of its start, that of the discriminator grows."""
    late = np.clip((draft.progress - 0.3) / 0.2, 0, 1)
    left = {0.25: 0.1, 0.5: 0.03}.get(severity, 0.001)
    draft.train["Loss/G"] = draft.train["Loss/G"] * left**late
    draft.train["Loss/D"] = draft.train["Loss/D"] * (1 + late * (2 + 8 * severity))
    draft.train["D/real"] = draft.train["D/real"] * (1 - late * 0.9)
    draft.train["D/fake"] = draft.train["D/fake"] + late * (0.95 - draft.train["D/fake"])


@fault("perplexity-mismatch", "language-model")
def perplexity_of_another_loss(draft: Draft, severity: float) -> None:
    """The perplexity is 5, 10 or 20% above the exponential of the loss beside it."""
    draft.train["train/perplexity"] = draft.train["train/perplexity"] * (1 + 0.2 * severity)
