"""Runs that zero-loss must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, run_of, with_values

NAN = float("nan")
ZEROS = np.zeros(40)
RANKS_Z_2_1 = np.r_[4, 3, 2, 1, 0, 5, 6, 7, 8, 9]  # of ten values: 10 pairs of 45 fall
RANKS_Z_2_7 = np.r_[3, 2, 1, 0, 4, 5, 6, 7, 9, 8]


def with_others(count):
    """Zeros of which some are not, the first one is."""
    return run_of({"loss": with_values(np.zeros(100), np.arange(1, count + 1) * 7, 0.3)})


CASES = [
    Case("zero-loss", "no target reaches the loss", lambda: run_of({"loss": ZEROS}), "error", findings=1,
         says="loss is exactly 0 at 40 of 40 points, from the first one on", steps=(0, 39), metric="loss", confidence=0.93,
         remedy="check that targets reach the loss: labels all masked (-100), boxes all filtered out, empty batches"),
    Case("zero-loss", "both losses of a language model", lambda: run_of({"train_loss": ZEROS, "val_loss": ZEROS, "val_ppl": ZEROS + 1}), "error",
         says="train_loss is exactly 0 at 40 of 40 points, from the first one on, and so is val_loss"),
    Case("zero-loss", "the validation loss alone", lambda: run_of({"train_loss": decay(40), "val_loss": ZEROS}), "error", metric="val_loss"),
    Case("zero-loss", "the norm is NaN", lambda: run_of({"loss": ZEROS, "grad_norm": ZEROS + NAN}), "error", confidence=0.98,
         says="loss is exactly 0 at 40 of 40 points, from the first one on; the gradient norm is NaN, infinite or zero throughout"),
    Case("zero-loss", "the norm is positive", lambda: run_of({"loss": ZEROS, "grad_norm": ZEROS + 2}), "warning",
         says="loss is exactly 0 at 40 of 40 points, from the first one on; the gradient norm is not zero, so another loss is "
         "trained than is logged", remedy="log the loss that backward() is called on, before it is reset, rounded or divided"),
    Case("zero-loss", "96% of the points", lambda: with_others(4), "error",
         says="loss is exactly 0 at 96 of 100 points, from the first one on"),
    Case("zero-loss", "94% of the points", lambda: with_others(6), "clear"),
    Case("zero-loss", "zero after the first point", lambda: run_of({"loss": with_values(np.zeros(100), 0, 1.0)}), "clear"),
    Case("zero-loss", "5 points", lambda: run_of({"loss": np.zeros(5)}), "error"),
    Case("zero-loss", "4 points", lambda: run_of({"loss": np.zeros(4)}), "insufficient-data"),
    Case("zero-loss", "a short training loss beside it", lambda: run_of({"train_loss": np.zeros(4), "val_loss": ([1], [0])}), "insufficient-data"),
    Case("zero-loss", "a score rises: z is 2.7", lambda: run_of({"loss": ZEROS, "val_acc": 0.1 + RANKS_Z_2_7 / 20}), "clear"),
    Case("zero-loss", "a score rises: z is 2.1", lambda: run_of({"loss": ZEROS, "val_acc": 0.1 + RANKS_Z_2_1 / 20}), "error"),
    Case("zero-loss", "an error rate falls", lambda: run_of({"loss": ZEROS, "val_wer": np.linspace(0.9, 0.1, 40)}), "clear"),
    Case("zero-loss", "an error rate of 100%", lambda: run_of({"loss": ZEROS, "class_error": ZEROS + 100}), "error"),
    Case("zero-loss", "a part, and the accuracy", lambda: run_of({"loss": decay(40), "CTCLoss": ZEROS, "acc": ZEROS}), "warning",
         says="CTCLoss is exactly 0 at all 40 points, and acc is 0 at all 40: no target reaches this part of the loss",
         remedy="check the targets that CTCLoss is given, and whether it is filtered or clipped to 0 where they do not fit"),
    Case("zero-loss", "a part alone", lambda: run_of({"loss": decay(40), "aux_loss": ZEROS, "acc": np.linspace(0.1, 0.9, 40)}), "clear"),
    Case("zero-loss", "a part, and an accuracy that stays", lambda: run_of({"loss": decay(40), "CTCLoss": ZEROS, "acc": ZEROS + 0.5}), "clear"),
    Case("zero-loss", "a part of 4 points, and the accuracy", lambda: run_of({"loss": decay(40), "CTCLoss": np.zeros(4), "acc": ZEROS}), "clear"),
    Case("zero-loss", "the accuracy alone", lambda: run_of({"loss": decay(40), "acc": ZEROS}), "clear"),
    Case("zero-loss", "the loss of a policy", lambda: run_of({"loss": ZEROS, "reward": np.linspace(0, 1, 40)}), "not-applicable"),
    Case("zero-loss", "learned down to zero", lambda: run_of({"loss": decay(40).round(1)}), "clear"),
]  # fmt: skip
