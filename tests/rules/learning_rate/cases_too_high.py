"""Runs whose learning rate is too high, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of, with_curve, with_values


def lowered(level=1.9, end=0.3, *, high=60, points=100, fall=0.0, to=0.1, noise=1e-3, seed=0, start=0, **settings):
    """A loss that stands at a level, or falls by some of its logarithm, until the rate is lowered, and at another then."""
    falling = level * np.exp(-fall * np.linspace(-1, 1, high))
    loss = np.r_[falling, np.full(points - high, end)] * flat(points, 1, noise=noise, seed=seed)
    steps = start + np.arange(points)
    rates = np.repeat([1.0, to], [high, points - high])
    return run_of({"loss": (steps, with_values(loss, 0, 2.3)), "lr": (steps, rates)}, **settings)


def joint(
    rise=0.2, train_rise=0.08, *, top=1.2, evaluations=24, last=4, noise=1e-3, train_noise=1e-3, seed=0, **others
):
    """Losses that fall, stay, and are higher over the last evaluations; four training points for each."""
    falling = evaluations // 2
    still = evaluations - falling - last
    validation = np.r_[np.geomspace(top, 0.8, falling), np.full(still, 0.8), np.full(last, 0.8 * (1 + rise))]
    train = np.r_[np.geomspace(2, 0.5, falling), np.full(still, 0.5), np.full(last, 0.5 * (1 + train_rise))]
    return run_of({
        "loss": np.repeat(train, 4) * flat(4 * evaluations, 1, noise=train_noise, seed=seed),
        "val_loss": (4 * np.arange(evaluations) + 3, validation * flat(evaluations, 1, noise=noise, seed=seed + 1)), **others})  # fmt: skip


def exploded(height=10.0, *, rows=slice(5, 7), end=2.0, points=100, noise=1e-3, seed=0, first=2.3, **settings):
    """A loss that begins at 2.3, is that many times higher at some rows, and stays at its end after."""
    loss = np.full(points, end)
    loss[rows] = 2.3 * height
    return run_of(
        {"loss": with_values(loss * flat(points, 1, noise=noise, seed=seed), 0, first)}, num_classes=10, **settings
    )


def zigzag(scatter=0.3, *, points=100, kept=0.0):
    """A loss that is above and below 1 in turns, a share of the turns left out."""
    kept_so_far = np.floor(kept * np.arange(points) + 1e-9)
    signs = (-1.0) ** (np.arange(points) - kept_so_far)
    return run_of({"loss": np.exp(scatter / 1.4826 * signs), "lr": np.full(points, 0.5)})


def overcome(height, *, end=0.2, rows=slice(5, 7)):
    """A loss that explodes early to so many times its first value, and is learned after."""
    return exploded(height, rows=rows, end=end)


CASES = [
    Case("learning-rate-too-high", "falls by 33% when the rate is lowered", lambda: lowered(end=1.9 * 0.67), "warning", findings=1,
         says="loss stagnates at 1.9 until step 59, while the learning rate is high, and falls to 1.27 once it is lowered",
         steps=(0, 59), metric="loss", confidence=0.85, remedy="lower the learning rate by 3 to 10 (its peak is 1)"),
    Case("learning-rate-too-high", "falls by 27% when the rate is lowered", lambda: lowered(end=1.9 * 0.73), "clear"),
    Case("learning-rate-too-high", "falls by 6.3 standard errors", lambda: lowered(end=1.3, high=50, points=60, noise=0.15, fall=-0.3, seed=3), "warning"),
    Case("learning-rate-too-high", "falls by 5.4 standard errors", lambda: lowered(end=1.3, high=50, points=60, noise=0.15, fall=-0.2, seed=2), "clear"),
    Case("learning-rate-too-high", "fell by 22% of the later fall before", lambda: lowered(fall=0.35), "warning"),
    Case("learning-rate-too-high", "fell by 28% of the later fall before", lambda: lowered(fall=0.43), "clear"),
    Case("learning-rate-too-high", "stands at 55% of guessing", lambda: lowered(0.55 * 2.3), "warning"),
    Case("learning-rate-too-high", "stands at 45% of guessing", lambda: lowered(0.45 * 2.3), "clear"),
    Case("learning-rate-too-high", "guessing costs ln(4)", lambda: lowered(0.65, end=0.2, num_classes=4), "clear"),
    Case("learning-rate-too-high", "the rate is high for 11% of the run", lambda: lowered(high=11), "warning"),
    Case("learning-rate-too-high", "the rate is high for 9% of the run", lambda: lowered(high=9), "clear"),
    Case("learning-rate-too-high", "lowered to 45%", lambda: lowered(to=0.45), "warning"),
    Case("learning-rate-too-high", "lowered to 55%", lambda: lowered(to=0.55), "clear"),
    Case("learning-rate-too-high", "20 points", lambda: lowered(points=20, high=12, num_classes=10), "warning"),
    Case("learning-rate-too-high", "19 points", lambda: lowered(points=19, high=12, num_classes=10), "insufficient-data", says="train loss needs at least 20 points, has 19"),
    Case("learning-rate-too-high", "no rate", lambda: run_of({"loss": decay(100)}), "not-applicable", says="no learning rate is logged"),
    Case("learning-rate-too-high", "a loss of both signs", lambda: run_of({"loss": decay(100) - 1, "lr": np.full(100, 0.1)}), "not-applicable",
         says="no positive training loss is logged, so relative change is undefined"),
    Case("learning-rate-too-high", "the log begins late", lambda: lowered(start=500), "insufficient-data",
         says="the chance-level loss is unknown: neither the number of classes nor the start of the loss is logged"),
    Case("learning-rate-too-high", "step decay of a training that goes well", lambda: run_of({
        "loss": np.r_[decay(50, end=0.3), flat(50, 0.05)], "lr": np.repeat([0.1, 0.01], [50, 50])}, num_classes=10), "clear"),

    Case("rate-bound-validation", "rises of 11% and 5.5%", lambda: joint(0.11, 0.055), "warning", findings=1,
         says="val_loss ends 11% above its best around step 67, and loss is 5% higher there as well: the steps are too large (not overfitting)",
         steps=(67, 95), metric="val_loss", confidence=0.75, remedy="lower the learning rate by 3 to 10"),
    Case("rate-bound-validation", "a validation loss that rises by 9%", lambda: joint(0.09, 0.055), "clear"),
    Case("rate-bound-validation", "a training loss that rises by 4.5%", lambda: joint(0.11, 0.045), "clear"),
    Case("rate-bound-validation", "22% of the descent lost", lambda: joint(0.25, top=0.8 * np.exp(1.01)), "warning"),
    Case("rate-bound-validation", "18% of the descent lost", lambda: joint(0.25, top=0.8 * np.exp(1.24)), "clear"),
    Case("rate-bound-validation", "at the last 3 of 24 evaluations only", lambda: joint(0.12, last=3), "clear"),
    Case("rate-bound-validation", "at the last 2 of 8 evaluations", lambda: joint(0.11, evaluations=8, last=2), "warning"),
    Case("rate-bound-validation", "at the last of 8 evaluations only", lambda: joint(0.13, evaluations=8, last=1), "clear"),
    Case("rate-bound-validation", "training loss by 2.3 standard errors", lambda: joint(0.14, 0.09, noise=0.003, train_noise=0.07, seed=38), "warning"),
    Case("rate-bound-validation", "training loss by 1.7 standard errors", lambda: joint(0.14, 0.09, noise=0.003, train_noise=0.07, seed=4), "clear"),
    Case("rate-bound-validation", "both by 4.5 standard errors", lambda: joint(0.14, 0.09, noise=0.03, train_noise=0.05, seed=16), "warning"),
    Case("rate-bound-validation", "both by 3.6 standard errors", lambda: joint(0.14, 0.09, noise=0.03, train_noise=0.05, seed=14), "clear"),
    Case("rate-bound-validation", "the rate ends at 55%", lambda: joint(lr=np.linspace(1, 0.55, 96)), "warning", remedy="lower the learning rate by 3 to 10 (its peak is 1)"),
    Case("rate-bound-validation", "the rate ends at 45%", lambda: joint(lr=np.linspace(1, 0.45, 96)), "insufficient-data",
         says="the learning rate is low at the end, so it cannot be the cause"),
    Case("rate-bound-validation", "the rate restarts", lambda: joint(lr=np.tile(np.linspace(1, 0.6, 48) ** 3, 2)), "insufficient-data",
         says="the learning rate restarts, and the losses rise with it"),
    Case("rate-bound-validation", "by other axes", lambda: with_curve(run_of({"loss": decay(96)}), "val_loss", decay(24)), "insufficient-data",
         says="the training and the validation loss are logged on different axes"),
    Case("rate-bound-validation", "the training loss is logged until the best", lambda: run_of({
        "loss": decay(40), "val_loss": (4 * np.arange(24) + 3, np.r_[np.full(20, 0.8), np.full(4, 1.0)])}), "insufficient-data",
         says="no training loss is logged around the best or the last validation loss"),
    Case("rate-bound-validation", "the training loss is logged from the end on", lambda: run_of({
        "loss": (80 + np.arange(40) / 2, flat(40, 1)), "val_loss": (4 * np.arange(24) + 3, np.r_[np.full(20, 0.8), np.full(4, 1.0)])}), "insufficient-data"),
    Case("rate-bound-validation", "best at the first evaluations", lambda: run_of({
        "loss": np.repeat([1.0, 1.5], [48, 48]) * flat(96, 1), "val_loss": (4 * np.arange(24) + 3, np.repeat([1.0, 1.2], [12, 12]))}), "warning"),
    Case("rate-bound-validation", "a training loss of both signs", lambda: run_of({"loss": decay(96) - 1, "val_loss": decay(24)}), "not-applicable",
         says="no positive losses of both splits are logged, so relative change is undefined"),
    Case("rate-bound-validation", "a validation loss of both signs", lambda: run_of({"loss": decay(96), "val_loss": decay(24) - 1}), "not-applicable",
         says="no positive losses of both splits are logged, so relative change is undefined"),
    Case("rate-bound-validation", "7 evaluations", lambda: joint(evaluations=7, last=2), "insufficient-data", says="validation loss needs at least 8 points, has 7"),
    Case("rate-bound-validation", "19 training points", lambda: run_of({"loss": decay(19), "val_loss": decay(19)}), "insufficient-data",
         says="train loss needs at least 20 points, has 19"),
    Case("rate-bound-validation", "20 training points", lambda: run_of({"loss": decay(20), "val_loss": decay(20)}), "clear"),
    Case("rate-bound-validation", "no noise at all", lambda: joint(noise=0, train_noise=0), "warning"),
    Case("rate-bound-validation", "overfitting", lambda: joint(0.5, -0.1), "clear"),

    Case("early-blow-up", "2.2 times the start", lambda: exploded(2.2), "warning", findings=1,
         says="loss rises from 2.3 to 5.07 within the first 20% of the run, and its median over the last third is 2; the chance-level loss is 2.3",
         steps=(5, 6), metric="loss", confidence=0.8, remedy="lower the learning rate by 3 to 10"),
    Case("early-blow-up", "1.8 times the start", lambda: exploded(1.8), "clear"),
    Case("early-blow-up", "6.2 sigma", lambda: exploded(3, noise=0.2), "warning"),
    Case("early-blow-up", "5.1 sigma", lambda: exploded(3, noise=0.2, seed=1), "clear"),
    Case("early-blow-up", "at 18% of the run", lambda: exploded(rows=slice(17, 19)), "warning"),
    Case("early-blow-up", "at 22% of the run", lambda: exploded(rows=slice(21, 23)), "clear"),
    Case("early-blow-up", "one point", lambda: exploded(rows=slice(5, 6)), "clear"),
    Case("early-blow-up", "ends at 55% of guessing", lambda: exploded(end=0.55 * 2.3), "warning"),
    Case("early-blow-up", "ends at 45% of guessing", lambda: exploded(9, end=0.45 * 2.3), "clear"),
    Case("early-blow-up", "a start above guessing", lambda: exploded(3, first=5.0), "clear"),
    Case("early-blow-up", "a first point below guessing", lambda: exploded(1.7, first=0.5), "clear"),
    Case("early-blow-up", "20 points", lambda: exploded(points=20, rows=slice(2, 4)), "warning"),
    Case("early-blow-up", "19 points", lambda: exploded(points=19, rows=slice(1, 3)), "insufficient-data", says="train loss needs at least 20 points, has 19"),
    Case("early-blow-up", "two groups", lambda: exploded(rows=[3, 4, 9, 10, 11]), "warning", steps=(3, 11)),
    Case("early-blow-up", "a loss of both signs", lambda: run_of({"loss": decay(100) - 1}), "not-applicable",
         says="no positive training loss is logged, so relative change is undefined"),
    Case("early-blow-up", "the log begins late", lambda: run_of({"loss": (np.arange(500, 600), decay(100))}), "insufficient-data",
         says="the chance-level loss is unknown: neither the number of classes nor the start of the loss is logged"),
    Case("early-blow-up", "comes back to guessing", lambda: run_of({
        "loss": np.r_[2.3, 4.0, 40.0, 90.0, 30.0, 8.0, decay(94, 4.0, 2.2, noise=0.02)], "lr": np.full(100, 3.0)}, num_classes=10), "warning",
         remedy="lower the learning rate by 3 to 10 (its peak is 3)"),

    Case("zigzag-loss", "a scatter of 11%", lambda: zigzag(0.11), "warning", findings=1,
         says="loss alternates between high and low values, 12% from its trend, over the last half of the run (correlation of neighbouring points -0.98)",
         steps=(50, 99), metric="loss", confidence=0.7, remedy="lower the learning rate by 3 to 10 (its peak is 0.5)"),
    Case("zigzag-loss", "a scatter of 9%", lambda: zigzag(0.09), "clear"),
    Case("zigzag-loss", "a correlation of -0.55", lambda: zigzag(points=400, kept=0.22), "warning"),
    Case("zigzag-loss", "a correlation of -0.45", lambda: zigzag(points=400, kept=0.28), "clear"),
    Case("zigzag-loss", "5.4 standard errors", lambda: zigzag(points=90, kept=0.1), "warning"),
    Case("zigzag-loss", "4.6 standard errors", lambda: zigzag(points=70, kept=0.1), "clear"),
    Case("zigzag-loss", "50 points", lambda: zigzag(points=50), "clear"),
    Case("zigzag-loss", "49 points", lambda: zigzag(points=49), "insufficient-data", says="train loss needs at least 50 points, has 49"),
    Case("zigzag-loss", "a loss of both signs", lambda: run_of({"loss": decay(100) - 1}), "not-applicable",
         says="no positive training loss is logged, so relative change is undefined"),
    Case("zigzag-loss", "noise", lambda: run_of({"loss": decay(200, noise=0.4)}), "clear"),
    Case("early-blow-up", "recovers from 110 times its start", lambda: overcome(110), "warning",
         says="loss rises from 2.3 to 253 within the first 20% of the run, and its median over the last third is 0.2"),
    Case("early-blow-up", "recovers from 90 times its start", lambda: overcome(90), "info"),
    Case("early-blow-up", "recovers from 11 times its start", lambda: overcome(11), "info"),
    Case("early-blow-up", "recovers from 9 times its start", lambda: overcome(9), "clear"),
    Case("early-blow-up", "recovers from one absurd point", lambda: overcome(1e6, rows=slice(5, 6)), "clear"),
]  # fmt: skip
