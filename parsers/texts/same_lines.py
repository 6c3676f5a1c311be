"""Lines of one skeleton, and what their text says about their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..run import Bools, Floats, Ints
    from .line_shapes import Shape
    from .mining.skeletons import Skeleton


@dataclass(slots=True, eq=False)
class SameLines:
    """Lines of one shape.

    Attributes:
        shape: what their text says.
        line_numbers: of each line, int64 [lines], rising.
        line: the first of them, as it was logged.

    """

    shape: Shape
    line_numbers: Ints
    line: str
    _columns: list[Floats]
    _missing: dict[int, Bools]

    @classmethod
    def of(cls, skeleton: Skeleton, shape: Shape) -> SameLines:
        line_numbers, columns, missing = skeleton.in_order()
        return cls(shape, line_numbers, skeleton.line, columns, missing)

    def __len__(self) -> int:
        return len(self.line_numbers)

    def column(self, hole: int) -> Floats:
        """The numbers in a hole, float64 [lines]; NaN also where there is none."""
        return self._columns[hole] if hole >= 0 else np.full(len(self), np.nan)

    def is_missing(self, hole: int) -> Bools:
        """Whether a hole holds no number, bool [lines]."""
        return self._missing[hole] if hole in self._missing else np.zeros(len(self), np.bool_)

    def take(self, kept: Bools, shape: Shape | None = None) -> SameLines:
        """Some of the lines, bool [lines], with another shape if one is given."""
        return SameLines(
            shape or self.shape,
            self.line_numbers[kept],
            self.line,
            [column[kept] for column in self._columns],
            {hole: missing[kept] for hole, missing in self._missing.items()},
        )
