"""Hyperparameters of many runs as columns of levels (distinct values)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...rules.statistics.correlation import rank_correlation
from ..report.verdict_text import clipped
from .association import cramers_v

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...parsers.run import Bools, Floats, Ints
    from ..report.schema import Scalar

MIN_GROUP = 5  # runs on each side of a comparison: with four against many, a single run changes the result
MIN_KNOWN = 0.5  # share of the runs that must log a hyperparameter: one that few log identifies a subset of the runs
MAX_HYPERPARAMETERS = 40  # of a study: each additional one reduces the power of all other tests
MAX_BINS = 5
DOMINANT_SHARE = 0.7  # if more runs share a value, ranks are mostly ties: that value is compared with the rest
TIED_ASSOCIATION = 0.8  # a few dozen runs cannot separate hyperparameters this closely associated
KNOWN_HYPERPARAMETERS = (
    "learning_rate", "lr", "base_lr", "lr0", "batch_size", "batch", "per_device_train_batch_size", "optimizer", "optim",
    "weight_decay", "dropout", "warmup_steps", "warmup_ratio", "epochs", "num_train_epochs", "max_steps", "seed", "model",
    "model_name_or_path", "dataset", "hidden_size", "momentum", "clip", "max_grad_norm",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class HyperparameterColumn:
    """A hyperparameter that varies.

    Attributes:
        levels: its values, in ascending order if they are numbers.
        level: int64 [n], index of each run's level, -1 if it was not logged.
        aliases: other hyperparameters that partition the runs in exactly the same way.

    """

    name: str
    levels: tuple[float, ...] | tuple[str, ...]
    level: Ints
    is_numeric: bool
    aliases: tuple[str, ...] = ()

    @property
    def is_known(self) -> Bools:
        return self.level >= 0

    @property
    def is_ordered(self) -> bool:
        """Whether ranks are meaningful: numbers with more than two values, none of which dominates."""
        counts = np.bincount(self.level[self.is_known])
        return self.is_numeric and len(self.levels) > 2 and int(counts.max()) < DOMINANT_SHARE * int(counts.sum())

    @property
    def values(self) -> Floats:
        """Value of each run, float64 [n]; NaN if it was not logged. Numeric hyperparameters only."""
        return np.append(np.asarray(self.levels, np.float64), np.nan)[self.level]

    def take(self, rows: Ints) -> HyperparameterColumn:
        """The column for some of the runs."""
        return replace(self, level=self.level[rows])

    def bins(self, rows: Bools | None = None) -> Ints:
        """Bin of each level, int64 [levels]: neighbouring levels are merged until each bin has enough runs."""
        known = self.level[self.is_known if rows is None else rows & self.is_known]
        counts = np.bincount(known, minlength=len(self.levels))
        if not self.is_numeric:
            return np.arange(len(counts))
        least = max(MIN_GROUP, math.ceil(len(known) / MAX_BINS))
        bins, held, number = [], 0, 0
        left = int(counts.sum())
        for count in counts.tolist():
            if held >= least and left >= least:
                number, held = number + 1, 0
            bins.append(number)
            held, left = held + count, left - count
        return np.array(bins, np.int64)


def columns_of(rows: Sequence[Mapping[str, Scalar]]) -> list[HyperparameterColumn]:
    """Hyperparameters that vary and that enough runs log; those with the same partition of the runs are merged."""
    names: dict[str, int] = {}
    for row in rows:
        for name, value in row.items():
            names[name] = names.get(name, 0) + (value is not None)
    frequent = [name for name, count in names.items() if count >= MIN_KNOWN * len(rows)]
    found: dict[bytes, HyperparameterColumn] = {}
    for name in sorted(frequent, key=lambda name: (_importance(name), -names[name], name)):
        hyperparameter = column_of(name, [row.get(name) for row in rows])
        if hyperparameter is None:
            continue
        division = _division(hyperparameter)
        if division in found:
            first = found[division]
            found[division] = HyperparameterColumn(
                first.name, first.levels, first.level, first.is_numeric, (*first.aliases, hyperparameter.name)
            )
        elif len(found) < MAX_HYPERPARAMETERS:
            found[division] = hyperparameter
    return list(found.values())


def column_of(name: str, logged: Sequence[Scalar]) -> HyperparameterColumn | None:
    """A hyperparameter as a column; None if it does not vary or merely identifies the runs."""
    values = [_plain(value) for value in logged]
    known = [value for value in values if value is not None]
    is_numeric = all(isinstance(value, float) for value in known)
    texts = values if is_numeric else [None if value is None else _text(value) for value in values]
    levels = sorted({value for value in texts if value is not None})
    if len(levels) < 2:
        return None
    number = {value: i for i, value in enumerate(levels)}
    level = np.array([-1 if value is None else number[value] for value in texts], np.int64)
    hyperparameter = HyperparameterColumn(name, tuple(levels), level, is_numeric)  # type: ignore[arg-type]
    return hyperparameter if hyperparameter.is_ordered or any(True for _ in indicators(hyperparameter)) else None


def indicators(hyperparameter: HyperparameterColumn) -> Iterator[tuple[str, Ints]]:
    """A hyperparameter as binary columns, int64 [n], -1 if unknown: each level with enough runs, against the rest.

    For two levels only the first is used, since the second is its complement.
    """
    counts = np.bincount(hyperparameter.level[hyperparameter.is_known], minlength=len(hyperparameter.levels))
    total = int(counts.sum())
    chosen = [i for i in np.argsort(-counts, kind="stable").tolist() if MIN_GROUP <= counts[i] <= total - MIN_GROUP]
    for i in chosen[: 1 if len(hyperparameter.levels) == 2 or hyperparameter.is_numeric else None]:
        yield (
            level_text(hyperparameter.levels[i]),
            np.where(hyperparameter.is_known, (hyperparameter.level == i).astype(np.int64), -1),
        )


def level_text(value: float | str) -> str:
    """A value in short form, close to the original: 0.0003, adam."""
    return value if isinstance(value, str) else f"{value:.6g}"


def _importance(name: str) -> int:
    last = name.rpartition(".")[2].lower()
    return KNOWN_HYPERPARAMETERS.index(last) if last in KNOWN_HYPERPARAMETERS else len(KNOWN_HYPERPARAMETERS)


def _plain(value: Scalar) -> float | str | None:
    """A finite number, even if logged as a text; otherwise a text; None if absent."""
    if value is None or isinstance(value, bool):
        return None if value is None else str(value).lower()
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return str(value)
    return number if math.isfinite(number) else str(value)


def _text(value: float | str) -> str:
    return clipped(level_text(value), 40)


def _division(hyperparameter: HyperparameterColumn) -> bytes:
    """A key that is equal for hyperparameters with the same partition of the runs, in the same or reverse order.

    If the order of the levels has no meaning, levels are ordered by their first run.
    """
    level = hyperparameter.level
    if hyperparameter.is_ordered:
        reverse = np.where(level < 0, -1, len(hyperparameter.levels) - 1 - level)
        return b"ordered" + min(level.tobytes(), reverse.tobytes())
    _, first, inverse = np.unique(level, return_index=True, return_inverse=True)
    return np.where(level < 0, -1, np.argsort(np.argsort(first))[inverse]).astype(np.int64).tobytes()


def are_tied(first: HyperparameterColumn, second: HyperparameterColumn) -> bool:
    """Whether two hyperparameters are so closely associated that the runs that log both cannot separate them."""
    rows = first.is_known & second.is_known
    if int(rows.sum()) < 2 * MIN_GROUP:
        return False
    closest = cramers_v(first.level[rows], second.level[rows])
    if first.is_numeric and second.is_numeric:
        closest = max(closest, abs(rank_correlation(first.values[rows], second.values[rows])))
    return closest >= TIED_ASSOCIATION
