"""A training that was taken up again does not go on where it had stopped.

## What it finds
Restarts after which the training loss is higher, the learning rate is another one, steps are missing, or the steps are
counted from the beginning although the model is not new.

## Why it matters
Something was not restored: the state of the optimizer, the schedule, the step, or the right checkpoint. Progress is
lost, and the run is no longer the one that its settings describe.

## How it is detected
Restarts are told by steps that go back, by a second event file, or by one or two long pauses in which nothing was
evaluated. The median of 10 losses after is compared with that of 10 before: a rise counts if it is 5 % or more and more
than 6 times its standard error, and if the loss had never risen as much from one 10 points to the next. The learning rate is compared at the same steps where some were trained twice, else
with the last one before, from which it must not rise by more than a tenth unless it rises so elsewhere too. A hole
counts from 5 logging intervals on. If the steps begin anew, the loss tells: that of a new model starts as high as it
did before.

## When it is a false alarm
A restart with other settings on purpose; a curriculum that changes at the same place.

## What to do
Save and restore the optimizer, the schedule, the loss scale, the step and the state of the data loader along with the
model; after a restart compare the first losses with the last ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, NotApplicableError, Rule, Severity
from ..shared.restarts import WINDOW_POINTS, around, pauses_of, restarts_of
from ..statistics.exponentials import exp, expm1
from ..statistics.medians import median, moving_median
from ..statistics.noise import noise_of
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Curve
    from ..shared.restarts import Restart
    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_before: int = limit(8, "values from which the noise before a restart is known")
    min_after: int = limit(4, "")
    min_rise: float = limit(math.log(1.05), "")
    limit_z: float = limit(6.0, "")
    median_error: float = limit(1.25, "standard error of a median over that of a mean, Gaussian noise")
    rate_change: float = limit(math.log(1.1), "schedules move by less between two points, but for their own jumps")
    min_hole: float = limit(5.0, "logging intervals")
    gone_on_share: float = limit(0.5, "of what the loss had come down: a new model starts at none of it")
    min_descent: float = limit(math.log(1.2), "less does not tell a new model from an old one")
    epoch_sessions: int = limit(3, "as many parts of equal length are epochs")


class Break(NamedTuple):
    """What is not continuous at a restart: a sentence about it, a number, and how sure it is."""

    restart: Restart
    what: str
    evidence: dict[str, float]
    confidence: float


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all restarts together, the surest first."""
    curve = _longest(run)
    restarts = restarts_of(curve) if curve is not None else []
    pauses = pauses_of(run, curve.effective()) if curve is not None and not restarts else []
    if curve is None or not (restarts or pauses):
        raise NotApplicableError("the log tells of no restart")
    again = [r for r in restarts if r.is_from_start]
    breaks = _reset(curve, again, limits)
    for restart in [r for r in restarts if not r.is_from_start] + pauses:
        breaks += [
            b
            for b in (_rate(run, restart, limits), _loss(run, restart, limits), _hole(curve, restart, limits))
            if b is not None
        ]
    if not breaks:
        return
    worst = max(breaks, key=lambda b: b.confidence)
    same = [b for b in breaks if b.restart == worst.restart]
    places = len({b.restart.row for b in breaks})
    where = f"after a pause of {worst.restart.pause_s:,.0f} s at" if worst.restart.pause_s else "at the restart at"
    more = f"; so at {places} restarts" if places > 1 else ""
    yield Finding(
        message=f"{where} {curve.axis} {worst.restart.step:,} " + ", and ".join(b.what for b in same) + more,
        confidence=worst.confidence,
        metric=curve.name,
        steps=(worst.restart.step, worst.restart.step),
        evidence={name: number for b in same for name, number in b.evidence.items()} | {"break_count": float(places)},
        severity=Severity.INFO
        if len(again) >= limits.epoch_sessions and worst.restart.is_from_start
        else Severity.WARNING,
        remedies=(
            "save and restore the optimizer, the schedule and the step along with the model",
            "check that the newest checkpoint was loaded, and that the data go on where they had stopped",
        ),
        cited=(worst.restart.step,),
    )


def _longest(run: RunView) -> Curve | None:
    """The curve as it was written that tells most of restarts: the training loss, else the one with most points."""
    curves = [c for c in run.run.all_curves if c.axis == "step" and not c.statistic and len(c)]
    return max(curves, key=lambda c: (c.role == "loss" and c.split == "train", len(c)), default=None)


