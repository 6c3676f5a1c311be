"""Tables of experiments: each row is a model that was trained, with its settings and end results, so no row follows another.

Evidence is that nothing counts on from row to row while several settings go back and forth: a training keeps its settings.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ..meaning.words import words_of
from ..numbers.cells import is_missing, number
from .axes import CLOCK_NAMES, is_axis_name, plain
from .columns import RUN_NAMES, SPLIT_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MIN_ROWS = 4  # with fewer, two settings that change twice are as likely events in a training
MIN_SETTINGS = 2  # that change from row to row; one column may name the tasks of a training
MIN_CHANGES = (
    0.3  # of the rows differ in a setting from the row before; a schedule changes in few, or ever in one direction
)
REASON = "a table of experiments, not a log: each row is a trained model ({}), and no column counts steps or epochs"

# Settings of a model or an optimizer, in tables of numbers; texts need no such word.
_SETTING_WORDS = frozenset(
    "lr wd decay momentum dropout batch bs hidden width depth dim dims layer layers heads units filters kernel rank alpha beta"
    " gamma lambda tau temperature seed fold optimizer optim arch architecture backbone activation augmentation scheduler"
    " warmup clip estimators leaves patience params".split()
)
_NO_SETTINGS = frozenset({*CLOCK_NAMES, *SPLIT_NAMES, "date", "host", "hostname", "message", "msg", "event", "level"})
_ROW_NAMES = frozenset({*RUN_NAMES, "", "id", "index", "idx", "no", "number", "experiment", "exp", "model", "name"})


def refusal_of(columns: Mapping[str, Sequence[str]]) -> str:
    """Why the first rows of a table are no training: "" if they may be one. Cells as texts, "" where there is none."""
    rows = max(map(len, columns.values()), default=0)
    if rows < MIN_ROWS or any(map(_counts, columns, columns.values())):
        return ""
    settings = [name for name, cells in columns.items() if _is_setting(name, cells)]
    has_still_axis = any(is_axis_name(name) and _is_still(cells) for name, cells in columns.items())
    if len(settings) + has_still_axis < MIN_SETTINGS:
        return ""
    return REASON.format(", ".join(settings[:3]) + (" and more" if settings[3:] else "") + " differ")


def _counts(name: str, cells: Sequence[str]) -> bool:
    """Whether a column may say where a row stands: whole numbers that rise, or start again now and then."""
    if plain(name) in _ROW_NAMES:
        return False
    values = [number(cell) for cell in cells if not is_missing(cell)]
    counts = [value for value in values if value is not None and value == value // 1]
    if len(counts) < MIN_ROWS or len(counts) < len(values):
        return False
    steps = [after - before for before, after in pairwise(counts)]
    back = sum(step < 0 for step in steps)
    return any(steps) and (back == 0 or (is_axis_name(name) and back <= len(steps) / MIN_ROWS))


def _is_still(cells: Sequence[str]) -> bool:
    return len(cells) >= MIN_ROWS and len(set(cells)) == 1 and number(cells[0]) is not None


def _is_setting(name: str, cells: Sequence[str]) -> bool:
    """Whether a column holds settings that go back and forth from row to row."""
    if plain(name) in _NO_SETTINGS or is_axis_name(name):
        return False
    filled = [cell.strip() for cell in cells if not is_missing(cell)]
    if len(filled) < MIN_ROWS:
        return False
    values = [number(cell) for cell in filled]
    numbers = [value for value in values if value is not None]
    if 2 * len(numbers) < len(values):
        changes = sum(before != after for before, after in pairwise(filled))
        return len(set(filled)) < len(filled) and changes >= MIN_CHANGES * len(filled)
    if not _SETTING_WORDS.intersection(words_of(name)) or len(numbers) < len(values):
        return False
    steps = [after - before for before, after in pairwise(numbers) if after != before]
    turns = sum((before < 0) != (after < 0) for before, after in pairwise(steps))
    return turns >= MIN_CHANGES * len(numbers)
