"""Runs that class-collapse must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of

LEVEL = 0.83921  # one answer that is right so often has a cross-entropy of at least 0.4409, 85% of it are 0.3748


def repeated(level=LEVEL, *, points=60, first=1, before=0.7123, others=0, loss=None, scale=1, settings=None, **curves):
    """An accuracy that repeats a value from an evaluation on, except for some near the end; a loss that falls to 0.5."""
    accuracy = np.full(points, level)
    accuracy[:first] = before
    accuracy[points - 2 : points - 2 - 4 * others : -4] = 0.81357
    loss = decay(points, end=0.5) if loss is None else loss
    return run_of({"loss": loss, "val_acc": scale * accuracy, **curves}, **(settings or {}))


def few(level=0.84, **changes):
    """Accuracies that a validation set of 50 samples could have."""
    return repeated(level, **{"before": 0.72, **changes})


def falling(start, end, *, points=60, until=30):
    """A loss that falls until an evaluation and stays there."""
    return np.r_[np.linspace(start, end, until), np.full(points - until, end)]


STILL = falling(2.3, 2.3)

CASES = [
    Case("class-collapse", "from the start", repeated, "error", findings=1,
         says="val_acc has exactly the same value (0.839) in 100% of the last 59 evaluations while the loss falls by 79%: the model may predict one class for every sample", steps=(1, 59), metric="val_acc", confidence=0.9,
         remedy="check in the confusion matrix which classes are never predicted"),
    Case("class-collapse", "in percent, after a good start", lambda: repeated(scale=100, first=30, before=0.92731), "error",
         says="val_acc has exactly the same value (83.9) in 100% of the last 30 evaluations, after 92.7 before: the model may predict one class for every sample", steps=(30, 59)),
    Case("class-collapse", "one of ten classes", lambda: repeated(0.1, before=0.11732, settings={"num_classes": 10}), "error",
         says="val_acc has exactly the same value (0.1) in 100% of the last 59 evaluations, the share of one of 10 equally frequent classes: the model may predict one class for every sample"),
    Case("class-collapse", "nearly one of ten classes", lambda: repeated(0.10008, loss=STILL, settings={"num_classes": 10}), "error"),
    Case("class-collapse", "not quite one of ten classes", lambda: repeated(0.10012, loss=STILL, settings={"num_classes": 10}), "clear"),
    Case("class-collapse", "a count of one class", lambda: repeated(loss=STILL, settings={"num_classes": 1}), "clear"),
    Case("class-collapse", "another class in 5 of 59 evaluations", lambda: repeated(others=5), "error"),
    Case("class-collapse", "another class in 6 of 59 evaluations", lambda: repeated(others=6), "clear"),
    Case("class-collapse", "the last 13 of 60 evaluations", lambda: repeated(first=47, before=0.92731), "error"),
    Case("class-collapse", "the last 11 of 60 evaluations", lambda: repeated(first=49, before=0.92731), "clear"),
    Case("class-collapse", "5 points less than before", lambda: repeated(first=30, before=LEVEL + 0.055, loss=STILL), "error"),
    Case("class-collapse", "4 points less than before", lambda: repeated(first=30, before=LEVEL + 0.045, loss=STILL), "clear"),
    Case("class-collapse", "from the 6th of 60 evaluations, the loss fell before", lambda: repeated(first=5, loss=falling(0.9, 0.5, until=5)), "error"),
    Case("class-collapse", "from the 8th of 60 evaluations, the loss fell before", lambda: repeated(first=7, loss=falling(0.9, 0.5, until=5)), "clear"),
    Case("class-collapse", "from the 8th of 60 evaluations, the loss falls since", lambda: repeated(first=7, loss=falling(0.9, 0.5, until=50)), "error"),
    Case("class-collapse", "from the 4th of 20 evaluations", lambda: repeated(first=3, points=20, loss=falling(0.9, 0.5, until=3, points=20)), "error"),
    Case("class-collapse", "from the 5th of 20 evaluations", lambda: repeated(first=4, points=20, loss=falling(0.9, 0.5, until=3, points=20)), "clear"),
    Case("class-collapse", "2.2% are right", lambda: repeated(0.02213), "error"),
    Case("class-collapse", "1.8% are right", lambda: repeated(0.01817), "clear"),
    Case("class-collapse", "94% are right", lambda: repeated(0.94213), "error"),
    Case("class-collapse", "96% are right", lambda: repeated(0.95713), "warning", confidence=0.8),
    Case("class-collapse", "96% are right, and more were before", lambda: repeated(0.95713, first=3, before=0.96213), "clear"),
    Case("class-collapse", "96% are right, in 10 evaluations", lambda: repeated(0.95713, points=11), "warning"),
    Case("class-collapse", "96% are right, in 9 evaluations", lambda: repeated(0.95713, points=10), "clear"),
    Case("class-collapse", "96% are right, 0.9 points more in the training", lambda: repeated(0.95713, train_acc=np.full(60, 0.966)), "warning"),
    Case("class-collapse", "96% are right, 1.1 points more in the training", lambda: repeated(0.95713, train_acc=np.full(60, 0.9685)), "clear"),
    Case("class-collapse", "98.8% are right", lambda: repeated(0.98813), "warning"),
    Case("class-collapse", "99.2% are right", lambda: repeated(0.99213), "clear"),
    Case("class-collapse", "96% are right, a loss of 103% of the entropy", lambda: repeated(0.95713, loss=falling(2.3, 0.1824)), "warning"),
    Case("class-collapse", "96% are right, a loss of 97% of the entropy", lambda: repeated(0.95713, loss=falling(2.3, 0.1718)), "clear"),
    Case("class-collapse", "the loss falls by 2.2%", lambda: repeated(loss=falling(0.9, 0.88)), "error"),
    Case("class-collapse", "the loss falls by 1.8%", lambda: repeated(loss=falling(0.9, 0.884)), "clear"),
    Case("class-collapse", "only the validation loss falls", lambda: repeated(loss=STILL, val_loss=decay(60, end=0.5)), "error"),
    Case("class-collapse", "a loss of both signs", lambda: repeated(loss=decay(60, end=0.5) - 1), "clear"),
    Case("class-collapse", "no loss", lambda: run_of({"val_acc": np.r_[0.7123, np.full(59, LEVEL)]}), "clear"),
    Case("class-collapse", "a loss of 87% of the entropy", lambda: repeated(loss=falling(2.3, 0.385)), "error"),
    Case("class-collapse", "a loss of 83% of the entropy", lambda: repeated(loss=falling(2.3, 0.366)), "clear"),
    Case("class-collapse", "a validation loss of 83% of the entropy", lambda: repeated(val_loss=falling(2.3, 0.366)), "clear"),
    Case("class-collapse", "a training accuracy 9 points higher", lambda: repeated(train_acc=np.full(60, LEVEL + 0.09)), "error"),
    Case("class-collapse", "a training accuracy 11 points higher", lambda: repeated(train_acc=np.full(60, LEVEL + 0.11)), "clear"),
    Case("class-collapse", "a training accuracy in percent", lambda: repeated(train_acc=np.full(60, 100 * LEVEL)), "error"),
    Case("class-collapse", "a training score of another kind", lambda: repeated(train_f1=np.full(60, 0.99)), "error"),
    Case("class-collapse", "50 samples", few, "warning", confidence=0.8),
    Case("class-collapse", "180 samples", lambda: repeated(151 / 180, before=130 / 180), "warning"),
    Case("class-collapse", "230 samples", lambda: repeated(193 / 230, before=164 / 230), "error"),
    Case("class-collapse", "50 samples, 10 evaluations", lambda: few(points=11), "warning"),
    Case("class-collapse", "50 samples, 9 evaluations", lambda: few(points=10), "clear"),
    Case("class-collapse", "50 samples, the loss falls by 11%", lambda: few(loss=falling(0.9, 0.8)), "warning"),
    Case("class-collapse", "50 samples, the loss falls by 9%", lambda: few(loss=falling(0.9, 0.82)), "clear"),
    Case("class-collapse", "50 samples, late, the loss falls by a half", lambda: few(first=20, loss=falling(1.2, 0.6, until=50)), "clear"),
    Case("class-collapse", "50 samples, 12 points less than before", lambda: few(0.62, first=30, before=0.74, loss=STILL), "warning"),
    Case("class-collapse", "50 samples, 8 points less than before", lambda: few(0.62, first=30, before=0.7, loss=STILL), "clear"),
    Case("class-collapse", "the second of two accuracies", lambda: repeated(val_acc_top5=np.linspace(0.1, 0.9, 60)), "error", metric="val_acc"),
    Case("class-collapse", "one accuracy throughout", lambda: run_of({"loss": decay(30, 0.9, 0.65), "val_acc": np.full(30, 0.6213)}), "warning"),
    Case("class-collapse", "stale weights", lambda: repeated(val_loss=np.full(60, 0.718274)), "clear"),
    Case("class-collapse", "the accuracy moves", lambda: repeated(val_acc=np.linspace(0.5, 0.9, 60)), "clear"),
    Case("class-collapse", "no accuracy", lambda: run_of({"val_f1": np.full(60, 0.7)}), "not-applicable",
         says="no validation accuracy is logged"),
    Case("class-collapse", "an accuracy of 4 evaluations beside an F1 score",
         lambda: run_of({"val_acc": np.full(4, LEVEL), "val_f1": flat(60, 0.7)}), "insufficient-data",
         says="validation accuracy needs at least 5 points, has 4"),
    Case("class-collapse", "5 evaluations", lambda: repeated(points=5, first=0), "error"),
]  # fmt: skip
