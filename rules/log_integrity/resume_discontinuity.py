"""A resumed run does not continue from the state at which it stopped.

## What it finds
Restarts after which the training loss is higher, the learning rate differs, steps are missing, or the step counter
starts again although the model is not new.

## Why it matters
Some state was not restored: the optimizer, the schedule, the step counter, or the right checkpoint. Progress is lost,
and the hyperparameters no longer describe the run.

## How it is detected
A restart is recognised by decreasing steps, a second event file, or one or two long pauses (20 times as long as usual
and at least 30 seconds) without an evaluation, or one or two places where steps that are logged every 2 or more go on
with another remainder. The median of the 10 losses after it is compared with that of the 10
before: a rise counts if it is more than 5% and 6 standard errors, and larger than every rise between two neighbouring
windows of 10 points before. If steps were trained twice, their learning rates must not differ by more than 10%;
otherwise the learning rate must not rise by more than 10%, unless it also rises by half as much elsewhere. Missing
steps count if they span more than 5 logging intervals. If the step counter starts again, the loss of a new model
would start as high as before: if it keeps more than half of its descent, the model is not new.

## When it is a false alarm
A restart with other hyperparameters on purpose; a curriculum that changes at the same step.

## What to do
Save and restore the optimizer, the schedule, the loss scale, the step counter and the state of the data loader along
with the model; after a restart, compare the first losses with the last ones before it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, Need, NotApplicableError, Rule, Severity
from ..shared.restarts import around, pauses_of, restarts_of, shifts_of
from ..statistics.exponentials import exp, expm1
from ..statistics.medians import median, moving_median
from ..statistics.noise import noise_of
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Curve
    from ..shared.restarts import Restart
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


MEDIAN_ERROR = 1.25  # standard error of a median over that of a mean, Gaussian noise


@thresholds
class Limits:
    """Thresholds of this rule."""

    window: int = limit(
        10, "on either side of a restart: enough for a median that single spikes do not affect", unit="points"
    )
    min_before: int = limit(8, "fewer losses before a restart do not show the noise", unit="points")
    min_after: int = limit(4, "a median of fewer losses depends on single ones", unit="points")
    min_rise: float = limit(0.05, "the loss recovers from a smaller rise within a few steps", unit="%")
    limit_z: float = limit(6.0, "conservative, because a run may have many restarts", unit="standard errors")
    min_rate_change: float = limit(0.1, "schedules change by less between two points, except at their jumps", unit="%")
    similar_rise: float = limit(
        0.5, "of the rise of the learning rate: such a rise elsewhere shows that it belongs to the schedule", unit="%"
    )
    min_hole: float = limit(5.0, "a restart may skip some logged points", unit="intervals")
    min_kept: float = limit(0.5, "of the descent of the loss: a new model keeps none of it", unit="%")
    min_descent: float = limit(
        1.2,
        "of the first loss over the last: without a descent, a new model cannot be distinguished from an old one",
        unit="ratio",
    )
    min_session: int = limit(16, "fewer losses have no separate beginning and end", unit="points")
    min_sessions: int = limit(
        3, "number of times that the steps start again: this often, they are probably counted per epoch"
    )
    min_pause_ratio: float = limit(
        20.0,
        "of the usual time; evaluations and checkpoints take up to 11 times as long",
        unit="ratio",
        source="measured on logs of real training runs",
    )
    min_pause: float = limit(30.0, "shorter pauses are noise on a shared machine", unit="seconds")
    min_even: float = limit(
        0.9, "of the distances of logged steps: only an even grid can be left at a restart", unit="%"
    )
    max_shifts: int = limit(2, "number of changes of the grid: more are probably those of epochs")
    max_pauses: int = limit(2, "number of long pauses: more are probably evaluations or checkpoints")


class Break(NamedTuple):
    """A discontinuity at a restart: a clause about it, its numbers, and the confidence."""

    restart: Restart
    what: str
    evidence: dict[str, float]
    confidence: float


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all restarts together, the one with the highest confidence first."""
    curve = _longest(run)
    restarts = restarts_of(curve) if curve is not None else []
    pauses = _pauses(run, curve, limits) if curve is not None and not restarts else []
    if curve is not None and not restarts and not pauses:
        pauses = shifts_of(curve.effective(), min_even=limits.min_even, max_shifts=limits.max_shifts)
    if curve is None or not (restarts or pauses):
        raise NotApplicableError("the log shows no restart")
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
    where = "at the restart at"
    if worst.restart.pause_s:
        where = f"after a pause of {worst.restart.pause_s:,.0f} s at"
    elif worst.restart.is_shifted:
        where = "where logging starts anew, at"
    more = f"; {places} restarts are discontinuous" if places > 1 else ""
    yield Finding(
        message=f"{where} {curve.axis} {worst.restart.step:,}, " + ", and ".join(b.what for b in same) + more,
        confidence=worst.confidence,
        metric=curve.name,
        steps=(worst.restart.step, worst.restart.step),
        evidence={name: number for b in same for name, number in b.evidence.items()} | {"break_count": float(places)},
        severity=Severity.INFO
        if len(again) >= limits.min_sessions and worst.restart.is_from_start
        else Severity.WARNING,
        remedies=(
            "save and restore the optimizer, the schedule and the step counter along with the model",
            "check that the newest checkpoint was loaded, and that the data loader continues from where it stopped",
        ),
        cited=(worst.restart.step,),
    )


def _pauses(run: RunView, curve: Curve, limits: Limits) -> list[Restart]:
    return pauses_of(
        run,
        curve.effective(),
        min_ratio=limits.min_pause_ratio,
        min_seconds=limits.min_pause,
        max_pauses=limits.max_pauses,
    )


