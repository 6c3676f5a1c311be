"""The data of a chart in a few representative rows, for pages without scripts and for screen readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup, escape

from ....rules.statistics.distinct import distinct
from ...report.verdict_text import number, step
from .downsample import m4

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ....parsers.run import Ints
    from .downsample import Piece

NEXT_CELL, NEXT_ROW = "\x1f", "\x1e"  # ASCII separators of units and records, which numbers do not contain


@dataclass(frozen=True, slots=True)
class DataTable:
    """Rows of a step and the value of each curve at it, "" if it has none."""

    columns: list[str]
    rows: list[list[str]]
    points: int


def data_table(
    pieces: Sequence[Piece], names: Sequence[str], axis: str, limit: int, cited: Iterable[int] = ()
) -> DataTable:
    """About `limit` rows of curves, one piece each: the points kept by M4, and every cited step.

    If a curve has several values at a step, the last one is used.
    """
    share = max(4, limit // max(1, len(pieces)))
    cited = list(cited)
    kept = [piece.step[m4(piece.step, piece.value, share, cited)] for piece in pieces]
    chosen = distinct(np.concatenate([np.empty(0, np.int64), *kept]))
    columns = [_column(piece, chosen) for piece in pieces]
    rows = [list(row) for row in zip(map(step, chosen.tolist()), *columns, strict=True)]
    return DataTable([axis, *names], rows, sum(len(piece.step) for piece in pieces))


def table_cells(row: Iterable[str]) -> Markup:
    """The cells of a row as HTML, escaped together: one by one would take a third of the rendering time."""
    return Markup(f"<td>{escape(NEXT_CELL.join(row))}</td>".replace(NEXT_CELL, "</td><td>"))  # noqa: S704  (escaped)


def table_rows(rows: Iterable[Iterable[str]]) -> Markup:
    """Rows as HTML, all cells escaped together."""
    text = escape(NEXT_ROW.join(map(NEXT_CELL.join, rows)))
    cells = str(text).replace(NEXT_CELL, "</td><td>").replace(NEXT_ROW, "</td></tr>\n<tr><td>")
    return Markup(f"<tr><td>{cells}</td></tr>" if text else "")  # noqa: S704  (escaped)


def _column(piece: Piece, chosen: Ints) -> list[str]:
    if not len(piece.step):
        return [""] * len(chosen)
    row = np.maximum(piece.step.searchsorted(chosen, "right") - 1, 0)
    is_there = piece.step[row] == chosen
    return [
        number(value) if there else ""
        for value, there in zip(piece.value[row].tolist(), is_there.tolist(), strict=True)
    ]
