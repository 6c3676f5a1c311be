"""Runs that score-decline must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of, without_direction


def accuracy(drop, *, points=60, noise=5e-4, seed=0, first=0.1, best=0.9):
    """An accuracy that rises over a third, falls over the next, and stays there."""
    third = points // 3
    level = np.r_[
        np.linspace(first, best, third), np.linspace(best, best - drop, third), np.full(points - 2 * third, best - drop)
    ]
    return level + noise * np.random.default_rng(seed).normal(size=points)


def declining(drop, **shape):
    return run_of({"val_acc": accuracy(drop, **shape)})


def forgetting(before, after_it, *, after=4):
    """An accuracy before training and at each of a few evaluations since."""
    return run_of({"val_acc": np.r_[before, np.full(after, after_it)]})


CASES = [
    Case("score-decline", "the training accuracy rises meanwhile", lambda: run_of({
        "train_acc": np.linspace(0.1, 0.99, 60), "val_acc": accuracy(0.5)}), "error", findings=1,
         says="val_acc falls from 0.9 around step 19 to 0.4 at the end (medians of several evaluations), while train_acc improves from 0.387 to 0.99",
         steps=(19, 59), metric="val_acc", confidence=0.97, remedy="keep the checkpoint around step 19, not the last one"),
    Case("score-decline", "nothing else is logged", lambda: declining(0.5), "error",
         says="val_acc falls from 0.9 around step 19 to 0.4 at the end (medians of several evaluations)"),
    Case("score-decline", "in percent", lambda: run_of({"val_acc": 100 * accuracy(0.5)}), "error"),
    Case("score-decline", "10.5% of the gain", lambda: declining(0.078), "info"),
    Case("score-decline", "9.5% of the gain", lambda: declining(0.07), "clear"),
    Case("score-decline", "5.3% of the level", lambda: declining(0.0472, first=0.6), "info"),
    Case("score-decline", "4.8% of the level", lambda: declining(0.043, first=0.6), "clear"),
    Case("score-decline", "10.5% of the level", lambda: declining(0.0942, first=0.3), "warning"),
    Case("score-decline", "9.6% of the level", lambda: declining(0.0862, first=0.3), "info"),
    Case("score-decline", "52% of the gain", lambda: declining(0.393), "error"),
    Case("score-decline", "48% of the gain", lambda: declining(0.362), "warning"),
    Case("score-decline", "21% of the level, most of the gain", lambda: declining(0.189, first=0.6), "error"),
    Case("score-decline", "19% of the level, most of the gain", lambda: declining(0.171, first=0.6), "warning"),
    Case("score-decline", "4.2 standard errors", lambda: declining(0.2, noise=0.008, seed=3), "warning", confidence=0.85),
    Case("score-decline", "less than 4 standard errors", lambda: declining(0.5, noise=0.03, seed=2), "clear"),
    Case("score-decline", "6.6 standard errors", lambda: declining(0.5, noise=0.022), "error", confidence=0.9),
    Case("score-decline", "5.3 standard errors", lambda: declining(0.5, noise=0.02, seed=3), "warning"),
    Case("score-decline", "8 evaluations", lambda: declining(0.6, points=8), "clear"),
    Case("score-decline", "7 evaluations", lambda: declining(0.6, points=7), "insufficient-data",
         says="no score, perplexity or reward of validation data with a known direction has 8 points"),
    Case("score-decline", "what was known before training is lost", lambda: forgetting(0.9, 0.1), "warning", findings=1,
         says="val_acc falls from 0.9 before training to 0.1 at the end, and is at most 0.1 in the 4 evaluations since: training destroys what the model knew",
         steps=(0, 4), metric="val_acc", confidence=0.9,
         remedy="lower the learning rate 10 to 100 times, and warm it up: fine-tuning starts from a good model"),
    Case("score-decline", "48% of what was known is kept", lambda: forgetting(0.9, 0.43), "warning"),
    Case("score-decline", "52% of what was known is kept", lambda: forgetting(0.9, 0.47), "insufficient-data"),
    Case("score-decline", "0.52 before training", lambda: forgetting(0.52, 0.1), "warning"),
    Case("score-decline", "0.48 before training", lambda: forgetting(0.48, 0.1), "insufficient-data"),
    Case("score-decline", "3 evaluations after training began", lambda: forgetting(0.9, 0.1, after=3), "insufficient-data"),
    Case("score-decline", "good from the start, 15% lost", lambda: run_of({
        "val_acc": np.r_[flat(20, 0.8, noise=1e-3), np.linspace(0.8, 0.68, 20), flat(20, 0.68, noise=1e-3)]}), "clear"),
    Case("score-decline", "good from the start, 50% lost", lambda: run_of({
        "val_acc": np.r_[flat(20, 0.8, noise=1e-3), np.linspace(0.8, 0.4, 20), flat(20, 0.4, noise=1e-3)]}), "error"),
    Case("score-decline", "a distance that rises", lambda: run_of({
        "val_fid": np.r_[np.linspace(300, 30, 20), np.linspace(30, 90, 40)] * flat(60, 1, noise=0.01)}), "warning",
         says="val_fid rises from 30.3 around step 19 to 87.5 at the end (medians of several evaluations)"),
    Case("score-decline", "a perplexity that rises beside a loss of another kind", lambda: run_of({
        "val_ppl": np.r_[np.linspace(200, 14, 20), np.linspace(14, 36, 40)] * flat(60, 1, noise=0.01)}), "warning"),
    Case("score-decline", "a reward of evaluations, of both signs", lambda: run_of({
        "eval/mean_reward": np.r_[np.linspace(-1, 0.9, 20), np.linspace(0.9, -0.07, 40)] + flat(60, 0, noise=0.01)}), "error"),
    Case("score-decline", "precision alone, while recall rises and F1 holds", lambda: run_of({
        "val_precision": accuracy(0.3), "val_recall": np.linspace(0.2, 0.9, 60), "val_f1": accuracy(0.0)}), "clear"),
    Case("score-decline", "one of four scores", lambda: run_of({
        "val_acc": accuracy(0.0), "val_f1": accuracy(0.0), "val_auc": accuracy(0.0), "val_bleu": accuracy(0.5)}), "info",
         metric="val_bleu"),
    Case("score-decline", "the one that lost most", lambda: run_of({"val_acc": accuracy(0.3), "val_f1": accuracy(0.6)}), "error",
         metric="val_f1"),
    Case("score-decline", "overfitting says it of the loss", lambda: run_of({
        "loss": decay(60, end=0.01, noise=0), "val_acc": accuracy(0.5),
        "val_loss": np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.8, 20), np.full(20, 1.8)] * flat(60, 1, noise=5e-4)}), "error"),
    Case("score-decline", "the training diverges", lambda: run_of({
        "loss": np.r_[np.linspace(2.3, 0.3, 20), np.linspace(0.3, 5, 20), np.full(20, 5.0)] * flat(60, 1, noise=5e-4),
        "val_acc": accuracy(0.8)}), "error"),
    Case("score-decline", "the reward of the training collapses, too", lambda: run_of({
        "rollout/ep_rew_mean": 100 * accuracy(0.8, points=90), "eval/mean_reward": 100 * accuracy(0.8, points=90)}), "error"),
    Case("score-decline", "the training accuracy falls, too, and recovers in part", lambda: run_of({
        "train_acc": np.r_[np.linspace(0.1, 0.9, 20), np.linspace(0.9, 0.3, 20), np.linspace(0.3, 0.6, 20)], "val_acc": accuracy(0.5)}), "error",
         says="val_acc falls from 0.9 around step 19 to 0.4 at the end (medians of several evaluations)",
         remedy="keep the checkpoint around step 19, not the last one"),
    Case("score-decline", "a distance that rises, while that of the training falls", lambda: run_of({
        "loss": decay(60), "train_fid": np.linspace(300, 10, 60), "val_fid": np.r_[np.linspace(300, 30, 20), np.linspace(30, 90, 40)] * flat(60, 1, noise=0.01)}), "warning",
         says="val_fid rises from 30.3 around step 19 to 87.5 at the end (medians of several evaluations), while train_fid improves from 207 to 10"),
    Case("score-decline", "beside a score whose direction is unknown", lambda: without_direction(
        run_of({"val_acc": accuracy(0.0), "val_bleu": accuracy(0.5)}), "val_bleu"), "clear"),
    Case("score-decline", "a score that holds", lambda: run_of({"val_acc": accuracy(0.0)}), "clear"),
    Case("score-decline", "warm restarts", lambda: run_of({
        "val_acc": accuracy(0.5), "lr": np.tile(np.linspace(1, 0.01, 20), 3)}), "insufficient-data",
         says="the learning rate restarts, and the scores follow it"),
    Case("score-decline", "only a score of training", lambda: run_of({"train_acc": accuracy(0.5), "loss": decay(60)}), "not-applicable"),
]  # fmt: skip
