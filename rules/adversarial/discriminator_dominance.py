"""The discriminator dominates: it separates generated from real samples easily, and the generator stops learning.

## What it finds
A discriminator with a loss near zero over the last part of the run while the generator loss is no lower than at
first, or a discriminator that classifies nearly all real samples as real and nearly all generated ones as fake.

## Why it matters
The gradient of a confident discriminator vanishes: the generator receives no signal, and its samples stop improving.

## How it is detected
Both criteria use medians over the last 30% of the points. Losses: the discriminator loss is below 5% of its first
values (or of 2 ln 2, the chance-level loss, if they are above it), and the generator loss is at least 90% of its
first values. Losses that are negative anywhere (Wasserstein, hinge) have no reference level and are not judged.
Outputs: real samples get a probability of at least 95% and generated ones of at most 5%, unless the generator loss
has fallen below 90% of its first values; signs, as StyleGAN logs them, are converted. The log does not show the
diversity of the samples: losses often look balanced under mode collapse.

## When it is a false alarm
A discriminator that is trained to optimality on purpose, as in Wasserstein training, with probabilities logged as
well.

## What to do
Lower the discriminator's learning rate or the number of its steps, regularise it (R1 penalty, spectral normalisation,
augmentation of its inputs, noise on labels), and check that the generator's optimizer has the generator's parameters.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import Rule, Severity
from ..shared.digits import percent
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
    "lower the learning rate of the discriminator, or the number of its steps per step of the generator",
    "regularise the discriminator: R1 penalty, spectral normalisation, augmentation of real and generated samples alike",
    "check that the generator is updated: its optimizer, its learning rate, a misplaced detach()",
)


@thresholds
class Limits(EvidenceLimits):
    """Thresholds of this rule."""

    max_loss_share: float = limit(
        0.05,
        "of the first discriminator loss; in 16 balanced runs of four kinds it ended at 78% or more",
        unit="%",
        source="training runs of the developers",
    )
    guessing_loss: float = limit(
        2 * math.log(2),
        "chance-level loss over real and generated samples; a first loss above it only shows a poor initialisation",
        unit="nats",
    )
    min_generator_share: float = limit(0.9, "of the first generator loss: the generator has not improved", unit="%")
    min_real: float = limit(
        0.95, "probability of real samples; balance is 50%, working published DCGANs range from 60% to 95%", unit="%"
    )
    max_fake: float = limit(0.05, "probability of generated samples; balance is 50%", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the discriminator's loss, else on its outputs."""
    require_evidence(run, limits)
    losses, outputs = losses_of(run, limits), outputs_of(run, limits)
    if losses is not None:
        discriminator, generator = losses
        if generator.late < limits.min_generator_share * generator.first:
            return
        if discriminator.late < limits.max_loss_share * min(discriminator.first, limits.guessing_loss):
            text = f"{discriminator.curve.name} ends at {discriminator.late:.2g}, {discriminator.share_left:.2g} times its first value"
            text += f", while {generator.curve.name} goes from {generator.first:.3g} to {generator.late:.3g}"
            evidence = {"discriminator_loss": discriminator.late, "discriminator_first_loss": discriminator.first}
            evidence |= {"generator_loss": generator.late, "generator_first_loss": generator.first}
            yield late_finding(discriminator.curve, text, evidence, REMEDIES, limits)
            return
    if outputs is not None:
        real, fake, of_real, of_fake = outputs
        if of_real >= limits.min_real and of_fake <= limits.max_fake:
            text = f"the discriminator gives real samples a probability of {percent(of_real)} of being real ({real.name}) and generated ones {percent(of_fake)} ({fake.name})"
            yield late_finding(fake, text, {"real_probability": of_real, "fake_probability": of_fake}, REMEDIES, limits)


RULE = Rule(
    id="discriminator-dominance",
    family="adversarial",
    severity=Severity.WARNING,
    needs=NEEDS,
    since="0.1.0",
    title="The discriminator does not dominate",
    failure_title="Discriminator dominance",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=READS,
    excluded_tasks=NOT_ADVERSARIAL,
    causes=("non-finite", "zero-gradient", "learning-rate-jump"),
    answers=("stability",),
)
