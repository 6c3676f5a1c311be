"""Planted faults of the machine and of the log itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trainlint.parsers.restarts import Segment

from .planted import fault

if TYPE_CHECKING:
    from .draft import Draft


@fault("stall")
def stands_still(draft: Draft, severity: float) -> None:
    """One, two or three pauses at random, each of 30, 60 or 300 usual intervals and a minute at least."""
    rng = draft.rng
    usual = float(np.median(draft.seconds))
    length = max({0.25: 30.0, 0.5: 60.0}.get(severity, 300.0) * usual, 60.0)
    away = np.setdiff1d(np.arange(5, draft.points), np.concatenate((draft.eval_rows, draft.eval_rows + 1)))
    away = away if len(away) else np.arange(5, draft.points)
    rows = rng.choice(away, size=min(max(1, round(3 * severity)), len(away)), replace=False)
    draft.seconds[rows] += length * rng.uniform(0.8, 1.2, size=len(rows))


@fault("slowdown")
def steps_take_longer(draft: Draft, severity: float) -> None:
    """From some point on, or step by step, steps take 1.5, 2 or 3 times as long."""
    if draft.rng.random() < 0.5:
        onset = np.clip((draft.progress - draft.rng.uniform(0.3, 0.6)) * 1e3, 0, 1)
    else:
        onset = draft.progress
    draft.seconds = draft.seconds * (1 + 2 * severity * onset)


@fault("step-time-outliers")
def some_steps_are_slow(draft: Draft, severity: float) -> None:
    """One step in 20 takes 5, 10 or 15 times as long, at random; intervals last 1 s at least."""
    draft.seconds = draft.seconds / min(float(np.median(draft.seconds)), 1.0)
    slow = draft.rng.random(draft.points) < 0.05
    slow[:2] = False
    draft.seconds[slow] *= {0.25: 5.0, 0.5: 10.0}.get(severity, 15.0)


@fault("data-bound")
def waits_for_data(draft: Draft, severity: float) -> None:
    """35, 50 and 80% of a step is waiting for data."""
    share = 0.2 + 0.6 * severity
    draft.train["data_time"] = draft.train["step_time"] * np.clip(
        share * np.exp(0.1 * draft.rng.normal(size=draft.points)), 0, 0.98
    )


@fault("memory-growth")
def leaks(draft: Draft, severity: float) -> None:
    """The memory in use grows evenly by 25, 50 or 100%."""
    draft.train["gpu_mem"] = draft.train["gpu_mem"] * (1 + severity * draft.progress)


@fault("low-utilization")
def device_is_idle(draft: Draft, severity: float) -> None:
    """The device is busy 60, 45 or 15% of the time."""
    draft.train["gpu_utilization"] = np.clip(75 - 60 * severity + 3 * draft.rng.normal(size=draft.points), 0, 100)


@fault("truncated-run")
def killed(draft: Draft, severity: float) -> None:
    """The settings plan 1.15, 1.3 or 1.6 times the steps that were made."""
    draft.settings["max_steps"] = int((1 + 0.6 * severity) * (int(draft.steps[-1]) + 1))
    draft.evals["val/loss"][-1] = 0.98 * float(draft.evals["val/loss"].min())  # it had not stopped improving


@fault("truncated-history")
def beginning_is_lost(draft: Draft, severity: float) -> None:
    """The first 20, 40 or 80% of what was trained is not in the log."""
    lost = 0.8 * severity
    draft.steps = draft.steps + max(int(lost / (1 - lost) * int(draft.steps[-1])), 1)


@fault("resume-discontinuity")
def optimizer_state_lost(draft: Draft, severity: float) -> None:
    """After a restart the loss is 1.5, 2 or 3 times as high, and comes back over a tenth of the run."""
    row = draft.row(0.4, 0.8)
    since = (np.arange(draft.points) - row) / (0.1 * draft.points)
    draft.loss = draft.loss * np.where(since >= 0, 1 + 2 * severity * np.exp(-np.maximum(since, 0)), 1)
    draft.resume(row, rewind=0, pause_s=600.0)


@fault("resume-discontinuity")
def schedule_starts_anew(draft: Draft, severity: float) -> None:
    """After a restart the learning rate, which had fallen to 0.75, 0.5 or 0.05 of its peak, starts from the peak again."""
    row = draft.row(0.4, 0.8)
    peak, end = float(draft.train["lr"].max()), max(1 - severity, 0.05)
    first = np.linspace(peak, end * peak, row)
    draft.train["lr"] = np.concatenate((first, np.linspace(peak, end * peak, draft.points - row)))
    draft.resume(row, rewind=0, pause_s=600.0)


@fault("interleaved-writers")
def two_processes_at_once(draft: Draft, severity: float) -> None:
    """A second process writes the same steps with other values, over the last 30, 50 or 100% of the run."""
    first = int((1 - max(severity, 0.3)) * draft.points)
    second = np.arange(first, draft.points)
    n = draft.points
    draft.rows = np.concatenate((np.arange(n), n + second - first))
    offset = 0.4 * float(np.median(draft.seconds))
    for tag, values in draft.train.items():
        draft.train[tag] = np.concatenate((values, values[second] * np.exp(0.05 * draft.rng.normal(size=len(second)))))
    draft.histograms.clear()
    draft.steps = np.concatenate((draft.steps, draft.steps[second]))
    clock = np.cumsum(draft.seconds)
    draft.seconds = np.diff(np.concatenate((clock, clock[second] + offset)), prepend=0.0)
    draft.segments = (Segment(0, int(draft.steps[0])), Segment(n, int(draft.steps[n])))


@fault("duplicate-steps")
def several_ranks_log(draft: Draft, severity: float) -> None:
    """2, 3 or 5 values a step, each with the noise of its own batch."""
    ranks = {0.25: 2, 0.5: 3}.get(severity, 5)
    for tag, values in draft.train.items():
        scatter = np.exp(0.05 * draft.rng.normal(size=ranks * draft.points))
        draft.train[tag] = np.repeat(values, ranks) * (scatter if tag != "lr" else 1.0)
    draft.histograms.clear()
    draft.eval_rows = draft.eval_rows * ranks
    draft.steps = np.repeat(draft.steps, ranks)
    draft.seconds = np.where(np.arange(len(draft.steps)) % ranks == 0, np.repeat(draft.seconds, ranks), 1e-3)
    draft.points_an_epoch *= ranks
