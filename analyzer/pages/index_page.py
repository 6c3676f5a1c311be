"""The index page of all runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from ..report import verdict_text as wording
from .index_row import ACCEPTED, severity_word
from .index_table import STATUSES, StaticRow, hyperparameter_columns, metric_columns, static_row, table_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..judging.judgement import Status
    from ..report.schema import ComparisonEntry, FileEntry
    from .index_row import IndexRow

STATIC_ROWS = 200  # rows without scripts; the worst come first
MAX_FAILED = 8  # rules listed by name


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


class RunsPart(TypedDict):
    """The content of the index template about the runs; `data` is for its script."""

    root: str
    sentence: str
    seconds: str
    judged: int
    total: int
    shares: list[Share]
    rules: list[RuleCount]
    metrics: list[str]
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
    hyperparameters = hyperparameter_columns(ordered)
    metrics = metric_columns(ordered)
    rules = _rules(ordered)
    return {
        "root": root,
        "sentence": index_sentence(counts, total),
        "seconds": wording.duration(seconds),
        "judged": total - counts["not-checked"] - counts["unreadable"],
        "total": total,
        "shares": _shares(counts, total),
        "rules": rules,
        "metrics": [wording.clipped(name, 40) for name in dict.fromkeys(metrics.values())],
        "hyperparameters": hyperparameters,
        "rows": [static_row(row, hyperparameters, metrics) for row in ordered[:STATIC_ROWS]],
        "run_count": len(ordered),
        "comparisons": [_comparison(each, {row["name"]: row["href"] for row in ordered}) for each in comparisons],
        "accepted": accepted_sentence(ordered),
        "unreadable": [(wording.clipped(u["path"]), wording.clipped(u["reason"], 300)) for u in unreadable],
        "data": table_data(ordered, hyperparameters, [rule.id for rule in rules], metrics),
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
