"""The training loss jumps far above its recent level.

## What it finds
Points, or groups of neighbouring points, at which the training loss stands out of what came before, how far, whether
the gradient norm jumped as well, and how long it took to come back.

## Why it matters
One oversized update can undo thousands of good ones, kill units, or push an adaptive optimizer's averages off for a
long time. Repeated spikes announce a divergence.

## How it is detected
On the logarithm of the loss, each point is compared with the median of the 11 points before it, in units of the
second-difference noise of the 51 points before it (a steep descent does not inflate that). A spike is above 10 sigma
and 25 %, or above 6 sigma and 10 % if the gradient norm jumps by 6 sigma within 2 points of it. How bad it is follows
from what it cost. A spike of at least 25 % is a warning if the loss does not come back within 5 % of the run (then only a jump counts that
brings 60 % of the rise at once: a loss that climbs over many points follows its schedule, or diverges), if all spikes
together took 5 % of the run (those of 25 % counted), or if one at least doubles the loss and either the gradient norm jumps with it or it
takes a hundredth of the run to come back; otherwise an information, however many there are. If the loss stands out
more than 10 times and more often than once in 50 points, the noise has heavy tails and nothing is reported. Running
means that start anew every epoch are undone first. A jump that does not come back at once is not reported where the
learning rate restarts.

## When it is a false alarm
Batches of very unequal difficulty, a single mislabelled batch, a data set or loss weight that changes on purpose.

## What to do
Clip the gradient norm, lower the learning rate or Adam's beta2, lengthen the warm-up, and look at the batches of the
spikes for corrupt samples. If the loss did not come back, restart before the spike and skip its batches.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.epoch_means_removed import undone
from ..statistics.events import groups_of
from ..statistics.exponentials import exp
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Bools, Floats
    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(30, "with fewer, the noise before a spike cannot be told")
    level_points: int = limit(11, "short, to follow a descent; a median, to forgive a spike before")
    noise_points: int = limit(51, "")
    limit_sigmas: float = limit(10.0, "")
    min_rise: float = limit(math.log(1.25), "")
    backed_sigmas: float = limit(6.0, "enough where the gradient norm agrees")
    backed_rise: float = limit(math.log(1.10), "enough where the gradient norm agrees")
    backing_points: int = limit(2, "a loss is logged before or after the update that the norm belongs to")
    max_share: float = limit(0.02, "of points that begin a spike; more is the shape of the noise, not an event")
    back_sigmas: float = limit(3.0, "")
    recovery_share: float = limit(0.05, "of the run")
    onset_share: float = limit(
        0.6, "of the rise in one logged step; warm restarts of the learning rate bring at most 0.51 of theirs"
    )
    doubled: float = limit(math.log(2), "")
    slow_share: float = limit(
        0.01, "of the run to come back: a bad batch is over at once, weights that were thrown take their time"
    )
    heavy_tails: int = limit(10, "times that the loss may stand out in a short run")


class Spike(NamedTuple):
    """Rows of a spike, its rise on the log scale in units of the level, and how it went on."""

    first: int
    last: int
    rise: float
    sigmas: float
    is_backed: bool
    recovery_points: int | None


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all spikes of the main training loss together."""
    loss = run.loss("train")
    loss = undone(loss) if loss is not None else None
    if loss is None or not loss.is_positive:
        raise InsufficientDataError("no positive training loss is logged, so that no share of its level can be told")
    spikes = _spikes(loss, _jumps_of_gradients(run, limits), limits)
    if run.is_rate_cyclic:
        spikes = [
            s for s in spikes if s.recovery_points is not None and s.recovery_points < limits.recovery_share * len(loss)
        ]
    if not spikes:
        return
    lasting = [s for s in spikes if s.recovery_points is None]
    slow = limits.slow_share * len(loss)
    violent = [
        s
        for s in spikes
        if s.rise >= limits.doubled and (s.is_backed or (s.last > s.first and (s.recovery_points or 0) >= slow))
    ]
    lost_share = sum(s.recovery_points or 0 for s in spikes) / len(loss)
    # A smaller rise may be slow noise, which takes its time to come back as well.
    large = [s for s in spikes if s.rise >= limits.min_rise]
    large_share = sum(s.recovery_points or 0 for s in large) / len(loss)
    is_warning = bool(violent or large_share >= limits.recovery_share or any(s.recovery_points is None for s in large))
    largest = max(spikes, key=lambda s: s.rise)
    row = largest.first + int(np.argmax(loss.values[largest.first : largest.last + 1]))
    step = int(loss.steps[row])
    count = "1 spike" if len(spikes) == 1 else f"{len(spikes)} spikes"
    is_open = any(s.recovery_points == len(loss) - s.first for s in spikes)
    fate = f"{len(lasting)} not recovered" if lasting else "not yet over at the end" if is_open else "all recovered"
    backed = sum(s.is_backed for s in spikes)
    yield Finding(
        message=f"{count} in {loss.name}, {fate}; the largest at {loss.unit} {step:,} to {loss.values[row]:.3g}, "
        f"{exp(largest.rise):.3g} times its level" + (f"; {backed} with a jump of the gradient norm" if backed else ""),
        confidence=0.9 if violent or lasting else 0.85,
        metric=loss.name,
        steps=(int(loss.steps[spikes[0].first]), int(loss.steps[spikes[-1].last])),
        evidence={
            "spike_count": float(len(spikes)),
            "largest_ratio": exp(largest.rise),
            "largest_sigmas": min(largest.sigmas, 1e6),
            "gradient_backed_count": float(backed),
            "unrecovered_count": float(len(lasting)),
            "recovery_share": lost_share,
        },
        severity=Severity.WARNING if is_warning else Severity.INFO,
        remedies=(
            "clip the gradient norm at its 90th percentile, or lower the learning rate or Adam's beta2",
            f"look at the batches around {loss.unit} {step:,} for corrupt samples",
            *(
                [f"restart before {loss.unit} {int(loss.steps[lasting[0].first]):,} and skip its batches"]
                if lasting
                else []
            ),
        ),
        cited=tuple(int(loss.steps[r]) for s in spikes for r in range(s.first, s.last + 1)),
    )


