"""Numbers and tables of a run page: tiles, outcomes of rules, hyperparameters, metrics, files."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...rules.base import Severity
from ..config.plugins import known_rules
from ..judging.advice import lacks_data
from ..report import verdict_text as wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...parsers.run import Curve, Run
    from ..judging.advice import Advice
    from ..judging.headline import Headline
    from ..judging.judgement import Judgement

MAX_ROWS = 300  # of each table; others are counted
MAX_VALUE = 200  # characters of a hyperparameter
MAX_NAMED = 4  # quantities that are not logged, in the line about them


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of the first screen: (large, small, tone) texts; a tone is a severity, "clear" or ""."""

    label: str
    parts: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Rules that could not judge for one kind of reason: one line, and the rules by their reason."""

    line: str
    reasons: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Checks:
    """Outcomes of the rules.

    `fired` have a finding on the page; `replaced` are rules by the reason why theirs is not.
    """

    fired: list[tuple[str, str]] = field(default_factory=list)
    replaced: dict[str, list[str]] = field(default_factory=dict)
    clear: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    unjudged: list[Unjudged] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts, and the number of rows not shown."""

    rows: list[tuple[str, ...]]
    not_shown: int = 0


def tiles_of(judgement: Judgement, headline: Headline | None) -> list[Tile]:
    """Tiles: findings, best, final, compute after best, data quality."""
    counts = Counter(found.severity for found in judgement.findings if not found.is_accepted)
    parts = [(str(counts[s]), _counted(s, counts[s]), str(s)) for s in sorted(counts, reverse=True)]
    accepted = sum(bool(found.is_accepted) for found in judgement.findings)
    parts += [(str(accepted), "accepted", "accepted")] if accepted else []
    tiles = [Tile("Findings", parts or [("0", f"in {wording.denominator(judgement).partition(' could')[0]}", "")])]
    if headline:
        name = wording.clipped(headline.curve.name, 24)
        axis = wording.AXIS_WORDS[headline.curve.axis]
        is_blamed = any(
            found.finding.metric == headline.curve.name and found.severity >= Severity.WARNING
            for found in judgement.findings
        )
        change = f"{wording.percent(headline.change)} worse" if headline.change > 0 else ""
        clock = wording.duration(headline.seconds_after_best) if headline.seconds_after_best >= 1 else ""
        best_at = f"{axis} {wording.short_step(headline.best_step)}"
        tone = "error" if is_blamed and (change or not math.isfinite(headline.final)) else ""
        tiles += [
            Tile(f"{headline.superlative.capitalize()} {name}", [(wording.number(headline.best), best_at, "clear")]),
            Tile(f"Final {name}", [(wording.number(headline.final), change, tone)]),
            Tile("Compute after best", [(wording.percent(headline.after_best), clock, "")]),
        ]
    return [*tiles, _quality(judgement.run)]


def _counted(severity: Severity, count: int) -> str:
    word = "remark" if severity is Severity.INFO else str(severity)
    return word if count == 1 else f"{word}s"


def _quality(run: Run) -> Tile:
    metrics = wording.plural(len(run.all_curves), "metric")
    broken = sum(int(np.count_nonzero(~np.isfinite(curve.value))) for curve in run.all_curves)
    if run.notes:
        noun = "note" if len(run.notes) == 1 else "notes"
        return Tile("Data quality", [(f"{len(run.notes):,}", f"{noun} · {metrics}", "")])
    if broken:
        return Tile("Data quality", [(f"{broken:,}", f"NaN or infinite · {metrics}", "")])
    return Tile("Data quality", [("complete" if run.all_curves else "–", metrics, "")])


def checks_of(judgement: Judgement, advices: Sequence[Advice]) -> Checks:
    """The rules grouped by outcome; `advices` name what those that lack data need."""
    rules = {rule.id: rule for rule in (*known_rules(), *(found.rule for found in judgement.findings))}
    found = {each.rule.id for each in judgement.findings}
    folded = {each.rule.id: each.folded_into for each in judgement.folded}
    checks = Checks()
    kinds: dict[str, dict[str, list[str]]] = {"lacking": {}, "short": {}, "other": {}}
    for rule_id, verdict in judgement.verdicts.items():
        rule = rules.get(rule_id)
        if verdict.outcome == "fired" and rule_id in found:
            checks.fired.append((rule_id, rule.failure_title if rule else rule_id))
        elif verdict.outcome == "fired":
            why = f"as part of {folded[rule_id]}" if rule_id in folded else "below the minimum confidence"
            checks.replaced.setdefault(why, []).append(rule_id)
        elif verdict.outcome == "clear":
            checks.clear.append((rule_id, rule.title if rule else rule_id))
        elif verdict.outcome == "failed":
            checks.failed.append((rule_id, verdict.reason))
        else:
            is_lacking = verdict.outcome == "not-applicable" and rule and lacks_data(rule, judgement.view)
            kind = "short" if verdict.outcome == "insufficient-data" else "lacking" if is_lacking else "other"
            kinds[kind].setdefault(verdict.reason or verdict.outcome, []).append(rule_id)
    checks.unjudged.extend(_unjudged(kinds, advices))
    return checks


