"""Changes of an audit by a configuration file, shown in every output: the file may have come with the logs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ...rules.registry import BATCH_RULES
from ..config.options import batch_rules_of, rules_of
from ..config.plugins import known_rules
from .verdict_text import clipped, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..config.options import Config, Settings
    from .schema import ConfigurationEntry

MAX_NAMES = 6  # of each kind; others are counted
OTHERS = {
    "include": "includes only files that match its globs",
    "exclude": "excludes files that match its globs",
    "baseline": "accepts the findings of a baseline",
    "fail_on": "sets the severity that fails the audit",
    "strict": "sets whether the audit is strict",
}


def configuration_entry(config: Config) -> ConfigurationEntry:
    """The entry of report.json on the configuration: the file, its changes, and rules switched off for all runs."""
    return {
        "file": str(config.file) if config.file else None,
        "changes": list(_changes(config)),
        "switched_off": list(switched_off(config.settings)),
    }


def notice_of(config: Config) -> str:
    """The changes by the file as one sentence; empty if there is no file or it does not affect the verdicts."""
    return _of_file(configuration_entry(config))


def sentence_of(entry: ConfigurationEntry) -> str:
    """What qualifies the verdicts: changes by a configuration file, and deselected rules."""
    off = len(entry["switched_off"])
    verb = "is" if off == 1 else "are"
    selection = f"{plural(off, 'rule')} {verb} switched off: clear means clear of the selected rules" if off else ""
    return "; ".join(filter(None, (_of_file(entry), selection)))


def _of_file(entry: ConfigurationEntry) -> str:
    if not entry["file"] or not entry["changes"]:
        return ""
    return f"configuration {clipped(entry['file'])}: {'; '.join(entry['changes'])}"


@cache
def switched_off(settings: Settings) -> tuple[str, ...]:
    """Ids of the rules that are switched off."""
    runs = {rule.id for rule in rules_of(settings)} | {rule.id for rule in batch_rules_of(settings)}
    known = [*(rule.id for rule in known_rules()), *(rule.id for rule in BATCH_RULES)]
    return tuple(name for name in known if name not in runs)


def switched_off_by_file(config: Config, path: Path) -> tuple[str, ...]:
    """Ids of the rules that the file switches off for a log; empty if only the command line switches rules off."""
    is_by_file = {"select", "ignore"} & config.from_file or any(o.settings.ignore for o in config.overrides_at(path))
    if not is_by_file:
        return ()
    about_runs = {rule.id for rule in known_rules()}
    return tuple(name for name in switched_off(config.at(path)) if name in about_runs)


def _changes(config: Config) -> Iterator[str]:
    if config.file is None:
        return
    settings, given = config.settings, config.from_file
    if "select" in given or "ignore" in given:
        off = switched_off(settings)
        yield f"switches off {len(off)} of {len(known_rules()) + len(BATCH_RULES)} rules: {_listed(off)}"
    if "min_confidence" in given:
        yield f"hides findings below confidence {settings.min_confidence:g}"
    if "metrics" in given:
        meanings = [f"{clipped(glob, 40)} = {meaning.role}:{meaning.split}" for glob, meaning in settings.meanings]
        yield f"sets the meaning of {plural(len(meanings), 'metric')}: {_listed(meanings)}"
    if "task" in given:
        yield f"sets the task to {settings.task}"
    thresholds = [change.rule for change in settings.rules if change.thresholds]
    if thresholds:
        yield f"changes thresholds of {_listed(thresholds)}"
    severities = [f"{change.rule} to {change.severity}" for change in settings.rules if change.severity is not None]
    if severities:
        yield f"changes the severity of {_listed(severities)}"
    yield from (text for name, text in OTHERS.items() if name in given)
    for override in config.overrides[:MAX_NAMES]:
        ignored = f", ignores {_listed(override.settings.ignore)}" if override.settings.ignore else ""
        yield f"overrides options for {clipped(' '.join(override.paths), 60)}{ignored}"
    if len(config.overrides) > MAX_NAMES:
        yield f"overrides options for {len(config.overrides) - MAX_NAMES} more groups of paths"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else ""
    return ", ".join(names[:MAX_NAMES]) + more
