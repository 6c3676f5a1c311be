"""The training loss jumps far above its recent level.

## What it finds
Points, or groups of neighbouring points, at which the training loss rises far above the points before; the height of
the rise, whether the gradient norm jumped as well, and whether the loss recovered.

## Why it matters
One oversized update can undo thousands of good ones, kill units, or disturb the moment estimates of an adaptive
optimizer for a long time. Repeated spikes often precede a divergence.

## How it is detected
On the logarithm of the loss, each point is compared with the median of the 11 points before it, in units of the
second-difference noise of the 51 points before it (which a steep descent does not inflate). A spike is above 10 sigma
and 25%, or above 6 sigma and 10% if the gradient norm jumps by 6 sigma within 2 points of it; spikes at most 11
points apart count as one. The loss has recovered once it is within 3 sigma of its level. A spike of at least 25% is a
warning if the loss does not recover within 5% of the run (then only a jump with 60% of the rise in one logged step
counts: a slower rise follows the schedule, or is a divergence), if all spikes together last 5% of the run, or if one
at least doubles the loss and recovery takes 1% of the run, or reaches three times the loss. Otherwise spikes are reported
as info, whatever their number and whatever else is logged. If there are more than 10 spikes, and more than one per 50 points, the
noise has heavy tails and nothing is reported. Running means that reset every epoch are removed first. With
learning-rate restarts, only jumps that recover within 5% of the run are reported.

## When it is a false alarm
Batches of very unequal difficulty, a single mislabelled batch, a data set or loss weight that changes on purpose.

## What to do
Clip the gradient norm, lower the learning rate or Adam's beta2, lengthen the warm-up, and inspect the batches of the
spikes for corrupt samples. If the loss did not recover, restart before the spike and skip its batches.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.epoch_means_removed import without_epoch_averaging
from ..statistics.events import groups_of
from ..statistics.exponentials import exp
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Bools, Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(30, "with fewer, the noise before a spike is unknown", unit="points")
    level_points: int = limit(
        11, "few enough to follow a descent; a median of 11 ignores up to 5 points of an earlier spike", unit="points"
    )
    noise_points: int = limit(51, "a standard deviation is then known to within about 20%", unit="points")
    limit_sigmas: float = limit(10.0, "heavy-tailed noise of single batches rarely exceeds it", unit="sigma")
    min_rise: float = limit(0.25, "a smaller rise costs little, even for a loss without noise", unit="%")
    backed_sigmas: float = limit(6.0, "enough if loss and gradient norm jump together", unit="sigma")
    backed_rise: float = limit(0.10, "enough if the gradient norm jumps as well", unit="%")
    backing_points: int = limit(
        2, "a loss is logged before or after the update that the norm belongs to", unit="points"
    )
    max_share: float = limit(0.02, "of the points; more spikes are heavy-tailed noise, not events", unit="%")
    heavy_tails: int = limit(10, "spikes in a short run, in which 2% of the points are too few", unit="")
    back_sigmas: float = limit(3.0, "above the previous level; noise alone rarely exceeds it", unit="sigma")
    recovery_share: float = limit(0.05, "of the run; a faster recovery costs little", unit="%")
    onset_share: float = limit(
        0.6,
        "of the rise in one logged step; warm restarts of the learning rate reach at most 51%",
        unit="%",
    )
    violent_ratio: float = limit(
        2.0, "to the previous level; a single unusual batch of a trained model causes less", unit="ratio"
    )
    huge_ratio: float = limit(
        3.0, "to the previous level; even if the loss is back at once, such a batch or update is a fault", unit="ratio"
    )
    slow_share: float = limit(
        0.01,
        "of the run until recovery; after a bad batch the loss recovers at once, after a bad update it does not",
        unit="%",
    )


class Spike(NamedTuple):
    """A group of points above their level.

    Attributes:
        first, last: rows of the group.
        peak: row of the largest rise.
        rise: of the peak over its level, as a difference of logarithms.
        sigmas: the largest rise in units of the noise.
        is_backed: whether the gradient norm jumps as well.
        recovery_points: points until the loss has recovered, or the log ends; None if it does not recover in time.

    """

    first: int
    last: int
    peak: int
    rise: float
    sigmas: float
    is_backed: bool
    recovery_points: int | None


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all spikes of the main training loss together."""
    logged = run.loss("train")
    if logged is None:
        raise NotApplicableError("no training loss that should decrease is logged")
    loss = without_epoch_averaging(logged)
    if not loss.is_positive:
        raise InsufficientDataError("the training loss is not positive, so relative change is undefined")
    spikes = _spikes(loss, _jumps_of_gradients(run, limits), limits)
    if run.is_rate_cyclic:
        spikes = [
            s for s in spikes if s.recovery_points is not None and s.recovery_points < limits.recovery_share * len(loss)
        ]
    if not spikes:
        return
    lasting = [s for s in spikes if s.recovery_points is None]
    violent = [s for s in spikes if _is_violent(s, len(loss), limits)]
    largest = max(spikes, key=lambda s: s.rise)
    step = int(loss.steps[largest.peak])
    name = loss.name if loss is logged else f"{loss.name} (running mean removed)"
    backed = sum(s.is_backed for s in spikes)
    yield Finding(
        message=f"{_count_and_fate(spikes, name, len(loss))}; the largest reaches {loss.values[largest.peak]:.3g} at {loss.unit} "
        f"{step:,}, {exp(largest.rise):.3g} times its level"
        + (f"; {backed:,} with a jump of the gradient norm" if backed else ""),
        confidence=0.9 if violent or lasting else 0.85,
        metric=loss.name,
        steps=(int(loss.steps[spikes[0].first]), int(loss.steps[spikes[-1].last])),
        evidence={
            "spike_count": float(len(spikes)),
            "largest_ratio": exp(largest.rise),
            "largest_sigmas": min(largest.sigmas, 1e6),
            "gradient_backed_count": float(backed),
            "unrecovered_count": float(len(lasting)),
            "recovery_share": _share_to_recover(spikes, len(loss)),
        },
        severity=Severity.WARNING if violent or _is_costly(spikes, len(loss), limits) else Severity.INFO,
        remedies=(
            "clip the gradient norm at its 90th percentile, or lower the learning rate or Adam's beta2",
            f"inspect the batches around {loss.unit} {step:,} for corrupt samples",
            *(
                [f"restart before {loss.unit} {int(loss.steps[lasting[0].first]):,} and skip its batches"]
                if lasting
                else []
            ),
        ),
        cited=tuple(int(loss.steps[r]) for s in spikes for r in range(s.first, s.last + 1)),
    )


