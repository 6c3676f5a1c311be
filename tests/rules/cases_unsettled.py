"""Runs whose loss oscillates or stands still, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, decay, flat, run_of

NOISE_OF_ALTERNATION = 2.965  # the noise of a curve that alternates by 1 around its level


def alternating(noise, descent=0.6, *, points=36, shift=0.0, tag="val_loss", settings=None, **others):
    """A validation loss with such a noise, whose first value lies so far above its lowest on the logarithmic scale."""
    wiggle = noise / NOISE_OF_ALTERNATION * (-1.0) ** np.arange(points)
    wiggle[0] = wiggle.min() + descent
    return run_of({tag: np.exp(wiggle) + shift, **others}, **(settings or {}))


CYCLES = np.tile(np.linspace(0.1, 0.001, 9), 4)

OSCILLATION = [
    Case("oscillation", "11% of the loss", lambda: alternating(0.11), "info", findings=1,
         says="val_loss scatters by 12% from one evaluation to the next, between 0.964 and 1.04 from step 12 on",
         steps=(12, 35), metric="val_loss", confidence=0.8, remedy="lower the learning rate by 3, or anneal it towards the end"),
    Case("oscillation", "9% of the loss", lambda: alternating(0.09), "clear"),
    Case("oscillation", "11% of the descent", lambda: alternating(0.22, 2.0), "warning"),
    Case("oscillation", "9% of the descent", lambda: alternating(0.18, 2.0), "clear"),
    Case("oscillation", "22% of the loss, 22% of the descent", lambda: alternating(0.22, 1.0), "warning"),
    Case("oscillation", "18% of the loss, 18% of the descent", lambda: alternating(0.18, 1.0), "info"),
    Case("oscillation", "27% of the descent", lambda: alternating(0.16), "warning"),
    Case("oscillation", "23% of the descent", lambda: alternating(0.14), "info"),
    Case("oscillation", "12 evaluations", lambda: alternating(0.11, points=12), "info", steps=(4, 11)),
    Case("oscillation", "11 evaluations", lambda: alternating(0.11, points=11), "insufficient-data",
         says="validation loss needs at least 12 points, has 11"),
    Case("oscillation", "a learning rate", lambda: alternating(0.11, lr=np.full(36, 0.1)), "info",
         remedy="lower the learning rate by 3, or anneal it towards the end (it ends at 0.1)"),
    Case("oscillation", "restarts of the rate", lambda: alternating(0.22, lr=CYCLES), "insufficient-data",
         says="the learning rate restarts, and the loss goes up and down with it"),
    Case("oscillation", "a loss of both signs", lambda: alternating(0.22, shift=-1), "insufficient-data",
         says="the validation loss is not positive, so relative change is undefined"),
    Case("oscillation", "a term that may rise", lambda: alternating(0.22, tag="val_policy_loss"), "not-applicable",
         says="no validation loss that is meant to fall is logged"),
    Case("oscillation", "random scatter", lambda: run_of({"loss": decay(60), "val_loss": decay(60, end=0.8, noise=0.4)}), "warning"),
    Case("oscillation", "settles", lambda: run_of({"loss": decay(40), "val_loss": decay(40, noise=0.02)}), "clear"),
    Case("oscillation", "noisy at first only", lambda: run_of({
        "val_loss": decay(60) * np.r_[flat(15, 1, noise=0.4), flat(45, 1, noise=0.01)]}), "clear"),
]  # fmt: skip

CASES = [*OSCILLATION]
