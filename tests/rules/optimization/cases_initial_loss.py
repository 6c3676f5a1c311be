"""Runs whose first loss is abnormal or whose loss has a floor, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of


def begun(ratio, *, classes=10, at=0, spacing=1, axis="step", **curves):
    """A training loss whose first value is a multiple of ln C, from a step on."""
    steps = at + spacing * np.arange(100)
    return run_of({"loss": (steps, decay(100, ratio * np.log(classes), noise=0)), **curves}, axis=axis)


def classified(ratio, **options):
    """Such a loss of a classifier with 10 classes."""
    run = begun(ratio, **options)
    run.hyperparameters["num_classes"] = 10
    return run


def corrected(first, then=5.0):
    """A loss that is high at its first point, and then at another level or levels, beside an accuracy."""
    return run_of({"loss": np.r_[first, flat(99, then)], "train_acc": ACCURACY})


ACCURACY = flat(100, 0.5)

CASES = [
    Case("abnormal-initial-loss", "3.5 times ln 10", lambda: classified(3.5), "warning", findings=1,
         says="loss starts at 8.06, 3.5 times the loss of a uniform prediction over 10 classes (2.3)",
         steps=(0, 0), metric="loss", confidence=0.85,
         remedy="initialise the last layer near zero, and scale the inputs to unit variance"),
    Case("abnormal-initial-loss", "2.5 times ln 10", lambda: classified(2.5), "clear"),
    Case("abnormal-initial-loss", "34.9 beside an accuracy", lambda: corrected(34.9), "warning",
         says="loss starts at 34.9, 3.03 times the loss of a uniform prediction over 100,000 classes (11.5); the number of classes is not logged"),
    Case("abnormal-initial-loss", "34.2 beside an accuracy", lambda: corrected(34.2), "clear"),
    Case("abnormal-initial-loss", "11 times ln 10 at step 10 of 100", lambda: classified(11, at=10), "warning",
         says="loss starts at 25.3, 11 times the loss of a uniform prediction over 10 classes (2.3)", steps=(10, 10)),
    Case("abnormal-initial-loss", "step 11 of 110", lambda: classified(11, at=11), "not-applicable",
         says="the first point of the loss is an epoch mean, or comes too late in the run"),
    Case("abnormal-initial-loss", "1.9% of the run", lambda: classified(11, at=19, spacing=10), "warning"),
    Case("abnormal-initial-loss", "2.2% of the run", lambda: classified(11, at=22, spacing=10), "not-applicable"),
    Case("abnormal-initial-loss", "the mean of the first epoch", lambda: classified(11, axis="epoch"), "not-applicable",
         says="the first point of the loss is an epoch mean, or comes too late in the run"),
    Case("abnormal-initial-loss", "a regression", lambda: begun(300), "not-applicable",
         says="not known to be a classification task: neither the number of classes nor an accuracy is logged"),
    Case("abnormal-initial-loss", "a score that is no accuracy", lambda: begun(300, val_f1=ACCURACY), "not-applicable"),
    Case("abnormal-initial-loss", "a term that may rise", lambda: run_of({"policy_loss": decay(100, 300)}), "not-applicable",
         says="no training loss that should decrease is logged"),
    Case("abnormal-initial-loss", "a perplexity", lambda: run_of({"train_perplexity": decay(100, 300)}, vocab_size=100), "clear"),
    Case("abnormal-initial-loss", "a perplexity of more than the third power", lambda: run_of({"train_perplexity": decay(100, 2e6)}, vocab_size=100), "warning",
         metric="train_perplexity"),
    Case("abnormal-initial-loss", "a squared error", lambda: run_of({"train_mse": decay(100, 300)}, num_classes=10), "not-applicable",
         says="the training loss is no cross entropy: its first value has no known level"),
    Case("abnormal-initial-loss", "an absolute error", lambda: run_of({"train_mae": decay(100, 300)}, num_classes=10), "not-applicable"),
    Case("abnormal-initial-loss", "a sum over a sequence", lambda: begun(300, train_acc=ACCURACY, ctc_loss=decay(100, 200)), "not-applicable",
         says="a loss of sequences is a sum over their steps: its first value has no known level"),
    Case("abnormal-initial-loss", "the first points at 78%", lambda: corrected(41, 0.78 * 41), "warning"),
    Case("abnormal-initial-loss", "the first points at 82%", lambda: corrected(41, 0.82 * 41), "insufficient-data"),
    Case("abnormal-initial-loss", "two of the first five points are high", lambda: corrected(41, np.r_[41, np.full(98, 0.7 * 41)]), "warning"),
    Case("abnormal-initial-loss", "three of the first five points are high", lambda: corrected(41, np.r_[41, 41, np.full(97, 0.5 * 41)]), "insufficient-data"),
    Case("abnormal-initial-loss", "a sum that falls evenly", lambda: run_of({"loss": np.geomspace(41, 2, 100), "train_acc": ACCURACY}), "insufficient-data",
         says="the loss starts high and stays there: without the number of classes, it may be a sum"),
]  # fmt: skip


def floored(level, *, accuracy=0.99, first=2.3, points=60, trend=0.0, classes=None, **others):
    """A loss that falls to a level over a third of the run, and changes by a share of it over the last fifth."""
    third, fifth = points // 3, max(points // 5, 5)
    loss = np.r_[np.linspace(first, level, third), np.full(points - third - fifth, level)]
    loss = np.r_[loss, level * (1 + trend * np.linspace(-0.55, 0.55, fifth))]
    scores = np.r_[np.linspace(0.1, accuracy, third), np.full(points - third, accuracy)]
    return run_of({"loss": loss, "accuracy": scores, **others}, **({} if classes is None else {"num_classes": classes}))


def twice(reached, *, classes=5, first=1.0, excess=0.0, unit=1.0, points=60, **settings):
    """Loss and accuracy that add up as with softmax applied twice, but for a share; the first loss is a multiple of ln C."""
    accuracy = np.r_[np.linspace(1 / classes, reached, points // 2), np.full(points - points // 2, reached)]
    loss = np.log(np.e + classes - 1) * (1 + excess) - accuracy
    return run_of({"loss": np.r_[first * np.log(classes), loss[1:]], "accuracy": unit * accuracy}, **settings)


FLOORS = [
    Case("loss-floor", "softmax twice, the number of classes computed", lambda: floored(1.461), "warning", findings=1,
         says="loss stays at 1.46 although accuracy is 0.99; that is ln(e + 10 - 1) - 1, the lowest loss of 10 classes when softmax is applied twice",
         steps=(48, 59), metric="loss", confidence=0.95,
         remedy="pass logits, not probabilities, to the loss: remove the softmax before it, or set from_logits=False in Keras"),
    Case("loss-floor", "the number of classes known, 1.8% above its floor", lambda: floored(1.461 * 1.018, classes=10), "warning", confidence=0.95),
    Case("loss-floor", "2.2% above its floor", lambda: floored(1.461 * 1.022, classes=10), "warning", confidence=0.75,
         says="loss stays at 1.49 although accuracy is 0.99"),
    Case("loss-floor", "1.8% below its floor", lambda: floored(1.461 * 0.982, classes=10), "warning", confidence=0.95),
    Case("loss-floor", "10.18 classes", lambda: floored(np.log(np.e + 9.18) - 1), "warning", confidence=0.95),
    Case("loss-floor", "10.22 classes", lambda: floored(np.log(np.e + 9.22) - 1), "warning", confidence=0.75),
    Case("loss-floor", "9.78 classes", lambda: floored(np.log(np.e + 8.78) - 1), "warning", confidence=0.75),
    Case("loss-floor", "a first loss 14% above ln 10", lambda: floored(1.461, first=2.3026 * 1.14), "warning", confidence=0.95),
    Case("loss-floor", "a first loss 16% above ln 10", lambda: floored(1.461, first=2.3026 * 1.16), "warning", confidence=0.75),
    Case("loss-floor", "a first loss 16% below ln 10", lambda: floored(1.461, first=2.3026 * 0.84), "warning", confidence=0.75),
    Case("loss-floor", "a level of 0.95", lambda: floored(0.95), "warning", says="loss stays at 0.95 although accuracy is 0.99"),
    Case("loss-floor", "a level of 0.85", lambda: floored(0.85), "clear"),
    Case("loss-floor", "a level of 0.9", lambda: floored(0.9), "warning"),
    Case("loss-floor", "an accuracy of 95.5%", lambda: floored(1.5, accuracy=0.955), "warning"),
    Case("loss-floor", "an accuracy of 95%", lambda: floored(1.5, accuracy=0.95), "warning"),
    Case("loss-floor", "an accuracy of 94.5%", lambda: floored(1.5, accuracy=0.945, first=3.5), "clear"),
    Case("loss-floor", "in percent", lambda: floored(1.5, accuracy=99.0), "warning", says="loss stays at 1.5 although accuracy is 99"),
    Case("loss-floor", "falls by 1.8%", lambda: floored(1.5, trend=-0.018), "warning"),
    Case("loss-floor", "falls by 2.2%", lambda: floored(1.5, trend=-0.022), "clear"),
    Case("loss-floor", "rises by 1.8%", lambda: floored(1.5, trend=0.018), "warning"),
    Case("loss-floor", "rises by 2.2%", lambda: floored(1.5, trend=0.022), "clear"),
    Case("loss-floor", "15 points", lambda: floored(1.5, points=15), "warning", steps=(10, 14)),
    Case("loss-floor", "14 points", lambda: floored(1.5, points=14), "insufficient-data", says="train loss needs at least 15 points, has 14"),
    Case("loss-floor", "a short accuracy beside another score", lambda: run_of({
        "loss": flat(60, 1.5), "accuracy": np.full(14, 0.99), "f1": np.full(60, 0.99)}), "insufficient-data",
        says="no training loss and accuracy of 15 points are logged together"),
    Case("loss-floor", "an accuracy of 15 points", lambda: run_of({"loss": np.full(60, 1.5), "accuracy": np.full(15, 0.99)}), "warning"),
    Case("loss-floor", "a term that may rise", lambda: run_of({"policy_loss": flat(60, 1.5), "accuracy": flat(60, 0.99)}), "insufficient-data",
         says="no training loss and accuracy of 15 points are logged together"),
    Case("loss-floor", "a fitting loss", lambda: run_of({"loss": decay(60, end=0.05), "accuracy": flat(60, 0.99, noise=0.001)}), "clear"),

    Case("loss-floor", "softmax twice, with mistakes", lambda: twice(0.9), "warning", findings=1,
         says="loss (1) and accuracy (90.0%) add up to 1.9 over the last 33% of the run; softmax applied twice gives ln(e + 5 - 1) = 1.9", steps=(40, 59), metric="loss", confidence=0.85),
    Case("loss-floor", "the number of classes known", lambda: twice(0.8, classes=10, num_classes=10), "warning"),
    Case("loss-floor", "the accuracy in percent", lambda: twice(0.9, unit=100), "warning",
         says="loss (1) and accuracy (90.0%) add up to 1.9 over the last 33% of the run; softmax applied twice gives ln(e + 5 - 1) = 1.9"),
    Case("loss-floor", "a sum 1.8% higher", lambda: twice(0.9, excess=0.018), "warning"),
    Case("loss-floor", "a sum 2.2% higher", lambda: twice(0.9, excess=0.022), "clear"),
    Case("loss-floor", "a sum 2.2% lower", lambda: twice(0.9, excess=-0.022), "clear"),
    Case("loss-floor", "a first loss 4.5% above ln 10", lambda: twice(0.8, classes=10, first=1.045, num_classes=10), "warning"),
    Case("loss-floor", "a first loss 5.5% above ln 10", lambda: twice(0.8, classes=10, first=1.055, num_classes=10), "clear"),
    Case("loss-floor", "a first loss 5.5% below ln 10", lambda: twice(0.8, classes=10, first=0.945, num_classes=10), "clear"),
    Case("loss-floor", "three classes", lambda: twice(0.9, classes=3), "warning"),
    Case("loss-floor", "two classes", lambda: twice(0.9, classes=2), "clear"),
    Case("loss-floor", "29% above a calibrated model", lambda: twice(0.76), "warning"),
    Case("loss-floor", "21% above a calibrated model", lambda: twice(0.72), "clear"),
    Case("loss-floor", "never right", lambda: twice(0.0), "clear"),
    Case("loss-floor", "an accuracy above 1", lambda: run_of({
        "loss": np.r_[1.609, np.full(59, 0.9)], "accuracy": np.r_[np.full(48, 1.45), np.full(12, 0.5)]}), "clear"),
    Case("loss-floor", "a first loss that is no logarithm of a number", lambda: twice(0.9, classes=5, first=60), "clear"),
]  # fmt: skip
CASES += FLOORS
