"""Comet's offline experiment, a zip archive.

## Written by
`comet_ml.OfflineExperiment`, at its end: `<key>.zip`.

## How it is recognised
A zip archive that begins with `experiment.json` or `messages.json`.

## What is read
Metrics with step, epoch and time; parameters; the name of the experiment.

## What is not read
Images, histograms, source code, system details, standard output, and other assets of the archive.

## Peculiarities
`messages.json` is JSON lines. Each step and epoch is also sent as a parameter, `curr_step` and `curr_epoch`; these
and the command line are skipped. NaN is text. A metric without a step gets the next step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import MAX_TEXT, flatten
from ...files.text import Notes
from ...files.typed_values import typed
from ...run import Run, Source
from ...stores.points import Points, clock
from ...stores.zip_members import MARK, read_member
from ...tables.json.records import json_records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID = "comet-offline"
MESSAGES = "messages.json"
MEMBERS = (b"experiment.json", MESSAGES.encode())
NAME_KEY = "Name"  # under which `Experiment.set_name` logs it
NAME_OFFSET = 30  # of the first member in a zip archive
NO_PARAMETERS = frozenset({"curr_step", "curr_epoch"})
NO_METRICS = frozenset({"process duration"})


def sniff(_path: Path, head: bytes) -> bool:
    return head.startswith(MARK) and head[NAME_OFFSET:].startswith(MEMBERS)


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    points = Points(notes)
    settings: dict[str, Any] = {}
    title = ""
    for line, message in json_records(read_member(path, MESSAGES, notes), notes):
        payload = message.get("payload", message) if isinstance(message, Mapping) else None
        if not isinstance(payload, Mapping):
            notes.add("is not a message: skipped", f"{MESSAGES} line {line}")
            continue
        metric, parameter = payload.get("metric"), payload.get("param")
        if payload.get("key") == NAME_KEY:
            title = str(payload.get("value"))[:MAX_TEXT]
        if isinstance(metric, Mapping):
            tag, time = str(metric.get("metricName")), clock(payload.get("local_timestamp"), 1000)
            if not {"metricName", "metricValue"} <= metric.keys():
                notes.add("is a metric without a name or a value: skipped", f"{MESSAGES} line {line}")
            elif tag not in NO_METRICS:
                points.add(
                    tag, metric.get("step"), metric.get("metricValue"), wall_time=time, epoch=metric.get("epoch")
                )
        elif isinstance(parameter, Mapping) and parameter.get("source") != "cli":
            value = parameter.get("paramValue")
            settings[str(parameter.get("paramName"))] = typed(value) if isinstance(value, str) else value
    curves = points.curves()
    if not curves and not notes.all():
        notes.add("contains no rows of numbers")
    settings = {name: value for name, value in settings.items() if name not in NO_PARAMETERS}
    source = Source(str(path), ID, path.stat().st_size)
    yield Run("", str(path), ID, "comet", curves, flatten(settings), [source], notes.all(), title=title)


PARSER = Parser(
    id=ID, title="Comet offline experiment", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__
)
