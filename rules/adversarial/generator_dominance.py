"""The generator wins: the discriminator classifies its samples as real, so that nothing teaches it to improve.

## What it finds
A generator whose loss is near zero over the last part of the run while that of the discriminator has grown, or
generated samples that are nearly all classified as real, more than the real ones.

## Why it matters
The signal of a discriminator that is fooled by anything is worthless: the samples need not be good to fool it.

## How it is detected
By medians over the last 30% of the points. By losses: that of the generator is below 5% of its first values, and that of
the discriminator above 1.5 times its own; losses that are negative anywhere are not judged. By outputs: generated
samples get a probability of at least 95%, and real ones a lower one than those. A discriminator that guesses
(a probability of 50%, a loss of 2 ln 2) is not defeated: theory predicts this balance.

## When it is a false alarm
A generator loss that contains other terms than the adversarial one, when the discriminator is switched on late.

## What to do
Raise the learning rate or the capacity of the discriminator, give it more steps, and check that its parameters are
updated and that the labels of real and generated samples are not swapped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Rule, Severity
from ..thresholds import limit, thresholds
from ._players import (
    NEEDS,
    NOT_ADVERSARIAL,
    READS,
    EvidenceLimits,
    late_finding,
    losses_of,
    outputs_of,
    require_evidence,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..base import Finding
    from ..view.run_view import RunView


REMEDIES = (
    "check that the discriminator is updated at all, and that real and generated labels are not swapped",
    "raise the learning rate of the discriminator, or give it more steps per step of the generator",
    "give the discriminator more capacity, or regularise it less",
)


@thresholds
class Limits(EvidenceLimits):
    """Thresholds of this rule."""

    max_loss_share: float = limit(0.05, "of the generator's first loss; balanced runs stay far above", unit="%")
    min_growth: float = limit(
        1.5, "of the discriminator's loss over its first values: it has become worse than guessing", unit="ratio"
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
            text = f"the discriminator gives generated samples a probability of {of_fake:.1%} to be real ({fake.name}) and real ones {of_real:.1%} ({real.name})"
            yield late_finding(fake, text, {"real_probability": of_real, "fake_probability": of_fake}, REMEDIES, limits)


RULE = Rule(
    id="generator-dominance",
    family="adversarial",
    severity=Severity.WARNING,
    needs=NEEDS,
    since="0.1.0",
    title="The generator does not win outright",
    failure_title="Generator dominance",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=READS,
    excluded_tasks=NOT_ADVERSARIAL,
    causes=("non-finite", "zero-gradient", "learning-rate-jump"),
    judges_training=True,
)
