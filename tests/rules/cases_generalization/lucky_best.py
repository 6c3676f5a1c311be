"""Runs that lucky-best must find, and runs that look alike and are healthy."""

from __future__ import annotations

from ..curves import Case, decay, flat, run_of, with_values

CASES = [
    Case("lucky-best", "one evaluation before the descent ended", lambda: run_of({
        "loss": decay(100), "val_loss": with_values(decay(100, end=0.5, noise=0.02), 30, 0.4)}), "warning"),
    Case("lucky-best", "a score", lambda: run_of({
        "loss": decay(100), "val_acc": with_values(1 - decay(100, 0.9, 0.3, noise=0.02), 20, 0.75)}), "warning"),
    Case("lucky-best", "at the end", lambda: run_of({"loss": decay(100), "val_loss": decay(100, end=0.5)}), "clear"),
    Case("lucky-best", "a little below a level stretch", lambda: run_of({"loss": decay(100), "val_loss": with_values(flat(100, 0.5), 30, 0.48)}), "clear"),
    Case("lucky-best", "far below a level stretch", lambda: run_of({"loss": decay(100), "val_loss": with_values(flat(100, 0.5), 30, 0.4)}), "warning"),
    Case("lucky-best", "ten evaluations", lambda: run_of({"loss": decay(100), "val_loss": decay(10)}), "insufficient-data"),
    Case("lucky-best", "training alone", lambda: run_of({"loss": decay(100)}), "not-applicable"),
]  # fmt: skip
