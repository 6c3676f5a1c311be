"""The index page of all runs."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from ..report import verdict_text as wording
from .index_row import ACCEPTED, severity_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Hyperparameter
    from ..judging.judgement import Status
    from ..report.schema import ComparisonEntry, FileEntry
    from .index_row import IndexRow

STATUSES: tuple[Status, ...] = ("error", "warning", "info", "clear", "not-checked", "unreadable")
SPARK_SIZE = (84, 24)
STATIC_ROWS = 300  # rows without scripts; the worst come first
MAX_FAILED = 8  # rules listed by name
HYPERPARAMETER_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the stacked bar: left edge and width in thousandths."""

    status: Status
    count: int
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class RuleCount:
    """A rule that fired: worst severity and number of runs; the bar is in hundredths of the most frequent rule."""

    id: str
    title: str
    severity: str
    count: int
    accepted: int
    bar: float


@dataclass(frozen=True, slots=True)
class ComparisonCard:
    """A finding about several runs; `runs` with their pages, "" for runs without a page."""

    rule: str
    severity: str
    title: str
    confidence: str
    message: str
    remedies: list[str]
    runs: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class StaticRow:
    """A row of the table without scripts."""

    name: str
    href: str
    status: str
    findings: list[tuple[str, str]]
    spark: str
    cells: list[str]


class RunsPart(TypedDict):
    """The content of the index template about the runs; `data` is for its script."""

    root: str
    sentence: str
    seconds: str
    judged: int
    total: int
    shares: list[Share]
    rules: list[RuleCount]
    hyperparameters: list[str]
    rows: list[StaticRow]
    run_count: int
    comparisons: list[ComparisonCard]
    accepted: str
    unreadable: list[tuple[str, str]]
    data: dict[str, object]


def index_page(
    rows: Sequence[IndexRow],
    *,
    root: str,
    unreadable: Sequence[FileEntry],
    comparisons: Sequence[ComparisonEntry],
    seconds: float,
) -> RunsPart:
    """The content of the index page about the runs."""
    ordered = sorted(rows, key=lambda row: (STATUSES.index(row["status"]), -len(row["findings"]), row["name"]))
    counts: Counter[Status] = Counter(row["status"] for row in ordered)
    counts["unreadable"] += len(unreadable)
    total = len(ordered) + len(unreadable)
    hyperparameters = _hyperparameter_columns(ordered)
    rules = _rules(ordered)
    return {
        "root": root,
        "sentence": index_sentence(counts, total),
        "seconds": wording.duration(seconds),
        "judged": total - counts["not-checked"] - counts["unreadable"],
        "total": total,
        "shares": _shares(counts, total),
        "rules": rules,
        "hyperparameters": hyperparameters,
        "rows": [_static_row(row, hyperparameters) for row in ordered[:STATIC_ROWS]],
        "run_count": len(ordered),
        "comparisons": [_comparison(each, {row["name"]: row["href"] for row in ordered}) for each in comparisons],
        "accepted": accepted_sentence(ordered),
        "unreadable": [(wording.clipped(u["path"]), wording.clipped(u["reason"], 300)) for u in unreadable],
        "data": _data(ordered, hyperparameters, [rule.id for rule in rules]),
    }


def _comparison(entry: ComparisonEntry, pages: dict[str, str]) -> ComparisonCard:
    names = [wording.clipped(name) for name in entry["runs"]]
    return ComparisonCard(
        rule=entry["rule"],
        severity=entry["severity"],
        title=entry["title"],
        confidence=f"{entry['confidence']:.2f}",
        message=wording.clipped(entry["message"], 1000),
        remedies=[wording.clipped(remedy, 300) for remedy in entry["remedies"]],
        runs=[(name, pages.get(name, "")) for name in names],
    )


