"""Runs that the system rules must find, and runs that look alike and are healthy: data, memory and utilization.

Those about the time of steps are in cases_system_time.py.
"""

from __future__ import annotations

import numpy as np

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.run import Curve, Run

from ..curves import Case, decay, flat, run_of, with_values


def waiting(share, *, points=50):
    """A log of the time waiting for data and the time of a step."""
    return run_of({"data_time": np.full(points, 0.6 * share), "time": np.full(points, 0.6)})


def blocks_of(rises, *, points=9):
    """Memory that is level for 10% of the run and then rises by so much from each of 10 blocks to the next."""
    levels = 4000.0 + np.cumsum(np.r_[0, 0, rises])
    return run_of({"gpu_mem": np.repeat(levels, np.r_[10 * points // 9, np.full(10, points)])})


def busy(*percents, points=60):
    """The utilization of some devices, each at a level."""
    return run_of({f"system.gpu.{i}.gpu": np.full(points, percent) for i, percent in enumerate(percents)})


STEADY = np.full(9, 100.0)
RAMP = np.linspace(10, 60, 24)

CASES = [
    Case("data-bound", "half of each step", lambda: waiting(0.5), "warning",
         says="waiting for data takes 50% of the step time (median of 45 points); without it training would run 2.0 times as fast",
         steps=(5, 49), metric="data_time", confidence=0.9,
         remedy="use more loader workers, prefetch more batches, and keep the workers alive between epochs"),
    Case("data-bound", "27% of each step", lambda: waiting(0.27), "clear"),
    Case("data-bound", "33% of each step", lambda: waiting(0.33), "warning"),
    Case("data-bound", "30% of each step", lambda: run_of({"data_loading(%)": np.full(50, 30.0)}), "warning"),
    Case("data-bound", "the whole step", lambda: waiting(1.0), "warning",
         says="waiting for data takes 100% of the step time (median of 45 points); without it training would run 100.0 times as fast"),
    Case("data-bound", "10 points after the start", lambda: waiting(0.5, points=12), "warning"),
    Case("data-bound", "9 points after the start", lambda: waiting(0.5, points=11), "insufficient-data",
         says="needs at least 10 points after the start, has 9"),
    Case("data-bound", "noisy", lambda: run_of({"data_time": flat(50, 0.3, noise=0.2), "time": flat(50, 0.6)}), "warning"),
    Case("data-bound", "a share in percent", lambda: run_of({"time_metrics/data_loading(%)": flat(50, 60.0, noise=0.1)}), "warning"),
    Case("data-bound", "a share by its name", lambda: run_of({"data_loading_fraction": np.full(50, 0.6), "time": np.full(50, 100.0)}), "warning"),
    Case("data-bound", "milliseconds beside seconds", lambda: run_of({"data_time_ms": flat(50, 300.0), "step_time": flat(50, 0.6)}), "warning"),
    Case("data-bound", "the time of the step of the same process", lambda: run_of({
        "a/step_time": np.full(50, 3.0), "b/step_time": np.full(50, 0.6), "b/data_time": np.full(50, 0.3)}), "warning"),
    Case("data-bound", "of two loaders the slower", lambda: run_of({
        "a/data_time": np.full(50, 0.2), "b/data_time": np.full(50, 0.3), "time": np.full(50, 0.6)}), "warning", metric="b/data_time"),
    Case("data-bound", "a step that took no time", lambda: run_of({
        "data_time": np.full(50, 0.3), "time": with_values(np.full(50, 0.6), slice(20, 25), 0.0)}), "warning",
         says="waiting for data takes 50% of the step time (median of 40 points); without it training would run 2.0 times as fast"),
    Case("data-bound", "loaded while computing", lambda: run_of({"data_time": flat(50, 0.01, noise=0.5), "time": flat(50, 0.6)}), "clear"),
    Case("data-bound", "workers start slowly", lambda: run_of({"data_time": np.r_[flat(5, 20.0), flat(45, 0.01)], "time": np.r_[flat(5, 21.0), flat(45, 0.6)]}), "clear"),
    Case("data-bound", "a slow batch at each epoch", lambda: run_of({
        "data_time": with_values(flat(60, 0.01), slice(9, None, 10), 30.0), "time": with_values(flat(60, 0.6), slice(9, None, 10), 31.0)}), "clear"),
    Case("data-bound", "longer than the step", lambda: waiting(1.01), "clear"),
    Case("data-bound", "no time of a step", lambda: run_of({"data_time": flat(50, 3.0), "loss": decay(50)}), "not-applicable",
         says="the step time is not logged together with the time waiting for data"),
    Case("data-bound", "the time of a step by epochs", lambda: Run("run", "run", "test", all_curves=resolve([
        Curve.build("data_time", np.arange(50), np.full(50, 0.3)), Curve.build("time", np.arange(50), np.full(50, 0.6), axis="epoch")])), "not-applicable"),
    Case("data-bound", "an evaluation waits", lambda: run_of({"val/data_time": np.full(50, 0.5), "time": np.full(50, 0.6)}), "not-applicable"),

    Case("memory-growth", "a leak", lambda: blocks_of(STEADY), "warning",
         says="gpu_mem rises from 4,000 to 4,900 (+22%) between step 10 and 99 (means of the first and the last of 10 blocks) and does not level off",
         steps=(10, 99), metric="gpu_mem", confidence=0.85, remedy="log loss.item(), and detach tensors that are kept in a list or a metric"),
    Case("memory-growth", "by 8.5%", lambda: blocks_of(0.085 * 4000 / 9 * np.ones(9)), "clear"),
    Case("memory-growth", "by 11.5%", lambda: blocks_of(0.115 * 4000 / 9 * np.ones(9)), "warning"),
    Case("memory-growth", "40 points", lambda: run_of({"gpu_mem": np.linspace(4000, 8000, 40)}), "warning"),
    Case("memory-growth", "39 points", lambda: run_of({"gpu_mem": np.linspace(4000, 8000, 39)}), "insufficient-data",
         says="memory needs at least 40 points, has 39"),
    Case("memory-growth", "8 of 9 blocks rise", lambda: blocks_of(with_values(STEADY, 4, -10.0)), "warning"),
    Case("memory-growth", "7 of 9 blocks rise", lambda: blocks_of(with_values(STEADY, [2, 4], 0.0)), "clear"),
    Case("memory-growth", "the last third at 78% of the pace", lambda: blocks_of(with_values(STEADY, slice(6, 9), 70.3)), "warning"),
    Case("memory-growth", "the last third at 72% of the pace", lambda: blocks_of(with_values(STEADY, slice(6, 9), 63.2)), "clear"),
    Case("memory-growth", "of two the one that grows more", lambda: run_of({
        "gpu_mem": np.linspace(4000, 8000, 100), "ram": np.linspace(4000, 12000, 100)}), "warning", metric="ram", findings=1),
    Case("memory-growth", "nothing in use at first", lambda: run_of({"gpu_mem": np.r_[np.zeros(19), np.linspace(100, 8000, 81)]}), "clear"),
    Case("memory-growth", "noisy", lambda: run_of({"gpu_mem": np.linspace(4000, 8000, 100) * flat(100, 1.0, noise=0.02)}), "warning"),
    Case("memory-growth", "a slow leak of the process", lambda: run_of({"proc/rss": np.linspace(4000, 4600, 300) + flat(300, 10.0, noise=1.0)}), "warning"),
    Case("memory-growth", "level", lambda: run_of({"gpu_mem": flat(100, 4000.0)}), "clear"),
    Case("memory-growth", "caches fill at the start", lambda: run_of({"gpu_mem": np.r_[np.linspace(1000, 4000, 15), flat(85, 4000.0)]}), "clear"),
    Case("memory-growth", "a running maximum", lambda: run_of({"max_mem": np.maximum.accumulate(np.random.default_rng(0).lognormal(8, 0.5, 200))}), "clear"),
    Case("memory-growth", "data is cached in the first half", lambda: run_of({"ram": np.r_[np.linspace(1000, 4000, 100), flat(100, 4000.0, noise=0)]}), "clear"),
    Case("memory-growth", "free memory falls", lambda: run_of({"memory.free": np.linspace(4000, 8000, 100)}), "not-applicable"),

    Case("low-utilization", "66% busy", lambda: busy(66), "info",
         says="the device is less than 70% busy: system.gpu.0.gpu is at most 66% busy (95th percentile of the utilization)",
         steps=(0, 59), metric="system.gpu.0.gpu", confidence=0.8, remedy="raise the batch size until memory is full"),
    Case("low-utilization", "74% busy", lambda: busy(74), "clear"),
    Case("low-utilization", "70% busy", lambda: busy(70), "clear"),
    Case("low-utilization", "20 points", lambda: busy(30, points=20), "info"),
    Case("low-utilization", "19 points", lambda: busy(30, points=19), "insufficient-data", says="GPU utilization needs at least 20 points, has 19"),
    Case("low-utilization", "two points at the start", lambda: run_of({"gpu_utilization": with_values(RAMP, [1, 2], 100.0)}), "info",
         says="the device is less than 70% busy: gpu_utilization is at most 60% busy (95th percentile of the utilization)"),
    Case("low-utilization", "one of two at 4.3%", lambda: busy(95, 4.3), "info",
         says="1 of 2 devices is idle: system.gpu.1.gpu is at most 4% busy (95th percentile of the utilization)",
         metric="system.gpu.1.gpu", remedy="use the device of system.gpu.1.gpu, or do not request it"),
    Case("low-utilization", "one of two at 5.7%", lambda: busy(95, 5.7), "info",
         says="1 of 2 devices is less than 70% busy: system.gpu.1.gpu is at most 6% busy (95th percentile of the utilization)"),
    Case("low-utilization", "two of three idle", lambda: busy(3, 2, 95), "info",
         says="2 of 3 devices are idle: system.gpu.1.gpu is at most 2% busy (95th percentile of the utilization)"),
    Case("low-utilization", "both idle", lambda: busy(2, 3), "info", metric="system.gpu.0.gpu",
         says="2 of 2 devices are less than 70% busy: system.gpu.0.gpu is at most 2% busy (95th percentile of the utilization)"),
    Case("low-utilization", "one of two does nothing", lambda: run_of({"system.gpu.0.gpu": flat(60, 95.0), "system.gpu.1.gpu": np.tile([0, 1], 30)}), "info"),
    Case("low-utilization", "busy but for evaluations", lambda: run_of({"gpu_utilization": with_values(flat(60, 95.0, noise=0.02), slice(9, None, 10), 10.0)}), "clear"),
    Case("low-utilization", "share of floating-point operations", lambda: run_of({"gpu_mfu": flat(60, 0.4)}), "not-applicable", says="no GPU utilization is logged"),
    Case("low-utilization", "of the CPU", lambda: run_of({"cpu_utilization": flat(60, 20.0)}), "not-applicable"),
]  # fmt: skip
