"""Runs that underfitting must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, flat, run_of

CHANCE = np.log(10)


def stuck(
    share=0.7,
    *,
    start=CHANCE,
    change=0.0,
    points=60,
    noise=1e-3,
    seed=0,
    first=12,
    high=None,
    accuracy=0.12,
    classes=10,
    **curves,
):
    """A loss that falls to a share of its start in 12 steps and changes by another one afterwards.

    The accuracy is that of guessing, which is no finding. With `high`, the learning rate is annealed after that share.
    """
    levels = start * share * np.r_[np.linspace(1 / share, 1, first), np.geomspace(1, 1 + change, points - first)]
    found = {"loss": levels * flat(points, 1, noise=noise, seed=seed)}
    if accuracy is not None:
        found["accuracy"] = np.broadcast_to(accuracy, points) + np.zeros(points)
    if high is not None:
        found["lr"] = np.where(np.arange(points) < high * points, 0.1, 0.01)
    return run_of(found | curves, **({} if classes is None else {"num_classes": classes}))


def seen(level=0.3, *, points=60, still=1.0, change=0.0, noise=0.0, every=1, classes=10):
    """A loss that goes on falling and an accuracy that stands still over the last share of the run."""
    first = round((1 - still) * points)
    accuracy = np.r_[np.linspace(0.1, level, first), np.linspace(level, level + change, points - first)]
    accuracy += noise * np.random.default_rng(0).normal(size=points)
    falling = CHANCE * np.geomspace(1, 0.7, points)
    return run_of({"loss": falling, "val_acc": (np.arange(0, points, every), accuracy[::every])}, num_classes=classes)


def regression(rate_left, start=1.0):
    """A loss that has no chance level but its start, and a learning rate that ends at a share of its peak."""
    return stuck(start=start, accuracy=None, classes=None, mae=flat(60, 0.5), lr=np.linspace(0.1, 0.1 * rate_left, 60))


def symbols(count):
    """A language model over so many symbols."""
    losses = np.log(count) * np.r_[np.linspace(1, 0.7, 12), np.full(48, 0.7)]
    return run_of({"loss": losses, "perplexity": np.exp(losses)})


CASES = [
    Case("underfitting", "a loss that stands still", stuck, "warning", findings=1,
         says="loss stays at 1.61 from step 30 to 59 (-0.0%); loss is still at 70% of the chance-level loss (2.3)",
         steps=(30, 59), metric="loss", confidence=0.8,
         remedy="lower the learning rate by 10: if the loss then falls, it was too high"),
    Case("underfitting", "an accuracy that stands still", seen, "warning",
         says="val_acc stays at 0.3 from step 24 to 59 (+0.000); loss is still at 74% of the chance-level loss (2.3)",
         steps=(24, 59), metric="val_acc",
         remedy="lower the learning rate by 10: if the loss then falls, it was too high"),
    Case("underfitting", "the rate was annealed", lambda: stuck(high=0.6), "warning",
         says="loss stays at 1.61 from step 18 to 35 (-0.1%); loss is still at 70% of the chance-level loss (2.3)",
         steps=(18, 35), remedy="use a larger model, or weaken weight decay, dropout and augmentation"),
    Case("underfitting", "a regression", lambda: regression(0.55), "info", confidence=0.6,
         says="loss stays at 0.7 from step 30 to 59 (-0.0%); loss is still at 70% of the chance-level loss (1)",
         remedy="lower the learning rate by 10 (it ends at 0.055): if the loss then falls, it was too high"),
    Case("underfitting", "a regression whose rate was annealed", lambda: regression(0.45), "clear"),
    Case("underfitting", "52% of the chance level", lambda: stuck(0.52), "warning"),
    Case("underfitting", "48% of the chance level", lambda: stuck(0.48), "clear"),
    Case("underfitting", "94% of the chance level", lambda: stuck(0.943), "warning"),
    Case("underfitting", "96% of the chance level", lambda: stuck(0.957), "clear"),
    Case("underfitting", "a validation loss of 48%", lambda: stuck(val_loss=np.full(60, 0.48 * CHANCE)), "clear"),
    Case("underfitting", "a validation loss of 60%", lambda: stuck(val_loss=np.full(60, 0.6 * CHANCE)), "warning",
         says="loss stays at 1.61 from step 30 to 59 (-0.0%); val_loss is still at 60% of the chance-level loss (2.3)"),
    Case("underfitting", "it falls by 5.9%", lambda: stuck(change=-0.094), "warning"),
    Case("underfitting", "it falls by 7.4%", lambda: stuck(change=-0.117), "clear"),
    Case("underfitting", "a squared error beside classes", lambda: run_of({"train/mse_loss": stuck().all_curves[0].value * 0.01}, num_classes=10), "info"),
    Case("underfitting", "it may fall by more", lambda: stuck(change=-0.09, noise=0.05), "insufficient-data",
         says="the loss is too noisy, or has too few points, to tell whether it still falls"),
    Case("underfitting", "it rises by 9%", lambda: stuck(change=0.145), "warning"),
    Case("underfitting", "it rises by 12%", lambda: stuck(change=0.19), "clear"),
    Case("underfitting", "it may rise, by 12%", lambda: stuck(change=0.19, noise=0.12, seed=4), "warning"),
    Case("underfitting", "only the validation loss falls", lambda: stuck(val_loss=np.geomspace(CHANCE, 0.7 * CHANCE, 60)), "clear"),
    Case("underfitting", "only the validation loss surely stands still",
         lambda: stuck(change=-0.09, noise=0.05, val_loss=np.full(60, 0.7 * CHANCE)), "warning", metric="val_loss"),
    Case("underfitting", "a validation loss of both signs", lambda: stuck(val_loss=np.linspace(1, -1, 60)), "clear"),
    Case("underfitting", "a high rate for 33% of the run", lambda: stuck(first=5, high=0.33), "warning"),
    Case("underfitting", "a high rate for 27% of the run", lambda: stuck(first=5, high=0.27), "insufficient-data",
         says="needs at least 30% of the run at a high learning rate, has 28%"),
    Case("underfitting", "a score of 82%", lambda: stuck(accuracy=0.82), "clear"),
    Case("underfitting", "a score of 78%", lambda: stuck(accuracy=0.78), "warning"),
    Case("underfitting", "still for 60% of the run", lambda: seen(still=0.6, noise=0.01), "warning"),
    Case("underfitting", "still for 52% of the run", lambda: seen(still=0.52, noise=0.01), "clear"),
    Case("underfitting", "an accuracy up by 2.7 points", lambda: seen(change=0.044), "warning"),
    Case("underfitting", "an accuracy up by 3.3 points", lambda: seen(change=0.055), "clear"),
    Case("underfitting", "an accuracy down by 2.7 points", lambda: seen(change=-0.044), "warning"),
    Case("underfitting", "an accuracy down by 3.3 points", lambda: seen(change=-0.055), "clear"),
    Case("underfitting", "an accuracy of 52%", lambda: seen(0.52), "warning"),
    Case("underfitting", "an accuracy of 58%", lambda: seen(0.58), "clear"),
    Case("underfitting", "an accuracy of 16%", lambda: seen(0.16), "warning"),
    Case("underfitting", "an accuracy of 14%", lambda: seen(0.14), "clear"),
    Case("underfitting", "8 accuracies", lambda: seen(points=57, every=8), "warning"),
    Case("underfitting", "7 accuracies", lambda: seen(points=56, every=8), "clear"),
    Case("underfitting", "a score that is no accuracy", lambda: run_of({
        "loss": CHANCE * np.geomspace(1, 0.7, 60), "val_f1": np.full(60, 0.3)}, num_classes=10), "clear"),
    Case("underfitting", "the number of classes is not logged",
         lambda: stuck(change=-0.3, accuracy=0.3, classes=None), "clear"),
    Case("underfitting", "three classes", lambda: stuck(start=np.log(3), classes=3), "warning"),
    Case("underfitting", "two classes", lambda: stuck(start=np.log(2), classes=2), "insufficient-data",
         says="two classes may overlap too much to be separated"),
    Case("underfitting", "a language of 45 symbols", lambda: symbols(45), "warning"),
    Case("underfitting", "a language of 36 symbols", lambda: symbols(36), "insufficient-data",
         says="sequences of so few symbols may have an entropy near the chance-level loss"),
    Case("underfitting", "another task whose loss starts at 2", lambda: regression(1.0, start=2.0), "info"),
    Case("underfitting", "20 points", lambda: stuck(points=20, first=5), "warning"),
    Case("underfitting", "19 points", lambda: stuck(points=19, first=5), "insufficient-data",
         says="train loss needs at least 20 points, has 19"),
    Case("underfitting", "the start is not logged", lambda: run_of({"loss": (np.arange(500, 560), flat(60, 1.0)), "accuracy": flat(60, 0.4)}),
         "insufficient-data", says="needs the number of classes, or a log that begins with the first steps"),
    Case("underfitting", "a loss of both signs", lambda: run_of({"loss": np.linspace(1, -1, 60)}), "not-applicable",
         says="no positive training loss is logged, so its ratio to the chance-level loss is undefined"),
]  # fmt: skip
