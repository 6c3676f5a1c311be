"""Entries of the machine-readable report, one per run."""

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
    """A run without its findings: the first part of its entry."""
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
    """One run in report.json; JSON types only, no NaN."""
    run = judgement.run
    return {
        **identity_entry(run),
        "status": judgement.status,
        "questions": [
            {"question": each.question, "outcome": each.outcome, "reason": each.reason} for each in judgement.answers
        ],
        "rules": {"judged": judgement.judged, "of": judgement.applicable},
        "metrics": [metric_entry(curve) for curve in run.all_curves],
        "hyperparameters": {key: scalar(value) for key, value in run.hyperparameters.items()},
        "duration_s": known(duration(run.all_curves)),
        "headline": headline_entry(judgement.headline),
        "findings": _findings(judgement),
        "folded": [folded_entry(found) for found in judgement.folded],
        "outcomes": {rule: verdict.outcome for rule, verdict in judgement.verdicts.items()},
        "reasons": {rule: verdict.reason for rule, verdict in judgement.verdicts.items() if verdict.reason},
        "notes": [note_entry(note) for note in run.notes],
        "record": {"outcomes": [], "failure": "", "throughput": "nan", "memory": "nan"},
    }


def _findings(judgement: Judgement) -> list[FindingEntry]:
    """All findings; the fingerprint of the first one of a rule on a metric does not depend on further ones."""
    seen: Counter[tuple[str, str]] = Counter()
    entries = []
    for found in judgement.findings:
        identity = (found.rule.id, found.finding.metric)
        entries.append(finding_entry(found, judgement.run.name, seen[identity]))
        seen[identity] += 1
    return entries


def metric_entry(curve: Curve) -> MetricEntry:
    """One curve: meaning, length, and range of the finite values."""
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
    """The main metric of a run: best and last value, and the extent of the run after the best one."""
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
    """One finding; its fingerprint depends on rule, run, metric and `number` among findings that share these."""
    rule, finding = found.rule, found.finding
    identity = "\0".join((rule.id, run_name, finding.metric, *([str(number)] if number else [])))
    entry: FindingEntry = {
        "rule": rule.id,
        "severity": severity_name(found.severity),
        "confidence": round(float(found.confidence), 3),
        "cause_confidence": None if found.cause_confidence is None else round(float(found.cause_confidence), 3),
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
    """A finding that the finding of another rule replaces, in short form."""
    return {
        "rule": found.rule.id,
        "into": found.folded_into,
        "severity": severity_name(found.severity),
        "message": found.finding.message,
        "metric": found.finding.metric,
        "steps": [int(step) for step in found.finding.steps],
    }


def onset_entry(onset: Onset | None) -> OnsetEntry | None:
    """The earliest step of detection."""
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
    """Seconds from the first to the last point with a wall time; NaN if there is none."""
    known = [times for c in curves if len(times := c.wall_time[np.isfinite(c.wall_time)])]
    return float(max(t.max() for t in known)) - float(min(t.min() for t in known)) if known else float("nan")


def known(seconds: float) -> float | None:
    """A time span; None if it is unknown or not finite (damaged clocks)."""
    return seconds if np.isfinite(seconds) else None
