"""The table of runs on the index page: its rows without scripts, and the data for the script."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..report import verdict_text as wording
from .index_row import severity_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Hyperparameter
    from ..judging.judgement import Status
    from .index_row import IndexRow

STATUSES: tuple[Status, ...] = ("error", "warning", "info", "clear", "not-checked", "unreadable")
SPARK_SIZE = (84, 24)
HYPERPARAMETER_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class StaticRow:
    """A row of the table without scripts."""

    name: str
    href: str
    status: str
    findings: list[tuple[str, str]]
    spark: str
    cells: list[str]


def hyperparameter_columns(rows: Sequence[IndexRow]) -> list[str]:
    """Hyperparameters with a column: those that differ between runs, most frequently logged first."""
    values: dict[str, set[str]] = {}
    count: Counter[str] = Counter()
    for row in rows:
        for key, value in row["hyperparameters"].items():
            values.setdefault(key, set()).add(str(value))
            count[key] += 1
    varying = [key for key in values if len(values[key]) > 1 or (len(rows) == 1)]
    return sorted(varying, key=lambda key: -count[key])[:HYPERPARAMETER_COLUMNS]


def static_row(row: IndexRow, hyperparameters: Sequence[str]) -> StaticRow:
    chosen = [row["hyperparameters"].get(key) for key in hyperparameters]
    return StaticRow(
        row["name"],
        row["href"],
        row["status"],
        [(rule, severity_word(severity)) for rule, severity in row["findings"]],
        spark_path(row["spark"]),
        [
            *("–" if value is None else wording.number(value) for value in (row["best"], row["final"])),
            "–" if row["after_best"] is None else wording.percent(row["after_best"]),
            "–" if row["last_step"] is None else wording.step(row["last_step"]),
            *("" if value is None else hyperparameter_text(value) for value in chosen),
            row["format"],
        ],
    )


def hyperparameter_text(value: Hyperparameter) -> str:
    """A hyperparameter for a table, with at most six significant digits."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def spark_path(heights: Sequence[int]) -> str:
    """SVG path of a sparkline in a view box of `SPARK_SIZE`."""
    width, height = SPARK_SIZE
    gap = (width - 2) / max(1, len(heights) - 1)
    points = (f"{1 + i * gap:.1f} {height - 2 - h * (height - 4) / 255:.1f}" for i, h in enumerate(heights))
    return "M" + "L".join(points) + "h.1" if heights else ""


def table_data(rows: Sequence[IndexRow], hyperparameters: Sequence[str], rules: Sequence[str]) -> dict[str, object]:
    """Rows as lists, about 200 bytes per run; findings as rule index * 4 + severity."""
    number = {rule: i for i, rule in enumerate(rules)}
    return {
        "rules": rules,
        "statuses": STATUSES,
        "hyperparameters": [wording.visible(key) for key in hyperparameters],
        "rows": [
            [
                wording.visible(row["name"]), row["href"], STATUSES.index(row["status"]),
                [number[rule] * 4 + severity for rule, severity in row["findings"]],
                base64.b64encode(bytes(row["spark"])).decode("ascii"),
                _short(row["best"]), _short(row["final"]), _short(row["after_best"]), row["last_step"],
                [_plain(row["hyperparameters"].get(key)) for key in hyperparameters], row["format"],
            ]
            for row in rows
        ],
    }  # fmt: skip


def _short(value: float | None) -> float | str | None:
    """A number in few characters; NaN and infinity, which JSON does not have, as strings."""
    if value is None or np.isfinite(value):
        return None if value is None else float(f"{value:.5g}")
    return wording.number(value)


def _plain(value: Hyperparameter) -> Hyperparameter:
    """A value that JSON can represent and a page can show."""
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return wording.visible(value) if isinstance(value, str) else value
