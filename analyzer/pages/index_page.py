"""The page of all runs: a small row a run, made where the run was judged, and what the rows amount to."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from ...rules.base import Severity
from ..across.hyperparameter_columns import KNOWN_SETTINGS
from ..report import verdict_text as wording
from .drawing.picture import HUGE, y_range_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Floats, Hyperparameter, Run
    from ..judging.judgement import Judgement, RuleFinding, Status
    from ..report.schema import ComparisonEntry, FileEntry

STATUSES: tuple[Status, ...] = ("error", "warning", "info", "clear", "not-checked", "unreadable")
ACCEPTED = 0  # in place of a severity: the baseline knows the finding
SPARK_POINTS = 32
SPARK_SIZE = (84, 24)
STATIC_ROWS = 300  # rows that a reader without scripts sees; the worst come first
HYPERPARAMETERS_OF_ROW = 8
MAX_FAILED = 8  # rules that are named
HYPERPARAMETER_COLUMNS = 5


class IndexRow(TypedDict):
    """What the page of all runs keeps of one run: plain values, small enough to hold for 100,000 runs.

    Of a finding it is the rule and the code of its severity, `ACCEPTED` for one that the baseline knows; `titles` are by
    rule, `counts` by the name of the severity. `spark` is the curve in heights of 0 to 255.
    """

    name: str
    href: str
    status: Status
    counts: dict[str, int]
    findings: list[tuple[str, int]]
    titles: dict[str, str]
    metric: str
    best: float | None
    final: float | None
    after_best: float | None
    last_step: int | None
    spark: list[int]
    hyperparameters: dict[str, Hyperparameter]
    format: str
    source: str


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the stacked bar: left edge and width of a status in thousandths."""

    status: Status
    count: int
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class RuleCount:
    """A rule that fired: the worst it found, and in how many runs; the bar is in hundredths of the most frequent rule."""

    id: str
    title: str
    severity: str
    count: int
    accepted: int
    bar: float


@dataclass(frozen=True, slots=True)
class ComparisonCard:
    """A finding about several runs; `runs` with their pages, "" for those that have none."""

    rule: str
    severity: str
    title: str
    confidence: str
    message: str
    remedies: list[str]
    runs: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class StaticRow:
    """A row of the table as a reader without scripts sees it."""

    name: str
    href: str
    status: str
    findings: list[tuple[str, str]]
    spark: str
    cells: list[str]


class RunsPart(TypedDict):
    """What the template of the index asks for about the runs; `data` goes to its script."""

    root: str
    sentence: str
    seconds: str
    judged: int
    total: int
    shares: list[Share]
    rules: list[RuleCount]
    settings: list[str]
    rows: list[StaticRow]
    run_count: int
    comparisons: list[ComparisonCard]
    accepted: str
    unreadable: list[tuple[str, str]]
    data: dict[str, object]


def index_row(judgement: Judgement, href: str) -> IndexRow:
    """The row of one run."""
    run, headline = judgement.run, judgement.headline
    findings = {(found.rule.id, _severity_code(found)): found.rule.failure_title for found in judgement.findings}
    return {
        "name": wording.clipped(run.name),
        "href": href,
        "status": judgement.status,
        "counts": dict(Counter(_severity_word(_severity_code(found)) for found in judgement.findings)),
        "findings": list(findings),
        "titles": {rule: title for (rule, _), title in findings.items()},
        "metric": wording.clipped(headline.curve.name, 60) if headline else "",
        "best": headline.best if headline else None,
        "final": headline.final if headline else None,
        "after_best": headline.after_best if headline and np.isfinite(headline.after_best) else None,
        "last_step": max((int(curve.step.max()) for curve in run.all_curves if len(curve)), default=None),
        "spark": spark_of(headline.curve.value) if headline else [],
        "hyperparameters": _chief_settings(run),
        "format": run.format,
        "source": wording.clipped(run.path),
    }


def _severity_code(found: RuleFinding) -> int:
    return ACCEPTED if found.is_accepted else int(found.severity)


