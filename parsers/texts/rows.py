"""Grouping of the lines of a text log to rows by position (step, epoch).

A line without a counter has the position of the line before it. Of the progress of an evaluation (`Test: [10/100] ...`)
only the last line counts, with its running averages; lines after it without a counter belong to the evaluation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .keys import SPLIT_OF_WORD, is_measured
from .lines import as_float
from .placed_rows import Rows
from .same_lines import SameLines

if TYPE_CHECKING:
    from collections.abc import Sequence


class TextRows:
    """The lines of a log with data.

    With `is_bar`, counters `3/4` are progress with running averages, and only their end counts.
    """

    def __init__(self, *, is_bar: bool = False) -> None:
        self._is_bar = is_bar
        self._lines: dict[int, SameLines] = {}
        self._variants: dict[tuple[int, str], SameLines] = {}
        self._pending: tuple[SameLines, Sequence[str], int] | None = None
        self._section = ""  # word of the split whose evaluation was logged last

    def add(self, lines: SameLines, numbers: Sequence[str], line_number: int) -> None:
        """Add a line, with the texts in its holes."""
        shape = lines.shape
        is_evaluation = SPLIT_OF_WORD.get(shape.split, "train") != "train"
        is_progress = shape.batch >= 0 and shape.is_row and (is_evaluation or self._is_bar)
        if self._pending:
            self._settle(lines, numbers, is_progress=is_progress)
        if is_progress:
            self._pending = (lines, numbers, line_number)
            return
        if shape.is_header:
            self._section = shape.split
            return
        if shape.has_axis:
            self._section = ""
        elif self._section and not shape.split and shape.is_row:
            lines = self._variant(lines, self._section)
        self._put(lines, numbers, line_number)

    def finish(self) -> None:
        """Add the last line of an evaluation at the end of the log."""
        if self._pending:
            self._flush()

    def _put(self, lines: SameLines, numbers: Sequence[str], line_number: int) -> None:
        if not lines.line_numbers:
            self._lines[id(lines)] = lines
        lines.add(line_number, numbers)

    def _settle(self, lines: SameLines, numbers: Sequence[str], *, is_progress: bool) -> None:
        """End the pending progress, unless a line continues it."""
        before = self._pending
        if before and is_progress and before[0].shape.split == lines.shape.split:
            then, now = (_number(s, n, s.shape.batch) for s, n in ((before[0], before[1]), (lines, numbers)))
            epochs = [_number(s, n, s.shape.epoch) for s, n in ((before[0], before[1]), (lines, numbers))]
            if then is not None and now is not None and now >= then and epochs[0] == epochs[1]:
                return
        self._flush()

    def _flush(self) -> None:
        if self._pending:
            lines, numbers, line_number = self._pending
            self._pending = None
            self._section = lines.shape.split
            self._put(self._variant(lines, ""), numbers, line_number)

    def _variant(self, lines: SameLines, section: str) -> SameLines:
        """The same lines as the summary of an evaluation or, with a section, as remarks on it."""
        variant = self._variants.get((id(lines), section))
        if variant is None:
            shape = lines.shape
            values = [
                replace(value, tag=f"{section}/{value.tag}" if section and is_measured(value.tag) else value.tag,
                        hole=value.average if value.average >= 0 and not section else value.hole, average=-1)
                for value in shape.values
                if section or not shape.split or is_measured(value.tag)  # the rest is the speed of the evaluation
            ]  # fmt: skip
            changed = replace(shape, values=values, is_remark=bool(section), batch=-1, total=-1, is_counted=False)
            variant = self._variants[id(lines), section] = SameLines(changed, lines.holes)
        return variant

    def gather(self) -> Rows:
        """Sort the lines and determine their positions."""
        return Rows(list(self._lines.values()))


def _number(lines: SameLines, numbers: Sequence[str], hole: int) -> float | None:
    return as_float(numbers[lines.holes.index(hole)]) if hole >= 0 else None
