"""The first step at which the curves of two groups of runs part beyond noise.

The difference of the mean curves is divided by its standard error at each step. Where it stays large for a twentieth of the
run, the curves have parted; the place is the break of a fit (least squares) that is constant before it and linear after it, up to
where half of the difference is reached. A threshold alone would name a later step, the more so the larger the noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...rules.statistics.noise import noise_of
from ...rules.statistics.seed_noise import t_quantile
from .run_groups import key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Axis, Floats, Ints
    from ...rules.view.study import ThinCurve
    from .run_groups import RunGroup, SharedMetric

MIN_POINTS = 8
FEW_POINTS = 40  # with fewer, a curve of the same kind with twice as many shows the step better
MAX_GRID = 400
LARGEST = 20.0  # standard errors; more says no more
KNOWN_ERRORS = 2.0  # where the outcomes are known to differ
ONE_RUN_ERRORS = 6.0  # as for the outcomes of one run against one
CHANCE = 0.001  # of a difference that no outcome confirms, at one step
ROLES = ("loss", "score", "perplexity", "reward")


@dataclass(frozen=True, slots=True)
class Parting:
    """Where curves part: the step, on `axis`, of the curves named `metric`."""

    step: int
    metric: str
    axis: Axis
    is_start: bool


def parting_of(first: RunGroup, second: RunGroup, metric: SharedMetric, *, is_known: bool) -> Parting | None:
    """Where the curves part; `is_known`: the outcomes are known to differ. None if they do not, or have too few points."""
    sides = _curves(first, second, metric)
    if sides is None:
        return None
    grid = _grid([curve.steps for side in sides for curve in side])
    if len(grid) < MIN_POINTS:
        return None
    values = [np.array([_at(curve, grid) for curve in side]) for side in sides]
    freedom = sum(len(side) - 1 for side in sides)
    z = _standardised(values, freedom)
    by_chance = ONE_RUN_ERRORS if freedom < 2 else t_quantile(1 - CHANCE / 2, freedom)
    least = KNOWN_ERRORS if is_known else by_chance
    place = _first_parted(z, least)
    if place is None:
        return None
    return Parting(int(grid[place]), sides[0][0].name, sides[0][0].axis, place == 0)


def _curves(first: RunGroup, second: RunGroup, metric: SharedMetric) -> tuple[list[ThinCurve], list[ThinCurve]] | None:
    """The curves to compare, one a run: those of the metric, unless it has few points."""
    keys: dict[tuple[frozenset[str], str], int] = {}
    for group in (first, second):
        own: dict[tuple[frozenset[str], str], int] = {}
        for run in group.runs:
            for curve in run.curves:
                if curve.role in ROLES:
                    key = key_of(curve.name, curve.split)
                    own[key] = max(own.get(key, 0), len(curve.steps))
        keys = own if group is first else {key: min(keys[key], count) for key, count in own.items() if key in keys}
    if not keys:
        return None
    chosen = max(keys, key=lambda key: (keys[key], key == metric.key))
    if keys.get(metric.key, 0) >= FEW_POINTS or 2 * keys.get(metric.key, 0) > keys[chosen]:
        chosen = metric.key
    sides = [_of_key(group, chosen) for group in (first, second)]
    axes = {curve.axis for side in sides for curve in side}
    return (sides[0], sides[1]) if all(sides) and len(axes) == 1 else None


def _of_key(group: RunGroup, key: tuple[frozenset[str], str]) -> list[ThinCurve]:
    found = (next((c for c in run.curves if key_of(c.name, c.split) == key), None) for run in group.runs)
    return [curve for curve in found if curve is not None]


def _grid(steps: Sequence[Ints]) -> Ints:
    """Steps that all curves cover, at most `MAX_GRID`."""
    low, high = max(int(own.min()) for own in steps), min(int(own.max()) for own in steps)
    densest = max(steps, key=len)
    inside = np.unique(densest[(densest >= low) & (densest <= high)])
    if len(inside) > MAX_GRID:
        inside = inside[np.linspace(0, len(inside) - 1, MAX_GRID).round().astype(np.int64)]
    return inside


def _at(curve: ThinCurve, grid: Ints) -> Floats:
    """Values at some steps, the last one written of equal steps; NaN where the curve is not finite."""
    order = np.argsort(curve.steps, kind="stable")
    steps, values = curve.steps[order], curve.values[order]
    is_last = np.append(np.diff(steps) > 0, True)
    with np.errstate(all="ignore"):
        return np.interp(grid, steps[is_last], np.where(np.isfinite(values[is_last]), values[is_last], np.nan))


def _standardised(values: Sequence[Floats], freedom: int) -> Floats:
    """Difference of the means over its standard error at each step, at most `LARGEST`; that if one side is not finite."""
    with np.errstate(all="ignore"):
        means = [side.mean(axis=0) for side in values]
        points = len(means[0])
        wide = max(3, points // 20)
        variance = np.zeros(points)
        if freedom >= 2:
            squares = sum(((side - side.mean(axis=0)) ** 2).sum(axis=0) for side in values)
            variance = _moving_mean(np.nan_to_num(squares, nan=0.0, posinf=0.0) / freedom, wide)
        counts = 1 / len(values[0]) + 1 / len(values[1])
        scatter = np.mean([_local_noise(row) ** 2 for side in values for row in side], axis=0)
        error = np.sqrt(np.maximum(variance, scatter) * counts)
        smallest = 1e-9 * np.nanmax(np.abs(np.concatenate(means))) if np.isfinite(np.concatenate(means)).any() else 1.0
        difference = _moving_mean(np.nan_to_num(means[1] - means[0]), max(1, points // 40))
        z = difference / np.maximum(error, max(smallest, 1e-300))
    is_broken = np.isnan(means[0]) != np.isnan(means[1])
    z = np.where(is_broken, math.copysign(LARGEST, float(np.median(z[~is_broken])) if (~is_broken).any() else 1.0), z)
    return np.clip(np.nan_to_num(z), -LARGEST, LARGEST)


def _moving_mean(values: Floats, width: int) -> Floats:
    """Centred moving mean; at the ends of what there is."""
    width = min(width, len(values))  # "same" is as long as the longer of the two
    if width < 2:
        return values
    kernel = np.ones(width)
    return np.convolve(values, kernel, "same") / np.convolve(np.ones(len(values)), kernel, "same")


def _local_noise(values: Floats) -> Floats:
    """Standard deviation of a point around its trend, which may change in the course of the run."""
    known = values[np.isfinite(values)]
    overall = noise_of(known).sigma if len(known) >= 4 else 0.0
    second = np.nan_to_num(np.diff(values, n=2)) ** 2 / 6  # the variance of x - 2y + z is 6 sigma^2
    local = np.sqrt(
        _moving_mean(np.pad(np.clip(second, 0, (5 * overall) ** 2), 1, mode="edge"), max(9, len(values) // 10))
    )
    return np.maximum(local, overall / 2)


def _first_parted(z: Floats, least: float) -> int | None:
    """Where the curves begin to differ, given differences in standard errors; None if they never differ for long."""
    length = max(5, len(z) // 20)
    sign = np.where(z > least, 1, np.where(z < -least, -1, 0))
    starts = np.flatnonzero(np.diff(np.concatenate([[0], sign])) != 0)
    ends = np.append(starts, len(z))[1:]
    long = [
        (start, end)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        if sign[start] and end - start >= min(length, len(z) - start)
    ]
    if not long:
        return None
    start, end = long[0]
    way = float(sign[start])
    height = float(np.quantile(way * z[start:end], 0.9))
    half = int(np.argmax(way * z[:end] >= max(height / 2, least)))
    return _break_before(way * z[: half + 3], half)


def _break_before(z: Floats, last: int) -> int:
    """The place up to `last` from which a series leaves its level."""
    if last < 2:
        return 0
    best, place = math.inf, 0
    x = np.arange(len(z), dtype=np.float64)
    for at in range(last + 1):
        left = np.zeros(0)
        if at > 0:
            level = float(z[:at].mean()) if at > 2 else 0.0
            left = z[:at] - level
        else:
            level = 0.0
        rest = z[at:] - level
        gap = x[at:] - at
        design = np.stack([np.ones(len(gap)), gap], axis=1)
        fit, *_ = np.linalg.lstsq(design, rest, rcond=None)
        error = float((left**2).sum() + ((rest - design @ fit) ** 2).sum())
        if error < best * 0.98:
            best, place = error, at
    return place
