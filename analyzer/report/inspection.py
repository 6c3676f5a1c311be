"""Types of the output of `trainlint inspect --format json`, schema `trainlint-inspection/1`.

Within a major version fields are added, never renamed or removed.
"""
# Annotations are read by `json_schema.py`, so they are no texts here and what they name is imported.

from typing import Annotated, Literal, TypedDict

from ...parsers.run import Axis
from .schema import ConfigurationEntry, IdentityEntry, MetricEntry, NoteEntry, Scalar


class SourceEntry(TypedDict):
    """A file that was read for a run."""

    path: Annotated[str, "file, relative to `root`"]
    format: Annotated[str, "id of the parser that read it"]
    size: Annotated[int, "bytes on disk"]
    use: Annotated[
        Literal["data", "hyperparameters", "copy"],
        "`data` if curves come from it, `hyperparameters` if only those do, `copy` if another file has the same curves",
    ]


class LineEntry(TypedDict):
    """A line of code that logs a quantity in one framework."""

    framework: Annotated[str, "name of the framework"]
    line: Annotated[str, "code, to be adapted to the names of the training script"]


class AdviceEntry(TypedDict):
    """A quantity that is not logged, and the rules that need it."""

    what: Annotated[str, "the quantity in words"]
    rules: Annotated[list[str], "ids of the rules that were not applied because it is not logged"]
    lines: Annotated[list[LineEntry], "how to log it, the framework of the log first"]


class ShortageEntry(TypedDict):
    """Why what is logged does not suffice for some rules."""

    reason: Annotated[str, "what is missing, with the number of points that are needed and logged"]
    rules: Annotated[list[str], "ids of the rules that could not judge for this reason"]


class AxisEntry(TypedDict):
    """What the steps of some metrics count."""

    axis: Annotated[Axis, "unit of the steps"]
    reason: Annotated[str, "evidence for it, in words; empty if the format defines it"]
    metrics: Annotated[int, "number of metrics on this axis for this reason"]


class InspectedRun(IdentityEntry):
    """How a run is interpreted, and what to log to judge more of it."""

    files: Annotated[list[SourceEntry], "files that were read for it"]
    notes: Annotated[list[NoteEntry], "notes on its files"]
    hyperparameters: Annotated[dict[str, Scalar], "hyperparameters by name; secrets are masked"]
    axes: Annotated[list[AxisEntry], "what the steps of its curves count, those of most metrics first"]
    metrics: Annotated[list[MetricEntry], "its curves and how each is interpreted"]
    missing: Annotated[list[AdviceEntry], "quantities that are not logged, those of most rules first"]
    insufficient: Annotated[list[ShortageEntry], "why rules could not judge although their quantities are logged"]


class Inspection(TypedDict):
    """All that `trainlint inspect --format json` prints."""

    schema: Annotated[Literal["trainlint-inspection/1"], "name and major version of this format"]
    version: Annotated[str, "version of trainlint"]
    root: Annotated[str, "folder that all paths and names of runs are relative to"]
    configuration: Annotated[ConfigurationEntry, "configuration file and what it changed"]
    runs: Annotated[list[InspectedRun], "runs in the order of their names"]
    unreadable: Annotated[list[NoteEntry], "files that could not be read"]
    passed_over: Annotated[list[NoteEntry], "files that were skipped, and why"]
