"""The generator wins: the discriminator takes what it generates for real, so that nothing teaches it to be better.

## What it finds
A generator whose loss is next to zero over the last part of the run while that of the discriminator has grown, or
generated samples that are nearly all taken for real, more than the real ones.

## Why it matters
A discriminator that is fooled by anything has no opinion worth following: the samples need not be good for that.

## How it is detected
Over the last 30 % of the points, by medians. By losses: that of the generator is below 5 % of its first values, and that of
the discriminator above 1.5 times its own; losses that are negative anywhere are not judged by this. By outputs:
generated samples get a probability of at least 0.95, and real ones less than those. A discriminator at the value of
guessing (a probability of one half, a loss of 2 ln 2) is no defeat but the balance that theory predicts.

## When it is a false alarm
A loss of the generator that is made of other terms than the adversarial one, when the discriminator is switched on late.

## What to do
Raise the learning rate or the capacity of the discriminator, give it more steps, and check that its parameters are
updated and that the labels of real and generated samples are not swapped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base import Rule, Severity
from ..thresholds import limit
from ._players import NOT_ADVERSARIAL, losses_of, outputs_of, require_evidence, victory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..base import Finding
    from ..view.run_view import RunView


REMEDIES = (
    "check that the discriminator is updated at all, and that real and generated labels are not swapped",
    "raise the learning rate of the discriminator, or give it more steps for one of the generator",
    "give the discriminator more capacity, or regularise it less",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    beaten_share: float = limit(0.05, "of the first loss")
    grown_share: float = limit(1.5, "of the first loss: a discriminator that has become worse than guessing")
    fooled: float = limit(0.95, "")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the generator's loss, else on the discriminator's outputs."""
    require_evidence(run)
    losses, outputs = losses_of(run), outputs_of(run)
    if losses is not None:
        discriminator, generator = losses
        if (
            generator.share_left < limits.beaten_share
            and discriminator.late > limits.grown_share * discriminator.first > 0
        ):
            text = f"{generator.curve.name} ends at {generator.late:.2g}, {generator.share_left:.1%} of its first value"
            text += (
                f", while {discriminator.curve.name} grows from {discriminator.first:.3g} to {discriminator.late:.3g}"
            )
            evidence = {"generator_loss": generator.late, "generator_first_loss": generator.first}
            evidence |= {"discriminator_loss": discriminator.late, "discriminator_first_loss": discriminator.first}
            yield victory(generator.curve, text, evidence, REMEDIES)
            return
    if outputs is not None:
        real, fake, of_real, of_fake = outputs
        if of_fake >= limits.fooled and of_real < of_fake:
            text = f"the discriminator takes generated samples for real with {of_fake:.3g} ({fake.name}), real ones with {of_real:.3g} ({real.name})"
            yield victory(fake, text, {"real_probability": of_real, "fake_probability": of_fake}, REMEDIES)


RULE = Rule(
    id="generator-dominance",
    family="adversarial",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="The generator does not win outright",
    failure_title="Generator dominance",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=NOT_ADVERSARIAL,
    causes=("non-finite", "zero-gradient", "learning-rate-jump"),
    judges_training=True,
)
