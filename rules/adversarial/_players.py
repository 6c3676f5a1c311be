"""The two sides of an adversarial training: what rules about it share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, NotApplicableError
from ..statistics.medians import median

if TYPE_CHECKING:
    from ...parsers.run import Role, Task
    from ..view.run_view import CurveView, RunView

NOT_ADVERSARIAL: tuple[Task, ...] = (
    "classification", "regression", "language-model", "fine-tuning", "detection", "segmentation", "reinforcement",
    "diffusion", "contrastive", "boosting",
)  # fmt: skip

MIN_POINTS = 30
LATE_SHARE = 0.3  # of the run: one side may lead for a while and lose the lead again
FIRST_POINTS = 3
_DISCRIMINATOR = frozenset("d dis disc discriminator critic".split())
_GENERATOR = frozenset("g gen generator".split())
_WHOLE = frozenset("loss losses total sum train training avg average mean epoch step adv gan".split())


class Side(NamedTuple):
    """The loss of one side, at first and over the last part of the run (medians)."""

    curve: CurveView
    first: float
    late: float

    @property
    def share_left(self) -> float:
        """Late loss as a share of the first one; infinite if that was zero."""
        return self.late / self.first if self.first > 0 else float("inf")


def losses_of(run: RunView) -> tuple[Side, Side] | None:
    """The whole losses of discriminator and generator; None if they are not both logged, or may be negative.

    The sign of a Wasserstein or hinge loss is free: no share of its first value means anything.
    """
    sides = [_side(run, words) for words in (_DISCRIMINATOR, _GENERATOR)]
    first, second = sides
    return (first, second) if first is not None and second is not None else None


def _side(run: RunView, own: frozenset[str]) -> Side | None:
    found = [
        c for c in run.curves("loss")
        if c.split in ("train", "none") and len(c) >= MIN_POINTS
        and (words := set(words_of(c.tag))) & own and words <= own | _WHOLE
    ]  # fmt: skip
    curve = max(found, key=len, default=None)
    if curve is None or float(curve.values.min()) < 0:
        return None
    return Side(curve, median(curve.values[:FIRST_POINTS]), _late(curve))


def outputs_of(run: RunView) -> tuple[CurveView, CurveView, float, float] | None:
    """What the discriminator says of real and of generated samples late in the run, as probabilities of "real".

    Signs (-1 to 1, as StyleGAN logs them) are turned into the share of samples taken for real. Scores on a free
    scale say nothing and are left out. None if not both are logged.
    """
    real, fake = (_bounded(run, role) for role in ("discriminator-real", "discriminator-fake"))
    if real is None or fake is None:
        return None
    return real, fake, _probability(real), _probability(fake)


def _bounded(run: RunView, role: Role) -> CurveView | None:
    found = [c for c in run.curves(role) if len(c) >= MIN_POINTS and float(np.abs(c.values).max()) <= 1]
    usable = [c for c in found if "signs" in words_of(c.tag) or float(c.values.min()) >= 0]
    return max(usable, key=len, default=None)


def _probability(curve: CurveView) -> float:
    late = _late(curve)
    return (late + 1) / 2 if "signs" in words_of(curve.tag) else late


def _late(curve: CurveView) -> float:
    return median(curve.values[-max(1, round(LATE_SHARE * len(curve))) :])


def require_evidence(run: RunView) -> None:
    """Raise unless something tells how the two sides stand.

    Raises:
        NotApplicableError: the losses of two sides, or what the discriminator says, are not logged.
        InsufficientDataError: they are too short, or their signs are free.

    """
    if losses_of(run) is not None or outputs_of(run) is not None:
        return
    sides = [any(own & set(words_of(c.tag)) for c in run.curves("loss")) for own in (_DISCRIMINATOR, _GENERATOR)]
    if all(sides) or run.curves("discriminator-real"):
        raise InsufficientDataError(
            f"it takes {MIN_POINTS} points of two losses that cannot be negative, or probabilities"
        )
    raise NotApplicableError("the losses of a generator and a discriminator are not both logged")


def victory(curve: CurveView, text: str, evidence: dict[str, float], remedies: tuple[str, ...]) -> Finding:
    """The finding that one side has won, seen in a curve over the last part of the run."""
    first = int(curve.steps[len(curve) - max(1, round(LATE_SHARE * len(curve)))])
    return Finding(
        message=f"{text} (last {LATE_SHARE:.0%} of the run)",
        confidence=0.85,
        metric=curve.name,
        steps=(first, int(curve.steps[-1])),
        evidence=evidence,
        remedies=remedies,
    )
