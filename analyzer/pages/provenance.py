"""Provenance of a report: version, configuration, duration."""

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

MAX_LISTED = 12  # of each kind; others are counted


def provenance_of(
    version: str, config: Config, path: Path | None = None, *, accepted: int | None = None, seconds: float | None = None
) -> list[tuple[str, str]]:
    """How the run at `path`, or all runs, were judged, as labels with values.

    `accepted` is the number of findings that the baseline accepts, None without one. `seconds` is the duration; None omits
    it, so that the page of a run does not differ between audits.
    """
    settings = config.settings if path is None else config.at(path)
    rows = [
        ("trainlint", version),
        ("Configuration", masked_path(place_of(str(config.file))) if config.file else "no file, defaults"),
    ]
    changes = configuration_entry(config)["changes"]
    if changes:
        rows.append(("Changes by the file", "; ".join(changes)))
    rows += _override_rows(config, path)
    rows += _config_rows(settings)
    if accepted is not None:
        rows.append(("Baseline", f"accepts {plural(accepted, 'finding')}"))
    return rows if seconds is None else [*rows, ("Duration", duration(max(seconds, 0.0)))]


def _override_rows(config: Config, path: Path | None) -> Iterator[tuple[str, str]]:
    if not config.overrides:
        return
    if path is None:
        yield "Overrides", _listed([" ".join(override.paths) for override in config.overrides])
        return
    matching = config.overrides_at(path)
    names = _listed([" ".join(override.paths) for override in matching])
    yield "Overrides applied", names if matching else f"none of {len(config.overrides)}"


@cache
def _config_rows(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Differences from the defaults, computed once for all runs with the same settings."""
    return tuple(_differences(settings))


def _differences(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "Rules run", f"{len(rules_of(settings))} of {len(known_rules())}"
    for label, names in (("Selected", settings.select), ("Ignored", settings.ignore)):
        if names:
            yield label, _listed(list(names))
    if settings.min_confidence:
        yield "Findings hidden", f"below confidence {settings.min_confidence:g}"
    if settings.task:
        yield "Task", f"{settings.task}, from the configuration"
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
    """Each changed threshold with its default; the last of several changes applies."""
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
