"""A run of SwanLab as it lies on disk, `run-<id>.swanlab`: a log of protobuf records.

## Written by
`swanlab.init` and `swanlab.log` in every mode but `disabled`, version 0.8 and later; `swanlab sync` uploads the file.

## How it is recognised
The first bytes: `:SWL`, the magic number of SwanLab, and version 2.

## What is read
Scalars with step and time, the name of the run, and `files/config.yaml` beside it as hyperparameters.

## What is not read
Media, console output, metadata; logs of other versions of the format, which are reported.

## Peculiarities
The framing is that of LevelDB's log, with plain CRC-32. Damage costs the records up to the next block of 32 KiB. A file
without a record of the end is of a run that was killed or goes on.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import read_beside
from ...files.text import Notes
from ...run import Run, Source
from ...stores.leveldb_log import read_records
from ...stores.points import Points, clock
from ...stores.protobuf_wire import WireError, as_bytes, as_signed, as_text, fields

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID = "swanlab-offline"
HEADER = b":SWL\xd6\xe1\x02"  # name, magic number, version
FILES = "files"  # folder of the configuration
START, FINISH, SCALAR = 10, 11, 13  # fields of a record
START_NAME = 4
KEY, STEP, TIME, VALUE = 1, 2, 4, 5  # fields of a scalar
SECONDS, NANOSECONDS = 1, 2  # of a time
FINISHED = 1  # the state of a run that ended well

_DOUBLE = struct.Struct("<d")


def sniff(_path: Path, head: bytes) -> bool:
    return head.startswith(HEADER)


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    points = Points(notes)
    name, state = "", 0
    for record in read_records(path, len(HEADER), notes):
        try:
            for number, content in fields(record.data):
                if number == SCALAR:
                    _add_scalar(points, as_bytes(content))
                elif number == START:
                    name = next(
                        (as_text(value) for field, value in fields(as_bytes(content)) if field == START_NAME), name
                    )
                elif number == FINISH:
                    state = next((v for _, v in fields(as_bytes(content)) if isinstance(v, int)), state)
        except WireError as error:
            notes.add(f"a record is damaged: {error}", f"byte {record.offset}")
    settings, sources, config_notes = read_beside(path.parent / FILES / path.name)
    curves = points.curves()
    if not curves:
        notes.add("contains no scalars")
    if state != FINISHED:
        notes.add("the run is not marked as finished")
    yield Run(
        name, str(path), ID, "swanlab", curves, settings, [Source(str(path), ID, path.stat().st_size), *sources],
        [*notes.all(), *config_notes], is_cut_short=state != FINISHED,
    )  # fmt: skip


def _add_scalar(points: Points, message: bytes) -> None:
    scalar = dict(fields(message))
    if VALUE not in scalar:
        return
    value = next((content for _, content in fields(as_bytes(scalar.get(VALUE, b"")))), None)
    number = _DOUBLE.unpack(value)[0] if isinstance(value, bytes) and len(value) == _DOUBLE.size else 0.0
    time = dict(fields(as_bytes(scalar.get(TIME, b""))))
    seconds = as_signed(time.get(SECONDS, 0)) + as_signed(time.get(NANOSECONDS, 0)) / 1e9
    points.add(
        as_text(scalar.get(KEY, b"")), as_signed(scalar.get(STEP, 0)), number,
        wall_time=clock(seconds) if time else math.nan,
    )  # fmt: skip


PARSER = Parser(
    id=ID,
    title="SwanLab run",
    patterns=patterns_of(__name__),
    sniff=sniff,
    parse=parse,
    doc=__doc__,
    folders=("swanlog",),
)
