"""Names and numbers of configurations, as several rules word them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..statistics.seed_noise import pooled_noise

if TYPE_CHECKING:
    from ...parsers.settings.kinds import Value
    from ..statistics.seed_noise import SeedNoise
    from ..view.study import Configuration, Study

MAX_SETTINGS = 3
MAX_TEXT = 60


def shown(value: Value) -> str:
    """A value as it would be written."""
    return f"{value[:MAX_TEXT]}" if isinstance(value, str) else f"{value:.6g}"


def described(configuration: Configuration, study: Study) -> str:
    """A configuration by the settings that vary, else by its first run: "lr 0.1, wd 0"."""
    pairs = [f"{name} {shown(configuration.hyperparameters[name])}" for name in study.hyperparameters[:MAX_SETTINGS]]
    return ", ".join(pairs) or configuration.runs[0].name


def noise_of_seeds(study: Study) -> SeedNoise:
    """Noise between the seeds of a study, pooled over its configurations."""
    return pooled_noise(each.values for each in study.configurations)


def ranked(study: Study) -> list[tuple[Configuration, float]]:
    """Configurations with finished runs and their mean outcomes, the best first."""
    means = [(each, sum(each.values) / len(each.values)) for each in study.configurations if each.values]
    return sorted(means, key=lambda item: item[1], reverse=not study.is_lower_better)


def gain(study: Study, better: float, worse: float) -> float:
    """By how much the first outcome is better than the second."""
    return worse - better if study.is_lower_better else better - worse
