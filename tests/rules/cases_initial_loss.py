"""Runs whose first loss is abnormal or whose loss has a floor, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, decay, flat, run_of


def begun(ratio, *, classes=10, at=0, spacing=1, axis="step", **curves):
    """A training loss whose first value is a multiple of ln C, from a step on."""
    steps = at + spacing * np.arange(100)
    return run_of({"loss": (steps, decay(100, ratio * np.log(classes), noise=0)), **curves}, axis=axis)


def classified(ratio, **options):
    """Such a loss of a classifier with 10 classes."""
    run = begun(ratio, **options)
    run.hyperparameters["num_classes"] = 10
    return run


ACCURACY = flat(100, 0.5)

CASES = [
    Case("abnormal-initial-loss", "3.5 times ln 10", lambda: classified(3.5), "warning", findings=1,
         says="loss starts at 8.059, 3.5 times the loss of a uniform prediction over 10 classes (2.3)",
         steps=(0, 0), metric="loss", confidence=0.85,
         remedy="initialise the last layer near zero, and scale the inputs to unit variance"),
    Case("abnormal-initial-loss", "2.5 times ln 10", lambda: classified(2.5), "clear"),
    Case("abnormal-initial-loss", "34.9 beside an accuracy", lambda: begun(34.9, classes=np.e, train_acc=ACCURACY), "warning",
         says="loss starts at 34.9, 3.03 times the loss of a uniform prediction over 100,000 classes (11.5); "
         "the number of classes is not logged"),
    Case("abnormal-initial-loss", "34.2 beside an accuracy", lambda: begun(34.2, classes=np.e, train_acc=ACCURACY), "clear"),
    Case("abnormal-initial-loss", "11 times ln 10 at step 10 of 100", lambda: classified(11, at=10), "warning",
         says="loss starts at 25.33, 11 times the loss of a uniform prediction over 10 classes (2.3)", steps=(10, 10)),
    Case("abnormal-initial-loss", "step 11 of 110", lambda: classified(11, at=11), "not-applicable",
         says="the first point of the loss is a mean over an epoch, or not the beginning"),
    Case("abnormal-initial-loss", "1.9% of the run", lambda: classified(11, at=19, spacing=10), "warning"),
    Case("abnormal-initial-loss", "2.2% of the run", lambda: classified(11, at=22, spacing=10), "not-applicable"),
    Case("abnormal-initial-loss", "the mean of the first epoch", lambda: classified(11, axis="epoch"), "not-applicable",
         says="the first point of the loss is a mean over an epoch, or not the beginning"),
    Case("abnormal-initial-loss", "a regression", lambda: begun(300), "not-applicable",
         says="not known to be a classification: neither a number of classes nor an accuracy is logged"),
    Case("abnormal-initial-loss", "a score that is no accuracy", lambda: begun(300, val_f1=ACCURACY), "not-applicable"),
    Case("abnormal-initial-loss", "a term that may rise", lambda: run_of({"policy_loss": decay(100, 300)}), "not-applicable",
         says="no training loss that is meant to fall is logged"),
    Case("abnormal-initial-loss", "a perplexity", lambda: run_of({"train_perplexity": decay(100, 300)}, vocab_size=100), "not-applicable",
         says="no train loss is logged"),
]  # fmt: skip
