"""Types of the output of `trainlint inspect --format json`, schema `trainlint-inspection/1`; for checkers only."""

from __future__ import annotations

from typing import Literal, TypedDict

from .schema import ConfigurationEntry, IdentityEntry, MetricEntry, NoteEntry, Scalar


class SourceEntry(TypedDict):
    """A file that was read for a run, with its size in bytes and its use."""

    path: str
    format: str
    size: int
    use: Literal["data", "hyperparameters", "copy"]


class LineEntry(TypedDict):
    """A line of code that logs something, in one framework."""

    framework: str
    line: str


class AdviceEntry(TypedDict):
    """A quantity that is not logged, the rules that need it, and how to log it."""

    what: str
    rules: list[str]
    lines: list[LineEntry]


class ShortageEntry(TypedDict):
    """A reason for insufficient data, with the rules concerned."""

    reason: str
    rules: list[str]


class InspectedRun(IdentityEntry):
    """How a run was interpreted, and what to log to judge more of it."""

    files: list[SourceEntry]
    notes: list[NoteEntry]
    hyperparameters: dict[str, Scalar]
    metrics: list[MetricEntry]
    missing: list[AdviceEntry]
    insufficient: list[ShortageEntry]


class Inspection(TypedDict):
    """The output of `trainlint inspect --format json`."""

    schema: Literal["trainlint-inspection/1"]
    version: str
    root: str
    configuration: ConfigurationEntry
    runs: list[InspectedRun]
    unreadable: list[NoteEntry]
    passed_over: list[NoteEntry]