def _loss(run: RunView, restart: Restart, limits: Limits) -> Break | None:
    loss = run.loss("train")
    if loss is None or not loss.is_positive:
        return None
    before, after = (np.log(values) for values in around(loss.curve, restart))
    if len(before) < limits.min_before or len(after) < limits.min_after:
        return None
    level, new_level = median(before[-WINDOW_POINTS:]), median(after)
    rise = new_level - level
    error = limits.median_error * max(
        math.hypot(noise.of_mean(WINDOW_POINTS), noise.of_mean(len(after))) for noise in (noise_of(before), loss.noise)
    )
    if not (rise >= limits.min_rise and rise > limits.limit_z * error and rise > _largest_rise(loss, restart)):
        return None
    what = f"{loss.name} rises from {exp(level):.3g} to {exp(new_level):.3g} ({expm1(rise):+.0%})"
    numbers = {"value_before": exp(level), "value_after": exp(new_level)}
    return Break(restart, what, numbers | ({"z": rise / error} if error > 0 else {}), 0.85)


def _largest_rise(loss: CurveView, restart: Restart) -> float:
    """The largest rise from one window to the next before the restart: what the curve does of its own accord."""
    values = loss.scaled[loss.steps < restart.step]
    level = moving_median(values, WINDOW_POINTS)
    return float((level[WINDOW_POINTS:] - level[:-WINDOW_POINTS]).max()) if len(level) > WINDOW_POINTS else 0.0


def _rate(run: RunView, restart: Restart, limits: Limits) -> Break | None:
    rate = run.learning_rate
    if rate is None:
        return None
    twice = _trained_twice(run, rate, restart)
    if twice is not None:
        old, new = twice
        is_other = abs(math.log(new / old)) > limits.rate_change
    else:
        before, after = around(rate.curve, restart)
        if len(before) < 2 or not len(after) or min(before[-1], after[0]) <= 0:
            return None
        old, new = float(before[-1]), float(after[0])
        changes = np.diff(np.log(rate.values[rate.values > 0]))
        rise = math.log(new / old)
        is_other = rise > limits.rate_change and int(np.count_nonzero(changes >= 0.5 * rise)) == 1
    if not is_other:
        return None
    why = " for the same step" if twice is not None else ""
    return Break(
        restart, f"{rate.name} goes from {old:.3g} to {new:.3g}{why}", {"rate_before": old, "rate_after": new}, 0.9
    )


def _trained_twice(run: RunView, rate: CurveView, restart: Restart) -> tuple[float, float] | None:
    """The learning rates of the last step that was trained before the restart and again after it, where both are above 0."""
    raw = next((c for c in run.run.all_curves if c.name == rate.name and c.split == rate.split), None)
    if raw is None:
        return None
    row = next((r.row for r in restarts_of(raw) if r.step == restart.step), len(raw))
    steps, old_rows, new_rows = np.intersect1d(raw.step[:row], raw.step[row:], return_indices=True)
    known = steps >= restart.step
    pairs = np.stack((raw.value[:row][old_rows], raw.value[row:][new_rows]), axis=1)[known]
    pairs = pairs[(pairs > 0).all(axis=1)]
    return (float(pairs[-1, 0]), float(pairs[-1, 1])) if len(pairs) else None


def _hole(curve: Curve, restart: Restart, limits: Limits) -> Break | None:
    if restart.pause_s or restart.row == 0:
        return None
    last, interval = int(curve.step[: restart.row].max()), median(np.abs(np.diff(curve.step)))
    missing = int(curve.step[restart.row]) - last
    if not missing > limits.min_hole * max(interval, 1.0):
        return None
    return Break(
        restart,
        f"steps {last:,} to {int(curve.step[restart.row]):,} are missing",
        {"missing_steps": float(missing)},
        0.8,
    )


def _reset(curve: Curve, again: list[Restart], limits: Limits) -> list[Break]:
    """Restarts from the first step at which the loss shows that the model is not new."""
    if curve.role != "loss" or curve.direction != "lower" or not (curve.value > 0).all():
        return []
    values, found = np.log(curve.value), []
    starts = [0, *(r.row for r in again), len(curve)]
    for i, restart in enumerate(again):
        earlier, later = values[starts[i] : restart.row], values[restart.row : starts[i + 2]]
        if min(len(earlier), len(later)) < 2 * limits.min_before:
            continue
        start, end, new = (
            median(part)
            for part in (values[: limits.min_after], earlier[-limits.min_before :], later[: limits.min_after])
        )
        is_known = start - end > max(
            limits.min_descent, limits.limit_z * limits.median_error * noise_of(earlier).of_mean(limits.min_after)
        )
        if is_known and start - new > limits.gone_on_share * (start - end):
            what = f"the steps are counted from the beginning, but {curve.name} goes on from {exp(new):.3g}"
            numbers = {
                "value_before": exp(end),
                "value_after": exp(new),
                "value_of_new_model": exp(start),
            }
            found.append(Break(restart, what, numbers, 0.8))
    return found


RULE = Rule(
    id="resume-discontinuity",
    family="log-integrity",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="Restarts go on where the run had stopped",
    failure_title="Discontinuity at a restart",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("reinforcement", "adversarial"),  # their losses need not go on at the level they had
    causes=("interleaved-writers",),
    judges_whole_log=True,
    suits_boosting=True,
)
