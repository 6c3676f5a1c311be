"""The training waits for its data a large part of the time.

## What it finds
A time waiting for data that makes up 30 % or more of the time of a step.

## Why it matters
While the loader is waited for, the device does nothing. The training could be done in the rest of the time without a
change to the model.

## How it is detected
The logged time waiting for data is divided by the time of a step that is logged beside it, point by point (or taken as
it is where the log has a share). The first tenth, in which workers start and caches fill, is left out. The median of
the shares has to reach 30 %, so that a slow batch now and then does not count.

## When it is a false alarm
A log in which the time of loading is measured inside the workers, which load while the device computes; a step that
is shorter than the clock can tell.

## What to do
Raise the loader's workers and prefetched batches, keep the workers alive between epochs, pin memory, decode and
resize the data once instead of in each epoch, keep them on a local disk, move augmentation to the device.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats, Ints
    from ..view.run_view import CurveView, RunView

_SHARE_WORDS = frozenset("percent percentage pct fraction frac share ratio".split())


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "after the start was left out; the median of fewer shares moves with single batches")
    start_share: float = limit(0.1, "")
    limit_share: float = limit(
        0.3, "the training would be 1.4 times as fast; a tenth is usual and rarely worth anybody's time"
    )


class Waiting(NamedTuple):
    """Share of a step spent waiting for data: steps int64 [n], shares float64 [n]."""

    steps: Ints
    shares: Floats


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: the curve that waits most."""
    of_training = [curve for curve in run.curves("data-time") if curve.split in ("train", "none")]
    known = [(curve, waiting) for curve in of_training if (waiting := _waiting(run, curve, limits)) is not None]
    if not known:
        raise NotApplicableError("the time of a step is not logged beside the time waiting for data")
    usable = [(curve, waiting) for curve, waiting in known if len(waiting.shares) >= limits.min_points]
    if not usable:
        most = max(len(waiting.shares) for _, waiting in known)
        raise InsufficientDataError(f"{most} of {limits.min_points} points after the start that it takes")
    curve, (steps, shares) = max(usable, key=lambda pair: median(pair[1].shares))
    share = median(shares)
    if not limits.limit_share <= share <= 1:  # more than the whole step: the two times count different things
        return
    yield Finding(
        message=f"{share:.0%} of the time of a step goes into waiting for data (median of {len(shares)} points); "
        f"without it the training would be {1 / max(1 - share, 0.01):.1f} times as fast",
        confidence=0.9,
        metric=curve.name,
        steps=(int(steps[0]), int(steps[-1])),
        evidence={"waiting_share": share, "waiting_share_p90": float(np.quantile(shares, 0.9))},
        remedies=(
            "raise the loader's workers and prefetched batches, and keep workers alive between epochs",
            "prepare the data once (decode, resize, tokenise) and keep them on a local disk",
        ),
    )


def _waiting(run: RunView, curve: CurveView, limits: Limits) -> Waiting | None:
    """Shares after the start; None if nothing tells what the seconds are a share of."""
    if "%" in curve.tag or _SHARE_WORDS & set(words_of(curve.tag)):
        return _after_start(curve.steps, curve.values / curve.full, limits)
    durations = [c for c in run.curves("step-time") if len(c) and c.curve.axis == curve.curve.axis]
    if not durations:
        return None

    def kinship(other: CurveView) -> tuple[bool, int]:
        is_sibling = other.tag.rpartition("/")[0] == curve.tag.rpartition("/")[0]
        return is_sibling, len(np.intersect1d(other.steps, curve.steps))

    duration = max(durations, key=kinship)
    steps, rows, whole_rows = np.intersect1d(curve.steps, duration.steps, return_indices=True)
    whole = duration.values[whole_rows] * _seconds(duration.tag)
    is_timed = whole > 0
    part = curve.values[rows][is_timed] * _seconds(curve.tag)
    return _after_start(steps[is_timed], part / whole[is_timed], limits)


def _seconds(tag: str) -> float:
    """Seconds in the unit that a tag names."""
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
    title="Data come in time",
    failure_title="Waiting for data",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("step-time"),),
    suits_boosting=True,
)
