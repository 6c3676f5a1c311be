"""Optuna trials as runs: code shared by its database and its journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..files.hyperparameters import flatten
from ..run import Meaning, Note, Run, Source
from ..tables.json.rows import as_number, loads

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..files.text import Notes
    from ..run import Direction
    from .points import Points

TAG = "intermediate_value"
STATES = ("RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING")
ENDINGS = {"PRUNED": "Optuna pruned the trial, because it was worse than others", "FAIL": "the trial failed"}


@dataclass(slots=True)
class Study:
    name: str
    direction: Direction = "unknown"
    trials: int = 0  # so far


@dataclass(slots=True)
class Trial:
    """One trial, its points under `TAG` and its parameters, as far as read."""

    study: Study
    number: int
    state: str
    points: Points
    parameters: dict[str, Any] = field(default_factory=dict)


def parameter(value: Any, distribution: Any) -> Any:
    """The value of a parameter as suggested: Optuna stores a choice as its index and an integer as a float."""
    about = loads(distribution)[0] if isinstance(distribution, str) else None
    kind = str(about.get("name", "")) if isinstance(about, Mapping) else ""
    attributes = about.get("attributes") if isinstance(about, Mapping) else None
    choices = attributes.get("choices") if isinstance(attributes, Mapping) else None
    number = as_number(value)
    if number is None or number != number // 1:
        return value
    if kind.startswith("Categorical") and isinstance(choices, list) and 0 <= number < len(choices):
        return choices[int(number)]
    return int(number) if kind.startswith("Int") else value


def runs_of_trials(path: Path, parser_id: str, trials: Iterable[Trial], notes: Notes) -> list[Run]:
    """Runs of the trials that reported values; the first one has the notes of the file."""
    source = Source(str(path), parser_id, path.stat().st_size)
    runs = []
    silent = 0
    for trial in trials:
        curves = trial.points.curves()
        if not curves:
            silent += 1
            continue
        direction = trial.study.direction
        if direction != "unknown":
            meaning = Meaning("score", "none", "", direction, "Optuna: what the study optimizes")
            curves = [curve.with_meaning(meaning) for curve in curves]
        run = Run(f"{trial.study.name}/trial-{trial.number}", str(path), parser_id, "optuna", curves, sources=[source])
        run.hyperparameters = flatten(trial.parameters)
        run.is_cut_short = trial.state == "RUNNING"
        if trial.state in ENDINGS:
            run.notes.append(Note(str(path), f"trial {trial.number}", ENDINGS[trial.state]))
        runs.append(run)
    if silent:
        notes.add(f"{silent} trials reported no intermediate values and have no curve")
    if not runs:
        notes.add("contains no trial with a curve")
        runs = [Run("", str(path), parser_id, "optuna", sources=[source])]
    runs[0].notes = [*notes.all(), *runs[0].notes]
    return runs
