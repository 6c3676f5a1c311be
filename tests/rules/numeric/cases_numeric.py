"""Runs that the numeric rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of, with_values

NAN, INF = np.nan, np.inf


def masked(last=0.5, *, zeros=20, first=2.0, norm=None):
    """A loss that falls to a level, ends at a last value before zeros, and comes back if they are few."""
    loss = np.r_[first, np.full(24, 1.0), last, np.zeros(zeros), np.full(5, 1.0)]
    return run_of({"loss": loss} | ({} if norm is None else {"grad_norm": np.r_[np.ones(26), norm, np.ones(5)]}))


def zero_norm(zeros=50, *, points=100, last=1.0, **others):
    """A gradient norm of 1 that is exactly zero at its last points, after one other value."""
    return run_of({"grad_norm": np.r_[np.ones(points - zeros - 1), last, np.zeros(zeros)]} | others)


def scaled_down(end, *, high=65536.0, low_points=10, points=50):
    """A loss scale that is constant, then constant at another value."""
    return run_of({"loss_scale": np.r_[np.full(points - low_points, high), np.full(low_points, end)]})


def overflown(*losses, last=50, norm=None):
    """A loss whose column is empty from some row on, beside a rate that is logged to the end."""
    curves = {"loss": np.array(losses), "lr": np.full(last, 0.1)}
    return run_of(curves | ({} if norm is None else {"grad_norm": norm}))


CASES = [
    Case("non-finite", "NaN to the end", lambda: run_of({"loss": with_values(decay(50), slice(30, None), NAN)}), "error", findings=1,
         says="loss is NaN from step 30 on; 1 curve affected", steps=(30, 49), metric="loss", confidence=0.99,
         remedy="restart from a checkpoint before step 30 and lower the learning rate or lengthen the warm-up"),
    Case("non-finite", "a rate that is known", lambda: run_of({"loss": with_values(decay(50), 30, NAN), "lr": np.linspace(0.1, 0.3, 50)}), "warning",
         says="loss is NaN at step 30 and recovers after 1 point; 1 curve affected", confidence=0.9,
         remedy="restart from a checkpoint before step 30 and lower the learning rate (it was 0.222) or lengthen the warm-up"),
    Case("non-finite", "from the first point", lambda: run_of({"loss": np.full(10, INF)}), "error",
         says="loss is infinite from step 0 on; 1 curve affected", steps=(0, 9),
         remedy="check the inputs and the initialisation: loss is non-finite from its first point on"),
    Case("non-finite", "three infinite points, then back", lambda: run_of({"loss": with_values(decay(50), slice(30, 33), INF)}), "error",
         says="loss is infinite at step 30 and recovers after 3 points; 1 curve affected"),
    Case("non-finite", "two infinite points, then back", lambda: run_of({"loss": with_values(decay(50), slice(30, 32), INF)}), "warning"),
    Case("non-finite", "NaN now and then", lambda: run_of({"loss": with_values(decay(50), [10, 30, 31], NAN)}), "warning",
         says="loss is NaN first at step 10, at 3 points in total (up to 2 in a row), and recovers; 1 curve affected"),
    Case("non-finite", "NaN now and at the end", lambda: run_of({"loss": with_values(decay(50), [10, 30, 49], NAN)}), "error",
         says="loss is NaN first at step 10, at 3 points in total (up to 1 in a row), and does not recover; 1 curve affected"),
    Case("non-finite", "the last point", lambda: run_of({"loss": with_values(decay(50), 49, NAN)}), "error"),
    Case("non-finite", "the norm goes first, the loss stays", lambda: run_of({
        "grad_norm": with_values(flat(50, 1), slice(20, 22), INF), "loss": with_values(decay(50), slice(21, None), NAN)}), "error",
         says="grad_norm is infinite at step 20; loss is NaN from step 21 on; 2 curves affected", steps=(20, 49), metric="grad_norm"),
    Case("non-finite", "norm and loss at the same step", lambda: run_of({
        "grad_norm": with_values(flat(50, 1), 20, NAN), "loss": with_values(decay(50), 20, NAN)}), "warning", metric="loss"),
    Case("non-finite", "the norm of a layer and the whole one", lambda: run_of({
        "grads/a.weight": with_values(flat(50, 1), 20, NAN), "grad_norm": with_values(flat(50, 1), 20, NAN)}), "info", metric="grad_norm"),
    Case("non-finite", "one loss recovers, another does not", lambda: run_of({
        "loss": with_values(decay(50), slice(20, 26), NAN), "val_loss": with_values(decay(50), 49, NAN)}), "error",
         says="loss is NaN at step 20; val_loss is NaN from step 49 on; 2 curves affected"),
    Case("non-finite", "a norm that stays, beside a loss", lambda: run_of({"loss": decay(50), "grad_norm": with_values(flat(50, 1), slice(40, None), NAN)}), "warning"),
    Case("non-finite", "a norm that stays, no loss", lambda: run_of({"grad_norm": with_values(flat(50, 1), slice(47, None), NAN)}), "error"),
    Case("non-finite", "the last two of a norm, no loss", lambda: run_of({"grad_norm": with_values(flat(50, 1), slice(48, None), NAN)}), "warning"),
    Case("non-finite", "a perplexity", lambda: run_of({"perplexity": with_values(decay(50) + 2, 30, INF), "grad_norm": flat(50, 1)}), "warning"),
    Case("non-finite", "a skipped step of loss scaling", lambda: run_of({"loss": decay(20), "grad_norm": with_values(flat(20, 1), 5, INF)}), "info"),
    Case("non-finite", "two skipped steps of 20", lambda: run_of({"grad_norm": with_values(flat(20, 1), [5, 10], INF)}), "warning"),
    Case("non-finite", "4 skipped steps of 400", lambda: run_of({"grad_norm": with_values(flat(400, 1), slice(50, 250, 50), INF)}), "info"),
    Case("non-finite", "5 skipped steps of 450", lambda: run_of({"grad_norm": with_values(flat(450, 1), slice(50, 300, 50), INF)}), "warning"),
    Case("non-finite", "loss column goes empty after an overflow", lambda: overflown(1.0, 1.1e6), "error", findings=1,
         says="loss ends at step 1 while the log continues for 48 more points; the last loss is 1.1e+06", steps=(1, 49), metric="loss",
         confidence=0.9, remedy="restart from a checkpoint before step 1 and lower the learning rate (it was 0.1) or lengthen the warm-up"),
    Case("non-finite", "a large loss that ends", lambda: overflown(1.0, 0.9e6), "clear"),
    Case("non-finite", "the log goes on for 3 points", lambda: overflown(1.0, 2e6, last=5), "error"),
    Case("non-finite", "the log goes on for 2 points", lambda: overflown(1.0, 2e6, last=4), "clear"),
    Case("non-finite", "loss ends where the norm overflows", lambda: overflown(2.0, 1.5, 1.0, norm=np.r_[np.ones(20), INF]), "error",
         says="loss ends at step 2 while the log continues for 47 more points; the last grad_norm is inf"),
    Case("non-finite", "loss ends where the norm grows", lambda: overflown(2.0, 1.5, norm=[1.0, 2e6]), "error"),
    Case("non-finite", "a loss logged once", lambda: overflown(2.0, norm=np.r_[np.ones(49), INF]), "warning"),
    Case("non-finite", "loss ends, other curves go on", lambda: run_of({"loss": [1.0, 2e6], "other/gap": flat(50, 1.0)}), "error"),
    Case("non-finite", "loss ends, another axis goes on", lambda: run_of({"loss": [1.0, 2e6], "grad_norm": flat(50, 1.0)}), "clear"),
    Case("non-finite", "the rate of another split", lambda: run_of({"loss": [1.0, 2e6], "val/lr": flat(50, 1.0), "train/lr": flat(2, 1.0)}), "clear"),
    Case("non-finite", "an undefined score", lambda: run_of({"loss": decay(50), "val_auc": with_values(flat(50, 0.5), 0, NAN)}), "clear"),
    Case("non-finite", "a loss logged less often than the rate", lambda: run_of({"loss": ([0, 40], [2.0, 1.0]), "lr": flat(50, 0.1)}), "clear"),
    Case("non-finite", "no loss at all", lambda: run_of({"lr": flat(50, 0.1)}), "not-applicable",
         says="no loss or perplexity or gradient norm or weight norm or update ratio is logged"),

    Case("masked-nan", "zero at once", masked, "error", findings=1,
         says="loss falls from 0.5 to exactly 0 at step 26 and is 0 at 20 points in a row", steps=(26, 45), metric="loss", confidence=0.85,
         remedy="log the loss unfiltered (Hugging Face: logging_nan_inf_filter=False) and find the first NaN"),
    Case("masked-nan", "6 of 10 norms are NaN", lambda: masked(zeros=10, norm=np.r_[np.full(6, NAN), np.ones(4)]), "error", confidence=0.98,
         says="loss falls from 0.5 to exactly 0 at step 26 and is 0 at 10 points in a row; the gradient norm is NaN, infinite or zero at 60% of them"),
    Case("masked-nan", "4 of 10 norms are zero", lambda: masked(zeros=10, norm=np.r_[np.zeros(4), np.ones(6)]), "error", confidence=0.85),
    Case("masked-nan", "all norms are zero", lambda: masked(zeros=10, norm=np.zeros(10)), "error", confidence=0.98),
    Case("masked-nan", "norms are NaN before and after", lambda: run_of({
        "loss": np.r_[np.ones(20), np.zeros(3), np.ones(20)], "grad_norm": np.r_[np.full(20, NAN), np.ones(3), np.full(20, NAN)]}), "error", confidence=0.85),
    Case("masked-nan", "norms are not logged meanwhile", lambda: run_of({"loss": np.r_[np.ones(20), np.zeros(5)], "grad_norm": np.ones(20)}), "error", confidence=0.85),
    Case("masked-nan", "the norm of a layer is NaN", lambda: run_of({
        "loss": np.r_[np.ones(20), np.zeros(5)], "grads/a.weight": np.r_[np.ones(20), np.full(5, NAN)]}), "error", confidence=0.85),
    Case("masked-nan", "3 zeros, twice", lambda: run_of({"loss": np.tile(np.r_[np.ones(9), np.zeros(3)], 2)}), "error", findings=1, steps=(9, 11)),
    Case("masked-nan", "2 zeros", lambda: masked(zeros=2), "clear"),
    Case("masked-nan", "2 zeros, then 3", lambda: run_of({"loss": np.r_[np.ones(9), 0, 0, np.ones(9), 0, 0, 0]}), "error", steps=(20, 22)),
    Case("masked-nan", "zero from the start", lambda: run_of({"loss": np.r_[np.zeros(5), np.ones(20)]}), "clear"),
    Case("masked-nan", "just above 10% of its level", lambda: masked(0.11), "error"),
    Case("masked-nan", "just below 10% of its level", lambda: masked(0.0900001), "clear"),
    Case("masked-nan", "just above 0.1% of its first value", lambda: masked(1.0, first=900.0), "error"),
    Case("masked-nan", "just below 0.1% of its first value", lambda: masked(1.0, first=1100.0), "clear"),
    Case("masked-nan", "11 units of its last digit, above its level", lambda: run_of({"loss": np.r_[np.full(20, 0.0011), 0.01, np.zeros(5)]}), "error"),
    Case("masked-nan", "9 units of its last digit, above its level", lambda: run_of({"loss": np.r_[np.full(20, 0.0009), 0.01, np.zeros(5)]}), "clear"),
    Case("masked-nan", "a preference loss too small for 4 digits", lambda: run_of({
        "loss": np.r_[0.6931, np.exp(np.linspace(-1, -9, 40) + 2 * np.sin(np.arange(40))), np.full(20, 2e-5)].round(4)}), "clear"),
    Case("masked-nan", "5 points", lambda: run_of({"loss": [2, 1, 0, 0, 0]}), "error"),
    Case("masked-nan", "4 points", lambda: run_of({"loss": [2, 0, 0, 0]}), "insufficient-data", says="train loss needs at least 5 points, has 4"),
    Case("masked-nan", "both losses", lambda: run_of({"loss": np.r_[np.ones(20), np.zeros(5)], "val_loss": np.r_[np.ones(20), np.zeros(5)]}), "error", findings=2),
    Case("masked-nan", "the validation loss", lambda: run_of({"loss": decay(25), "val_loss": np.r_[np.ones(20), np.zeros(5)]}), "error", metric="val_loss"),
    Case("masked-nan", "learned down to zero", lambda: run_of({"loss": np.maximum(2.0 * 0.5 ** np.arange(60) - 1e-12, 0).round(6)}), "clear"),

    Case("out-of-range", "negative cross entropy", lambda: run_of({"loss": -np.linspace(0.5, 1.5, 50), "val_acc": flat(50, 0.9)}), "error", findings=1,
         says="loss is -1.5 at step 49 but must be at least 0; 50 of 50 points are out of range", steps=(0, 49), metric="loss", confidence=0.95,
         remedy="pass the inputs that the loss expects: log-probabilities to nll_loss, logits to cross_entropy"),
    Case("out-of-range", "accuracy above one, then below zero", lambda: run_of({"val_acc": with_values(flat(50, 0.9), [20, 30, 35], [1.2, -0.3, 1.1])}), "error", findings=1,
         says="val_acc is -0.3 at step 30 but must be between 0 and 1; 3 of 50 points are out of range", steps=(20, 35), metric="val_acc",
         remedy="check how the metric is averaged: sum or mean, percent or fraction, batches of unequal size"),
    Case("out-of-range", "percentages above 100", lambda: run_of({"val_acc": with_values(flat(50, 93.0), 20, 104.0)}), "error",
         says="val_acc is 104 at step 20 but must be between 0 and 100; 1 of 50 points are out of range"),
    Case("out-of-range", "the curve with most of them", lambda: run_of({
        "val_acc": with_values(flat(50, 0.9), 20, 1.2), "val_f1": with_values(flat(50, 0.9), [20, 21], 1.2)}), "error", metric="val_f1"),
    Case("out-of-range", "a score and a loss", lambda: run_of({"loss": -decay(50), "val_acc": with_values(flat(50, 0.9), 20, 1.2)}), "error", findings=2),
    Case("out-of-range", "more than float32 rounds", lambda: run_of({"val_acc": with_values(flat(50, 0.9), 20, 1 + 1.1e-6)}), "error"),
    Case("out-of-range", "as float32 rounds", lambda: run_of({"val_acc": with_values(flat(50, 0.9), 20, 1 + 0.9e-6)}), "clear"),
    Case("out-of-range", "as float32 rounds, at zero", lambda: run_of({"val_acc": with_values(flat(50, 0.9), 20, -0.9e-6)}), "clear"),
    Case("out-of-range", "all of it at one, as float32 rounds", lambda: run_of({"val_acc": np.r_[np.full(50, 1 + 0.9e-6), 2.0]}), "error", steps=(50, 50)),
    Case("out-of-range", "perplexity below one", lambda: run_of({"perplexity": with_values(flat(50, 3.0), 20, 0.9)}), "error",
         says="perplexity is 0.9 at step 20 but must be at least 1; 1 of 50 points are out of range"),
    Case("out-of-range", "a loss that is called cross entropy", lambda: run_of({"cross_entropy": with_values(flat(50, 0.3), 20, -0.1)}), "error"),
    Case("out-of-range", "4.3, beside an accuracy of 0.9", lambda: run_of({"acc": np.full(50, 0.9), "val_acc": flat(50, 4.3, noise=0)}), "error",
         says="val_acc is 4.3 at step 0 but must be between 0 and 1; 50 of 50 points are out of range"),
    Case("out-of-range", "4.7, beside an accuracy of 0.9", lambda: run_of({"acc": np.full(50, 0.9), "val_acc": flat(50, 4.7, noise=0)}), "clear"),
    Case("out-of-range", "4.3, beside an accuracy that is wrong itself", lambda: run_of({"acc": np.r_[np.full(49, 0.9), -1], "val_acc": np.full(50, 4.3)}), "error", metric="acc"),
    Case("out-of-range", "4.3, beside an accuracy above one", lambda: run_of({"acc": np.r_[np.full(49, 0.9), 1.5], "val_acc": np.full(50, 4.3)}), "error", metric="acc"),
    Case("out-of-range", "4.3, beside a score of another kind", lambda: run_of({"f1": np.full(50, 0.9), "val_acc": np.full(50, 4.3)}), "clear"),
    Case("out-of-range", "another score of 4.3", lambda: run_of({"acc": np.full(50, 0.9), "val_f1": np.full(50, 4.3)}), "clear"),
    Case("out-of-range", "just below half of chance", lambda: run_of({"val_acc": np.r_[np.full(49, 2.0), 4.9]}, num_classes=10), "error"),
    Case("out-of-range", "just above half of chance", lambda: run_of({"val_acc": np.r_[np.full(49, 2.0), 5.1]}, num_classes=10), "clear"),
    Case("out-of-range", "half of what its loss implies", lambda: run_of({"val_loss": np.r_[np.full(20, 2.0), np.full(10, 0.5)], "val_acc": np.full(30, 29.0)}), "error"),
    Case("out-of-range", "just what its loss implies", lambda: run_of({"val_loss": np.r_[np.full(20, 0.1), np.full(10, 0.5)], "val_acc": np.full(30, 32.0)}), "clear"),
    Case("out-of-range", "a contrastive loss", lambda: run_of({
        "val_loss": np.full(30, 0.5), "logit_scale": np.full(30, 20.0), "val_acc": np.full(30, 29.0)}), "clear"),
    Case("out-of-range", "a negative loss beside an accuracy", lambda: run_of({"val_loss": -np.ones(30), "val_acc": np.full(30, 1.3)}), "error", findings=1),
    Case("out-of-range", "low percentages", lambda: run_of({"loss": decay(50), "val_acc": flat(50, 1.3)}), "clear"),
    Case("out-of-range", "percentages", lambda: run_of({"loss": decay(50), "val_acc": flat(50, 93.0)}), "clear"),
    Case("out-of-range", "a density may be negative", lambda: run_of({"loss": -decay(50)}), "not-applicable", says="no metric with known bounds is logged"),
    Case("out-of-range", "an unbounded score", lambda: run_of({"val_psnr": flat(50, 30)}), "not-applicable"),

    Case("zero-gradient", "cut off", zero_norm, "error", findings=1,
         says="grad_norm is exactly 0 at 50 of 100 points, first at step 50", steps=(50, 99), metric="grad_norm", confidence=0.93,
         remedy="check that the loss depends on parameters that require gradients: no detach(), no_grad() or item() between"),
    Case("zero-gradient", "from the start", lambda: run_of({"grad_norm": np.zeros(5)}), "error"),
    Case("zero-gradient", "4 points", lambda: run_of({"grad_norm": np.zeros(4)}), "insufficient-data", says="gradient norm needs at least 5 points, has 4"),
    Case("zero-gradient", "5 zeros of 20", lambda: zero_norm(5, points=20), "error"),
    Case("zero-gradient", "4 zeros of 12", lambda: zero_norm(4, points=12), "clear"),
    Case("zero-gradient", "20% of the points", lambda: zero_norm(20), "error"),
    Case("zero-gradient", "18% of the points", lambda: zero_norm(18), "clear"),
    Case("zero-gradient", "just above 0.1% of the peak", lambda: zero_norm(last=1.1e-3), "error"),
    Case("zero-gradient", "just below 0.1% of the peak", lambda: zero_norm(last=0.9e-3), "clear"),
    Case("zero-gradient", "while the rate is zero", lambda: zero_norm(lr=np.r_[np.full(50, 0.1), np.zeros(50)]), "clear"),
    Case("zero-gradient", "while the rate is above zero", lambda: zero_norm(lr=np.full(100, 0.1)), "error"),
    Case("zero-gradient", "of one layer", lambda: run_of({"grads/a.weight": np.zeros(100)}), "not-applicable", says="no gradient norm of the whole model is logged"),
    Case("zero-gradient", "the whole norm logged twice", lambda: run_of({"grad_norm": [0.0, 0.0], "grads/a.weight": np.ones(20)}), "insufficient-data",
         says="gradient norm of the whole model needs at least 5 points, has 2"),
    Case("zero-gradient", "a second norm", lambda: run_of({"grad_norm": [0.0, 0.0], "gradient_norm": np.zeros(20)}), "error", metric="gradient_norm"),
    Case("zero-gradient", "converged in print", lambda: run_of({"grad_norm": (2.0 * 0.7 ** np.arange(100)).round(4)}), "clear"),
    Case("zero-gradient", "never zero", lambda: run_of({"grad_norm": flat(100, 1.0)}), "clear"),

    Case("loss-scale-collapse", "to nothing", lambda: run_of({"loss_scale": np.r_[np.full(30, 65536.0), 65536.0 * 0.5 ** np.arange(30)]}), "error", findings=1,
         says="loss_scale falls from 65,536 to 0.000122 and stays at or below 256 from step 38 on", steps=(38, 59), metric="loss_scale", confidence=0.95,
         remedy="train in bfloat16, or compute softmax, normalisation and the loss in float32"),
    Case("loss-scale-collapse", "to 1/256", lambda: scaled_down(256.0), "warning", confidence=0.85,
         says="loss_scale falls from 65,536 to 256 and stays at or below 256 from step 40 on", steps=(40, 49)),
    Case("loss-scale-collapse", "to 1/200", lambda: scaled_down(65536 / 200), "clear"),
    Case("loss-scale-collapse", "to 1", lambda: scaled_down(1.0), "error"),
    Case("loss-scale-collapse", "to 1.2", lambda: scaled_down(1.2), "warning"),
    Case("loss-scale-collapse", "from 256", lambda: scaled_down(1.0, high=256.0), "error"),
    Case("loss-scale-collapse", "from 200", lambda: scaled_down(1.0, high=200.0), "clear"),
    Case("loss-scale-collapse", "5 low points of 12", lambda: scaled_down(1.0, low_points=5, points=12), "error"),
    Case("loss-scale-collapse", "11 points", lambda: scaled_down(1.0, low_points=5, points=11), "insufficient-data", says="loss scale needs at least 12 points, has 11"),
    Case("loss-scale-collapse", "4 low points", lambda: scaled_down(1.0, low_points=4), "clear"),
    Case("loss-scale-collapse", "halved and doubled", lambda: run_of({"loss_scale": 65536.0 * np.tile([1.0, 0.5, 0.5, 1.0, 2.0], 10)}), "clear"),
    Case("loss-scale-collapse", "always one, as with bfloat16", lambda: run_of({"loss_scale": np.ones(50)}), "clear"),
    Case("loss-scale-collapse", "down and up again", lambda: run_of({"loss_scale": np.r_[np.full(30, 65536.0), np.ones(10), np.full(20, 4096.0)]}), "clear"),
]  # fmt: skip
