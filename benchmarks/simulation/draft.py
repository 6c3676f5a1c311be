"""A run that is being made: plain arrays that faults may change before they become the common table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.meaning.tasks import task_of
from trainlint.parsers.restarts import Segment
from trainlint.parsers.run import Curve, Run

if TYPE_CHECKING:
    from trainlint.parsers.run import Floats, Incident, Ints

START_S = 1.7e9  # of the clock, seconds since the epoch


@dataclass(slots=True)
class Draft:
    """Arrays of a run of n training points and m evaluations.

    Attributes:
        rng: the generator of this run; faults draw from it, too.
        steps: of the training points, int64 [n].
        points_an_epoch: training points an epoch.
        eval_rows: row of the training point after which each evaluation was made, int64 [m].
        train: tag -> values at every training point, float64 [n].
        evals: tag -> values at every evaluation, float64 [m].
        histograms: (tag, statistic) -> values at every training point, float64 [n].
        seconds: how long each interval before a training point took, float64 [n].
        rates: relative learning rate, 0 to 1, float64 [n].
        sigma: noise of the logarithm of the training loss.
        level, eval_level: the training and the validation loss without noise, float64 [n] and [m].
        segments: writer segments of all training curves; empty where one writer wrote them in order.
        rows: rows of the training curves that are written, in order of writing; None for all.
        pause: before which of the written rows nothing ran, and for how many seconds.

    """

    rng: np.random.Generator
    steps: Ints
    points_an_epoch: int
    eval_rows: Ints
    train: dict[str, Floats] = field(default_factory=dict)
    evals: dict[str, Floats] = field(default_factory=dict)
    histograms: dict[tuple[str, str], Floats] = field(default_factory=dict)
    seconds: Floats = field(default_factory=lambda: np.empty(0))
    rates: Floats = field(default_factory=lambda: np.empty(0))
    sigma: float = 0.0
    level: Floats = field(default_factory=lambda: np.empty(0))
    eval_level: Floats = field(default_factory=lambda: np.empty(0))
    settings: dict[str, bool | int | float | str | None] = field(default_factory=dict)
    segments: tuple[Segment, ...] = ()
    rows: Ints | None = None
    pause: tuple[int, float] = (0, 0.0)
    incidents: list[Incident] = field(default_factory=list)
    is_cut_short: bool = False

    @property
    def points(self) -> int:
        return len(self.steps)

    @property
    def loss(self) -> Floats:
        return self.train["train/loss"]

    @loss.setter
    def loss(self, values: Floats) -> None:
        self.train["train/loss"] = values

    @property
    def progress(self) -> Floats:
        """Share of the run that is behind every training point, float64 [n]."""
        return np.arange(self.points) / max(self.points - 1, 1)

    @property
    def eval_progress(self) -> Floats:
        """The same of every evaluation, float64 [m]."""
        return self.progress[self.eval_rows]

    def row(self, low: float, high: float) -> int:
        """A random training row between two shares of the run."""
        return int(self.rng.uniform(low, high) * (self.points - 1))

    def resume(self, row: int, *, rewind: int, pause_s: float) -> None:
        """Let the log go on in a second file after a pause, `rewind` points before where the first one ends."""
        self.pause = (row, pause_s)
        self.rows = np.concatenate((np.arange(row), np.arange(row - rewind, self.points)))
        self.segments = (Segment(0, int(self.steps[0])), Segment(row, int(self.steps[row - rewind])))

    def finish(self, name: str) -> Run:
        """The run as a parser would hand it on, tags with their meanings."""
        epochs = np.arange(self.points) / self.points_an_epoch
        rows = np.arange(self.points) if self.rows is None else self.rows
        spent = self.seconds[rows]
        spent[self.pause[0]] += self.pause[1]
        written = START_S + np.cumsum(spent)
        clock = np.full(self.points, np.nan)
        clock[rows] = written  # of the last time that a row was written
        segments = self.segments or None
        curves = [
            Curve.build(
                tag, self.steps[rows], values[rows], wall_time=written, epoch=epochs[rows],
                statistic=statistic, segments=segments,
            )
            for (tag, statistic), values in [
                *(((tag, ""), values) for tag, values in self.train.items()),
                *self.histograms.items(),
            ]
        ]  # fmt: skip
        at = self.eval_rows
        done = clock[at] + np.r_[self.seconds[1:], 0.0][at] / 2  # the evaluation is a part of the interval that follows
        curves += [
            Curve.build(tag, self.steps[at], values, wall_time=done, epoch=epochs[at] + 1 / self.points_an_epoch)
            for tag, values in self.evals.items()
        ]
        run = Run(
            name, name, "simulation", all_curves=resolve(curves), hyperparameters=dict(self.settings),
            incidents=self.incidents, is_cut_short=self.is_cut_short,
        )  # fmt: skip
        run.task, run.task_evidence = task_of(run)
        return run
