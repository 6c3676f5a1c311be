"""The types of what `trainlint inspect --format json` prints, schema `trainlint-inspection/1`; for checkers only."""

from __future__ import annotations

from typing import Literal, TypedDict

from .schema import ConfigurationEntry, IdentityEntry, MetricEntry, NoteEntry, Scalar


class SourceEntry(TypedDict):
    """A file that was read for a run, its size in bytes, and what it was used for."""

    path: str
    format: str
    size: int
    use: Literal["data", "hyperparameters", "copy"]


class LineEntry(TypedDict):
    """A line of code that logs something, in one framework."""

    framework: str
    line: str


class AdviceEntry(TypedDict):
    """A quantity that is not logged, the rules that wait for it, and how to log it."""

    what: str
    rules: list[str]
    lines: list[LineEntry]


class ShortageEntry(TypedDict):
    """Why what is logged does not suffice, and for which rules."""

    reason: str
    rules: list[str]


class AxisEntry(TypedDict):
    """What the steps of some metrics count, how that is known ("" where the format says so), and of how many metrics."""

    axis: str
    reason: str
    metrics: int


class InspectedRun(IdentityEntry):
    """How a run is understood, and what would be needed to judge more of it."""

    files: list[SourceEntry]
    notes: list[NoteEntry]
    hyperparameters: dict[str, Scalar]
    axes: list[AxisEntry]
    metrics: list[MetricEntry]
    missing: list[AdviceEntry]
    insufficient: list[ShortageEntry]


class Inspection(TypedDict):
    """What `trainlint inspect --format json` prints."""

    schema: Literal["trainlint-inspection/1"]
    version: str
    root: str
    configuration: ConfigurationEntry
    runs: list[InspectedRun]
    unreadable: list[NoteEntry]
    passed_over: list[NoteEntry]
