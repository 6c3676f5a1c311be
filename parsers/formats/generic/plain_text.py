r"""Plain-text training logs: the printed output of a program.

## Written by
Nearly every training script, and: Keras, nanoGPT and modded-nanogpt, llm.c, Megatron-LM, fairseq, the Hugging Face
trainer, PyTorch's ImageNet and MNIST examples, Caffe, JoeyNMT, torchtune, mmcv and mmengine, TensorFlow estimators,
XGBoost and LightGBM.

## How it is recognised
Several lines with the same keys, including a metric, and an increasing counter; in the head, the middle or the end of
the file. Or a crash of a training script. Readmes, requirements, source code, tables and configurations have no such
lines.

## What is read
Numbers that recur in lines of the same shape, by the step or epoch in them or above them; times; hyperparameters
printed at the start; crash messages.

## What is not read
Prose, box-drawn tables, samples of generated text, lines with a shape that occurs only once.

## Peculiarities
Lines are parsed by the text around their numbers; tags are the keys as in the log, and a separate word for the split
comes first: `Train loss 2.3` is `train/loss`. Of a progress bar only the final state counts, unless the whole log is
one progress bar. If both single steps and whole epochs are logged under one key, the latter is `epoch/<key>`. Times
are converted to seconds, and unit suffixes are expanded (4.69G is 4.69e9). Several consecutive runs in one file
become several runs. Lines of source code in the log are skipped. Crash lines become incidents of the run.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...base import HEAD_BYTES, Parser
from ...files.cut_ends import MESSAGE, without_cut_number
from ...files.hyperparameters import is_config
from ...files.open_log import open_log
from ...files.text import Notes, head_text, read_text
from ...run import Meaning
from ...tables.table_runs import runs_of
from ...texts.boxes import unboxed
from ...texts.crash_lines import find_incidents, has_failure
from ...texts.dialects import GENERIC, dialect_of
from ...texts.interpret import interpreted, may_tell
from ...texts.mining.lines import without_colours
from ...texts.mining.miner import mined
from ...texts.placed_rows import Rows
from ...texts.records import Records
from ...texts.rows import evaluations_settled
from ...texts.settings import settings_in
from ...texts.shapes.keys import is_measured
from ...texts.shapes.quantities import is_quantity
from ...texts.table import table_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...run import Curve, Floats, Hyperparameter, Run, Split
    from ...texts.dialects import Dialect

ID = "plain-text"
PATTERNS = (
    "*.log", "*.txt", "*.out", "*.err", "stdout*", "stderr*", "*.o[0-9]*", "*.e[0-9]*", "nohup*", "log*", "*.log.[0-9]*",
    "*.log.gz", "*.txt.gz", "*.out.gz",
)  # fmt: skip
OTHER_SUFFIXES = frozenset(
    {".csv", ".tsv", ".json", ".jsonl", ".yaml", ".yml", ".py", ".ipynb", ".md", ".rst", ".html", ".xml", ".toml"}
)
PIECE_BYTES = 32 * 1024  # of the middle and of the end of a file, to recognise the format
MAX_SAMPLE_LINE = 1000  # characters
PIECES = 16
PIECE_CHARACTERS = 1024 * 1024  # split into lines at a time
MAX_SETTINGS_LINES = 1000  # of a log without rows
MIN_ROWS = 3
MIN_ROWS_KNOWN = 2  # of a named dialect
MIN_ROWS_VISIBLE = 3  # with fewer in a file of progress bars, their states are the log

_NOT_LOGS = re.compile(
    r"^(?:readme|license|licence|copying|notice|requirements|constraints|changelog|changes|cmakelists|robots|todo|authors"
    r"|manifest|vocab|classes|labels|top_level|sources|entry_points|record)\b|requirements.*\.txt$",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r'^[ ]*\{"', re.MULTILINE)
_SEARCH = re.compile(r"(?:config|params|parameters|hyperparameters|hparams|trial)\w*\W{0,4}\{[^{}\n]*\}", re.IGNORECASE)


def sniff(path: Path, head: bytes) -> bool:
    return not refusal(path, head)


def refusal(path: Path, head: bytes) -> str:
    """Why a file is no text log; "" if it is one."""
    if _NOT_LOGS.search(path.name) or path.suffix.lower() in OTHER_SUFFIXES or is_config(path):
        return "files of this name are no logs"
    text = head_text(head)
    if not text.strip():
        return "is empty, or not text"
    why = _why_no_log(text)
    if not why or len(head) < HEAD_BYTES or path.suffix == ".gz":
        return "" if not why or has_failure(text) else why
    pieces = _pieces(path)
    for some in (pieces[:: len(pieces) - 1] if len(pieces) > 1 else pieces, pieces):
        why = _why_no_log("\n".join(some))
        if not why or any(map(has_failure, (text, *some))):
            return ""
    return why


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    logged = read_text(path, notes, keep_returns=True) or ""
    text = without_cut_number(logged)
    if len(text) < len(logged):
        notes.add(MESSAGE, "the last line")
    dialect = dialect_of(_sample(text))
    rows, records, evidence = _mined(text, dialect)
    if rows.rows < (MIN_ROWS_VISIBLE if not dialect.is_bar else 1) and "\r" in text:
        every, records_of_every, evidence_of_every = _mined(text.replace("\r", "\n"), dialect)
        if every.rows > rows.rows:
            notes.add("the log is one progress bar: each of its states was read as a row")
            rows, records, evidence, text = every, records_of_every, evidence_of_every, text.replace("\r", "\n")
            logged = logged.replace("\r", "\n")
    for decision in dict.fromkeys(evidence):
        notes.add(decision)
    table = table_of(rows, notes)
    incidents = find_incidents(path, logged, rows.line, _steps_of(rows), notes)
    said = records.settings()
    table.columns = {tag: column for tag, column in table.columns.items() if tag not in said}
    settings = _plan(rows) | (said or settings_in(text, int(rows.line[0]) if rows.rows else MAX_SETTINGS_LINES))
    if not table.columns and incidents:
        notes.add("contains no rows of numbers, but reports a failure")
    runs = list(
        runs_of(path, table, notes, parser_id=ID, framework=dialect.framework or None, hyperparameters=settings)
    )
    runs[-1].incidents = incidents
    for run in runs:
        run.all_curves = [_with_split(curve, rows.splits) for curve in dialect.with_splits(run.all_curves)]
    yield from runs


def _mined(text: str, dialect: Dialect = GENERIC) -> tuple[Rows, Records, list[str]]:
    """Read all lines: the rows, the common data of the records, and what was decided, in words."""
    records = Records()
    evidence: list[str] = []
    groups = interpreted(mined(_lines(text, dialect, records), may_tell), dialect, evidence)
    return Rows(evaluations_settled(groups, is_bar=dialect.is_bar)), records, evidence


def _plan(rows: Rows) -> dict[str, Hyperparameter]:
    """The planned length: `Epoch 3/10` and `step 12/1000` show it, unless steps are counted within an epoch."""
    plan: dict[str, Hyperparameter] = {}
    if rows.epochs is not None:
        plan["epochs"] = rows.epochs
    elif rows.max_steps is not None and not np.isfinite(rows.epoch).any():
        plan["max_steps"] = rows.max_steps
    return plan


def _with_split(curve: Curve, splits: Mapping[str, Split]) -> Curve:
    split = splits.get(curve.tag)
    return curve.with_meaning(Meaning(split=split, reason="split named in the lines")) if split else curve


def _lines(text: str, dialect: Dialect, records: Records) -> Iterator[list[str]]:
    """Lines of a text, many at a time: boxes and records as plain lines."""
    is_boxed = text.startswith("|") or "\n|" in text
    start = 0
    while start < len(text):
        end = text.find("\n", start + PIECE_CHARACTERS)
        end = len(text) if end < 0 else end
        piece = text[start:end]
        lines = piece.split("\n")
        if is_boxed and "|" in piece:
            lines = list(unboxed(lines))
        if "{" in piece:
            lines = [records.plain(line) if "{" in line else line for line in lines]
        yield [dialect.rewritten(line) for line in lines] if dialect.rewrite else lines
        start = end + 1


def _steps_of(rows: Rows) -> Floats:
    """Step of each row as logged, or the epoch if there is none."""
    step = np.where(np.isnan(rows.step), rows.batch, rows.step)
    return step if np.isfinite(step).any() else rows.epoch


def _sample(text: str) -> str:
    """The beginning, the middle and the end, long lines cut."""
    middle = len(text) // 2
    pieces = "\n".join((text[:PIECE_BYTES], text[middle : middle + PIECE_BYTES], text[-PIECE_BYTES:]))
    return "\n".join(line[:MAX_SAMPLE_LINE] for line in without_colours(pieces).split("\n"))


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


def _why_no_log(text: str) -> str:
    """Why a text does not log a metric repeatedly, at different positions; "" if it does."""
    dialect = dialect_of(_sample(text))
    rows, _, _ = _mined(text, dialect)
    if rows.rows < MIN_ROWS and "\r" in text:
        rows, _, _ = _mined(text.replace("\r", "\n"), dialect)
    enough = MIN_ROWS if dialect is GENERIC else MIN_ROWS_KNOWN
    if rows.rows < enough:
        return "no line recurs that holds numbers and a counter"
    if len(_SEARCH.findall(text)) > rows.rows // 2:
        return "its lines are trials of a search"
    if not any(len(np.unique(axis[np.isfinite(axis)])) > 1 for axis in (rows.epoch, rows.step, rows.batch)):
        return "no number in its lines counts steps or epochs"
    columns = table_of(rows, Notes(Path())).columns
    if 2 * len(_DOCUMENT.findall(text)) > text.count("\n"):  # a log of JSON documents has parsers of its own
        columns = {tag: column for tag, column in columns.items() if is_measured(tag)}
    if any(len(column.row) >= enough and is_quantity(tag, column.value) for tag, column in columns.items()):
        return ""
    return "its lines count, but hold no quantity beside times, sizes and whole numbers"


PARSER = Parser(id=ID, title="Plain-text log", patterns=PATTERNS, sniff=sniff, parse=parse, doc=__doc__ or "")
