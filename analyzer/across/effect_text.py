"""Effects of hyperparameters and causes of failures as sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..report.verdict_text import clipped, number, plural
from ..studies.hyperparameter_columns import level_text
from .effects import competing

if TYPE_CHECKING:
    from ...parsers.settings.kinds import Value
    from .effects import Effect
    from .failure_causes import FailureCause
    from .resource_effects import ResourceEffect

MAX_NAMES = 4
MAX_LEVELS = 6


def effect_sentence(effect: Effect) -> str:
    """What the runs say of a hyperparameter: the comparison, how sure it is, and what is missing to decide."""
    if effect.test in ("rank", "groups"):
        return _by_rank(effect)
    if effect.verdict == "effect":
        return f"{_main(effect)} ({_basis(effect)})."
    name, metric = _name(effect), clipped(effect.study.metric, 60)
    if effect.verdict == "no-evidence":
        return f"No evidence that {name} affects {metric}: {_change(effect)} ({_basis(effect)}). {_missing(effect)}".strip()
    return f"Cannot tell whether {name} affects {metric}: {_why(effect)}."


def _by_rank(effect: Effect) -> str:
    """A hyperparameter of a random search."""
    name, metric = _name(effect), clipped(effect.study.metric, 60)
    how = "Kruskal-Wallis test" if effect.test == "groups" else f"rank correlation {number(effect.correlation, 2)}"
    basis = (
        f"{how} over {effect.units:,} configurations of a search without controlled pairs, "
        f"p {_p(effect.p_value)}, q {_p(effect.q_value)}"
    )
    if effect.verdict == "effect":
        return f"{_rank_change(effect, name, metric)} ({basis})."
    if effect.verdict == "no-evidence":
        return f"No evidence that {name} affects {metric}: {basis}."
    names = _joined([clipped(each, 60) for each in [effect.hyperparameter, *competing(effect)][:MAX_NAMES]])
    return f"Cannot tell whether {name} affects {metric}: {names} change together ({basis})."


def _rank_change(effect: Effect, name: str, metric: str) -> str:
    if effect.test == "groups":
        ranked = sorted(effect.ranking, key=lambda each: each[1], reverse=not effect.study.is_lower_better)
        (best, first), (worst, last) = ranked[0], ranked[-1]
        return (
            f"{metric} is best with {name} {_level(best)} (median {number(first)}) and worst with {_level(worst)} "
            f"(median {number(last)})"
        )
    is_better = (effect.correlation < 0) == effect.study.is_lower_better
    return f"{metric} is {'better' if is_better else 'worse'} with a larger {name}"


def _main(effect: Effect) -> str:
    assert effect.levels is not None
    metric = clipped(effect.study.metric, 60)
    if effect.by_level and min(change for _, change in effect.by_level) < 0 < max(
        change for _, change in effect.by_level
    ):
        parts = "; ".join(
            f"{_by(effect, change)} where {clipped(effect.by_other, 60)} is {_level(value)}"
            for value, change in effect.by_level[:MAX_LEVELS]
        )
        return (
            f"The effect of {_name(effect)} on {metric} depends on {clipped(effect.by_other, 60)}: {_setting(effect, 1)} against "
            f"{_level(effect.levels[0])} is {parts}"
        )
    better = 1 if (effect.difference < 0) == effect.study.is_lower_better else 0
    width = (effect.high - effect.low) / 2
    text = (
        f"{metric} is better by {number(abs(effect.difference))} ± {number(width, 2)} with {_setting(effect, better)} than with "
        f"{_level(effect.levels[1 - better])}"
    )
    if len(effect.ranking) > 2:
        ranked = sorted(effect.ranking, key=lambda each: each[1], reverse=not effect.study.is_lower_better)
        text += f"; from best to worst {', '.join(_level(value) for value, _ in ranked[:MAX_LEVELS])}"
    if effect.by_other:
        other = "other settings" if effect.by_other == "others" else clipped(effect.by_other, 60)
        text += f"; the size of the effect depends on {other}"
    return text


def _by(effect: Effect, change: float) -> str:
    word = "better" if (change < 0) == effect.study.is_lower_better else "worse"
    return f"{word} by {number(abs(change))}"


def _change(effect: Effect) -> str:
    assert effect.levels is not None
    width = (effect.high - effect.low) / 2
    return f"it changes by {number(effect.difference)} ± {number(width, 2)} from {_setting(effect, 0)} to {_level(effect.levels[1])}"


def _basis(effect: Effect) -> str:
    """How many runs were compared, and how."""
    seeds = f"{effect.seeds:.3g} seeds each" if effect.seeds > 1 else "1 run each"
    pairs = f"{plural(effect.pairs, 'controlled pair')}, {seeds}"
    if effect.test == "sign-flip":
        how = f"exact sign-flip test of {effect.units} paired differences"
    else:
        noise = (
            "seed variance pooled over the configurations"
            if effect.noise_from == "seeds"
            else "variance between the pairs"
        )
        how = f"{'t' if effect.test == 't' else 'F'} test, {noise}"
    return f"{pairs}; {how}, p {_p(effect.p_value)}, q {_p(effect.q_value)}"


def _p(value: float) -> str:
    return "unknown" if math.isnan(value) else number(value, 2)


def _missing(effect: Effect) -> str:
    """The smallest effect that the runs could show, and the seeds that the observed one would need."""
    parts = []
    if math.isfinite(effect.shown):
        parts.append(f"An effect of {number(effect.shown, 2)} would have been found with a power of 80%.")
    if effect.wanted is not None:
        more = max(1, math.ceil(effect.wanted - effect.seeds))
        parts.append(
            f"{plural(more, 'more seed')} per configuration would decide on an effect of {number(abs(effect.difference), 2)}."
        )
    return " ".join(parts)


def _why(effect: Effect) -> str:
    others = competing(effect)
    if effect.reason == "confounded" or (others and effect.reason == ""):
        names = [effect.hyperparameter, *others][:MAX_NAMES]
        text = f"{_joined([clipped(name, 60) for name in names])} always change together"
        return f"{text}; together: {_main(effect)} ({_basis(effect)})" if effect.is_asked and effect.levels else text
    reasons = {
        "no-pairs": f"no two configurations differ in {_name(effect)} only",
        "failed": "in each pair of configurations that differ in nothing else, all runs of one failed",
        "many-levels": "nearly each run has its own value, so that no two values can be compared",
    }
    if effect.reason in reasons:
        return reasons[effect.reason]
    if effect.reason == "no-noise":
        if effect.seeds > 1:
            return (
                "too few seeds to know how much the result varies by chance; one more seed per configuration is needed"
            )
        return (
            f"{plural(effect.pairs, 'pair')} of runs without repeated seeds; a second seed per configuration would show how much the "
            "result varies by chance"
        )
    return "the runs do not suffice"


def resource_sentence(found: ResourceEffect) -> str:
    """How throughput, memory, or the steps until a value is reached change with a hyperparameter."""
    effect = found.effect
    assert effect.levels is not None
    larger = 1 if effect.difference > 0 else 0
    ratio = number(math.exp(min(abs(effect.difference), 700.0)), 3)
    against = f"with {_setting(effect, larger)} as with {_level(effect.levels[1 - larger])} ({_basis(effect)})."
    if found.resource == "speed":
        return f"The runs need {ratio} times as many steps until they reach {number(found.value)} {against}"
    return f"{found.resource.capitalize()} is {ratio} times as high {against}"


def failure_sentence(cause: FailureCause, verdict: str) -> str:
    """How a hyperparameter is related to the failures of a study."""
    counts = (
        f"{cause.failed[0]:,} of {plural(cause.runs[0], 'run')} with {clipped(cause.inside, 80)} failed, "
        f"{cause.failed[1]:,} of {cause.runs[1]:,} others"
    )
    pairs = (
        f"; in {cause.agreeing} of {plural(cause.agreeing + cause.opposing, 'controlled pair')} that differ in this and in whether "
        "they fail"
        if cause.agreeing + cause.opposing
        else ""
    )
    if verdict == "effect":
        return f"{counts}{pairs} (Fisher's exact test, q {_p(cause.q_value)})."
    if verdict == "no-evidence":
        return f"No evidence that {clipped(cause.hyperparameter, 60)} causes failures: {counts}."
    return f"Cannot tell whether {clipped(cause.hyperparameter, 60)} causes the failures: {counts}{pairs}, too few runs to exclude chance."


def _name(effect: Effect) -> str:
    return clipped(effect.hyperparameter, 60)


def _setting(effect: Effect, which: int) -> str:
    assert effect.levels is not None
    return f"{_name(effect)} {_level(effect.levels[which])}"


def _level(value: Value) -> str:
    return clipped(level_text(value), 40)


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