def _spikes(loss: CurveView, jump_steps: Floats, limits: Limits) -> list[Spike]:
    values = loss.scaled
    level, deviation = loss.trailing_deviation(limits.level_points, limits.noise_points)
    rise = values - level
    with np.errstate(invalid="ignore"):
        is_out = (deviation > limits.limit_sigmas) & (rise > limits.min_rise)
        is_near = (deviation > limits.backed_sigmas) & (rise > limits.backed_rise)
    is_backed = _is_near_any(loss, jump_steps, limits)
    groups = groups_of(is_out | (is_near & is_backed), gap=limits.level_points)
    if len(groups_of(is_out)) > max(limits.max_share * len(loss), limits.heavy_tails):
        raise InsufficientDataError("the loss stands out all the time: heavy-tailed noise, not spikes")
    spikes = [
        Spike(
            first, last, float(rise[first : last + 1].max()), float(deviation[first : last + 1].max()),
            bool(is_backed[first : last + 1].any()), _recovery(values, level[first], loss.noise.sigma, first, limits),
        )
        for first, last in groups
    ]  # fmt: skip
    return [s for s in spikes if s.recovery_points is not None or _is_abrupt(values, s, limits)]


def _is_abrupt(values: Floats, spike: Spike, limits: Limits) -> bool:
    """Whether one logged step brought most of the rise."""
    start = max(1, spike.first - 2)
    return float(np.diff(values[start - 1 : spike.last + 1]).max()) >= limits.onset_share * spike.rise


def _is_near_any(loss: CurveView, jump_steps: Floats, limits: Limits) -> Bools:
    """Rows of the loss within 2 of its points from a jump of the gradient norm."""
    near = np.zeros(len(loss), dtype=bool)
    for row in np.searchsorted(loss.steps, jump_steps):
        near[max(0, int(row) - limits.backing_points) : int(row) + limits.backing_points + 1] = True
    return near


def _jumps_of_gradients(run: RunView, limits: Limits) -> Floats:
    """Steps at which a whole-model gradient norm jumps."""
    steps = [np.empty(0)]
    for norm in run.curves("gradient-norm"):
        if norm.layer or not norm.is_positive or len(norm) < limits.min_points:
            continue
        _, deviation = norm.trailing_deviation(limits.level_points, limits.noise_points)
        with np.errstate(invalid="ignore"):
            steps.append(norm.steps[deviation > limits.backed_sigmas].astype(float))
    return np.concatenate(steps)


def _recovery(values: Floats, level: float, sigma: float, first: int, limits: Limits) -> int | None:
    """Points until the loss is back within 3 sigma of its level, or the log ends; None if more than 5 % of the run."""
    horizon = first + max(int(limits.recovery_share * len(values)), limits.level_points)
    after = values[first : horizon + 1]
    back = np.flatnonzero(after <= level + limits.back_sigmas * sigma)
    if len(back):
        return int(back[0])
    return len(after) if horizon >= len(values) and len(after) < limits.level_points else None


RULE = Rule(
    id="loss-spike",
    family="optimization",
    severity=Severity.WARNING,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="The training loss has no spikes",
    failure_title="Loss spikes",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "learning-rate-jump",
        "learning-rate-too-high",
        "exploding-gradients",
    ),
    judges_training=True,
)
