"""Runs that overtraining must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.run import Curve, Run

from ..curves import Case, decay, flat, run_of, with_values, without_direction


def losses(rise=0.04, *, best=20, points=100, noise=2e-4, seed=0, first=2.3, **curves):
    """A validation loss that is best at some evaluation, 0.5, and higher by a share at the end."""
    level = np.r_[np.linspace(2.3, 0.5, best), np.linspace(0.5, 0.5 * (1 + rise), points - best)]
    return run_of({"val_loss": with_values(level * flat(points, 1, noise=noise, seed=seed), 0, first), **curves})


def level_from(step, start, end, *, points=100, noise=0.0, seed=0):
    """Values that move from one to the other until a step and stay there."""
    level = np.r_[np.linspace(start, end, step), np.full(points - step, end)]
    return level + noise * np.random.default_rng(seed).normal(size=points)


def timed(seconds):
    """The same loss, one evaluation every so many seconds."""
    values = losses().all_curves[0].value
    curve = Curve.build("val_loss", np.arange(100), values, wall_time=1e9 + seconds * np.arange(100))
    return Run("run", "run", "test", all_curves=resolve([curve]))


CASES = [
    Case("overtraining", "best early, then 4% worse", losses, "warning", findings=1,
         says="val_loss is best around step 20 (0.5, smoothed); the remaining 80% of the run ends 3.8% above it, at 0.519",
         steps=(20, 99), metric="val_loss", confidence=0.85, remedy="stop early: step 20 was enough"),
    Case("overtraining", "best early, then level", lambda: losses(0), "info",
         says="val_loss is best around step 28 (0.5, smoothed); the remaining 72% of the run brought nothing",
         steps=(28, 99), metric="val_loss", confidence=0.75, remedy="stop early: step 28 was enough"),
    Case("overtraining", "with wall times", lambda: timed(180), "warning",
         says="val_loss is best around step 20 (0.5, smoothed); the remaining 80% of the run (4 h) ends 3.8% above it, at 0.519"),
    Case("overtraining", "with an hour after the best", lambda: timed(45), "warning",
         says="val_loss is best around step 20 (0.5, smoothed); the remaining 80% of the run (59 min) ends 3.8% above it, at 0.519"),
    Case("overtraining", "with minutes after the best", lambda: timed(6), "warning",
         says="val_loss is best around step 20 (0.5, smoothed); the remaining 80% of the run (7.9 min) ends 3.8% above it, at 0.519"),
    Case("overtraining", "a rise of 2.6 standard errors", lambda: losses(noise=0.03, seed=0), "info"),
    Case("overtraining", "a rise of 3.1 standard errors", lambda: losses(noise=0.025, seed=0), "warning"),
    Case("overtraining", "a rise of 0.9%", lambda: losses(0.009), "info"),
    Case("overtraining", "a rise of 1.2%", lambda: losses(0.012), "warning"),
    Case("overtraining", "best at 45% of the run", lambda: losses(best=46), "warning"),
    Case("overtraining", "best at 55% of the run", lambda: losses(best=56), "clear"),
    Case("overtraining", "it fell by 0.9% before", lambda: losses(first=0.5045, best=2), "clear"),
    Case("overtraining", "it fell by 1.1% before", lambda: losses(first=0.506, best=2), "warning"),
    Case("overtraining", "it fell by 3.5 standard errors before", lambda: losses(first=0.515, best=2, noise=0.04, seed=5), "clear"),
    Case("overtraining", "it fell by 4.5 standard errors before", lambda: losses(first=0.525, best=2, noise=0.04, seed=8), "info"),
    Case("overtraining", "12 evaluations", lambda: losses(points=12, best=3), "warning"),
    Case("overtraining", "11 evaluations", lambda: losses(points=11, best=3), "insufficient-data",
         says="validation loss needs at least 12 points, has 11"),
    Case("overtraining", "an accuracy still improves", lambda: losses(val_acc=level_from(90, 0.1, 0.9)), "clear"),
    Case("overtraining", "an error still falls", lambda: losses(val_error=level_from(90, 0.9, 0.1)), "clear"),
    Case("overtraining", "an error still rises", lambda: losses(val_error=level_from(90, 0.1, 0.9)), "warning"),
    Case("overtraining", "an accuracy improved before", lambda: losses(val_acc=level_from(18, 0.1, 0.9)), "warning"),
    Case("overtraining", "an accuracy that surely improves", lambda: losses(val_acc=level_from(60, 0.5, 0.7, noise=0.08, seed=8)), "clear"),
    Case("overtraining", "an accuracy that may improve", lambda: losses(val_acc=level_from(60, 0.5, 0.7, noise=0.08, seed=21)), "warning"),
    Case("overtraining", "six accuracies since", lambda: losses(val_acc=(np.arange(24, 100, 15), np.geomspace(0.1, 0.9, 6))), "clear"),
    Case("overtraining", "five accuracies since", lambda: losses(val_acc=(np.arange(24, 90, 15), np.geomspace(0.1, 0.9, 5))), "warning"),
    Case("overtraining", "a score that may be better either way",
         lambda: without_direction(losses(val_acc=level_from(90, 0.9, 0.1)), "val_acc"), "warning"),
    Case("overtraining", "constant", lambda: run_of({"loss": decay(100), "val_loss": np.full(100, 2.3)}), "clear"),
    Case("overtraining", "best at the end", lambda: run_of({"loss": decay(100), "val_loss": decay(100, end=0.2, noise=0.005)}), "clear"),
]  # fmt: skip
