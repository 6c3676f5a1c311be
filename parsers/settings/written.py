"""The settings in a file of unknown name: by its structure alone, whichever program wrote it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from typing import Any

from ..files.hyperparameters import load_toml, load_yaml
from ..files.python_config import assignments
from .commands import settings_of_command, settings_of_script, settings_of_words
from .lines import is_flags, is_nested, settings_of_lines, value_of
from .literals import object_of, printed_calls
from .recognise import is_known, is_result

_SCRIPTS = (".sh", ".bash", ".slurm", ".sbatch", ".cmd", ".job", ".pbs")
MIN_YAML = 0.7  # share of lines that look like YAML, before it is read, which is slow
MAX_ROWS = 500  # of a table of names and values

_YAML_LINE = re.compile(r"\s*(?:- |-$|#|[\w.\"'/ -]+:(?:\s|$)|---|\.\.\.|\?|[\]\[{}])")
_NUMBER = re.compile(r"[-+.\d][\w.+-]*")
_NAME = re.compile(r"[A-Za-z_][\w./ -]{0,80}")


def settings_written(text: str, suffix: str) -> Mapping[Any, Any]:
    """The settings of a text, nested as there; empty if it is anything else. `suffix` is that of its file."""
    bare = text.strip()
    if not bare or "\0" in text:
        return {}
    return next((found for read in _readers(bare, suffix) if (found := read(bare))), {})


def _readers(text: str, suffix: str) -> list[Callable[[str], Mapping[Any, Any]]]:
    """The readers of what a text looks like, the strictest first."""
    if text.startswith("{") and text.endswith("}"):
        return [object_of]
    if suffix in _BY_SUFFIX:
        return [_BY_SUFFIX[suffix]]
    if text.startswith("#!"):
        return [settings_of_script]
    if is_flags(text):
        return [_flags]
    readers: list[Callable[[str], Mapping[Any, Any]]] = [_toml] if suffix == ".toml" else [_called]
    if (suffix in (".yaml", ".yml") or is_nested(text)) and _is_yaml(text):
        readers.append(_yaml)
    return [*readers, *([] if "\n" in text else [settings_of_command]), settings_of_lines]


def _flags(text: str) -> Mapping[Any, Any]:
    return settings_of_words([word for line in text.splitlines() for word in _flag_words(line)])


def _called(text: str) -> Mapping[Any, Any]:
    return next(printed_calls(text), {})


def _toml(text: str) -> Mapping[Any, Any]:
    return _loaded(load_toml, text)


def _yaml(text: str) -> Mapping[Any, Any]:
    return _loaded(load_yaml, text)


def _flag_words(line: str) -> list[str]:
    """A line of a file of flags: all of it is one, with its value after "=" or a blank."""
    name, _, value = line.strip().partition(" ")
    return [name, value.strip()] if value and "=" not in name else [line.strip()]


def _loaded(load: Any, text: str) -> Mapping[Any, Any]:
    try:
        value = load(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, Mapping) else {}


def _is_yaml(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    return sum(_YAML_LINE.match(line) is not None for line in lines) >= MIN_YAML * len(lines)


def _row(text: str, delimiter: str = "") -> dict[str, Any]:
    """A table of one row below its names, or of names beside their values."""
    lines = text.splitlines()
    if len(lines) > MAX_ROWS:
        return {}
    delimiter = delimiter or max(",;\t", key=lines[0].count)
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return {}
    if len(rows) == 2 and len(rows[0]) == len(rows[1]) > 1 and all(map(_NAME.fullmatch, rows[0])):
        return {name: value_of(cell) for name, cell in zip(*rows, strict=True)}
    if len(rows) > 1 and all(len(row) == 2 and _NAME.fullmatch(row[0]) for row in rows):
        return {name: value_of(cell) for name, cell in rows}
    return {}


def rows_by_name(text: str, suffix: str) -> dict[str, dict[str, Any]]:
    """The rows of a table of runs, by the texts in it that no other row has; without results, and without other values of one row alone."""
    lines = text.strip().splitlines()
    if not 2 < len(lines) <= MAX_ROWS:
        return {}
    try:
        names, *rows = csv.reader(lines, delimiter="\t" if suffix == ".tsv" else max(",;", key=lines[0].count))
    except csv.Error:
        return {}
    if not all(map(_NAME.fullmatch, names)) or not all(len(row) == len(names) for row in rows):
        return {}
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    named = [
        name
        for name, cells in columns.items()
        if len(set(cells)) == len(rows) and not any(map(_NUMBER.fullmatch, cells))
    ]
    kept = {
        name: [value_of(cell) for cell in cells]
        for name, cells in columns.items()
        if name not in named and (is_known(name) or len(set(cells)) < len(rows))
    }
    kept = {name: values for name, values in kept.items() if not any(is_result(name, value) for value in values)}
    return {
        columns[key][i]: {name: values[i] for name, values in kept.items()} for key in named for i in range(len(rows))
    }


def _tabbed_row(text: str) -> dict[str, Any]:
    return _row(text, "\t")


_BY_SUFFIX: dict[str, Callable[[str], Mapping[Any, Any]]] = {
    ".csv": _row, ".tsv": _tabbed_row, ".py": assignments, **dict.fromkeys(_SCRIPTS, settings_of_script),
}  # fmt: skip
