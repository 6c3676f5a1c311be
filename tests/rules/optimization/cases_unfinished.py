"""Runs that ended too early or hardly began, and runs that look alike and are healthy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..curves import Case, decay, flat, run_of, with_values


def falling(
    fall=0.6, bend=1.0, *, points=60, noise=1e-4, seed=0, start=0, tag="loss", axis="step", settings=None, **others
):
    """A loss whose logarithm falls so far, from the middle of the last fifth on at another pace; with other curves."""
    pace = np.where(np.arange(points) < 0.9 * points, 1.0, bend)
    loss = 2.3 * np.exp(-fall / points * (np.cumsum(pace) - 1)) * flat(points, 1, noise=noise, seed=seed)
    return run_of({tag: (start + np.arange(points), loss), **others}, axis=axis, **(settings or {}))


def faster(noise, seed):
    """A loss that falls a third faster in its last fifth, without a learning rate."""
    loss = np.exp(-np.r_[np.linspace(0, 0.4, 48), np.linspace(0.4, 0.535, 13)[1:]])
    return run_of({"loss": loss * flat(60, 1, noise=noise, seed=seed)})


def annealed(share):
    return np.linspace(0.1, 0.1 * share, 60)


UNDERTRAINED = [
    Case("undertrained", "a gain of 10%", lambda: falling(0.6), "info", findings=1, says="loss is still falling at the end, by 10.4% since step 48: 25% more steps would lower it by about 9.8%, in all likelihood by 9.7% to 9.9% (90% interval)", steps=(48, 59), metric="loss", confidence=0.8,
         remedy="train longer, with the learning-rate schedule stretched to the new length"),
    Case("undertrained", "a gain of 5.2%", lambda: falling(0.31), "info"),
    Case("undertrained", "a gain of 4.8%", lambda: falling(0.285), "clear"),
    Case("undertrained", "slows down to 55%", lambda: falling(1.2, 0.55), "info"),
    Case("undertrained", "slows down to 35%", lambda: falling(1.2, 0.35), "clear"),
    Case("undertrained", "a gain of 8%, or none", lambda: falling(0.5, noise=0.05, seed=3), "clear"),
    Case("undertrained", "12 points", lambda: falling(points=12), "info", steps=(6, 11)),
    Case("undertrained", "11 points", lambda: falling(points=11), "insufficient-data", says="train loss needs at least 12 points, has 11"),
    Case("undertrained", "a rate at 22% of its peak", lambda: falling(lr=annealed(0.22)), "info"),
    Case("undertrained", "a rate at 18% of its peak", lambda: falling(lr=annealed(0.18)), "clear"),
    Case("undertrained", "faster by 2.7 standard errors", lambda: faster(0.006, 29), "info"),
    Case("undertrained", "faster by 3.2 standard errors", lambda: faster(0.006, 2), "clear"),
    Case("undertrained", "faster, the rate is logged", lambda: falling(0.6, 1.4, lr=annealed(1)), "info"),
    Case("undertrained", "a hyperparameter names a cosine", lambda: falling(settings={"lr_scheduler_type": "cosine"}), "insufficient-data",
         says="the hyperparameters name a schedule, but no learning rate is logged"),
    Case("undertrained", "a cosine that is logged", lambda: falling(settings={"lr_scheduler_type": "cosine"}, lr=annealed(0.5)), "info"),
    Case("undertrained", "cut off", lambda: replace(falling(), is_cut_short=True), "not-applicable",
         says="the run was truncated, so it is known to be unfinished"),
    Case("undertrained", "95.5% of the planned steps", lambda: falling(start=132, settings={"max_steps": 200}), "info"),
    Case("undertrained", "94.5% of the planned steps", lambda: falling(start=130, settings={"max_steps": 200}), "not-applicable",
         says="the run ended before its planned number of steps"),
    Case("undertrained", "the planned steps are no epochs", lambda: falling(axis="epoch", settings={"max_steps": 200}), "info"),
    Case("undertrained", "ends in NaN", lambda: run_of({"loss": np.r_[2.3 * np.exp(-np.linspace(0, 0.6, 60)), np.nan]}), "clear"),
    Case("undertrained", "validation rather than training", lambda: falling(tag="val_loss", loss=decay(60)), "info", metric="val_loss"),
    Case("undertrained", "a short validation loss", lambda: falling(val_loss=decay(11)), "info", metric="loss"),
    Case("undertrained", "a validation loss of both signs", lambda: falling(val_loss=decay(60) - 1), "info", metric="loss"),
    Case("undertrained", "a perplexity", lambda: run_of({"train_perplexity": np.exp(falling().all_curves[0].value)}), "info", metric="train_perplexity"),
    Case("undertrained", "a term that may rise", lambda: falling(tag="policy_loss"), "insufficient-data",
         says="no positive loss that should decrease has 12 points"),
    Case("undertrained", "levels off", lambda: run_of({"loss": decay(60), "val_loss": np.r_[decay(30, noise=0.02), flat(30, 0.11)]}), "clear"),
    Case("undertrained", "while a score declines", lambda: falling(val_acc=np.r_[np.linspace(0.3, 0.8, 30), np.linspace(0.8, 0.2, 10), np.full(20, 0.2)]), "info"),
]  # fmt: skip


def slow(fall=0.09, pace=1.0, *, rate=1.0, score=None, loss=None, train=None, **options):
    """A loss that falls by a share in all, in its last third at another pace, beside a learning rate and other curves."""
    points, start = options.get("points", 60), options.get("start", 0)
    speed = np.r_[np.ones(points - points // 2), np.full(points // 2, pace)]
    values = 2.4 * (1 - fall) ** (np.cumsum(speed) / speed.sum())
    values *= flat(points, 1, noise=options.get("noise", 0.0), seed=options.get("seed", 0))
    curves = {options.get("tag", "loss"): (start + np.arange(points), values if loss is None else loss)}
    others = {
        "lr": rate and 1e-5 * np.linspace(1, rate, 60),
        "val_acc": score and np.full(60, score),
        "train_loss": train,
    }
    return run_of(curves | {tag: other for tag, other in others.items() if other is not None})


def slower_middle(pace):
    """A loss that falls evenly, but in the middle third at another pace."""
    paces = np.repeat([1.0, pace, 1.0], 20)
    return 2.4 * np.exp(-0.003 * np.cumsum(paces))


def dropped(level):
    """A training loss that falls to a share of its first values at once."""
    return np.r_[np.full(3, 2.3), np.full(57, 2.3 * level)]


SLOW = [
    Case("slow-convergence", "even and slow", slow, "warning", findings=1, says="loss has only fallen from 2.4 to 2.18, at a constant rate: by 3.1% over the first third of the run, by 3.1% over the last", steps=(0, 59), metric="loss", confidence=0.8,
         remedy="raise the learning rate by 3 to 10 (it is 1e-05); a range test shows how far"),
    Case("slow-convergence", "no learning rate, 40% of the pace in the middle", lambda: slow(rate=None, loss=slower_middle(0.4)), "warning"),
    Case("slow-convergence", "no learning rate, 27% of the pace in the middle", lambda: slow(rate=None, loss=slower_middle(0.27)), "info"),
    Case("slow-convergence", "no learning rate, but a schedule", lambda: replace(slow(rate=None), hyperparameters={"lr_scheduler_type": "cosine"}), "info"),
    Case("slow-convergence", "no learning rate", lambda: slow(rate=None), "warning",
         remedy="raise the learning rate by 3 to 10; a range test shows how far"),
    Case("slow-convergence", "a fall of 45%", lambda: slow(0.47), "warning"),
    Case("slow-convergence", "a fall of 55%", lambda: slow(0.57), "clear"),
    Case("slow-convergence", "a last third at 65% of the pace", lambda: slow(pace=0.65), "warning"),
    Case("slow-convergence", "a last third at 55% of the pace", lambda: slow(pace=0.55), "clear"),
    Case("slow-convergence", "a fall of 0.11% over the last third", lambda: slow(0.0033), "warning"),
    Case("slow-convergence", "a fall of 0.09% over the last third", lambda: slow(0.0027), "clear"),
    Case("slow-convergence", "2.9 standard errors", lambda: slow(0.02, noise=0.01, seed=2), "warning"),
    Case("slow-convergence", "2.3 standard errors", lambda: slow(0.02, noise=0.01, seed=16), "insufficient-data",
         says="the loss falls evenly, but by no more than its noise in so few points"),
    Case("slow-convergence", "rises in the last third", lambda: slow(loss=np.r_[np.linspace(2.4, 2.3, 40), np.linspace(2.2, 2.22, 20)]), "clear"),
    Case("slow-convergence", "the rate ends at 55% of its peak", lambda: slow(rate=0.55), "warning"),
    Case("slow-convergence", "the rate ends at 45% of its peak", lambda: slow(rate=0.45), "clear"),
    Case("slow-convergence", "begins at 9% of the run", lambda: slow(start=6), "warning"),
    Case("slow-convergence", "begins at 11% of the run", lambda: slow(start=8), "insufficient-data", says="the log begins at step 8, late in the run"),
    Case("slow-convergence", "12 points", lambda: slow(points=12), "warning"),
    Case("slow-convergence", "11 points", lambda: slow(points=11), "insufficient-data", says="train loss needs at least 12 points, has 11"),
    Case("slow-convergence", "a score of 78%", lambda: slow(score=0.78), "warning"),
    Case("slow-convergence", "a score of 82%", lambda: slow(score=0.82), "clear"),
    Case("slow-convergence", "the training loss at 55%", lambda: slow(tag="val_loss", train=dropped(0.55)), "warning", metric="val_loss"),
    Case("slow-convergence", "the training loss at 45%", lambda: slow(tag="val_loss", train=dropped(0.45)), "clear"),
    Case("slow-convergence", "a loss of both signs", lambda: slow(loss=decay(60) - 1), "insufficient-data",
         says="the loss is not positive, so relative change is undefined"),
    Case("slow-convergence", "a short validation loss", lambda: run_of({
        "loss": 2.4 * 0.9 ** np.linspace(0, 1, 60), "val_loss": decay(11), "lr": np.full(60, 1e-5)}), "warning", metric="loss"),
    Case("slow-convergence", "a perplexity", lambda: slow(tag="train_perplexity"), "warning"),
    Case("slow-convergence", "a term that may rise", lambda: slow(tag="policy_loss"), "insufficient-data", says="no loss that should decrease has 12 points"),
    Case("slow-convergence", "stands still at first", lambda: slow(loss=np.r_[np.full(30, 2.4), np.linspace(2.4, 2.2, 30)]), "clear"),
    Case("slow-convergence", "rises", lambda: slow(-0.1), "clear"),
    Case("slow-convergence", "levels off", lambda: slow(loss=decay(60, end=1.5, noise=0.01)), "clear"),
    Case("slow-convergence", "one low point at the end", lambda: slow(0.0, loss=with_values(np.full(60, 2.4), 59, 2.0)), "clear"),
]  # fmt: skip

CASES = [*UNDERTRAINED, *SLOW]
