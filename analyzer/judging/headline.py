"""The main metric that summarises a run, with its best and final value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ...parsers.run import Curve, Split
    from ...rules.view.curve_view import CurveView
    from ...rules.view.run_view import RunView

SPLITS: tuple[Split, ...] = ("validation", "test", "train", "none")


@dataclass(frozen=True, slots=True)
class Headline:
    """Best and final value of the main metric.

    Attributes:
        curve: without points that restarts overwrote; losses precede scores, validation precedes training.
        best: lowest or highest finite value, by the direction of the curve.
        after_best: share of the logged steps after the best one, NaN if there is only one step.
        seconds_after_best: by the wall times of the log, NaN if it has none.

    """

    curve: Curve
    best: float
    best_step: int
    final: float
    after_best: float
    seconds_after_best: float

    @property
    def superlative(self) -> str:
        """The word for the best logged value; a rule may use another step after smoothing."""
        return "highest" if self.curve.direction == "higher" else "lowest"

    @property
    def change(self) -> float:
        """Relative deterioration from best to final value; NaN if it is undefined."""
        sign = -1.0 if self.curve.direction == "higher" else 1.0
        return sign * (self.final - self.best) / self.best if self.best > 0 and self.final >= 0 else float("nan")


def headline_of(view: RunView) -> Headline | None:
    """Summarise a run; None if no curve has a known direction."""
    for candidate in candidates(view):
        if len(candidate):
            return _summed_up(candidate)
    return None


def candidates(view: RunView) -> list[CurveView]:
    """Candidates for the main metric, best first."""
    losses = [view.loss("validation"), view.loss("test"), view.loss("train")]
    of_model = [curve for curve in view.all_curves if not curve.layer]
    others = [
        curve
        for role in ("score", "perplexity", "reward", "loss")
        for split in SPLITS
        for curve in of_model
        if curve.role == role and curve.split == split
    ]
    return [c.logged for c in [*losses, *others] if c is not None and c.direction != "unknown"]


def _summed_up(curve: CurveView) -> Headline:
    sign = -1.0 if curve.direction == "higher" else 1.0
    row = int(np.argmin(sign * curve.values))
    first, last, best = int(curve.steps[0]), int(curve.steps[-1]), int(curve.steps[row])
    clock = curve.curve.wall_time[curve.is_finite]
    return Headline(
        curve=curve.curve,
        best=float(curve.values[row]),
        best_step=best,
        final=float(curve.all_values[-1]),
        after_best=(last - best) / (last - first) if last > first else float("nan"),
        seconds_after_best=float(clock[-1] - clock[row]),
    )
