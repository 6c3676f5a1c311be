"""The comparison of two groups of runs as JSON types: `trainlint compare --format json`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from .compare_text import more_runs, parting_sentence, reason_sentence, verdict_sentence
from .parting import parting_of
from .run_groups import difference_of
from .setting_differences import setting_differences

if TYPE_CHECKING:
    from ...parsers.run import Axis
    from ..report.compare_schema import ComparisonDocument
    from .run_groups import Difference, RunGroup

SCHEMA: Final = "trainlint-compare/1"


def comparison_document(first: RunGroup, second: RunGroup, version: str) -> tuple[ComparisonDocument, Difference]:
    """Compare two groups of runs, the second against the first."""
    found = difference_of(first, second)
    settings = setting_differences(first, second)
    is_told = found.verdict in ("better", "worse")
    parting = None
    if found.metric is not None and found.verdict != "identical":
        parting = parting_of(first, second, found.metric, is_known=is_told)
    metric = found.metric
    outcomes = [metric.of(run) for run in (*first.runs, *second.runs)] if metric else []
    axis: Axis = parting.axis if parting else next((each.axis for each in outcomes if each is not None), "step")
    sentences = (verdict_sentence(found, first, second), reason_sentence(found, settings), parting_sentence(parting))
    rules = [{rule for run in group.runs for rule, _ in run.findings} for group in (first, second)]
    document: ComparisonDocument = {
        "schema": SCHEMA,
        "version": version,
        "A": first.label,
        "B": second.label,
        "verdict": found.verdict,
        "sentence": " ".join(filter(None, (each.strip() for each in sentences))),
        "metric": metric.name if metric else "",
        "split": metric.split if metric else "none",
        "direction": metric.direction if metric else "unknown",
        "axis": axis,
        "runs": {"A": [run.name for run in first.runs], "B": [run.name for run in second.runs]},
        "values": {"A": list(found.values[0]), "B": list(found.values[1])},
        "failures": {"A": first.failures, "B": second.failures},
        "difference": known(found.difference),
        "low": known(found.low),
        "high": known(found.high),
        "p_value": known(found.p_value),
        "smallest_shown": known(found.shown),
        "more_runs": more_runs(found),
        "part_step": parting.step if parting else None,
        "part_metric": parting.metric if parting else "",
        "likely": settings.likely if is_told else [],
        "confounded": settings.confounded,
        "hyperparameters": {name: list(pair) for name, pair in settings.values.items()},
        "incidental": {name: list(pair) for name, pair in settings.incidental.items()},
        "data": sorted(settings.data),
        "schedule": dict(zip("AB", map(list, settings.schedule), strict=False)),
        "length": dict(zip("AB", settings.lengths, strict=False)),
        "findings_only_in": {"A": sorted(rules[0] - rules[1]), "B": sorted(rules[1] - rules[0])},
    }
    return document, found


def known(value: float) -> float | None:
    """A number; None if it is unknown or not finite."""
    return value if math.isfinite(value) else None
