"""Runs whose training loss makes no progress or stays at chance, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of


def still(change=0.0, *, points=60, start=0, level=2.3, first=(), noise=0.0, seed=0, settings=None, **others):
    """A loss that changes by a share in all, after a few other first values; with other curves beside it."""
    loss = level * (1 + change) ** np.linspace(-0.05, 1.05, points) * flat(points, 1, noise=noise, seed=seed)
    loss[: len(first)] = first
    return run_of({"loss": (start + np.arange(points), loss), **others}, **(settings or {}))


def dipped(depth, *, noise, seed=0):
    """A loss that is lower by a share in one of ten blocks."""
    loss = np.r_[np.ones(24), np.full(6, 1 - depth), np.ones(30)]
    return run_of({"loss": 2.3 * loss * flat(60, 1, noise=noise, seed=seed)})


def blurred(gain=0.0, *, points=200, noise=0.15, seed=0):
    """A loss of much noise, and an accuracy of the same batches that gains so much."""
    loss = np.exp(noise * np.random.default_rng(seed).normal(size=points)) * 500
    return run_of({"loss": loss, "acc": 0.3 + np.linspace(0, gain, points)})


def noisy(validation):
    """A loss too noisy to show slow progress, beside a validation loss."""
    return still(noise=0.15, seed=1, val_loss=validation)


def scored(start, gain, points=60):
    """A score that rises evenly."""
    return start + gain * np.linspace(-0.05, 1.05, points)


NO_PROGRESS = [
    Case("not-learning", "falls by 1.8%", lambda: still(-0.018), "error", findings=1,
         says="loss goes from 2.3 to 2.26 in 60 points: no progress (change -1.8%, 90% interval -1.8% to -1.8%)", steps=(0, 59), metric="loss", confidence=0.92,
         remedy="check that the optimizer has the model's parameters, that backward() and step() are called, and that the loss is not detached"),
    Case("not-learning", "falls by 2.3%", lambda: still(-0.023), "clear"),
    Case("not-learning", "rises by 9%", lambda: still(0.09), "error"),
    Case("not-learning", "rises by 12%", lambda: still(0.12), "clear"),
    Case("not-learning", "falls by 1%, 90% interval from -2.1% on", lambda: still(-0.012, noise=0.012, seed=5), "insufficient-data",
         says="the loss is too noisy to distinguish no progress from slow progress"),
    Case("not-learning", "the first two points 3% higher", lambda: still(first=(2.37, 2.37)), "clear"),
    Case("not-learning", "the first point 6% higher", lambda: still(first=(2.44,)), "error"),
    Case("not-learning", "a drop of 2.6 standard errors beyond 2%", lambda: dipped(0.03, noise=0.008, seed=24), "error"),
    Case("not-learning", "a drop of 3.3 standard errors beyond 2%", lambda: dipped(0.03, noise=0.008, seed=13), "clear"),
    Case("not-learning", "begins at 9% of the run", lambda: still(start=6), "error"),
    Case("not-learning", "begins at 11% of the run", lambda: still(start=8), "insufficient-data", says="the log begins at step 8, late in the run"),
    Case("not-learning", "12 points", lambda: still(points=12), "error"),
    Case("not-learning", "11 points", lambda: still(points=11), "insufficient-data", says="train loss needs at least 12 points without a score, has 11"),
    Case("not-learning", "4 points and a dead accuracy", lambda: still(points=4, val_acc=np.full(4, 0.1)), "warning", confidence=0.8,
         says="loss goes from 2.3 to 2.3 in 4 points: no progress (change +0.0%, 90% interval +0.0% to +0.0%)"),
    Case("not-learning", "3 points", lambda: still(points=3, val_acc=np.full(4, 0.1)), "insufficient-data", says="train loss needs at least 4 points, has 3"),
    Case("not-learning", "an accuracy of 3 points", lambda: still(points=4, val_acc=np.full(3, 0.1)), "insufficient-data"),
    Case("not-learning", "an error rate is no accuracy", lambda: still(points=4, val_error_rate=np.full(4, 0.1)), "insufficient-data"),
    Case("not-learning", "a term that may rise", lambda: run_of({"policy_loss": flat(60, 1.5)}), "not-applicable",
         says="no training loss that should decrease is logged"),
    Case("not-learning", "a log-likelihood that stays at -2", lambda: still(level=-2.0), "error",
         says="loss goes from -2 to -2 in 60 points: no progress (change +0.0%, 90% interval +0.0% to +0.0%)"),
    Case("not-learning", "a log-likelihood that falls by 5%", lambda: still(0.05, level=-2.0), "clear"),
    Case("not-learning", "a loss of both signs", lambda: still(first=(-1.0,)), "insufficient-data",
         says="the loss is zero or takes both signs, so relative change is undefined"),
    Case("not-learning", "a loss of zero", lambda: still(level=0.0), "insufficient-data",
         says="the loss is zero or takes both signs, so relative change is undefined"),

    Case("not-learning", "too noisy to tell", lambda: still(noise=0.15, seed=1), "insufficient-data",
         says="the loss is too noisy to distinguish no progress from slow progress"),
    Case("not-learning", "the validation loss falls by 1.8%", lambda: noisy(scored(1.0, -0.0165)), "error", says="loss goes from 2.42 to 2.19 in 60 points: no progress (change -4.1%, 90% interval -18.2% to +11.6%; the validation loss does not change)"),
    Case("not-learning", "the validation loss falls by 2.3%", lambda: noisy(scored(1.0, -0.023)), "insufficient-data"),
    Case("not-learning", "the validation loss rises by 9%", lambda: noisy(scored(1.0, 0.09)), "error"),
    Case("not-learning", "the validation loss rises by 12%", lambda: noisy(scored(1.0, 0.12)), "insufficient-data"),
    Case("not-learning", "the validation loss dips by 2.5%", lambda: noisy(np.r_[np.ones(24), np.full(6, 0.975), np.ones(30)]), "insufficient-data"),
    Case("not-learning", "12 evaluations", lambda: noisy(np.ones(12)), "error"),
    Case("not-learning", "11 evaluations", lambda: noisy(np.ones(11)), "insufficient-data"),
    Case("not-learning", "a validation loss of zero", lambda: noisy(np.zeros(60)), "insufficient-data"),

    Case("not-learning", "an accuracy of 62% from the start", lambda: still(val_acc=np.full(60, 0.62)), "clear"),
    Case("not-learning", "an accuracy of 58% from the start", lambda: still(val_acc=np.full(60, 0.58)), "error"),
    Case("not-learning", "72% of two classes", lambda: still(val_acc=np.full(60, 0.72), settings={"num_classes": 2}), "clear"),
    Case("not-learning", "68% of two classes", lambda: still(val_acc=np.full(60, 0.68), settings={"num_classes": 2}), "error"),
    Case("not-learning", "62% in percent", lambda: still(val_acc=np.full(60, 62.0)), "clear"),
    Case("not-learning", "58% in percent", lambda: still(val_acc=np.full(60, 58.0)), "error"),
    Case("not-learning", "a correlation below zero once", lambda: still(val_r2=np.r_[-0.1, np.full(59, 0.9)]), "error"),
    Case("not-learning", "good in training alone", lambda: still(train_acc=np.full(60, 0.9), val_acc=np.full(60, 0.1)), "error"),
    Case("not-learning", "good in training, no validation", lambda: still(train_acc=np.full(60, 0.9)), "clear"),
    Case("not-learning", "good only after a third", lambda: still(val_acc=np.r_[np.full(20, 0.1), np.full(40, 0.12)]), "error"),
    Case("not-learning", "the accuracy gains 5.5 points", lambda: still(val_acc=scored(0.1, 0.055)), "clear"),
    Case("not-learning", "the accuracy gains 4.5 points", lambda: still(val_acc=scored(0.1, 0.045)), "error"),
    Case("not-learning", "a score gains 5.5% of its first value", lambda: still(val_bleu=scored(10, 0.55)), "clear"),
    Case("not-learning", "a score gains 4.5% of its first value", lambda: still(val_bleu=scored(10, 0.45)), "error"),
    Case("not-learning", "4 evaluations that rise", lambda: still(val_acc=scored(0.1, 0.4, 4)), "error"),
    Case("not-learning", "5 evaluations that rise", lambda: still(val_acc=scored(0.1, 0.4, 5)), "clear"),
    Case("not-learning", "4 points of progress", lambda: still(-0.2, points=4, val_acc=np.full(4, 0.1)), "clear"),
]  # fmt: skip


def at_chance(factor=1.0, *, classes=10, known=False, points=40, last=(), **others):
    """A loss at a multiple of ln C, but for its last points."""
    loss = np.full(points, factor * np.log(classes))
    loss[points - len(last) :] *= last
    return run_of({"loss": loss, **others}, **({"num_classes": classes} if known else {}))


TENTH = np.full(40, 0.1)

AT_CHANCE = [
    Case("stuck-at-chance", "ln 10 and a tenth", lambda: at_chance(val_acc=TENTH), "error", findings=1,
         says="loss stays at 2.3, and a uniform prediction over 10 classes has a loss of 2.3; val_acc is 0.1",
         steps=(20, 39), metric="loss", confidence=0.95,
         remedy="check that labels match their inputs (shuffle both in the same order)"),
    Case("stuck-at-chance", "1.8% above, the number of classes known", lambda: at_chance(1.018, classes=1000, known=True), "error", confidence=0.85,
         says="loss stays at 7.03, and a uniform prediction over 1,000 classes has a loss of 6.91"),
    Case("stuck-at-chance", "2.2% above", lambda: at_chance(1.022, known=True), "clear"),
    Case("stuck-at-chance", "1.8% below", lambda: at_chance(0.982, known=True), "error"),
    Case("stuck-at-chance", "2.2% below", lambda: at_chance(0.978, known=True), "clear"),
    Case("stuck-at-chance", "14% above beside an accuracy", lambda: at_chance(1.14, known=True, val_acc=TENTH), "error"),
    Case("stuck-at-chance", "16% above beside an accuracy", lambda: at_chance(1.16, known=True, val_acc=TENTH), "clear"),
    Case("stuck-at-chance", "the last 4 of 20 points lower by 2.3%", lambda: at_chance(known=True, last=[0.977] * 4), "clear"),
    Case("stuck-at-chance", "the last 3 of 20 points lower by 2.4%", lambda: at_chance(known=True, last=[0.976] * 3), "error"),
    Case("stuck-at-chance", "10 points", lambda: at_chance(known=True, points=10), "error"),
    Case("stuck-at-chance", "9 points", lambda: at_chance(known=True, points=9), "insufficient-data", says="train loss needs at least 10 points, has 9"),
    Case("stuck-at-chance", "an accuracy of 18%", lambda: at_chance(known=True, val_acc=np.full(40, 0.18)), "error"),
    Case("stuck-at-chance", "an accuracy of 20%", lambda: at_chance(known=True, val_acc=np.full(40, 0.2)), "clear"),
    Case("stuck-at-chance", "classes inferred beside 12.8%", lambda: at_chance(val_acc=np.full(40, 0.128)), "error"),
    Case("stuck-at-chance", "classes inferred beside 13.2%", lambda: at_chance(val_acc=np.full(40, 0.132)), "clear"),
    Case("stuck-at-chance", "classes inferred beside 6.8%", lambda: at_chance(val_acc=np.full(40, 0.068)), "clear"),
    Case("stuck-at-chance", "900 classes inferred", lambda: at_chance(classes=900, val_acc=np.full(40, 1 / 900)), "error"),
    Case("stuck-at-chance", "1,100 classes inferred", lambda: at_chance(classes=1100, val_acc=np.full(40, 1 / 1100)), "clear"),
    Case("stuck-at-chance", "two classes inferred", lambda: at_chance(classes=2, val_acc=np.full(40, 0.5)), "error"),
    Case("stuck-at-chance", "no class inferred from a good model", lambda: at_chance(0.5, classes=2, val_acc=np.full(40, 0.9)), "clear"),
    Case("stuck-at-chance", "four classes below chance are not seven", lambda: run_of({"loss": flat(40, 1.93), "val_acc": flat(40, 0.217)}), "clear"),
    Case("stuck-at-chance", "learns in the last half", lambda: run_of({
        "loss": decay(40), "val_acc": np.linspace(0.1, 0.9, 40)}, num_classes=10), "clear"),
    Case("stuck-at-chance", "random labels, training memorised", lambda: run_of({
        "train_loss": np.linspace(2.3, 2.1, 40), "val_loss": flat(40, 2.35), "train_acc": np.linspace(0.1, 0.3, 40), "val_acc": TENTH}, num_classes=10), "error",
        metric="val_loss", says="val_loss stays at 2.35, and a uniform prediction over 10 classes has a loss of 2.3; val_acc is 0.1; train_acc is 0.251"),
    Case("stuck-at-chance", "the validation loss alone is short", lambda: run_of({
        "train_loss": decay(40), "val_loss": np.full(9, np.log(10))}, num_classes=10), "insufficient-data",
         says="val_loss looks like chance, but needs at least 10 points, has 9"),
    Case("stuck-at-chance", "both at chance", lambda: run_of({
        "train_loss": np.full(40, np.log(10)), "val_loss": np.full(40, np.log(10))}, num_classes=10), "error", findings=1, metric="train_loss"),
    Case("stuck-at-chance", "another split's accuracy is better", lambda: run_of({
        "train_loss": np.full(40, np.log(10)), "train_acc": TENTH, "val_acc": np.full(40, 0.9)}), "error"),
    Case("stuck-at-chance", "an accuracy in percent", lambda: at_chance(val_acc=100 * TENTH), "error"),
    Case("stuck-at-chance", "a perplexity of the number of classes", lambda: run_of({"train_ppl": flat(40, 10.0)}, num_classes=10), "error",
         metric="train_ppl"),
    Case("stuck-at-chance", "an mse of the same level", lambda: run_of({"train_mse": flat(40, np.log(10))}, num_classes=10), "not-applicable"),
    Case("stuck-at-chance", "a validation loss at chance beside a training accuracy that is learned", lambda: run_of({
        "train_loss": decay(40), "train_acc": np.linspace(0.1, 0.99, 40), "val_loss": np.full(40, np.log(10)), "val_acc": TENTH}, num_classes=10), "error",
        says="val_loss stays at 2.3, and a uniform prediction over 10 classes has a loss of 2.3; val_acc is 0.1; train_acc is 0.773",
        remedy="check that the model that is evaluated is the one that is trained, and that validation data are prepared as training data are: "
        "the training data are learned"),
    Case("stuck-at-chance", "an accuracy below zero", lambda: at_chance(val_acc=-TENTH), "not-applicable"),
    Case("stuck-at-chance", "a score that is no accuracy", lambda: at_chance(val_f1=TENTH), "not-applicable"),
    Case("stuck-at-chance", "an accuracy that is never finite", lambda: at_chance(val_acc=np.full(40, np.nan)), "not-applicable"),
    Case("stuck-at-chance", "a regression at ln 2", lambda: at_chance(classes=2), "not-applicable",
         says="neither the number of classes nor an accuracy between 0 and 1 is logged"),
    Case("stuck-at-chance", "a perplexity of ln 10", lambda: run_of({"train_perplexity": np.full(40, np.log(10)), "val_loss": decay(40)}, num_classes=10), "clear"),
    Case("stuck-at-chance", "a term that may rise", lambda: run_of({"policy_loss": flat(60, 1.5)}), "not-applicable",
         says="no loss that should decrease is logged"),
    Case("not-learning", "noisy, the accuracy stays level", blurred, "warning"),
    Case("not-learning", "noisy, the accuracy gains 2.5 points", lambda: blurred(0.025), "warning"),
    Case("not-learning", "noisy, the accuracy gains 4 points", lambda: blurred(0.04), "insufficient-data"),
    Case("not-learning", "noisy, an accuracy of 100 points", lambda: blurred(points=100, noise=0.1), "warning"),
    Case("not-learning", "noisy, an accuracy of 99 points", lambda: blurred(points=99, noise=0.1), "insufficient-data"),
    Case("not-learning", "noisy, the log of the loss may fall by 0.143", lambda: blurred(noise=0.19), "warning"),
    Case("not-learning", "noisy, the log of the loss may fall by 0.158", lambda: blurred(noise=0.21), "insufficient-data"),
    Case("not-learning", "far too noisy", lambda: blurred(noise=0.9), "insufficient-data"),
]  # fmt: skip

CASES = [*NO_PROGRESS, *AT_CHANCE]
