"""Runs with different seeds have equal curves: the seed has no effect, and the replicates are one run.

## What it finds
Two or more runs that name different seeds, in their settings or in the names of their folders, with no other difference, but
whose losses and scores are equal at every logged point.

## Why it matters
A spread over such seeds is zero, so that any difference between configurations seems significant. In truth there is a single
run of each.

## How it is detected
Curves are compared as for `unwired-hyperparameter`: all losses and scores that the runs share, to all digits that both logs
have, at 20 or more points whose scatter exceeds the resolution of the digits.

## When it is a false alarm
A training without any randomness (fixed initial weights, all data in each step, no dropout) does not depend on its seed.

## What to do
Pass the seed to all generators (Python, NumPy, the framework, its workers and the sampler of the data), before the model
is built. Check that two seeds give different losses at the first step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import BatchRule, Comparison, Severity
from ..thresholds import limit, thresholds
from ._equal_curves import differences, equal_runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.study import Batch


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "fewer equal points can be a shared beginning or a coarse log", unit="points")
    min_bits: float = limit(40.0, "chance of 1e-12 that unrelated digits agree: none in ten billion pairs of runs")


def check(batch: Batch, limits: Limits) -> Iterator[Comparison]:
    """Yield one finding for each group of equal runs that differ in their seeds only."""
    for group in equal_runs(batch, limits.min_points, limits.min_bits):
        different = differences(group.runs)
        if different.chosen or not different.has_other_seeds:
            continue
        names = tuple(run.name for run in group.runs)
        yield Comparison(
            message=f"{', '.join(names[:4])}{' ...' if len(names) > 4 else ''} have different seeds, but all {group.curves} curves are equal "
            f"{group.how}, up to {group.points:,} points: they count as one run",
            confidence=0.95 if group.is_exact else 0.85,
            runs=names,
            evidence={
                "run_count": float(len(names)),
                "point_count": float(group.points),
                "curve_count": float(group.curves),
            },
            remedies=(
                "pass the seed to every random generator before the model is built, and repeat the runs",
                "do not average these runs, and do not use their spread as an error bar",
            ),
        )


RULE = BatchRule(
    id="repeated-seed",
    family="comparison",
    severity=Severity.WARNING,
    since="0.1.0",
    title="Different seeds give different curves",
    failure_title="Seed without effect",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)
