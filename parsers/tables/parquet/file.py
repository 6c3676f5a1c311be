"""A Parquet file: its columns of plain values, read batch by batch with bounded memory.

pyarrow does the reading; it is optional, and is imported only when a file is opened. What the file says about itself is not
trusted: the footer, the number of columns and the size of column chunks have limits, and texts stay dictionaries.
"""

from __future__ import annotations

import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...files.open_log import open_log
from ...numbers.columns import MAX_COLUMNS, MAX_NAME
from ..growing import MAX_TEXT
from .compact import CompactError
from .footer import row_groups
from .pages import PageChecker, PageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from ...files.text import Notes
    from ...run import Bools, Floats, Ints
    from .footer import RowGroup

MARK = b"PAR1"  # at the start and at the end of a file
INSTALL = "Parquet needs pyarrow: pip install 'trainlint[parquet]'"
MAX_FOOTER = 32 * 1024**2  # bytes; that of a table of 20,000 columns in 10 row groups has 20 MB
MAX_CHUNK = 512 * 1024**2  # bytes of a column in a row group, unpacked, as the footer states it; writers make some MB
MAX_ROWS = 200_000_000  # of a file; a few bytes can state any number of equal rows
BATCH_CELLS = 1_000_000
BATCH_ROWS = 65_536
MAX_HEAD_ROWS = 50

_TAIL = struct.Struct("<I4s")  # length of the footer, mark
_THRIFT_STRINGS, _THRIFT_LISTS = 8 * 1024**2, 2_000_000  # bytes of a text, and items of a list, in the footer


class Texts(NamedTuple):
    """A column of texts in a batch: `code` int64 [n] into `texts`, -1 where there is none."""

    texts: list[str]
    code: Ints


class Numbers(NamedTuple):
    """A column of numbers in a batch: `value` float64 [n], `is_there` bool [n]. `per_second` of a time, else 0."""

    value: Floats
    is_there: Bools
    per_second: float = 0.0


class Batch(NamedTuple):
    """Some rows: how many, and their columns by name."""

    rows: int
    columns: dict[str, Numbers | Texts]


class Field(NamedTuple):
    """A column of the file: its name with "/" between the parts of a nested one, and what it holds."""

    path: str
    name: str
    kind: str  # "number", "time", "text"
    per_second: float = 0.0


def footer_of(path: Path) -> bytes:
    """The bytes that describe the columns; empty if the file does not end with a whole footer of a sound size."""
    with open_log(path) as file:
        size = file.seek(0, 2)
        if size < len(MARK) + _TAIL.size:
            return b""
        file.seek(size - _TAIL.size)
        length, mark = _TAIL.unpack(file.read(_TAIL.size))
        if mark != MARK or length > min(MAX_FOOTER, size - _TAIL.size - len(MARK)):
            return b""
        file.seek(size - _TAIL.size - length)
        return file.read(length)


