"""A run as rules see it: effective curves, the main loss of each split, and shared quantities computed once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..statistics.distinct import distinct
from ..statistics.medians import median
from .curve_view import CurveView
from .hyperparameter_names import names_restarts
from .main_losses import main_losses
from .pace import pace_of, timed_curve

if TYPE_CHECKING:
    from ...parsers.run import Bools, Curve, Role, Run, Split
    from .pace import Pace

__all__ = ["CurveView", "RunView"]

LARGEST_HYPERPARAMETER = 1e300  # neither infinite nor an integer that no float64 holds
RESTART_RATIO, RESTART_SHARE = 2.0, 0.1  # of the lowest learning rate so far, and of the peak
MIN_TIMED_EVALUATIONS = 4  # from which on it is known how long one takes


class RunView:
    """The input of a rule: a run with access to curves by meaning."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.hyperparameters = run.hyperparameters
        self.notes = run.notes
        self._found: dict[tuple[Role | None, Split | None], list[CurveView]] = {}

    @cached_property
    def all_curves(self) -> list[CurveView]:
        return [CurveView(curve) for curve in self.run.all_curves]

    @cached_property
    def has_validation(self) -> bool:
        return any(
            c.split == "validation" and c.role in ("loss", "score", "perplexity", "reward") for c in self.all_curves
        )

    def curves(self, role: Role | None = None, split: Split | None = None) -> list[CurveView]:
        """Curves of a role and a split, None means any; where nothing is called validation, test plays its part.

        Scores of no split are of an evaluation where no loss is logged: a file of its results alone.
        """
        if split == "validation" and not self.has_validation:
            split = "test"
            if role == "score" and not self.curves("loss") and not self.curves("score", "test"):
                split = "none"
        if (role, split) not in self._found:
            found = [c for c in self.all_curves if role in (None, c.role) and split in (None, c.split)]
            self._found[role, split] = found
        return list(self._found[role, split])

    def named(self, name: str) -> CurveView | None:
        """The curve of a name, as findings cite it; the first if several splits have it."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, CurveView]:
        return {curve.name: curve for curve in reversed(self.all_curves)}

    @cached_property
    def last_step(self) -> int:
        """Largest step of any curve that shares the axis of the training; 0 in an empty run."""
        return max((int(c.all_steps[-1]) for c in self.all_curves if len(c.all_steps)), default=0)

    def loss(self, split: Split) -> CurveView | None:
        """The main loss of a split, or what stands in for it (`main_losses`): `name` says what it is."""
        return self._main_losses.get(split)

    def scores_beside_loss(self, split: Split) -> list[CurveView]:
        """The scores of a split, without the one that stands in for its loss."""
        loss = self.loss(split)
        return [c for c in self.curves("score", split) if loss is None or c is not loss.logged]

    def logged_name(self, name: str) -> str:
        """The name in the log of a curve that findings cite, where that is a main loss in another unit."""
        return self._logged_names.get(name, name)

    @cached_property
    def _logged_names(self) -> dict[str, str]:
        return {loss.name: loss.logged.name for loss in self._main_losses.values()}

    @cached_property
    def _main_losses(self) -> dict[Split, CurveView]:
        return main_losses(self.curves)

    @cached_property
    def learning_rate(self) -> CurveView | None:
        """The learning rate; of several parameter groups the one with the largest peak."""
        rates = [c for c in self.curves("learning-rate") if len(c)]
        return max(rates, key=lambda c: (float(c.values.max()), len(c))) if rates else None

    @cached_property
    def rate_left(self) -> float | None:
        """The last learning rate as a share of its peak; None where it is not logged or always zero."""
        rate = self.learning_rate
        peak = float(rate.values.max()) if rate is not None else 0.0
        return float(rate.values[-1]) / peak if rate is not None and peak > 0 else None

    @cached_property
    def is_rate_cyclic(self) -> bool:
        """Whether the learning rate comes back to twice its lowest after its peak, and a tenth of the peak: warm restarts.

        If it is not logged, the hyperparameters may show it.
        """
        rate = self.learning_rate
        if rate is None:
            return names_restarts(self.hyperparameters)
        annealed = rate.values[int(np.argmax(rate.values)) :]
        lowest = np.minimum.accumulate(annealed)
        return bool(((annealed >= RESTART_RATIO * lowest) & (annealed >= RESTART_SHARE * annealed[0])).any())

    def hyperparameter(self, *names: str) -> float | None:
        """A numeric hyperparameter by the last part of its dotted key, the first of the names that is there."""
        by_leaf = {key.rpartition(".")[2].lower(): value for key, value in reversed(self.hyperparameters.items())}
        for name in names:
            value = by_leaf.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_HYPERPARAMETER:
                return float(value)
        return None

    @cached_property
    def _timed_curve(self) -> Curve | None:
        return timed_curve(self.run.all_curves)

    @property
    def timed_curve_name(self) -> str:
        """Name of the curve that `pace` was taken from; "" if no curve has wall times."""
        return self._timed_curve.name if self._timed_curve else ""

    @cached_property
    def pace(self) -> Pace:
        """Durations between the points of the curve with most wall times; pauses between writer segments left out."""
        return pace_of(self._timed_curve)

    @cached_property
    def even_pace(self) -> Pace:
        """The intervals of about the same length in steps that make up most of the run; empty if none do."""
        return self.pace.even

    def holds_evaluation(self, pace: Pace) -> Bools:
        """Intervals in which the model may have been evaluated, bool [n]; none if that is so for half of them.

        An evaluation at the step of a training point comes before or after it, as the logger pleases, and so falls into the
        interval that ends there or into the next one: into the slower ones of the two kinds.
        """
        splits: tuple[Split, ...] = ("validation", "test")
        evaluated = [c.step for c in self.run.all_curves if c.split in splits and c.axis == "step"]
        steps = distinct(np.concatenate(evaluated)) if evaluated else np.empty(0, np.int64)
        begins, ends = pace.steps - pace.spans, pace.steps
        sides: tuple[Literal["left", "right"], ...] = ("right", "left")
        kinds = [np.searchsorted(steps, ends, side=side) > np.searchsorted(steps, begins, side=side) for side in sides]
        few = [holds for holds in kinds if 0 < holds.mean() <= 0.5]
        none = np.zeros(len(ends), dtype=bool)
        return max(few, key=lambda holds: median(pace.per_step[holds]), default=none)

    def is_evaluation_time(self, pace: Pace, ratio: float) -> Bools:
        """Intervals whose length an evaluation explains, bool [n]: not `ratio` times as long as others that hold one."""
        holds = self.holds_evaluation(pace)
        if holds.sum() < MIN_TIMED_EVALUATIONS:
            return holds
        return holds & (pace.per_step < ratio * median(pace.per_step[holds]))

    def layers(self, role: Role) -> list[CurveView]:
        """Curves of a role that belong to a layer, in network order as far as names and the log show it."""
        return [c for c in self.all_curves if c.role == role and c.layer]