def index_sentence(counts: Counter[Status], total: int) -> str:
    """The outcome of a batch of runs, with its denominator."""
    judged = total - counts["not-checked"] - counts["unreadable"]
    runs = wording.plural(total, "run")
    if not judged:
        return f"None of {runs} could be judged" if total else "No run was found"
    if not counts["error"] and not counts["warning"]:
        rest = "" if judged == total else f"; {total - judged:,} could not be judged"
        return f"No fault found in {judged:,} of {runs}{rest}"
    parts = []
    if counts["error"]:
        parts.append(f"{counts['error']:,} of {runs} {'has' if counts['error'] == 1 else 'have'} errors")
    if counts["warning"]:
        subject = f"{counts['warning']:,}" if parts else f"{counts['warning']:,} of {runs}"
        parts.append(f"{subject} {'has' if counts['warning'] == 1 else 'have'} warnings")
    if judged < total:
        parts.append(f"{total - judged:,} could not be judged")
    return ", ".join(parts)


def accepted_sentence(rows: Sequence[IndexRow]) -> str:
    """The number of findings that the baseline accepts; empty if none."""
    counts = sum((Counter(row["counts"]) for row in rows), Counter[str]())
    if not counts["accepted"]:
        return ""
    return f"{counts['accepted']:,} of {wording.plural(counts.total(), 'finding')} accepted in the baseline."


def failed_sentence(failed: Sequence[tuple[str, str, str]]) -> str:
    """The failed rules by name and count, from (rule, run, reason); empty if none failed."""
    if not failed:
        return ""
    rules = Counter(rule for rule, _, _ in failed)
    names = ", ".join(f"{rule} ({count:,})" for rule, count in rules.most_common(MAX_FAILED))
    more = f" and {len(rules) - MAX_FAILED} more" if len(rules) > MAX_FAILED else ""
    return f"Rules failed {wording.plural(len(failed), 'time')}, so these results are unknown: {names}{more}."


def _shares(counts: Counter[Status], total: int) -> list[Share]:
    shares, left = list[Share](), 0.0
    for status in STATUSES:
        if counts[status]:
            width = 1000 * counts[status] / total
            shares.append(Share(status, counts[status], left=round(left, 1), width=round(width, 1)))
            left += width
    return shares


def _rules(rows: Sequence[IndexRow]) -> list[RuleCount]:
    """Rules that fired, by the number of runs."""
    runs: Counter[str] = Counter(rule for row in rows for rule in {rule for rule, _ in row["findings"]})
    accepted: Counter[str] = Counter(r for row in rows for r, code in row["findings"] if code == ACCEPTED)
    worst: dict[str, int] = {}
    titles: dict[str, str] = {}
    for row in rows:
        titles |= row["titles"]
        for rule, severity in row["findings"]:
            worst[rule] = max(severity, worst.get(rule, 0))
    most = max(runs.values(), default=1)
    ranked = sorted(runs.items(), key=lambda item: (-item[1], item[0]))
    return [
        RuleCount(
            rule, titles[rule], severity_word(worst[rule]), count, accepted[rule], bar=round(100 * count / most, 1)
        )
        for rule, count in ranked
    ]


def _hyperparameter_columns(rows: Sequence[IndexRow]) -> list[str]:
    """Hyperparameters with a column: those that differ between runs, most frequently logged first."""
    values: dict[str, set[str]] = {}
    count: Counter[str] = Counter()
    for row in rows:
        for key, value in row["hyperparameters"].items():
            values.setdefault(key, set()).add(str(value))
            count[key] += 1
    varying = [key for key in values if len(values[key]) > 1 or (len(rows) == 1)]
    return sorted(varying, key=lambda key: -count[key])[:HYPERPARAMETER_COLUMNS]


def _static_row(row: IndexRow, hyperparameters: Sequence[str]) -> StaticRow:
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


def _data(rows: Sequence[IndexRow], hyperparameters: Sequence[str], rules: Sequence[str]) -> dict[str, object]:
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