def _severity_word(code: int) -> str:
    return "accepted" if code == ACCEPTED else str(Severity(code))


def spark_of(values: Floats) -> list[int]:
    """A curve as at most 32 heights of 0 to 255: the mean of each stretch, peaks at the edge; empty if all is NaN."""
    finite = np.clip(values[np.isfinite(values)], -HUGE, HUGE)
    if not len(finite):
        return []
    low, high = y_range_of(finite)
    starts = np.linspace(0, len(finite), min(SPARK_POINTS, len(finite)), endpoint=False).astype(np.int64)
    means = np.add.reduceat(finite, starts) / np.diff(starts, append=len(finite))
    heights: list[int] = np.clip(255 * (means - low) / (high - low), 0, 255).astype(np.int64).tolist()
    return heights


def _chief_settings(run: Run) -> dict[str, Hyperparameter]:
    """The hyperparameters that people compare runs by, under their last name; then any others."""
    by_name = {key.rpartition(".")[2].lower(): key for key in run.hyperparameters}
    keys = [by_name[name] for name in KNOWN_SETTINGS if name in by_name]
    keys += [key for key in run.hyperparameters if key not in keys]
    return {
        wording.clipped(key, 40): wording.clipped(value, 40) if isinstance(value, str) else value
        for key in keys[:HYPERPARAMETERS_OF_ROW]
        for value in [run.hyperparameters[key]]
    }


def index_page(
    rows: Sequence[IndexRow],
    *,
    root: str,
    unreadable: Sequence[FileEntry],
    comparisons: Sequence[ComparisonEntry],
    seconds: float,
) -> RunsPart:
    """All about the runs on the page of all runs."""
    ordered = sorted(rows, key=lambda row: (STATUSES.index(row["status"]), -len(row["findings"]), row["name"]))
    counts: Counter[Status] = Counter(row["status"] for row in ordered)
    counts["unreadable"] += len(unreadable)
    total = len(ordered) + len(unreadable)
    settings = _setting_columns(ordered)
    rules = _rules(ordered)
    return {
        "root": root,
        "sentence": index_sentence(counts, total),
        "seconds": wording.duration(seconds),
        "judged": total - counts["not-checked"] - counts["unreadable"],
        "total": total,
        "shares": _shares(counts, total),
        "rules": rules,
        "settings": settings,
        "rows": [_static_row(row, settings) for row in ordered[:STATIC_ROWS]],
        "run_count": len(ordered),
        "comparisons": [_comparison(each, {row["name"]: row["href"] for row in ordered}) for each in comparisons],
        "accepted": accepted_sentence(ordered),
        "unreadable": [(wording.clipped(u["path"]), wording.clipped(u["reason"], 300)) for u in unreadable],
        "data": _data(ordered, settings, [rule.id for rule in rules]),
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
    """How a batch of runs went, with its denominator."""
    judged = total - counts["not-checked"] - counts["unreadable"]
    runs = wording.plural(total, "run")
    if not judged:
        return f"None of {runs} could be judged" if total else "No run was found"
    of_all = runs if judged == total else f"{runs}, {total - judged:,} of which could not be judged"
    if not counts["error"] and not counts["warning"]:
        return f"No fault found in {judged:,} of {of_all}"
    parts = [f"{counts['error']:,} of {runs} went wrong"] if counts["error"] else []
    if counts["warning"]:
        subject = f"{counts['warning']:,}" if parts else f"{counts['warning']:,} of {runs}"
        parts.append(f"{subject} {'has' if counts['warning'] == 1 else 'have'} warnings")
    if judged < total:
        parts.append(f"{total - judged:,} could not be judged")
    return ", ".join(parts)


def accepted_sentence(rows: Sequence[IndexRow]) -> str:
    """How many findings the baseline accepts; empty if it accepts none."""
    counts = sum((Counter(row["counts"]) for row in rows), Counter[str]())
    if not counts["accepted"]:
        return ""
    return f"{counts['accepted']:,} of {wording.plural(counts.total(), 'finding')} accepted in the baseline."


def failed_sentence(failed: Sequence[tuple[str, str, str]]) -> str:
    """How many rules broke, by (rule, run, reason), and which; empty if none did."""
    if not failed:
        return ""
    rules = Counter(rule for rule, _, _ in failed)
    told = ", ".join(f"{rule} ({count:,})" for rule, count in rules.most_common(MAX_FAILED))
    more = f" and {len(rules) - MAX_FAILED} more" if len(rules) > MAX_FAILED else ""
    return f"What they ask is open where they failed, {wording.plural(len(failed), 'time')} in all: {told}{more}."


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
            rule, titles[rule], _severity_word(worst[rule]), count, accepted[rule], bar=round(100 * count / most, 1)
        )
        for rule, count in ranked
    ]


