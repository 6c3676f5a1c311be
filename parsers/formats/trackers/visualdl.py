"""VisualDL's records, from PaddlePaddle.

## Written by
`visualdl.LogWriter`, and PaddlePaddle's `paddle.callbacks.VisualDL`: `vdlrecords.<time>.log`.

## How it is recognised
The name; the file consists of records, each a length (u64) and a protobuf message.

## What is read
Scalars with step and time, hyperparameters.

## What is not read
Images, texts, audio, histograms, graphs, embeddings, precision-recall curves.

## Peculiarities
There are no checksums: after damage, the rest of the file is lost. A step of 0 is not written. Several files in one
folder are restarts of one run; folders called `train` and `val` are its splits. Images, texts and histograms are
skipped.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import flatten
from ...files.open_log import open_log
from ...files.text import Notes
from ...meaning.resolve import split_of_word
from ...run import Note, Run, Source
from ...stores.points import Points, clock
from ...stores.protobuf_wire import WireError, as_bytes, as_signed, as_text, fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

ID = "visualdl"
MAX_RECORD_BYTES = 64 * 1024**2

_LENGTH = struct.Struct("<Q")
_VALUES = 1  # of a record; the next line has the fields of a value
_STEP, _TAG, _TIME, _NUMBER, _SETTINGS = 1, 2, 3, 4, 13
_SETTING = 1  # of hyperparameters; the next line has the fields of one
_INTEGER, _REAL, _TEXT, _NAME = 1, 2, 3, 4


def sniff(_path: Path, head: bytes) -> bool:
    return len(head) > _LENGTH.size and _LENGTH.unpack_from(head)[0] <= MAX_RECORD_BYTES


def home(path: Path) -> Path:
    """The folder of the run: the parent of a folder named after a split."""
    return path.parent.parent if split_of_word(path.parent.name) else path.parent


def parse(path: Path) -> Iterator[Run]:
    yield from parse_files([path])


def parse_files(paths: Sequence[Path]) -> Iterator[Run]:
    """Read the files of one training as one run; tags begin with the folder of their split. Raises `OSError` only."""
    run = Run("", str(paths[0] if len(paths) == 1 else home(paths[0])), ID, "visualdl")
    points = Points(Notes(paths[0]))
    settings: dict[str, Any] = {}
    for path in paths:
        notes = Notes(path)
        prefix = "" if path.parent == home(path) else f"{path.parent.name}/"
        for offset, record in _records(path, notes):
            try:
                for number, value in fields(record):
                    if number == _VALUES:
                        _take(as_bytes(value), prefix, points, settings)
            except WireError as error:
                notes.add(f"damaged record: {error}", f"byte {offset}")
        run.sources.append(Source(str(path), ID, path.stat().st_size))
        run.notes += notes.all()
    run.all_curves, run.hyperparameters = points.curves(), flatten(settings)
    if not run.all_curves and not run.notes:
        run.notes.append(Note(run.path, "", "contains no rows of numbers"))
    run.is_cut_short = any("ends within" in note.message for note in run.notes)
    yield run


def _records(path: Path, notes: Notes) -> Iterator[tuple[int, bytes]]:
    with open_log(path) as file:
        offset, size = 0, path.stat().st_size
        while head := file.read(_LENGTH.size):
            length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 1
            if length > MAX_RECORD_BYTES:
                notes.add("damaged: the rest cannot be read", f"byte {offset}")
                return
            record = file.read(min(length, size))  # `read` allocates the requested size
            if len(record) < length:
                notes.add("the file ends within a record", f"byte {offset}")
                return
            yield offset, record
            offset += _LENGTH.size + length


def _take(value: bytes, prefix: str, points: Points, settings: dict[str, Any]) -> None:
    record = dict(fields(value))
    number = record.get(_NUMBER)
    if isinstance(number, bytes) and len(number) == struct.calcsize("<f"):
        logged = struct.unpack("<f", number)[0]
        time = clock(as_signed(record.get(_TIME, 0)), 1000)
        points.add(prefix + as_text(record.get(_TAG, b"")), as_signed(record.get(_STEP, 0)), logged, wall_time=time)
    for field_number, setting in fields(as_bytes(record.get(_SETTINGS, b""))):
        if field_number == _SETTING:
            parts = dict(fields(as_bytes(setting)))
            settings[as_text(parts.get(_NAME, b""))] = _setting(parts)


def _setting(parts: dict[int, int | bytes]) -> Any:
    if _TEXT in parts:
        return as_text(parts[_TEXT])
    real = parts.get(_REAL)
    if isinstance(real, bytes):
        return struct.unpack("<d", real)[0] if len(real) == struct.calcsize("<d") else math.nan
    return as_signed(parts.get(_INTEGER, 0))


PARSER = Parser(
    id=ID,
    title="VisualDL records",
    patterns=patterns_of(__name__),
    sniff=sniff,
    parse=parse,
    doc=__doc__,
    home=home,
    parse_files=parse_files,
)
