"""The command `config show`: every option of an audit, its value, and the source of the value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...rules.thresholds import thresholds_of
from ..config.config_values import OPTIONS
from ..config.plugins import all_rules
from ..config.resolve import chosen_file
from .exit_codes import DONE
from .options import source_of, usage_errors
from .terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..config.config_file import ConfigFile
    from ..config.options import Override, RuleSettings


def show_config(audit: click.Command, given: Path | None, *, isolated: bool) -> int:
    """Print the options that an audit started here would use, as TOML; returns the exit code.

    Raises:
        click.UsageError: the configuration is wrong.

    """
    with usage_errors():
        file = chosen_file(given, isolated=isolated)
        lines = list(_lines(audit.make_context("audit", []), file))
    for line in lines:
        click.echo(printable(line))
    return DONE


def _lines(context: click.Context, file: ConfigFile | None) -> Iterator[str]:
    yield f"# {file.path}" if file else "# no configuration file"
    # tables come after plain keys
    for name in sorted(OPTIONS, key=lambda name: name == "metrics"):
        parameter = name.replace("-", "_")
        source = source_of(context, parameter, file)
        value = file.options[parameter] if file and source == "file" else context.params[parameter]
        if name == "metrics":
            yield f"[metrics]  # {source}"
            yield from (
                f"{_toml(tag)} = {_toml(meaning)}" for tag, _, meaning in (text.rpartition("=") for text in value)
            )
        else:
            yield f"# {name} is not set" if value is None else f"{name} = {_toml(value)}  # {source}"
    if file:
        yield from _rule_lines(file.rules, "")
        for override in file.overrides:
            yield from _override_lines(override)


def _rule_lines(changes: tuple[RuleSettings, ...], prefix: str) -> Iterator[str]:
    known = {rule.id: rule for rule in all_rules()}
    for change in changes:
        rule = known[change.rule]
        yield f"[{prefix}rules.{change.rule}]"
        if change.severity:
            yield f"severity = {_toml(str(change.severity))}  # instead of {rule.severity}"
        defaults = thresholds_of(rule)
        for name, value in change.thresholds:
            threshold = defaults[name]
            written = _toml(threshold.shown(value)) if threshold.unit == "%" else _toml(value)
            yield f"{name} = {written}  # instead of {threshold.shown()}"


def _override_lines(override: Override) -> Iterator[str]:
    settings = override.settings
    yield "[[overrides]]"
    yield f"paths = {_toml(override.paths)}"
    if settings.ignore:
        yield f"ignore = {_toml(settings.ignore)}"
    if override.min_confidence is not None:
        yield f"min-confidence = {_toml(override.min_confidence)}"
    if settings.task:
        yield f"task = {_toml(settings.task)}"
    if settings.meanings:
        yield "[overrides.metrics]"
        for glob, meaning in settings.meanings:
            yield f"{_toml(glob)} = {_toml(f'{meaning.role}:{meaning.split}:{meaning.direction}')}"
    yield from _rule_lines(settings.rules, "overrides.")


def _toml(value: Any) -> str:
    """A value in TOML syntax, which equals JSON syntax for these types."""
    if isinstance(value, Path):
        value = str(value)
    return json.dumps(value)