def _unjudged(kinds: Mapping[str, dict[str, list[str]]], advices: Sequence[Advice]) -> Iterator[Unjudged]:
    names = ", ".join(advice.what for advice in advices[:MAX_NAMED]) + (" …" if len(advices) > MAX_NAMED else "")
    ends = {
        "lacking": ("needs", "need", f"data this run does not log{f': {names}' if names else ''}"),
        "short": ("has", "have", "too little data in this run to decide"),
        "other": ("does", "do", "not apply to this run"),
    }
    for kind, (one, several, rest) in ends.items():
        count = sum(map(len, kinds[kind].values()))
        if count:
            line = f"{wording.plural(count, 'rule')} {one if count == 1 else several} {rest}"
            yield Unjudged(line, kinds[kind])


def facts_of(run: Run) -> Table:
    """Length, time, format and origin of a run."""
    rows: list[tuple[str, ...]] = [("Name in the tracker", wording.clipped(run.title, MAX_VALUE))] if run.title else []
    for axis, word in wording.AXIS_WORDS.items():
        steps = [curve.step for curve in run.all_curves if curve.axis == axis and len(curve)]
        if steps:
            low, high = min(int(s.min()) for s in steps), max(int(s.max()) for s in steps)
            rows.append((f"{word}s".capitalize(), f"{wording.step(low)} to {wording.step(high)}"))
    epochs = [float(np.nanmax(c.epoch)) for c in run.all_curves if np.isfinite(c.epoch).any()]
    if epochs and all(curve.axis != "epoch" for curve in run.all_curves):
        rows.append(("Epochs trained", wording.number(max(epochs), 4)))
    clocks = [c.wall_time[np.isfinite(c.wall_time)] for c in run.all_curves]
    spans = [(float(t.min()), float(t.max())) for t in clocks if len(t)]
    if spans:
        first, last = min(a for a, _ in spans), max(b for _, b in spans)
        rows.append(("Duration", f"{wording.duration(last - first)}, {_time(first)} to {_time(last)} UTC"))
    written = f"{run.format}, written by {run.framework}" if run.framework else run.format
    unknown = sum(curve.role == "unknown" for curve in run.all_curves)
    known = f"{wording.plural(len(run.all_curves), 'metric')}, {unknown:,} not recognised"
    rows += [("Format", written), ("Metrics", known)]
    if [source.path for source in run.sources] != [run.path]:
        rows.append(("Path", wording.clipped(_place(run.path, run), MAX_VALUE)))
    return Table(rows)


def _place(path: str, run: Run) -> str:
    """A path from the folder that names of runs are relative to; as it is if it lies elsewhere."""
    root, found, _ = Path(run.path).as_posix().rpartition(f"/{run.name}")
    return Path(path).as_posix().removeprefix(f"{root}/") if found else path


def _time(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError, OSError):
        return wording.number(seconds)


def hyperparameters_of(run: Run) -> Table:
    """Hyperparameters in alphabetical order."""
    items = sorted(run.hyperparameters.items())
    rows: list[tuple[str, ...]] = [
        (wording.clipped(key), wording.clipped(str(value), MAX_VALUE)) for key, value in items[:MAX_ROWS]
    ]
    return Table(rows, max(0, len(items) - MAX_ROWS))


def metrics_of(run: Run) -> Table:
    """Role of each metric with the reason, and its range."""
    rows = [_metric(curve) for curve in run.all_curves[:MAX_ROWS]]
    return Table(rows, max(0, len(run.all_curves) - MAX_ROWS))


def _metric(curve: Curve) -> tuple[str, ...]:
    values = curve.value[np.isfinite(curve.value)]
    broken = len(curve) - len(values)
    low, high, last = (values.min(), values.max(), values[-1]) if len(values) else (np.nan,) * 3
    numbers = [wording.number(float(v)) if len(values) else "–" for v in (low, high, last)]
    split = "" if curve.split == "none" else curve.split
    meaning = " · ".join(filter(None, (curve.role, split, wording.clipped(curve.layer, 60))))
    points = f"{len(curve):,}" + (f" ({broken:,} not finite)" if broken else "")
    return (wording.clipped(curve.name), meaning, points, *numbers, wording.clipped(curve.meaning.reason))


def files_of(run: Run) -> dict[str, Table]:
    """Files read, and notes on them."""
    read: list[tuple[str, ...]] = [
        (wording.clipped(_place(s.path, run)), s.format, wording.file_size(s.size), "" if s.use == "data" else s.use)
        for s in run.sources[:MAX_ROWS]
    ]
    notes: list[tuple[str, ...]] = [
        (
            wording.clipped(_place(n.path, run)),
            wording.clipped(n.where),
            wording.clipped(n.message, MAX_VALUE),
        )
        for n in run.notes[:MAX_ROWS]
    ]
    return {
        "read": Table(read, max(0, len(run.sources) - MAX_ROWS)),
        "notes": Table(notes, max(0, len(run.notes) - MAX_ROWS)),
    }
