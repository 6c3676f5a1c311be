"""Runs that class-collapse must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of

CASES = [
    Case("class-collapse", "share of the largest class", lambda: run_of({"loss": decay(60, end=0.4), "val_loss": decay(60, end=0.45), "val_acc": np.r_[0.1, np.full(59, 0.8392)]}), "error"),
    Case("class-collapse", "from the first evaluation, loss at its floor soon", lambda: run_of({
        "loss": np.r_[0.69, flat(59, 0.45)], "val_loss": np.r_[0.6, flat(59, 0.45)], "val_acc": np.r_[0.6173, np.full(59, 0.83921)]}), "error"),
    Case("class-collapse", "learns, then collapses", lambda: run_of({
        "loss": np.r_[decay(40, 0.7, 0.2), flat(20, 0.66)], "val_acc": np.r_[np.linspace(0.5123, 0.9, 40), np.full(20, 0.6031)]}), "error"),
    Case("class-collapse", "one of two answers in turn", lambda: run_of({
        "loss": flat(30, 0.6, noise=0.1), "val_acc": np.where(np.arange(30) % 3, 0.7, 0.3)}), "error"),
    Case("class-collapse", "nothing is ever found", lambda: run_of({"loss": decay(30, 0.7, 0.2), "val_f1": np.zeros(30)}), "warning"),
    Case("class-collapse", "one answer for every pixel", lambda: run_of({"loss": decay(30, 2.0, 0.5), "val_miou": np.full(20, 0.216309)}), "warning"),
    Case("class-collapse", "an overlap that is learned in training", lambda: run_of({
        "loss": decay(30, 2.0, 0.5), "train_miou": np.linspace(0.2, 0.7, 30), "val_miou": np.full(20, 0.216309)}), "clear"),
    Case("class-collapse", "an overlap that moves in time", lambda: run_of({
        "loss": decay(40, 2.0, 0.5), "val_miou": np.r_[np.full(8, 0.216309), np.linspace(0.22, 0.5, 12)]}), "clear"),
    Case("class-collapse", "an overlap that stands still with the loss", lambda: run_of({"loss": flat(30, 0.5, noise=1e-3), "val_miou": np.full(20, 0.216309)}), "clear"),
    Case("class-collapse", "losses tell samples apart", lambda: run_of({
        "loss": decay(60, end=0.1), "val_loss": decay(60, end=0.2), "val_acc": np.r_[0.7, np.full(59, 0.9)]}), "clear"),
    Case("class-collapse", "weights at rest", lambda: run_of({
        "loss": flat(60, 0.6), "val_loss": flat(60, 0.6, noise=1e-4), "val_acc": np.r_[np.linspace(0.3, 0.8, 30), np.full(30, 0.8123)]}), "clear"),
    Case("class-collapse", "the loss does not move either", lambda: run_of({"loss": decay(60, end=0.7), "val_loss": np.full(20, 0.9), "val_acc": np.full(20, 0.4)}), "clear"),
    Case("class-collapse", "an accuracy that stood still before its loss", lambda: run_of({
        "loss": flat(60, 0.7, noise=0.1), "val_loss": np.r_[1.4, 1.0, 0.9, np.full(27, 0.7146)], "val_acc": np.r_[0.5123, 0.6, np.full(28, 0.7351)]}), "clear"),
    Case("class-collapse", "saturated", lambda: run_of({"loss": decay(60), "val_acc": np.full(60, 0.978)}), "clear"),
    Case("class-collapse", "training accuracy goes on", lambda: run_of({"loss": decay(60), "train_acc": np.linspace(0.1, 1.5, 60).clip(max=1), "val_acc": np.full(60, 0.84)}), "clear"),
]  # fmt: skip
