"""Lines of one skeleton, gathered column by column: their numbers are read many at a time."""

from __future__ import annotations

import re
import warnings
from array import array
from typing import TYPE_CHECKING

import numpy as np

from .lines import NUMBER_FORM, TIME_FORM, as_float, is_time, pieces_of
from .literals import MIN_LINES, Literals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...run import Bools, Floats, Ints

MIN_TO_COMPILE = 200  # lines; compiling a pattern takes as long as cutting some hundred lines at their numbers

_NAN = float("nan")
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_BLANKS = re.compile(r"  +")


class Skeleton:
    """What lines have in common: their texts around the numbers, runs of blanks drawn together to two.

    Attributes:
        texts: n + 1 texts around n holes.
        is_clock: bool of each hole, whether it holds a time.
        line: the first line with this skeleton, as it was logged.
        numbers: the texts in the holes of that line.

    """

    __slots__ = ("_columns", "_line_numbers", "_missing", "_pattern", "is_clock", "line", "numbers", "texts")

    def __init__(self, texts: tuple[str, ...], numbers: Sequence[str], line: str) -> None:
        self.texts = texts
        self.numbers = numbers
        self.line = line
        self.is_clock = tuple(map(is_time, numbers))
        self._line_numbers: array[int] = array("q")
        self._columns: list[array[float]] = [array("d") for _ in numbers]
        self._missing: dict[int, list[int]] = {}
        self._pattern: re.Pattern[str] | None = None

    def __len__(self) -> int:
        return len(self._line_numbers)

    def add(self, line_number: int, numbers: Sequence[str]) -> None:
        """Take one line: its number and the texts in its holes."""
        self._take([line_number], [(text,) for text in numbers])

    def add_alike(self, line_numbers: Sequence[int], lines: Sequence[str], variant: Variant) -> list[int]:
        """Take lines that differ from one another in digits alone; give the indices of those of another skeleton."""
        if not self.numbers:
            return self._add_texts(line_numbers, lines)
        if len(lines) >= MIN_LINES and variant.literals.can_read:
            read = variant.literals.read(lines, variant.start, variant.end)
            if read is not None and self._take_read(line_numbers, *read):
                return []
        if self._pattern is None and len(lines) < MIN_TO_COMPILE:
            return self._add_singly(line_numbers, lines)
        pattern = self._pattern = self._pattern or pattern_of(self.texts, self.is_clock)
        found = pattern.findall("\n".join(lines))
        if len(found) == len(lines):
            self._take(line_numbers, list(zip(*found, strict=True)) if len(self.numbers) > 1 else [found])
            return []
        return self._add_singly(line_numbers, lines)

    def _add_texts(self, line_numbers: Sequence[int], lines: Sequence[str]) -> list[int]:
        others = [i for i, line in enumerate(lines) if line != self.line]
        self._line_numbers.extend(n for n, line in zip(line_numbers, lines, strict=True) if line == self.line)
        return others

    def _add_singly(self, line_numbers: Sequence[int], lines: Sequence[str]) -> list[int]:
        others = []
        for i, line in enumerate(lines):
            texts, numbers = skeleton_of(line)
            if texts == self.texts and tuple(map(is_time, numbers)) == self.is_clock:
                self.add(line_numbers[i], numbers)
            else:
                others.append(i)
        return others

    def _take_read(self, line_numbers: Iterable[int], dates: Sequence[str], numbers: Floats) -> bool:
        columns = list(numbers.T)
        if dates:
            times = wall_times(dates)
            if np.isnan(times).any():
                return False
            columns.insert(0, times)
        for mine, column in zip(self._columns, columns, strict=True):
            mine.frombytes(column.tobytes())
        self._line_numbers.extend(line_numbers)
        return True

    def _take(self, line_numbers: Iterable[int], columns: Sequence[Sequence[str]]) -> None:
        before = len(self._line_numbers)
        for hole, texts in enumerate(columns):
            column = self._columns[hole]
            if self.is_clock[hole]:
                column.extend(wall_times(texts).tolist())
                continue
            try:
                column.extend(map(float, texts))
            except ValueError:
                del column[before:]
                numbers = [as_float(text) for text in texts]
                column.extend([_NAN if number is None else number for number in numbers])
                missing = [before + i for i, number in enumerate(numbers) if number is None]
                if missing:
                    self._missing.setdefault(hole, []).extend(missing)
        self._line_numbers.extend(line_numbers)

    def in_order(self) -> tuple[Ints, list[Floats], dict[int, Bools]]:
        """Line numbers, rising; the numbers in each hole, NaN where there is none; and by hole where that is so."""
        line_numbers = np.array(self._line_numbers, np.int64)
        columns = [np.array(column) for column in self._columns]
        missing = {hole: np.isin(np.arange(len(self)), rows) for hole, rows in self._missing.items()}
        if (np.diff(line_numbers) > 0).all():
            return line_numbers, columns, missing
        order = np.argsort(line_numbers, kind="stable")
        return (
            line_numbers[order],
            [column[order] for column in columns],
            {hole: is_missing[order] for hole, is_missing in missing.items()},
        )


