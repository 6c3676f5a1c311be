"""Runs that lucky-best must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of, with_values, without_direction


def levels(worse, *, lone=0.02, start=1.0, points=60, noise=1e-4, seed=0):
    """Logarithms of a loss that falls over a third, is worse for a while, with one good evaluation in it, and level then."""
    third = points // 3
    level = np.r_[np.linspace(start, 0, third), np.full(third, np.log1p(worse)), np.zeros(points - 2 * third)]
    level += noise * np.random.default_rng(seed).normal(size=points)
    return with_values(level, third + third // 2, -lone)


def lucky(worse, *, lr=None, **changes):
    """A validation loss that is at 0.5 but for that."""
    curves = {"val_loss": 0.5 * np.exp(levels(worse, **changes))}
    return run_of(curves | ({} if lr is None else {"lr": lr}))


def scored(worse, *, scale=1.0, tag="val_acc", **changes):
    """An accuracy that is at 0.8 but for that."""
    return run_of({tag: scale * (0.8 - levels(worse, **{"lone": 0.02, "start": 0.5, **changes}))})


def outlier(drop, *, second=0.0, points=100, **noise):
    """A level loss with one evaluation lower by a share, and another one lower by some of that."""
    values = with_values(flat(points, 0.5, **{"noise": 1e-3, **noise}), 30, 0.5 * (1 - drop))
    return run_of({"val_loss": with_values(values, 70, 0.5 * (1 - second)) if second else values})


CASES = [
    Case("lucky-best", "one evaluation before the descent ended", lambda: lucky(0.2), "warning", findings=1,
         steps=(30, 58), metric="val_loss", confidence=0.75,
         says="val_loss is best at step 30 (0.49), but the evaluations around it are at 0.6, those around step 58 at 0.5",
         remedy="select the checkpoint by a smoothed curve: around step 58 the model is better"),
    Case("lucky-best", "far below a level stretch", lambda: outlier(0.2), "warning", steps=(30, 30),
         says="val_loss is best at step 30 (0.4), but the evaluations around it are at 0.5",
         remedy="evaluate the checkpoint of step 30 again before using it"),
    Case("lucky-best", "far below a stretch without noise", lambda: outlier(0.2, noise=0), "warning"),
    Case("lucky-best", "a score in percent", lambda: scored(0.2, scale=100), "warning", metric="val_acc",
         says="val_acc is best at step 30 (82), but the evaluations around it are at 61.8, those around step 58 at 80"),
    Case("lucky-best", "an error", lambda: run_of({"val_error": 0.3 + levels(0.2, start=0.5)}), "warning",
         says="val_error is best at step 30 (0.28), but the evaluations around it are at 0.482, those around step 58 at 0.3"),
    Case("lucky-best", "a loss of both signs", lambda: run_of({"val_loss": levels(0.2) - 0.5}), "warning",
         says="val_loss is best at step 30 (-0.52), but the evaluations around it are at -0.318, those around step 58 at -0.5"),
    Case("lucky-best", "a loss of both signs, hardly worse", lambda: run_of({"val_loss": levels(0.015, start=0.05) - 2.0}), "clear"),
    Case("lucky-best", "1.2% worse after a small descent", lambda: lucky(0.012, start=0.1), "warning"),
    Case("lucky-best", "0.9% worse after a small descent", lambda: lucky(0.009, start=0.1), "clear"),
    Case("lucky-best", "worse by 8.3% of the descent", lambda: lucky(0.087), "warning"),
    Case("lucky-best", "worse by 6.6% of the descent", lambda: lucky(0.068), "clear"),
    Case("lucky-best", "worse by 4.4 standard errors", lambda: lucky(0.1, lone=0.1, noise=0.02, seed=12), "warning"),
    Case("lucky-best", "worse by 3.5 standard errors", lambda: lucky(0.1, lone=0.1, noise=0.02, seed=7), "clear"),
    Case("lucky-best", "8.5% below a level stretch", lambda: outlier(0.085), "warning"),
    Case("lucky-best", "7% below a level stretch", lambda: outlier(0.07), "clear"),
    Case("lucky-best", "8.6 times the noise below", lambda: outlier(0.1, noise=0.012, seed=3), "warning"),
    Case("lucky-best", "7.4 times the noise below", lambda: outlier(0.1, noise=0.012, seed=2), "clear"),
    Case("lucky-best", "the second best is 0.45 times as far below", lambda: outlier(0.1, second=0.045), "warning"),
    Case("lucky-best", "the second best is 0.55 times as far below", lambda: outlier(0.1, second=0.055), "clear"),
    Case("lucky-best", "a score far above a level stretch", lambda: run_of({"val_acc": with_values(flat(100, 0.5, noise=1e-3), 30, 0.7)}), "clear"),
    Case("lucky-best", "a difference of one sample", lambda: run_of({
        "val_acc": np.r_[np.linspace(0.5, 0.75, 20).round(2), np.full(10, 0.75), 0.82, np.full(9, 0.75), np.full(20, 0.78)]}), "clear"),
    Case("lucky-best", "just after a sharp fall", lambda: run_of({
        "val_loss": np.r_[np.linspace(1.5, 0.9, 30), np.linspace(0.5, 0.52, 30)]}), "clear"),
    Case("lucky-best", "near the end", lambda: run_of({"val_loss": with_values(decay(100, noise=0.01), 98, 0.05)}), "clear"),
    Case("lucky-best", "near the beginning", lambda: run_of({"val_loss": with_values(flat(100, 0.5), 1, 0.05)}), "clear"),
    Case("lucky-best", "at the end", lambda: run_of({"val_loss": decay(100, end=0.5)}), "clear"),
    Case("lucky-best", "warm restarts", lambda: lucky(0.2, lr=np.tile(np.linspace(1, 0.1, 20), 3)), "insufficient-data",
         says="the learning rate restarts: the best evaluations are at the ends of its cycles"),
    Case("lucky-best", "20 evaluations", lambda: lucky(0.2, points=20), "warning"),
    Case("lucky-best", "19 evaluations", lambda: lucky(0.2, points=19), "insufficient-data",
         says="validation loss needs at least 20 points, has 19"),
    Case("lucky-best", "a score that may be better either way", lambda: without_direction(scored(0.2), "val_acc"), "insufficient-data",
         says="needs a main validation loss or a score of known direction with at least 20 points"),
    Case("lucky-best", "training alone", lambda: run_of({"loss": decay(100)}), "not-applicable",
         says="no validation loss or validation score is logged"),
]  # fmt: skip
