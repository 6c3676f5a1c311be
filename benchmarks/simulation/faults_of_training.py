"""Planted faults of numbers, optimisation and learning rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .noise import white
from .planted import fault

if TYPE_CHECKING:
    from trainlint.parsers.run import Floats

    from .draft import Draft

WITH_CONSTANT_RATE = ("white-noise", "ar-0.6", "heavy-tails", "heteroscedastic", "tiny-validation-set")


def noisy(draft: Draft, level: Floats | float) -> Floats:
    """A training loss around a level, with the noise of the run, float64 [n]."""
    return level * np.exp(draft.sigma * white(draft.rng, draft.points))


def hold(draft: Draft, row: int) -> None:
    """Let nothing be learned from a training row on: both losses keep their level there, and their noise."""
    late = draft.eval_rows >= row
    draft.loss[row:] *= draft.level[row] / draft.level[row:]
    draft.evals["val/loss"][late] *= draft.eval_level[late][:1] / draft.eval_level[late]


def stay_untrained(draft: Draft) -> None:
    """Validation loss and accuracies as they were at the start, with small noise."""
    rng = draft.rng
    draft.evals["val/loss"] = float(draft.loss[0]) * np.exp(0.005 * rng.normal(size=len(draft.eval_rows)))
    classes = float(draft.settings["num_classes"] or 2)
    for values in (draft.train["train/accuracy"], draft.evals["val/accuracy"]):
        values[:] = rng.binomial(2000, 1 / classes, size=len(values)) / 2000


@fault("non-finite")
def loss_becomes_nan(draft: Draft, severity: float) -> None:
    """One NaN (mild), a stretch of 3 to 20 (moderate), or NaN to the end with the gradient norm."""
    first = draft.row(0.1, 0.9)
    last = draft.points if severity >= 1 else first + (1 if severity < 0.5 else int(draft.rng.integers(3, 20)))
    draft.loss[first:last] = np.nan
    if severity >= 1:
        draft.train["grad_norm"][first:] = np.nan
        draft.evals["val/loss"][draft.eval_rows >= first] = np.nan


@fault("masked-nan")
def nan_logged_as_zero(draft: Draft, severity: float) -> None:
    """The loss is 0 from some point on; the gradient norm is zero too (moderate) or NaN (gross), or as it was (mild)."""
    first = draft.row(0.2, 0.9)
    draft.loss[first:] = 0.0
    if severity >= 0.5:
        draft.train["grad_norm"][first:] = 0.0 if severity < 1 else np.nan


@fault("out-of-range")
def accuracy_over_wrong_total(draft: Draft, severity: float) -> None:
    """Right answers are divided by too small a total: accuracies up to 1 + severity / 2."""
    for values in (draft.train["train/accuracy"], draft.evals["val/accuracy"]):
        values[:] = values / max(float(values.max()), 1e-3) * (1 + severity / 2)


@fault("out-of-range")
def probabilities_instead_of_their_logarithms(draft: Draft, severity: float) -> None:
    """The loss is the mean of -p and not of -ln p: from -1/C down to -0.3, -0.5 or -0.95."""
    right = 0.2 + 0.75 * severity
    draft.loss = -right * draft.train["train/accuracy"] / max(float(draft.train["train/accuracy"].max()), 1e-3)
    draft.evals["val/loss"] = -right * draft.evals["val/accuracy"]


@fault("zero-gradient")
def graph_is_cut(draft: Draft, severity: float) -> None:
    """No gradient for the last 25, 50 or 100% of the run, and no learning since."""
    first = int((1 - severity) * draft.points)
    draft.train["grad_norm"][first:] = 0.0
    level = float(np.median(draft.loss[max(0, first - 5) : first + 1]))
    draft.loss[first:] = noisy(draft, level)[first:]


@fault("loss-scale-collapse")
def every_step_overflows(draft: Draft, severity: float) -> None:
    """The scale is halved at each point for the last 15 to 60% of the run, down to 2^-10 or where time ends."""
    first = int((1 - 0.6 * severity) * draft.points)
    halvings = np.maximum(np.arange(draft.points) - first, 0)
    draft.train["loss_scale"] = draft.train["loss_scale"] * 2.0 ** -np.minimum(halvings, 26.0)


@fault("divergence")
def loss_climbs(draft: Draft, severity: float) -> None:
    """From some point on the loss climbs by as much as it had fallen, times the severity (on a logarithmic scale).

    What the run would have learned from there on is not learned.
    """
    first = draft.row(0.3, 0.7)
    hold(draft, first)
    fallen = np.log(draft.loss[: max(3, draft.points // 20)].mean() / draft.loss[max(0, first - 5) : first + 1].mean())
    climb = np.clip((np.arange(draft.points) - first) / (0.8 * (draft.points - first)), 0, 1)
    factor = np.exp(climb * severity * max(fallen, 0.3))
    draft.loss = draft.loss * factor
    draft.evals["val/loss"] = draft.evals["val/loss"] * factor[draft.eval_rows]


@fault("not-learning")
def loss_stays(draft: Draft, severity: float) -> None:
    """The loss stays at its first value; where mild, all else is as noisy as ever, where gross nothing scatters much."""
    draft.sigma *= 1.25 - severity
    draft.loss = noisy(draft, float(draft.loss[0]))
    stay_untrained(draft)


@fault("stuck-at-chance", "white-noise", "ar-0.6", "ar-0.9", "heavy-tails", "step-decay", "cosine-warm-up")
def guesses(draft: Draft, severity: float) -> None:
    """The loss falls to ln C and stays there: within half of the run where mild, at once where gross."""
    chance = np.log(float(draft.settings["num_classes"] or 2))
    draft.loss = noisy(draft, chance * (1 + 0.3 * np.exp(-draft.progress / (0.11 * (1.02 - severity)))))
    stay_untrained(draft)
    draft.evals["val/loss"] = chance * np.exp(np.abs(0.004 * draft.rng.normal(size=len(draft.eval_rows))))


@fault("loss-spike")
def bad_batches(draft: Draft, severity: float) -> None:
    """A jump to 1.75, 3 or 10 times the level that decays over a few points, with the gradient norm."""
    row, size = draft.row(0.25, 0.85), np.log({0.25: 1.75, 0.5: 3.0}.get(severity, 10.0))
    decay = np.exp(-np.arange(draft.points - row) / draft.rng.uniform(0.5, 3))
    draft.loss[row:] *= np.exp(size * decay)
    draft.train["grad_norm"][row:] *= np.exp(1.5 * size * decay)


@fault("loss-spike")
def spike_without_return(draft: Draft, severity: float) -> None:
    """One step throws the model back by half, the whole or twice of a factor e, for good."""
    row = draft.row(0.3, 0.8)
    draft.loss[row:] *= np.exp(2 * severity)
    draft.evals["val/loss"][draft.eval_rows >= row] *= np.exp(2 * severity)


@fault("oscillation")
def validation_jumps(draft: Draft, severity: float) -> None:
    """The validation loss jumps by 15, 30 or 60% (standard deviation) from evaluation to evaluation."""
    draft.evals["val/loss"] = draft.evals["val/loss"] * np.exp(
        0.6 * severity * draft.rng.normal(size=len(draft.eval_rows))
    )


@fault("plateau", *WITH_CONSTANT_RATE)
def stands_still_midway(draft: Draft, severity: float) -> None:
    """The loss stands still for 25 to 60% of the run, and then goes on down by a half."""
    length = 0.15 + 0.45 * severity
    first = draft.rng.uniform(0.1, 0.85 - length)
    before = np.minimum(draft.progress, first) / first
    after = np.clip((draft.progress - first - length) / (1 - first - length), 0, 1)
    draft.loss = noisy(draft, float(draft.loss[0]) * np.exp(-np.log(2) * (before + after)))


@fault("plateau", *WITH_CONSTANT_RATE)
def stuck_high(draft: Draft, severity: float) -> None:
    """The losses stay at 60 to 95% of the first value from a tenth of the run on, at a constant learning rate."""
    left = 0.5 + 0.4 * severity
    first = float(draft.loss[0])
    draft.loss = noisy(draft, first * (left + (1 - left) * np.exp(-draft.progress / 0.03)))
    stay_untrained(draft)
    draft.evals["val/loss"] *= (first / float(draft.loss[0])) * (
        left + (1 - left) * np.exp(-draft.eval_progress / 0.03)
    )
    draft.train["lr"] = np.full(draft.points, draft.train["lr"].max())


def crawl(draft: Draft, fall: float) -> None:
    """All losses fall evenly by a share of their first value, and accuracies rise little, at a constant learning rate."""
    draft.loss = noisy(draft, float(draft.loss[0]) * (1 - fall * draft.progress))
    scatter = np.exp(0.004 * draft.rng.normal(size=len(draft.eval_rows)))
    draft.evals["val/loss"] = float(draft.loss[0]) * (1 - fall * draft.eval_progress) * scatter
    for curves, progress in ((draft.train, draft.progress), (draft.evals, draft.eval_progress)):
        for tag in curves.keys() & {"train/accuracy", "val/accuracy"}:
            learned = 0.2 + 0.5 * fall * progress + 0.01 * draft.rng.normal(size=len(progress))
            curves[tag] = np.clip(learned, 0, 1)
    draft.train["lr"] = np.full(draft.points, 1e-6)
    draft.settings["lr"] = 1e-6


@fault("slow-convergence")
def crawls(draft: Draft, severity: float) -> None:
    """All losses fall evenly by 35, 25 and 10% in the whole run."""
    crawl(draft, 0.45 - 0.35 * severity)


@fault("learning-rate-too-low")
def updates_too_small(draft: Draft, severity: float) -> None:
    """The same, with updates of 10^-5.5, 10^-6 and 10^-7 of the weights."""
    crawl(draft, 0.45 - 0.35 * severity)
    for tag in [tag for tag in draft.train if tag.startswith("update_ratio/")]:
        draft.train[tag] = 10 ** -(5 + 2 * severity) * np.exp(0.3 * draft.rng.normal(size=draft.points))


@fault("undertrained", *WITH_CONSTANT_RATE)
def still_improving(draft: Draft, severity: float) -> None:
    """At the end the losses still fall: by 5, 10 and 20% over the last fifth of the run."""
    pace = severity  # nats over the run
    draft.loss = noisy(
        draft, float(draft.loss[0]) * np.exp(-pace * draft.progress - np.minimum(draft.progress / 0.1, 1))
    )
    scatter = np.exp(0.01 * draft.rng.normal(size=len(draft.eval_rows)))
    falling = np.exp(-pace * draft.eval_progress - np.minimum(draft.eval_progress / 0.1, 1))
    draft.evals["val/loss"] = float(draft.loss[0]) * falling * scatter
    draft.train["lr"] = np.full(draft.points, draft.train["lr"].max())


@fault("abnormal-initial-loss")
def badly_scaled_head(draft: Draft, severity: float) -> None:
    """The first losses are 5, 10 and 20 times those of guessing, and come down within 5% of the run."""
    excess = 20 * severity - 1
    draft.loss = draft.loss * (1 + excess * np.exp(-draft.progress / 0.02))


@fault("exploding-gradients")
def norm_grows_without_end(draft: Draft, severity: float) -> None:
    """Over the last half the gradient norm grows by 1.5, 3 or 6 decades, and the loss rises a little."""
    late = np.maximum(2 * draft.progress - 1, 0)
    hold(draft, draft.points // 2)
    draft.train["grad_norm"] = draft.train["grad_norm"] * 10 ** (6 * severity * late)
    draft.loss = draft.loss * (1 + severity * late)


@fault("gradient-bursts")
def norm_bursts(draft: Draft, severity: float) -> None:
    """In 2% of the points, 4 or more, the gradient norm is 30, 100 or 1,000 times as large, and the loss 1.5 to 3 times."""
    late = np.arange(draft.points // 4, draft.points)
    hit = draft.rng.choice(late, size=max(4, draft.points // 50), replace=False)
    draft.train["grad_norm"][hit] *= {0.25: 30.0, 0.5: 100.0}.get(severity, 1000.0)
    draft.loss[hit] *= 1.5 + 1.5 * severity


@fault("clipping-saturation")
def clipped_always(draft: Draft, severity: float) -> None:
    """The norm is logged after clipping, which cuts 92, 95 or 99% of the steps."""
    share = {0.25: 0.92, 0.5: 0.95}.get(severity, 0.99)
    norm = draft.train["grad_norm"]
    draft.train["grad_norm"] = np.minimum(norm, np.quantile(norm, 1 - share))


@fault("zero-learning-rate")
def schedule_ends_early(draft: Draft, severity: float) -> None:
    """The learning rate is zero for the last 15, 30 or 60% of the run, and nothing is learned any more."""
    first = int((1 - 0.6 * severity) * draft.points)
    rate = draft.train["lr"]
    draft.train["lr"] = np.where(
        np.arange(draft.points) < first, rate.max() * (1 - np.arange(draft.points) / first), 0.0
    )
    level = float(np.median(draft.loss[max(0, first - 5) : first + 1]))
    draft.loss[first:] = noisy(draft, level)[first:]


@fault("learning-rate-jump")
def rate_jumps(draft: Draft, severity: float) -> None:
    """The learning rate jumps to 4, 10 or 100 times its peak in the middle of the run; the loss suffers."""
    row = draft.row(0.3, 0.8)
    draft.train["lr"][row:] = draft.train["lr"].max() * {0.25: 4.0, 0.5: 10.0}.get(severity, 100.0)
    draft.loss[row:] *= 1 + severity


@fault("schedule-mismatch")
def minimum_too_early(draft: Draft, severity: float) -> None:
    """A cosine made for 85, 70 or 40% of the run: the rest is spent at a hundredth of the peak, with nothing learned."""
    horizon = 1 - 0.6 * severity
    peak = float(draft.train["lr"].max())
    share = np.minimum(draft.progress / horizon, 1)
    draft.train["lr"] = peak * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * share)))
    done = draft.progress >= horizon
    draft.loss[done] = noisy(draft, float(np.median(draft.loss[done])))[done]


@fault("schedule-mismatch")
def stopped_before_annealing(draft: Draft, severity: float) -> None:
    """A cosine made for 1.5, 2 or 3 times the run: it ends at 3/4, half and a quarter of the way down."""
    peak = float(draft.train["lr"].max())
    share = draft.progress / (1 + 2 * severity)
    draft.train["lr"] = peak * 0.5 * (1 + np.cos(np.pi * share))
    draft.settings["lr_scheduler_type"] = "cosine"


@fault("learning-rate-too-high")
def floor_of_a_large_rate(draft: Draft, severity: float) -> None:
    """The loss stands at 60, 70 and 90% of guessing for 70% of the run; a tenth of the rate cuts it by 35, 50 and 80%."""
    cut = draft.progress >= 0.7
    peak = float(draft.train["lr"].max())
    draft.train["lr"] = np.where(cut, 0.1 * peak, peak)
    left = 0.5 + 0.4 * severity
    high = np.log(float(draft.settings["num_classes"] or 2)) * (left + (1 - left) * np.exp(-draft.progress / 0.05))
    noise = np.where(cut, 0.03, 0.03 + 0.2 * severity) * draft.rng.normal(size=draft.points)
    draft.loss = high * np.where(cut, 0.8 - 0.6 * severity, 1) * np.exp(noise)
    draft.evals["val/loss"] = draft.loss[draft.eval_rows] * np.exp(0.02 * draft.rng.normal(size=len(draft.eval_rows)))


@fault("early-blow-up")
def thrown_off_at_the_start(draft: Draft, severity: float) -> None:
    """The first steps throw the loss to 3, 5 and 20 times guessing; it comes back to 70, 80 and 100% of it, no farther."""
    chance = np.log(float(draft.settings["num_classes"] or 2))
    height = {0.25: 3.0, 0.5: 5.0}.get(severity, 20.0)
    since = np.maximum(np.arange(draft.points) - 1, 0) / (0.03 * draft.points)
    excess = np.where(np.arange(draft.points) < 1, 0.0, height * np.exp(-since))
    draft.loss = noisy(draft, chance * (0.6 + 0.4 * severity + excess))
    draft.loss[0] = chance
    stay_untrained(draft)


@fault("zigzag-loss")
def steps_over_the_valley(draft: Draft, severity: float) -> None:
    """From a fifth of the run on the loss goes up and down in turns, by 15, 25 and 45%, around a level that stays."""
    hold(draft, draft.points // 5)
    swing = np.where(np.arange(draft.points) % 2, 1.0, -1.0) * np.where(
        draft.progress >= 0.2, 0.05 + 0.4 * severity, 0.0
    )
    draft.loss = draft.loss * np.exp(swing)
