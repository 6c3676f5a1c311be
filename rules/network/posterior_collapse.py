"""The KL term of a variational autoencoder vanishes: the latent code holds nothing.

## What it finds
A KL divergence that ends near zero beside a reconstruction loss.

## Why it matters
Posterior and prior are then the same for every input: the decoder ignores the latent code, and samples do not depend on it.

## How it is detected
The largest KL of the last tenth of the run (at least 3 points) is at most 0.01 nats and at most 10% of its highest level
or of its first value, and a reconstruction loss is logged. It is a warning if the reconstruction loss falls by less than
20% after the KL has vanished, or the KL is gone for at least 75% of the points: what the decoder learns then, it learns
without the latent code. It is info otherwise.

## When it is a false alarm
A KL that is divided by the number of pixels, or multiplied with a small weight; a warm-up of its weight that has not begun.

## What to do
Anneal the weight of the KL from zero, use free bits, or weaken the decoder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...parsers.meaning.words import terms_of
from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.vanished import median_since, vanished
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView

KL = frozenset("kl kld kldiv".split())
RECONSTRUCTION = frozenset("recon recons reconstruction rec reconst".split())


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "fewer do not show a level and an end", unit="points")
    max_kl: float = limit(0.01, "of all latent dimensions together; one that is used has some tenths", unit="nats")
    max_left: float = limit(0.1, "of the peak; a KL that was never larger is logged in another unit", unit="%")
    gone_share: float = limit(
        0.75, "of the points: a latent code that is not used after a quarter of the run is not used later", unit="%"
    )
    still_falls: float = limit(0.2, "of the reconstruction loss afterwards: the decoder still learns", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the KL with the most points."""
    kls = [
        c
        for c in (*run.curves("kl"), *run.curves("loss"))
        if KL & set(terms_of(c.tag)) and c.split in ("train", "none")
    ]
    errors = [c for c in (*run.curves("loss"), *run.curves("score")) if RECONSTRUCTION & set(terms_of(c.tag))]
    errors = [c for c in errors if c.direction == "lower" and c.split in ("train", "none")]
    if not kls or not errors or run.curves("reward"):
        raise NotApplicableError("no KL beside a reconstruction loss is logged")
    kl, error = max(kls, key=len), max(errors, key=len)
    if min(len(kl), len(error)) < limits.min_points:
        raise InsufficientDataError(f"KL and reconstruction loss need at least {limits.min_points} points")
    found = vanished(kl, limits.max_left, first_counts=True)
    if kl.values.min() < 0 or found.end > limits.max_kl or found.left > limits.max_left:
        return
    before, end = median_since(error, found.step)
    gone = float((kl.steps >= found.step).mean())
    is_lasting = end > (1 - limits.still_falls) * before or gone >= limits.gone_share
    yield Finding(
        message=f"{kl.name} falls from {found.peak:.3g} to {found.end:.2g} for good at {kl.unit} {found.step:,}, and {error.name} "
        f"goes from {before:.3g} to {end:.3g} since: the latent code is not used",
        confidence=0.9 if is_lasting else 0.7,
        metric=kl.name,
        steps=(found.step, int(kl.steps[-1])),
        evidence={
            "peak": found.peak,
            "end": found.end,
            "reconstruction_before": before,
            "reconstruction_end": end,
            "gone_share": gone,
        },
        severity=Severity.WARNING if is_lasting else Severity.INFO,
        remedies=(
            "anneal the weight of the KL from zero, or allow free bits, and log the KL of each latent dimension",
            "weaken the decoder (dropout of its inputs, fewer layers), or lower the weight of the KL",
        ),
    )


RULE = Rule(
    id="posterior-collapse",
    family="network",
    severity=Severity.WARNING,
    needs=(
        AnyOf((Need("kl", points="min_points"), Need("loss", points="min_points"))),
        AnyOf((Need("loss"), Need("score"))),
    ),
    since="0.1.0",
    title="The KL term stays above zero",
    failure_title="Posterior collapse",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("reward"),),
    excluded_tasks=("reinforcement",),
    judges_end=True,
)
