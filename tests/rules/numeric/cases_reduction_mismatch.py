"""Runs that reduction-mismatch must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of, with_values


def scaled(factor, *, points=40, fall=0.95, noise=0.01, off=(), start=2.0, **settings):
    """A training loss that falls by a share, and a validation loss that is a multiple of it; `off` evaluations are not."""
    train = np.linspace(start, start * (1 - fall), points)
    validation = train * flat(points, factor, noise=noise)
    return run_of(
        {"train_loss": train, "val_loss": with_values(validation, list(off), validation[list(off)] * 1.5)}, **settings
    )


def fallen(late, *, factor=8.0):
    """A training loss that halves before the first of 8 evaluations, between whose ends it falls by a share."""
    train = np.r_[np.linspace(4, 2, 20), 2 * np.r_[np.ones(30), np.linspace(1, 1 - late, 20), np.full(30, 1 - late)]]
    return run_of({"train_loss": train, "val_loss": (np.arange(25, 100, 10), train[25::10] / factor)})


CASES = [
    Case("reduction-mismatch", "a sum for validation", lambda: scaled(32.0, noise=0), "warning", findings=1,
         says="val_loss is 32 times train_loss, within 15% at 100% of 40 evaluations, while train_loss falls by 92%: a sum is "
         "compared with a mean", steps=(0, 39), metric="val_loss", confidence=0.85,
         remedy="divide val_loss by the number of samples, tokens or accumulation steps that it is summed over"),
    Case("reduction-mismatch", "accumulation is not divided by", lambda: scaled(1 / 10, noise=0, gradient_accumulation_steps=10), "warning",
         says="train_loss is 10 times val_loss, within 15% at 100% of 40 evaluations, while train_loss falls by 92%: a sum is "
         "compared with a mean (gradient_accumulation_steps is about as large)", metric="train_loss", confidence=0.95),
    Case("reduction-mismatch", "a setting 4% off", lambda: scaled(10.4, noise=0, batch_size=10), "warning", confidence=0.95),
    Case("reduction-mismatch", "a setting 6% off", lambda: scaled(10.6, noise=0, batch_size=10), "warning", confidence=0.85),
    Case("reduction-mismatch", "many steps an evaluation", lambda: run_of({
        "train_loss": decay(400, 23, 1), "val_loss": (np.arange(9, 400, 10), decay(400, 2.3, 0.1, noise=0)[9::10])}), "warning", metric="train_loss"),
    Case("reduction-mismatch", "a first loss that is too large as well", lambda: scaled(0.1, start=23.0, fall=0.9, num_classes=10), "warning"),
    Case("reduction-mismatch", "3.1 times", lambda: scaled(3.1), "warning"),
    Case("reduction-mismatch", "2.9 times", lambda: scaled(2.9), "clear"),
    Case("reduction-mismatch", "9% of the evaluations are off", lambda: scaled(8.0, points=44, off=(5, 15, 25, 35)), "warning"),
    Case("reduction-mismatch", "11% of the evaluations are off", lambda: scaled(8.0, points=45, off=(5, 15, 25, 35, 40)), "clear"),
    Case("reduction-mismatch", "scatters by 8%", lambda: scaled(8.0, noise=0.08), "warning"),
    Case("reduction-mismatch", "scatters by 12%", lambda: scaled(8.0, noise=0.12), "clear"),
    Case("reduction-mismatch", "falls by 33%", lambda: scaled(8.0, fall=0.35, noise=0), "warning"),
    Case("reduction-mismatch", "falls by 28%", lambda: scaled(8.0, fall=0.3, noise=0), "clear"),
    Case("reduction-mismatch", "falls before the first evaluation, and by 17% after it", lambda: fallen(0.17), "warning"),
    Case("reduction-mismatch", "falls before the first evaluation, and by 13% after it", lambda: fallen(0.13), "clear"),
    Case("reduction-mismatch", "8 evaluations", lambda: scaled(8.0, points=8), "warning"),
    Case("reduction-mismatch", "7 evaluations", lambda: scaled(8.0, points=7), "insufficient-data",
         says="train loss needs at least 8 points, has 7"),
    Case("reduction-mismatch", "few training losses beside the evaluations", lambda: run_of({
        "train_loss": (np.arange(30, 39), decay(9)), "val_loss": 9 * decay(40)}), "clear"),
    Case("reduction-mismatch", "the training loss comes late", lambda: run_of({
        "train_loss": (np.arange(33, 43), decay(10)), "val_loss": 9 * decay(40)}), "insufficient-data",
         says="needs at least 8 evaluations with a training loss beside them, has 7"),
    Case("reduction-mismatch", "a gap that grows", lambda: run_of({"train_loss": decay(40, 2.0, 0.02), "val_loss": decay(40, 2.0, 0.5)}), "clear"),
    Case("reduction-mismatch", "one scale", lambda: run_of({"train_loss": decay(40), "val_loss": decay(40, seed=1)}), "clear"),
]  # fmt: skip
