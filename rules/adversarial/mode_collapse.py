"""The diversity of the generated samples vanishes: the generator makes the same few samples.

## What it finds
A logged diversity of samples (diversity, LPIPS between samples, number of modes, spread of samples) that ends far below
its highest level.

## Why it matters
The generator fools the discriminator with a few samples, and losses do not show it.

## How it is detected
The largest value of the last tenth of the run (at least 3 points) is at most 20% of the highest level, the median of a
window: a warning. At most 40% is reported as info.

## When it is a false alarm
A diversity that begins high because the first samples are noise.

## What to do
Keep the checkpoint before the fall; use minibatch statistics, a gradient penalty or a lower rate of the generator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Need, Rule, Severity
from ..shared.vanished import Collapse, VanishedLimits, findings_of
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..base import Finding
    from ..view.run_view import RunView


@thresholds
class Limits(VanishedLimits):
    """Thresholds of this rule."""

    max_left: float = limit(0.2, "of the peak: 2 of 10 modes", unit="%")
    info_left: float = limit(0.4, "of the peak; less than this is worth a look", unit="%")


COLLAPSE = Collapse(
    "diversity",
    "diversity of samples",
    "the samples become alike",
    (
        "keep the checkpoint from before the fall, and compare its samples with the last ones",
        "regularise the discriminator (gradient penalty, minibatch statistics), or lower the learning rate of the generator",
    ),
)


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the curve of which least is left."""
    yield from findings_of(run, limits, COLLAPSE)


RULE = Rule(
    id="mode-collapse",
    family="adversarial",
    severity=Severity.WARNING,
    needs=(Need("diversity", points="min_points"),),
    since="0.1.0",
    title="The samples stay diverse",
    failure_title="Mode collapse",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    judges_end=True,
)
