"""Runs that the data rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.run import Curve, Run

from ..curves import Case, decay, epochs_of, evaluated, flat, run_of, stairs_of


def logged(lengths, values, *, tag="loss", **others):
    """A run of epochs with so many points each, with other curves beside (tag: values at evenly spread steps)."""
    epoch = np.concatenate([i + np.arange(n) / n for i, n in enumerate(lengths)])
    curves = [Curve.build(tag, np.arange(len(epoch)), values, epoch=epoch)]
    for other, data in others.items():
        steps = np.linspace(0, len(epoch) - 1, len(data)).astype(int)
        curves.append(Curve.build(other, steps, data, epoch=epoch[steps]))
    return Run("run", "run", "test", all_curves=resolve(curves))


def repeated(size, lengths=(40,) * 8, *, seed=0, waves=3, **others):
    """A training loss with a wave of some size in each epoch and noise of 5%."""
    wave = np.concatenate([np.sin(2 * np.pi * waves * np.arange(n) / n) for n in lengths])
    return logged(lengths, np.exp(size * wave) * flat(len(wave), 2.0, noise=0.05, seed=seed), **others)


def between_evaluations(size):
    """The same by steps, without epochs, each of which ends with an evaluation."""
    (loss,) = repeated(size).all_curves
    return run_of({"loss": (loss.step, loss.value), "val_loss": (np.arange(39, len(loss), 40), flat(8, 2.0))})


def stairs(drop, lengths=(40,) * 4, *, slope=0.0, noise=0.02, seed=0, fading=1.0, **others):
    """A training loss that drops at each border by a share (or by these), with scatter that fades within the epoch."""
    drops = np.broadcast_to(drop, len(lengths) - 1)
    level = np.repeat(-np.cumsum(np.r_[0.0, drops]), lengths)
    scatter = np.concatenate([np.where(np.arange(n) < n / 2, fading, 1.0) for n in lengths])
    shocks = np.random.default_rng(seed).normal(size=len(level))
    return logged(lengths, 2 * np.exp(level - slope * np.arange(len(level)) + noise * scatter * shocks), **others)


def rates(ratio, changes, borders=5):
    """A learning rate of epochs of 40 points that falls by a ratio at the first of the borders."""
    return np.repeat(ratio ** -np.minimum(np.arange(borders + 1.0), changes), 40)


def rebounding(rise, noise=0.0, seed=0):
    """A validation loss that falls to 0.8 and ends above it by a share."""
    level = np.r_[np.linspace(1.6, 0.8, 10), np.linspace(0.8, 0.8 * (1 + rise), 10), np.full(10, 0.8 * (1 + rise))]
    return level * flat(30, 1, noise=noise, seed=seed)


def validated(pattern, epochs=10, *, noise=0.01, seed=0, **others):
    """A validation loss with a pattern in each epoch."""
    values = np.exp(np.tile(pattern, epochs)) * flat(len(pattern) * epochs, 1, noise=noise, seed=seed)
    return logged((len(pattern),) * epochs, values, tag="val_loss", **others)


WAVE = np.array([1.0, 0.0, -1.0, 0.0])


def scored(values):
    """A run with these validation accuracies."""
    return run_of({"loss": decay(20), "val_acc": values})


def counted(last):
    """A loss with the same order in each epoch, whose number is logged beside it, up to the end or not."""
    run = epochs_of(np.sin(np.linspace(0, 25, 40)))
    loss = replace(run.all_curves[0], epoch=np.full(len(run.all_curves[0]), np.nan))
    rows = np.arange(len(loss) - 39 + last)
    epoch = Curve.build("epoch", loss.step[rows], run.all_curves[0].epoch[rows] // 1)
    return replace(run, all_curves=resolve([loss, epoch]))


CASES = [
    Case("epoch-periodic-loss", "the same order every epoch", lambda: epochs_of(np.sin(np.linspace(0, 25, 40))), "warning"),
    Case("epoch-periodic-loss", "the epoch is a curve of its own", lambda: counted(39), "warning"),
    Case("epoch-periodic-loss", "the epoch is known at fewer points", lambda: counted(38), "insufficient-data"),
    Case("epoch-periodic-loss", "shuffled", lambda: epochs_of(np.zeros(40)), "clear"),
    Case("epoch-periodic-loss", "running mean starts anew", lambda: epochs_of(-np.linspace(0, 1, 40)), "clear"),
    Case("epoch-periodic-loss", "a wave that is no larger than the noise", lambda: repeated(0.05), "warning", findings=1,
         says="loss repeats the same pattern in each of 7 epochs (mean correlation 0.34 from one to the next, p = 0.005): the batches have the same order in each epoch",
         steps=(40, 319), metric="loss", confidence=0.9,
         remedy="shuffle the training data every epoch: DataLoader(shuffle=True), and a new seed each epoch for distributed samplers"),
    Case("epoch-periodic-loss", "a correlation of 0.28", lambda: repeated(0.045, seed=1), "clear"),
    Case("epoch-periodic-loss", "1 of 199 rotations agrees as well", lambda: repeated(0.03, (8,) * 4, seed=22), "warning"),
    Case("epoch-periodic-loss", "2 of 199 rotations agree as well", lambda: repeated(0.03, (8,) * 4, seed=39), "clear"),
    Case("epoch-periodic-loss", "4 epochs", lambda: repeated(0.3, (40,) * 4), "warning", says="loss repeats the same pattern in each of 4 epochs (mean correlation 0.95 from one to the next, p = 0.005): the batches have the same order in each epoch"),
    Case("epoch-periodic-loss", "5 epochs, without the first", lambda: repeated(0.3, (40,) * 5), "warning", says="loss repeats the same pattern in each of 4 epochs (mean correlation 0.95 from one to the next, p = 0.005): the batches have the same order in each epoch"),
    Case("epoch-periodic-loss", "3 epochs", lambda: repeated(0.3, (40,) * 3), "insufficient-data",
         says="needs at least 4 whole epochs of 8 or more points, has 3"),
    Case("epoch-periodic-loss", "8 points per epoch", lambda: repeated(0.3, (8,) * 6, waves=1), "warning"),
    Case("epoch-periodic-loss", "7 points per epoch", lambda: repeated(0.3, (7,) * 6, waves=1), "insufficient-data",
         says="needs at least 4 whole epochs of 8 or more points, has 0"),
    Case("epoch-periodic-loss", "epochs 10% and 12% longer", lambda: repeated(0.3, (40, 40, 40, 40, 44, 45)), "warning", says="loss repeats the same pattern in each of 4 epochs (mean correlation 0.95 from one to the next, p = 0.005): the batches have the same order in each epoch"),
    Case("epoch-periodic-loss", "an epoch a point longer", lambda: repeated(3, (8, 8, 8, 8, 9), waves=1), "warning"),
    Case("epoch-periodic-loss", "epochs of two lengths in turn", lambda: repeated(0.3, (10, 20) * 3), "insufficient-data",
         says="needs at least 4 whole epochs of 8 or more points, has 0"),
    Case("epoch-periodic-loss", "240 points per epoch, seen at 200 phases", lambda: repeated(0.06, (240,) * 4), "warning"),
    Case("epoch-periodic-loss", "the learning rate restarts", lambda: repeated(0.3, lr=np.tile(np.linspace(1, 0.1, 8), 4)), "insufficient-data",
         says="the learning rate restarts, and the loss follows it"),
    Case("epoch-periodic-loss", "a loss that is not to fall", lambda: run_of({"train/policy_loss": decay(60)}), "insufficient-data",
         says="cannot determine the main training loss"),
    Case("epoch-periodic-loss", "31 points", lambda: repeated(0.3, (8, 8, 8, 7)), "insufficient-data",
         says="train loss needs at least 32 points, has 31"),
    Case("epoch-periodic-loss", "epochs not logged", lambda: run_of({"loss": decay(400)}), "insufficient-data"),
    Case("epoch-periodic-loss", "between evaluations, a correlation of 0.64", lambda: between_evaluations(0.095), "warning",
         says="loss repeats the same pattern in each of 7 stretches between evaluations (mean correlation 0.64 from one to the next, p = 0.005): the batches have the same order in each epoch"),
    Case("epoch-periodic-loss", "between evaluations, a correlation of 0.55", lambda: between_evaluations(0.08), "clear"),

    Case("epoch-staircase", "drops at every epoch", lambda: stairs_of(0.3), "info"),
    Case("epoch-staircase", "drops, and the validation loss rises", lambda: stairs_of(0.3, validation=np.r_[np.linspace(1, 0.8, 5), np.linspace(0.85, 1.5, 15)]), "warning"),
    Case("epoch-staircase", "falls within the epochs", lambda: epochs_of(np.zeros(40)), "clear"),
    Case("epoch-staircase", "level", lambda: stairs_of(0.0), "clear"),
    Case("epoch-staircase", "the learning rate falls with the epochs", lambda: stairs_of(0.3, rate=True), "clear"),
    Case("epoch-staircase", "running mean", lambda: stairs_of(0.0, is_mean=True), "insufficient-data"),
    Case("epoch-staircase", "drops of 26%", lambda: stairs(0.3), "info", findings=1,
         says="loss drops by 26% on average at each of 3 epoch borders, which account for 99% of its fall",
         steps=(40, 120), metric="loss", confidence=0.85,
         remedy="train for fewer epochs, and choose the checkpoint by the validation loss"),
    Case("epoch-staircase", "drops of 2.1%", lambda: stairs(0.0215, noise=0.002), "info"),
    Case("epoch-staircase", "drops of 1.8%", lambda: stairs(0.0185, noise=0.002), "clear"),
    Case("epoch-staircase", "3.2 standard errors", lambda: stairs(0.07, noise=0.05), "info"),
    Case("epoch-staircase", "2.6 standard errors", lambda: stairs(0.07, noise=0.06), "clear"),
    Case("epoch-staircase", "57% of the fall", lambda: stairs(0.08, slope=0.0015, noise=0.005), "info"),
    Case("epoch-staircase", "44% of the fall", lambda: stairs(0.08, slope=0.0025, noise=0.005), "clear"),
    Case("epoch-staircase", "3 of 4 borders drop", lambda: stairs([0.3, 0.3, 0.3, -0.05], (40,) * 5), "info"),
    Case("epoch-staircase", "5 of 7 borders drop", lambda: stairs([0.3] * 5 + [-0.05] * 2, (40,) * 8), "clear"),
    Case("epoch-staircase", "scatter that fades a little", lambda: stairs(0.3, fading=2.4), "info"),
    Case("epoch-staircase", "scatter that fades", lambda: stairs(0.3, fading=3), "insufficient-data"),
    Case("epoch-staircase", "3 epochs", lambda: stairs(0.3, (40,) * 3), "info"),
    Case("epoch-staircase", "2 epochs", lambda: stairs(0.3, (40,) * 2), "insufficient-data",
         says="needs at least 3 whole epochs of 8 or more points, has 2"),
    Case("epoch-staircase", "8 points per epoch", lambda: stairs(0.3, (8,) * 6), "info"),
    Case("epoch-staircase", "7 points per epoch", lambda: stairs(0.3, (7,) * 6), "insufficient-data",
         says="needs at least 3 whole epochs of 8 or more points, has 0"),
    Case("epoch-staircase", "epochs 10% and 12% longer", lambda: stairs(0.3, (40, 40, 40, 40, 44, 45)), "info", says="loss drops by 26% on average at each of 4 epoch borders, which account for 98% of its fall"),
    Case("epoch-staircase", "an epoch a point longer", lambda: stairs(0.3, (8, 8, 8, 8, 9)), "info", says="loss drops by 26% on average at each of 4 epoch borders, which account for 99% of its fall"),
    Case("epoch-staircase", "the rate falls by 22% at the borders", lambda: stairs(0.3, (40,) * 6, lr=rates(1.22, 5)), "info"),
    Case("epoch-staircase", "the rate falls by 28% at the borders", lambda: stairs(0.3, (40,) * 6, lr=rates(1.28, 5)), "clear"),
    Case("epoch-staircase", "the rate falls at 2 of 5 borders", lambda: stairs(0.3, (40,) * 6, lr=rates(2, 2)), "info"),
    Case("epoch-staircase", "the rate falls at 3 of 5 borders", lambda: stairs(0.3, (40,) * 6, lr=rates(2, 3)), "clear"),
    Case("epoch-staircase", "a rate of 3 points", lambda: stairs(0.3, (40,) * 6, lr=[1.0, 0.1, 0.01]), "info"),
    Case("epoch-staircase", "the validation loss rises by 1.1%", lambda: stairs(0.3, val_loss=rebounding(0.011)), "warning", says="loss drops by 26% on average at each of 3 epoch borders, which account for 99% of its fall; the validation loss ends 1% above its best"),
    Case("epoch-staircase", "the validation loss rises by 0.9%", lambda: stairs(0.3, val_loss=rebounding(0.009)), "info"),
    Case("epoch-staircase", "the validation loss rises by 3.3 standard errors", lambda: stairs(0.3, val_loss=rebounding(0.3, 0.06, seed=8)), "warning"),
    Case("epoch-staircase", "the validation loss rises by 2.9 standard errors", lambda: stairs(0.3, val_loss=rebounding(0.3, 0.06, seed=9)), "info"),
    Case("epoch-staircase", "a validation loss of both signs", lambda: stairs(0.3, val_loss=rebounding(0.3) - 0.9), "info"),
    Case("epoch-staircase", "a loss of both signs", lambda: logged((40,) * 4, decay(160) - 1), "insufficient-data",
         says="the training loss is not positive, so relative change is undefined"),
    Case("epoch-staircase", "a loss that is not to fall", lambda: run_of({"train/policy_loss": decay(60)}), "insufficient-data"),
    Case("epoch-staircase", "epochs not logged", lambda: run_of({"loss": decay(400)}), "insufficient-data"),

    Case("coarse-validation", "56 samples", lambda: scored(np.arange(20, 40) / 56), "info", findings=1,
         says="val_acc changes in steps of 1.79 percentage points, as on 56 samples: the 95% interval of its last level is 53.7% to 78.5%",
         steps=(0, 19), metric="val_acc", confidence=0.85,
         remedy="evaluate on more data, or use cross-validation"),
    Case("coarse-validation", "percentages of 64 samples", lambda: scored(100 * np.arange(20, 40) / 64), "info", says="val_acc changes in steps of 1.56 percentage points, as on 64 samples: the 95% interval of its last level is 45.7% to 69.9%"),
    Case("coarse-validation", "180 samples", lambda: scored(np.arange(61, 81, 2) / 180), "info"),
    Case("coarse-validation", "220 samples", lambda: scored(np.arange(61, 81, 2) / 220), "clear"),
    Case("coarse-validation", "all of 8 samples", lambda: scored(np.r_[1, 3, 4, 6, 7, 7, 8, 8, 8, 8, 8] / 8), "warning", says="val_acc changes in steps of 12.5 percentage points, as on 8 samples: the 95% interval of its last level is 75.5% to 100%"),
    Case("coarse-validation", "none of 8 samples", lambda: scored(np.r_[1, 3, 4, 6, 7, 7, 0, 0, 0, 0, 0] / 8), "warning", says="val_acc changes in steps of 12.5 percentage points, as on 8 samples: the 95% interval of its last level is 0.0% to 24.5%"),
    Case("coarse-validation", "15 samples", lambda: scored(np.arange(4, 14) / 15), "warning"),
    Case("coarse-validation", "17 samples", lambda: scored(np.arange(4, 14) / 17), "info"),
    Case("coarse-validation", "10,000 samples", lambda: scored(np.linspace(2001, 8004, 20).round() / 10000), "clear"),
    Case("coarse-validation", "two digits", lambda: scored(np.random.default_rng(0).uniform(0.2, 0.8, 20).round(2)), "clear"),
    Case("coarse-validation", "digits that fit by chance in 0.96 of 10,000 cases", lambda: scored((13 * np.array([1, 2, 3, 4, 4]) / 54).round(3)), "info"),
    Case("coarse-validation", "digits that fit by chance in 1.05 of 10,000 cases", lambda: scored((13 * np.array([1, 2, 3, 4, 4]) / 55).round(3)), "clear"),
    Case("coarse-validation", "3 different values", lambda: scored([0.125, 0.375, 0.5, 0.5, 0.5]), "warning"),
    Case("coarse-validation", "2 different values beside 0 and 1", lambda: scored([0, 3 / 7, 4 / 7, 4 / 7, 1]), "clear"),
    Case("coarse-validation", "a score below zero", lambda: scored(np.arange(-5, 15) / 16), "clear"),
    Case("coarse-validation", "a score above one", lambda: scored(np.arange(5, 20) / 16), "clear"),
    Case("coarse-validation", "4 evaluations", lambda: scored([0.125, 0.25, 0.5, 0.75]), "insufficient-data",
         says="validation score needs at least 5 points, has 4"),
    Case("coarse-validation", "4 evaluations of one score, many of another", lambda: run_of({
        "val_acc": [0.125, 0.25, 0.5, 0.75], "val_f1": np.linspace(2001, 8004, 20).round() / 10000}), "clear"),

    Case("periodic-validation", "high and low by the part of the epoch", lambda: evaluated(0.05 * np.array([1, 0, -1, 0])), "warning"),
    Case("periodic-validation", "three a epoch", lambda: evaluated(0.05 * np.array([1, 0, -1]), epochs=10), "warning"),
    Case("periodic-validation", "shuffled", lambda: evaluated(np.zeros(4)), "clear"),
    Case("periodic-validation", "the rate cycles as well", lambda: evaluated(0.05 * np.array([1, 0, -1, 0]), is_rate_cyclic=True), "insufficient-data"),
    Case("periodic-validation", "one an epoch", lambda: evaluated(np.zeros(1), epochs=30), "insufficient-data"),
    Case("periodic-validation", "high in the beginning, low in the middle", lambda: validated(0.05 * WAVE), "warning", findings=1,
         says="val_loss repeats the same pattern in each of 9 epochs (mean correlation 0.98 from one to the next, p = 0.005), spanning 10.2% of the loss",
         steps=(0, 39), metric="val_loss", confidence=0.85,
         remedy="reshuffle the training data every epoch, with a buffer as large as the data set"),
    Case("periodic-validation", "a correlation of 0.6", lambda: validated(0.0105 * WAVE), "warning"),
    Case("periodic-validation", "a correlation of 0.43", lambda: validated(0.0075 * WAVE), "clear"),
    Case("periodic-validation", "a span of 1.1%", lambda: validated(0.0056 * WAVE, noise=5e-4), "warning"),
    Case("periodic-validation", "a span of 0.8%", lambda: validated(0.0042 * WAVE, noise=5e-4), "clear"),
    Case("periodic-validation", "1 of 199 rotations agrees as well", lambda: validated(np.array([0.02, 0, -0.02]), 7, noise=0.012, seed=4), "clear"),
    Case("periodic-validation", "6 whole epochs", lambda: validated(0.05 * WAVE, 7), "warning"),
    Case("periodic-validation", "5 whole epochs", lambda: validated(0.05 * WAVE[:3], 6), "insufficient-data",
         says="validation loss needs at least 21 points, has 18"),
    Case("periodic-validation", "5 whole epochs of 4 and more", lambda: validated(0.05 * np.r_[WAVE, WAVE], 6, noise=0.001), "insufficient-data",
         says="needs at least 6 whole epochs of 3 or more evaluations, has 5"),
    Case("periodic-validation", "2 evaluations per epoch", lambda: validated(0.05 * np.array([1, -1]), 12), "insufficient-data"),
    Case("periodic-validation", "epochs of several lengths", lambda: logged((4, 4, 4, 3, 4, 4, 4, 4), decay(31), tag="val_loss"), "insufficient-data"),
    Case("periodic-validation", "a rate that is level", lambda: validated(0.05 * WAVE, lr=np.full(40, 0.1)), "warning"),
    Case("periodic-validation", "a rate that repeats a little", lambda: validated(0.05 * WAVE, lr=0.1 * np.exp(0.002 * np.tile(WAVE, 10))), "warning"),
    Case("periodic-validation", "a rate that repeats", lambda: validated(0.05 * WAVE, lr=0.1 * np.exp(0.02 * np.tile(WAVE, 10))), "insufficient-data",
         says="the learning rate also repeats every epoch, which explains the pattern"),
    Case("periodic-validation", "a rate that jumps", lambda: validated(0.05 * WAVE, lr=flat(40, 0.1, noise=0.1)), "warning"),
    Case("periodic-validation", "a rate of one point", lambda: validated(0.05 * WAVE, lr=[0.1]), "warning"),
    Case("periodic-validation", "a loss of both signs", lambda: logged((4,) * 10, decay(40) - 1, tag="val_loss"), "insufficient-data",
         says="the validation loss is not positive, so relative change is undefined"),
    Case("periodic-validation", "a loss that is not to fall", lambda: run_of({"val/policy_loss": decay(60)}), "insufficient-data"),
    Case("periodic-validation", "epochs not logged", lambda: run_of({"loss": decay(40), "val_loss": decay(40)}), "insufficient-data"),
]  # fmt: skip
