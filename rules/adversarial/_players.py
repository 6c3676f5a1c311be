"""The two sides of adversarial training; shared by both rules of the family."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from ...parsers.run import Floats, Role, Task
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

NOT_ADVERSARIAL: tuple[Task, ...] = (
    "classification", "regression", "language-model", "fine-tuning", "detection", "segmentation", "reinforcement",
    "diffusion", "contrastive", "boosting",
)  # fmt: skip

FIRST_POINTS = 3  # of a loss: their median is its first value
NEEDS = (AnyOf((Need("loss"), Need("discriminator-real"))),)
READS = (Need("discriminator-fake"),)
_DISCRIMINATOR = frozenset("d dis disc discriminator critic".split())
_GENERATOR = frozenset("g gen generator".split())
_WHOLE = frozenset("loss losses total sum train training avg average mean epoch step adv gan".split())


@thresholds
class EvidenceLimits:
    """Thresholds shared by both rules."""

    min_points: int = limit(30, "the last 30% then holds 9 points, enough for a median", unit="points")
    late_share: float = limit(
        0.3,
        "last part of the run, which is judged: the balance may shift temporarily",
        unit="%",
    )


class Side(NamedTuple):
    """The loss of one side, at first and over the last part of the run (medians)."""

    curve: CurveView
    first: float
    late: float

    @property
    def share_left(self) -> float:
        """Late loss as a share of the first one; infinite if that was zero."""
        return self.late / self.first if self.first > 0 else float("inf")


def losses_of(run: RunView, limits: EvidenceLimits) -> tuple[Side, Side] | None:
    """The whole losses of discriminator and generator; None if they are not both logged, or may be negative.

    A Wasserstein or hinge loss may be negative, so a share of its first value is undefined.
    """
    sides = [_side(run, words, limits) for words in (_DISCRIMINATOR, _GENERATOR)]
    first, second = sides
    return (first, second) if first is not None and second is not None else None


def _side(run: RunView, side_words: frozenset[str], limits: EvidenceLimits) -> Side | None:
    found = [
        c for c in run.curves("loss")
        if c.split in ("train", "none") and len(c) >= limits.min_points
        and (words := set(words_of(c.tag))) & side_words and words <= side_words | _WHOLE
    ]  # fmt: skip
    curve = max(found, key=len, default=None)
    if curve is None or float(curve.values.min()) < 0:
        return None
    return Side(curve, median(curve.values[:FIRST_POINTS]), _late(curve, limits))


def outputs_of(run: RunView, limits: EvidenceLimits) -> tuple[CurveView, CurveView, float, float] | None:
    """Discriminator outputs on real and on generated samples late in the run, as probabilities of "real".

    Signs (-1 to 1, as StyleGAN logs them) are turned into the share of samples classified as real. Scores on an arbitrary
    scale cannot be compared and are ignored. None if not both are logged.
    """
    real, fake = (_bounded(run, role, limits) for role in ("discriminator-real", "discriminator-fake"))
    if real is None or fake is None:
        return None
    return real, fake, _probability(real, limits), _probability(fake, limits)


def _bounded(run: RunView, role: Role, limits: EvidenceLimits) -> CurveView | None:
    found = [c for c in run.curves(role) if len(c) >= limits.min_points and float(np.abs(c.values).max()) <= 1]
    usable = [c for c in found if "signs" in words_of(c.tag) or float(c.values.min()) >= 0]
    return max(usable, key=len, default=None)


def _probability(curve: CurveView, limits: EvidenceLimits) -> float:
    late = _late(curve, limits)
    return (late + 1) / 2 if "signs" in words_of(curve.tag) else late


def probabilities(curve: CurveView) -> Floats:
    """Outputs of the discriminator as probabilities of "real", float64 [n]; signs are turned into shares."""
    return (curve.values + 1) / 2 if "signs" in words_of(curve.tag) else curve.values


def _late(curve: CurveView, limits: EvidenceLimits) -> float:
    return median(curve.values[-max(1, round(limits.late_share * len(curve))) :])


def require_evidence(run: RunView, limits: EvidenceLimits) -> None:
    """Raise if the log does not show the balance of the two sides.

    Raises:
        NotApplicableError: neither the losses of both sides nor the outputs of the discriminator are logged.
        InsufficientDataError: they are too short, or the losses may be negative.

    """
    if losses_of(run, limits) is not None or outputs_of(run, limits) is not None:
        return
    sides = [
        any(side_words & set(words_of(c.tag)) for c in run.curves("loss"))
        for side_words in (_DISCRIMINATOR, _GENERATOR)
    ]
    if all(sides) or run.curves("discriminator-real"):
        raise InsufficientDataError(
            f"needs at least {limits.min_points} points of two losses that are never negative, or of two probabilities"
        )
    raise NotApplicableError("the losses of a generator and a discriminator are not both logged")


def late_finding(
    curve: CurveView, text: str, evidence: dict[str, float], remedies: tuple[str, ...], limits: EvidenceLimits
) -> Finding:
    """The finding that one side dominates, based on a curve over the last part of the run."""
    first = int(curve.steps[len(curve) - max(1, round(limits.late_share * len(curve)))])
    return Finding(
        message=f"{text} (medians of the last {limits.late_share:.0%} of the run)",
        confidence=0.85,
        metric=curve.name,
        steps=(first, int(curve.steps[-1])),
        evidence=evidence,
        remedies=remedies,
    )
