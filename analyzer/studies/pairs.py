"""Controlled comparisons in a study: configurations that differ in one hyperparameter only."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...rules.statistics.distinct import distinct
from ...rules.view.study import ControlledPair

if TYPE_CHECKING:
    from ...parsers.run import Ints
    from ...parsers.settings.kinds import Value
    from ...rules.view.study import Study

FEW = 4  # configurations, of which each may have values of its own
Block = dict[int, int]  # configurations by level of a hyperparameter, all else equal


def ordered(values: set[Value]) -> list[Value]:
    """Levels of a hyperparameter in order: numbers by size, then texts."""
    return sorted(
        values, key=lambda value: (isinstance(value, str), value if isinstance(value, float) else 0.0, str(value))
    )


class Design:
    """Which values of which hyperparameters were run together.

    Attributes:
        levels: values of each hyperparameter, in order.
        column: int64 [configurations, hyperparameters], the level of each.

    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.levels: dict[str, list[Value]] = {}
        columns = []
        for name in study.hyperparameters:
            values = [each.hyperparameters[name] for each in study.configurations]
            self.levels[name] = ordered(set(values))
            number = {value: i for i, value in enumerate(self.levels[name])}
            columns.append([number[value] for value in values])
        shape = (len(study.hyperparameters), len(study.configurations))
        self.column: Ints = np.array(columns, np.int64).reshape(shape).T

    @cached_property
    def _codes(self) -> Ints:
        """A random number of 64 bits for each level, [configurations, hyperparameters]: their sum names a configuration."""
        random = np.random.default_rng(0)
        codes = np.zeros(self.column.shape, np.int64)
        for place, name in enumerate(self.study.hyperparameters):
            codes[:, place] = random.integers(-(2**62), 2**62, len(self.levels[name]))[self.column[:, place]]
        return codes

    @cached_property
    def _sums(self) -> Ints:
        with np.errstate(over="ignore"):
            return np.asarray(self._codes.sum(axis=1), np.int64)

    def place(self, name: str) -> int:
        """Column of a hyperparameter."""
        return self.study.hyperparameters.index(name)

    def blocks(self, name: str) -> list[Block]:
        """Groups of configurations that differ in one hyperparameter only, at least two each."""
        place = self.place(name)
        with np.errstate(over="ignore"):
            rest = self._sums - self._codes[:, place]
        blocks: dict[int, Block] = defaultdict(dict)
        for number, (key, level) in enumerate(zip(rest.tolist(), self.column[:, place].tolist(), strict=True)):
            blocks[key][level] = number
        return [block for block in blocks.values() if len(block) > 1]

    def pairs(self, name: str) -> list[ControlledPair]:
        """All controlled pairs of a hyperparameter."""
        found = []
        for block in self.blocks(name):
            levels = sorted(block)
            found += [
                ControlledPair(name, block[low], block[high])
                for i, low in enumerate(levels)
                for high in levels[i + 1 :]
            ]
        return found

    def always_with(self, name: str) -> list[str]:
        """Other hyperparameters that change whenever this one does, between any two configurations."""
        place = self.place(name)
        n = len(self.column)
        found = []
        for other, other_name in enumerate(self.study.hyperparameters):
            count = len(self.levels[other_name])
            if other == place or (count == n > FEW):  # a value of its own in each run repeats nothing
                continue
            # every value of the other one belongs to a single value of this one
            pairs = self.column[:, other] * len(self.levels[name]) + self.column[:, place]
            if len(distinct(pairs)) == count:
                found.append(other_name)
        return found


def controlled_pairs(study: Study) -> dict[str, list[ControlledPair]]:
    """The controlled pairs of each hyperparameter of a study."""
    design = Design(study)
    return {name: design.pairs(name) for name in study.hyperparameters}
