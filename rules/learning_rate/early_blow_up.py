"""The loss explodes in the first steps.

## What it finds
A training loss that rises far above its start at the beginning of the run, and either ends near the chance-level loss
or reached a hundred times its start.

## Why it matters
The first updates moved the weights to a region from which training may not recover; all further steps are then wasted.
Where it does recover, many steps were spent on that, and another seed may not.

## How it is detected
Within the first 20% of the points, the training loss exceeds the larger of twice its first value and twice the
chance-level loss, by 6 sigma of its noise, at 2 or more neighbouring points. The median of its last third is above
50% of the chance-level loss: ln(classes), or the first loss if that is smaller. A loss that ends lower is reported as
well if it exceeded 100 times both its first value and its end at 2 neighbouring points, as info from 10 times on.

## When it is a false alarm
Losses whose scale changes during the run, for example when the weight of a loss term is ramped up.

## What to do
Lengthen the warm-up, lower the learning rate by 3 to 10, clip the gradients, and check the initialisation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, Rule, Severity
from ..shared.accumulation import reset_advice
from ..statistics.events import groups_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ._too_high import loss_and_chance_level, lower_rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "the first fifth is then at least 4 points", unit="points")
    early_share: float = limit(0.2, "of the points; a later rise is a divergence", unit="%")
    min_ratio: float = limit(2.0, "of the start; the noise of the first batches stays below", unit="ratio")
    min_sigmas: float = limit(6.0, "conservative for any noise distribution", unit="sigma")
    min_neighbours: int = limit(2, "a single point may be one bad batch", unit="points")
    min_level: float = limit(0.5, "of the chance-level loss; below, the run recovered", unit="%")
    high_ratio: float = limit(
        10.0, "of the start: worth a note even if the run recovered; a warm-up would have prevented it", unit="ratio"
    )
    absurd_ratio: float = limit(
        100.0, "of the start: no scale of an output explains it, only weights that exploded", unit="ratio"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss."""
    loss, guess = loss_and_chance_level(run)
    early = loss.scaled[: int(limits.early_share * len(loss))]
    end = median(loss.values[-(len(loss) // 3) :])
    start = math.log(max(guess, float(loss.values[0])))
    is_high = early > start + max(math.log(limits.min_ratio), limits.min_sigmas * loss.noise.sigma)
    has_recovered = end <= limits.min_level * guess
    height = _sustained(early) - math.log(max(float(loss.values[0]), end))
    if height >= math.log(limits.high_ratio):
        is_high |= early >= early[0] + math.log(limits.high_ratio)
    elif has_recovered:
        return
    groups = [(a, b) for a, b in groups_of(is_high) if b - a + 1 >= limits.min_neighbours]
    if not groups:
        return
    highest = max(float(early[a : b + 1].max()) for a, b in groups)
    first, last = int(loss.steps[groups[0][0]]), int(loss.steps[groups[-1][1]])
    is_mild = has_recovered and height < math.log(limits.absurd_ratio)
    yield Finding(
        message=f"{loss.name} rises from {loss.values[0]:.3g} to {exp(highest):.3g} within the first "
        f"{limits.early_share:.0%} of the run, and its median over the last third is {end:.3g}"
        + ("" if has_recovered else f"; the chance-level loss is {guess:.3g}"),
        confidence=0.8,
        metric=loss.name,
        steps=(first, last),
        evidence={"first": float(loss.values[0]), "highest": exp(highest), "end": end},
        severity=Severity.INFO if is_mild else Severity.WARNING,
        remedies=(
            *reset_advice(run),
            lower_rate(run),
            "lengthen the warm-up",
            "clip the gradients, and check the initialisation of the weights",
        ),
        cited=(first, last),
    )


def _sustained(values: Floats) -> float:
    """The highest level that two neighbouring points reach."""
    return float(np.minimum(values[1:], values[:-1]).max())


RULE = Rule(
    id="early-blow-up",
    family="learning-rate",
    severity=Severity.WARNING,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="The loss does not explode in the first steps",
    failure_title="Early loss explosion",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("learning-rate"), Need("gradient-norm")),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=("learning-rate-too-high", "layer-gradient-imbalance"),
    formerly="learning-rate-too-high",
)
