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

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.vanished import vanished
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "fewer do not show a level and an end", unit="points")
    max_left: float = limit(0.2, "of the peak: 2 of 10 modes", unit="%")
    info_left: float = limit(0.4, "of the peak; less than this is worth a look", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the curve of which least is left."""
    curves = [c for c in run.curves("diversity") if len(c) >= limits.min_points and c.values.min() >= 0]
    if not curves:
        raise InsufficientDataError(f"no diversity of samples has {limits.min_points} points")
    curve = min(curves, key=lambda c: vanished(c, limits.max_left).left)
    found = vanished(curve, limits.max_left)
    if found.left > limits.info_left:
        return
    is_gone = found.left <= limits.max_left
    since = found.step if is_gone else int(curve.steps[-1])
    yield Finding(
        message=f"{curve.name} falls to {found.left:.2g} times its highest level ({found.peak:.3g} to {found.end:.3g}"
        + (f", for good at {curve.unit} {since:,})" if is_gone else ")")
        + ": the samples become alike",
        confidence=0.85 if is_gone else 0.7,
        metric=curve.name,
        steps=(since, int(curve.steps[-1])),
        evidence={"peak": found.peak, "end": found.end, "left_share": found.left},
        severity=Severity.WARNING if is_gone else Severity.INFO,
        remedies=(
            "keep the checkpoint from before the fall, and compare its samples with the last ones",
            "regularise the discriminator (gradient penalty, minibatch statistics), or lower the learning rate of the generator",
        ),
    )


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
