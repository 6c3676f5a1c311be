"""The better of two configurations is better by no more than their seeds differ.

## What it finds
Two configurations with at least three seeds each, the difference of whose means lies within the noise between seeds.

## Why it matters
With another choice of seeds the other configuration may win. A gain within this noise is not worth reporting, nor a reason to
change a training.

## How it is detected
The standard deviation between seeds is pooled over the configurations of the study. The finding is made where the 95%
interval of the difference of the means (Student's t) contains zero. The message has the smallest difference that these seeds
would have shown with a power of 80%.

## When it is a false alarm
A small true gain may be there: the runs only do not show it. If the same seeds also fix the order of the data, paired
differences can be more precise; the effects of the study use them.

## What to do
Train more seeds, as many as the study says would decide, or report the two as equal.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import BatchRule, Comparison, Severity
from ..statistics.seed_noise import half_width, seeds_needed, smallest_shown
from ..thresholds import limit, thresholds
from ._studies import described, gain, noise_of_seeds, ranked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.study import Batch


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_seeds: int = limit(3, "two seeds leave their own spread unknown by a factor of 30", unit="runs")


def check(batch: Batch, limits: Limits) -> Iterator[Comparison]:
    """Yield one finding for each study of two configurations that their seeds do not separate."""
    for study in batch.studies:
        order = ranked(study)
        if len(order) != 2 or len(study.configurations) != 2:
            continue
        (best, first), (other, second) = order
        if min(len(best.values), len(other.values)) < limits.min_seeds:
            continue
        noise = noise_of_seeds(study)
        error = noise.deviation * math.sqrt(1 / len(best.values) + 1 / len(other.values))
        lead, width = gain(study, first, second), half_width(error, noise.freedom)
        if not error > 0 or lead > width:
            continue
        seeds = min(len(best.values), len(other.values))
        wanted = seeds_needed(lead, error, noise.freedom, seeds)
        advice = (
            f"{wanted - seeds} more seeds each would decide on it"
            if wanted
            else "more than 200 seeds would be needed to decide on it"
        )
        shown = smallest_shown(error, noise.freedom)
        yield Comparison(
            message=f"{study.metric} of {described(best, study)} is better than that of {described(other, study)} by {lead:.3g} ± {width:.2g}, "
            f"which is within the noise between {seeds} seeds; they would have shown a difference of {shown:.2g}, and {advice}",
            confidence=0.9,
            runs=(
                best.runs[0].name,
                *(run.name for each in (best, other) for run in each.runs if run is not best.runs[0]),
            ),
            evidence={
                "gain": lead,
                "half_width": width,
                "seed_deviation": noise.deviation,
                "smallest_shown": shown,
                "seed_count": float(seeds),
            },
            remedies=("report the configurations as equal, or train more seeds of both",),
        )


RULE = BatchRule(
    id="seed-noise",
    family="comparison",
    severity=Severity.WARNING,
    since="0.1.0",
    title="Configurations differ by more than their seeds",
    failure_title="Gain within seed noise",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)
