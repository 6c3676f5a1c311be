"""Whether a quantity that should stay above zero has vanished: its last part against its best level."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..base import Finding, InsufficientDataError, Severity
from ..statistics.medians import levels_of, median
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Role
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class VanishedLimits:
    """What the rules about vanished quantities have in common; each adds `max_left` and `info_left`, shares of the peak."""

    min_points: int = limit(10, "fewer do not show a level and an end", unit="points")
    max_left: float
    info_left: float


class Collapse(NamedTuple):
    """What a rule says of the quantity that vanished.

    Attributes:
        role: of its curves.
        quantity: what it is, for a log that is too short.
        meaning: what follows from its end, with "the".
        remedies: most useful first.

    """

    role: Role
    quantity: str
    meaning: str
    remedies: tuple[str, ...]


class Vanished(NamedTuple):
    """How much of a curve is left at its end.

    Attributes:
        peak: highest median of a window, or a higher first value where that counts.
        end: largest value of the last tenth of the run, at least 3 points.
        step: from here to the end the curve is at or below a share of its peak.

    """

    peak: float
    end: float
    step: int

    @property
    def left(self) -> float:
        """Share of the peak that is left, infinite where there was none."""
        return self.end / self.peak if self.peak > 0 else float("inf")


def vanished(curve: CurveView, share: float, *, first_counts: bool = False) -> Vanished:
    """Compare the end of a curve with its peak; `share` of the peak is where it counts as vanished.

    `first_counts` takes a first value above all levels for the peak, as of a quantity that vanishes within a window.
    """
    _, levels = levels_of(curve.values, window_points(len(curve)))
    peak = max(float(levels.max()), float(curve.values[0]) if first_counts else 0.0)
    end = float(curve.values[-max(3, len(curve) // 10) :].max())
    above = (curve.values > share * peak).nonzero()[0]
    row = min(int(above[-1]) + 1 if len(above) else 0, len(curve) - 1)
    return Vanished(peak, end, int(curve.steps[row]))


def median_since(curve: CurveView, step: int) -> tuple[float, float]:
    """Levels of a curve around a step and at its end: medians of a window."""
    window = window_points(len(curve))
    row = max(int((curve.steps <= step).sum()), window)
    return median(curve.values[row - window : row]), median(curve.values[-window:])


def findings_of(run: RunView, limits: VanishedLimits, collapse: Collapse) -> Iterator[Finding]:
    """Yield at most one finding: on the curve of a role of which least is left.

    Raises:
        InsufficientDataError: none is long enough.

    """
    curves = [c for c in run.curves(collapse.role) if len(c) >= limits.min_points and c.values.min() >= 0]
    if not curves:
        raise InsufficientDataError(f"no {collapse.quantity} has {limits.min_points} points")
    curve = min(curves, key=lambda c: vanished(c, limits.max_left).left)
    found = vanished(curve, limits.max_left)
    if found.left > limits.info_left:
        return
    is_gone = found.left <= limits.max_left
    since = found.step if is_gone else int(curve.steps[-1])
    yield Finding(
        message=f"{curve.name} falls to {found.left:.2g} times its highest level ({found.peak:.3g} to {found.end:.3g}"
        + (f", for good at {curve.unit} {since:,})" if is_gone else ")")
        + f": {collapse.meaning}",
        confidence=0.85 if is_gone else 0.7,
        metric=curve.name,
        steps=(since, int(curve.steps[-1])),
        evidence={"peak": found.peak, "end": found.end, "left_share": found.left},
        severity=Severity.WARNING if is_gone else Severity.INFO,
        remedies=collapse.remedies,
    )
