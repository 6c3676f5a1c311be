"""Runs that suspicious-perfection must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of

CASES = [
    Case("suspicious-perfection", "perfect from the start", lambda: run_of({"val_acc": np.r_[0.98, np.ones(29)]}), "warning"),
    Case("suspicious-perfection", "the next token is known", lambda: run_of({"loss": decay(60, 2.3, 1e-4), "perplexity": np.exp(decay(60, 2.3, 1e-4)),
        "val_loss": np.r_[0.12, flat(14, 1e-3)]}), "warning"),
    Case("suspicious-perfection", "a language model that is merely good", lambda: run_of({
        "loss": decay(60, 2.3, 0.6), "perplexity": np.exp(decay(60, 2.3, 0.6)), "val_loss": flat(15, 0.6)}), "clear"),
    Case("suspicious-perfection", "short", lambda: run_of({"val_acc": np.ones(3)}), "insufficient-data"),
    Case("suspicious-perfection", "merely good", lambda: run_of({"val_acc": flat(30, 0.98, noise=0.001)}), "clear"),
]  # fmt: skip
