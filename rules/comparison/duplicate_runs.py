"""Runs are equal in curves and settings: one training is in the audit more than once.

## What it finds
Two or more runs of equal length whose losses and scores are equal at every point, and whose hyperparameters and seeds do not
differ.

## Why it matters
A copied folder, a log exported in two formats, or a job that was started twice counts as several runs: means over runs are
weighted wrongly, and a comparison seems to have more evidence than it has.

## How it is detected
All losses and scores that the runs share are compared, to all digits that both logs have, at 20 or more points whose scatter
exceeds the resolution of the digits. Copies that end earlier are the subject of `stale-copy`; runs with equal curves but
different settings that of `unwired-hyperparameter`, with different seeds that of `repeated-seed`.

## When it is a false alarm
A deterministic training that was repeated on purpose, to show that it is reproducible, is equal as well.

## What to do
Keep one of them, and exclude the others from the audit (`--exclude`).
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
    """Yield one finding for each group of equal runs."""
    for group in equal_runs(batch, limits.min_points, limits.min_bits):
        different = differences(group.runs)
        if different.chosen or different.has_other_seeds:
            continue
        names = tuple(run.name for run in group.runs)
        yield Comparison(
            message=f"{', '.join(names[1:4])}{' ...' if len(names) > 4 else ''} and {names[0]} are one training: all {group.curves} curves "
            f"are equal {group.how}, up to {group.points:,} points, and no setting differs",
            confidence=0.97 if group.is_exact else 0.9,
            runs=names,
            evidence={
                "run_count": float(len(names)),
                "point_count": float(group.points),
                "curve_count": float(group.curves),
            },
            remedies=(f"exclude all of them but {names[0]} from the audit with --exclude",),
        )


RULE = BatchRule(
    id="duplicate-runs",
    family="comparison",
    severity=Severity.INFO,
    since="0.1.0",
    title="No training is in the audit twice",
    failure_title="Duplicate runs",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)
