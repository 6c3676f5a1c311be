"""Runs that the learning rate rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of, with_curve, with_values


def zero_rates(zeros, *, points=100, lowest=0.0):
    """A constant rate that ends in so many zeros."""
    return np.r_[np.full(points - zeros, 0.1), np.full(zeros, lowest)]


def zero_rate(zeros, *, loss=None, **settings):
    """Such a rate, beside a loss."""
    return run_of({"lr": zero_rates(zeros, **settings)} | ({} if loss is None else {"loss": loss}))


def jump(ratio, *, row=50, points=100):
    """A rate that falls to half until it grows at once."""
    return run_of({"lr": np.r_[np.linspace(0.02, 0.01, row), np.full(points - row, 0.01 * ratio)]})


def restarts(top):
    """Cycles of a rate that begin at 0.1, the last one elsewhere."""
    return run_of({"lr": np.r_[np.tile(np.linspace(0.1, 0.001, 25), 3), np.linspace(top, 0.001, 25)]})


def slow_loss(fall=0.15, pace=1.0, *, points=60, noise=0.002, seed=0):
    """A loss that falls by a share, at an even pace or ever slower."""
    speed = np.linspace(1, pace, points)
    return 2.3 * (1 - fall) ** (np.cumsum(speed) / speed.sum()) * flat(points, 1, noise=noise, seed=seed)


def slow(fall=0.15, pace=1.0, *, points=60, first=None, start=0, rate=None, noise=0.002, seed=0, **others):
    """Such a loss beside a rate of 1e-6 and other curves; its first value or step can be another."""
    loss = slow_loss(fall, pace, points=points, noise=noise, seed=seed)
    loss = loss if first is None else with_values(loss, 0, first)
    steps = start + np.arange(points)
    return run_of({"loss": (steps, loss), "lr": (steps, np.full(points, 1e-6) if rate is None else rate), **others})


def levels_off(share):
    """A loss that stands still from step 40 on, when the rate is lowered to a share."""
    return run_of(
        {
            "loss": np.r_[slow_loss(points=40, noise=1e-4), flat(20, 1.95, noise=1e-4)],
            "lr": np.r_[np.full(40, 0.1), np.full(20, 0.1 * share)],
        }
    )


def already(share):
    """A validation loss that falls slowly, after the training loss fell to a share at once."""
    return run_of(
        {"loss": np.r_[np.full(3, 2.3), np.full(57, 2.3 * share)], "val_loss": slow_loss(), "lr": np.full(60, 1e-6)}
    )


def fall(change):
    """A loss that falls by a change of its logarithm after its first point."""
    return 2 * np.exp(-change * np.r_[0, np.repeat(np.arange(10) / 9, 10)[:99]])


def fall_with_dip(block):
    """A loss of 10 blocks of 10 points; nine fall steadily, and a lower one stands among them."""
    return np.exp(0.1 * np.repeat(np.insert(np.arange(9.0, 0, -1), block, 0), 10))


UNEVEN = np.r_[np.arange(1, 101), np.arange(500, 4001, 500)]


def after_warm_up(ratio):
    """A rate that rises by 1e-4 a step, and from step 60 on stands at so many times what it would be there."""
    rising = 1e-4 * np.arange(1, 61)
    return run_of({"lr": np.r_[rising, np.full(40, ratio * 61e-4)]})


CASES = [
    Case("zero-learning-rate", "6% of the points", lambda: zero_rate(6), "error", findings=1,
         says="lr is zero at 6% of its points from step 94 to 99; its peak is 0.1", steps=(94, 99), metric="lr", confidence=0.97,
         remedy="give the schedule the actual number of steps: epochs x steps per epoch, divided by gradient accumulation"),
    Case("zero-learning-rate", "5% of the points", lambda: zero_rate(5), "clear"),
    Case("zero-learning-rate", "two stretches", lambda: run_of({"lr": with_values(zero_rates(20), slice(30, 40), 0)}), "error",
         says="lr is zero at 30% of its points, the longest stretch from step 80 to 99; its peak is 0.1", steps=(80, 99)),
    Case("zero-learning-rate", "single zeros", lambda: run_of({"lr": with_values(zero_rates(0), slice(0, 100, 5), 0)}), "clear"),
    Case("zero-learning-rate", "0.00009% of the peak", lambda: zero_rate(40, lowest=0.9e-7), "error"),
    Case("zero-learning-rate", "0.00011% of the peak", lambda: zero_rate(40, lowest=1.1e-7), "clear"),
    Case("zero-learning-rate", "8 points", lambda: zero_rate(4, points=8), "error"),
    Case("zero-learning-rate", "7 points", lambda: zero_rate(4, points=7), "insufficient-data", says="learning rate needs at least 8 points, has 7"),
    Case("zero-learning-rate", "7 points of the main group", lambda: run_of({"lr/a": zero_rates(4, points=7), "lr/b": np.zeros(50)}), "insufficient-data",
         says="the main learning rate needs at least 8 points, has 7"),
    Case("zero-learning-rate", "the schedule is too short", lambda: zero_rate(70, loss=np.r_[decay(30), flat(70, 0.1)]), "error",
         says="lr is zero at 70% of its points from step 30 to 99; its peak is 0.1"),
    Case("zero-learning-rate", "ends at zero", lambda: run_of({"loss": decay(100), "lr": np.linspace(0.1, 0, 100)}), "clear"),
    Case("zero-learning-rate", "warms up from zero", lambda: run_of({"lr": np.r_[0, np.linspace(0.01, 0.1, 10), np.linspace(0.1, 0.01, 89)]}), "clear"),
    Case("zero-learning-rate", "zero in one group of two", lambda: run_of({"lr/pg0": np.zeros(50), "lr/pg1": zero_rates(20, points=50)}), "error"),
    Case("zero-learning-rate", "zero in the main group only", lambda: run_of({"lr/pg0": flat(50, 0.01), "lr/pg1": zero_rates(20, points=50)}), "clear"),
    Case("zero-learning-rate", "a group without values", lambda: run_of({"lr/pg0": np.full(50, np.nan), "lr/pg1": zero_rates(20, points=50)}), "error"),
    Case("zero-learning-rate", "printed as zero, the loss falls by 6%", lambda: zero_rate(99, loss=fall(0.06)), "insufficient-data",
         says="the loss falls while the logged learning rate is zero: the logged values were rounded"),
    Case("zero-learning-rate", "zero, the loss falls by 4.5%", lambda: zero_rate(99, loss=fall(0.045)), "error"),
    Case("zero-learning-rate", "printed as zero, z of 2.5", lambda: zero_rate(100, loss=fall_with_dip(1)), "insufficient-data"),
    Case("zero-learning-rate", "zero, z of 2.3", lambda: zero_rate(100, loss=fall_with_dip(0)), "error"),
    Case("zero-learning-rate", "the loss falls before", lambda: zero_rate(60, loss=np.r_[decay(40), flat(60, 0.1)]), "error"),

    Case("learning-rate-jump", "3.2-fold", lambda: jump(3.2), "warning", findings=1, steps=(49, 50), metric="lr", confidence=0.9,
         says="lr jumps from 0.01 to 0.032 at step 50; its earlier peak is 0.02",
         remedy="restore optimizer and schedule together with the weights when resuming"),
    Case("learning-rate-jump", "2.8-fold", lambda: jump(2.8), "clear"),
    Case("learning-rate-jump", "the larger of two", lambda: run_of({"lr": np.r_[np.full(20, 0.1), np.full(20, 1.0), np.full(20, 5.0)]}), "warning",
         says="lr jumps from 0.1 to 1 at step 20; its earlier peak is 0.1"),
    Case("learning-rate-jump", "a warm-up logged at every step, then at every 500th", lambda: run_of({"lr": (UNEVEN, 7e-5 * UNEVEN)}), "clear"),
    Case("learning-rate-jump", "half a cosine logged so", lambda: run_of({"lr": (UNEVEN, 1 - np.cos(np.pi * UNEVEN / 4500))}), "clear"),
    Case("learning-rate-jump", "3.2 times the line of a warm-up", lambda: after_warm_up(3.2), "warning"),
    Case("learning-rate-jump", "2.8 times the line of a warm-up", lambda: after_warm_up(2.8), "clear"),
    Case("learning-rate-jump", "to 1.1 times the earlier peak", lambda: restarts(0.11), "warning"),
    Case("learning-rate-jump", "warm restarts", lambda: restarts(0.1), "clear"),
    Case("learning-rate-jump", "at point 13 of 100", lambda: jump(10, row=12), "warning"),
    Case("learning-rate-jump", "at point 11 of 100", lambda: jump(10, row=10), "clear"),
    Case("learning-rate-jump", "10 points", lambda: jump(10, row=5, points=10), "warning"),
    Case("learning-rate-jump", "9 points", lambda: jump(10, row=5, points=9), "insufficient-data", says="learning rate needs at least 10 points, has 9"),
    Case("learning-rate-jump", "9 points of the main group", lambda: run_of({"lr/a": np.full(9, 0.1), "lr/b": np.full(50, 0.01)}), "insufficient-data",
         says="the main learning rate needs at least 10 points, has 9"),
    Case("learning-rate-jump", "from zero", lambda: run_of({"lr": np.r_[np.zeros(50), np.full(50, 0.1)]}), "clear"),
    Case("learning-rate-jump", "warm-up", lambda: run_of({"lr": np.r_[np.geomspace(1e-6, 0.1, 8), np.full(92, 0.1)]}), "clear"),

    Case("learning-rate-too-low", "a fall of 31%", lambda: slow(0.33), "warning"),
    Case("learning-rate-too-low", "a fall of 36%", lambda: slow(0.38), "clear"),
    Case("learning-rate-too-low", "the last third brings 82% of the first", lambda: slow(pace=0.67, noise=1e-4), "warning", findings=1,
         says="loss has only fallen from 2.29 to 1.95, at a constant rate: it fell by 5.8% over the first third of the summed learning rates, by 4.7% over the last", steps=(0, 59), metric="loss", confidence=0.7,
         remedy="raise the learning rate by 3 to 10 (its peak is 1e-06); a range test shows how far"),
    Case("learning-rate-too-low", "the last third brings 77% of the first", lambda: slow(pace=0.6, noise=1e-4), "clear"),
    Case("learning-rate-too-low", "thirds of 3.2 standard errors", lambda: slow(0.06, noise=0.01, seed=9), "warning"),
    Case("learning-rate-too-low", "thirds of 2.6 standard errors", lambda: slow(0.05, noise=0.01, seed=9), "insufficient-data",
         says="the loss falls evenly, but by no more than its noise in so few points"),
    Case("learning-rate-too-low", "falls by 5.8 standard errors after a rise in the warm-up", lambda: slow(first=1.986, rate=np.r_[0, np.full(59, 1e-6)]), "warning"),
    Case("learning-rate-too-low", "falls by 4.7 standard errors after a rise in the warm-up", lambda: slow(first=1.9845, rate=np.r_[0, np.full(59, 1e-6)]), "insufficient-data"),
    Case("learning-rate-too-low", "levels off at 45% of the peak rate", lambda: levels_off(0.45), "warning"),
    Case("learning-rate-too-low", "levels off at 55% of the peak rate", lambda: levels_off(0.55), "clear"),
    Case("learning-rate-too-low", "warm-up for 45% of the run", lambda: slow(rate=np.r_[np.linspace(0, 1e-6, 28), np.full(32, 1e-6)]), "warning"),
    Case("learning-rate-too-low", "warm-up for 55% of the run", lambda: slow(rate=np.r_[np.linspace(0, 1e-6, 33), np.full(27, 1e-6)]), "insufficient-data",
         says="the learning rate is still rising late in the log"),
    Case("learning-rate-too-low", "12 points", lambda: slow(points=12), "warning"),
    Case("learning-rate-too-low", "11 points", lambda: slow(points=11), "insufficient-data", says="train loss needs at least 12 points, has 11"),
    Case("learning-rate-too-low", "11 points before the annealing", lambda: slow(rate=np.r_[np.full(10, 1e-6), np.full(50, 1e-7)]), "insufficient-data",
         says="the loss needs at least 12 points between warm-up and annealing, has 11"),
    Case("learning-rate-too-low", "11 evaluations, the training loss is judged", lambda: slow(val_loss=(np.arange(0, 55, 5), decay(11))), "warning"),
    Case("learning-rate-too-low", "12 evaluations", lambda: slow(val_loss=(np.arange(0, 60, 5), slow_loss(points=12))), "warning", metric="val_loss"),
    Case("learning-rate-too-low", "evaluations by another axis", lambda: with_curve(slow(), "val_loss", decay(60)), "warning"),
    Case("learning-rate-too-low", "an evaluation of zero", lambda: slow(val_loss=with_values(decay(60), 59, 0)), "warning"),
    Case("learning-rate-too-low", "no loss on the axis of the rate", lambda: with_curve(run_of({"lr": np.full(60, 0.1)}), "loss", decay(60)), "insufficient-data",
         says="no positive loss has 12 points on the same axis as the learning rate"),
    Case("learning-rate-too-low", "a rate of zero", lambda: slow(rate=np.zeros(60)), "insufficient-data",
         says="the sum of the learning rates at the points of the loss is not positive"),
    Case("learning-rate-too-low", "a gap in the loss", lambda: run_of({
        "loss": (np.r_[0:30, 95:100], slow_loss(points=35)), "lr": np.full(100, 1e-6)}), "insufficient-data",
         says="one sixth of the summed learning rates contains no point of the loss"),
    Case("learning-rate-too-low", "the log begins at 9%", lambda: slow(start=6), "warning"),
    Case("learning-rate-too-low", "the log begins at 11%", lambda: slow(start=7), "insufficient-data", says="the log begins at step 7, late in the run"),
    Case("learning-rate-too-low", "the training loss fell to 55% at once", lambda: already(0.55), "warning", metric="val_loss"),
    Case("learning-rate-too-low", "the training loss fell to 45% at once", lambda: already(0.45), "clear"),
    Case("learning-rate-too-low", "a score of 78%", lambda: slow(val_acc=np.full(60, 0.78)), "warning"),
    Case("learning-rate-too-low", "a score of 82%", lambda: slow(val_acc=np.full(60, 0.82)), "clear"),
    Case("learning-rate-too-low", "a cosine schedule", lambda: run_of({
        "loss": 2.3 * np.exp(-0.004 * np.cumsum(1 + np.cos(np.linspace(0, np.pi, 60)))) * flat(60, 1, noise=0.002),
        "lr": 1e-6 * (1 + np.cos(np.linspace(0, np.pi, 60)))}), "warning"),
    Case("learning-rate-too-low", "fine-tuning", lambda: run_of({"loss": slow_loss(0.08), "lr": np.full(60, 1e-6)}, lora_r=8), "info"),
    Case("learning-rate-too-low", "levels off", lambda: run_of({"loss": decay(60, end=1.9, noise=0.005), "lr": np.full(60, 0.1)}), "clear"),
    Case("learning-rate-too-low", "levels off as the rate is lowered", lambda: run_of({
        "loss": decay(60, end=1.9, noise=0.005), "lr": np.linspace(0.1, 0, 60)}), "clear"),
    Case("learning-rate-too-low", "noise", lambda: slow(0, noise=0.05), "insufficient-data"),
    Case("zero-learning-rate", "a fifth of the run, at first", lambda: run_of({"lr": zero_rates(20)[::-1]}), "warning",
         remedy="lower the initial loss scale of mixed precision: updates that overflow in fp16 are skipped, or use bf16"),
    Case("zero-learning-rate", "throughout", lambda: run_of({"lr": np.zeros(100)}), "error",
         remedy="check the rate that the optimizer was given, and whether the scheduler multiplies it by zero"),
]  # fmt: skip
