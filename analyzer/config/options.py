"""Resolved options: rules, thresholds, meanings of tags and tasks; for all runs and by path."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ...rules.registry import BATCH_RULES
from ...rules.thresholds import with_severity, with_thresholds
from .globs import meets
from .limits import Limits
from .plugins import known_rules

if TYPE_CHECKING:
    from ...parsers.run import Meaning, Task
    from ...rules.base import BatchRule, Rule, Severity
    from ...rules.thresholds import AnyRule

Meanings: TypeAlias = "tuple[tuple[str, Meaning], ...]"


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """Changes of one rule.

    Attributes:
        rule: its id.
        severity: of all its findings; None keeps that of the rule.
        thresholds: pairs of name and value.

    """

    rule: str
    severity: Severity | None = None
    thresholds: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Options for reading and judging one run.

    Attributes:
        select: ids and families of the rules to run; empty means all.
        ignore: ids and families of the rules not to run.
        min_confidence: findings below it are hidden.
        meanings: pairs of a glob on tags and a meaning; the first that matches counts.
        task: kind of training; None infers it from the log.
        rules: changes of single rules; later ones are added to earlier ones.

    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_confidence: float = 0.0
    meanings: Meanings = ()
    task: Task | None = None
    rules: tuple[RuleSettings, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """Options that differ for logs under some paths.

    Attributes:
        paths: globs, on the path relative to the folder of the configuration file.
        settings: `select` is unused; `ignore` and `rules` are appended, `meanings` are prepended, others replace.
        min_confidence: None keeps that of all runs.

    """

    paths: tuple[str, ...]
    settings: Settings
    min_confidence: float | None = None


@dataclass(frozen=True, slots=True)
class StudyOptions:
    """How the user groups runs.

    Attributes:
        group_by: names of settings, or "folder"; runs with the same values are one study. Empty: found from the logs.
        ignore: settings that nobody chose for their effect.
        seeds: settings that tell replicates apart, besides those named so.

    """

    group_by: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of an audit; `at` returns those for a log.

    Attributes:
        settings: for all logs.
        overrides: differences for some logs.
        file: the configuration file in use.
        from_file: names of the options whose values come from this file.
        limits: limits of reading and judging one run.
        studies: how runs are grouped to studies.

    """

    settings: Settings = field(default_factory=Settings)
    overrides: tuple[Override, ...] = ()
    file: Path | None = None
    from_file: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    studies: StudyOptions = field(default_factory=StudyOptions)

    @property
    def folder(self) -> Path:
        """The folder that the globs of overrides are relative to."""
        return self.file.parent if self.file else Path()

    def overrides_at(self, path: Path) -> list[Override]:
        """The overrides for a file or folder."""
        return [override for override in self.overrides if meets(_relative(path, self.folder), override.paths)]

    def at(self, path: Path) -> Settings:
        """The settings for a file or folder."""
        settings = self.settings
        for override in self.overrides_at(path):
            changed = override.settings
            settings = Settings(
                select=settings.select,
                ignore=settings.ignore + changed.ignore,
                min_confidence=settings.min_confidence if override.min_confidence is None else override.min_confidence,
                meanings=changed.meanings + settings.meanings,
                task=changed.task or settings.task,
                rules=settings.rules + changed.rules,
            )
        return settings


def _relative(path: Path, folder: Path) -> str:
    """A path for matching globs: relative to the folder, or absolute if it lies elsewhere."""
    absolute, top = os.path.abspath(path), os.path.abspath(folder)  # noqa: PTH100  (links are not resolved)
    try:
        return Path(absolute).relative_to(top).as_posix()
    except ValueError:
        return Path(absolute).as_posix()


@cache
def rules_of(settings: Settings) -> tuple[Rule[Any], ...]:
    """The rules to run, in registry order, with the changes of the settings."""
    return _chosen(known_rules(), settings)


@cache
def batch_rules_of(settings: Settings) -> tuple[BatchRule[Any], ...]:
    """The batch rules to run, with the changes of the settings."""
    return _chosen(BATCH_RULES, settings)


def _chosen(rules: tuple[AnyRule, ...], settings: Settings) -> tuple[AnyRule, ...]:
    wanted, left_out = set(settings.select), set(settings.ignore)
    changes: dict[str, list[RuleSettings]] = {}
    for change in settings.rules:
        changes.setdefault(change.rule, []).append(change)
    return tuple(
        _changed(rule, changes.get(rule.id, []))
        for rule in rules
        if (not wanted or rule.names & wanted) and not rule.names & left_out
    )


def _changed(rule: AnyRule, changes: list[RuleSettings]) -> AnyRule:
    rule = with_thresholds(rule, {name: value for change in changes for name, value in change.thresholds})
    severities = [change.severity for change in changes if change.severity is not None]
    return with_severity(rule, severities[-1]) if severities else rule
