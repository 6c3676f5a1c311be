"""Runs that generalization-gap must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of, without_direction


def parting(end, *, start=1.0, late=0.0, change=0.0, points=60, noise=2e-3, seed=0, **curves):
    """Two losses whose ratio grows from one number to another, by the factor `late` in the second half.

    The validation loss falls in the first half and changes by a share in the second.
    """
    half = points // 2
    middle = end / late if late else np.sqrt(start * end)
    ratio = np.r_[np.geomspace(start, middle, half), np.geomspace(middle, end, points - half)]
    validation = np.r_[np.linspace(2.3, 0.8, half), 0.8 * np.linspace(1, 1 + change, points - half)]
    train = validation / ratio * np.exp(noise * np.random.default_rng(seed).normal(size=points))
    return run_of({"loss": train, "val_loss": validation, **curves})


def ordered(*ranks):
    """Twenty values, the last ten of them in this order."""
    return np.r_[np.linspace(0.1, 0.5, 10), 0.6 + 0.01 * np.array(ranks)]


# Of ten values, so many pairs are in the wrong order that Kendall's z is 2.15, or 2.50.
LIKELY, SURE = (4, 3, 2, 1, 0, 5, 6, 7, 8, 9), (3, 2, 1, 0, 5, 4, 7, 6, 8, 9)


def ratios_ordered(*ranks):
    """Twenty evaluations at which the ratio reaches 50, the last ten of them in this order."""
    ratio = np.r_[np.geomspace(1, 5, 10), np.geomspace(5, 50, 10)[list(ranks)]]
    validation = np.r_[np.linspace(2.3, 0.8, 10), np.full(10, 0.8)]
    return run_of({"loss": validation / ratio, "val_loss": validation})


def unlearned(ratio=20.0, *, start=1.0, remaining=0.6, points=60, **curves):
    """A validation loss that falls steadily to a share of the first training loss, which falls to a part of it."""
    validation = np.geomspace(2.3, 2.3 * remaining, points)
    ratios = np.geomspace(1, ratio / start, points) * start
    return run_of({"loss": validation / ratios * np.r_[start, np.ones(points - 1)], "val_loss": validation, **curves})


def rounded(smallest):
    """A training loss that falls to a share of its first value, and is zero after that, beside a validation loss that stays."""
    train = np.r_[np.geomspace(1.0, smallest, 40), np.zeros(20)]
    return run_of({"loss": train, "val_loss": flat(60, 1.2, noise=0.001)})


CASES = [
    Case("generalization-gap", "training falls on in vain", lambda: parting(75), "warning", findings=1,
         says="val_loss ends at 69.8 times loss, up from 1.08 times at the start, and since step 30 only the training loss falls", steps=(30, 59), metric="val_loss", confidence=0.85,
         remedy="regularise: more data or augmentation, weight decay, dropout, or a smaller model"),
    Case("generalization-gap", "both fall, one faster", lambda: parting(75, change=-0.5), "info",
         says="val_loss ends at 69.8 times loss, up from 1.08 times at the start", steps=(0, 59), metric="val_loss", confidence=0.85),
    Case("generalization-gap", "an accuracy still improves", lambda: parting(75, val_acc=np.linspace(0.2, 0.8, 60)), "info"),
    Case("generalization-gap", "an accuracy gets worse", lambda: parting(75, val_acc=np.linspace(0.8, 0.2, 60)), "warning"),
    Case("generalization-gap", "an error still falls", lambda: parting(75, val_error=np.linspace(0.8, 0.2, 60)), "info"),
    Case("generalization-gap", "an accuracy that improved before",
         lambda: parting(75, val_acc=np.r_[np.linspace(0.2, 0.8, 30), np.full(30, 0.8)]), "warning"),
    Case("generalization-gap", "a score that may be better either way",
         lambda: without_direction(parting(75, val_acc=np.linspace(0.2, 0.8, 60)), "val_acc"), "warning"),
    Case("generalization-gap", "an accuracy in a sure order", lambda: parting(75, points=20, val_acc=ordered(*SURE)), "info"),
    Case("generalization-gap", "an accuracy in a likely order", lambda: parting(75, points=20, val_acc=ordered(*LIKELY)), "warning"),
    Case("generalization-gap", "a ratio in a sure order", lambda: ratios_ordered(*SURE), "warning"),
    Case("generalization-gap", "a ratio in a likely order", lambda: ratios_ordered(*LIKELY), "info"),
    Case("generalization-gap", "a ratio of 3.2", lambda: parting(3.2), "info"),
    Case("generalization-gap", "a ratio of 2.8", lambda: parting(2.8), "clear"),
    Case("generalization-gap", "a ratio that grew by 2.2", lambda: parting(8.8, start=4), "info"),
    Case("generalization-gap", "a ratio that grew by 1.8", lambda: parting(7.2, start=4), "clear"),
    Case("generalization-gap", "6.9 standard errors", lambda: parting(6, noise=0.25, seed=4), "info"),
    Case("generalization-gap", "5.7 standard errors", lambda: parting(6, noise=0.3, seed=4), "clear"),
    Case("generalization-gap", "the ratio grows by 3.2 at last", lambda: parting(20, late=3.8), "warning"),
    Case("generalization-gap", "the ratio grows by 2.8 at last", lambda: parting(20, late=3.0), "info"),
    Case("generalization-gap", "validation rises by 1.7%", lambda: parting(75, change=0.018), "warning"),
    Case("generalization-gap", "validation rises by 2.3%", lambda: parting(75, change=0.024), "info"),
    Case("generalization-gap", "validation falls by 1.7%", lambda: parting(75, change=-0.018), "warning"),
    Case("generalization-gap", "validation falls by 2.3%", lambda: parting(75, change=-0.024), "info"),
    Case("generalization-gap", "another scale from the start", lambda: run_of({"loss": decay(60), "val_loss": 5 * decay(60, seed=1)}), "clear"),
    Case("generalization-gap", "training loss in the log of batches", lambda: run_of({
        "loss": decay(600, end=0.01, noise=0.3), "val_loss": (np.arange(9, 600, 20), decay(30, end=0.5, noise=0.01))}), "info"),
    Case("generalization-gap", "hardly anything carries over", unlearned, "warning",
         says="val_loss ends at 19 times loss, up from 1.05 times at the start, and is still at 61% of the first training loss (2.3)", steps=(0, 59)),
    Case("generalization-gap", "a ratio of 11 and little carries over", lambda: unlearned(11.5), "warning"),
    Case("generalization-gap", "a ratio of 9 and little carries over", lambda: unlearned(9), "info"),
    Case("generalization-gap", "a training loss rounded to zero from 0.09% of its first value on", lambda: rounded(0.0009), "warning"),
    Case("generalization-gap", "a training loss of zeros after 0.11% of its first value", lambda: rounded(0.0011), "insufficient-data",
         says="the losses are not positive, so their ratio is undefined"),
    Case("generalization-gap", "53% remain", lambda: unlearned(remaining=0.52), "warning"),
    Case("generalization-gap", "47% remain", lambda: unlearned(remaining=0.46), "info"),
    Case("generalization-gap", "little carries over, a ratio of 1.8 at first", lambda: unlearned(start=1.7), "warning"),
    Case("generalization-gap", "little carries over, a ratio of 2.2 at first", lambda: unlearned(start=2.1), "info"),
    Case("generalization-gap", "little carries over, but 83% are right", lambda: unlearned(val_acc=np.full(60, 0.83)), "info"),
    Case("generalization-gap", "little carries over, and 77% are right", lambda: unlearned(val_acc=np.full(60, 0.77)), "warning"),
    Case("generalization-gap", "12 evaluations", lambda: parting(75, points=12), "warning"),
    Case("generalization-gap", "11 evaluations", lambda: parting(75, points=11), "insufficient-data",
         says="train loss needs at least 12 points, has 11"),
    Case("generalization-gap", "11 evaluations beside the training loss", lambda: run_of({
        "loss": (np.arange(116, 230), np.geomspace(0.8, 0.01, 114)), "val_loss": (np.arange(0, 230, 10), np.full(23, 0.8))}), "insufficient-data",
         says="needs at least 12 evaluations with a training loss beside them, has 11"),
    Case("generalization-gap", "a likelihood of both signs", lambda: run_of({"loss": decay(60) - 1, "val_loss": decay(60) - 1}), "insufficient-data",
         says="the losses are not positive, so their ratio is undefined"),
]  # fmt: skip
