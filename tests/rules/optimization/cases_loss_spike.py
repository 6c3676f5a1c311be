"""Runs whose training loss has spikes, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.run import Curve, Run

from ..curves import Case, decay, flat, run_of, running_means, with_values


def level(rises, *, points=200, noise=0.01, base=1.0):
    """A curve that alternates by a share around its level, with factors at some rows or ranges of them."""
    values = base * np.exp(noise * (-1.0) ** np.arange(points))
    for rows, factor in rises.items():
        values[rows] *= factor
    return values


def spiky(rises, *, norm=None, norm_name="grad_norm", rate=None, shift=0.0, settings=None, **options):
    """Such a loss, beside a gradient norm with spikes of its own."""
    curves = {"loss": level(rises, **options) + shift}
    if norm is not None:
        curves[norm_name] = level(norm, points=options.get("points", 200), noise=0.1)
    if rate is not None:
        curves["lr"] = rate
    return run_of(curves, **(settings or {}))


def many(count, points):
    """So many spikes of one point each, at uneven distances."""
    return spiky({20 + 22 * i + i * i % 7: 1.5 for i in range(count)}, points=points, noise=0.005)


def changed_noise(loud, *, rise=1.4):
    """A loss that becomes louder so many points before its spike."""
    wiggle = np.where(np.arange(200) < 150 - loud, 0.005, 0.02) * (-1.0) ** np.arange(200)
    return run_of({"loss": np.exp(with_values(wiggle, 150, np.log(rise)))})


def running(values, *, batches=60):
    """The running means of a loss, and the epochs in which they are taken."""
    steps = np.arange(len(values))
    curve = Curve.build("loss", steps, running_means(values, batches), epoch=(steps // batches).astype(float))
    return Run("run", "run", "test", all_curves=resolve([curve]))


CYCLES = np.tile(np.linspace(0.1, 0.001, 50), 4)
JUMP = {100: 30.0}

CASES = [
    Case("loss-spike", "27% for a point", lambda: spiky({100: 1.27}, noise=0.005), "info", findings=1,
         says="1 spike in loss, all recovered; the largest reaches 1.28 at step 100, 1.28 times its level",
         steps=(100, 100), metric="loss", confidence=0.85,
         remedy="clip the gradient norm at its 90th percentile, or lower the learning rate or Adam's beta2"),
    Case("loss-spike", "23% for a point", lambda: spiky({100: 1.23}, noise=0.005), "clear"),
    Case("loss-spike", "11 sigma", lambda: spiky({100: 1.5}, noise=0.0165), "info"),
    Case("loss-spike", "9 sigma", lambda: spiky({100: 1.5}, noise=0.0205), "clear"),
    Case("loss-spike", "two, the second larger", lambda: spiky({100: 1.5, range(130, 133): 1.8}), "info", steps=(100, 132),
         says="2 spikes in loss, all recovered; the largest reaches 1.82 at step 130, 1.84 times its level"),
    Case("loss-spike", "11 points apart are one", lambda: spiky({100: 1.5, 111: 1.5}), "info",
         says="1 spike in loss, all recovered; the largest reaches 1.52 at step 100, 1.53 times its level"),
    Case("loss-spike", "13 points apart are two", lambda: spiky({100: 1.5, 113: 1.5}), "info",
         says="2 spikes in loss, all recovered; the largest reaches 1.52 at step 100, 1.53 times its level"),
    Case("loss-spike", "21 loud points before", lambda: changed_noise(21), "info"),
    Case("loss-spike", "28 loud points before", lambda: changed_noise(28), "clear"),
    Case("loss-spike", "30 points", lambda: spiky({20: 1.5}, points=30), "info"),
    Case("loss-spike", "29 points", lambda: spiky({20: 1.5}, points=29), "insufficient-data", says="train loss needs at least 30 points, has 29"),
    Case("loss-spike", "a loss of both signs", lambda: spiky({100: 1.5}, shift=-1.0), "insufficient-data",
         says="the training loss is not positive, so relative change is undefined"),
    Case("loss-spike", "a term that may rise", lambda: run_of({"policy_loss": level({100: 1.5})}), "not-applicable",
         says="no training loss that should decrease is logged"),

    Case("loss-spike", "10 in a short run", lambda: many(10, 300), "info"),
    Case("loss-spike", "11 in a short run", lambda: many(11, 300), "insufficient-data", says="the loss has too many spikes: heavy-tailed noise"),
    Case("loss-spike", "12 in 600 points", lambda: many(12, 600), "info"),
    Case("loss-spike", "13 in 600 points", lambda: many(13, 600), "insufficient-data"),

    Case("loss-spike", "backed, 11%", lambda: spiky({100: 1.11}, noise=0.002, norm=JUMP), "info",
         says="1 spike in loss, all recovered; the largest reaches 1.11 at step 100, 1.11 times its level; 1 with a jump of the gradient norm"),
    Case("loss-spike", "backed, 9%", lambda: spiky({100: 1.09}, noise=0.002, norm=JUMP), "clear"),
    Case("loss-spike", "backed, 6.9 sigma", lambda: spiky({100: 1.16}, noise=0.01, norm=JUMP), "info"),
    Case("loss-spike", "backed, 5.5 sigma", lambda: spiky({100: 1.12}, noise=0.01, norm=JUMP), "clear"),
    Case("loss-spike", "backed by 6.6 sigma of the norm", lambda: spiky({100: 1.16}, norm={100: 4.0}), "info"),
    Case("loss-spike", "backed by 5.4 sigma of the norm", lambda: spiky({100: 1.16}, norm={100: 3.0}), "clear"),
    Case("loss-spike", "backed 2 points later", lambda: spiky({100: 1.16}, norm={102: 30.0}), "info"),
    Case("loss-spike", "backed 3 points later", lambda: spiky({100: 1.16}, norm={103: 30.0}), "clear"),
    Case("loss-spike", "backed 2 points before", lambda: spiky({100: 1.16}, norm={98: 30.0}), "info"),
    Case("loss-spike", "the norm of a layer", lambda: spiky({100: 1.16}, norm=JUMP, norm_name="grads/fc1.weight"), "clear"),
    Case("loss-spike", "a norm that is zero once", lambda: spiky({100: 1.16}, norm={100: 30.0, 0: 0.0}), "clear"),
    Case("loss-spike", "a norm of 29 points", lambda: run_of({
        "loss": level({20: 1.16}, points=60), "grad_norm": level({20: 30.0}, points=29, noise=0.1)}), "clear"),
    Case("loss-spike", "a norm of 30 points", lambda: run_of({
        "loss": level({20: 1.16}, points=60), "grad_norm": level({20: 30.0}, points=30, noise=0.1)}), "info"),
    Case("loss-spike", "3.2 times", lambda: spiky({100: 3.2}), "warning", confidence=0.9),
    Case("loss-spike", "2.8 times", lambda: spiky({100: 2.8}), "info"),
    Case("loss-spike", "2.1 times, back after 3 points of 200", lambda: spiky({range(100, 103): 2.1}), "warning"),
    Case("loss-spike", "1.9 times, back after 3 points of 200", lambda: spiky({range(100, 103): 1.9}), "info"),
    Case("loss-spike", "backed, 2.1 times", lambda: spiky({100: 2.1}, norm=JUMP), "info", confidence=0.85,
         says="1 spike in loss, all recovered; the largest reaches 2.12 at step 100, 2.14 times its level; 1 with a jump of the gradient norm"),
    Case("loss-spike", "backed, 1.9 times", lambda: spiky({100: 1.9}, norm=JUMP), "info"),
    Case("loss-spike", "backed, a lasting rise of 20%", lambda: spiky({range(100, 200): 1.2}, norm=JUMP), "info", confidence=0.9,
         says="1 spike in loss, 1 not recovered; the largest reaches 1.21 at step 100, 1.22 times its level; 1 with a jump of the gradient norm"),

    Case("loss-spike", "2.5 times, back after 11 of 1000 points", lambda: spiky({range(500, 511): 2.5}, points=1000), "warning", confidence=0.9),
    Case("loss-spike", "2.5 times, back after 9 of 1000 points", lambda: spiky({range(500, 509): 2.5}, points=1000), "info"),
    Case("loss-spike", "2.5 times, back after a point of 60", lambda: spiky({40: 2.5}, points=60), "info"),
    Case("loss-spike", "back after 4.5% of the run", lambda: spiky({range(200, 218): 1.5}, points=400), "info"),
    Case("loss-spike", "not back after 5.5% of the run", lambda: spiky({range(200, 222): 1.5}, points=400), "warning", confidence=0.9,
         says="1 spike in loss, 1 not recovered; the largest reaches 1.52 at step 200, 1.53 times its level"),
    Case("loss-spike", "two that took 5.5% together", lambda: spiky({range(100, 111): 1.5, range(200, 211): 1.5}, points=400), "warning", confidence=0.85),
    Case("loss-spike", "two that took 5% together", lambda: spiky({range(100, 110): 1.5, range(200, 210): 1.5}, points=400), "warning"),
    Case("loss-spike", "two that took 4.5% together", lambda: spiky({range(100, 109): 1.5, range(200, 209): 1.5}, points=400), "info"),
    Case("loss-spike", "back within 2.6 sigma", lambda: spiky({100: 1.5, range(101, 200): 1.08}), "info"),
    Case("loss-spike", "not back within 3.2 sigma", lambda: spiky({100: 1.5, range(101, 200): 1.1}), "warning"),
    Case("loss-spike", "a lasting rise, 65% at once", lambda: spiky({100: 1.5**0.65, range(101, 200): 1.5}, noise=0.001), "warning"),
    Case("loss-spike", "a lasting rise, 55% at once", lambda: spiky({100: 1.5**0.55, range(101, 200): 1.5}, noise=0.001), "clear"),
    Case("loss-spike", "the log ends within 10 points", lambda: spiky({range(190, 200): 1.5}), "warning", confidence=0.85,
         says="1 spike in loss, not recovered when the log ends; the largest reaches 1.52 at step 190, 1.53 times its level"),
    Case("loss-spike", "the log ends within 11 points", lambda: spiky({range(189, 200): 1.5}), "warning", confidence=0.9,
         says="1 spike in loss, 1 not recovered; the largest reaches 1.52 at step 190, 1.5 times its level"),

    Case("loss-spike", "restarts of the rate, back within 4.5% of the run", lambda: spiky({range(100, 109): 1.5}, rate=CYCLES), "info"),
    Case("loss-spike", "restarts of the rate, back after 5.5% of the run", lambda: spiky({range(100, 111): 1.5}, rate=CYCLES), "clear"),
    Case("loss-spike", "restarts of the rate, a lasting rise", lambda: spiky({range(100, 200): 1.5}, rate=CYCLES), "clear"),
    Case("loss-spike", "a hyperparameter names cycles", lambda: spiky({range(100, 200): 1.5}, settings={"cycles": 2}), "clear"),
    Case("loss-spike", "a warm restart", lambda: run_of({
        "loss": np.r_[decay(100, noise=0.01), 0.12 * np.exp(0.12 * np.arange(10)), flat(60, 0.4, noise=0.01), decay(30, 0.4, noise=0.01)]}), "clear"),
    Case("loss-spike", "noise", lambda: run_of({"loss": decay(200, noise=0.3)}), "clear"),
    Case("loss-spike", "drops are no spikes", lambda: run_of({"loss": with_values(decay(200), slice(100, None), 0.01)}), "clear"),
    Case("loss-spike", "steep start", lambda: run_of({"loss": np.exp(-np.linspace(0, 8, 200)) * flat(200, 1, noise=0.02)}), "clear"),
    Case("loss-spike", "a running mean starts anew each epoch", lambda: running(decay(480, noise=0.5)), "clear"),
    Case("loss-spike", "a spike in a running mean", lambda: running(level({290: 1.5}, points=480)), "info",
        says="1 spike in loss (running mean removed), all recovered; the largest reaches 1.52 at step 290, 1.53 times its level"),
    Case("loss-spike", "a running mean of two digits", lambda: run_of({
        "loss": np.round(running_means(decay(1200, 6.0, 4.0, noise=0.1), 200), 2)}), "insufficient-data"),
]  # fmt: skip