def _setting_columns(rows: Sequence[IndexRow]) -> list[str]:
    """The hyperparameters worth a column: those that differ between runs, most widely logged first."""
    values: dict[str, set[str]] = {}
    count: Counter[str] = Counter()
    for row in rows:
        for key, value in row["hyperparameters"].items():
            values.setdefault(key, set()).add(str(value))
            count[key] += 1
    varying = [key for key in values if len(values[key]) > 1 or (len(rows) == 1)]
    return sorted(varying, key=lambda key: -count[key])[:HYPERPARAMETER_COLUMNS]


def _static_row(row: IndexRow, settings: Sequence[str]) -> StaticRow:
    chosen = [row["hyperparameters"].get(key) for key in settings]
    return StaticRow(
        row["name"],
        row["href"],
        row["status"],
        [(rule, _severity_word(severity)) for rule, severity in row["findings"]],
        spark_path(row["spark"]),
        [
            *("–" if value is None else wording.number(value) for value in (row["best"], row["final"])),
            "–" if row["after_best"] is None else wording.percent(row["after_best"]),
            "–" if row["last_step"] is None else wording.step(row["last_step"]),
            *("" if value is None else setting_text(value) for value in chosen),
            row["format"],
        ],
    )


def setting_text(value: Hyperparameter) -> str:
    """A hyperparameter for a table; its own digits, since 3e-4 and 0.0003 mean the same to everyone."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def spark_path(heights: Sequence[int]) -> str:
    """SVG path of a sparkline in a view box of `SPARK_SIZE`."""
    width, height = SPARK_SIZE
    gap = (width - 2) / max(1, len(heights) - 1)
    points = (f"{1 + i * gap:.1f} {height - 2 - h * (height - 4) / 255:.1f}" for i, h in enumerate(heights))
    return "M" + "L".join(points) + "h.1" if heights else ""


def _data(rows: Sequence[IndexRow], settings: Sequence[str], rules: Sequence[str]) -> dict[str, object]:
    """Rows as bare lists, to stay near 200 bytes a run; findings as rule number * 4 + severity."""
    number = {rule: i for i, rule in enumerate(rules)}
    return {
        "rules": rules,
        "statuses": STATUSES,
        "settings": [wording.visible(key) for key in settings],
        "rows": [
            [
                wording.visible(row["name"]), row["href"], STATUSES.index(row["status"]),
                [number[rule] * 4 + severity for rule, severity in row["findings"]],
                base64.b64encode(bytes(row["spark"])).decode("ascii"),
                _short(row["best"]), _short(row["final"]), _short(row["after_best"]), row["last_step"],
                [_plain(row["hyperparameters"].get(key)) for key in settings], row["format"],
            ]
            for row in rows
        ],
    }  # fmt: skip


def _short(value: float | None) -> float | str | None:
    """A number in few characters; NaN and infinity, which JSON does not know, as words."""
    if value is None or np.isfinite(value):
        return None if value is None else float(f"{value:.5g}")
    return wording.number(value)


def _plain(value: Hyperparameter) -> Hyperparameter:
    """A value that JSON can hold and a page can show."""
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return wording.visible(value) if isinstance(value, str) else value
