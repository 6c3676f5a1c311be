"""Training spends a large part of its time waiting for data.

## What it finds
Waiting for data takes 30% or more of the step time.

## Why it matters
While training waits for the data loader, the device is idle. Without the wait, the same run takes only the remaining
time, with no change to the model.

## How it is detected
The logged time waiting for data is divided, point by point, by the logged step time (a curve that is already a share
is used directly). The first 10% of the points, in which workers start and caches fill, are excluded. The median of
the shares has to reach 30%, so occasional slow batches do not count. A median above 100% does not count either: the
two times then measure different things.

## When it is a false alarm
The loading time is measured inside the workers, which load while the device computes; steps shorter than the
resolution of the clock.

## What to do
Use more loader workers and prefetch more batches, keep the workers alive between epochs, pin memory, decode and
resize the data once instead of in each epoch, store it on a local disk, and move augmentation to the device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats, Ints
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

_SHARE_WORDS = frozenset("percent percentage pct fraction frac share ratio".split())


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(
        10, "excluding the start; the median of fewer shares depends on single batches", unit="points"
    )
    start_share: float = limit(0.1, "workers start and caches fill in the first points", unit="%")
    min_share: float = limit(
        0.3, "without the wait training is 1.4 times as fast; 10% is common and rarely worth the effort", unit="%"
    )


class Waiting(NamedTuple):
    """Share of a step spent waiting for data: steps int64 [n], shares float64 [n]."""

    steps: Ints
    shares: Floats


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: the curve with the longest wait."""
    of_training = [curve for curve in run.curves("data-time") if curve.split in ("train", "none")]
    known = [(curve, waiting) for curve in of_training if (waiting := _waiting(run, curve, limits)) is not None]
    if not known:
        raise NotApplicableError("the step time is not logged together with the time waiting for data")
    usable = [(curve, waiting) for curve, waiting in known if len(waiting.shares) >= limits.min_points]
    if not usable:
        most = max(len(waiting.shares) for _, waiting in known)
        raise InsufficientDataError(f"needs at least {limits.min_points} points after the start, has {most}")
    curve, (steps, shares) = max(usable, key=lambda pair: median(pair[1].shares))
    share = median(shares)
    if not limits.min_share <= share <= 1:  # more than the whole step: the two times measure different things
        return
    yield Finding(
        message=f"waiting for data takes {share:.0%} of the step time (median of {len(shares)} points); "
        f"without it training would run {1 / max(1 - share, 0.01):.1f} times as fast",
        confidence=0.9,
        metric=curve.name,
        steps=(int(steps[0]), int(steps[-1])),
        evidence={
            "waiting_share": share,
            "waiting_share_p90": float(np.quantile(shares, 0.9)),
            "point_count": float(len(shares)),
        },
        remedies=(
            "use more loader workers, prefetch more batches, and keep the workers alive between epochs",
            "prepare the data once (decode, resize, tokenise) and store it on a local disk",
        ),
    )


def _waiting(run: RunView, curve: CurveView, limits: Limits) -> Waiting | None:
    """Shares after the start; None if the step time is not logged."""
    if "%" in curve.tag or _SHARE_WORDS & set(words_of(curve.tag)):
        return _after_start(curve.steps, curve.values / curve.percent_scale, limits)
    durations = [c for c in run.curves("step-time") if len(c) and c.curve.axis == curve.curve.axis]
    if not durations:
        return None

    def closeness(other: CurveView) -> tuple[bool, int]:
        is_sibling = other.tag.rpartition("/")[0] == curve.tag.rpartition("/")[0]
        return is_sibling, len(np.intersect1d(other.steps, curve.steps))

    duration = max(durations, key=closeness)
    steps, rows, whole_rows = np.intersect1d(curve.steps, duration.steps, return_indices=True)
    whole = duration.values[whole_rows] * _seconds(duration.tag)
    is_timed = whole > 0
    part = curve.values[rows][is_timed] * _seconds(curve.tag)
    return _after_start(steps[is_timed], part / whole[is_timed], limits)


def _seconds(tag: str) -> float:
    """Seconds in the time unit of a tag."""
    return 1e-3 if "ms" in words_of(tag) else 1.0


def _after_start(steps: Ints, shares: Floats, limits: Limits) -> Waiting:
    first = int(np.ceil(limits.start_share * len(steps)))
    return Waiting(steps[first:], shares[first:])


RULE = Rule(
    id="data-bound",
    family="system",
    severity=Severity.WARNING,
    needs=(Need("data-time"),),
    since="0.1.0",
    title="Data arrives in time",
    failure_title="Waiting for data",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("step-time"),),
    suits_boosting=True,
)
