"""The episodes of Stable-Baselines' `Monitor`: `monitor.csv`, or one `N.monitor.csv` per environment worker.

## Written by
`stable_baselines3.common.monitor.Monitor` and its predecessors in stable-baselines and OpenAI baselines; RL Zoo.

## How it is recognised
The first line is `#{json}` with `t_start`, and the header below begins with `r,l,t`: reward, length and end of an
episode, in seconds since `t_start`.

## What is read
Reward and length of each episode, additional columns, by environment step, with the time; the name of the
environment.

## What is not read
Other entries of the first line; videos; the model.

## Peculiarities
There is no step column: the step is the cumulative sum of all episode lengths, over all workers in time order. The
first line ends with LF, the others with CRLF. Additional columns are defined by the script.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import flatten
from ...files.open_log import open_log
from ...files.text import Notes, head_lines, head_of
from ...meaning.resolve import split_of_word
from ...meaning.words import words_of
from ...numbers.columns import Column, Table
from ...run import Curve, Meaning
from ...tables.delimited.table import read_delimited
from ...tables.json.rows import loads
from ...tables.table_runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ...run import Floats, Run, Split

ID = "sb3-monitor"
REWARD, LENGTH, TIME, START = "r", "l", "t", "t_start"
MAX_STEPS = 2**53  # of an episode, and seconds of the clock: from here on a float64 does not count on
HEADER = f"{REWARD},{LENGTH},{TIME}"
MEANINGS = {
    REWARD: Meaning("reward", direction="higher", reason="Monitor: the reward of an episode"),
    LENGTH: Meaning("statistic", reason="Monitor: the length of an episode"),
}


def sniff(_path: Path, head: bytes) -> bool:
    lines = head_lines(head)
    return len(lines) > 1 and lines[0].startswith("#{") and lines[1].replace('"', "").startswith(HEADER)


def parse(path: Path) -> Iterator[Run]:
    yield from parse_files([path])


def parse_files(paths: Sequence[Path]) -> Iterator[Run]:
    """Read the files of all workers as one run; those that are named for an evaluation are its validation."""
    held_out = [path for path in paths if _split_of(path) not in (None, "train")]
    training = [path for path in paths if path not in held_out]
    runs = [*(_read(training) if training else ()), *(_read(held_out) if held_out else ())]
    if training and held_out:
        run, evaluation = runs
        run.all_curves += [_evaluated(curve, run) for curve in evaluation.all_curves]
        run.sources += evaluation.sources
        run.notes += evaluation.notes
        runs = [run]
    yield from runs


def _split_of(path: Path) -> Split | None:
    return next((split for word in words_of(path.name.partition(".csv")[0]) if (split := split_of_word(word))), None)


def _evaluated(curve: Curve, run: Run) -> Curve:
    """A curve of evaluation episodes, at the training steps of their time where both clocks are known."""
    meaning = replace(curve.meaning, split="validation")
    trained = next((own for own in run.all_curves if own.tag == LENGTH), None)
    is_known = trained is not None and np.isfinite(trained.wall_time).all() and np.isfinite(curve.wall_time).all()
    if trained is None or not is_known or not len(trained):
        return replace(curve, meaning=meaning)
    before = np.searchsorted(trained.wall_time, curve.wall_time, side="right")
    step = np.where(before > 0, trained.step[np.maximum(before - 1, 0)], 0)
    return replace(
        Curve.build(curve.tag, step, curve.value, wall_time=curve.wall_time, epoch=curve.epoch), meaning=meaning
    )


def _read(paths: Sequence[Path]) -> Iterator[Run]:
    first, *others = paths
    notes = Notes(first)
    settings: dict[str, Any] = {}
    tables = []
    for path in paths:
        own_notes = Notes(path)
        facts = _facts(path)
        settings = {**facts, **settings}
        tables.append(_episodes(read_delimited(path, own_notes), facts.get(START)))
        notes.extend(own_notes.all())
    settings.pop(START, None)
    if len(paths) > 1:
        settings["n_envs"] = len(paths)
    table = _merged([table for table in tables if table.rows])
    framework = "stable-baselines3"
    for run in runs_of(
        first, table, notes, parser_id=ID, framework=framework, hyperparameters=flatten(settings), other_files=others
    ):
        run.all_curves = [curve.with_meaning(MEANINGS.get(curve.tag, curve.meaning)) for curve in run.all_curves]
        yield run


def _facts(path: Path) -> dict[str, Any]:
    """Read the first line: the start time and the environment."""
    with open_log(path) as file:
        line = next(iter(head_lines(head_of(file))), "")
    facts, _ = loads(line.removeprefix("#"))
    return facts if isinstance(facts, dict) else {}


def _episodes(table: Table, start: Any) -> Table:
    """Keep the rows with a reward and a length, and convert their times to wall times."""
    if not {REWARD, LENGTH} <= table.columns.keys():
        return Table()
    length = table.dense(LENGTH)
    is_episode = (length >= 0) & (length < MAX_STEPS)
    is_episode[np.setdiff1d(np.arange(table.rows), table.columns[REWARD].row)] = False
    kept = table.take(is_episode)
    seconds = kept.columns.pop(TIME, None)
    time = np.full(kept.rows, np.nan)
    if seconds is not None and isinstance(start, float | int) and abs(start) < MAX_STEPS:
        known = np.isfinite(seconds.value)
        time[seconds.row[known]] = seconds.value[known] + start
        # an appended run counts its seconds from a start that is not written
        time[np.maximum.accumulate(np.concatenate([[False], np.diff(time) < 0])) if kept.rows else []] = np.nan
    kept.columns["time"] = _column(time)
    return kept


def _merged(tables: list[Table]) -> Table:
    """Sort the episodes of all workers by time, and accumulate their steps."""
    rows = sum(table.rows for table in tables)
    merged = Table(rows)
    if not rows:
        return merged
    names = dict.fromkeys(name for table in tables for name in table.columns)
    dense = {name: np.concatenate([_dense(table, name) for table in tables]) for name in names}
    if len(tables) > 1:
        order = np.argsort(dense["time"], kind="stable")
        dense = {name: value[order] for name, value in dense.items()}
    merged.columns = {"step": _column(np.cumsum(dense[LENGTH])), **{n: _column(v) for n, v in dense.items()}}
    return merged


def _dense(table: Table, name: str) -> Floats:
    return table.dense(name) if name in table.columns else np.full(table.rows, np.nan)


def _column(value: Floats) -> Column:
    return Column(np.arange(len(value)), value)


PARSER = Parser(
    id=ID, title="Stable-Baselines Monitor", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__,
    parse_files=parse_files, companions=("progress.csv", "progress.json", "log.txt", "*tfevents*", "evaluations.npz", "eval*/*"),
)  # fmt: skip
