"""A run on the index page: a small row, created in the worker that judged it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from ...rules.base import Severity
from ..report import verdict_text as wording
from ..studies.hyperparameter_columns import KNOWN_HYPERPARAMETERS
from .drawing.picture import HUGE, y_range_of

if TYPE_CHECKING:
    from ...parsers.run import Curve, Floats, Hyperparameter, Run
    from ..judging.judgement import Judgement, RuleFinding, Status

ACCEPTED = 0  # in place of a severity: the baseline accepts the finding
SPARK_POINTS = 32
HYPERPARAMETERS_OF_ROW = 8


class IndexRow(TypedDict):
    """The data of one run on the index page: plain values, small enough for 100,000 runs.

    A finding is its rule and the code of its severity, `ACCEPTED` if the baseline accepts it; `titles` are by rule,
    `counts` by the name of the severity. `spark` is the curve of the main metric as heights of 0 to
    255, `quantity` its role and split: results of other quantities cannot be compared with it.
    """

    name: str
    href: str
    status: Status
    counts: dict[str, int]
    findings: list[tuple[str, int]]
    titles: dict[str, str]
    metric: str
    quantity: str
    best: float | None
    final: float | None
    after_best: float | None
    last_step: int | None
    spark: list[int]
    hyperparameters: dict[str, Hyperparameter]
    format: str
    source: str


def index_row(judgement: Judgement, href: str) -> IndexRow:
    """The row of one run."""
    run, headline = judgement.run, judgement.headline
    findings = {(found.rule.id, _severity_code(found)): found.rule.failure_title for found in judgement.findings}
    return {
        "name": wording.clipped(run.name),
        "href": href,
        "status": judgement.status,
        "counts": dict(Counter(severity_word(_severity_code(found)) for found in judgement.findings)),
        "findings": list(findings),
        "titles": {rule: title for (rule, _), title in findings.items()},
        "metric": wording.clipped(headline.curve.name, 60) if headline else "",
        "quantity": _quantity(headline.curve) if headline else "",
        "best": headline.best if headline else None,
        "final": headline.final if headline else None,
        "after_best": headline.after_best if headline and np.isfinite(headline.after_best) else None,
        "last_step": max((int(curve.step.max()) for curve in run.all_curves if len(curve)), default=None),
        "spark": spark_of(headline.curve.value) if headline else [],
        "hyperparameters": _main_hyperparameters(run),
        "format": run.format,
        "source": wording.clipped(run.path),
    }


def _quantity(curve: Curve) -> str:
    return curve.role if curve.split == "none" else f"{curve.split} {curve.role}"


def _severity_code(found: RuleFinding) -> int:
    return ACCEPTED if found.is_accepted else int(found.severity)


def severity_word(code: int) -> str:
    return "accepted" if code == ACCEPTED else str(Severity(code))


def spark_of(values: Floats) -> list[int]:
    """A curve as at most 32 heights of 0 to 255: means of equal stretches, peaks clipped; empty if all values are NaN."""
    finite = np.clip(values[np.isfinite(values)], -HUGE, HUGE)
    if not len(finite):
        return []
    low, high = y_range_of(finite)
    starts = np.linspace(0, len(finite), min(SPARK_POINTS, len(finite)), endpoint=False).astype(np.int64)
    means = np.add.reduceat(finite, starts) / np.diff(starts, append=len(finite))
    heights: list[int] = np.clip(255 * (means - low) / (high - low), 0, 255).astype(np.int64).tolist()
    return heights


def _main_hyperparameters(run: Run) -> dict[str, Hyperparameter]:
    """Well-known hyperparameters by the last part of their key, then any others."""
    by_name = {key.rpartition(".")[2].lower(): key for key in run.hyperparameters}
    keys = [by_name[name] for name in KNOWN_HYPERPARAMETERS if name in by_name]
    keys += [key for key in run.hyperparameters if key not in keys]
    return {
        wording.clipped(key, 40): wording.clipped(value, 40) if isinstance(value, str) else value
        for key in keys[:HYPERPARAMETERS_OF_ROW]
        for value in [run.hyperparameters[key]]
    }
