"""The discriminator wins: it tells generated samples from real ones with ease, and the generator learns nothing.

## What it finds
A discriminator whose loss is next to zero over the last part of the run while that of the generator is no lower
than at first, or which calls nearly all real samples real and nearly all generated ones fake.

## Why it matters
A discriminator that is certain has no slope left: the generator gets no useful gradient, and its samples stop improving.

## How it is detected
Over the last 30 % of the points, by medians. By losses: that of the discriminator is below 5 % of its first values (or
of 2 ln 2, the loss of guessing, if they are above it), and that of the generator is not below 90 % of its own. Losses
that are negative anywhere (Wasserstein, hinge) have no level to compare with and are not judged by this. By outputs:
real samples get a probability of at least 0.95 and generated ones of at most 0.05, and the generator's loss is not below
90 % of its first value; signs, as StyleGAN logs them, are converted. Whether the samples are varied cannot be told
from losses: a mode collapse often looks balanced.

## When it is a false alarm
A discriminator that is trained to its optimum on purpose, as in Wasserstein training, with probabilities logged all the same.

## What to do
Lower the discriminator's learning rate or the number of its steps, regularise it (R1 penalty, spectral normalisation,
augmentation of what it sees, noise on labels), and check that the generator's optimiser holds the generator's parameters.
"""

from __future__ import annotations

import math
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
    "lower the learning rate of the discriminator, or the number of its steps for one of the generator",
    "regularise the discriminator: R1 penalty, spectral normalisation, augmentation of real and generated samples alike",
    "check that the generator is updated at all: its optimiser, its learning rate, a detach too many",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    beaten_share: float = limit(
        0.05, "of the first loss; in 16 balanced trainings of four kinds it ended at 78 % or more"
    )
    guessing_loss: float = limit(
        2 * math.log(2), "Of real and generated samples together; a first loss above it is a poor start, no yardstick."
    )
    held_share: float = limit(0.9, "of the first loss: the generator has gained nothing")
    certain: float = limit(0.95, "balance is 0.5; published DCGANs that work wander between 0.6 and 0.95")
    certain_fake: float = limit(0.05, "balance is 0.5; published DCGANs that work wander between 0.6 and 0.95")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the discriminator's loss, else on its outputs."""
    require_evidence(run)
    losses, outputs = losses_of(run), outputs_of(run)
    if losses is not None:
        discriminator, generator = losses
        if generator.late < limits.held_share * generator.first:
            return
        if discriminator.late < limits.beaten_share * min(discriminator.first, limits.guessing_loss):
            text = f"{discriminator.curve.name} ends at {discriminator.late:.2g}, {discriminator.share_left:.1%} of its first value"
            text += f", while {generator.curve.name} goes from {generator.first:.3g} to {generator.late:.3g}"
            evidence = {"discriminator_loss": discriminator.late, "discriminator_first_loss": discriminator.first}
            evidence |= {"generator_loss": generator.late, "generator_first_loss": generator.first}
            yield victory(discriminator.curve, text, evidence, REMEDIES)
            return
    if outputs is not None:
        real, fake, of_real, of_fake = outputs
        if of_real >= limits.certain and of_fake <= limits.certain_fake:
            text = f"the discriminator takes real samples for real with {of_real:.3g} ({real.name}) and generated ones with {of_fake:.2g} ({fake.name})"
            yield victory(fake, text, {"real_probability": of_real, "fake_probability": of_fake}, REMEDIES)


RULE = Rule(
    id="discriminator-dominance",
    family="adversarial",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="The discriminator does not win outright",
    failure_title="Discriminator dominance",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=NOT_ADVERSARIAL,
    causes=("non-finite", "zero-gradient", "learning-rate-jump"),
    judges_training=True,
)
