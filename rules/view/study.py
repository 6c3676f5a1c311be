"""Types of several runs together: digests and outcomes of runs, configurations, studies, controlled pairs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from ...parsers.settings.run_names import NamedSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...parsers.run import Axis, Direction, Floats, Hyperparameter, Ints, Role, Run, Split, Task
    from ...parsers.settings.kinds import Value

Failure: TypeAlias = Literal["", "diverged", "stuck", "collapsed", "crashed"]

MAX_OUTCOME = 1e150  # the square of a larger value is not finite, and no variance can be computed


@dataclass(frozen=True, slots=True)
class Outcome:
    """The value of a metric that stands for a run.

    Attributes:
        metric: name of the curve.
        value: mean of the best window of neighbouring evaluations, NaN if none is finite. A single best evaluation
            would favour noisy runs; a window costs the same in every run.
        step: middle of that window, on `axis`.
        noise: standard error of `value` from the scatter of the evaluations, NaN if they are too few; not that of seeds.
        first, last: value of the first evaluation, and mean of the last window.
        last_step: of the last evaluation.
        points: number of finite evaluations.

    """

    metric: str
    split: Split
    direction: Direction
    axis: Axis
    value: float
    step: int
    noise: float
    first: float
    last: float
    last_step: int
    points: int

    @property
    def is_known(self) -> bool:
        """Whether there is a value that can be compared."""
        return abs(self.value) < MAX_OUTCOME


@dataclass(frozen=True, slots=True, eq=False)
class ThinCurve:
    """A curve of at most 200 points, evenly chosen by their number, first and last among them.

    Attributes:
        steps, values: int64 and float64 [k], as logged, NaN and infinities included.
        seconds: float64 [k], wall times, NaN where unknown.
        points: number of points of the whole curve.
        whole: hash of all its steps and values.
        resolution: distance of neighbouring values that its digits can express, absolute.

    """

    name: str
    role: Role
    split: Split
    direction: Direction
    axis: Axis
    steps: Ints
    values: Floats
    seconds: Floats
    points: int
    whole: bytes
    resolution: float


@dataclass(frozen=True, slots=True)
class RunDigest:
    """What is kept of a run until all are read: some KB, whatever the length of its log.

    Attributes:
        name: of the run in the report.
        path: where it lies.
        points: logged rows of the curve that stands for the run, 0 if it has no loss, score or reward.
        prefixes: hashes of steps and values of its first 32, 64, 128, ... rows.
        whole: hash of all of them.
        title: its name in the tracker, "" if there is none.
        outcomes: the deciding one first; empty if the run has no metric with a direction.
        failure: how it failed, "" if it did not.
        hyperparameters: flat, as logged or written beside the log.
        named: settings in the names of its folders and in its title.
        findings: pairs of rule and severity.
        metrics: names of its losses, scores and rewards, with their splits.
        curves: thinned, the deciding one first, at most `MAX_CURVES`.
        throughput: median, in what the log counts or in steps a second; NaN if unknown.
        memory: largest value of a memory curve, NaN if unknown.

    """

    name: str
    path: str
    points: int
    prefixes: tuple[bytes, ...]
    whole: bytes
    title: str = ""
    task: Task = "unknown"
    outcomes: tuple[Outcome, ...] = ()
    failure: Failure = ""
    hyperparameters: dict[str, Hyperparameter] = field(default_factory=dict)
    named: NamedSettings = field(default_factory=NamedSettings)
    findings: tuple[tuple[str, str], ...] = ()
    metrics: frozenset[tuple[str, str]] = frozenset()
    curves: tuple[ThinCurve, ...] = ()
    throughput: float = math.nan
    memory: float = math.nan

    @property
    def outcome(self) -> Outcome | None:
        """The deciding outcome."""
        return self.outcomes[0] if self.outcomes else None

    @property
    def has_outcome(self) -> bool:
        """Whether the deciding outcome can be compared."""
        return bool(self.outcomes) and self.outcomes[0].is_known

    @property
    def longest_prefix(self) -> tuple[int, bytes]:
        """Which of the prefixes is the last, and its hash."""
        return len(self.prefixes), self.prefixes[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Configuration:
    """Runs that are equal but for the seed and what nobody chooses for its effect.

    Attributes:
        hyperparameters: by name; those that vary in the study.
        runs: its replicates, in the order of their names.
        seeds: seed of each run as text, "" where it is not known.

    """

    hyperparameters: dict[str, Value]
    runs: tuple[RunDigest, ...]
    seeds: tuple[str, ...]

    @property
    def finished(self) -> tuple[RunDigest, ...]:
        """The runs that did not fail and have an outcome."""
        return tuple(run for run in self.runs if not run.failure and run.has_outcome)

    @property
    def failures(self) -> int:
        """Number of runs that failed."""
        return sum(bool(run.failure) for run in self.runs)

    @property
    def values(self) -> tuple[float, ...]:
        """Outcomes of the finished runs."""
        return tuple(run.outcome.value for run in self.finished if run.outcome is not None)


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Runs of one task, data and deciding metric.

    Attributes:
        hyperparameters: names of those that vary, the same as in the configurations. Settings that always change together
            are one: `tied` has the other names of each.
        constant: settings with one value in all runs, by name.
        from_names: those of `hyperparameters` that were read from names of runs and folders.

    """

    metric: str
    split: Split
    direction: Direction
    configurations: tuple[Configuration, ...]
    hyperparameters: tuple[str, ...]
    tied: dict[str, tuple[str, ...]]
    constant: dict[str, Value]
    from_names: frozenset[str] = frozenset()

    @property
    def runs(self) -> tuple[RunDigest, ...]:
        """All runs, in the order of their names."""
        return tuple(sorted((run for each in self.configurations for run in each.runs), key=lambda run: run.name))

    @property
    def is_lower_better(self) -> bool:
        return self.direction != "higher"

    def names_of(self, hyperparameter: str) -> tuple[str, ...]:
        """A hyperparameter and those tied to it."""
        return hyperparameter, *self.tied.get(hyperparameter, ())


@dataclass(frozen=True, slots=True, eq=False)
class ControlledPair:
    """Two configurations that differ in one hyperparameter, tied ones counted as one.

    Attributes:
        lower, higher: numbers of the configurations in the study, in the order of the levels of the hyperparameter.

    """

    hyperparameter: str
    lower: int
    higher: int


@dataclass(frozen=True, slots=True)
class Batch:
    """All runs of an audit.

    Attributes:
        digests: one a run, in the order of their names.
        read: reads a run once more; None if that cannot be done. It takes as long as the first time: for few runs.
        studies: the runs as studies, largest first.

    """

    digests: Sequence[RunDigest]
    read: Callable[[RunDigest], Run | None]
    studies: Sequence[Study] = ()
