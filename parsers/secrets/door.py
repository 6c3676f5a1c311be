"""Masking of all texts of a run: every run passes through here before anything of it is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from ..run import Note
from .masking import masked_path, masked_text
from .settings import masked_hyperparameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..run import Curve, Incident, Run

Value = TypeVar("Value")


def conceal(run: Run) -> Run:
    """Mask secrets in the texts of a run: name, title, hyperparameters, tags, notes and quoted lines. Paths are unchanged.

    Paths are needed to open files until the runs have their names; `conceal_paths` masks them afterwards.
    """
    run.name, run.title = masked_text(run.name), masked_text(run.title)
    run.framework = run.framework and masked_text(run.framework)
    run.task_evidence = tuple(map(masked_text, run.task_evidence))
    run.hyperparameters = concealed_hyperparameters(run.hyperparameters)
    run.notes = [replace(note, where=masked_text(note.where), message=masked_text(note.message)) for note in run.notes]
    run.incidents = [_concealed_incident(incident) for incident in run.incidents]
    _conceal_tags(run)
    return run


def conceal_paths(run: Run) -> None:
    """Mask the secrets in the paths of a run."""
    run.path = masked_path(run.path)
    run.sources = [replace(source, path=masked_path(source.path)) for source in run.sources]
    run.notes = [replace(note, path=masked_path(note.path)) for note in run.notes]
    run.incidents = [replace(incident, path=masked_path(incident.path)) for incident in run.incidents]


def concealed_note(note: Note) -> Note:
    """A note without secrets."""
    return Note(masked_path(note.path), masked_text(note.where), masked_text(note.message))


def concealed_hyperparameters(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Flat hyperparameters with secrets masked, also in keys; keys that become equal get a number."""
    kept: dict[str, Any] = {}
    for key, value in settings.items():
        kept[_unique(masked_text(key), kept)] = masked_hyperparameter(key, value)
    return kept


def _concealed_incident(incident: Incident) -> Incident:
    """The lines of an incident are masked together: a secret may span lines."""
    whole = "\n".join(incident.context)
    masked = masked_text(whole)
    return incident if masked == whole else replace(incident, context=tuple(masked.split("\n")))


def _conceal_tags(run: Run) -> None:
    """Mask tags; curves and histograms of one tag keep a common tag, and distinct tags stay distinct."""
    tags = dict.fromkeys([*(curve.tag for curve in run.all_curves), *(series.tag for series in run.histograms)])
    renamed: dict[str, str] = {}
    taken: dict[str, None] = {tag: None for tag in tags if masked_text(tag) == tag}
    for tag in tags:
        if tag not in taken:
            renamed[tag] = _unique(masked_text(tag), taken)
            taken[renamed[tag]] = None
    run.all_curves = [_concealed_curve(curve, renamed.get(curve.tag)) for curve in run.all_curves]
    if renamed:
        run.histograms = [replace(series, tag=renamed.get(series.tag, series.tag)) for series in run.histograms]


def _concealed_curve(curve: Curve, tag: str | None) -> Curve:
    meaning = curve.meaning
    layer, reason = masked_text(meaning.layer), masked_text(meaning.reason)
    if layer != meaning.layer or reason != meaning.reason:
        curve = curve.with_meaning(replace(meaning, layer=layer, reason=reason))
    return curve if tag is None else replace(curve, tag=tag)


def _unique(name: str, taken: Iterable[str]) -> str:
    unique, count = name, 2
    while unique in taken:
        unique, count = f"{name} ({count})", count + 1
    return unique
