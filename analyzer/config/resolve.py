"""Resolution of options: values given by the user take precedence over the configuration file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .choices import DEFAULT_MEMORY, DEFAULT_SECONDS
from .config_file import ConfigFile, find, load
from .limits import limits_of
from .options import Config, Settings, StudyOptions
from .plugins import added_parsers
from .selection import checked_rules, parse_metrics

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ...parsers.run import Task

JUDGING = ("select", "ignore", "min_confidence", "metrics", "task", "max_memory", "max_seconds",
           "group_by")  # fmt: skip  # become the `Config`


def resolve_options(options: Mapping[str, Any], given: Collection[str], file: ConfigFile | None) -> dict[str, Any]:
    """All options with their values; those of reading and judging form one `Config` under `config`.

    Args:
        options: by parameter name; a missing one has the default of `config_of` or does not belong to this command.
        given: names of the options given by the user; others are taken from the file if it sets them.
        file: the configuration file in use.

    Raises:
        UsageError: a value from any source is invalid, or a plug-in cannot be used.

    """
    from_file = {name: value for name, value in (file.options if file else {}).items() if name not in given}
    resolved = {**options, **from_file}
    judging = {name: resolved.pop(name) for name in JUDGING if name in resolved}
    resolved["config"] = config_of(**judging, file=file, from_file=frozenset(from_file))
    added_parsers()  # reports an unusable one before anything is read
    return resolved


def chosen_file(given: Path | None, *, isolated: bool) -> ConfigFile | None:
    """The configuration file to use: the given one, otherwise the nearest from the current folder upwards.

    Raises:
        ConfigError: the file is invalid.

    """
    path = given or (None if isolated else find(Path.cwd()))
    return load(path) if path else None


def config_of(
    *,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    min_confidence: float = 0.0,
    metrics: tuple[str, ...] | Mapping[str, str] = (),
    task: Task | None = None,
    max_memory: str | int = DEFAULT_MEMORY,
    max_seconds: float = DEFAULT_SECONDS,
    group_by: tuple[str, ...] = (),
    file: ConfigFile | None = None,
    from_file: frozenset[str] = frozenset(),
) -> Config:
    """Settings for all runs, with the rules and overrides of a file; `from_file` names options that come from it.

    Raises:
        UsageError: a rule is unknown, or a metric or a limit is invalid.

    """
    texts = metrics if isinstance(metrics, tuple) else tuple(f"{tag}={meaning}" for tag, meaning in metrics.items())
    settings = Settings(
        select=checked_rules(select),
        ignore=checked_rules(ignore),
        min_confidence=min_confidence,
        meanings=parse_metrics(texts),
        task=task,
        rules=file.rules if file else (),
    )
    limits = limits_of(max_memory, max_seconds)
    studies = file.studies if file else StudyOptions()
    studies = replace(studies, group_by=group_by) if group_by else studies
    if file is None:
        return Config(settings, limits=limits, studies=studies)
    return Config(settings, file.overrides, file.path, from_file, limits, studies)
