"""Command line, environment and configuration file brought together: the first that says something counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from .config_file import ConfigFile, find, load
from .limits import SECONDS, limits_of
from .options import Config, Settings
from .plugins import PluginError, known_parsers
from .selection import checked_rules, parse_metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...parsers.run import Task

Source = Literal["command line", "environment", "file", "default"]
_SOURCES: dict[ParameterSource | None, Source] = {
    ParameterSource.COMMANDLINE: "command line",
    ParameterSource.ENVIRONMENT: "environment",
}


def configured(context: click.Context) -> dict[str, Any]:
    """The options of a command, where `config` is a `Config` made of what settles reading and judging.

    Raises:
        click.UsageError: a value, from wherever it comes, is wrong.

    """
    options = dict(context.params)
    try:
        file = chosen_file(options.pop("config_file"), isolated=options.pop("isolated"))
        settled = {}
        if file:
            settled = {n: value for n, value in file.options.items() if source_of(context, n, file) == "file"}
            options |= settled
        options["config"] = config_of(
            select=options.pop("select", ()),
            ignore=options.pop("ignore", ()),
            min_confidence=options.pop("min_confidence", 0.0),
            metrics=options.pop("metrics", ()),
            task=options.pop("task", None),
            max_memory=options.pop("max_memory", ""),
            max_seconds=options.pop("max_seconds", SECONDS),
            file=file,
            from_file=frozenset(settled),
        )
        known_parsers()  # one that cannot be used is told before anything is read
    except (PluginError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    return {name: value for name, value in options.items() if name in context.params or name == "config"}


def source_of(context: click.Context, name: str, file: ConfigFile | None) -> Source:
    """Where the value of an option comes from."""
    told = _SOURCES.get(context.get_parameter_source(name))
    return told or ("file" if file and name in file.options else "default")


def chosen_file(given: Path | None, *, isolated: bool) -> ConfigFile | None:
    """The configuration file that counts: the given one, else the nearest from the current folder upward.

    Raises:
        ConfigError: it is wrong.

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
    max_memory: str | int = "",
    max_seconds: float = SECONDS,
    file: ConfigFile | None = None,
    from_file: frozenset[str] = frozenset(),
) -> Config:
    """Settings for all runs, with the rules and overrides of a file; `from_file` names options that come from it.

    Raises:
        ValueError: an unknown rule, or a metric or a limit that is not understood.

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
    if file is None:
        return Config(settings, limits=limits)
    return Config(settings, file.overrides, file.path, from_file, limits)
