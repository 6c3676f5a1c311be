"""Runs that the system rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .curves import Case, decay, flat, run_of, timed, with_values

if TYPE_CHECKING:
    from trainlint.parsers.run import Run

EVALUATED = np.random.default_rng(0).choice(np.arange(10, 290), 40, replace=False)
EVALUATED.sort()


def simulated_at(durations: np.ndarray) -> Run:
    """An agent whose steps took so many seconds."""
    run = timed(durations * flat(len(durations), 1.0, noise=0.05))
    run.task, run.task_evidence = "reinforcement", ("it is said so",)
    return run


CASES = [
    Case("stall", "two minutes at random", lambda: timed(with_values(np.full(200, 1.0), [37, 102, 150], 130.0)), "warning"),
    Case("stall", "half a minute once", lambda: timed(with_values(np.full(2000, 1.0), 1037, 40.0)), "info"),
    Case("stall", "checkpoints at regular steps", lambda: timed(with_values(np.full(200, 1.0), slice(19, None, 20), 60.0)), "clear"),
    Case("stall", "even", lambda: timed(np.full(200, 1.0)), "clear"),
    Case("stall", "long episodes beside short ones", lambda: timed(np.tile([1.0, 1.0, 1.0, 30.0], 40), np.tile([50, 50, 50, 1500], 40)), "clear"),
    Case("stall", "ten minutes of a day", lambda: timed(with_values(np.full(2000, 45.0), 1037, 900.0)), "info"),

    Case("slowdown", "twice as long at the end", lambda: timed(np.linspace(1.0, 2.0, 200) * flat(200, 1.0, noise=0.1)), "warning"),
    Case("slowdown", "a third longer in a simulator", lambda: simulated_at(np.linspace(1.0, 1.5, 200)), "info"),
    Case("slowdown", "three times as long in a simulator", lambda: simulated_at(np.linspace(1.0, 3.0, 200)), "warning"),
    Case("slowdown", "even", lambda: timed(flat(200, 1.0, noise=0.1)), "clear"),
    Case("slowdown", "compilation at the start", lambda: timed(with_values(flat(200, 1.0, noise=0.1), slice(0, 4), 50.0)), "clear"),

    Case("step-time-outliers", "every tenth at random", lambda: timed(np.where(np.random.default_rng(0).random(300) < 0.1, 8.0, 1.0)), "warning"),
    Case("step-time-outliers", "every tenth in turn", lambda: timed(with_values(np.full(300, 1.0), slice(9, None, 10), 8.0)), "clear"),
    Case("step-time-outliers", "long pauses in turn among short ones", lambda: timed(
        with_values(np.where(np.random.default_rng(0).random(400) < 0.1, 2.0, 1.0), slice(24, None, 25), 7.0)), "clear"),
    Case("step-time-outliers", "after each evaluation", lambda: timed(with_values(np.full(300, 1.0), EVALUATED + 1, 8.0), evaluated=EVALUATED), "clear"),
    Case("step-time-outliers", "before each evaluation", lambda: timed(with_values(np.full(300, 1.0), EVALUATED, 8.0), evaluated=EVALUATED), "clear"),

    Case("data-bound", "half of each step", lambda: run_of({"data_time": flat(50, 0.3, noise=0.2), "time": flat(50, 0.6)}), "warning"),
    Case("data-bound", "a share in percent", lambda: run_of({"time_metrics/data_loading(%)": flat(50, 60.0, noise=0.1)}), "warning"),
    Case("data-bound", "milliseconds beside seconds", lambda: run_of({"data_time_ms": flat(50, 300.0), "step_time": flat(50, 0.6)}), "warning"),
    Case("data-bound", "loaded while computing", lambda: run_of({"data_time": flat(50, 0.01, noise=0.5), "time": flat(50, 0.6)}), "clear"),
    Case("data-bound", "workers start slowly", lambda: run_of({"data_time": np.r_[flat(5, 20.0), flat(45, 0.01)], "time": np.r_[flat(5, 21.0), flat(45, 0.6)]}), "clear"),
    Case("data-bound", "a slow batch at each epoch", lambda: run_of({
        "data_time": with_values(flat(60, 0.01), slice(9, None, 10), 30.0), "time": with_values(flat(60, 0.6), slice(9, None, 10), 31.0)}), "clear"),
    Case("data-bound", "longer than the step", lambda: run_of({"data_time": flat(50, 3.0), "time": flat(50, 0.6)}), "clear"),
    Case("data-bound", "no time of a step", lambda: run_of({"data_time": flat(50, 3.0), "loss": decay(50)}), "not-applicable"),

    Case("memory-growth", "a leak", lambda: run_of({"gpu_mem": np.linspace(4000, 8000, 100) * flat(100, 1.0, noise=0.02)}), "warning"),
    Case("memory-growth", "a slow leak of the process", lambda: run_of({"proc/rss": np.linspace(4000, 4600, 300) + flat(300, 10.0, noise=1.0)}), "warning"),
    Case("memory-growth", "level", lambda: run_of({"gpu_mem": flat(100, 4000.0)}), "clear"),
    Case("memory-growth", "caches fill at the start", lambda: run_of({"gpu_mem": np.r_[np.linspace(1000, 4000, 15), flat(85, 4000.0)]}), "clear"),
    Case("memory-growth", "a peak so far", lambda: run_of({"max_mem": np.maximum.accumulate(np.random.default_rng(0).lognormal(8, 0.5, 200))}), "clear"),
    Case("memory-growth", "data are cached in the first half", lambda: run_of({"ram": np.r_[np.linspace(1000, 4000, 100), flat(100, 4000.0, noise=0)]}), "clear"),
    Case("memory-growth", "what is left falls", lambda: run_of({"memory.free": np.linspace(4000, 8000, 100)}), "not-applicable"),

    Case("low-utilization", "never above a third", lambda: run_of({"gpu_utilization": flat(60, 30.0, noise=0.1)}), "info"),
    Case("low-utilization", "one of two does nothing", lambda: run_of({"system.gpu.0.gpu": flat(60, 95.0), "system.gpu.1.gpu": np.tile([0, 1], 30)}), "info"),
    Case("low-utilization", "busy but for evaluations", lambda: run_of({"gpu_utilization": with_values(flat(60, 95.0, noise=0.02), slice(9, None, 10), 10.0)}), "clear"),
    Case("low-utilization", "share of floating-point operations", lambda: run_of({"gpu_mfu": flat(60, 0.4)}), "not-applicable"),
]  # fmt: skip
