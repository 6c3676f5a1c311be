"""A run as rules see it: effective curves, the main loss of each split, and shared quantities computed once."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from .epoch_means import EpochMeans, epoch_means_of
from .settings import names_restarts
from .statistics import Noise, Rebound, noise_of, rebound_of

if TYPE_CHECKING:
    from ..parsers.run import Bools, Curve, Direction, Floats, Ints, Role, Run, Split


PERCENT_ABOVE = 1.5  # a share that is computed wrongly may exceed 1 by some, percentages exceed this at once
STALL_RATIO = 20.0  # of the median interval; evaluations and checkpoints measured up to 11
STALL_SECONDS = 30.0  # shorter pauses are noise of a shared machine

RESTART_RATIO, RESTART_SHARE = 2.0, 0.1  # of the lowest learning rate so far, and of the peak

MIN_TIMED_EVALUATIONS = 4  # from which on it is known how long one takes

EVEN_COVERAGE = 0.8  # share of all steps that intervals of one length have to make up to speak for the run


class CurveView:
    """One curve after restarts were resolved, with what rules ask of it computed on first use."""

    def __init__(self, curve: Curve) -> None:
        self.curve = curve.effective()

    @property
    def name(self) -> str:
        return self.curve.name

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
    def steps(self) -> Ints:
        """Steps of the finite points, int64 [m]."""
        return self.curve.step[self.is_finite]

    @cached_property
    def values(self) -> Floats:
        """Finite values, float64 [m]."""
        return self.curve.value[self.is_finite]

    @cached_property
    def epochs(self) -> Floats:
        """Epochs of the finite points, float64 [m], NaN where unknown."""
        return self.curve.epoch[self.is_finite]

    @cached_property
    def is_positive(self) -> bool:
        return len(self.values) > 0 and float(self.values.min()) > 0

    @property
    def full(self) -> float:
        """What a share of everything is in this curve: 1, or 100 where the log has percentages."""
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
        """End against best window of `scaled`, turned so that lower is better."""
        sign = -1.0 if self.direction == "higher" else 1.0
        return rebound_of(sign * self.scaled, self.noise)

    @cached_property
    def epoch_means(self) -> EpochMeans | None:
        """The running means that start anew each epoch, undone; None if the curve holds none."""
        return epoch_means_of(self.values, self.epochs)

    @cached_property
    def undone(self) -> CurveView | None:
        """The curve without running means: each value stands for its own interval; None if the digits do not suffice."""
        means = self.epoch_means
        if means is None:
            return self
        return CurveView(replace(self.curve.take(self.is_finite), value=means.values)) if means.is_precise else None

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
        return self.all_steps[is_new]

    def __len__(self) -> int:
        """Finite points."""
        return len(self.values)


class Pace(NamedTuple):
    """How long the logged intervals of a run took.

    Attributes:
        steps: step at the end of each interval, int64 [n].
        spans: steps in it, int64 [n].
        seconds: how long it took, float64 [n].

    """

    steps: Ints
    spans: Ints
    seconds: Floats

    @property
    def per_step(self) -> Floats:
        """Seconds a step, float64 [n]."""
        return self.seconds / self.spans

    @property
    def usual_seconds(self) -> Floats:
        """How long each interval takes at the usual pace, the median interval at least, float64 [n]."""
        if len(self.seconds) == 0:
            return np.empty(0)
        return np.asarray(np.maximum(np.median(self.seconds), np.median(self.per_step) * self.spans))

    @property
    def is_stalled(self) -> Bools:
        """Intervals in which the training stood still, bool [n]."""
        return self.seconds >= np.maximum(STALL_RATIO * self.usual_seconds, STALL_SECONDS)


class RunView:
    """What a rule is given: a run through which it looks up curves by meaning."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.hyperparameters = run.hyperparameters
        self.notes = run.notes

    @cached_property
    def all_curves(self) -> list[CurveView]:
        return [CurveView(curve) for curve in self.run.all_curves]

    @cached_property
    def has_validation(self) -> bool:
        return any(c.split == "validation" and c.role in ("loss", "score", "perplexity") for c in self.all_curves)

    def curves(self, role: Role | None = None, split: Split | None = None) -> list[CurveView]:
        """Curves of a role and a split, None means any; where nothing is called validation, test plays its part."""
        if split == "validation" and not self.has_validation:
            split = "test"
        return [c for c in self.all_curves if role in (None, c.role) and split in (None, c.split)]

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
        """The main loss of a split: the total where parts are logged, else the one with the most points."""
        return self._main_losses.get(split)

    @cached_property
    def _main_losses(self) -> dict[Split, CurveView]:
        found: dict[Split, CurveView] = {}
        splits: tuple[Split, ...] = ("train", "validation", "test")
        for split in splits:
            usable = [c for c in self.curves("loss", split) if c.direction == "lower" and not c.layer]
            usable = usable or self.curves("perplexity", split)
            if usable:
                found[split] = max(usable, key=lambda c: (is_total(c.tag), len(c.all_values)))
        return found

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

        Where it is not logged the settings may tell.
        """
        rate = self.learning_rate
        if rate is None:
            return names_restarts(self.hyperparameters)
        annealed = rate.values[int(np.argmax(rate.values)) :]
        lowest = np.minimum.accumulate(annealed)
        return bool(((annealed >= RESTART_RATIO * lowest) & (annealed >= RESTART_SHARE * annealed[0])).any())

    def setting(self, *names: str) -> float | None:
        """A numeric hyperparameter by the last part of its dotted key, the first of the names that is there."""
        by_leaf = {key.rpartition(".")[2].lower(): value for key, value in reversed(self.hyperparameters.items())}
        for name in names:
            value = by_leaf.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return float(value)
        return None

    @cached_property
    def _timed_curve(self) -> Curve | None:
        timed = [c for c in self.run.all_curves if not c.statistic and np.isfinite(c.wall_time).any()]
        return max(timed, key=lambda c: (int(np.isfinite(c.wall_time).sum()), c.role == "loss"), default=None)

    @property
    def timed_curve_name(self) -> str:
        """Name of the curve that `pace` was taken from; "" if no curve has wall times."""
        return self._timed_curve.name if self._timed_curve else ""

    @cached_property
    def pace(self) -> Pace:
        """Durations between the points of the curve with most wall times; pauses between writer segments left out."""
        curve = self._timed_curve
        if curve is None:
            return Pace(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        is_inner = np.ones(len(curve), dtype=bool)
        is_inner[[segment.start for segment in curve.segments]] = False
        steps, seconds = np.diff(curve.step), np.diff(curve.wall_time)
        usable = is_inner[1:] & (steps > 0) & (seconds >= 0)
        return Pace(curve.step[1:][usable], steps[usable], seconds[usable])

    @cached_property
    def even_pace(self) -> Pace:
        """The intervals of about the same length in steps that make up most of the run; empty if none do.

        An interval may hold an evaluation; a second a step can only be compared between intervals of one length.
        """
        spans = self.pace.spans
        if len(spans) == 0:
            return self.pace
        ordered = np.sort(spans)
        usual = ordered[np.searchsorted(np.cumsum(ordered), ordered.sum() / 2)]
        is_usual = (spans >= usual / 2) & (spans <= 2 * usual)
        is_most = spans[is_usual].sum() >= EVEN_COVERAGE * spans.sum()
        return Pace(*(part[is_usual & is_most] for part in self.pace))

    def holds_evaluation(self, pace: Pace) -> Bools:
        """Intervals in which the model may have been evaluated, bool [n]; none if that is so for half of them.

        An evaluation at the step of a training point comes before or after it, as the logger pleases, and so falls into the
        interval that ends there or into the next one: into the slower ones of the two kinds.
        """
        splits: tuple[Split, ...] = ("validation", "test")
        evaluated = [c.step for c in self.run.all_curves if c.split in splits and c.axis == "step"]
        steps = np.unique(np.concatenate(evaluated)) if evaluated else np.empty(0, np.int64)
        begins, ends = pace.steps - pace.spans, pace.steps
        sides: tuple[Literal["left", "right"], ...] = ("right", "left")
        kinds = [np.searchsorted(steps, ends, side=side) > np.searchsorted(steps, begins, side=side) for side in sides]
        few = [holds for holds in kinds if 0 < holds.mean() <= 0.5]
        none = np.zeros(len(ends), dtype=bool)
        return max(few, key=lambda holds: float(np.median(pace.per_step[holds])), default=none)

    def is_evaluation_time(self, pace: Pace, ratio: float) -> Bools:
        """Intervals whose length an evaluation explains, bool [n]: not `ratio` times as long as others that hold one."""
        holds = self.holds_evaluation(pace)
        if holds.sum() < MIN_TIMED_EVALUATIONS:
            return holds
        return holds & (pace.per_step < ratio * np.median(pace.per_step[holds]))

    def layers(self, role: Role) -> list[CurveView]:
        """Curves of a role that belong to a layer, in network order as far as names and the log tell."""
        return [c for c in self.all_curves if c.role == role and c.layer]


def is_total(tag: str) -> bool:
    """Whether a loss tag names the whole loss rather than one of its terms."""
    words = tag.lower().replace("/", " ").replace("_", " ").replace("-", " ").split()
    terms = {"loss", "total", "train", "training", "val", "valid", "validation", "eval", "test", "epoch", "lm", "main"}
    return all(word in terms for word in words)
