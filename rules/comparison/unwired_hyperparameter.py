"""Runs with different hyperparameters have equal curves: a setting has no effect at all.

## What it finds
Two or more runs whose logs or configuration files have different values of a hyperparameter, but whose losses and scores
are equal at every logged point.

## Why it matters
Any change of a setting that reaches the training changes the curve, if only in the last digits. Equal curves mean that the
value is read from somewhere else: the argument is not passed on, a default overrides it, or the configuration is logged but
not used. Every comparison of these runs is then a comparison of a run with itself.

## How it is detected
Curves are equal if their steps agree and their values agree bit for bit, or to all digits that both logs have, in all
losses and scores that the runs share, at 20 or more points. Points count only as far as their scatter exceeds the
resolution of the digits, so that runs stuck at one level are not taken for equal. Paths, names, hosts, dates and intervals
of logging are no hyperparameters; nor are settings that only act when training ends (patience, a monitored metric, numbers
of epochs).

## When it is a false alarm
The setting may rightly have no effect in these runs: the momentum of an optimizer that has none, the rate of a dropout
layer that the model does not contain, a limit that is never reached. Logs with few digits can hide a tiny effect.

## What to do
Print the value where it is used, not where it is parsed. Compare one step of training with an extreme value. Fix the
assignment and repeat the runs.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ...parsers.meaning.words import words_of
from ..base import BatchRule, Comparison, Severity
from ..thresholds import limit, thresholds
from ._equal_curves import differences, equal_runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.settings.kinds import Value
    from ..view.study import Batch
    from ._equal_curves import EqualRuns

# Settings that act only at the end of training, or on the evaluation.
_LATE_WORDS = frozenset(
    "patience monitor stopping early epochs epoch steps iters iterations max total planned budget".split()
)
MAX_RUNS = 6


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "fewer equal points can be a shared beginning or a coarse log", unit="points")
    min_bits: float = limit(40.0, "chance of 1e-12 that unrelated digits agree: none in ten billion pairs of runs")


def check(batch: Batch, limits: Limits) -> Iterator[Comparison]:
    """Yield one finding for each set of settings that has no effect."""
    found: dict[tuple[str, ...], list[tuple[EqualRuns, dict[str, tuple[Value, ...]]]]] = defaultdict(list)
    for group in equal_runs(batch, limits.min_points, limits.min_bits):
        chosen = {
            name: values
            for name, values in differences(group.runs).chosen.items()
            if not _LATE_WORDS & set(words_of(name))
        }
        if chosen:
            found[tuple(sorted(chosen))].append((group, chosen))
    for names, groups in sorted(found.items()):
        group, chosen = groups[0]
        runs = tuple(run.name for each, _ in groups for run in each.runs)
        settings = "; ".join(f"{name} {_values(chosen[name])}" for name in names[:4])
        several = f" So it is in {len(groups)} groups of runs." if len(groups) > 1 else ""
        yield Comparison(
            message=f"{_listed(tuple(run.name for run in group.runs))} have different settings ({settings}), but all {group.curves} curves "
            f"are equal {group.how}, up to {group.points:,} points.{several}",
            confidence=0.97 if group.is_exact else 0.9,
            runs=runs,
            evidence={
                "run_count": float(len(runs)),
                "setting_count": float(len(names)),
                "point_count": float(group.points),
                "curve_count": float(group.curves),
            },
            remedies=(
                f"check that {names[0]} reaches the code that uses it: print it there, not where it is parsed",
                "repeat these runs after the fix; until then count them as one run",
            ),
        )


def _values(values: tuple[Value, ...]) -> str:
    different = list(dict.fromkeys(value if isinstance(value, str) else f"{value:.6g}" for value in values))
    return ", ".join(different[:4]) + (" ..." if len(different) > 4 else "")


def _listed(names: tuple[str, ...]) -> str:
    if len(names) > MAX_RUNS:
        return f"{', '.join(names[:MAX_RUNS])} and {len(names) - MAX_RUNS:,} more runs"
    return f"{', '.join(names[:-1])} and {names[-1]}"


RULE = BatchRule(
    id="unwired-hyperparameter",
    family="comparison",
    severity=Severity.ERROR,
    since="0.1.0",
    title="Different settings give different curves",
    failure_title="Setting without effect",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)
