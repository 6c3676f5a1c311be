"""Hyperparameters of a command line, as it is printed in a log or kept in a file: `python train.py --lr 0.1 optim=adam`."""

from __future__ import annotations

import ast
import re
import shlex
from typing import Any

MAX_COMMAND = 16 * 1024  # characters; shells allow more, people do not type it
MAX_LINES = 2000  # among which a command is looked for
MAX_FLAGS = 500

_LABEL = re.compile(
    r"^(?:[$+>]\s+|[\w .]{0,20}\b(?:command|cmd|argv|args|arguments|call)(?: line)?\s*[:=]\s*)", re.IGNORECASE
)
_HINT = re.compile(r"\.py\b| -m |(?:command|cmd|argv|args|arguments|call)(?: line)?\s*[:=]", re.IGNORECASE)
_LAUNCHERS = frozenset(
    "python torchrun accelerate launch deepspeed srun mpirun mpiexec nohup uv poetry run time sudo env exec horovodrun xvfb-run".split()
)
_PYTHON = re.compile(r"(?:\S*/)?python[\d.]*w?")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*=\S*")
_FLAG = re.compile(r"(--?)([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_OVERRIDE = re.compile(r"\+{0,2}([A-Za-z_][\w.@/]*)=(.*)", re.DOTALL)
_NUMBER = re.compile(r"-?\.?\d")


def command_in(text: str) -> dict[str, Any]:
    """The settings of the first command line in a text, one a line; empty if there is none."""
    joined = text.replace("\\\r\n", " ").replace("\\\n", " ")
    for line in joined.split("\n", MAX_LINES)[:MAX_LINES]:
        if len(line) <= MAX_COMMAND and ("--" in line or "=" in line) and _HINT.search(line):
            found = settings_of_command(line.strip(), is_certain=False)
            if found:
                return found
    return {}


def settings_of_command(line: str, *, is_certain: bool = True) -> dict[str, Any]:
    """The settings of a command line, by name; empty if it is none. `is_certain`: the line is known to be a command."""
    labelled = _LABEL.match(line)
    tokens = _tokens(line[labelled.end() :] if labelled else line)
    start = _first_argument(tokens, is_certain=is_certain or labelled is not None)
    return {} if start is None else _arguments(tokens[start:])


def _tokens(text: str) -> list[str]:
    if text.startswith("["):  # sys.argv as Python prints it
        try:
            listed = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return []
        return [str(item) for item in listed] if isinstance(listed, list) else []
    try:
        return shlex.split(text)
    except ValueError:  # quotes that are not closed: prose
        return []


def _first_argument(tokens: list[str], *, is_certain: bool) -> int | None:
    """Where the arguments of the program begin; those before are of its launcher. None if this is no command."""
    if is_certain and tokens and tokens[0].startswith("--"):
        return 0
    launched = is_certain
    for i, word in enumerate(tokens):
        if word == "-m" and i + 1 < len(tokens) and not tokens[i + 1].startswith("-"):
            if "." in tokens[i + 1] and tokens[i + 1].endswith((".launch", ".run")):
                continue  # of torch.distributed: the program comes later
            return i + 2
        if word.endswith(".py"):
            return i + 1 if launched or any(each.startswith("--") for each in tokens[i + 1 :]) else None
        if word in _LAUNCHERS or _PYTHON.fullmatch(word) or _VARIABLE.fullmatch(word):
            launched = True
        elif not launched:
            return None
    return 1 if is_certain and tokens else None


def _arguments(tokens: list[str]) -> dict[str, Any]:
    """Values of flags and of overrides as Hydra has them; a flag without a value is a switch."""
    values: dict[str, Any] = {}
    place = 0
    while place < len(tokens) and len(values) < MAX_FLAGS:
        token, place = tokens[place], place + 1
        flag, override = _FLAG.fullmatch(token), _OVERRIDE.fullmatch(token)
        if token in ("&&", "||", "|", ";", ">", ">>", "2>&1", "&"):
            break
        if flag and (flag[1] == "--" or len(flag[2]) > 1):
            name = flag[2].replace("-", "_")
            given = [flag[3]] if flag[3] is not None else []
            while flag[3] is None and place < len(tokens) and _is_value(tokens[place]):
                given.append(tokens[place])
                place += 1
            values[name] = True if not given else typed_text(" ".join(given))
        elif override and not token.startswith("-"):
            values[override[1]] = typed_text(override[2])
    return {name: value for name, value in values.items() if not (isinstance(value, str) and "$" in value)}


def _is_value(token: str) -> bool:
    return (not token.startswith("-") or _NUMBER.match(token) is not None) and token not in (
        "&&",
        "||",
        "|",
        ";",
        ">",
        ">>",
        "2>&1",
        "&",
    )


def typed_text(text: str) -> Any:
    """A number or a truth value that is given as text; any other text as it is."""
    words = {"true": True, "false": False, "none": None, "null": None}
    if text.lower() in words:
        return words[text.lower()]
    try:
        return int(text) if re.fullmatch(r"[-+]?\d{1,18}", text) else float(text)
    except ValueError:
        return text
