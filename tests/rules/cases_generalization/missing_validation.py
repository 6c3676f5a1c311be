"""Runs that missing-validation must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of

CASES = [
    Case("missing-validation", "training loss alone", lambda: run_of({"loss": decay(60), "lr": flat(60, 0.1)}), "info"),
    Case("missing-validation", "a test loss", lambda: run_of({"train_loss": decay(60), "test_loss": [1.0, 0.5]}), "clear"),
    Case("missing-validation", "an accuracy of no split", lambda: run_of({"train_loss": decay(60), "accuracy": flat(60, 0.5)}), "insufficient-data"),
    Case("missing-validation", "a trial of ten steps", lambda: run_of({"loss": decay(10)}), "insufficient-data"),
    Case("missing-validation", "reinforcement learning", lambda: run_of({"train/loss": decay(60), "rollout/ep_rew_mean": np.arange(60.0), "train/approx_kl": flat(60, 0.01)}), "not-applicable"),
]  # fmt: skip
