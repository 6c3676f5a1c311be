"""The generator dominates: the discriminator classifies its samples as real and gives no training signal.

## What it finds
A generator with a loss near zero over the last part of the run while the discriminator loss has grown, or generated
samples that are nearly all classified as real, more often than the real ones.

## Why it matters
The gradient of a weak discriminator is not informative: samples do not have to be realistic to fool it.

## How it is detected
Both criteria use medians over the last 30% of the points. Losses: the generator loss is below 5% of its first values,
and the discriminator loss is above 1.5 times its first values; losses that are negative anywhere are not judged.
Outputs: generated samples get a probability of at least 95%, and real ones a lower probability; this is also reported
of 30% of the points in one stretch anywhere in the run, for which the balance does not shift temporarily. A discriminator at
chance (a probability of 50%, a loss of 2 ln 2) is the theoretical equilibrium and not reported.

## When it is a false alarm
A generator loss with other terms than the adversarial one, if the discriminator is enabled late.

## What to do
Raise the learning rate or the capacity of the discriminator, give it more steps, and check that its parameters are
updated and that the labels of real and generated samples are not swapped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Rule, Severity
from ..shared.digits import percent
from ..statistics.events import groups_of
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ._players import (
    NEEDS,
    NOT_ADVERSARIAL,
    READS,
    EvidenceLimits,
    late_finding,
    losses_of,
    outputs_of,
    probabilities,
    require_evidence,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


REMEDIES = (
    "check that the discriminator is updated, and that the labels of real and generated samples are not swapped",
    "raise the learning rate of the discriminator, or give it more steps per step of the generator",
    "increase the capacity of the discriminator, or regularise it less",
)


@thresholds
class Limits(EvidenceLimits):
    """Thresholds of this rule."""

    max_loss_share: float = limit(0.05, "of the first generator loss; balanced runs stay far above", unit="%")
    min_growth: float = limit(
        1.5, "of the discriminator loss over its first values: it has become worse than chance", unit="ratio"
    )
    min_fooled: float = limit(0.95, "probability of generated samples; balance is 50%", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the generator's loss, else on the discriminator's outputs."""
    require_evidence(run, limits)
    losses, outputs = losses_of(run, limits), outputs_of(run, limits)
    if losses is not None:
        discriminator, generator = losses
        has_grown = discriminator.late > limits.min_growth * discriminator.first > 0
        if generator.share_left < limits.max_loss_share and has_grown:
            text = (
                f"{generator.curve.name} ends at {generator.late:.2g}, {generator.share_left:.2g} times its first value"
            )
            text += (
                f", while {discriminator.curve.name} grows from {discriminator.first:.3g} to {discriminator.late:.3g}"
            )
            evidence = {"generator_loss": generator.late, "generator_first_loss": generator.first}
            evidence |= {"discriminator_loss": discriminator.late, "discriminator_first_loss": discriminator.first}
            yield late_finding(generator.curve, text, evidence, REMEDIES, limits)
            return
    if outputs is not None:
        real, fake, of_real, of_fake = outputs
        if of_fake >= limits.min_fooled and of_real < of_fake:
            text = f"the discriminator gives generated samples a probability of {percent(of_fake)} of being real ({fake.name}) and real ones {percent(of_real)} ({real.name})"
            yield late_finding(fake, text, {"real_probability": of_real, "fake_probability": of_fake}, REMEDIES, limits)
        elif (stretch := _fooled_stretch(real, fake, limits)) is not None:
            yield stretch


def _fooled_stretch(real: CurveView, fake: CurveView, limits: Limits) -> Finding | None:
    """The finding that generated samples passed for real over a long stretch before the end; None if there is none."""
    steps, of_real, of_fake = np.intersect1d(real.steps, fake.steps, return_indices=True)
    reals, fakes = probabilities(real)[of_real], probabilities(fake)[of_fake]
    stretches = groups_of((fakes >= limits.min_fooled) & (reals < fakes))
    first, last = max(stretches, key=lambda s: s[1] - s[0], default=(0, -1))
    share = (last - first + 1) / max(len(steps), 1)
    if share < limits.late_share:
        return None
    levels = median(fakes[first : last + 1]), median(reals[first : last + 1])
    return Finding(
        message=f"the discriminator gives generated samples a probability of {percent(levels[0])} of being real ({fake.name}) and real ones "
        f"{percent(levels[1])} ({real.name}) from {fake.unit} {int(steps[first]):,} to {int(steps[last]):,}, {share:.0%} of the points",
        confidence=0.85,
        metric=fake.name,
        steps=(int(steps[first]), int(steps[last])),
        evidence={"real_probability": levels[1], "fake_probability": levels[0], "stretch_share": share},
        remedies=REMEDIES,
    )


RULE = Rule(
    id="generator-dominance",
    family="adversarial",
    severity=Severity.WARNING,
    needs=NEEDS,
    since="0.1.0",
    title="The generator does not dominate",
    failure_title="Generator dominance",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=READS,
    excluded_tasks=NOT_ADVERSARIAL,
    causes=("non-finite", "zero-gradient", "learning-rate-jump"),
    answers=("stability",),
)
