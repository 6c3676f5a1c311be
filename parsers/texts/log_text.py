"""Reads a printed log that is already text. The entry point for formats that contain printed output."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..files.text import Notes
from .boxes import unboxed
from .dialects import GENERIC, dialect_of
from .groups.counter import NO_NAMES
from .interpret import interpreted, may_tell
from .mining.lines import without_colours, without_escapes
from .mining.miner import mined
from .placed_rows import Rows
from .progress_bars import with_states_as_lines
from .records import Records, with_objects_joined
from .rows import evaluations_settled
from .settings import MAX_HEAD, is_within_settings, settings_in
from .shapes.keys import is_measured
from .shapes.quantities import is_quantity
from .table import table_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..numbers.columns import Table
    from ..run import Hyperparameter
    from .dialects import Dialect

PIECE_BYTES = 32 * 1024  # of the middle and of the end of a file, to recognise the format
PIECE_CHARACTERS = 1024 * 1024  # split into lines at a time
MAX_SAMPLE_LINE = 1000  # characters
MAX_FIRST_ROWS = 8  # that may be settings
MAX_SETTINGS_LINES = 1000  # of a log without rows
MIN_ROWS = 3
MIN_COMMAS = 10  # numbers with a decimal comma in a sample; fewer may be lists
MIN_ROWS_KNOWN = 2  # of a named dialect

_DOCUMENT = re.compile(r'^[ ]*\{"', re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMA = re.compile(r"(?<![\w.,\[(])(?:0,[0-9]{2,}|[0-9]+,[0-9]{4,})(?![\w.]|,[0-9])")  # as in `0,4812`
_POINT = re.compile(r"[0-9]\.[0-9]{2}")
_WITH_COMMA = re.compile(r"(?<![\w.,])([-+]?[0-9]+),([0-9]+(?:E[-+]?[0-9]+)?)(?![\w.]|,[0-9])")
_SEARCH = re.compile(r"(?:config|params|parameters|hyperparameters|hparams|trial)\w*\W{0,4}\{[^{}\n]*\}", re.IGNORECASE)


class Log(NamedTuple):
    """What was read; the framework is "" if unknown."""

    table: Table
    settings: dict[str, Hyperparameter]
    framework: str


class Mined(NamedTuple):
    """The rows of a text.

    Attributes:
        text: whose lines were read; the states of a progress bar may have become lines.
        dialect: in which it is written.
        rows: what the lines hold.
        records: the values that all records within lines share.
        evidence: what was decided, in words.

    """

    text: str
    dialect: Dialect
    rows: Rows
    records: Records
    evidence: list[str]

    def table(self, notes: Notes) -> Table:
        """The table of the rows, without what all records share. What was decided is noted."""
        for decision in dict.fromkeys(self.evidence):
            notes.add(decision)
        table = table_of(self.rows, notes)
        shared = self.records.settings()
        table.columns = {tag: column for tag, column in table.columns.items() if tag not in shared}
        return table

    def settings(self) -> dict[str, Hyperparameter]:
        """The planned length, and the hyperparameters that are printed before the first row."""
        head = self.text[:MAX_HEAD].split("\n")
        known = (number for number in self.rows.line[:MAX_FIRST_ROWS].tolist() if not is_within_settings(head, number))
        lines = next(known, MAX_SETTINGS_LINES)  # a setting may be read as a row
        return planned_length(self.rows) | settings_in(self.text, lines) | self.records.settings()


def read_log(text: str, notes: Notes | None = None) -> Log | None:
    """Read a printed log; None if no quantity recurs in it beside a counter. What was decided is noted."""
    if why_no_log(text):
        return None
    read = mined_text(text)
    return Log(read.table(notes or Notes(Path())), read.settings(), read.dialect.framework)


def mined_text(text: str) -> Mined:
    """Read all lines of a text. If it holds little but a progress bar, each state of the bar is a line."""
    sample = sample_of(text)
    if has_decimal_comma(sample):
        text = _WITH_COMMA.sub(r"\1.\2", text)
    dialect = dialect_of(sample)
    read = _mined(text if dialect.is_bar else with_states_as_lines(text), dialect)
    if "\r" in text and read.rows.rows < (1 if dialect.is_bar else MIN_ROWS):
        every = _mined(text.replace("\r", "\n"), dialect)
        if every.rows.rows > read.rows.rows:
            every.evidence.append("the log is one progress bar: each of its states was read as a row")
            return every
    return read


def has_decimal_comma(sample: str) -> bool:
    """Whether most decimal numbers are written with a comma, as in `0,4812`."""
    commas = len(_COMMA.findall(sample))
    return commas >= MIN_COMMAS and commas > len(_POINT.findall(sample))


def _mined(text: str, dialect: Dialect) -> Mined:
    records = Records()
    evidence: list[str] = []
    groups = interpreted(mined(_lines(text, dialect, records), may_tell), dialect, evidence)
    return Mined(text, dialect, Rows(evaluations_settled(groups, is_bar=dialect.is_bar)), records, evidence)


def planned_length(rows: Rows) -> dict[str, Hyperparameter]:
    """The planned length: `Epoch 3/10` and `step 12/1000` show it, unless steps are counted within an epoch."""
    plan: dict[str, Hyperparameter] = {}
    if rows.epochs is not None:
        plan["epochs"] = rows.epochs
    elif rows.max_steps is not None and not np.isfinite(rows.epoch).any():
        plan["max_steps"] = rows.max_steps
    return plan


def _lines(text: str, dialect: Dialect, records: Records) -> Iterator[list[str]]:
    """Lines of a text, many at a time: boxes and records as plain lines."""
    text = without_escapes(text)
    is_boxed = text.startswith("|") or "\n|" in text
    start = 0
    while start < len(text):
        end = text.find("\n", start + PIECE_CHARACTERS)
        end = len(text) if end < 0 else end
        piece = text[start:end]
        lines = piece.split("\n")
        if is_boxed and "|" in piece:
            lines = list(unboxed(lines))
        if "\n{\n" in piece or piece.startswith("{\n"):
            lines = with_objects_joined(lines)
        if "{" in piece:
            lines = [records.plain(line) if "{" in line else line for line in lines]
        yield [dialect.rewritten(line) for line in lines] if dialect.rewrite else lines
        start = end + 1


def sample_of(text: str) -> str:
    """The beginning, the middle and the end, long lines cut."""
    middle = len(text) // 2
    pieces = "\n".join((text[:PIECE_BYTES], text[middle : middle + PIECE_BYTES], text[-PIECE_BYTES:]))
    return "\n".join(line[:MAX_SAMPLE_LINE] for line in without_colours(pieces).split("\n"))


def why_no_log(text: str) -> str:
    """Why a text is not a training log (no metric recurs at different positions); "" if it is one."""
    _, dialect, rows, _, evidence = mined_text(text)
    enough = MIN_ROWS if dialect is GENERIC else MIN_ROWS_KNOWN
    if rows.rows < enough:
        return "no line recurs that holds numbers and a counter"
    if len(_SEARCH.findall(text)) > rows.rows // 2:
        return "its lines are trials of a search"
    if not any(len(np.unique(axis[np.isfinite(axis)])) > 1 for axis in (rows.epoch, rows.step, rows.batch)):
        return "no number in its lines counts steps or epochs"
    columns = table_of(rows, Notes(Path())).columns
    if 2 * len(_DOCUMENT.findall(text)) > text.count("\n"):  # a log of JSON documents has parsers of its own
        columns = {tag: column for tag, column in columns.items() if is_measured(tag)}
    if NO_NAMES in evidence and _WORD.search(text):  # a program printed them: data alone has no words
        return ""
    if any(len(column.row) >= enough and is_quantity(tag, column.value) for tag, column in columns.items()):
        return ""
    return "its lines count, but hold no quantity beside times, sizes and whole numbers"
