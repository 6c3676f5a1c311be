"""The part `studies` of report.json: configurations and effects of all studies, with q values over all tests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...rules.statistics.seed_noise import pooled_noise
from .effect_text import effect_sentence, failure_sentence, resource_sentence
from .effects import competing, effects_on_outcome
from .failure_causes import causes_of_failure
from .multiplicity import q_values
from .resource_effects import resource_effects
from .study_table import median

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ...rules.view.study import Configuration, Study
    from ..report.studies_schema import EffectEntry, StudyConfigurationEntry, StudyEntry
    from .effects import Effect, Verdict
    from .failure_causes import FailureCause
    from .resource_effects import ResourceEffect

# Of a family without any effect, at most 5% may be told one; the estimated noise of seeds costs some of that.
MAX_Q = 0.04
MAX_LOGARITHM = 700.0  # exponentials of more are not finite


def studies_document(studies: Sequence[Study]) -> list[StudyEntry]:
    """Entries of all studies, largest first; JSON types only."""
    asked = sum(len(study.hyperparameters) for study in studies)
    failures = [causes_of_failure(study) for study in studies]
    asked += sum(map(len, failures))
    effects = [effects_on_outcome(study, asked) for study in studies]
    settle([each for own in effects for each in own], [each for own in failures for each in own])
    return [
        {
            "metric": study.metric,
            "split": study.split,
            "direction": study.direction,
            "runs": [run.name for run in study.runs],
            "hyperparameters": [name for first in study.hyperparameters for name in study.names_of(first)],
            "from_names": sorted(study.from_names),
            "configurations": _configurations(study),
            "seed_deviation": _known(pooled_noise(each.values for each in study.configurations).deviation),
            "effects": [
                *(_effect_entry(each) for each in sorted(own, key=_rank)), *(_failure_entry(each) for each in causes),
                *(_resource_entry(each) for each in resources),
            ],
        }
        for study, own, causes, resources in zip(studies, effects, failures, resource_effects(studies), strict=True)
    ]  # fmt: skip


def settle(effects: Sequence[Effect], failures: Sequence[FailureCause]) -> None:
    """Set q values over all tests, and the verdicts of the effects."""
    tested = [each for each in effects if each.is_asked]
    p_values = [each.p_value for each in tested] + [each.p_value for each in failures]
    q = q_values(p_values, len(p_values))
    for effect, value in zip(tested, q, strict=False):
        effect.q_value = value
    for cause, value in zip(failures, q[len(tested) :], strict=True):
        cause.q_value = value
    for each in tested:
        is_found = each.q_value <= MAX_Q
        each.verdict = "no-evidence" if not is_found else "cannot-tell" if competing(each) else "effect"


def _rank(effect: Effect) -> tuple[int, float, str]:
    order = ("effect", "cannot-tell", "no-evidence")
    p_value = effect.p_value if effect.is_asked else 2.0
    return (order.index(effect.verdict) if effect.is_asked else len(order)), p_value, effect.hyperparameter


def _configurations(study: Study) -> list[StudyConfigurationEntry]:
    sign = 1.0 if study.is_lower_better else -1.0

    def rank(entry: StudyConfigurationEntry) -> tuple[bool, float]:
        middle = entry["median"]
        return middle is None, sign * (middle or 0.0)

    return sorted((_configuration(each) for each in study.configurations), key=rank)


def _configuration(configuration: Configuration) -> StudyConfigurationEntry:
    values = configuration.values
    return {
        "hyperparameters": {
            name: value if isinstance(value, str) or math.isfinite(value) else str(value)
            for name, value in configuration.hyperparameters.items()
        },
        "runs": [run.name for run in configuration.runs],
        "seeds": list(configuration.seeds),
        "median": _median(values) if values else None,
        "low": min(values) if values else None,
        "high": max(values) if values else None,
        "failures": configuration.failures,
    }


def _median(values: Sequence[float]) -> float:
    import numpy as np

    array: NDArray[np.float64] = np.array(values)
    return median(array)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _effect_entry(effect: Effect) -> EffectEntry:
    more = None if effect.wanted is None else max(1, math.ceil(effect.wanted - effect.seeds))
    return {
        "hyperparameter": effect.hyperparameter,
        "kind": "outcome",
        "verdict": effect.verdict,
        "levels": list(effect.levels or ()),
        "difference": _known(effect.difference),
        "low": _known(effect.low),
        "high": _known(effect.high),
        "p_value": _known(effect.p_value),
        "q_value": _known(effect.q_value),
        "pairs": effect.pairs,
        "seeds": round(effect.seeds, 3),
        "smallest_shown": _known(effect.shown),
        "more_seeds": more,
        "rank_correlation": _known(effect.correlation),
        "tied": effect.tied,
        "sentence": effect_sentence(effect),
    }


def _failure_entry(cause: FailureCause) -> EffectEntry:
    verdict = failure_verdict(cause)
    return {
        "hyperparameter": cause.hyperparameter,
        "kind": "failure",
        "verdict": verdict,
        "levels": [],
        "difference": cause.failed[0] / cause.runs[0] - cause.failed[1] / cause.runs[1],
        "low": None,
        "high": None,
        "p_value": cause.p_value,
        "q_value": _known(cause.q_value),
        "pairs": cause.agreeing + cause.opposing,
        "seeds": 0.0,
        "smallest_shown": None,
        "more_seeds": None,
        "rank_correlation": None,
        "tied": list(cause.study.tied.get(cause.hyperparameter, ())),
        "sentence": failure_sentence(cause, verdict),
    }


def _resource_entry(found: ResourceEffect) -> EffectEntry:
    """An effect on throughput, memory or speed: its ends are changes relative to the first level."""
    entry = _effect_entry(found.effect)
    effect = found.effect
    entry["kind"] = found.resource
    entry["difference"], entry["low"], entry["high"] = (
        _known(math.expm1(value)) if value < MAX_LOGARITHM else None
        for value in (effect.difference, effect.low, effect.high)
    )
    entry["smallest_shown"] = None
    entry["sentence"] = resource_sentence(found)
    return entry


def failure_verdict(cause: FailureCause) -> Verdict:
    """`effect` if chance is excluded; `cannot-tell` if so few runs could not show it."""
    if cause.q_value <= MAX_Q:
        return "cannot-tell" if cause.study.tied.get(cause.hyperparameter) else "effect"
    return "cannot-tell" if cause.is_separated else "no-evidence"
