"""Runs that metric-loss-disagreement must find, and runs that look alike and are healthy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..curves import Case, decay, flat, run_of, without_direction


def scored(losses, scores, *, tag="val_acc", every=1):
    return run_of({"val_loss": losses, tag: (np.arange(0, len(losses), every), scores[::every])})


def growing(correlation=1.0, *, points=40, seed=0, gain=0.3, noise=0.02, **changes):
    """A loss and an accuracy that both grow, with noise of this correlation."""
    own, other = noise * np.random.default_rng(seed).normal(size=(2, points))
    losses = np.exp(np.linspace(0, 1, points) + own)
    scores = np.linspace(0.4, 0.4 + gain, points) + correlation * own + np.sqrt(1 - correlation**2) * other
    return scored(losses, scores, **changes)


def parting(loss_order=range(10), score_order=range(10), noise=1e-3):
    """A loss that falls and an accuracy that falls, each in ten steps; the steps may be in another order."""
    losses = np.linspace(2, 1, 10)[list(loss_order)].repeat(10) * flat(100, 1, noise=noise)
    scores = np.linspace(0.9, 0.6, 10)[list(score_order)].repeat(10) + noise * np.random.default_rng(1).normal(size=100)
    return scored(losses, scores)


# Of ten values, so many pairs are in the wrong order that Kendall's z is 3.04, or 2.86.
SURE, LIKELY = (1, 0, 3, 2, 5, 4, 7, 6, 9, 8), (2, 1, 0, 4, 3, 5, 7, 6, 9, 8)


def of_two_axes():
    """The accuracy has epochs for steps."""
    run = growing()
    return replace(run, all_curves=[run.all_curves[0], replace(run.all_curves[1], axis="epoch")])


def overlapping():
    """A loss that ends before the accuracy, and an accuracy that begins after the loss; 15 steps have both."""
    losses, scores = (curve.value for curve in growing(points=25).all_curves)
    return run_of({"val_loss": losses[:20], "val_acc": (np.arange(5, 25), scores[5:])})


CASES = [
    Case("metric-loss-disagreement", "both grow", growing, "warning", findings=1,
         says="val_loss gets worse (1 -> 2.8) while val_acc gets better (0.403 -> 0.73), "
         "block by block (rank correlation of their changes -0.94)", steps=(0, 39), metric="val_acc", confidence=0.8,
         remedy="compute loss and score manually for a few samples"),
    Case("metric-loss-disagreement", "both fall", lambda: scored(decay(40, noise=0.01), 0.3 * decay(40, noise=0.01)), "warning",
         says="val_loss gets better (2.3 -> 0.117) while val_acc gets worse (0.691 -> 0.035), "
         "block by block (rank correlation of their changes -0.99)"),
    Case("metric-loss-disagreement", "in a sure order of the loss", lambda: parting(loss_order=SURE), "warning",
         says="val_loss gets better (1.89 -> 1.11) while val_acc gets worse (0.9 -> 0.6), both steadily", steps=(0, 99)),
    Case("metric-loss-disagreement", "in a likely order of the loss", lambda: parting(loss_order=LIKELY), "clear"),
    Case("metric-loss-disagreement", "in a sure order of the score", lambda: parting(score_order=SURE), "warning"),
    Case("metric-loss-disagreement", "in a likely order of the score", lambda: parting(score_order=LIKELY), "clear"),
    Case("metric-loss-disagreement", "3.3 standard errors of the correlation", lambda: growing(0.8, seed=10), "warning"),
    Case("metric-loss-disagreement", "2.9 standard errors of the correlation", lambda: growing(0.8, seed=11), "clear"),
    Case("metric-loss-disagreement", "the score moved by 6.5 standard errors", lambda: growing(gain=0.16, seed=9), "warning"),
    Case("metric-loss-disagreement", "the score moved by 5.9 standard errors", lambda: growing(gain=0.1, seed=1), "clear"),
    Case("metric-loss-disagreement", "without noise", lambda: parting(SURE, noise=0), "warning"),
    Case("metric-loss-disagreement", "the score stands still", lambda: scored(decay(40), np.full(40, 0.5)), "clear"),
    Case("metric-loss-disagreement", "the loss stands still", lambda: scored(np.full(40, 0.5), decay(40)), "clear"),
    Case("metric-loss-disagreement", "an error falls with the loss", lambda: scored(decay(40), 0.3 * decay(40), tag="val_error"), "clear"),
    Case("metric-loss-disagreement", "an error grows while the loss falls", lambda: scored(decay(40, noise=0.01), 0.9 - 0.3 * decay(40, noise=0.01), tag="val_error"), "warning"),
    Case("metric-loss-disagreement", "a score that may be better either way", lambda: without_direction(growing(), "val_acc"), "insufficient-data",
         says="needs a validation score of known direction with at least 16 points"),
    Case("metric-loss-disagreement", "too confident in few mistakes", lambda: scored(
        np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.0, 40)] * flat(60, 1, noise=0.01),
        np.r_[np.linspace(0.1, 0.9, 20), np.linspace(0.9, 0.91, 40)] * flat(60, 1, noise=0.003)), "clear"),
    Case("metric-loss-disagreement", "16 evaluations", lambda: growing(points=16), "warning"),
    Case("metric-loss-disagreement", "15 evaluations", lambda: growing(points=15), "insufficient-data",
         says="validation loss needs at least 16 points, has 15"),
    Case("metric-loss-disagreement", "16 common steps", lambda: growing(points=31, every=2), "warning"),
    Case("metric-loss-disagreement", "15 scores", lambda: growing(points=30, every=2), "insufficient-data",
         says="validation score needs at least 16 points, has 15"),
    Case("metric-loss-disagreement", "15 common steps", overlapping, "clear"),
    Case("metric-loss-disagreement", "on two axes", of_two_axes, "insufficient-data"),
    Case("metric-loss-disagreement", "the second of two scores", lambda: replace(
        growing(), all_curves=[*scored(decay(40), 1 - 0.3 * decay(40), tag="val_f1").all_curves[1:], *growing().all_curves]), "warning", metric="val_acc"),
]  # fmt: skip
