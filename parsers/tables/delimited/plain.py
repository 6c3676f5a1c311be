"""Delimited cells with plain numbers, the usual case, as one list for simdjson."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...numbers.plain_numbers import blank_out

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...numbers.plain_numbers import NumberReader
    from ...numbers.spans import Cells
    from ...run import Bools, Floats


def read_plain_cells(
    cells: Cells, columns_of_text: Collection[int], reader: NumberReader
) -> tuple[Floats, Bools] | None:
    """Read the cells that end with a digit, except in columns of text: float64 [cells], and which these are.

    None if any of them is not a plain number.
    """
    body, end = cells.body, cells.end
    is_plain = (body.take(end - 1) - ord("0")) <= 9  # smaller bytes wrap around; place -1 is the newline at the end
    is_plain.reshape(-1, cells.width)[:, list(columns_of_text)] = False
    other = np.flatnonzero(~is_plain)
    numbers = body.copy()
    numbers[end] = ord(",")
    blank_out(numbers, cells.start(other), end.take(other) + 1)
    value = reader.read(numbers, is_plain)
    return None if value is None else (value, is_plain)
