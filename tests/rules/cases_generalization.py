"""Runs that the generalization rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, decay, flat, run_of, running_means, with_values


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


def scored(drop, last, seed):
    """An accuracy that reaches 0.9, loses a little in the last third, and more at its last point."""
    accuracy = np.r_[np.linspace(0.1, 0.9, 20), np.full(20, 0.9), np.full(20, 0.9 - drop)]
    accuracy += 0.003 * np.random.default_rng(seed).normal(size=60)
    accuracy[-1] -= last
    return accuracy


CASES = [
    Case("overfitting", "a rise of 6%", lambda: overfit(0.06), "warning", findings=1,
         says="val_loss 0.8 -> 0.848 (+6% smoothed) after step 19 while loss fell from 0.508 to 0.0268",
         steps=(19, 59), metric="val_loss", confidence=0.99, remedy="keep the checkpoint at step 19, not the last one"),
    Case("overfitting", "a rise of 4.5%", lambda: overfit(0.045), "clear"),
    Case("overfitting", "a rise of 17%", lambda: overfit(0.17), "warning"),
    Case("overfitting", "a rise of 23%", lambda: overfit(0.23), "error"),
    Case("overfitting", "4.5 standard errors", lambda: overfit(noise=0.012, seed=5), "warning", confidence=0.86),
    Case("overfitting", "3.4 standard errors", lambda: overfit(noise=0.015, seed=1), "clear"),
    Case("overfitting", "5.3 standard errors", lambda: overfit(noise=0.012, seed=2), "warning"),
    Case("overfitting", "6.9 standard errors", lambda: overfit(noise=0.012, seed=0), "error"),
    Case("overfitting", "8 evaluations", lambda: overfit(1.0, points=8), "clear"),
    Case("overfitting", "7 evaluations", lambda: overfit(1.0, points=7), "insufficient-data",
         says="train loss needs at least 8 points, has 7"),
    Case("overfitting", "the score holds, the loss rises by 85%", lambda: overfit(0.85, accuracy=scored(0, 0, 5)), "info"),
    Case("overfitting", "the score holds, the loss rises by 110%", lambda: overfit(1.1, accuracy=scored(0, 0, 5)), "warning"),
    Case("overfitting", "a score just not surely worse", lambda: overfit(accuracy=scored(0, 0.004, 17)), "info"),
    Case("overfitting", "a score just surely worse", lambda: overfit(accuracy=scored(0.002, 0.004, 36)), "error"),
    Case("overfitting", "a last score just within the noise", lambda: overfit(accuracy=scored(0, 0.008, 2)), "info"),
    Case("overfitting", "a last score just outside the noise", lambda: overfit(accuracy=scored(0, 0, 0)), "error"),
    Case("overfitting", "validation rises by a half", lambda: run_of({
        "loss": decay(60, end=0.01), "val_loss": np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.3, 40)] * flat(60, 1, noise=0.02)}), "error"),
    Case("overfitting", "only confidence suffers", lambda: run_of({
        "loss": decay(60, end=0.01), "val_acc": np.r_[np.linspace(0.1, 0.9, 20), flat(40, 0.9, noise=0.003)],
        "val_loss": np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.0, 40)] * flat(60, 1, noise=0.01)}), "info"),
    Case("overfitting", "a gap that is stable", lambda: run_of({"loss": decay(60, end=0.01), "val_loss": decay(60, end=0.5)}), "clear"),
    Case("overfitting", "both rise", lambda: run_of({
        "loss": np.r_[decay(30), np.linspace(0.2, 2, 30)], "val_loss": np.r_[decay(30), np.linspace(0.3, 2.2, 30)]}), "clear"),
    Case("overfitting", "test plays the part of validation", lambda: run_of({
        "train_loss": decay(60, end=0.01), "test_loss": np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.3, 40)] * flat(60, 1, noise=0.02)}), "error"),
    Case("overfitting", "three epochs", lambda: run_of({"loss": [2, 1, 0.5], "val_loss": [2, 1, 1.5]}), "insufficient-data"),

    Case("overtraining", "best early, then slightly worse", lambda: run_of({
        "loss": decay(100), "val_loss": np.r_[np.linspace(2.3, 0.5, 20), np.linspace(0.5, 0.52, 80)] * flat(100, 1, noise=0.002)}), "warning"),
    Case("overtraining", "constant", lambda: run_of({"loss": decay(100), "val_loss": np.full(100, 2.3)}), "clear"),
    Case("overtraining", "best at the end", lambda: run_of({"loss": decay(100), "val_loss": decay(100, end=0.2, noise=0.005)}), "clear"),

    Case("suspicious-perfection", "perfect from the start", lambda: run_of({"val_acc": np.r_[0.98, np.ones(29)]}), "warning"),
    Case("suspicious-perfection", "the next token is known", lambda: run_of({"loss": decay(60, 2.3, 1e-4), "perplexity": np.exp(decay(60, 2.3, 1e-4)),
        "val_loss": np.r_[0.12, flat(14, 1e-3)]}), "warning"),
    Case("suspicious-perfection", "a language model that is merely good", lambda: run_of({
        "loss": decay(60, 2.3, 0.6), "perplexity": np.exp(decay(60, 2.3, 0.6)), "val_loss": flat(15, 0.6)}), "clear"),
    Case("suspicious-perfection", "short", lambda: run_of({"val_acc": np.ones(3)}), "insufficient-data"),
    Case("suspicious-perfection", "merely good", lambda: run_of({"val_acc": flat(30, 0.98, noise=0.001)}), "clear"),

    Case("constant-metric", "evaluates stale weights", lambda: run_of({"loss": decay(30), "val_loss": np.full(30, 2.318274)}), "error"),
    Case("constant-metric", "rounded", lambda: run_of({"loss": decay(30), "val_loss": np.full(30, 0.31)}), "insufficient-data"),
    Case("constant-metric", "varies", lambda: run_of({"loss": decay(30), "val_loss": decay(30)}), "clear"),

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

    Case("underfitting", "stands still high up", lambda: run_of({
        "loss": np.r_[np.linspace(4.6, 3.0, 15), flat(45, 3.0)], "lr": np.full(60, 0.1), "accuracy": flat(60, 0.2)}, num_classes=100), "warning"),
    Case("underfitting", "an accuracy that stands still", lambda: run_of({
        "train_loss": np.geomspace(2.3, 1.8, 60) * flat(60, 1), "val_acc": np.r_[0.1, 0.15, flat(28, 0.2)]}, num_classes=10), "warning"),
    Case("underfitting", "a regression", lambda: run_of({
        "loss": np.r_[np.linspace(1.0, 0.7, 10), flat(50, 0.7)], "mae": flat(60, 0.5), "lr": np.full(60, 0.1)}), "info"),
    Case("underfitting", "still learning", lambda: run_of({"loss": np.geomspace(4.6, 2.5, 60) * flat(60, 1), "accuracy": np.linspace(0, 0.4, 60)}, num_classes=100), "clear"),
    Case("underfitting", "settled low", lambda: run_of({"loss": decay(60, end=0.3), "accuracy": flat(60, 0.7)}, num_classes=10), "clear"),
    Case("underfitting", "a good score", lambda: run_of({"loss": np.r_[np.linspace(2.3, 1.47, 15), flat(45, 1.466)], "accuracy": flat(60, 0.95)}, num_classes=10), "clear"),
    Case("underfitting", "a language of few symbols", lambda: run_of({
        "loss": np.r_[np.linspace(2.3, 1.75, 15), flat(45, 1.75)], "perplexity": np.r_[np.linspace(10, 5.8, 15), flat(45, 5.8)]}), "insufficient-data"),
    Case("underfitting", "a language of many symbols", lambda: run_of({
        "loss": np.r_[np.linspace(10, 7, 15), flat(45, 7.0)], "perplexity": np.exp(np.r_[np.linspace(10, 7, 15), flat(45, 7.0)])}), "warning"),
    Case("underfitting", "two classes", lambda: run_of({"loss": np.r_[np.linspace(0.69, 0.6, 15), flat(45, 0.6)], "accuracy": flat(60, 0.65)}, num_classes=2), "insufficient-data"),
    Case("underfitting", "the start is not logged", lambda: run_of({"loss": (np.arange(500, 560), flat(60, 1.0)), "accuracy": flat(60, 0.4)}), "insufficient-data"),
    Case("missing-validation", "training loss alone", lambda: run_of({"loss": decay(60), "lr": flat(60, 0.1)}), "info"),
    Case("missing-validation", "a test loss", lambda: run_of({"train_loss": decay(60), "test_loss": [1.0, 0.5]}), "clear"),
    Case("missing-validation", "an accuracy of no split", lambda: run_of({"train_loss": decay(60), "accuracy": flat(60, 0.5)}), "insufficient-data"),
    Case("missing-validation", "a trial of ten steps", lambda: run_of({"loss": decay(10)}), "insufficient-data"),
    Case("missing-validation", "reinforcement learning", lambda: run_of({"train/loss": decay(60), "rollout/ep_rew_mean": np.arange(60.0), "train/approx_kl": flat(60, 0.01)}), "not-applicable"),

    Case("generalization-gap", "training falls on in vain", lambda: run_of({
        "loss": np.geomspace(2.3, 0.01, 60) * flat(60, 1, noise=0.02), "val_loss": np.r_[np.linspace(2.3, 0.8, 20), flat(40, 0.8, noise=0.005)]}), "warning"),
    Case("generalization-gap", "a score still improves", lambda: run_of({
        "loss": np.geomspace(2.3, 0.01, 60) * flat(60, 1, noise=0.02), "val_loss": np.r_[np.linspace(2.3, 0.8, 20), flat(40, 0.8, noise=0.005)],
        "val_acc": np.linspace(0.2, 0.8, 60)}), "info"),
    Case("generalization-gap", "another scale from the start", lambda: run_of({"loss": decay(60), "val_loss": 5 * decay(60, seed=1)}), "clear"),
    Case("generalization-gap", "small", lambda: run_of({"loss": decay(60), "val_loss": decay(60, end=0.13, seed=1)}), "clear"),
    Case("generalization-gap", "training loss in the log of batches", lambda: run_of({
        "loss": decay(600, end=0.01, noise=0.3), "val_loss": (np.arange(9, 600, 20), decay(30, end=0.5, noise=0.01))}), "info"),
    Case("generalization-gap", "eight evaluations", lambda: run_of({"loss": decay(60), "val_loss": (np.arange(8), decay(8))}), "insufficient-data"),
    Case("generalization-gap", "a likelihood of both signs", lambda: run_of({"loss": decay(60) - 1, "val_loss": decay(60) - 1}), "insufficient-data"),

    Case("validation-better-than-train", "by a third", lambda: run_of({"loss": decay(60, end=0.3), "val_loss": decay(60, end=0.2, seed=1)}), "info"),
    Case("validation-better-than-train", "dropout explains it", lambda: run_of({
        "loss": decay(60, end=0.3), "val_loss": decay(60, end=0.2, seed=1)}, dropout=0.5, augment=False), "clear"),
    Case("validation-better-than-train", "nothing regularises", lambda: run_of({
        "loss": decay(60, end=0.3), "val_loss": decay(60, end=0.2, seed=1)}, **{"model.dropout": 0.0, "data.augment": "none"}), "warning"),
    Case("validation-better-than-train", "means of epochs lag", lambda: run_of({
        "loss": 2 * 0.75 ** np.arange(30.0), "val_loss": 2 * 0.75 ** (np.arange(30.0) + 0.5)}, axis="epoch"), "clear"),
    Case("validation-better-than-train", "running means lag", lambda: run_of({
        "loss": running_means(np.geomspace(2, 0.1, 600) * flat(600, 1, noise=0.3), 60),
        "val_loss": (np.arange(59, 600, 60), np.geomspace(2, 0.1, 600)[59::60])}), "clear"),
    Case("validation-better-than-train", "at first only", lambda: run_of({
        "loss": np.geomspace(2, 0.1, 60), "val_loss": np.geomspace(1, 0.2, 60)}), "clear"),
    Case("validation-better-than-train", "five evaluations", lambda: run_of({"loss": decay(60), "val_loss": (np.arange(5), decay(5))}), "insufficient-data"),

    Case("metric-loss-disagreement", "the loss grows with the score", lambda: run_of({
        "loss": decay(40), "val_loss": 450 - decay(40, 400, 1, noise=0), "val_acc": 0.96 - decay(40, 0.8, 0.01, noise=0)}), "warning"),
    Case("metric-loss-disagreement", "the score falls with the loss", lambda: run_of({
        "loss": decay(40), "val_loss": decay(40, noise=0.01), "val_acc": 0.3 * decay(40, noise=0.01)}), "warning"),
    Case("metric-loss-disagreement", "they part steadily", lambda: run_of({
        "loss": decay(40), "val_loss": np.linspace(2, 1, 40) * flat(40, 1), "val_acc": np.linspace(0.9, 0.6, 40) * flat(40, 1, seed=1)}), "warning"),
    Case("metric-loss-disagreement", "an error falls with the loss", lambda: run_of({
        "loss": decay(40), "val_loss": decay(40), "val_error": 0.3 * decay(40)}), "clear"),
    Case("metric-loss-disagreement", "too sure of few mistakes", lambda: run_of({"loss": decay(60, end=0.01), "val_loss":
        np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.0, 40)] * flat(60, 1, noise=0.01),
        "val_acc": np.r_[np.linspace(0.1, 0.9, 20), np.linspace(0.9, 0.91, 40)] * flat(60, 1, noise=0.003)}), "clear"),
    Case("metric-loss-disagreement", "ten evaluations", lambda: run_of({"loss": decay(10), "val_loss": decay(10), "val_acc": decay(10)}), "insufficient-data"),

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
