"""The values of a JSON row: nested ones by path, numbers as floats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...numbers.cells import is_missing, number

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 8  # of nested metrics
MOMENTS = {"num", "mean", "std"}  # format of a statistic of StyleGAN: the mean is the metric


def flat_row(row: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the values of a nested dict with their paths; lists are dropped."""
    for key, value in row.items():
        if isinstance(value, Mapping):
            if value.keys() >= MOMENTS:
                yield prefix + key, value["mean"]
            elif depth < MAX_DEPTH:
                yield from flat_row(value, f"{prefix}{key}/", depth + 1)
        elif not isinstance(value, list):
            yield (prefix + key).strip(), value


def as_number(value: Any) -> float | None:
    """A logged number as a float; booleans are not numbers, texts may be."""
    if isinstance(value, float):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return float(value)
    return number(value) if isinstance(value, str) and not is_missing(value) else None
