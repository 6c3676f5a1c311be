"""Runs that overfitting must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of


def rising(rise, *, points=60, noise=5e-4, seed=0):
    """A validation loss that falls to 0.8 over a third, rises by a share over the next, and stays there."""
    third = points // 3
    top = 0.8 * (1 + rise)
    level = np.r_[np.linspace(2.3, 0.8, third), np.linspace(0.8, top, third), np.full(points - 2 * third, top)]
    return level * flat(points, 1, noise=noise, seed=seed)


def overfit(rise=0.3, *, points=60, accuracy=None, **noise):
    """A training loss that keeps falling beside such a validation loss."""
    curves = {"loss": decay(points, end=0.01, noise=0), "val_loss": rising(rise, points=points, **noise)}
    return run_of(curves | ({} if accuracy is None else {"val_acc": accuracy}))


def short(validation):
    """So many evaluations beside a training loss that falls evenly."""
    return run_of({"loss": np.linspace(1.5, 0.3, len(validation)), "val_loss": validation})


def scored(drop, last, seed):
    """An accuracy that reaches 0.9, loses a little in the last third, and more at its last point."""
    accuracy = np.r_[np.linspace(0.1, 0.9, 20), np.full(20, 0.9), np.full(20, 0.9 - drop)]
    accuracy += 0.003 * np.random.default_rng(seed).normal(size=60)
    accuracy[-1] -= last
    return accuracy


def at_chance(classes):
    """An accuracy that scatters around 10%, beside a loss that overfits."""
    run = overfit(0.3, accuracy=0.1 + 0.002 * np.random.default_rng(1).normal(size=60) - 0.001)
    run.hyperparameters["num_classes"] = classes
    return run


def boosted():
    """A log of boosted trees, whose validation loss rises from an early round on."""
    run = overfit(0.3)
    run.task, run.task_evidence = "boosting", ("written by xgboost",)
    return run


CASES = [
    Case("overfitting", "boosted trees", boosted, "error"),
    Case("overfitting", "a score that is constant does not hold", lambda: overfit(0.3, accuracy=np.full(60, 0.5)), "error"),
    Case("overfitting", "a score at chance level does not hold", lambda: at_chance(10), "error"),
    Case("overfitting", "the same score is above chance of 20 classes", lambda: at_chance(20), "warning"),
    Case("overfitting", "a rise of 6%", lambda: overfit(0.06), "warning", findings=1,
         says="val_loss rises from 0.8 around step 20 to 0.848 at the end (+6%, smoothed), while loss fell from 0.508 to 0.0268",
         steps=(20, 59), metric="val_loss", confidence=0.99, remedy="keep the checkpoint at step 20, not the last one"),
    Case("overfitting", "a rise of 4.5%", lambda: overfit(0.045), "info"),
    Case("overfitting", "a rise of 2.7%", lambda: overfit(0.027), "info"),
    Case("overfitting", "a rise of 2.3%", lambda: overfit(0.023), "clear"),
    Case("overfitting", "a rise of 17%", lambda: overfit(0.17), "warning"),
    Case("overfitting", "a rise of 23%", lambda: overfit(0.23), "error"),
    Case("overfitting", "4.6 standard errors", lambda: overfit(noise=0.012, seed=2), "warning", confidence=0.86),
    Case("overfitting", "3.5 standard errors", lambda: overfit(noise=0.012, seed=3), "insufficient-data"),
    Case("overfitting", "2.6 standard errors", lambda: overfit(0.2, noise=0.02, seed=1), "insufficient-data",
         says="val_loss may rise by 19%, which 60 evaluations with so much noise do not show surely"),
    Case("overfitting", "2.3 standard errors", lambda: overfit(0.2, noise=0.02, seed=6), "clear"),
    Case("overfitting", "5.3 standard errors", lambda: overfit(noise=0.013, seed=0), "warning"),
    Case("overfitting", "6.8 standard errors", lambda: overfit(noise=0.011, seed=0), "error"),
    Case("overfitting", "8 evaluations without a rise", lambda: short([2.3, 1.4, 1.0, 0.8, 0.7, 0.6, 0.55, 0.5]), "clear"),
    Case("overfitting", "7 evaluations without a rise", lambda: short([2.3, 1.4, 1.0, 0.8, 0.7, 0.6, 0.55]), "insufficient-data",
         says="no steep rise in 7 evaluations; that there is none takes 8"),
    Case("overfitting", "5 evaluations, three of them rise by 67%", lambda: short([2.3, 1.0, 0.6, 0.8, 1.0]), "warning",
         says="val_loss rises from 0.6 around step 2 to 1 at the end (+67%, smoothed), while loss fell from 1.2 to 0.6"),
    Case("overfitting", "5 evaluations, three of them rise by 57%", lambda: short([2.3, 1.0, 0.6, 0.76, 0.94]), "insufficient-data"),
    Case("overfitting", "5 evaluations, two of them rise", lambda: short([2.3, 1.4, 1.0, 0.6, 1.8]), "insufficient-data"),
    Case("overfitting", "5 evaluations that rise and fall", lambda: short([2.3, 0.6, 1.0, 0.9, 1.2]), "insufficient-data"),
    Case("overfitting", "4 evaluations", lambda: short([2.3, 0.6, 0.8, 1.0]), "insufficient-data",
         says="train loss needs at least 5 points, has 4"),
    Case("overfitting", "a rise of single evaluations of 11", lambda: short([2.3, 1.6, 1.2, 1.0, 0.8, 0.7, 0.6, 0.7, 0.82, 0.95, 1.1]), "error"),
    Case("overfitting", "the score holds, the loss rises by 9%", lambda: overfit(0.09, accuracy=scored(0, 0, 5)), "info"),
    Case("overfitting", "the score holds, the loss rises by 12%", lambda: overfit(0.12, accuracy=scored(0, 0, 5)), "warning"),
    Case("overfitting", "a score just not surely worse", lambda: overfit(accuracy=scored(0.002, 0.002, 15)), "warning"),
    Case("overfitting", "a score just surely worse", lambda: overfit(accuracy=scored(0.002, 0, 1)), "error"),
    Case("overfitting", "a last score just within the noise", lambda: overfit(accuracy=scored(0, 0.008, 2)), "warning"),
    Case("overfitting", "a last score just outside the noise", lambda: overfit(accuracy=scored(0, 0.006, 6)), "error"),
    Case("overfitting", "validation rises by a half", lambda: run_of({
        "loss": decay(60, end=0.01), "val_loss": np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.3, 40)] * flat(60, 1, noise=0.02)}), "error"),
    Case("overfitting", "only confidence suffers", lambda: run_of({
        "loss": decay(60, end=0.01), "val_acc": np.r_[np.linspace(0.1, 0.9, 20), flat(40, 0.9, noise=0.003)],
        "val_loss": np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.0, 40)] * flat(60, 1, noise=0.01)}), "warning"),
    Case("overfitting", "a gap that is stable", lambda: run_of({"loss": decay(60, end=0.01), "val_loss": decay(60, end=0.5)}), "clear"),
    Case("overfitting", "both rise", lambda: run_of({
        "loss": np.r_[decay(30), np.linspace(0.2, 2, 30)], "val_loss": np.r_[decay(30), np.linspace(0.3, 2.2, 30)]}), "clear"),
    Case("overfitting", "test plays the part of validation", lambda: run_of({
        "train_loss": decay(60, end=0.01), "test_loss": np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.3, 40)] * flat(60, 1, noise=0.02)}), "error"),
    Case("overfitting", "three epochs", lambda: run_of({"loss": [2, 1, 0.5], "val_loss": [2, 1, 1.5]}), "insufficient-data"),
]  # fmt: skip
