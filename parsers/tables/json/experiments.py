"""Tables of experiments as rows of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..experiments import refusal_of
from .values import flat_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def refusal_of_rows(rows: Sequence[Mapping[str, Any]]) -> str:
    """Why rows of names and values are no training: "" if they may be one."""
    flat = [dict(flat_row(row)) for row in rows]
    names = dict.fromkeys(name for row in flat for name in row)
    return refusal_of({name: ["" if (cell := row.get(name)) is None else str(cell) for row in flat] for name in names})
