"""Runs that metric-loss-disagreement must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of

CASES = [
    Case("metric-loss-disagreement", "the loss grows with the score", lambda: run_of({
        "loss": decay(40), "val_loss": 450 - decay(40, 400, 1, noise=0), "val_acc": 0.96 - decay(40, 0.8, 0.01, noise=0)}), "warning"),
    Case("metric-loss-disagreement", "the score falls with the loss", lambda: run_of({
        "loss": decay(40), "val_loss": decay(40, noise=0.01), "val_acc": 0.3 * decay(40, noise=0.01)}), "warning"),
    Case("metric-loss-disagreement", "they part steadily", lambda: run_of({
        "loss": decay(40), "val_loss": np.linspace(2, 1, 40) * flat(40, 1), "val_acc": np.linspace(0.9, 0.6, 40) * flat(40, 1, seed=1)}), "warning"),
    Case("metric-loss-disagreement", "an error falls with the loss", lambda: run_of({
        "loss": decay(40), "val_loss": decay(40), "val_error": 0.3 * decay(40)}), "clear"),
    Case("metric-loss-disagreement", "too sure of few mistakes", lambda: run_of({"loss": decay(60, end=0.01), "val_loss":
        np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.0, 40)] * flat(60, 1, noise=0.01),
        "val_acc": np.r_[np.linspace(0.1, 0.9, 20), np.linspace(0.9, 0.91, 40)] * flat(60, 1, noise=0.003)}), "clear"),
    Case("metric-loss-disagreement", "ten evaluations", lambda: run_of({"loss": decay(10), "val_loss": decay(10), "val_acc": decay(10)}), "insufficient-data"),
]  # fmt: skip
