r"""Plain-text training logs: the printed output of a program.

## Written by
Nearly every training script, and: Keras, nanoGPT and modded-nanogpt, llm.c, Megatron-LM, fairseq, the Hugging Face
trainer, PyTorch's ImageNet and MNIST examples, Caffe, JoeyNMT, torchtune, mmcv and mmengine, TensorFlow estimators,
XGBoost and LightGBM.

## How it is recognised
By its structure, whatever its names: at least three lines (two of a known program) that differ only in their numbers, one
of which counts, and another is a quantity: one with a known name, or numbers that are not whole and are no time, size or
speed. They may stand anywhere in the file. Or a crash of a training script. Readmes, requirements, source code, tables of
data, configurations, and the output of downloads, servers and tests have no such lines.

## What is read
Lines of one skeleton are records: their numbers are named by the words before or behind them, by the header of a table, or
`value_1` ... where there is none. Step and epoch are the numbers that count; where no known word names them the evidence is
a note. Times; hyperparameters printed at the start; crash messages.

## What is not read
Prose, samples of generated text, configurations printed between records, lines of unknown names that occur only once.

## Peculiarities
Tags are the keys as in the log, and a separate word for the split comes first: `Train loss 2.3` is `train/loss`. What
loggers and launchers write before a message is cut off. Of a progress bar only the final state counts, unless the bar
spans the whole training; progress of an evaluation is no step. If both single steps and whole epochs are logged under one key,
the latter is `epoch/<key>`. Lines that number their parts have one tag for each (`Region 82 IOU`), lists one for each
element (`dice/0`). Records that two log handlers wrote count once; of several processes that log the same steps the mean is
read; both are noted. Times are converted to seconds, and unit suffixes are expanded (4.69G is 4.69e9). Several consecutive
runs in one file become several runs. Lines of source code in the log are skipped. Crash lines become incidents of the run.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import numpy as np

from ...base import HEAD_BYTES, Parser
from ...file_names import patterns_of
from ...files.cut_ends import MESSAGE, without_cut_number
from ...files.hyperparameters import is_config
from ...files.open_log import open_log
from ...files.text import Notes, head_text, read_text
from ...run import Meaning
from ...tables.simulations import refusal_of_names
from ...tables.table_runs import runs_of
from ...texts.crash_lines import find_incidents, has_failure
from ...texts.log_text import PIECE_BYTES, mined_text, why_no_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ...run import Curve, Floats, Run, Split
    from ...texts.placed_rows import Rows

ID = "plain-text"
OTHER_SUFFIXES = frozenset(
    {".csv", ".tsv", ".json", ".jsonl", ".yaml", ".yml", ".py", ".ipynb", ".md", ".rst", ".html", ".xml", ".toml"}
)
_WORD = re.compile(r"[A-Za-z]\w{1,39}")
PIECES = 16  # of a file, to recognise the format

_NOT_LOGS = re.compile(
    r"^(?:readme|license|licence|copying|notice|requirements|constraints|changelog|changes|cmakelists|robots|todo|authors"
    r"|manifest|vocab|classes|labels|top_level|sources|entry_points|record)\b|requirements.*\.txt$",
    re.IGNORECASE,
)


def sniff(path: Path, head: bytes) -> bool:
    return not why_not(path, head)


def why_not(path: Path, head: bytes) -> str:
    """Why a file is no text log; "" if it is one."""
    if _NOT_LOGS.search(path.name) or path.suffix.lower() in OTHER_SUFFIXES or is_config(path):
        return "files with this name are not logs"
    text = head_text(head)
    if not text.strip():
        return "is empty, or not text"
    why = why_no_log(text)
    if not why or len(head) < HEAD_BYTES or path.suffix == ".gz":
        return "" if not why or has_failure(text) else why
    pieces = _pieces(path)
    ends = pieces[:: len(pieces) - 1] if len(pieces) > 1 else pieces
    for some in (ends, pieces) if len(pieces) > len(ends) else (pieces,):
        why = why_no_log("\n".join(some))
        if not why or any(map(has_failure, (text, *some))):
            return ""
    return why


def refusal(_path: Path, head: bytes) -> str:
    return refusal_of_names(dict.fromkeys(_WORD.findall(head_text(head))))


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    logged = read_text(path, notes, keep_returns=True) or ""
    text = without_cut_number(logged)
    if len(text) < len(logged):
        notes.add(MESSAGE, "the last line")
    read = mined_text(text)
    rows, dialect = read.rows, read.dialect
    table = read.table(notes)
    incidents = find_incidents(path, read.text + logged[len(text) :], rows.line, _steps_of(rows), notes)
    if not table.columns and incidents:
        notes.add("contains no rows of numbers, but reports a failure")
    runs = list(
        runs_of(path, table, notes, parser_id=ID, framework=dialect.framework or None, hyperparameters=read.settings())
    )
    runs[-1].incidents = incidents
    for run in runs:
        run.all_curves = [_with_split(curve, rows.splits) for curve in dialect.with_splits(run.all_curves)]
    yield from runs


def _with_split(curve: Curve, splits: Mapping[str, Split]) -> Curve:
    split = splits.get(curve.tag)
    return curve.with_meaning(Meaning(split=split, reason="split named in the lines")) if split else curve


def _steps_of(rows: Rows) -> Floats:
    """Step of each row as logged, or the epoch if there is none."""
    step = np.where(np.isnan(rows.step), rows.batch, rows.step)
    return step if np.isfinite(step).any() else rows.epoch


def _pieces(path: Path) -> list[str]:
    """Text from places all over a file, the last one at its end."""
    try:
        size = path.stat().st_size
        with open_log(path) as file:
            pieces = []
            count = min(PIECES, 1 + (size - HEAD_BYTES) // PIECE_BYTES)
            for start in np.linspace(HEAD_BYTES, max(HEAD_BYTES, size - PIECE_BYTES), count).astype(int).tolist():
                file.seek(start, os.SEEK_SET)
                # Both ends of a piece are cut lines.
                pieces.append("\n".join(head_text(file.read(PIECE_BYTES)).split("\n")[1:-1]))
    except OSError:
        return []
    return pieces


PARSER = Parser(
    id=ID,
    title="Plain-text log",
    patterns=patterns_of(__name__),
    sniff=sniff,
    why_not=why_not,
    refusal=refusal,
    parse=parse,
    doc=__doc__ or "",
)
