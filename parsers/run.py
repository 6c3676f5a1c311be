"""The run table, which every parser writes and every rule reads.

A `Run` is one training. It holds `Curve`s, each a column of steps, wall times and values with the meaning of its
tag. Three states are distinguished: a *missing* point is absent from the arrays, *NaN* and *±inf* are values.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

import numpy as np

from .restarts import Segment, segments_of, session_sizes, standing_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from .checkpoints import Checkpoint

    Floats: TypeAlias = NDArray[np.float64]
    Ints: TypeAlias = NDArray[np.int64]
    Bools: TypeAlias = NDArray[np.bool_]

Number = TypeVar("Number", np.float64, np.int64)
Role = Literal[
    "loss", "score", "perplexity", "learning-rate", "gradient-norm", "weight-norm", "update-ratio", "zero-fraction",
    "activation", "saturation", "loss-scale", "reward", "entropy", "negative-entropy", "policy-std", "kl", "approx-kl",
    "clip-fraction", "policy-ratio", "explained-variance", "reward-margin", "uniform-reward-fraction",
    "truncated-fraction", "completion-length", "embedding-spread", "diversity", "discriminator-real", "discriminator-fake", "throughput", "step-time",
    "data-time", "memory", "utilization", "counter", "setting", "statistic", "unknown",
]  # fmt: skip
Split = Literal["train", "validation", "test", "none"]
Direction = Literal["lower", "higher", "unknown"]
Axis = Literal["step", "epoch", "row"]
KnownTask = Literal[
    "classification", "regression", "language-model", "fine-tuning", "detection", "segmentation", "reinforcement",
    "adversarial", "diffusion", "contrastive", "boosting",
]  # fmt: skip
Task = Literal[KnownTask, "unknown"]
LeftOut = Literal["", "rows", "middle", "end"]
Hyperparameter: TypeAlias = bool | int | float | str | None
TABLE_COLUMNS = ("run", "tag", "role", "split", "layer", "step", "epoch", "wall_time", "value")


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of a tag, and its evidence."""

    role: Role = "unknown"
    split: Split = "none"
    layer: str = ""
    direction: Direction = "unknown"
    reason: str = "no convention matches"


@dataclass(frozen=True, slots=True)
class Note:
    """Information about a file for the user: damage, a skipped part, a decision.

    `left_out` names an existing part that is missing: "rows" that were read and thinned, with all non-finite values kept;
    the "middle" of a log that was not read; or its "end". `fault`: the parser, or the page of the run, raised an exception.
    """

    path: str
    where: str
    message: str
    left_out: LeftOut = ""
    fault: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.where}: {self.message}" if self.where else f"{self.path}: {self.message}"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read for a run. `use`: data, hyperparameters, or a copy without new data."""

    path: str
    format: str
    size: int
    use: Literal["data", "hyperparameters", "copy"] = "data"


