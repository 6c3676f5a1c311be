"""A curve as rules see it: restarts resolved, and derived quantities computed once."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..statistics.change import Rebound, rebound_of
from ..statistics.events import trailing_deviation
from ..statistics.exponentials import expm1
from ..statistics.medians import median
from ..statistics.noise import Noise, noise_of
from .epoch_means import EpochMeans, epoch_means_of

if TYPE_CHECKING:
    from ...parsers.run import Bools, Curve, Direction, Floats, Ints, Role, Split

PERCENT_ABOVE = 1.5  # a share that is computed wrongly may exceed 1 by some, percentages exceed this at once


class CurveView:
    """One curve after restarts were resolved; derived quantities are computed on first use."""

    def __init__(self, curve: Curve, name: str = "", logged: CurveView | None = None) -> None:
        self.curve = curve.effective()
        self.name = name or self.curve.name
        self.logged = logged or self  # the curve whose values these are, in the unit of the log
        self._trailing: dict[tuple[int, int], tuple[Floats, Floats]] = {}

    def converted(self, values: Floats, name: str, role: Role) -> CurveView:
        """The same points in another unit, float64 [n], in which lower is better; sentences call it by its own name."""
        meaning = replace(self.curve.meaning, role=role, direction="lower")
        return CurveView(replace(self.curve, value=values, meaning=meaning), name, self)

    @property
    def tag(self) -> str:
        return self.curve.tag

    @property
    def role(self) -> Role:
        return self.curve.role

    @property
    def split(self) -> Split:
        return self.curve.split

    @property
    def layer(self) -> str:
        return self.curve.layer

    @property
    def direction(self) -> Direction:
        return self.curve.direction

    @property
    def unit(self) -> str:
        """What a step of this curve is called in a sentence: "step", "epoch" or "row"."""
        return self.curve.axis

    @property
    def all_steps(self) -> Ints:
        """Steps of all points, int64 [n], never going back."""
        return self.curve.step

    @property
    def all_values(self) -> Floats:
        """Values of all points, float64 [n], NaN and infinities included."""
        return self.curve.value

    @cached_property
    def is_finite(self) -> Bools:
        return np.isfinite(self.curve.value)

    @cached_property
    def _finite(self) -> Curve:
        return self.curve if self.is_finite.all() else self.curve.take(self.is_finite)

    @property
    def steps(self) -> Ints:
        """Steps of the finite points, int64 [m]."""
        return self._finite.step

    @property
    def values(self) -> Floats:
        """Finite values, float64 [m]."""
        return self._finite.value

    @property
    def epochs(self) -> Floats:
        """Epochs of the finite points, float64 [m], NaN where unknown."""
        return self._finite.epoch

    @cached_property
    def is_positive(self) -> bool:
        return len(self.values) > 0 and float(self.values.min()) > 0

    @property
    def percent_scale(self) -> float:
        """The value that means 100% in this curve: 1, or 100 if the log has percentages."""
        return 100.0 if len(self.values) and float(self.values.max()) > PERCENT_ABOVE else 1.0

    @cached_property
    def scaled(self) -> Floats:
        """Logarithm of a positive curve, else the values: changes are then shares of the level, float64 [m]."""
        return np.log(self.values) if self.is_positive else self.values

    @cached_property
    def noise(self) -> Noise:
        """Noise of `scaled`."""
        return noise_of(self.scaled)

    @cached_property
    def rebound(self) -> Rebound:
        """End against best window of `scaled`, with the sign such that lower is better."""
        sign = -1.0 if self.direction == "higher" else 1.0
        return rebound_of(sign * self.scaled, self.noise)

    def trailing_deviation(self, level_points: int, noise_points: int) -> tuple[Floats, Floats]:
        """`statistics.trailing_deviation` of `scaled`."""
        key = level_points, noise_points
        if key not in self._trailing:
            self._trailing[key] = trailing_deviation(self.scaled, *key)
        return self._trailing[key]

    @cached_property
    def rise_share(self) -> float:
        """Rise of the end above the best window (lower is better), as a share of the best."""
        best, rise = self.rebound.best, self.rebound.rise
        return expm1(rise) if self.is_positive else rise / max(abs(best), 1e-12)

    @cached_property
    def epoch_means(self) -> EpochMeans | None:
        """The curve with running means that reset every epoch removed; None if it has none."""
        return epoch_means_of(self.values, self.epochs)

    @cached_property
    def without_epoch_averaging(self) -> CurveView | None:
        """The curve without running means: each value belongs to its own interval; None if there are too few digits."""
        means = self.epoch_means
        if means is None:
            return self
        return (
            CurveView(replace(self._finite, value=means.values), self.name, self.logged) if means.is_precise else None
        )

    def at(self, step: int) -> float:
        """Last finite value at or before a step; NaN before the first."""
        row = int(np.searchsorted(self.steps, step, side="right")) - 1
        return float(self.values[row]) if row >= 0 else float("nan")

    def at_each(self, steps: Ints) -> Floats:
        """The same for many steps, float64 of their length."""
        rows = np.searchsorted(self.steps, steps, side="right")
        return np.concatenate(([np.nan], self.values))[rows]

    @cached_property
    def different_steps(self) -> Ints:
        """Steps of all points without repetitions, int64, rising."""
        is_new = np.ones(len(self.all_steps), dtype=bool)
        is_new[1:] = self.all_steps[1:] != self.all_steps[:-1]
        return self.all_steps if is_new.all() else self.all_steps[is_new]

    @cached_property
    def interval(self) -> float:
        """Usual distance of two logged steps; infinite where there is one step."""
        steps = self.different_steps
        return median(np.diff(steps)) if len(steps) > 1 else np.inf

    def __len__(self) -> int:
        """Finite points."""
        return len(self.values)


class CurvesOf(Protocol):
    """The curves of a run by role and split, None means any: `RunView.curves`."""

    def __call__(self, role: Role | None = None, split: Split | None = None) -> list[CurveView]: ...
