"""The options of a configuration file, each with the check of its value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, get_args

from ...parsers.run import Task
from ...rules.base import Severity
from ...rules.thresholds import thresholds_of
from .choices import FAIL_ON
from .limits import limits_of
from .options import Override, RuleSettings, Settings, StudyOptions
from .plugins import all_rules
from .selection import checked_rules, did_you_mean, parse_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ...rules.thresholds import Threshold

SEVERITIES = {str(severity): severity for severity in Severity}


class InvalidValueError(Exception):
    """An invalid value; the text does not name the file."""


def values_of(content: Mapping[str, Any], known: Mapping[str, Callable[[str, Any], Any]], place: str) -> dict[str, Any]:
    """The checked values of a table; `place` is how messages begin to name its keys.

    Raises:
        InvalidValueError: a key is unknown, or a value is invalid.

    """
    values = {}
    for name, value in content.items():
        if name not in known:
            raise InvalidValueError(f"there is no option {place + name!r}{did_you_mean(name, known)}")
        values[name] = known[name](place + name, value)
    return values


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidValueError(f'{name} must be a list of strings, such as ["a", "b"]')
    return tuple(value)


def _rule_names(name: str, value: Any) -> tuple[str, ...]:
    names = _texts(name, value)
    try:
        checked_rules(names)
    except ValueError as error:
        raise InvalidValueError(f"{name}: {error}") from error
    return names


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidValueError(f"{name} must be a number")
    return value


def _threshold(threshold: Threshold) -> Callable[[str, Any], float]:
    def check(name: str, value: Any) -> float:
        try:
            return threshold.parsed(value)
        except ValueError as error:
            raise InvalidValueError(f"{name} {error}") from error

    return check


def _size(name: str, value: Any) -> str:
    try:
        limits_of(_text(name, value) if isinstance(value, str) else int(_number(name, value)))
    except ValueError as error:
        raise InvalidValueError(str(error)) from error
    return str(value)


def _seconds(name: str, value: Any) -> float:
    if _number(name, value) < 0:
        raise InvalidValueError(f"{name} must be a number of seconds, 0 for no limit")
    return float(value)


def _share(name: str, value: Any) -> float:
    if not 0 <= _number(name, value) <= 1:
        raise InvalidValueError(f"{name} must lie between 0 and 1")
    return float(value)


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidValueError(f"{name} must be an integer of at least 1")
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidValueError(f"{name} must be true or false")
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidValueError(f"{name} must be a string")
    return value


def _one_of(*choices: str) -> Callable[[str, Any], str]:
    def check(name: str, value: Any) -> str:
        if _text(name, value) not in choices:
            raise InvalidValueError(
                f"{name}: {value!r} is not one of {', '.join(choices)}{did_you_mean(value, choices)}"
            )
        return str(value)

    return check


def _table(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidValueError(f"{name} must be a table")
    return value


def _metrics(name: str, value: Any) -> tuple[str, ...]:
    texts = tuple(f"{tag}={_text(f'{name}.{tag}', meaning)}" for tag, meaning in _table(name, value).items())
    try:
        parse_metrics(texts)
    except ValueError as error:
        raise InvalidValueError(f"{name}: {error}") from error
    return texts


def rule_changes(name: str, value: Any) -> tuple[RuleSettings, ...]:
    changes: list[RuleSettings] = []
    for rule, content in _table(name, value).items():
        parts = [each for each in all_rules() if rule in (each.id, each.formerly)]
        if not parts:
            known = {known for each in all_rules() for known in (each.id, each.formerly) if known}
            raise InvalidValueError(f"{name}: there is no rule {rule!r}{did_you_mean(rule, known)}")
        thresholds = {each.id: thresholds_of(each) for each in parts}
        checks = {
            **{
                key: _threshold(threshold)
                for numbers_of in reversed(thresholds.values())
                for key, threshold in numbers_of.items()
            },
            "severity": _one_of(*SEVERITIES),
        }
        values = values_of(_table(f"{name}.{rule}", content), checks, f"{name}.{rule}.")
        severity = SEVERITIES[values.pop("severity")] if "severity" in values else None
        for part, numbers_of in thresholds.items():
            numbers = tuple((key, value) for key, value in values.items() if key in numbers_of)
            if numbers or severity is not None:
                changes.append(RuleSettings(part, severity, numbers))
    return tuple(changes)


def overrides_of(name: str, value: Any) -> tuple[Override, ...]:
    if not isinstance(value, list):
        raise InvalidValueError(f"{name} must be a list of tables: [[{name}]]")
    known = {"paths": _texts, "rules": rule_changes} | {
        option: OPTIONS[option] for option in ("ignore", "min-confidence", "task", "metrics")
    }
    found = []
    for number, content in enumerate(value, 1):
        values = values_of(_table(f"{name} {number}", content), known, f"{name} {number}: ")
        if not values.get("paths"):
            raise InvalidValueError(f'{name} {number} has no paths, such as paths = ["runs/old"]')
        settings = Settings(
            ignore=values.get("ignore", ()),
            meanings=parse_metrics(values.get("metrics", ())),
            task=values.get("task"),
            rules=values.get("rules", ()),
        )
        found.append(Override(values["paths"], settings, values.get("min-confidence")))
    return tuple(found)


def study_options(name: str, value: Any) -> StudyOptions:
    known = {"group-by": _texts, "ignore": _texts, "seeds": _texts}
    values = values_of(_table(name, value), known, f"{name}.")
    return StudyOptions(values.get("group-by", ()), values.get("ignore", ()), values.get("seeds", ()))


OPTIONS: dict[str, Callable[[str, Any], Any]] = {
    "select": _rule_names,
    "ignore": _rule_names,
    "min-confidence": _share,
    "fail-on": _one_of(*FAIL_ON),
    "include": _texts,
    "exclude": _texts,
    "metrics": _metrics,
    "task": _one_of(*get_args(Task)),
    "jobs": _count,
    "max-memory": _size,
    "max-seconds": _seconds,
    "strict": _flag,
    "report": _text,
    "baseline": _text,
}