@dataclass(frozen=True, slots=True)
class Incident:
    """A line of a text log that reports a failure, or an end before the planned one.

    `line` counts from 1, `context` is the line with its neighbours, `step` the last one logged before it.
    """

    kind: Literal["out-of-memory", "collective-timeout", "worker-killed", "uncaught-exception", "announced-stop"]
    path: str
    line: int
    context: tuple[str, ...]
    step: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One logged quantity.

    Attributes:
        tag: the name in the log.
        step: int64 [n], in the order of writing; `axis` is its unit.
        value: float64 [n]; NaN and ±inf as logged.
        wall_time: float64 [n], seconds since the epoch of the clock, NaN where unknown.
        epoch: float64 [n], epochs since the start, NaN where unknown.
        statistic: for curves made from histograms, which statistic ("norm", "p50", ...); otherwise "".
        segments: writer segments in order of writing, the first starts at row 0.
        meaning: the meaning of the tag.
        axis_reason: the evidence for what `step` counts, in words; "" if the format defines it.

    """

    tag: str
    step: Ints
    value: Floats
    wall_time: Floats
    epoch: Floats
    statistic: str = ""
    axis: Axis = "step"
    segments: tuple[Segment, ...] = ()
    meaning: Meaning = field(default_factory=Meaning)
    axis_reason: str = ""

    @classmethod
    def build(
        cls,
        tag: str,
        step: ArrayLike,
        value: ArrayLike,
        *,
        wall_time: ArrayLike | None = None,
        epoch: ArrayLike | None = None,
        statistic: str = "",
        axis: Axis = "step",
        segments: Sequence[Segment] | None = None,
        meaning: Meaning | None = None,
        axis_reason: str = "",
    ) -> Curve:
        """Make a curve from array-likes; a decreasing step starts a segment unless `segments` are given."""
        steps = np.asarray(step, dtype=np.int64)
        values = np.asarray(value, dtype=np.float64)
        times, epochs = (
            np.full(len(steps), np.nan) if given is None else _known(np.asarray(given, dtype=np.float64))
            for given in (wall_time, epoch)
        )
        if not len(steps) == len(values) == len(times) == len(epochs):
            raise ValueError(f"columns of unequal length for {tag!r}")
        return cls(
            tag, steps, values, times, epochs, statistic, axis,
            tuple(segments) if segments is not None else segments_of(steps), meaning or Meaning(), axis_reason,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.step)

    @property
    def name(self) -> str:
        """The tag, with the statistic if the curve was made from histograms: unique within a split of a run."""
        return f"{self.tag}:{self.statistic}" if self.statistic else self.tag

    @property
    def role(self) -> Role:
        return self.meaning.role

    @property
    def split(self) -> Split:
        return self.meaning.split

    @property
    def layer(self) -> str:
        return self.meaning.layer

    @property
    def direction(self) -> Direction:
        return self.meaning.direction

    def with_meaning(self, meaning: Meaning) -> Curve:
        """The same curve with another meaning; done several times a curve, and `replace` takes ten times as long."""
        return Curve(
            self.tag, self.step, self.value, self.wall_time, self.epoch, self.statistic, self.axis, self.segments,
            meaning, self.axis_reason,
        )  # fmt: skip

    def take(self, rows: Ints | Bools) -> Curve:
        """Select rows, with a new segment wherever the step decreases."""
        step = self.step[rows]
        return replace(
            self, step=step, value=self.value[rows], wall_time=self.wall_time[rows], epoch=self.epoch[rows],
            segments=segments_of(step),
        )  # fmt: skip

    def head(self, rows: int) -> Curve:
        """The first rows of a curve with non-decreasing steps, without a copy."""
        return replace(
            self, step=self.step[:rows], value=self.value[:rows], wall_time=self.wall_time[:rows],
            epoch=self.epoch[:rows], segments=(Segment(0, int(self.step[0])),) if rows else (),
        )  # fmt: skip

    def effective(self) -> Curve:
        """The rows that restarts did not overwrite, with non-decreasing steps; see `restarts.standing_rows`."""
        if len(self.segments) < 2 or not len(self):
            return self
        return self.take(standing_rows(self.step, self.segments))

    def session_sizes(self) -> list[int]:
        """Rows logged by each session; several sessions only if the steps start again from the first."""
        return session_sizes(self.step, self.segments) if len(self.segments) > 1 and len(self) else [len(self)]


def _known(values: Floats) -> Floats:
    """Times or epochs with NaN for infinite ones, which a damaged log may hold."""
    is_infinite = np.isinf(values)
    return np.where(is_infinite, np.nan, values) if is_infinite.any() else values


@dataclass(frozen=True, slots=True, eq=False)
class BucketSeries:
    """Some whole histograms of a tag, evenly chosen over its steps, for plots; rules use curves of statistics.

    Attributes:
        tag: the name in the log.
        step: int64 [h], increasing.
        sizes: int64 [h], buckets of each histogram.
        smallest, largest: float64 [h], extremes of the values.
        rights: float32 [sum of sizes], right edges, increasing within a histogram; a left edge is the right one before it.
        counts: float32 [sum of sizes], number (or weight) of values in each bucket.

    """

    tag: str
    step: Ints
    sizes: Ints
    smallest: Floats
    largest: Floats
    rights: NDArray[np.float32]
    counts: NDArray[np.float32]


@dataclass(slots=True, eq=False)
class Run:
    """One training run, as recorded in its logs.

    Attributes:
        name: its name in the report, a path relative to the audited root.
        path: the folder or file of its log.
        format: id of the parser that read most of it.
        framework: the writer of the log, if the log shows it.
        all_curves: every curve, in the order of the log.
        hyperparameters: flat, dotted keys ("optimizer.lr").
        sources: the files that were read.
        notes: damage and choices, each with path and place.
        incidents: failures reported in a text log, in log order.
        title: its name in the tracker, "" if the logs have none.
        task: the kind of training, if it can be inferred from the log; `task_evidence` is the evidence for it.
        histograms: of some tags, a few whole histograms each.
        is_cut_short: a file ends in the middle of a record, or without a status of success: its writer was killed, or
            failed, or is still running.
        checkpoints: files and folders beside the log with the names of checkpoints.

    """

    name: str
    path: str
    format: str
    framework: str | None = None
    all_curves: list[Curve] = field(default_factory=list)
    hyperparameters: dict[str, Hyperparameter] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    histograms: list[BucketSeries] = field(default_factory=list)
    is_cut_short: bool = False
    title: str = ""
    task: Task = "unknown"
    task_evidence: tuple[str, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()

    @property
    def is_thinned(self) -> bool:
        """Whether rows were dropped: curves have fewer points than were logged."""
        return any(note.left_out for note in self.notes)

    @property
    def unread_part(self) -> str:
        """The reason why the middle or the end of a log was not read; "" if all was read."""
        return next((note.message for note in self.notes if note.left_out in ("middle", "end")), "")

    @property
    def unread_end(self) -> str:
        """The reason why the end of a log was not read; "" if it was read."""
        return next((note.message for note in self.notes if note.left_out == "end"), "")

    def curves(self, role: Role | None = None, split: Split | None = None) -> list[Curve]:
        """Curves of a role and a split; None means any."""
        return [c for c in self.all_curves if role in (None, c.role) and split in (None, c.split)]

    def table(self) -> pd.DataFrame:
        """The tidy frame, one row per logged point, columns `TABLE_COLUMNS`."""
        return table([self])


def table(runs: Iterable[Run]) -> pd.DataFrame:
    """The tidy frame of many runs, columns `TABLE_COLUMNS`; text columns are categorical to stay small."""
    import pandas as pd

    owned = [(run, curve) for run in runs for curve in run.all_curves]
    counts = [len(curve) for _, curve in owned]

    def repeated(texts: list[str]) -> pd.Categorical[str]:
        categories = list(dict.fromkeys(texts))
        codes = {text: code for code, text in enumerate(categories)}
        per_curve = np.array([codes[text] for text in texts], dtype=np.int32)
        return pd.Categorical.from_codes(np.repeat(per_curve, counts), categories=pd.Index(categories, dtype=object))

    def joined(arrays: list[NDArray[Number]], dtype: type[Number]) -> NDArray[Number]:
        return np.concatenate(arrays) if arrays else np.empty(0, dtype)

    columns = {
        "run": repeated([run.name for run, _ in owned]),
        "tag": repeated([curve.name for _, curve in owned]),
        "role": repeated([curve.role for _, curve in owned]),
        "split": repeated([curve.split for _, curve in owned]),
        "layer": repeated([curve.layer for _, curve in owned]),
        "step": joined([curve.step for _, curve in owned], np.int64),
        "epoch": joined([curve.epoch for _, curve in owned], np.float64),
        "wall_time": joined([curve.wall_time for _, curve in owned], np.float64),
        "value": joined([curve.value for _, curve in owned], np.float64),
    }
    return pd.DataFrame(columns, columns=list(TABLE_COLUMNS))
