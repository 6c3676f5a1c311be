"""What differs between two groups of runs: settings, schedule, length, data; and which setting is the likely reason."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.settings.kinds import is_incidental_value, kind_of_name, typed
from ..studies.hyperparameter_columns import KNOWN_HYPERPARAMETERS, level_text
from ..studies.run_settings import NONE, settings_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.settings.kinds import Value
    from ...rules.view.study import RunDigest
    from .run_groups import RunGroup

MAX_VALUES = 4  # of a setting that varies within a group
SAME = 0.01  # relative difference of learning rates and lengths that counts as none


@dataclass(slots=True)
class SettingDifferences:
    """Settings in which two groups differ.

    Attributes:
        values: by name, the value in either group as text or number; chosen settings and the data, well-known names first.
        incidental: those that nobody chooses for their effect, such as paths, and seeds.
        unclear: names of those in `values` that vary within a group.
        data: names of those in `values` that name the data.
        schedule: first, largest and last learning rate of either group, empty if they are the same or unknown.
        lengths: last step of the longest run of either group, empty if they are the same.
        rate_name: name of the curve of the learning rate.
        is_one_unknown: one group has settings and the other has none at all: then nothing is known of it.

    """

    values: dict[str, tuple[Value, Value]] = field(default_factory=dict)
    incidental: dict[str, tuple[Value, Value]] = field(default_factory=dict)
    unclear: set[str] = field(default_factory=set)
    data: set[str] = field(default_factory=set)
    schedule: tuple[tuple[float, float, float], ...] = ()
    lengths: tuple[int, ...] = ()
    axis: str = "step"
    rate_name: str = ""
    is_one_unknown: bool = False

    @property
    def groups(self) -> list[list[str]]:
        """Names that count as one setting: the parts of a choice, such as the momentum of one optimizer, belong to it."""
        parts = [name for name, pair in self.values.items() if NONE in pair]
        wholes = [name for name in self.values if name not in parts]
        choices = [name for name in wholes if all(isinstance(value, str) for value in self.values[name])]
        if len(choices) == 1 and len(wholes) == 1 and parts:
            return [[choices[0], *parts]]
        return [[name] for name in self.values]

    @property
    def likely(self) -> list[str]:
        """The setting that is the reason of a difference, if only one can be."""
        if self.is_one_unknown:
            return []
        groups = self.groups
        if len(groups) == 1 and not self.unclear:
            return groups[0][:1]
        if not groups and self.schedule and self.rate_name:
            return [self.rate_name]
        return []

    @property
    def confounded(self) -> list[list[str]]:
        """Names of settings that change together, so that their effects cannot be told apart."""
        return [list(self.values)] if len(self.groups) > 1 and not self.is_one_unknown else []


def setting_differences(first: RunGroup, second: RunGroup) -> SettingDifferences:
    """Compare the settings of two groups of runs."""
    runs = [*first.runs, *second.runs]
    cut = len(first.runs)
    table = settings_table(runs)
    found = SettingDifferences()
    knows = [
        any(value != NONE for row in rows for value in row.values()) for rows in (table.rows[:cut], table.rows[cut:])
    ]
    found.is_one_unknown = knows[0] != knows[1]
    for key in sorted(table.varying(), key=_importance):
        column = [row[key] for row in table.rows]
        if key in table.from_names and any(set(side) == {NONE} for side in (column[:cut], column[cut:])):
            continue  # a part of a name that only one side has is hardly a setting
        _add(found.values, found.unclear, table.names[key], column[:cut], column[cut:])
    for name, column in _others(runs).items():
        is_data = kind_of_name(name) == "data"
        if is_data and not any(is_incidental_value(value) for value in column):
            _add(found.values, found.unclear, name, column[:cut], column[cut:])
            found.data |= {name} & found.values.keys()
        elif name not in found.values:
            _add(found.incidental, set(), name, column[:cut], column[cut:])
    if len(set(table.seeds)) > 1:
        found.incidental.setdefault("seed", (_joined(table.seeds[:cut]), _joined(table.seeds[cut:])))
    _add_schedule(found, first, second)
    _add_lengths(found, first, second)
    return found


def _others(runs: Sequence[RunDigest]) -> dict[str, list[Value]]:
    """Values of the settings that name data, runs and places, by name."""
    columns: dict[str, list[Value]] = {}
    for number, run in enumerate(runs):
        for name, value in run.hyperparameters.items():
            if kind_of_name(name) != "chosen" or is_incidental_value(typed(value)):
                columns.setdefault(name, [NONE] * len(runs))[number] = typed(value)
    return {name: column for name, column in columns.items() if len(set(column)) > 1}


def _add(
    values: dict[str, tuple[Value, Value]],
    unclear: set[str],
    name: str,
    first: Sequence[Value],
    second: Sequence[Value],
) -> None:
    """Add a setting unless both groups have the same values of it."""
    own, other = set(first), set(second)
    if own == other:
        return
    values[name] = _joined(first), _joined(second)
    if len(own) > 1 or len(other) > 1:
        unclear.add(name)


def _joined(values: Sequence[Value]) -> Value:
    different = list(dict.fromkeys(values))
    if len(different) == 1:
        return different[0]
    shown = ", ".join(level_text(value) for value in different[:MAX_VALUES])
    return f"{shown}, ..." if len(different) > MAX_VALUES else shown


def _importance(key: str) -> int:
    name = key.replace(" ", "_")
    return KNOWN_HYPERPARAMETERS.index(name) if name in KNOWN_HYPERPARAMETERS else len(KNOWN_HYPERPARAMETERS)


def _add_schedule(found: SettingDifferences, first: RunGroup, second: RunGroup) -> None:
    """Compare the logged learning rates."""
    rates, names = [], []
    for group in (first, second):
        curves = [curve for run in group.runs for curve in run.curves if curve.role == "learning-rate"]
        known = [curve.values[np.isfinite(curve.values)] for curve in curves]
        own = [(float(v[0]), float(v.max()), float(v[-1])) for v in known if len(v)]
        if not own:
            return
        rates.append(tuple(float(np.median(column)) for column in zip(*own, strict=True)))
        names.append(curves[0].name)
    if any(abs(a - b) > SAME * max(abs(a), abs(b)) for a, b in zip(*rates, strict=True)):
        found.schedule = ((rates[0][0], rates[0][1], rates[0][2]), (rates[1][0], rates[1][1], rates[1][2]))
        found.rate_name = names[0]


def _add_lengths(found: SettingDifferences, first: RunGroup, second: RunGroup) -> None:
    """Compare the last steps of the longest runs."""
    ends = []
    for group in (first, second):
        known = [run.outcome for run in group.runs if run.outcome is not None]
        if not known:
            return
        longest = max(known, key=lambda outcome: outcome.last_step)
        ends.append((longest.last_step, longest.axis))
    (one, axis), (other, other_axis) = ends
    if axis == other_axis and math.fabs(one - other) > SAME * max(abs(one), abs(other)):
        found.lengths, found.axis = (one, other), axis
