"""Entries of the machine-readable report: one a run."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from .entries import severity_name
from .json_text import finite, scalar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Curve, Note, Run
    from ..judging.headline import Headline
    from ..judging.judgement import Judgement, RuleFinding
    from ..judging.onset import Onset
    from .schema import (
        FindingEntry,
        FoldedEntry,
        HeadlineEntry,
        IdentityEntry,
        MetricEntry,
        NoteEntry,
        OnsetEntry,
        RunEntry,
    )


def identity_entry(run: Run) -> IdentityEntry:
    """What a run is, without what was found in it; the beginning of its entry for programs."""
    return {
        "run": run.name,
        "title": run.title or None,
        "path": run.path,
        "format": run.format,
        "framework": run.framework,
        "task": None if run.task == "unknown" else run.task,
        "task_evidence": list(run.task_evidence),
    }


def run_entry(judgement: Judgement) -> RunEntry:
    """One run as report.json has it; only JSON types, no NaN."""
    run = judgement.run
    return {
        **identity_entry(run),
        "status": judgement.status,
        "metrics": [metric_entry(curve) for curve in run.all_curves],
        "hyperparameters": {key: scalar(value) for key, value in run.hyperparameters.items()},
        "duration_s": known(duration(run.all_curves)),
        "headline": headline_entry(judgement.headline),
        "findings": _findings(judgement),
        "folded": [folded_entry(found) for found in judgement.folded],
        "outcomes": {rule: verdict.outcome for rule, verdict in judgement.verdicts.items()},
        "reasons": {rule: verdict.reason for rule, verdict in judgement.verdicts.items() if verdict.reason},
        "notes": [note_entry(note) for note in run.notes],
    }


def _findings(judgement: Judgement) -> list[FindingEntry]:
    """All findings; of several by one rule on one metric, the first keeps the fingerprint of a lone one."""
    seen: Counter[tuple[str, str]] = Counter()
    entries = []
    for found in judgement.findings:
        identity = (found.rule.id, found.finding.metric)
        entries.append(finding_entry(found, judgement.run.name, seen[identity]))
        seen[identity] += 1
    return entries


def metric_entry(curve: Curve) -> MetricEntry:
    """One curve: what it means, how long it is, and its range over finite values."""
    is_finite = np.isfinite(curve.value)
    values = curve.value[is_finite]
    return {
        "tag": curve.name,
        "role": curve.role,
        "split": curve.split,
        "layer": curve.layer,
        "direction": curve.direction,
        "reason": curve.meaning.reason,
        "axis": curve.axis,
        "points": len(curve),
        "first_step": int(curve.step[0]) if len(curve) else None,
        "last_step": int(curve.step[-1]) if len(curve) else None,
        "min": float(values.min()) if len(values) else None,
        "max": float(values.max()) if len(values) else None,
        "last": float(values[-1]) if len(values) else None,
        "non_finite": int(len(curve) - len(values)),
    }


def headline_entry(headline: Headline | None) -> HeadlineEntry | None:
    """The main metric of a run: its best and last value, and how much came after the best one."""
    if headline is None:
        return None
    first, last = int(headline.curve.step[0]), int(headline.curve.step[-1])
    clock = headline.curve.wall_time[np.isfinite(headline.curve.wall_time)]
    after = headline.seconds_after_best
    return {
        "metric": headline.curve.name,
        "split": headline.curve.split,
        "direction": headline.curve.direction,
        "axis": headline.curve.axis,
        "best": headline.best,
        "best_step": headline.best_step,
        "final": finite(headline.final),
        "first_step": first,
        "last_step": last,
        "steps_after_best": last - headline.best_step,
        "seconds": known(float(clock[-1] - clock[0])) if len(clock) else None,
        "seconds_after_best": known(after),
    }


def finding_entry(found: RuleFinding, run_name: str, number: int = 0) -> FindingEntry:
    """One finding; the fingerprint stays the same as long as rule, run, metric and `number` among its like do."""
    rule, finding = found.rule, found.finding
    identity = "\0".join((rule.id, run_name, finding.metric, *([str(number)] if number else [])))
    entry: FindingEntry = {
        "rule": rule.id,
        "severity": severity_name(found.severity),
        "confidence": round(float(finding.confidence), 3),
        "title": rule.failure_title,
        "message": finding.message,
        "metric": finding.metric,
        "steps": [int(step) for step in finding.steps],
        "evidence": {name: finite(float(value)) for name, value in finding.evidence.items()},
        "causes": list(rule.causes),
        "caused_by": found.caused_by or None,
        "detectable_from": onset_entry(found.detectable_from),
        "remedies": list(finding.remedies),
        "fingerprint": hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(),
    }
    if rule.formerly:
        entry["formerly"] = rule.formerly
    if found.is_accepted is not None:
        entry["suppressed"] = found.is_accepted
    return entry


def folded_entry(found: RuleFinding) -> FoldedEntry:
    """A finding that another rule says more strongly, in short."""
    return {
        "rule": found.rule.id,
        "into": found.folded_into,
        "severity": severity_name(found.severity),
        "message": found.finding.message,
        "metric": found.finding.metric,
        "steps": [int(step) for step in found.finding.steps],
    }


def onset_entry(onset: Onset | None) -> OnsetEntry | None:
    """How early a finding could have been made."""
    if onset is None:
        return None
    return {
        "step": onset.step,
        "steps_after": onset.steps_after,
        "share_after": round(onset.share_after, 4),
        "seconds_after": onset.seconds_after,
    }


def note_entry(note: Note) -> NoteEntry:
    """A note on a file."""
    entry: NoteEntry = {"path": note.path, "where": note.where, "message": note.message}
    if note.left_out:
        entry["left_out"] = note.left_out
    if note.fault:
        entry["fault"] = True
    return entry


def duration(curves: Sequence[Curve]) -> float:
    """Seconds from the first to the last point that has a wall time; NaN where none has."""
    known = [times for c in curves if len(times := c.wall_time[np.isfinite(c.wall_time)])]
    return float(max(t.max() for t in known)) - float(min(t.min() for t in known)) if known else float("nan")


def known(seconds: float) -> float | None:
    """A span of time, None where a clock does not tell it or is so wrong that its ends have no finite difference."""
    return seconds if np.isfinite(seconds) else None
