"""Configurations that are compared differ in more than one hyperparameter.

## What it finds
A study of a few configurations in which no two differ in one hyperparameter only.

## Why it matters
Where several settings change together, a difference in the result belongs to all of them at once. No number of seeds can
tell which one it is.

## How it is detected
Settings are compared without seeds, paths, names, hosts, dates and intervals of logging. Settings that change together in all
configurations count as one each. Random searches, with more configurations than the threshold, are left out.

## When it is a false alarm
Settings that belong together (a batch size and the learning rate that is scaled with it) may be meant as one change.

## What to do
Add a configuration between the two that differs in one of the settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import BatchRule, Comparison, Severity
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.study import Batch, Configuration, Study

MAX_NAMES = 6


@thresholds
class Limits:
    """Thresholds of this rule."""

    max_configurations: int = limit(8, "more are a search, not an ablation", unit="runs")
    max_different: int = limit(6, "configurations that differ in more were not meant as a comparison", unit="values")


def check(batch: Batch, limits: Limits) -> Iterator[Comparison]:
    """Yield one finding for each study of a few configurations without a controlled pair."""
    for study in batch.studies:
        few = study.configurations
        if not 2 <= len(few) <= limits.max_configurations:
            continue
        pairs = [(_different(one, other, study), one, other) for i, one in enumerate(few) for other in few[i + 1 :]]
        names, one, other = min(pairs, key=lambda pair: len(pair[0]))
        if not 1 < len(names) <= limits.max_different:
            continue
        listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) <= MAX_NAMES else f"{len(names)} settings"
        yield Comparison(
            message=f"{one.runs[0].name} and {other.runs[0].name} differ in {listed}, and no two of the {len(few)} configurations differ in one "
            f"setting only: a difference in {study.metric} cannot be assigned to any of them",
            confidence=0.9,
            runs=(one.runs[0].name, other.runs[0].name),
            evidence={"different_settings": float(len(names)), "configuration_count": float(len(few))},
            remedies=(f"add a run that differs from {one.runs[0].name} in {names[0]} only",),
        )


def _different(one: Configuration, other: Configuration, study: Study) -> list[str]:
    """All names of the settings in which two configurations differ, tied ones included."""
    return [
        name
        for first in study.hyperparameters
        for name in study.names_of(first)
        if one.hyperparameters[name] != other.hyperparameters[name]
        and "none" not in (one.hyperparameters[name], other.hyperparameters[name])
    ]


RULE = BatchRule(
    id="uncontrolled-ablation",
    family="comparison",
    severity=Severity.INFO,
    since="0.1.0",
    title="Compared configurations differ in one setting",
    failure_title="Uncontrolled ablation",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)