def _longest(run: RunView) -> Curve | None:
    """The curve, as written, that is searched for restarts: a training loss, otherwise the one with the most points."""
    curves = [c for c in run.run.all_curves if c.axis == "step" and not c.statistic and len(c)]
    return max(curves, key=lambda c: (c.role == "loss" and c.split == "train", len(c)), default=None)


def _loss(run: RunView, restart: Restart, limits: Limits) -> Break | None:
    loss = run.loss("train")
    if loss is None or not loss.is_positive:
        return None
    before, after = (np.log(values) for values in around(loss.curve, restart, limits.window))
    if len(before) < limits.min_before or len(after) < limits.min_after:
        return None
    level, new_level = median(before[-limits.window :]), median(after)
    rise = new_level - level
    error = MEDIAN_ERROR * max(
        math.hypot(noise.of_mean(limits.window), noise.of_mean(len(after))) for noise in (noise_of(before), loss.noise)
    )
    least = max(math.log1p(limits.min_rise), limits.limit_z * error, _largest_rise(loss, restart, limits.window))
    if not rise > least:
        return None
    what = f"{loss.name} rises from {exp(level):.3g} to {exp(new_level):.3g} ({expm1(rise):+.0%}, medians of up to {limits.window} points)"
    numbers = {"value_before": exp(level), "value_after": exp(new_level)}
    return Break(restart, what, numbers | ({"z": min(rise / error, 1e6)} if error > 0 else {}), 0.85)


def _largest_rise(loss: CurveView, restart: Restart, window: int) -> float:
    """The largest rise from one window to the next before the restart, which no restart explains."""
    values = loss.scaled[loss.steps < restart.step]
    level = moving_median(values, window)
    return float((level[window:] - level[:-window]).max()) if len(level) > window else 0.0


def _rate(run: RunView, restart: Restart, limits: Limits) -> Break | None:
    rate = run.learning_rate
    if rate is None:
        return None
    twice = _trained_twice(run, rate, restart)
    if twice is not None:
        old, new = twice
        is_other = abs(math.log(new / old)) > math.log1p(limits.min_rate_change)
    else:
        before, after = around(rate.curve, restart, limits.window)
        if len(before) < 2 or not len(after) or min(before[-1], after[0]) <= 0:
            return None
        old, new = float(before[-1]), float(after[0])
        changes = np.diff(np.log(rate.values[rate.values > 0]))
        rise = float(np.log(new) - np.log(old))  # to the last bit one of the changes
        is_alone = int(np.count_nonzero(changes >= limits.similar_rise * rise)) == 1
        is_other = rise > math.log1p(limits.min_rate_change) and is_alone
    if not is_other:
        return None
    why = " for the same step" if twice is not None else ""
    return Break(
        restart, f"{rate.name} changes from {old:.3g} to {new:.3g}{why}", {"rate_before": old, "rate_after": new}, 0.9
    )


def _trained_twice(run: RunView, rate: CurveView, restart: Restart) -> tuple[float, float] | None:
    """The learning rates of the last step that was trained before the restart and again after it, where both are above 0."""
    raw = run.run.all_curves[run.all_curves.index(rate)]
    row = next((r.row for r in restarts_of(raw) if r.step == restart.step), len(raw))
    steps, old_rows, new_rows = np.intersect1d(raw.step[:row], raw.step[row:], return_indices=True)
    known = steps >= restart.step
    pairs = np.stack((raw.value[:row][old_rows], raw.value[row:][new_rows]), axis=1)[known]
    pairs = pairs[(pairs > 0).all(axis=1)]
    return (float(pairs[-1, 0]), float(pairs[-1, 1])) if len(pairs) else None


def _hole(curve: Curve, restart: Restart, limits: Limits) -> Break | None:
    if restart.pause_s or restart.is_shifted or restart.row == 0:
        return None
    last, interval = int(curve.step[: restart.row].max()), median(np.abs(np.diff(curve.step)))
    missing = int(curve.step[restart.row]) - last
    if not missing > limits.min_hole * max(interval, 1.0):
        return None
    return Break(
        restart,
        f"the steps between {last:,} and {int(curve.step[restart.row]):,} are missing",
        {"missing_steps": float(missing)},
        0.8,
    )


def _reset(curve: Curve, again: list[Restart], limits: Limits) -> list[Break]:
    """Restarts from the first step, where the loss shows that the model is not new."""
    if curve.role != "loss" or curve.direction != "lower" or not (curve.value > 0).all():
        return []
    values, found = np.log(curve.value), []
    starts = [0, *(r.row for r in again), len(curve)]
    for i, restart in enumerate(again):
        earlier, later = values[starts[i] : restart.row], values[restart.row : starts[i + 2]]
        if min(len(earlier), len(later)) < limits.min_session:
            continue
        start, end, new = (
            median(part)
            for part in (values[: limits.min_after], earlier[-limits.min_before :], later[: limits.min_after])
        )
        error = MEDIAN_ERROR * noise_of(earlier).of_mean(limits.min_after)
        is_known = start - end > max(math.log(limits.min_descent), limits.limit_z * error)
        if is_known and start - new > limits.min_kept * (start - end):
            what = (
                f"the step counter starts again, but {curve.name} continues at {exp(new):.3g} "
                f"(at {exp(end):.3g} before the restart, at {exp(start):.3g} in the new model)"
            )
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
    needs=(Need(None, points=0),),
    since="0.1.0",
    title="Restarts continue from where the run stopped",
    failure_title="Discontinuity at a restart",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "train"), Need("learning-rate")),
    facts=("a restart",),
    excluded_tasks=("reinforcement", "adversarial"),  # their losses need not continue at the same level
    causes=("interleaved-writers",),
    judges_whole_log=True,
    suits_boosting=True,
    needs_all_rows=True,
)