class Variant:
    """Lines that differ from `line` in digits alone: which skeleton they have, and how they are written."""

    __slots__ = ("_line", "_literals", "code", "end", "start")

    def __init__(self, code: int, line: str) -> None:
        self.code = code
        self._line = line
        self._literals: Literals | None = None
        self.start = self.end = 0

    @property
    def literals(self) -> Literals:
        if self._literals is None:
            texts, numbers = pieces_of(self._line)
            self._literals = Literals(texts, tuple(map(is_time, numbers)))
            self.start = len(texts[0])
            self.end = self.start + len(numbers[0]) if numbers else self.start
        return self._literals


def skeleton_of(line: str) -> tuple[tuple[str, ...], list[str]]:
    """Cut a line at its numbers: n + 1 texts, runs of blanks drawn together, around n numbers."""
    texts, numbers = pieces_of(line)
    if "  " in line:
        texts = [_BLANKS.sub("  ", text) if "  " in text else text for text in texts]
    return tuple(texts), numbers


def pattern_of(texts: Sequence[str], is_clock: Sequence[bool]) -> re.Pattern[str]:
    """A pattern of whole lines with this skeleton, anywhere in a text; its groups are the numbers."""
    parts = ["^"]
    for hole, text in enumerate(texts):
        parts.append(re.escape(text).replace(r"\ \ ", " {2,}"))
        if hole < len(is_clock):
            parts.append(f"({TIME_FORM if is_clock[hole] else NUMBER_FORM})")
    return re.compile("".join([*parts, "$"]), re.MULTILINE)


def wall_times(clocks: Sequence[str]) -> Floats:
    """Seconds since 1970 of dates, read as UTC, and seconds of durations and times of day; NaN where one is broken."""
    if clocks[0][-1] in "ms" or (":" in clocks[0] and "-" not in clocks[0] and "/" not in clocks[0]):
        return np.array([_seconds(clock) for clock in clocks])
    plain = _iso(clocks)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # numpy takes `2026-01-01T184467...` for a zone, and goes on
            moments: Ints = np.array(plain, dtype="datetime64[ms]").astype(np.int64)
    except (ValueError, UserWarning):
        if len(clocks) == 1:
            return np.full(1, _NAN)
        half = len(clocks) // 2  # few are broken, or all are
        return np.concatenate([wall_times(clocks[:half]), wall_times(clocks[half:])])
    return np.where(moments == np.iinfo(np.int64).min, _NAN, moments / 1e3)


def _iso(clocks: Sequence[str]) -> list[str]:
    """Dates as numpy reads them."""
    if clocks[0][2:3] == "/":
        return [_with_century(clock) for clock in clocks]
    if max(map(len, clocks)) > len("2020-01-01 10:00:00,000"):
        clocks = [clock[: len("2020-01-01 10:00:00,000")] for clock in clocks]
    return "\n".join(clocks).replace("/", "-").replace(",", ".").replace(" ", "T").split("\n")


def _with_century(clock: str) -> str:
    """A date whose year has two digits and comes first, or comes last behind day and month."""
    date, _, time = clock.replace(",", " ", 1).partition(" ")
    first, second, last = date.split("/")[:3] if date.count("/") > 1 else (date, "", "")
    year, month, day = (last, first, second) if len(last) == len("2020") else (f"20{first}", second, last)
    return f"{year}-{month}-{day}T{time.strip(' ,').replace(',', '.')[:12]}"


def _seconds(clock: str) -> float:
    if clock[-1] in "ms":
        return sum(float(part[:-1]) * _SECONDS[part[-1]] for part in clock.split())
    seconds = 0.0
    for part in clock.replace(",", ".").split(":"):
        seconds = 60 * seconds + float(part)
    return seconds
