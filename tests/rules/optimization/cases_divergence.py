"""Runs that diverge, and runs that look alike and do not."""

from __future__ import annotations

import numpy as np

from ..curves import Case, autoregressive, decay, flat, run_of, with_values


def climbed(rise=0.4, *, start=2.3, points=60, noise=5e-4, seed=0, tag="loss", **others):
    """A loss that falls to 0.5 over a third, rises by a share over the next, and stays there."""
    third = points // 3
    top = 0.5 * (1 + rise)
    level = np.r_[np.geomspace(start, 0.5, third), np.geomspace(0.5, top, third), np.full(points - 2 * third, top)]
    return run_of({tag: level * flat(points, 1, noise=noise, seed=seed), **others})


def above_start(ratio):
    """A loss that is that many times its first value from the second point on."""
    return run_of({"loss": np.r_[1.0, flat(59, ratio, noise=5e-4)]})


def with_batches(run):
    """The same loss as that of evaluations, beside the loss of single batches, which stays where it is."""
    evaluated = run.all_curves[0].value
    steps = 10 * np.arange(len(evaluated))
    return run_of(
        {"train/loss": (steps, evaluated), "validation/loss": (steps, 1.1 * evaluated), "loss": flat(600, 2.3)}
    )


def rising_with(accuracy):
    """A loss that rises in every epoch, beside a training accuracy."""
    return run_of({"loss": np.linspace(20, 70, 60), "acc": accuracy}, axis="epoch")


def annealed(rise):
    """The sum of a reconstruction loss and a weighted KL; the weight goes from 0 to 1, the KL from 4 to 2 or 2 plus a rise."""
    beta, error = np.linspace(0, 1, 60), np.linspace(3, 2.8, 60)
    kl = np.r_[np.linspace(4, 2, 20), np.full(40, 2.0)] + rise * np.linspace(0, 3, 60)
    return run_of({"train/recon_loss": error, "train/kl_loss": kl, "train/loss": error + beta * kl, "beta": beta})


def restarted(end, at_best=0.3):
    """Such a loss beside a rate that falls from 1 until the best loss, and ends elsewhere."""
    return climbed(lr=np.r_[np.linspace(1, at_best, 20), np.full(40, end)])


def noisier(ratio):
    """A loss that falls, and rises by 20% in its last tenth, with a noise of 1% that grows in the second half."""
    loss = np.r_[np.geomspace(0.8, 0.5, 90), np.linspace(0.5, 0.6, 10)]
    sigma = np.repeat([0.01, 0.01 * ratio], 50)
    return run_of({"loss": loss * np.exp(sigma * np.random.default_rng(4).normal(size=100))})