def _count_and_fate(spikes: list[Spike], name: str, points: int) -> str:
    count = "1 spike" if len(spikes) == 1 else f"{len(spikes):,} spikes"
    lasting = sum(s.recovery_points is None for s in spikes)
    is_open = any(s.recovery_points == points - s.first for s in spikes)
    fate = (
        f"{lasting:,} not recovered" if lasting else "not recovered when the log ends" if is_open else "all recovered"
    )
    return f"{count} in {name}, {fate}"


def _is_violent(spike: Spike, points: int, limits: Limits) -> bool:
    """Whether a spike doubles the loss, and not just because of one unusual batch."""
    is_slow = spike.last > spike.first and (spike.recovery_points or 0) >= limits.slow_share * points
    return spike.rise >= math.log(limits.violent_ratio if is_slow else limits.huge_ratio)


def _is_costly(spikes: list[Spike], points: int, limits: Limits) -> bool:
    """Whether the spikes took much of the run; a smaller rise may be slow noise, which takes its time as well."""
    large = [s for s in spikes if s.rise >= math.log1p(limits.min_rise)]
    is_lasting = any(s.recovery_points is None for s in large)
    return is_lasting or _share_to_recover(large, points) >= limits.recovery_share


def _share_to_recover(spikes: list[Spike], points: int) -> float:
    return sum(s.recovery_points or 0 for s in spikes) / points


def _spikes(loss: CurveView, jump_steps: Floats, limits: Limits) -> list[Spike]:
    values = loss.scaled
    level, deviation = loss.trailing_deviation(limits.level_points, limits.noise_points)
    rise = values - level
    is_out = (deviation > limits.limit_sigmas) & (rise > math.log1p(limits.min_rise))
    is_near = (deviation > limits.backed_sigmas) & (rise > math.log1p(limits.backed_rise))
    is_backed = _is_near_any(loss, jump_steps, limits)
    if len(groups_of(is_out)) > max(limits.max_share * len(loss), limits.heavy_tails):
        raise InsufficientDataError("the loss has too many spikes: heavy-tailed noise")
    spikes = []
    for first, last in groups_of(is_out | (is_near & is_backed), gap=limits.level_points):
        peak = first + int(np.argmax(rise[first : last + 1]))
        recovery = _recovery(values, level[first], loss.noise.sigma, first, limits)
        if recovery is not None or _is_abrupt(values, first, last, limits.onset_share * rise[peak]):
            sigmas, backed = float(deviation[first : last + 1].max()), bool(is_backed[first : last + 1].any())
            spikes.append(Spike(first, last, peak, float(rise[peak]), sigmas, backed, recovery))
    return spikes


def _is_abrupt(values: Floats, first: int, last: int, least: float) -> bool:
    """Whether one logged step has that share of the rise."""
    return float(np.diff(values[max(first - 3, 0) : last + 1]).max()) >= least


def _is_near_any(loss: CurveView, jump_steps: Floats, limits: Limits) -> Bools:
    """Rows of the loss near a jump of the gradient norm."""
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
        steps.append(norm.steps[deviation > limits.backed_sigmas].astype(float))
    return np.concatenate(steps)


def _recovery(values: Floats, level: float, sigma: float, first: int, limits: Limits) -> int | None:
    """Points until the loss has recovered, or the log ends; None if that takes too much of the run."""
    after = values[first : first + max(int(limits.recovery_share * len(values)), limits.level_points) + 1]
    back = np.flatnonzero(after <= level + limits.back_sigmas * sigma)
    if len(back):
        return int(back[0])
    return len(after) if len(after) < limits.level_points else None


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
    reads=(Need("gradient-norm"), Need("learning-rate")),
    causes=(
        "learning-rate-jump",
        "learning-rate-too-high",
    ),
    answers=("stability",),
    needs_all_values=True,
)
