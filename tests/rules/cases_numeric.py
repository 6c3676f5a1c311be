"""Runs that the numeric rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, decay, flat, run_of, with_values

NAN, INF = np.nan, np.inf

CASES = [
    Case("non-finite", "NaN to the end", lambda: run_of({"loss": with_values(decay(50), slice(30, None), NAN)}), "error"),
    Case("non-finite", "three infinite points, then back", lambda: run_of({"loss": with_values(decay(50), slice(30, 33), INF)}), "error"),
    Case("non-finite", "one NaN", lambda: run_of({"loss": with_values(decay(50), 30, NAN)}), "warning"),
    Case("non-finite", "a skipped step of loss scaling", lambda: run_of({"loss": decay(200), "grad_norm": with_values(flat(200, 1), 50, INF)}), "info"),
    Case("non-finite", "loss column goes empty after an overflow", lambda: run_of({"loss": ([0, 5], [0.8, 7e6]), "lr": flat(50, 0.1)}), "error"),
    Case("non-finite", "an undefined score", lambda: run_of({"loss": decay(50), "val_auc": with_values(flat(50, 0.5), 0, NAN)}), "clear"),
    Case("non-finite", "a loss logged less often than the rate", lambda: run_of({"loss": ([0, 40], [2.0, 1.0]), "lr": flat(50, 0.1)}), "clear"),
    Case("non-finite", "no loss at all", lambda: run_of({"lr": flat(50, 0.1)}), "not-applicable"),

    Case("masked-nan", "zero at once", lambda: run_of({"loss": with_values(decay(50), slice(30, None), 0.0)}), "error"),
    Case("masked-nan", "learned down to zero", lambda: run_of({"loss": np.maximum(2.0 * 0.5 ** np.arange(60) - 1e-12, 0).round(6)}), "clear"),
    Case("masked-nan", "one exact zero", lambda: run_of({"loss": with_values(decay(50), 30, 0.0)}), "clear"),

    Case("out-of-range", "negative cross entropy", lambda: run_of({"loss": -decay(50), "val_acc": flat(50, 0.9)}), "error"),
    Case("out-of-range", "accuracy above one", lambda: run_of({"val_acc": with_values(flat(50, 0.9), 20, 1.2)}), "error"),
    Case("out-of-range", "all of it above one, beside a fraction", lambda: run_of({"acc": flat(50, 0.9), "val_acc": flat(50, 1.3)}), "error"),
    Case("out-of-range", "low percentages", lambda: run_of({"loss": decay(50), "val_acc": flat(50, 1.3)}), "clear"),
    Case("out-of-range", "percentages", lambda: run_of({"loss": decay(50), "val_acc": flat(50, 93.0)}), "clear"),
    Case("out-of-range", "a density may be negative", lambda: run_of({"loss": -decay(50)}), "not-applicable"),

    Case("zero-gradient", "cut off", lambda: run_of({"grad_norm": np.r_[flat(50, 1.0), np.zeros(50)]}), "error"),
    Case("zero-gradient", "converged in print", lambda: run_of({"grad_norm": (2.0 * 0.7 ** np.arange(100)).round(4)}), "clear"),
    Case("zero-gradient", "never zero", lambda: run_of({"grad_norm": flat(100, 1.0)}), "clear"),

    Case("loss-scale-collapse", "to nothing", lambda: run_of({"loss_scale": np.r_[np.full(30, 65536.0), 65536.0 * 0.5 ** np.arange(30)]}), "error"),
    Case("loss-scale-collapse", "far down, and stays", lambda: run_of({"loss_scale": np.r_[np.full(40, 65536.0), np.full(10, 64.0)]}), "warning"),
    Case("loss-scale-collapse", "halved and doubled", lambda: run_of({"loss_scale": 65536.0 * np.tile([1.0, 0.5, 0.5, 1.0, 2.0], 10)}), "clear"),
    Case("loss-scale-collapse", "always one, as with bfloat16", lambda: run_of({"loss_scale": np.ones(50)}), "clear"),
    Case("loss-scale-collapse", "down and up again", lambda: run_of({"loss_scale": np.r_[np.full(30, 65536.0), np.ones(10), np.full(20, 4096.0)]}), "clear"),
]  # fmt: skip
