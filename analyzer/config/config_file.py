"""The configuration file: `trainlint.toml`, or `[tool.trainlint]` of `pyproject.toml`; every value checked.

select = ["overfitting", "numeric"]     # rules or families; also ignore
min-confidence = 0.5
fail-on = "error"                       # also jobs, max-memory, max-seconds, strict, report, baseline, include, exclude, task
[metrics]                               # globs on tags
"my_objective" = "loss:validation"
[rules.overfitting]                     # thresholds as `trainlint explain` lists them, and severity
min-rise = 0.1
[[overrides]]                           # for logs under some paths: ignore, min-confidence, task, metrics, rules
paths = ["runs/old"]
ignore = ["plateau"]
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from ...parsers.files.open_log import open_log
from ...parsers.run import Task
from ...rules.base import Severity
from ...rules.thresholds import thresholds_of
from .choices import FAIL_ON
from .errors import ConfigError
from .limits import limits_of
from .options import Override, RuleSettings, Settings
from .plugins import all_rules
from .selection import checked_rules, did_you_mean, parse_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ...rules.thresholds import Threshold

OWN_FILE, SHARED_FILE = "trainlint.toml", "pyproject.toml"
MAX_BYTES = 1_000_000  # a hundred times the largest real file; a hostile one may have come with the logs
SEVERITIES = {str(severity): severity for severity in Severity}


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A configuration file, checked.

    Attributes:
        path: the file.
        options: values of command-line options by parameter name; `metrics` in the form of the command line.
        rules: changes of single rules.
        overrides: in the order of the file.

    """

    path: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[RuleSettings, ...] = ()
    overrides: tuple[Override, ...] = ()


def find(folder: Path) -> Path | None:
    """The nearest configuration file in a folder or above it; a pyproject.toml counts if it has a section [tool.trainlint]."""
    for place in (folder, *folder.parents):
        if (found := place / OWN_FILE).is_file():
            return found
        if (shared := place / SHARED_FILE).is_file() and "trainlint" in _read(shared).get("tool", {}):
            return shared
    return None


def load(path: Path) -> ConfigFile:
    """Read and check a configuration file.

    Raises:
        ConfigError: it cannot be read, is not TOML, or has an invalid key or value.

    """
    content = _read(path)
    if path.name == SHARED_FILE:
        content = content.get("tool", {}).get("trainlint", {})
    try:
        return _checked(path, content)
    except _WrongError as error:
        raise ConfigError(f"{path}: {error}") from error


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    if path.exists() and not path.is_file():
        raise ConfigError(f"{path}: is not a regular file")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{path}: has more than {MAX_BYTES:,} bytes")
        with open_log(path) as stream:
            return tomllib.load(stream)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error


class _WrongError(Exception):
    """An invalid value; the text does not name the file."""


def _checked(path: Path, content: Mapping[str, Any]) -> ConfigFile:
    known = {**OPTIONS, "rules": _rules, "overrides": _overrides}
    values = _values(content, known, "")
    rules, overrides = values.pop("rules", ()), values.pop("overrides", ())
    values |= {name: path.parent / values[name] for name in ("report", "baseline") if name in values}
    if "report" in values and not _real(values["report"]).is_relative_to(_real(path.parent)):
        raise _WrongError("report lies outside of the folder of this file: name such a folder on the command line")
    return ConfigFile(path, {name.replace("-", "_"): value for name, value in values.items()}, rules, overrides)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _values(content: Mapping[str, Any], known: Mapping[str, Callable[[str, Any], Any]], place: str) -> dict[str, Any]:
    values = {}
    for name, value in content.items():
        if name not in known:
            raise _WrongError(f"there is no option {place + name!r}{did_you_mean(name, known)}")
        values[name] = known[name](place + name, value)
    return values


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _WrongError(f'{name} must be a list of strings, such as ["a", "b"]')
    return tuple(value)


