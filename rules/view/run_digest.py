"""The digest of a run: what is kept of it until all are read."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.totals import is_total
from ...parsers.settings.run_names import settings_of_name
from ..statistics.medians import median
from .outcome import failure_of, outcomes_of
from .run_view import RunView
from .study import RunDigest, ThinCurve

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ...parsers.run import Curve, Floats, Run

FIRST_POINTS = 32  # of the shortest prefix that is hashed; the others are twice as long each
HASH_BYTES = 8  # of 100,000 runs two have one hash by chance once in 4 billion batches; equal runs are compared in full
MAX_POINTS = 200  # of a thinned curve
MAX_CURVES = 4
ROUNDING = 1e-12  # of the largest value: what a decimal number differs from its float64, and more
LARGEST_PRINTED = 1e9  # larger values are not printed with decimals
ROLES = ("loss", "perplexity", "score", "reward")
SPLITS = ("train", "validation", "test", "none")


def digest_of(run: Run, view: RunView | None = None, found: Collection[tuple[str, str]] = ()) -> RunDigest:
    """Sum up a run; its prefixes are those of its main curve as it was written, restarts included.

    `view` is of the same run, to spare computing it again; `found` are the findings, pairs of rule and severity.
    """
    view = view or RunView(run)
    curve = main_curve(run)
    points = len(curve) if curve is not None else 0
    lengths = prefix_lengths(points)
    hashes = prefix_hashes(curve, [*lengths, points]) if curve is not None else [b""]
    with np.errstate(over="ignore", invalid="ignore"):  # of damaged logs
        outcomes = outcomes_of(view)
        failure = failure_of(view, found)
        thin = _thin_curves(run, outcomes[0].metric if outcomes else "")
        throughput = _throughput(run, thin)
    named = settings_of_name(run.name + (f"/{run.title}" if run.title and run.title not in run.name else ""))
    memory = [float(np.nanmax(c.value)) for c in run.curves("memory") if len(c) and np.isfinite(c.value).any()]
    return RunDigest(
        run.name, run.path, points, tuple(hashes[:-1]), hashes[-1], run.title, run.task, outcomes, failure, run.hyperparameters,
        named, tuple(dict.fromkeys(found)), frozenset((c.name, c.split) for c in run.all_curves if c.role in ROLES and not c.layer),
        thin, throughput, max(memory, default=math.nan),
    )  # fmt: skip


def _thin_curves(run: Run, deciding: str) -> tuple[ThinCurve, ...]:
    """The curves of a run that are compared with those of others: losses, scores, rewards, and the learning rate."""
    usable = [
        c for c in run.all_curves if len(c) and not c.layer and not c.statistic and c.role in (*ROLES, "learning-rate")
    ]
    order = (*ROLES, "learning-rate")
    usable.sort(
        key=lambda c: (c.name != deciding, SPLITS.index(c.split), order.index(c.role), not is_total(c.tag), c.name)
    )
    rates = [c for c in usable if c.role == "learning-rate"][:1]
    return tuple(_thinned(c) for c in [*(c for c in usable if c not in rates)][:MAX_CURVES] + rates)


def _thinned(curve: Curve) -> ThinCurve:
    rows = np.linspace(0, len(curve) - 1, min(len(curve), MAX_POINTS)).round().astype(np.int64)
    values = curve.value[rows]
    return ThinCurve(
        curve.name, curve.role, curve.split, curve.direction, curve.axis, curve.step[rows], values, curve.wall_time[rows], len(curve),
        prefix_hashes(curve, [len(curve)])[0], resolution_of(values),
    )  # fmt: skip


def resolution_of(values: Floats) -> float:
    """The unit of the last decimal that any of the values has, else the spacing of float32 or float64 numbers of their size."""
    known = values[np.isfinite(values)]
    largest = float(np.abs(known).max()) if len(known) else 0.0
    if not 0 < largest < LARGEST_PRINTED:
        return 0.0 if largest == 0 else largest * 2.0**-52
    for decimals in range(10):
        if float(np.abs(np.round(known, decimals) - known).max()) <= ROUNDING * largest:
            return float(10.0**-decimals)
    is_single = bool((known.astype(np.float32).astype(np.float64) == known).all())
    return largest * (2.0**-23 if is_single else 2.0**-52)


def _throughput(run: Run, thin: Sequence[ThinCurve]) -> float:
    """Median of the logged throughput, else steps a second of the curve with wall times; NaN if there is neither."""
    for curve in run.curves("throughput"):
        known = curve.value[np.isfinite(curve.value)]
        if len(known):
            return median(known)
    for each in thin:
        is_timed = np.isfinite(each.seconds)
        seconds, steps = each.seconds[is_timed], each.steps[is_timed]
        if len(seconds) > 1 and seconds[-1] > seconds[0]:
            return float((steps[-1] - steps[0]) / (seconds[-1] - seconds[0]))
    return math.nan


def main_curve(run: Run) -> Curve | None:
    """The curve that stands for a run, chosen by name and meaning alone, so that a copy of its beginning has the same."""
    usable = [c for c in run.all_curves if len(c) and c.role in ROLES and not c.layer and not c.statistic]
    return min(
        usable, key=lambda c: (ROLES.index(c.role), SPLITS.index(c.split), not is_total(c.tag), c.name), default=None
    )


def prefix_lengths(points: int) -> list[int]:
    """Lengths of the prefixes of so many rows that are hashed: 32, 64, 128, ..."""
    lengths: list[int] = []
    while (length := FIRST_POINTS << len(lengths)) <= points:
        lengths.append(length)
    return lengths


def prefix_hashes(curve: Curve, lengths: Sequence[int]) -> list[bytes]:
    """Hashes of the first so many rows of a curve, for lengths that rise."""
    steps, values = (hashlib.blake2b(digest_size=HASH_BYTES) for _ in range(2))
    hashes, done = [], 0
    for length in lengths:
        steps.update(curve.step[done:length].tobytes())
        values.update(curve.value[done:length].tobytes())
        done = length
        hashes.append(steps.digest() + values.digest())
    return hashes
