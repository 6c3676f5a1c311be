"""Lines of one skeleton and the meaning of their numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..mining.lines import pieces_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...run import Bools, Floats, Ints
    from ..mining.skeletons import Skeleton
    from .shape import Shape


@dataclass(slots=True, eq=False)
class SameLines:
    """Lines of one shape.

    Attributes:
        shape: what their text says.
        line_numbers: of each line, int64 [lines], rising.
        line: the first of them, as it was logged.
        columns: the numbers in each hole, float64 [lines]; NaN where there is none.

    """

    shape: Shape
    line_numbers: Ints
    line: str
    columns: list[Floats]
    missing: dict[int, Bools]

    @classmethod
    def of(cls, skeleton: Skeleton, shape: Shape) -> SameLines:
        line_numbers, columns, missing = skeleton.in_order()
        return cls(shape, line_numbers, skeleton.line, columns, missing)

    def __len__(self) -> int:
        return len(self.line_numbers)

    def column(self, hole: int) -> Floats:
        """The numbers in a hole, float64 [lines]; NaN also where there is none."""
        return self.columns[hole] if hole >= 0 else np.full(len(self), np.nan)

    def is_missing(self, hole: int) -> Bools:
        """Whether a hole holds no number, bool [lines]."""
        return self.missing[hole] if hole in self.missing else np.zeros(len(self), np.bool_)

    def number(self, hole: int) -> str:
        """The text in a hole of the first line."""
        return pieces_of(self.line)[1][hole]

    def take(self, kept: Bools, shape: Shape | None = None) -> SameLines:
        """Some of the lines, bool [lines], with another shape if one is given."""
        return SameLines(
            shape or self.shape,
            self.line_numbers[kept],
            self.line,
            [column[kept] for column in self.columns],
            {hole: missing[kept] for hole, missing in self.missing.items()},
        )

    def with_columns(self, columns: Mapping[int, Floats]) -> SameLines:
        """The same lines with other numbers in some holes."""
        changed = [columns.get(hole, column) for hole, column in enumerate(self.columns)]
        return SameLines(self.shape, self.line_numbers, self.line, changed, self.missing)

    def ranked(self, rank: float) -> SameLines:
        """The same lines with one more column, the number of the process that wrote them."""
        shape = replace(self.shape, rank=len(self.columns))
        return SameLines(shape, self.line_numbers, self.line, [*self.columns, np.full(len(self), rank)], self.missing)


def merged(groups: Sequence[SameLines]) -> SameLines:
    """Lines of groups that have as many holes, in the order of the log, with the shape of the first group."""
    first = groups[0]
    if len(groups) == 1:
        return first
    line_numbers = np.concatenate([group.line_numbers for group in groups])
    order = np.argsort(line_numbers, kind="stable")
    columns = [np.concatenate([group.columns[hole] for group in groups])[order] for hole in range(len(first.columns))]
    missing = {
        hole: np.concatenate([group.is_missing(hole) for group in groups])[order]
        for hole in sorted({hole for group in groups for hole in group.missing})
    }
    return SameLines(first.shape, line_numbers[order], first.line, columns, missing)


def take_turns(first: SameLines, second: SameLines) -> bool:
    """Whether lines of two kinds follow one another in turn, one for one."""
    if len(first) != len(second):
        return False
    a, b = first.line_numbers, second.line_numbers
    return bool((a < b).all() and (b[:-1] < a[1:]).all()) or bool((b < a).all() and (a[:-1] < b[1:]).all())