CASES = [
    Case("divergence", "a rise of 11%", lambda: climbed(0.11, start=0.6), "error", findings=1,
         says="loss rises from 0.5 around step 19 to 0.555 at the end, 1.11 times as high (smoothed)", steps=(19, 59), metric="loss", confidence=0.99,
         remedy="restart from a checkpoint before step 19 with a learning rate 3 to 10 times lower"),
    Case("divergence", "no loss, an error", lambda: climbed(0.11, start=0.6, tag="train_mse"), "error", metric="train_mse",
         says="train_mse rises from 0.5 around step 19 to 0.555 at the end, 1.11 times as high (smoothed)"),
    Case("divergence", "no loss, a perplexity", lambda: run_of({"ppl": np.exp(climbed(0.11, start=0.6).all_curves[0].value)}), "error", metric="ppl",
         says="ln(ppl) rises from 0.5 around step 19 to 0.555 at the end, 1.11 times as high (smoothed)"),
    Case("divergence", "the loss of single batches stays", lambda: with_batches(climbed(0.5)), "error", metric="train/loss"),
    Case("divergence", "a column of accuracies called loss", lambda: rising_with(np.linspace(0.1, 0.9, 60)), "insufficient-data",
         says="loss rises together with acc: it may hold a score, not a loss"),
    Case("divergence", "a rank correlation of 0.94 with the accuracy", lambda: rising_with(np.linspace(0.1, 0.9, 60) + flat(60, 0.5, noise=0.2) - 0.5), "insufficient-data"),
    Case("divergence", "a rank correlation of 0.81 with the accuracy", lambda: rising_with(np.roll(np.linspace(0.1, 0.9, 60), -2)), "error"),
    Case("divergence", "an accuracy that falls meanwhile", lambda: rising_with(np.linspace(0.9, 0.1, 60)), "error"),
    Case("divergence", "a sum whose weight was raised", lambda: annealed(0.0), "clear"),
    Case("divergence", "a sum that rises at its last weight as well", lambda: annealed(1.0), "error", metric="train/loss"),
    Case("divergence", "a rise of 9%", lambda: climbed(0.09, start=0.6), "clear"),
    Case("divergence", "22% of the descent lost", lambda: climbed(0.3, start=1.7), "error"),
    Case("divergence", "18% of the descent lost", lambda: climbed(0.3, start=2.25), "clear"),
    Case("divergence", "4.4 standard errors", lambda: climbed(noise=0.014, seed=1), "warning", confidence=0.9),
    Case("divergence", "3.3 standard errors", lambda: climbed(noise=0.02, seed=6), "clear"),
    Case("divergence", "6.6 standard errors", lambda: climbed(noise=0.01, seed=1), "error"),
    Case("divergence", "a rise, all of it as noisy as the second half", lambda: noisier(1.0), "error"),
    Case("divergence", "a rise at 1.7 times the noise", lambda: noisier(2.5), "error"),
    Case("divergence", "a rise at 2.2 times the noise", lambda: noisier(4.0), "warning"),
    Case("divergence", "a rise within the noise of the second half", lambda: noisier(6.0), "clear"),
    Case("divergence", "4.7 standard errors", lambda: climbed(noise=0.014, seed=7), "warning"),
    Case("divergence", "doubles by 6.8 sigma", lambda: climbed(1.2, noise=0.2, seed=10), "error"),
    Case("divergence", "doubles by 5.4 sigma", lambda: climbed(1.2, noise=0.2, seed=29), "clear"),
    Case("divergence", "ends at 2.2 times its first value", lambda: above_start(2.2), "error", steps=(0, 59), confidence=0.95,
         says="loss rises from 1 around step 0 to 2.2 at the end, 2.2 times as high (smoothed)"),
    Case("divergence", "ends at 1.8 times its first value", lambda: above_start(1.8), "clear"),
    Case("divergence", "explodes within the first points", lambda: run_of({"loss": np.r_[3.0, 1e7, 1e90, np.geomspace(1e154, 1e137, 97)]}), "error"),
    Case("divergence", "12 points", lambda: climbed(2, points=12), "error"),
    Case("divergence", "12 points that fall", lambda: run_of({"loss": np.geomspace(9, 1, 12)}), "clear"),
    Case("divergence", "11 points that fall", lambda: run_of({"loss": np.geomspace(9, 1, 11)}), "insufficient-data",
         says="no steep rise in 11 points; that there is none takes 12"),
    Case("divergence", "8 points, ten times as high", lambda: run_of({"loss": [9, 8, 7.4, 9, 14, 30, 50, 78]}), "error"),
    Case("divergence", "6 points, 4.1 times as high", lambda: run_of({"loss": [9, 8, 7.4, 11, 18, 30]}), "error"),
    Case("divergence", "6 points, three times as high", lambda: run_of({"loss": [9, 8, 7.4, 10, 15, 22]}), "insufficient-data"),
    Case("divergence", "5 points", lambda: run_of({"loss": [9, 7.4, 12, 30, 78]}), "insufficient-data",
         says="train loss needs at least 6 points, has 5"),
    Case("divergence", "a likelihood of both signs", lambda: run_of({"loss": np.r_[np.linspace(1, -1, 30), np.linspace(-1, 0.5, 30)]}), "error",
         says="loss rises from -1 around step 29 to 0.448 at the end (smoothed)"),
    Case("divergence", "falls with noise", lambda: run_of({"loss": decay(100, noise=0.3)}), "clear"),
    Case("divergence", "slow noise in a short run", lambda: run_of({
        "loss": decay(40, end=0.5, noise=0) * np.exp(0.1 * autoregressive(40, 0.9, 28))}), "clear"),
    Case("divergence", "one spike at the end", lambda: run_of({"loss": with_values(decay(100), 99, 5.0)}), "clear"),
    Case("divergence", "doubles within the last window", lambda: run_of({"loss": np.r_[decay(57, end=0.5, noise=0), 0.45, 1.2, 1.2]}), "clear"),
    Case("divergence", "actor-critic losses rise", lambda: run_of({"train/value_loss": np.geomspace(0.1, 10, 100), "rollout/ep_rew_mean": np.arange(100.0)}), "not-applicable"),

    Case("divergence", "validation loss alone rises", lambda: run_of({"loss": decay(100), "val_loss": np.r_[decay(40), np.geomspace(0.2, 2, 60)]}), "clear"),
    Case("divergence", "validation loss ends lower", lambda: climbed(val_loss=np.linspace(1, 0.5, 60)), "clear"),
    Case("divergence", "validation loss ends higher", lambda: climbed(val_loss=np.r_[np.linspace(1, 0.5, 20), np.linspace(0.5, 0.6, 40)]), "error"),
    Case("divergence", "validation loss ends lower than at first only", lambda: climbed(val_loss=(np.arange(5, 60, 6), np.r_[1.0, 0.8, 0.6, 0.5, np.full(6, 0.7)])), "error"),
    Case("divergence", "two evaluations after the best", lambda: climbed(val_loss=(np.r_[0:10, 30, 50], np.linspace(1, 0.5, 12))), "error"),
    Case("divergence", "evaluations from the climb on", lambda: climbed(val_loss=(np.arange(30, 60, 3), np.linspace(1, 0.5, 10))), "clear"),
    Case("divergence", "an explosion, and a lower validation loss", lambda: run_of({
        "loss": np.r_[1.0, flat(59, 2.2, noise=5e-4)], "val_loss": np.linspace(1, 0.5, 60)}), "error"),

    Case("divergence", "the rate is back at 55% of its peak", lambda: restarted(0.55), "insufficient-data",
         says="the learning rate is in the middle of a cycle at the end of the log"),
    Case("divergence", "the rate is back at 45% of its peak", lambda: restarted(0.45), "error",
         remedy="restart from a checkpoint before step 19 with a learning rate 3 to 10 times lower (it was 0.3 there)"),
    Case("divergence", "the rate is back at 104% of its peak", lambda: restarted(1.04), "insufficient-data"),
    Case("divergence", "the rate is back at 106% of its peak", lambda: restarted(1.06), "error"),
    Case("divergence", "the rate was at 55% when the loss was best", lambda: restarted(0.9, at_best=0.55), "error"),
    Case("divergence", "the rate is logged from the climb on", lambda: climbed(lr=(np.arange(30, 60), np.full(30, 0.1))), "error",
         remedy="restart from a checkpoint before step 19 with a learning rate 3 to 10 times lower"),
]  # fmt: skip
