"""Lines of one shape, stored by column, so that many numbers are parsed at a time."""

from __future__ import annotations

import warnings
from array import array
from typing import TYPE_CHECKING

import numpy as np

from .lines import as_float

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run import Bools, Floats, Ints
    from .line_shapes import Shape

BATCH = 4096  # pending texts
_NAN = float("nan")


class SameLines:
    """Lines of one shape.

    Attributes:
        shape: interpretation of their text.
        holes: the requested holes, increasing.
        line_numbers: of each line, increasing.

    """

    def __init__(self, shape: Shape, holes: list[int] | None = None) -> None:
        self.shape = shape
        self.holes = holes_of(shape) if holes is None else holes
        self.line_numbers: array[int] = array("q")
        self._columns: list[array[float]] = [array("d") for _ in self.holes]
        self._missing: list[list[int]] = [[] for _ in self.holes]
        self._waiting: list[str] = []

    def add(self, line_number: int, numbers: Sequence[str]) -> None:
        """Add a line: its number and the texts in its holes."""
        self.line_numbers.append(line_number)
        self._waiting += numbers
        if len(self._waiting) >= BATCH:
            self._read()

    def column(self, hole: int) -> Floats:
        """The numbers in a hole, float64 [lines]; NaN also if there is none."""
        if hole < 0:
            return np.full(len(self.line_numbers), _NAN)
        self._read()
        return np.array(self._columns[self.holes.index(hole)])

    def is_missing(self, hole: int) -> Bools:
        """Whether a hole has no number, bool [lines]."""
        self._read()
        missing = np.zeros(len(self.line_numbers), np.bool_)
        missing[self._missing[self.holes.index(hole)]] = True
        return missing

    def _read(self) -> None:
        width = len(self.holes)
        for index, hole in enumerate(self.holes):
            texts = self._waiting[index::width]
            column = self._columns[index]
            if hole == self.shape.clock:
                column.extend(wall_times(texts).tolist())
                continue
            try:
                column.extend(map(float, texts))
            except ValueError:
                del column[len(self.line_numbers) - len(texts) :]
                for text in texts:
                    if (number := as_float(text)) is None:
                        self._missing[index].append(len(column))
                    column.append(_NAN if number is None else number)
        self._waiting.clear()


def holes_of(shape: Shape) -> list[int]:
    """The holes that a shape uses, increasing."""
    holes = {shape.epoch, shape.epochs, shape.step, shape.batch, shape.total, shape.clock}
    for value in shape.values:
        holes |= {value.hole, value.whole, value.average}
    return sorted(holes - {-1})


def wall_times(clocks: Sequence[str]) -> Floats:
    """Seconds since 1970 of timestamps, read as UTC; NaN where one cannot be read."""
    plain = [clock[:23].replace("/", "-").replace(",", ".").replace(" ", "T") for clock in clocks]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # numpy parses `2026-01-01T184467...` as a zone
            moments: Ints = np.array(plain, dtype="datetime64[ms]").astype(np.int64)
    except (ValueError, UserWarning):
        return (
            np.full(len(clocks), _NAN)
            if len(clocks) == 1
            else np.concatenate([wall_times([clock]) for clock in clocks])
        )
    return np.where(moments == np.iinfo(np.int64).min, _NAN, moments / 1e3)
