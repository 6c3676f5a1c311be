"""Effects of hyperparameters on throughput, memory, and the steps until a value is reached: how they compare, all else equal.

Each quantity takes the place of the outcome, as its logarithm, so that the tests are those of `effects` and differences are
ratios. Machines and days differ as well: only changes that are clear and large are told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from ...rules.view.study import Outcome
from ..studies.pairs import Design
from .effects import competing, effects_on_outcome
from .multiplicity import q_values

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...rules.view.study import RunDigest, Study
    from .effects import Effect

Resource: TypeAlias = Literal["throughput", "memory", "speed"]

# Changes below these ratios are told by nobody: as in the gate, throughput and memory vary by a tenth between machines and days,
# and steps until a value is reached by a quarter between seeds.
LEAST_RATIO: dict[Resource, float] = {"throughput": 1.1, "memory": 1.1, "speed": 1.25}
MAX_Q = 0.04  # as for outcomes


@dataclass(frozen=True, slots=True, eq=False)
class ResourceEffect:
    """An effect on a quantity; `effect` compares logarithms. `value`: of the metric, that all runs reach, for the speed."""

    resource: Resource
    effect: Effect
    value: float = math.nan

    @property
    def ratio(self) -> float:
        """The quantity at the second level over that at the first."""
        return math.exp(self.effect.difference)


def resource_effects(studies: Sequence[Study]) -> list[list[ResourceEffect]]:
    """For each study the effects that are told; the q values are over all comparisons of these quantities."""
    compared = [_compared(study) for study in studies]
    asked = [each for own in compared for each in own if each.effect.is_asked and each.effect.levels is not None]
    q = q_values([each.effect.p_value for each in asked], len(asked))
    for each, value in zip(asked, q, strict=True):
        each.effect.q_value = value
        is_large = abs(each.effect.difference) >= math.log(LEAST_RATIO[each.resource])
        is_told = value <= MAX_Q and is_large and not competing(each.effect) and not each.effect.by_other
        each.effect.verdict = "effect" if is_told else "no-evidence"
    return [[each for each in own if each.effect.verdict == "effect"] for own in compared]


def _compared(study: Study) -> list[ResourceEffect]:
    design = Design(study)
    if not any(design.blocks(name) for name in study.hyperparameters):
        return []
    level = common_level(study)
    quantities: tuple[tuple[Resource, Callable[[RunDigest], float]], ...] = (
        ("throughput", lambda run: run.throughput),
        ("memory", lambda run: run.memory),
        ("speed", lambda run: steps_to(run, study, level)),
    )
    found = []
    for resource, quantity in quantities:
        changed = _with_outcome(study, resource, quantity)
        if changed is not None:
            found += [ResourceEffect(resource, each, level) for each in effects_on_outcome(changed, by_rank=False)]
    return found


def _with_outcome(study: Study, resource: Resource, quantity: Callable[[RunDigest], float]) -> Study | None:
    """The study with the logarithm of a quantity as its outcome; None unless all finished runs have it, and it varies."""
    values = {run.name: quantity(run) for run in study.runs if not run.failure and run.has_outcome}
    if not values or not all(0 < value < math.inf for value in values.values()) or len(set(values.values())) < 2:
        return None
    direction: Literal["lower", "higher"] = "higher" if resource == "throughput" else "lower"

    def changed(run: RunDigest) -> RunDigest:
        value = math.log(values[run.name]) if run.name in values else math.nan
        own = Outcome(resource, "none", direction, "step", value, 0, math.nan, math.nan, math.nan, 0, 1)
        return replace(run, outcomes=(own,))

    configurations = tuple(replace(each, runs=tuple(map(changed, each.runs))) for each in study.configurations)
    return replace(study, metric=resource, split="none", direction=direction, configurations=configurations)


def common_level(study: Study) -> float:
    """A value of the deciding metric that all finished runs reach: the outcome of the worst one; NaN if there is none."""
    values = [value for each in study.configurations for value in each.values]
    return math.nan if not values else max(values) if study.is_lower_better else min(values)


def steps_to(run: RunDigest, study: Study, level: float) -> float:
    """The first step of the deciding curve that is as good as a level; NaN if that is unknown or its first one."""
    curve = next((each for each in run.curves if (each.name, each.split) == (study.metric, study.split)), None)
    if curve is None:
        return math.nan
    with np.errstate(invalid="ignore"):
        hits = curve.values <= level if study.is_lower_better else curve.values >= level
    place = int(np.argmax(hits))
    return float(curve.steps[place]) if hits.any() and place > 0 else math.nan
