"""Runs with equal curves: the same steps and the same values, as far as their digits show."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.settings.kinds import is_incidental_value, kind_of_name, typed, unified

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Bools, Floats
    from ...parsers.settings.kinds import Value
    from ..view.study import Batch, RunDigest, ThinCurve

ROLES = ("loss", "score", "perplexity", "reward")
NEIGHBOURS = 8  # runs with nearly the same value at one point that each run is compared with
MAX_BITS_OF_POINT = 4.0  # however many digits: ten points must speak, one spike does not suffice


@dataclass(frozen=True, slots=True)
class EqualRuns:
    """Runs whose losses and scores are all equal.

    Attributes:
        points: number of points of the longest curve.
        curves: number of curves that were compared.
        is_exact: whether all are equal bit for bit, not only to rounding.

    """

    runs: tuple[RunDigest, ...]
    points: int
    curves: int
    is_exact: bool

    @property
    def how(self) -> str:
        """In words, after "equal"."""
        return "bit for bit" if self.is_exact else "to all digits that both logs have"


@dataclass(frozen=True, slots=True)
class Differences:
    """Settings in which some runs differ: names with the value of each run; and whether their seeds differ."""

    chosen: dict[str, tuple[Value, ...]]
    has_other_seeds: bool


def equal_runs(batch: Batch, min_points: int, min_bits: float) -> list[EqualRuns]:
    """Groups of runs whose curves are equal, in the order of their names.

    Equal values say something only as far as they could have differed: a point counts with the bits that its distance from
    the line through its neighbours has above the resolution of the digits. Constants, plateaus and smooth coarse curves
    have none, so that two different runs that are stuck at the same level are not equal.
    """
    buckets: dict[tuple[object, ...], list[RunDigest]] = defaultdict(list)
    for digest in batch.digests:
        main = _main(digest)
        if main is not None and main.points >= min_points:
            buckets[main.name, main.split, main.points, int(main.steps[0]), int(main.steps[-1])].append(digest)
    links: dict[str, str] = {}
    for bucket in buckets.values():
        if len(bucket) > 1:
            _link(bucket, links, min_bits)
    groups: dict[str, list[RunDigest]] = defaultdict(list)
    for digest in sorted(batch.digests, key=lambda digest: digest.name):
        if digest.name in links:
            groups[_root(links, digest.name)].append(digest)
    return [_described(members) for members in groups.values() if len(members) > 1]


def _main(digest: RunDigest) -> ThinCurve | None:
    """The curve that candidates are found by: the first loss, whose digits are finer than those of a score."""
    usable = [curve for curve in digest.curves if curve.role in ROLES]
    return min(usable, key=lambda curve: (ROLES.index(curve.role), -curve.points), default=None)


def _link(bucket: Sequence[RunDigest], links: dict[str, str], min_bits: float) -> None:
    """Link the runs of a bucket that are equal."""
    curves = [curve for digest in bucket if (curve := _main(digest)) is not None]
    values = np.array([curve.values for curve in curves])
    resolution = np.array([curve.resolution for curve in curves])
    # the point at which the runs differ most tells them apart best
    is_known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):  # the difference of two infinities
        spread = np.where(is_known, values, -np.inf).max(axis=0) - np.where(is_known, values, np.inf).min(axis=0)
    if not is_known.any():
        return
    order = np.argsort(values[:, int(np.argmax(np.nan_to_num(spread, nan=-1.0)))], kind="stable")
    for offset in range(1, min(NEIGHBOURS, len(order) - 1) + 1):
        first, second = order[:-offset], order[offset:]
        close = _close(values[first], values[second], np.maximum(resolution[first], resolution[second])[:, None])
        for i in np.flatnonzero(close.all(axis=1)).tolist():
            one, other = bucket[int(first[i])], bucket[int(second[i])]
            if _are_equal(one, other, min_bits):
                links[_root(links, one.name)] = _root(links, other.name)
                links.setdefault(other.name, other.name)


def _root(links: dict[str, str], name: str) -> str:
    while links.setdefault(name, name) != name:
        name = links[name]
    return name


def _close(first: Floats, second: Floats, resolution: Floats | float) -> Bools:
    with np.errstate(all="ignore"):
        near = np.abs(first - second) <= 0.500001 * resolution
    return np.asarray(near | (first == second) | (np.isnan(first) & np.isnan(second)))


def _are_equal(one: RunDigest, other: RunDigest, min_bits: float) -> bool:
    pairs = _shared(one, other)
    if not all(
        first.points == second.points
        and np.array_equal(first.steps, second.steps)
        and bool(_close(first.values, second.values, max(first.resolution, second.resolution)).all())
        for first, second in pairs
    ):
        return False
    return sum(_bits(first, max(first.resolution, second.resolution)) for first, second in pairs) >= min_bits


def _shared(one: RunDigest, other: RunDigest) -> list[tuple[ThinCurve, ThinCurve]]:
    theirs = {(curve.name, curve.split): curve for curve in other.curves}
    return [
        (curve, theirs[curve.name, curve.split])
        for curve in one.curves
        if curve.role in ROLES and (curve.name, curve.split) in theirs
    ]


def _bits(curve: ThinCurve, resolution: float) -> float:
    """What the values of a curve say beyond their trend."""
    known = curve.values[np.isfinite(curve.values)]
    if len(known) < 3 or resolution <= 0:
        return 0.0
    with np.errstate(all="ignore"):
        scatter = np.abs(np.diff(known, n=2)) / (math.sqrt(6) * resolution)
        bits = np.clip(np.log2(np.maximum(scatter, 1.0)), 0.0, MAX_BITS_OF_POINT)
    return float(bits[np.isfinite(bits)].sum())


def _described(members: list[RunDigest]) -> EqualRuns:
    first = members[0]
    pairs = [_shared(first, other) for other in members[1:]]
    is_exact = all(one.whole == other.whole for shared in pairs for one, other in shared)
    curves = [one for shared in pairs for one, _ in shared]
    return EqualRuns(
        tuple(members), max(curve.points for curve in curves), min(len(shared) for shared in pairs), is_exact
    )


def differences(runs: Sequence[RunDigest]) -> Differences:
    """The settings in which runs differ, from logs and files beside them, else from their names."""
    values: dict[str, list[Value]] = {}
    seeds = []
    for i, run in enumerate(runs):
        own = []
        settings = {
            **{name: value for name, value in run.named.pairs.items() if not run.hyperparameters},
            **run.hyperparameters,
        }
        for name, value in settings.items():
            kind = kind_of_name(name)
            if kind == "seed":
                own.append((name, typed(value)))
            elif kind != "incidental":
                values.setdefault(name, ["none"] * len(runs))[i] = typed(value)
        seeds.append((*own, ("name", run.named.seed)) if own or run.named.seed else ())
    chosen = {
        name: tuple(column)
        for name, column in ((name, unified(own)) for name, own in values.items())
        if len(set(column)) > 1 and not any(is_incidental_value(value) for value in column)
    }
    return Differences(chosen, len(set(seeds)) > 1)
