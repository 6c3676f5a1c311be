"""Settings on command lines: `python train.py --lr 0.1 model.depth=3`, also in scripts and with variables of these."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .lines import value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_COMMAND = 20_000  # characters
MIN_FLAGS = 2  # after a program of any name

_PYTHON = re.compile(r"(?:.*/)?(?:python[\d.]*|torchrun|accelerate|deepspeed|launch)")
_PROGRAM = re.compile(r"[\w./${}-]*train[\w./${}-]*")
_FLAG = re.compile(r"--?([A-Za-z][\w./-]*)(?:=(.*))?", re.DOTALL)
_OVERRIDE = re.compile(r"\+{0,2}([A-Za-z_][\w./@-]*)=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)=(\S*|\"[^\"]*\"|'[^']*')\s*(?:#.*)?")
_USE = re.compile(r"\$\{?(\w+)\}?")
_END = re.compile(r"(?<!\\)(?:\s(?:&&?|\|\|?|;|[12]?>>?|2>&1)(?=\s|$)|;$).*", re.DOTALL)
_HAS_FLAGS = re.compile(r"\s(?:--?[A-Za-z][\w./-]*|[A-Za-z_][\w./@-]*=\S)")


def settings_of_command(line: str) -> dict[str, Any]:
    """The settings after the program of a command line; empty if the line names no program with settings."""
    if len(line) > MAX_COMMAND or not _HAS_FLAGS.search(line):
        return {}
    try:
        words = shlex.split(_END.sub("", line))
    except ValueError:
        words = line.split()
    place = _last_of_program(words)
    return settings_of_words(words[place + 1 :]) if place is not None else {}


def _last_of_program(words: Sequence[str]) -> int | None:
    """The place of a script, of a module after `python -m`, or of a program for training before its first flag."""
    for i, word in enumerate(words):
        if word.endswith(".py"):
            return i
        if word == "-m" and i and i + 1 < len(words) and _PYTHON.fullmatch(words[i - 1]):
            return i + 1
    for i, (word, after) in enumerate(pairwise(words)):
        if _PROGRAM.fullmatch(word) and after.startswith("--"):
            return i
    flags = [i for i, word in enumerate(words) if word.startswith("-")]
    return flags[0] - 1 if len(flags) >= MIN_FLAGS and "/" in words[0] else None


def settings_of_words(words: Sequence[str]) -> dict[str, Any]:
    """The settings of the words after a program: flags with the values that follow them, and `name=value`."""
    found: dict[str, Any] = {}
    name = ""
    values: list[Any] = []

    def close() -> None:
        if name:
            found[name] = values[0] if len(values) == 1 else values or True

    for word in words:
        flag, override = _FLAG.fullmatch(word), _OVERRIDE.fullmatch(word)
        if flag and not _is_number(word):
            close()
            name, values = flag[1], [] if flag[2] is None else [value_of(flag[2])]
            if flag[2] is None and name.startswith(("no-", "no_")):
                found[name[3:]] = False
                name = ""
            elif flag[2] is not None:
                close()
                name = ""
        elif override and not name:
            found[override[1]] = value_of(override[2])
        elif name:
            values = [*values, value_of(word)]
    close()
    return found


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def settings_of_script(text: str) -> dict[str, Any]:
    """The settings of the last command of a shell script that has any, its variables replaced by what was assigned to them."""
    variables: dict[str, str] = {}
    found: dict[str, Any] = {}
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        stripped = line.strip()
        if stripped.startswith("#"):
            continue
        if assigned := _VARIABLE.fullmatch(stripped):
            variables[assigned[1]] = assigned[2].strip("\"'")
            continue
        found = settings_of_command(_USE.sub(lambda used: variables.get(used[1], used[0]), stripped)) or found
    return found
