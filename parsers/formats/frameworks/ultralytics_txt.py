"""The `results.txt` of older YOLO versions.

## Written by
YOLOv5 before its version 5, and YOLOv7: one row per epoch, without a header.

## How it is recognised
Rows that begin with an epoch `0/299` and memory `4.69G`, followed by 13 numbers.

## What is read
The losses and scores by epoch, memory, number of labels and image size, the planned epochs.

## What is not read
Columns beyond the known ones; plots and weights.

## Peculiarities
The columns have no names. Both programs write the training losses (box, objectness, class, total), number of labels
and image size, then precision, recall, mAP at 0.5 and at 0.5 to 0.95, and the validation losses. The names are those
of `results.csv`. Validation losses that are always exactly 0 mean that there was no validation. A resumed run is
appended.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ...base import Parser
from ...file_names import patterns_of
from ...files.text import Notes, head_lines, read_text
from ...numbers.cells import number
from ...numbers.columns import Column, Table
from ...tables.table_runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...run import Run

ID = "ultralytics-txt"
NAMES = (
    "train/box_loss", "train/obj_loss", "train/cls_loss", "train/total_loss", "", "", "metrics/precision", "metrics/recall",
    "metrics/mAP_0.5", "metrics/mAP_0.5:0.95", "val/box_loss", "val/obj_loss", "val/cls_loss",
)  # fmt: skip

_ROW = re.compile(r"^\s*(\d+)/(\d+)\s+[\d.]+[GM]\s+(\S.*)$")


def sniff(_path: Path, head: bytes) -> bool:
    lines = head_lines(head)
    return bool(lines) and bool(_cells(lines[0]))


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    epochs: list[int] = []
    values: list[list[float | None]] = []
    planned = 0
    for line_number, line in enumerate((read_text(path, notes) or "").split("\n"), start=1):
        found, cells = _ROW.match(line), _cells(line)
        if found and cells:
            epochs.append(int(found[1]))
            planned = int(found[2])
            values.append([number(cell) for cell in cells])
        elif line.strip():
            notes.add("is not a row of 15 columns: skipped", f"line {line_number}")
    table = Table(len(epochs), {"epoch": Column(np.arange(len(epochs)), np.array(epochs, dtype=np.float64))})
    for index, name in enumerate(NAMES):
        rows = [row for row, cells in enumerate(values) if cells[index] is not None]
        if name and rows:
            table.columns[name] = Column(
                np.array(rows), np.array([values[row][index] for row in rows], dtype=np.float64)
            )
    settings = {"epochs": planned + 1} if epochs else {}  # counted from 0: "299/299" is the 300th
    yield from runs_of(path, table, notes, parser_id=ID, framework="ultralytics", hyperparameters=settings)


def _cells(line: str) -> list[str]:
    """The 13 cells behind epoch and memory; none if there are more or fewer."""
    found = _ROW.match(line)
    cells = found[3].split() if found and len(found[1]) < 10 and len(found[2]) < 10 else []
    return cells if len(cells) == len(NAMES) else []


PARSER = Parser(
    id=ID, title="YOLO results.txt", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__ or ""
)
