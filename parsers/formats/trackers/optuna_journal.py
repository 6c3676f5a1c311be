"""Optuna's journal file.

## Written by
`optuna.storages.JournalStorage(JournalFileBackend("journal.log"))`.

## How it is recognised
JSON lines with `op_code` and `worker_id`.

## What is read
Values reported by trials, by step, and the parameters of each trial.

## What is not read
Trials without reported values (a final value only), attributes, distributions.

## Peculiarities
A line is an operation, not a row: studies and trials are numbered in order of creation, over all studies of the file.
NaN and Infinity are unquoted. A categorical value is stored as its index. Lines of several workers are interleaved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.text import Notes, head_lines, read_text
from ...stores.optuna_trials import STATES, TAG, Study, Trial, parameter, runs_of_trials
from ...stores.points import MAX_RUNS, Points, as_step
from ...tables.json.records import json_records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...run import Direction, Run

ID = "optuna-journal"
BETTER: dict[int | None, Direction] = {1: "lower", 2: "higher"}

_CREATE_STUDY, _CREATE_TRIAL, _PARAMETER, _STATE, _VALUE = 0, 4, 5, 6, 7


def sniff(_path: Path, head: bytes) -> bool:
    lines = head_lines(head)
    return bool(lines) and lines[0].startswith("{") and '"op_code"' in lines[0] and '"worker_id"' in lines[0]


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    yield from runs_of_trials(path, ID, _trials(path, notes), notes)


def _trials(path: Path, notes: Notes) -> list[Trial]:
    studies: list[Study] = []
    trials: list[Trial] = []
    for line, operation in json_records(read_text(path, notes) or "", notes):
        if not isinstance(operation, Mapping):
            notes.add("is not an operation: skipped", f"line {line}")
            continue
        code = operation.get("op_code")
        if code == _CREATE_STUDY:
            given = operation.get("directions")
            only = as_step(given[0]) if isinstance(given, list) and len(given) == 1 else None
            studies.append(Study(str(operation.get("study_name")), BETTER.get(only, "unknown")))
        elif code == _CREATE_TRIAL and len(trials) < MAX_RUNS:
            trials.append(_new_trial(operation, studies, notes))
        elif code in (_PARAMETER, _STATE, _VALUE):
            number = as_step(operation.get("trial_id"))
            if number is not None and 0 <= number < len(trials):
                _apply(operation, trials[number])
    return trials


def _new_trial(operation: Mapping[str, Any], studies: list[Study], notes: Notes) -> Trial:
    number = as_step(operation.get("study_id"))
    study = studies[number] if number is not None and 0 <= number < len(studies) else Study("study")
    trial = Trial(study, study.trials, _state(operation.get("state", 0)), Points(notes))
    study.trials += 1
    # A trial that was added as complete has all its data in one operation.
    for name, about in _items(operation.get("distributions")):
        trial.parameters[name] = parameter(dict(_items(operation.get("params"))).get(name), about)
    for step, value in _items(operation.get("intermediate_values")):
        trial.points.add(TAG, step, value)
    return trial


def _apply(operation: Mapping[str, Any], trial: Trial) -> None:
    code = operation["op_code"]
    if code == _PARAMETER:
        value, about = operation.get("param_value_internal"), operation.get("distribution")
        trial.parameters[str(operation.get("param_name"))] = parameter(value, about)
    elif code == _STATE:
        trial.state = _state(operation.get("state"))
    else:
        trial.points.add(TAG, operation.get("step"), operation.get("intermediate_value"))


def _state(number: Any) -> str:
    return STATES[number] if isinstance(number, int) and 0 <= number < len(STATES) else "unknown"


def _items(mapping: Any) -> list[tuple[str, Any]]:
    return list(mapping.items()) if isinstance(mapping, Mapping) else []


PARSER = Parser(id=ID, title="Optuna journal", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__)