def _rule_names(name: str, value: Any) -> tuple[str, ...]:
    names = _texts(name, value)
    try:
        checked_rules(names)
    except ValueError as error:
        raise _WrongError(f"{name}: {error}") from error
    return names


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _WrongError(f"{name} must be a number")
    return value


def _threshold(threshold: Threshold) -> Callable[[str, Any], float]:
    def check(name: str, value: Any) -> float:
        try:
            return threshold.parsed(value)
        except ValueError as error:
            raise _WrongError(f"{name} {error}") from error

    return check


def _size(name: str, value: Any) -> str:
    try:
        limits_of(_text(name, value) if isinstance(value, str) else int(_number(name, value)))
    except ValueError as error:
        raise _WrongError(str(error)) from error
    return str(value)


def _seconds(name: str, value: Any) -> float:
    if _number(name, value) < 0:
        raise _WrongError(f"{name} must be a number of seconds, 0 for no limit")
    return float(value)


def _share(name: str, value: Any) -> float:
    if not 0 <= _number(name, value) <= 1:
        raise _WrongError(f"{name} must lie between 0 and 1")
    return float(value)


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _WrongError(f"{name} must be an integer of at least 1")
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _WrongError(f"{name} must be true or false")
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise _WrongError(f"{name} must be a string")
    return value


def _one_of(*choices: str) -> Callable[[str, Any], str]:
    def check(name: str, value: Any) -> str:
        if _text(name, value) not in choices:
            raise _WrongError(f"{name}: {value!r} is not one of {', '.join(choices)}{did_you_mean(value, choices)}")
        return str(value)

    return check


def _table(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _WrongError(f"{name} must be a table")
    return value


def _metrics(name: str, value: Any) -> tuple[str, ...]:
    texts = tuple(f"{tag}={_text(f'{name}.{tag}', meaning)}" for tag, meaning in _table(name, value).items())
    try:
        parse_metrics(texts)
    except ValueError as error:
        raise _WrongError(f"{name}: {error}") from error
    return texts


def _rules(name: str, value: Any) -> tuple[RuleSettings, ...]:
    changes: list[RuleSettings] = []
    for rule, content in _table(name, value).items():
        parts = [each for each in all_rules() if rule in (each.id, each.formerly)]
        if not parts:
            known = {known for each in all_rules() for known in (each.id, each.formerly) if known}
            raise _WrongError(f"{name}: there is no rule {rule!r}{did_you_mean(rule, known)}")
        thresholds = {each.id: thresholds_of(each) for each in parts}
        checks = {
            **{
                key: _threshold(threshold)
                for numbers_of in reversed(thresholds.values())
                for key, threshold in numbers_of.items()
            },
            "severity": _one_of(*SEVERITIES),
        }
        values = _values(_table(f"{name}.{rule}", content), checks, f"{name}.{rule}.")
        severity = SEVERITIES[values.pop("severity")] if "severity" in values else None
        for part, numbers_of in thresholds.items():
            numbers = tuple((key, value) for key, value in values.items() if key in numbers_of)
            if numbers or severity is not None:
                changes.append(RuleSettings(part, severity, numbers))
    return tuple(changes)


def _overrides(name: str, value: Any) -> tuple[Override, ...]:
    if not isinstance(value, list):
        raise _WrongError(f"{name} must be a list of tables: [[{name}]]")
    known = {"paths": _texts, "rules": _rules} | {
        option: OPTIONS[option] for option in ("ignore", "min-confidence", "task", "metrics")
    }
    found = []
    for number, content in enumerate(value, 1):
        values = _values(_table(f"{name} {number}", content), known, f"{name} {number}: ")
        if not values.get("paths"):
            raise _WrongError(f'{name} {number} has no paths, such as paths = ["runs/old"]')
        settings = Settings(
            ignore=values.get("ignore", ()),
            meanings=parse_metrics(values.get("metrics", ())),
            task=values.get("task"),
            rules=values.get("rules", ()),
        )
        found.append(Override(values["paths"], settings, values.get("min-confidence")))
    return tuple(found)


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