class ParquetTable:
    """An open file: `fields` of plain values, `skipped` names of others (lists, objects, switches)."""

    def __init__(self, file: Any, footer: bytes, pages: PageChecker) -> None:
        self._file = file
        self._footer = footer
        self._pages = pages
        self.rows = file.metadata.num_rows
        self.fields, self.skipped = _fields_of(file.schema)

    def batches(self, fields: Sequence[Field], notes: Notes) -> Iterator[Batch]:
        """Yield the rows in their order, a bounded number at a time."""
        paths = [field.path for field in fields]
        sound = self._sound_groups(set(paths), notes)
        size = max(min(BATCH_ROWS, BATCH_CELLS // max(len(fields), 1)), 1)
        count = 0
        for batch in self._file.iter_batches(size, row_groups=sound, columns=paths, use_threads=False) if paths else ():
            yield Batch(batch.num_rows, _columns(batch, fields))
            count += batch.num_rows
            if count >= MAX_ROWS:
                notes.leave_out(f"of {self.rows:,} rows only the first {count:,} were read", "end")
                return

    def head(self) -> dict[str, list[str]]:
        """The first rows as texts, by column."""
        paths = [field.path for field in self.fields]
        first = self._sound_groups(set(paths), None, most=1)
        batch = next(self._file.iter_batches(MAX_HEAD_ROWS, row_groups=first, columns=paths, use_threads=False), None)
        return (
            {} if batch is None else {name: _as_texts(column) for name, column in _columns(batch, self.fields).items()}
        )

    def _sound_groups(self, paths: Collection[str], notes: Notes | None, most: int | None = None) -> list[int]:
        """The row groups whose sizes are within the limits; others are noted. With `most`, only the first ones."""
        sound: list[int] = []
        for index, group in enumerate(row_groups(self._footer, paths)):
            reason = self._reason_against(group)
            if not reason:
                sound.append(index)
            elif notes is not None:
                notes.leave_out(f"{reason}: the row group is skipped", "middle", f"row group {index}")
            if most is not None and len(sound) >= most:
                break
        return sound

    def _reason_against(self, group: RowGroup) -> str:
        if not all(0 <= chunk.unpacked <= MAX_CHUNK for chunk in group.chunks):
            return f"a column of more than {MAX_CHUNK // 1024**2} MiB"
        try:
            self._pages.check(group)
        except (PageError, CompactError) as error:
            return str(error)
        return ""


@contextmanager
def opened(path: Path) -> Iterator[ParquetTable]:
    """Open a file. Raises `ImportError` without pyarrow, `ValueError` if the file is damaged, `OSError`."""
    import pyarrow as pa
    from pyarrow import parquet

    footer = footer_of(path)
    if not footer:
        raise ValueError("the file does not end with a footer: it is truncated, or still being written")
    with open_log(path) as file, open_log(path) as for_pages:
        try:
            with parquet.ParquetFile(
                file, read_dictionary=_texts_in(path), pre_buffer=False, buffer_size=1 << 20,
                thrift_string_size_limit=_THRIFT_STRINGS, thrift_container_size_limit=_THRIFT_LISTS,
            ) as table:  # fmt: skip
                yield ParquetTable(table, footer, PageChecker(for_pages))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError, OSError, UnicodeDecodeError) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            raise ValueError(_first_line(error)) from None


def _texts_in(path: Path) -> list[str]:
    """Paths of the columns of texts, which are to stay dictionaries: a dictionary can stand for terabytes."""
    from pyarrow import parquet

    with open_log(path) as file:
        schema = parquet.ParquetFile(
            file, thrift_string_size_limit=_THRIFT_STRINGS, thrift_container_size_limit=_THRIFT_LISTS
        ).schema
    return [field.path for field in _fields_of(schema)[0] if field.kind == "text"]


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


def _fields_of(schema: Any) -> tuple[list[Field], list[str]]:
    fields: list[Field] = []
    skipped: list[str] = []
    for index in range(min(len(schema), MAX_COLUMNS)):
        column = schema.column(index)
        name = column.path.replace(".", "/")
        kind, per_second = _kind_of(column)
        if kind and column.max_repetition_level == 0 and len(name) <= MAX_NAME:
            fields.append(Field(column.path, name if column.path != column.name else column.name, kind, per_second))
        else:
            skipped.append(name[:MAX_NAME])
    return fields, skipped


def _kind_of(column: Any) -> tuple[str, float]:
    physical, logical = column.physical_type, column.logical_type.type
    if logical == "TIMESTAMP":
        return "time", _ticks(str(column.logical_type))
    if logical in {"STRING", "ENUM", "JSON"} or (physical == "BYTE_ARRAY" and logical == "NONE"):
        return "text", 0.0
    is_number = physical in {"INT32", "INT64", "FLOAT", "DOUBLE"} and logical in {"NONE", "INT"}
    return ("number", 0.0) if is_number or logical in {"DECIMAL", "FLOAT16"} else ("", 0.0)


def _ticks(logical: str) -> float:
    """Ticks a second of a logical type such as `Timestamp(isAdjustedToUTC=true, timeUnit=milliseconds, ...)`."""
    return next((ticks for unit, ticks in (("milli", 1e3), ("micro", 1e6), ("nano", 1e9)) if unit in logical), 1e3)


def _columns(batch: Any, fields: Sequence[Field]) -> dict[str, Numbers | Texts]:
    import pyarrow as pa

    table = pa.Table.from_batches([batch])
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    by_path = dict(zip(table.column_names, table.columns, strict=True))
    return {
        field.name: _texts(by_path[field.path]) if field.kind == "text" else _numbers(by_path[field.path], field)
        for field in fields
        if field.path in by_path
    }


def _numbers(column: Any, field: Field) -> Numbers:
    import pyarrow as pa

    if field.kind == "time":
        column = column.cast(pa.int64(), safe=False)
    is_there = np.asarray(column.is_valid())
    value = column.cast(pa.float64(), safe=False).to_numpy()
    return Numbers(np.where(is_there, value, np.nan), is_there, field.per_second)


def _texts(column: Any) -> Texts:
    import pyarrow as pa
    from pyarrow import compute

    encoded = column.combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    texts = compute.binary_slice(encoded.dictionary.cast(pa.binary()), 0, 4 * MAX_TEXT).to_pylist()
    code = encoded.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return Texts([(text or b"").decode(errors="replace")[:MAX_TEXT] for text in texts], code)


def _as_texts(column: Numbers | Texts) -> list[str]:
    if isinstance(column, Texts):
        return [column.texts[code] if code >= 0 else "" for code in column.code.tolist()]
    return [f"{value:.17g}" if there else "" for value, there in zip(column.value, column.is_there, strict=True)]
