"""Optuna's database.

## Written by
`optuna.create_study(storage="sqlite:///…")`.

## How it is recognised
An SQLite database with the tables `studies`, `trials`, `trial_params` and `trial_intermediate_values`.

## What is read
Values reported by trials, by step, and the parameters of each trial; the direction of the study.

## What is not read
Trials without reported values (a final value only), attributes; databases that are not SQLite.

## Peculiarities
A trial is a run. The values from `trial.report` are its only curve, without times; trials without reports have no
curve. The study defines the direction. The value is NULL for NaN and ±inf, and a type column distinguishes them (the
first versions have no such column). A categorical value is stored as its index.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.text import Notes
from ...run import Note, Run
from ...stores.optuna_trials import TAG, Study, Trial, parameter, runs_of_trials
from ...stores.points import MAX_RUNS, Points
from ...stores.sqlite_file import DAMAGE, columns_of, has_tables, in_order, opened, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...run import Direction
    from ...stores.sqlite_file import Database

ID = "optuna-sqlite"
TABLES = frozenset({"studies", "trials", "trial_params", "trial_intermediate_values"})
STUDIES = "SELECT study_id, study_name FROM studies ORDER BY study_id"
DIRECTIONS = "SELECT direction FROM study_directions WHERE study_id = ?"
TRIALS = "SELECT trial_id, study_id, state FROM trials ORDER BY trial_id LIMIT ?"
VALUES = """SELECT trial_intermediate_value_id, step, intermediate_value, {kind}
FROM trial_intermediate_values WHERE trial_id = ?"""
PARAMETERS = "SELECT param_id, param_name, param_value, distribution_json FROM trial_params WHERE trial_id = ?"
KIND = "intermediate_value_type"
SPECIAL = {"NAN": math.nan, "INF_POS": math.inf, "INF_NEG": -math.inf}
BETTER: dict[str, Direction] = {"MINIMIZE": "lower", "MAXIMIZE": "higher"}


def sniff(path: Path, head: bytes) -> bool:
    return has_tables(path, head, TABLES)


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    try:
        with opened(path) as database:
            yield from runs_of_trials(path, ID, _trials(database, notes), notes)
    except DAMAGE as error:
        yield Run("", str(path), ID, "optuna", notes=[Note(str(path), "", f"cannot be read as a database: {error}")])


def _trials(database: Database, notes: Notes) -> Iterator[Trial]:
    values = VALUES.format(kind=KIND if KIND in columns_of(database, "trial_intermediate_values") else "''")
    named = list(rows(database, notes, STUDIES))
    studies = {key: Study(str(name), _direction(database, key, notes)) for key, name in named}
    for key, study_key, state in list(rows(database, notes, TRIALS, [MAX_RUNS])):
        study = studies.setdefault(study_key, Study("study"))
        points = Points(notes)
        for step, value, kind in in_order(rows(database, notes, values, [key])):
            points.add(TAG, step, SPECIAL.get(str(kind), math.nan if value is None else value))
        settings = {
            str(name): parameter(value, about)
            for name, value, about in in_order(rows(database, notes, PARAMETERS, [key]))
        }
        yield Trial(study, study.trials, str(state), points, settings)
        study.trials += 1


def _direction(database: Database, study: Any, notes: Notes) -> Direction:
    given = [str(row[0]) for row in rows(database, notes, DIRECTIONS, [study])]
    return BETTER.get(given[0], "unknown") if len(given) == 1 else "unknown"


PARSER = Parser(id=ID, title="Optuna database", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__)
