"""The `trainer_state.json` of the Hugging Face Trainer.

## Written by
`transformers.Trainer` and libraries built on it (TRL, Axolotl, LLaMA-Factory), at the end and in every
`checkpoint-N/`.

## How it is recognised
A JSON object with the key `log_history`.

## What is read
All rows of `log_history` by step, with the epoch, evaluations as validation; the few arguments in the file, and
`config.json` beside it.

## What is not read
`training_args.bin`, a pickle; `all_results.json` and similar files, which repeat final values.

## Peculiarities
`log_history` mixes rows of training (`loss`, `learning_rate`, `grad_norm`), of evaluations (`eval_…`) and a final
summary with `train_loss`, a mean over the run and not a point of a curve. An evaluation may occur twice at the same
step: the last one counts. `epoch` is fractional. There are no times, and only a few of the arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import flatten
from ...files.text import Notes, head_text
from ...tables.json.rows import load_json, table_of_rows
from ...tables.table_runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...run import Run

ID = "hf-trainer-state"
SETTINGS = ("max_steps", "num_train_epochs", "train_batch_size", "logging_steps", "eval_steps", "save_steps")
SUMMARY_MARK = "train_runtime"


def sniff(_path: Path, head: bytes) -> bool:
    text = head_text(head)
    return text.lstrip().startswith("{") and '"log_history"' in text


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    document = load_json(path, notes)
    state = document if isinstance(document, Mapping) else {}
    history = state.get("log_history")
    rows = [row for row in history if isinstance(row, Mapping)] if isinstance(history, list) else []
    table = table_of_rows(_last_evaluations([row for row in rows if SUMMARY_MARK not in row]), notes)
    settings = flatten({key: state[key] for key in SETTINGS if key in state})
    yield from runs_of(path, table, notes, parser_id=ID, framework="huggingface", hyperparameters=settings)


def _last_evaluations(rows: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Drop the values of an evaluation that was repeated at the same step."""
    seen: set[tuple[str, Any]] = set()
    kept = []
    for row in reversed(rows):
        step = repr(row.get("step"))
        kept.append({key: value for key, value in row.items() if not (key.startswith("eval_") and (key, step) in seen)})
        seen |= {(key, step) for key in row}
    return kept[::-1]


PARSER = Parser(
    id=ID, title="Hugging Face trainer_state.json", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__,
    companions=("runs/*/*tfevents*",),
)  # fmt: skip
