"""Steps of a curve have more than one value.

## What it finds
Steps that are logged more than once in a curve, with different values; also where a resumed or a second run was
appended to the same table.

## Why it matters
The correct value is ambiguous. Charts show vertical lines or only the last value; means and comparisons with other
runs count such steps twice.

## How it is detected
Each step of a loss, score, perplexity, learning rate or gradient norm should occur once. The rule fires if at least
10% of the steps of a curve repeat with a different value, in 5 or more rows. Repetitions of the same value, for example
when the last evaluation is logged again, are harmless. Where the steps go back, the run was restarted, and the steps
that were trained again replace the former ones, as TensorBoard does; only in a table (CSV, JSON lines) do the rows of
both attempts remain for every other reader, so there they count as well.

## When it is a false alarm
Curves that have several values per step on purpose, such as one for each episode, device or dataset.

## What to do
Increment the step once per optimizer update, in one place; log from rank 0 only; use separate tags for values of
different data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.distinct import distinct
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Curve, Ints, Role
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

# Formats whose rows everyone reads without resolving restarts: one file, to which a second process appends.
TABLES = frozenset(("csv-table", "json-lines", "keras-csv", "lightning-csv"))
ROLES: tuple[Role, ...] = ("loss", "score", "perplexity", "learning-rate", "gradient-norm")


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "in a shorter curve a single repetition is 10% of the steps", unit="points")
    min_rows: int = limit(5, "evaluations before and after training repeat one or two steps", unit="points")
    min_share: float = limit(0.1, "of the distinct steps; fewer do not distort a curve", unit="%")
    min_difference: float = limit(1e-6, "the same value written as float32 and as text differs by less", unit="%")


class Repetition(NamedTuple):
    """Repeated steps of a curve.

    Attributes:
        steps: those with several values, int64 [n].
        rows: number of extra rows.
        share: of the steps among all different ones.
        is_restarted: whether the rows belong to two attempts, the second of which begins at an earlier step.

    """

    curve: CurveView
    steps: Ints
    rows: int
    share: float
    is_restarted: bool = False


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the curve with most repetitions."""
    curves = [c for role in ROLES for c in run.curves(role) if c.curve.axis == "step" and not c.curve.statistic]
    if not curves:
        raise NotApplicableError("no training curve is logged by step")
    judged = [_repetition(c, limits) for c in curves if len(c) >= limits.min_points]
    if run.run.format in TABLES:
        raw = {(c.name, c.meaning): c for c in run.run.all_curves}
        judged = [_rewritten(r.curve, raw[r.curve.name, r.curve.curve.meaning], limits) or r for r in judged]
    if not judged:
        longest = max(map(len, curves))
        raise InsufficientDataError(f"a curve logged by step needs at least {limits.min_points} points, has {longest}")
    repeated = [r for r in judged if r.rows >= limits.min_rows and r.share >= limits.min_share]
    if not repeated:
        return
    worst = max(repeated, key=lambda r: (r.rows, r.curve.role == "loss"))
    per_step = 1 + worst.rows / len(worst.steps)
    first, last = int(worst.steps[0]), int(worst.steps[-1])
    if worst.is_restarted:
        yield _of_restart(worst, first, last, affected=len(repeated), judged=len(judged))
        return
    yield Finding(
        message=f"{len(worst.steps):,} steps ({worst.share:.0%}) of {worst.curve.name} have more than one value ({per_step:.3g} on average), "
        f"the first at step {first:,}; {len(repeated)} of {len(judged)} curves are affected",
        confidence=0.85,
        metric=worst.curve.name,
        steps=(first, last),
        evidence=_evidence(worst, len(repeated), len(judged)),
        remedies=(
            "increment the step once per optimizer update, and pass it to every log call",
            "log from rank 0 only, and use separate tags for values of different data",
        ),
    )


def _of_restart(worst: Repetition, first: int, last: int, *, affected: int, judged: int) -> Finding:
    """The finding where the rows of two attempts stand in one table."""
    return Finding(
        message=f"{len(worst.steps):,} steps ({worst.share:.0%}) of {worst.curve.name}, {first:,} to {last:,}, are in the table twice "
        f"with different values: the run was started again and appended to the same file; {affected} of {judged} curves are affected",
        confidence=0.85,
        metric=worst.curve.name,
        steps=(first, last),
        evidence=_evidence(worst, affected, judged),
        remedies=(
            f"delete the rows of the first attempt from step {first:,} on, or give each start a file of its own",
            "on resuming, truncate the table to the step of the checkpoint before the first row is appended",
        ),
        cited=(first, last),
    )


def _evidence(worst: Repetition, affected: int, judged: int) -> dict[str, float]:
    return {
        "repeated_step_count": float(len(worst.steps)),
        "repeated_row_count": float(worst.rows),
        "repeated_share": worst.share,
        "repeated_curve_count": float(affected),
        "judged_curve_count": float(judged),
    }


def _rewritten(curve: CurveView, raw: Curve, limits: Limits) -> Repetition | None:
    """The steps that a later attempt wrote again with another value; None if there are none."""
    standing = curve.curve
    if len(standing) == len(raw):
        return None
    is_first = np.ones(len(raw), dtype=bool)
    is_first[1:] = raw.step[1:] != raw.step[:-1]  # repetitions within an attempt are counted elsewhere
    order = np.argsort(raw.step[is_first], kind="stable")
    steps, values = raw.step[is_first][order], raw.value[is_first][order]
    again = np.flatnonzero(steps[1:] == steps[:-1]) + 1
    again = again[~np.isclose(values[again], values[again - 1], rtol=limits.min_difference, atol=0.0, equal_nan=True)]
    if not len(again):
        return None
    repeated = distinct(steps[again])
    return Repetition(curve, repeated, len(again), len(repeated) / len(distinct(steps)), is_restarted=True)


def _repetition(curve: CurveView, limits: Limits) -> Repetition:
    steps, values = curve.steps, curve.values
    again = np.flatnonzero(steps[1:] == steps[:-1]) + 1
    again = again[~np.isclose(values[again], values[again - 1], rtol=limits.min_difference, atol=0.0)]
    repeated = distinct(steps[again])
    different = 1 + np.count_nonzero(steps[1:] != steps[:-1])
    return Repetition(curve, repeated, len(again), len(repeated) / different)


RULE = Rule(
    id="duplicate-steps",
    family="log-integrity",
    severity=Severity.WARNING,
    needs=(AnyOf(tuple(Need(role, points=0) for role in ROLES)),),
    since="0.1.0",
    title="Each step has one value",
    failure_title="Duplicate steps",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("reinforcement",),  # several episodes can end, and several updates can be made, at one step
    causes=("interleaved-writers",),
    judges_whole_log=True,
    suits_boosting=True,
    needs_all_rows=True,
)
