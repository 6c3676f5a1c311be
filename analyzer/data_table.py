"""The numbers behind a chart, for readers without scripts and for screen readers: few rows that tell its shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .downsample import m4
from .wording import number, step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .downsample import Piece


@dataclass(frozen=True, slots=True)
class DataTable:
    """Rows of a step and the value of each curve at it, "" where a curve has none."""

    columns: list[str]
    rows: list[list[str]]
    points: int


def data_table(
    pieces: Sequence[Piece], names: Sequence[str], axis: str, limit: int, cited: Iterable[int] = ()
) -> DataTable:
    """About `limit` rows of curves, one piece each: what M4 keeps of each, and every cited step.

    A curve that logged several values at a step stands with the last of them.
    """
    share = max(4, limit // max(1, len(pieces)))
    cited = list(cited)
    chosen: set[int] = set()
    for piece in pieces:
        chosen.update(piece.step[m4(piece.step, piece.value, share, cited)].tolist())
    values = [dict(zip(piece.step.tolist(), piece.value.tolist(), strict=True)) for piece in pieces]
    rows = [
        [step(at), *("" if (value := column.get(at)) is None else number(value) for column in values)]
        for at in sorted(chosen)
    ]
    return DataTable([axis, *names], rows, sum(len(piece.step) for piece in pieces))
