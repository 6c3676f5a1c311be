"""What every method of fine-tuning logs, before a library gives it names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.signal import lfilter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass
class Signals:
    """One training: n logged points and m evaluations.

    Attributes:
        rng: its generator of random numbers.
        steps: optimiser steps of the logged points, int64 [n].
        eval_rows: which points an evaluation follows, int64 [m].
        train: quantity -> values, float64 [n].
        evals: quantity -> values of held-out prompts or pairs, float64 [m].

    """

    rng: np.random.Generator
    steps: NDArray[np.int64]
    eval_rows: NDArray[np.int64]
    train: dict[str, Floats] = field(default_factory=dict)
    evals: dict[str, Floats] = field(default_factory=dict)

    @classmethod
    def of_random_length(cls, seed: int) -> Signals:
        """60 to 400 points, a log each 1, 5 or 10 steps, and 10 to 30 evaluations."""
        rng = np.random.default_rng(seed)
        points = int(np.exp(rng.uniform(np.log(60), np.log(400))))
        every = max(1, points // int(rng.integers(10, 31)))
        return cls(rng, np.arange(1, points + 1) * int(rng.choice([1, 5, 10])), np.arange(every - 1, points, every))

    @property
    def points(self) -> int:
        return len(self.steps)

    @property
    def progress(self) -> Floats:
        """0 at the first point, 1 at the last one, float64 [n]."""
        return np.linspace(0, 1, self.points)

    @property
    def eval_progress(self) -> Floats:
        """The same of the evaluations, float64 [m]."""
        return self.progress[self.eval_rows]

    def noise(self, correlation: float = 0.2) -> Floats:
        """Correlated Gaussian noise of unit variance, float64 [n]."""
        shocks = self.rng.normal(size=self.points) * np.sqrt(1 - correlation**2)
        return np.asarray(lfilter([1.0], [1.0, -correlation], shocks))

    def around(self, level: Floats, share: float) -> Floats:
        """A positive quantity with multiplicative noise, float64 [n]."""
        return level * np.exp(share * self.noise())

    def ramp(self, start: float, end: float) -> Floats:
        """0 before one share of the run, 1 after another, a line between, float64 [n]."""
        return np.clip((self.progress - start) / (end - start), 0, 1)

    def eval_ramp(self, start: float, end: float) -> Floats:
        return self.ramp(start, end)[self.eval_rows]

    def warm_cosine(self, peak: float) -> Floats:
        """A learning rate that is raised over the first 5% of the run and annealed to 1% of its peak, float64 [n]."""
        annealed = 0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * self.progress))
        return np.asarray(peak * np.minimum(annealed, (self.progress + 0.01) / 0.06))


class Fault(NamedTuple):
    """A fault, and the rules of which one has to find it.

    Attributes:
        plant: changes a healthy training.
        needs: ids of rules.

    """

    plant: Callable[[Signals], None]
    needs: Sequence[str]


class Method(NamedTuple):
    """A way of fine-tuning.

    Attributes:
        healthy: makes a healthy training of a seed.
        faults: name -> fault.
        libraries: that log it.

    """

    healthy: Callable[[int], Signals]
    faults: Mapping[str, Fault]
    libraries: Sequence[str]
