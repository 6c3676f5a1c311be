"""The configuration file: `trainlint.toml`, or `[tool.trainlint]` of `pyproject.toml`; every value checked.

select = ["overfitting", "numeric"]     # rules or families; also ignore
min-confidence = 0.5
fail-on = "error"                       # also jobs, max-memory, max-seconds, strict, report, baseline, include, exclude, task
[metrics]                               # globs on tags
"my_objective" = "loss:validation"
[rules.overfitting]                     # thresholds as `trainlint explain` lists them, and severity
min-rise = 0.1
[studies]                               # which runs are compared: group-by, ignore, seeds, names of settings
seeds = ["run_number"]
[[overrides]]                           # for logs under some paths: ignore, min-confidence, task, metrics, rules
paths = ["runs/old"]
ignore = ["plateau"]
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...parsers.files.open_log import open_log
from .config_values import OPTIONS, InvalidValueError, overrides_of, rule_changes, study_options, values_of
from .errors import ConfigError
from .options import StudyOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .options import Override, RuleSettings

OWN_FILE, SHARED_FILE = "trainlint.toml", "pyproject.toml"
MAX_BYTES = 1_000_000  # a hundred times the largest real file; a hostile one may have come with the logs


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A configuration file, checked.

    Attributes:
        path: the file.
        options: values of command-line options by parameter name; `metrics` in the form of the command line.
        rules: changes of single rules.
        overrides: in the order of the file.
        studies: how runs are grouped to studies.

    """

    path: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[RuleSettings, ...] = ()
    overrides: tuple[Override, ...] = ()
    studies: StudyOptions = field(default_factory=StudyOptions)


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
    except InvalidValueError as error:
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


def _checked(path: Path, content: Mapping[str, Any]) -> ConfigFile:
    known = {**OPTIONS, "rules": rule_changes, "overrides": overrides_of, "studies": study_options}
    values = values_of(content, known, "")
    rules, overrides = values.pop("rules", ()), values.pop("overrides", ())
    studies = values.pop("studies", StudyOptions())
    values |= {name: path.parent / values[name] for name in ("report", "baseline") if name in values}
    if "report" in values and not _real(values["report"]).is_relative_to(_real(path.parent)):
        raise InvalidValueError(
            "report lies outside of the folder of this file: name such a folder on the command line"
        )
    return ConfigFile(
        path, {name.replace("-", "_"): value for name, value in values.items()}, rules, overrides, studies
    )


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
