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
    from collections.abc import Iterator, Mapping, Sequence

    from ...parsers.run import Hyperparameter
    from ..judging.judgement import Status
    from .index_row import IndexRow

STATUSES: tuple[Status, ...] = ("error", "warning", "info", "clear", "not-checked", "unreadable")
SPARK_SIZE = (84, 24)
HYPERPARAMETER_COLUMNS = 8
METRIC_COLUMNS = 3  # pairs of columns, best and final, of the most frequent quantities; others share a pair
OTHER = "other metrics"


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


def metric_columns(rows: Sequence[IndexRow]) -> dict[str, str]:
    """The name of the columns of each quantity: its tag if all runs have the same, otherwise its role and split.

    Results of different quantities have columns of their own, since no order among them would mean anything.
    """
    tags: dict[str, set[str]] = {}
    count: Counter[str] = Counter()
    for row in rows:
        if row["metric"]:
            tags.setdefault(row["quantity"], set()).add(row["metric"])
            count[row["quantity"]] += 1
    ranked = sorted(tags, key=lambda quantity: (-count[quantity], quantity))
    names = {quantity: min(tags[quantity]) if len(tags[quantity]) == 1 else quantity for quantity in ranked}
    return {
        q: names[q] if i < METRIC_COLUMNS or len(ranked) == METRIC_COLUMNS + 1 else OTHER for i, q in enumerate(ranked)
    }


def static_row(row: IndexRow, hyperparameters: Sequence[str], metrics: Mapping[str, str]) -> StaticRow:
    chosen = [row["hyperparameters"].get(key) for key in hyperparameters]
    return StaticRow(
        row["name"],
        row["href"],
        row["status"],
        [(rule, severity_word(severity)) for rule, severity in row["findings"]],
        spark_path(row["spark"]),
        [
            *_results(row, metrics),
            "–" if row["after_best"] is None else wording.percent(row["after_best"]),
            "–" if row["last_step"] is None else wording.step(row["last_step"]),
            *("" if value is None else hyperparameter_text(value) for value in chosen),
            row["format"],
        ],
    )


def _results(row: IndexRow, metrics: Mapping[str, str]) -> Iterator[str]:
    """Best and final value in the columns of the quantity, blanks in the others."""
    for name in dict.fromkeys(metrics.values()):
        for value in (row["best"], row["final"]):
            if value is None or metrics.get(row["quantity"]) != name:
                yield ""
            else:
                yield wording.number(value) + (f" {row['metric']}" if name == OTHER else "")


def hyperparameter_text(value: Hyperparameter) -> str:
    """A hyperparameter for a table, with at most six significant digits."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def spark_path(heights: Sequence[int]) -> str:
    """SVG path of a sparkline in a view box of `SPARK_SIZE`."""
    width, height = SPARK_SIZE
    gap = (width - 2) / max(1, len(heights) - 1)
    points = (f"{1 + i * gap:.1f} {height - 2 - h * (height - 4) / 255:.1f}" for i, h in enumerate(heights))
    return "M" + "L".join(points) + "h.1" if heights else ""


def table_data(
    rows: Sequence[IndexRow], hyperparameters: Sequence[str], rules: Sequence[str], metrics: Mapping[str, str]
) -> dict[str, object]:
    """Rows as lists, about 200 bytes per run; findings as rule index * 4 + severity, metrics as index of their tag."""
    number = {rule: i for i, rule in enumerate(rules)}
    columns = list(dict.fromkeys(metrics.values()))
    column_of = {quantity: columns.index(name) for quantity, name in metrics.items()}
    tags = list(dict.fromkeys((row["metric"], column_of[row["quantity"]]) for row in rows if row["metric"]))
    number_of_tag = {tag: i for i, tag in enumerate(tags)}
    return {
        "metrics": [wording.visible(name) for name in columns],
        "tags": [[wording.visible(tag), column] for tag, column in tags],
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
                number_of_tag[row["metric"], column_of[row["quantity"]]] if row["metric"] else None,
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
