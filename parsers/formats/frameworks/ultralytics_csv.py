"""The `results.csv` of Ultralytics YOLO.

## Written by
YOLOv5 and Ultralytics (YOLOv8 and later), one row per epoch; `args.yaml` (YOLOv5: `opt.yaml`, `hyp.yaml`) beside it.

## How it is recognised
`epoch` first, and columns such as `train/box_loss` or `metrics/mAP50(B)`.

## What is read
All columns by epoch, the time, and the hyperparameters beside the file.

## What is not read
Plots, predictions, weights (`.pt` is a pickle).

## Peculiarities
YOLOv5 pads names and cells with spaces. `time` is in seconds since the start of the run. With `exist_ok`, a second
run is appended without a header. Validation losses that are always exactly 0 mean that there was no validation. Forks
write rows with more cells than the header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...base import Parser
from ...file_names import patterns_of
from ...files.text import Notes
from ...tables.delimited.layout import peek
from ...tables.delimited.table import read_delimited
from ...tables.table_runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...run import Run

ID = "ultralytics-csv"
MARKS = ("train/box_loss", "train/cls_loss", "train/loss", "metrics/mAP", "metrics/accuracy_top", "metrics/precision")


def sniff(_path: Path, head: bytes) -> bool:
    seen = peek(head)
    if seen is None or not seen.rows:
        return False
    first, *names = seen.layout.names
    return first == "epoch" and sum(name.startswith(MARKS) for name in names) >= 2


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    yield from runs_of(path, read_delimited(path, notes), notes, parser_id=ID, framework="ultralytics")


PARSER = Parser(
    id=ID, title="Ultralytics YOLO results.csv", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__
)
