"""What judging costs: all rules on one run, the share of what they have in common, and how it grows with the points.

    python benchmarks/judge.py                      # 20 curves x 10,000 points, healthy and with a fault; growth to 1 million
    python benchmarks/judge.py --points 100000 --longest 100000
    python benchmarks/judge.py --profile            # the costliest functions and rules

CPU time of this process after imports, the median of --repeats; a new view of the run each time, so that nothing is
remembered. "Shared signals" is what a run view computes once for all rules: effective curves, noise, best window, pace.
Goal: less than 150 ms for 20 curves x 10,000 points, less than 3 times the shared signals, growth with an exponent of 1.
"""

from __future__ import annotations

import argparse
import cProfile
import math
import pstats
import statistics
import time
from typing import TYPE_CHECKING

import numpy as np

from trainlint.analyzer.judging.engine import judge
from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.meaning.tasks import task_of
from trainlint.parsers.run import Curve, Run
from trainlint.rules.registry import RULES
from trainlint.rules.view.run_view import RunView

if TYPE_CHECKING:
    from collections.abc import Callable

EVALUATIONS = 10  # training points an evaluation
LAYERS = 3
GROWTH = (1_000, 10_000, 100_000, 1_000_000)


def run_of(points: int, *, ill: bool) -> Run:
    """20 curves of a classifier, 16 with all points and 4 with those of evaluations; ill: it diverges and overfits."""
    rng = np.random.default_rng(1)
    progress = np.linspace(0, 1, points)
    falling = 0.1 + 2.2 * np.exp(-8 * progress)

    def noisy(level: np.ndarray | float, size: float) -> np.ndarray:
        return level * np.exp(size * rng.normal(size=points))

    loss = noisy(falling * (np.exp(3 * np.maximum(progress - 0.7, 0) / 0.3) if ill else 1), 0.1)
    error = noisy(0.05 + 0.85 * np.exp(-8 * progress), 0.02).clip(0, 1)
    rising = 1 + (2 * np.maximum(progress - 0.3, 0) if ill else 0)
    train = {
        "train/loss": loss, "train/accuracy": 1 - error, "lr": 0.1 * (1 - 0.99 * progress), "grad_norm": noisy(1, 0.3),
        "gpu_mem": noisy(8000, 0.01), "step_time": noisy(0.5, 0.05), "data_time": noisy(0.02, 0.2),
    }  # fmt: skip
    for layer in range(LAYERS):
        train |= {
            f"grads/layers.{layer}.weight": noisy(1, 0.3), f"update_ratio/layers.{layer}.weight": noisy(1e-3, 0.3),
            f"act_std/layers.{layer}": noisy(1, 0.05),
        }  # fmt: skip
    evaluated = {
        "val/loss": noisy(falling * rising, 0.01), "val/accuracy": 1 - noisy(error, 0.01).clip(0, 1),
        "test/loss": noisy(falling, 0.01), "test/accuracy": 1 - noisy(error, 0.01).clip(0, 1),
    }  # fmt: skip
    steps, clock = np.arange(points) * 10, 1.7e9 + np.cumsum(noisy(5.0, 0.05))
    epochs = steps / (steps[-1] / 20)
    every = slice(EVALUATIONS - 1, None, EVALUATIONS)
    curves = [Curve.build(tag, steps, v, wall_time=clock, epoch=epochs) for tag, v in train.items()]
    curves += [
        Curve.build(t, steps[every], v[every], wall_time=clock[every], epoch=epochs[every])
        for t, v in evaluated.items()
    ]
    run = Run("run", "run", "benchmark", all_curves=resolve(curves), hyperparameters={"num_classes": 10})
    run.task, run.task_evidence = task_of(run)
    return run


def shared_signals(run: Run) -> None:
    """Compute what a view offers to all rules."""
    view = RunView(run)
    for curve in view.all_curves:
        _ = curve.noise, curve.rebound
    _ = view.loss("train"), view.learning_rate, view.even_pace, view.last_step


def cpu_seconds(work: Callable[[], object], repeats: int) -> float:
    """Median CPU time of some work."""
    times = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--longest", type=int, default=GROWTH[-1], help="most points of the growth table")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    runs = {kind: run_of(options.points, ill=kind == "ill") for kind in ("healthy", "ill")}
    shared = cpu_seconds(lambda: shared_signals(runs["healthy"]), options.repeats)
    print(f"{len(runs['healthy'].all_curves)} curves x {options.points:,} points, {len(RULES)} rules")
    print(f"shared signals  {1e3 * shared:8.1f} ms")
    for kind, run in runs.items():
        seconds = cpu_seconds(lambda run=run: judge(run, RULES), options.repeats)
        print(f"all, {kind:9} {1e3 * seconds:9.1f} ms   {seconds / shared:.2f} times the shared signals")
    if options.profile:
        profile(runs["healthy"], options.repeats)
        profile(runs["ill"], options.repeats)
        return
    before: tuple[int, float] | None = None
    for points in (p for p in GROWTH if p <= options.longest):
        run = run_of(points, ill=False)
        seconds = cpu_seconds(lambda run=run: judge(run, RULES), max(1, min(options.repeats, 100_000 // points)))
        slope = f"   exponent {math.log(seconds / before[1]) / math.log(points / before[0]):.2f}" if before else ""
        print(f"{points:>9,} points {1e3 * seconds:9.1f} ms{slope}")
        before = (points, seconds)


def profile(run: Run, repeats: int) -> None:
    """Print the costliest rules alone, and the costliest functions of all rules together."""
    alone = {rule.id: cpu_seconds(lambda rule=rule: judge(run, [rule]), repeats) for rule in RULES}
    for rule, seconds in sorted(alone.items(), key=lambda item: -item[1])[:10]:
        print(f"{1e3 * seconds:8.1f} ms  {rule} alone")
    profiler = cProfile.Profile()
    profiler.runcall(judge, run, RULES)
    pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
