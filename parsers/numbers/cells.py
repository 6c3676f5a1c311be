"""Cells of text as numbers, with missing, NaN and ±inf kept apart."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run import Bools, Floats

MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "null", "none", "-"})  # compared without case
MIN_DATE_LENGTH = len("2024-01-01T00:00")  # a date without time is not the time of a row
DECIMAL_COMMA_DELIMITERS = (";", "\t")  # a comma that does not separate cells may be the decimal point

_WINDOWS = {"1.#inf": math.inf, "-1.#inf": -math.inf, "1.#qnan": math.nan, "-1.#ind": math.nan, "-nan(ind)": math.nan}
_WRAPPED = re.compile(r"(?:tensor|(?:np|numpy)\.(?:float|int)\d+)\(([^,()]+)(?:,.*)?\)")  # printed without .item()


class Numbers(NamedTuple):
    """A column of cells: `value` float64 [n], NaN if there is none; whether it is a number; whether it is unreadable."""

    value: Floats
    is_number: Bools
    is_unreadable: Bools


def is_missing(cell: str) -> bool:
    """Whether a cell is missing, which differs from a logged NaN."""
    return cell.strip().casefold() in MISSING


def number(cell: str, *, decimal_comma: bool = False) -> float | None:
    """Read one cell; None if it is missing or not a number. A percentage keeps its scale: "97%" is 97."""
    cell = cell.strip()
    if "(" in cell and (wrapped := _WRAPPED.fullmatch(cell)):
        return number(wrapped[1])
    if "_" in cell:  # Python parses "1_2" as 12, but in a log it is a name
        return None
    try:
        return float(cell)
    except ValueError:
        pass
    if cell.endswith("%"):
        return number(cell[:-1], decimal_comma=decimal_comma)
    if decimal_comma and cell.count(",") == 1:
        return number(cell.replace(",", "."))
    return _WINDOWS.get(cell.casefold())


def numbers(cells: Sequence[str], *, decimal_comma: bool = False) -> Numbers:
    """Read a column of n cells; plain numbers, with or without gaps, are fast."""
    count = len(cells)
    if "_" not in "".join(cells):
        try:
            return Numbers(np.array(list(map(float, cells))), np.ones(count, np.bool_), np.zeros(count, np.bool_))
        except ValueError:
            pass
    missing = set(filter(is_missing, set(cells)))  # the same texts come again and again
    is_present = np.array([cell not in missing for cell in cells], dtype=np.bool_)
    present = [cells[row] for row in np.flatnonzero(is_present).tolist()]
    read = _present_numbers(present, decimal_comma=decimal_comma)
    value = np.full(count, np.nan)
    value[is_present] = [math.nan if each is None else each for each in read]
    is_number = is_present.copy()
    is_number[is_present] = [each is not None for each in read]
    return Numbers(value, is_number, is_present & ~is_number)


def seconds_of(texts: Sequence[str]) -> Floats:
    """Read dates with times, as ISO 8601 writes them, as seconds since 1970; NaN for anything else.

    Without a time zone, UTC is assumed: differences are correct.
    """
    return np.array([_seconds(text) for text in texts], dtype=np.float64)


def _seconds(text: str) -> float:
    if len(text) < MIN_DATE_LENGTH:
        return math.nan
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return math.nan


def _present_numbers(cells: list[str], *, decimal_comma: bool) -> Sequence[float | None]:
    if "_" not in "".join(cells):
        try:
            return list(map(float, cells))
        except ValueError:
            pass
    read = {cell: number(cell, decimal_comma=decimal_comma) for cell in dict.fromkeys(cells)}  # many texts repeat
    return [read[cell] for cell in cells]
