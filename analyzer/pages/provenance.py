"""How a report came about: version, configuration in force, time taken."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ...parsers.secrets import masked_path, masked_text
from ...rules.thresholds import thresholds_of
from ..config.options import rules_of
from ..config.plugins import known_rules
from ..report.config_notice import configuration_entry
from ..report.entries import place_of
from ..report.verdict_text import clipped, duration, plural

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..config.options import Config, Settings

MAX_LISTED = 12  # of each kind; the rest is counted


def provenance_of(
    version: str, config: Config, path: Path | None = None, *, accepted: int | None = None, seconds: float | None = None
) -> list[tuple[str, str]]:
    """How the run at `path` was judged, or all of them, as labels with their values.

    `accepted` is how many findings the baseline accepts, None without one. `seconds` were taken; None is not told: a page
    among others is the same from audit to audit.
    """
    settings = config.settings if path is None else config.at(path)
    rows = [
        ("trainlint", version),
        ("Configuration", masked_path(place_of(str(config.file))) if config.file else "no file, defaults"),
    ]
    changes = configuration_entry(config)["changes"]
    if changes:
        rows.append(("The file", "; ".join(changes)))
    rows += _override_rows(config, path)
    rows += _config_rows(settings)
    if accepted is not None:
        rows.append(("Baseline", f"accepts {plural(accepted, 'finding')}"))
    return rows if seconds is None else [*rows, ("Time taken", duration(max(seconds, 0.0)))]


def _override_rows(config: Config, path: Path | None) -> Iterator[tuple[str, str]]:
    if not config.overrides:
        return
    if path is None:
        yield "Overrides", _listed([" ".join(override.paths) for override in config.overrides])
        return
    matching = config.overrides_at(path)
    names = _listed([" ".join(override.paths) for override in matching])
    yield "Overrides in force", names if matching else f"none of {len(config.overrides)}"


@cache
def _config_rows(settings: Settings) -> tuple[tuple[str, str], ...]:
    """What differs from the defaults; worked out once for all runs that share it."""
    return tuple(_differences(settings))


def _differences(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "Rules run", f"{len(rules_of(settings))} of {len(known_rules())}"
    for label, names in (("Selected", settings.select), ("Left out", settings.ignore)):
        if names:
            yield label, _listed(list(names))
    if settings.min_confidence:
        yield "Findings dropped", f"below confidence {settings.min_confidence:g}"
    if settings.task:
        yield "Task", f"{settings.task}, as configured"
    if settings.meanings:
        meanings = [f"{glob} = {meaning.role}:{meaning.split}" for glob, meaning in settings.meanings]
        yield "Metrics", _listed(meanings)
    changed = _changed_thresholds(settings)
    if changed:
        yield "Thresholds changed", _listed(changed)
    severities = [f"{change.rule} {change.severity}" for change in settings.rules if change.severity is not None]
    if severities:
        yield "Severity changed", _listed(severities)


def _changed_thresholds(settings: Settings) -> list[str]:
    """Each changed threshold with its default; the last of several changes is the one that holds."""
    rules = {rule.id: rule for rule in known_rules()}
    last = {(change.rule, name): value for change in settings.rules for name, value in change.thresholds}
    changed = []
    for (rule, name), value in last.items():
        threshold = thresholds_of(rules[rule])[name]
        changed.append(f"{rule} {name} = {threshold.shown(value)} (default {threshold.shown()})")
    return changed


def _listed(texts: list[str]) -> str:
    more = f", and {len(texts) - MAX_LISTED:,} more" if len(texts) > MAX_LISTED else ""
    return ", ".join(clipped(masked_text(text), 100) for text in texts[:MAX_LISTED]) + more
