"""Runs whose gradients explode, burst or grow from layer to layer, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of, steep_layers, with_values


def grown(levels, *, loss=None, noise=1e-4, seed=0, points=10):
    """A gradient norm of so many points at each level, beside a loss."""
    norm = np.repeat(levels, points) * flat(points * len(levels), 1, noise=noise, seed=seed)
    return run_of({"grad_norm": norm} | ({} if loss is None else {"loss": loss}))


def tenfold(ratio=100.0, change=0.0, *, loss_noise=0.0, seed=0):
    """A norm that grows all the time beside a loss whose logarithm changes evenly."""
    return grown(
        np.geomspace(1, ratio, 10),
        loss=2 * np.exp(change * np.linspace(0, 1, 100)) * flat(100, 1, noise=loss_noise, seed=seed),
    )


def bursts(
    rows=(150, 250, 350), *, height=60.0, loss_height=3.0, points=400, noise=0.05, loss_noise=0.005, late=0, seed=0
):
    """A norm and a loss that are so many times higher at some rows, the loss perhaps some points later."""
    norm, loss = flat(points, 1, noise=noise, seed=seed), flat(points, 1, noise=loss_noise, seed=seed + 1)
    rows = np.asarray(rows, dtype=int)
    return run_of({"grad_norm": with_values(norm, rows, height), "loss": with_values(loss, rows + late, loss_height)})


def noisy_before(quiet):
    """Bursts, before the last one of them a stretch of noise and so many quiet points."""
    rng = np.random.default_rng(0)
    norm = np.exp(np.r_[0.05 * rng.normal(size=250), 3 * rng.normal(size=100), 0.05 * rng.normal(size=quiet)])
    rows, points = [100, 200, 350 + quiet], 400 + quiet
    norm = with_values(np.r_[norm, flat(points - len(norm), 1, noise=0.05)], rows, 60.0)
    return run_of({"grad_norm": norm, "loss": with_values(flat(points, 1, noise=0.005), rows, 3.0)})


def layers_of(norms, *, fall=0.0, points=20):
    """Layers with these norms, the first layer first, beside a loss that falls by a share."""
    curves = {f"grads/layers.{i}.weight": flat(points, norm, noise=1e-3, seed=i) for i, norm in enumerate(norms)}
    return run_of({"loss": np.repeat([2.0, 2 * (1 - fall)], 30), **curves})


CASES = [
    Case("exploding-gradients", "grows elevenfold", lambda: tenfold(11), "warning", findings=1,
         says="grad_norm grows from 1 at step 0 to 11 at the end, while loss does not fall", steps=(0, 99), metric="grad_norm", confidence=0.8,
         remedy="clip the gradient norm at about 1, its 90th percentile before the growth, or lower the learning rate"),
    Case("exploding-gradients", "grows without noise", lambda: grown(np.geomspace(1, 100, 10), noise=0), "warning"),
    Case("exploding-gradients", "grows ninefold", lambda: tenfold(9), "clear"),
    Case("exploding-gradients", "rises in 4 blocks", lambda: grown([2, 2, 2, 2, 2, 2, 1, 3, 6, 20]), "warning", steps=(60, 99),
         says="grad_norm grows from 1 at step 60 to 20 at the end"),
    Case("exploding-gradients", "rises in 3 blocks", lambda: grown([2, 2, 2, 2, 2, 2, 2, 1, 5, 20]), "clear"),
    Case("exploding-gradients", "does not rise steadily", lambda: grown([3, 3, 3, 3, 1, 6, 4, 3, 8, 20]), "clear"),
    Case("exploding-gradients", "the loss falls by 0.9%", lambda: tenfold(change=-0.009), "warning"),
    Case("exploding-gradients", "the loss falls by 1.1%", lambda: tenfold(change=-0.011), "clear"),
    Case("exploding-gradients", "the loss rises by 11%", lambda: tenfold(change=np.log(1.11)), "error", confidence=0.9,
         says="grad_norm grows from 1 at step 0 to 100 at the end, while loss rises"),
    Case("exploding-gradients", "the loss rises by 9%", lambda: tenfold(change=np.log(1.09)), "warning"),
    Case("exploding-gradients", "grows by 6.3 standard errors", lambda: grown(np.geomspace(1, 20, 10), noise=1, seed=3), "warning"),
    Case("exploding-gradients", "grows by 5.4 standard errors", lambda: grown(np.geomspace(1, 20, 10), noise=1, seed=6), "clear"),
    Case("exploding-gradients", "the loss rises by 6.3 standard errors", lambda: tenfold(change=0.15, loss_noise=0.08, seed=7), "error"),
    Case("exploding-gradients", "the loss rises by 5.3 standard errors", lambda: tenfold(change=0.15, loss_noise=0.08, seed=8), "warning"),
    Case("exploding-gradients", "20 points", lambda: grown(np.geomspace(1, 100, 10), points=2), "warning"),
    Case("exploding-gradients", "19 points", lambda: grown(np.geomspace(1, 100, 19), points=1), "insufficient-data",
         says="gradient norm needs at least 20 points, has 19"),
    Case("exploding-gradients", "19 points of the whole model", lambda: run_of({"grad_norm": flat(19, 1), **steep_layers(1.2)}), "insufficient-data",
         says="the gradient norm needs at least 20 points, has 19"),
    Case("exploding-gradients", "norms of layers only", lambda: run_of(steep_layers(1.2)), "not-applicable",
         says="no positive gradient norm of the whole model is logged"),
    Case("exploding-gradients", "a norm that is zero once", lambda: run_of({"grad_norm": with_values(flat(100, 1), 50, 0)}), "not-applicable"),
    Case("exploding-gradients", "the norm is not finite at the end", lambda: grown(np.r_[np.geomspace(1, 100, 99), np.inf], points=1, loss=decay(100)), "error",
         says="grad_norm grows from 1.24 at step 0 to 82.9 at the end, where it is no longer finite"),
    Case("exploding-gradients", "the loss is not finite at the end", lambda: grown(np.geomspace(1, 100, 10), loss=with_values(decay(100), 99, np.nan)), "error",
         says="grad_norm grows from 1 at step 0 to 100 at the end, where loss is no longer finite"),
    Case("exploding-gradients", "a loss without values", lambda: grown(np.geomspace(1, 100, 10), loss=np.full(100, np.nan)), "warning"),
    Case("exploding-gradients", "a loss that fell before", lambda: grown(
        np.r_[np.full(4, 1.1), np.geomspace(1, 100, 6)], loss=np.r_[decay(40), np.full(60, 0.1)]), "warning"),
    Case("exploding-gradients", "grows as the loss falls", lambda: run_of({
        "loss": decay(100), "grad_norm": np.geomspace(1, 30, 100) * flat(100, 1, noise=0.2)}), "clear"),

    Case("gradient-bursts", "elevenfold", lambda: bursts(height=11), "warning", findings=1,
         says="grad_norm bursts 3 times together with loss, the largest time at step 150 to 11 (median 0.998)", steps=(150, 350), metric="grad_norm",
         confidence=0.85, remedy="clip the gradient norm at about 1.1, its 90th percentile"),
    Case("gradient-bursts", "ninefold", lambda: bursts(height=9), "clear"),
    Case("gradient-bursts", "10.3 sigma", lambda: bursts(height=12, noise=0.2, seed=3), "warning"),
    Case("gradient-bursts", "9.3 sigma", lambda: bursts(height=12, noise=0.2), "clear"),
    Case("gradient-bursts", "the loss jumps by 6.3 sigma", lambda: bursts(loss_height=1.35, loss_noise=0.04, seed=1), "warning"),
    Case("gradient-bursts", "the loss jumps by 5.5 sigma", lambda: bursts(loss_height=1.3, loss_noise=0.04, seed=1), "clear"),
    Case("gradient-bursts", "the loss jumps by 11%", lambda: bursts(loss_height=1.11), "warning"),
    Case("gradient-bursts", "the loss jumps by 9%", lambda: bursts(loss_height=1.09), "clear"),
    Case("gradient-bursts", "the loss jumps 2 points later", lambda: bursts(late=2), "warning"),
    Case("gradient-bursts", "the loss jumps 3 points later", lambda: bursts(late=3), "clear"),
    Case("gradient-bursts", "the loss jumps 3 points before", lambda: bursts(late=-3), "clear"),
    Case("gradient-bursts", "twice", lambda: bursts((150, 250)), "clear"),
    Case("gradient-bursts", "6 times in 200 points", lambda: bursts(np.arange(30, 200, 30), points=200), "warning"),
    Case("gradient-bursts", "7 times in 200 points", lambda: bursts(np.arange(15, 200, 27), points=200), "clear"),
    Case("gradient-bursts", "10 times in 500 points", lambda: bursts(np.arange(30, 500, 50), points=500), "warning"),
    Case("gradient-bursts", "11 times in 500 points", lambda: bursts(np.arange(30, 500, 44), points=500), "clear"),
    Case("gradient-bursts", "at the 13th point", lambda: bursts((12, 150, 250)), "warning"),
    Case("gradient-bursts", "10 points apart", lambda: bursts((150, 160, 250)), "clear"),
    Case("gradient-bursts", "29 quiet points before", lambda: noisy_before(29), "warning"),
    Case("gradient-bursts", "22 quiet points before", lambda: noisy_before(22), "clear"),
    Case("gradient-bursts", "20 points", lambda: bursts((), points=20), "clear"),
    Case("gradient-bursts", "19 points", lambda: bursts((), points=19), "insufficient-data", says="gradient norm needs at least 20 points, has 19"),
    Case("gradient-bursts", "a loss of both signs", lambda: run_of({"grad_norm": flat(100, 1), "loss": decay(100) - 1}), "not-applicable",
         says="no positive training loss is logged, so relative change is undefined"),
    Case("gradient-bursts", "while the norm grows", lambda: run_of({
        "grad_norm": with_values(np.geomspace(1, 100, 400), [150, 250, 350], [1e3, 2e3, 5e3]) * flat(400, 1, noise=0.05),
        "loss": with_values(flat(400, 1, noise=0.005), [150, 250, 350], 3.0)}), "warning"),
    Case("gradient-bursts", "the norm alone", lambda: bursts(loss_height=1.0), "clear"),
    Case("gradient-bursts", "the loss alone", lambda: bursts(height=1.0), "clear"),

    Case("layer-gradient-imbalance", "1,100-fold, the loss falls by 9%", lambda: layers_of(1100 ** (np.arange(7, -1, -1) / 6), fall=0.09), "warning", findings=1,
         says="the gradient norm grows from 1 in layers.7.weight to 3.5e+03 in layers.0.weight, and the training loss has fallen by 9%",
         steps=(0, 19), metric="grads/layers.0.weight", confidence=0.85, remedy="use smaller initial weights, with He or Xavier initialisation"),
    Case("layer-gradient-imbalance", "900-fold", lambda: layers_of(900 ** (np.arange(7, -1, -1) / 6)), "clear"),
    Case("layer-gradient-imbalance", "the loss falls by 11%", lambda: layers_of(np.geomspace(1e4, 1, 8), fall=0.11), "clear"),
    Case("layer-gradient-imbalance", "the loss rises", lambda: layers_of(np.geomspace(1e4, 1, 8), fall=-0.5), "warning",
         says="the gradient norm grows from 1 in layers.7.weight to 1e+04 in layers.0.weight, and the training loss has fallen by 0%"),
    Case("layer-gradient-imbalance", "2 of 21 pairs of layers fall", lambda: layers_of([1e6, 1e5, 1e4, 10, 1e3, 1e2, 1]), "warning"),
    Case("layer-gradient-imbalance", "3 of 28 pairs of layers fall", lambda: layers_of([1e7, 1e6, 1e5, 5, 1e4, 1e3, 1e2, 1]), "clear"),
    Case("layer-gradient-imbalance", "4 layers", lambda: layers_of(np.geomspace(1e4, 1, 4)), "warning"),
    Case("layer-gradient-imbalance", "3 layers", lambda: layers_of(np.geomspace(1e4, 1, 3)), "not-applicable", says="no gradient norm of 4 or more layers is logged"),
    Case("layer-gradient-imbalance", "3 layers with gradients", lambda: layers_of([1e4, 100, 1, 0]), "not-applicable",
         says="no series of 4 or more layers has a gradient norm above zero"),
    Case("layer-gradient-imbalance", "4 steps", lambda: layers_of(np.geomspace(1e4, 1, 8), points=4), "warning"),
    Case("layer-gradient-imbalance", "3 steps", lambda: layers_of(np.geomspace(1e4, 1, 8), points=3), "insufficient-data",
         says="gradient norm of 4 or more layers needs at least 4 points, has 3"),
    Case("layer-gradient-imbalance", "3 common steps", lambda: run_of({"loss": flat(60, 2.0), **{
        f"grads/layers.{i}.weight": (np.arange(20) + (17 if i == 3 else 0), flat(20, 10.0 ** -i)) for i in range(4)}}), "insufficient-data",
         says="the layers need at least 4 common steps, have 3"),
    Case("layer-gradient-imbalance", "a loss of both signs", lambda: run_of({"loss": flat(60, 2.0) - 2, **steep_layers(10)}), "not-applicable",
         says="no positive training loss is logged, so its progress is unknown"),
    Case("layer-gradient-imbalance", "even layers", lambda: run_of({"loss": flat(60, 2.0), **steep_layers(1.2)}), "clear"),
]  # fmt: skip
