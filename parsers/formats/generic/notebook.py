"""Jupyter notebooks: what their cells printed, as text logs.

## Written by
Jupyter, JupyterLab, VS Code, Colab and Kaggle, when a notebook is saved with its outputs.

## How it is recognised
A JSON document with `cells` and `nbformat`; a notebook in which no cell printed a log is skipped.

## What is read
The printed output (`stdout`, `stderr`, plain texts of results) of each cell, like a plain-text log. Each cell that printed
a log is a run.

## What is not read
Code, prose, HTML, images, widgets. Nothing is executed.

## Peculiarities
Outputs of one cell are joined in their order. The run is named by the number of its cell, counted from 1, and a note gives
its execution count. A cell that was run again shows only the last output. Very long outputs are often cut by the front end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.text import Notes, head_text, read_text
from ...run import Run
from ...tables.json.rows import loads
from ...tables.table_runs import runs_of
from ...texts.log_text import read_log
from ...texts.mining.lines import without_colours

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...texts.log_text import Log

ID = "notebook"
MAX_CELLS = 10_000
MAX_OUTPUTS = 100_000  # of a cell; a progress bar writes one for each of its states
PLAIN = "text/plain"


def sniff(path: Path, head: bytes) -> bool:
    """Whether this is a notebook: every other file of this name is damaged."""
    return path.suffix.lower() == ".ipynb" and head_text(head).lstrip().startswith("{")


def refusal(path: Path, _head: bytes) -> str:
    try:
        has_log = next(_logs(path, Notes(path)), None) is not None
    except OSError:
        return ""
    return "" if has_log else "a notebook in which no cell printed a log of training"


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    count = 0
    for number, cell, (table, settings, framework) in _logs(path, notes):
        about = f"cell {number}"
        execution = cell.get("execution_count")
        notes.add(f"printed by {about}" + (f", execution {execution}" if isinstance(execution, int) else ""))
        for run in runs_of(path, table, notes, parser_id=ID, framework=framework or None, hyperparameters=settings):
            run.name = "/".join(filter(None, (about, run.name)))
            yield run
        notes = Notes(path)
        count += 1
    if not count:
        notes.add("no cell printed a log of training")
        yield Run("", str(path), ID, notes=notes.all())


def _logs(path: Path, notes: Notes) -> Iterator[tuple[int, Mapping[str, Any], Log]]:
    """Number, cell and log of the cells that printed one."""
    text = read_text(path, notes, keep_returns=True)
    document, damage = loads(text or "")
    if damage is not None:
        notes.add("the notebook is truncated or damaged: only the part before was read", f"character {damage}")
    cells = document.get("cells") if isinstance(document, Mapping) else None
    for number, cell in enumerate(cells[:MAX_CELLS] if isinstance(cells, list) else (), start=1):
        printed = _printed(cell) if isinstance(cell, Mapping) else ""
        log = read_log(printed) if printed else None
        if log is not None:
            yield number, cell, log


def _printed(cell: Mapping[str, Any]) -> str:
    """What a cell printed, streams and results in their order."""
    outputs = cell.get("outputs")
    parts: list[str] = []
    for output in outputs[:MAX_OUTPUTS] if isinstance(outputs, list) else ():
        if not isinstance(output, Mapping):
            continue
        data = output.get("data")
        found = output.get("text") if "text" in output else data.get(PLAIN) if isinstance(data, Mapping) else None
        lines = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        text = "".join(line for line in lines if isinstance(line, str))
        parts.append(text if output.get("output_type") == "stream" else f"{text}\n")
    return without_colours("".join(parts))


PARSER = Parser(
    id=ID,
    title="Jupyter notebook",
    patterns=patterns_of(__name__),
    sniff=sniff,
    parse=parse,
    doc=__doc__,
    refusal=refusal,
)
