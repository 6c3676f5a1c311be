"""Hyperparameters printed at the beginning of a log.

Supported are `Namespace(lr=0.1, ...)` of argparse, command lines, dictionaries, and blocks of three or more consecutive
`key: value` lines (also with the prefix `cfg.` of JoeyNMT) with a well-known hyperparameter.
"""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any

from ..files.command_line import command_in
from ..files.hyperparameters import MAX_KEYS, flatten
from ..meaning.words import words_of

if TYPE_CHECKING:
    from ..run import Hyperparameter

MAX_HEAD = 512 * 1024  # characters in which hyperparameters are searched
MAX_NAMESPACE = 64 * 1024  # characters of one, which Python's own parser reads
MIN_BLOCK = 3  # lines
MAX_LINE = 400
MAX_VALUE = 200  # characters

MAX_DICTIONARIES = 20  # that are tried

_DICTIONARY = re.compile(r"\{\s*['\"][\w./-]{1,60}['\"]\s*:")
# Words of what is measured: a dictionary with one of them is a row of results.
_RESULTS = frozenset("loss acc accuracy step iteration iter epoch grad norm score reward perplexity".split())
_NAMESPACE = re.compile(r"(?:^|[\s:=>])(?:argparse\.)?Namespace\((?=\w+=)", re.MULTILINE)
_PREFIX = re.compile(
    r"^(?:[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[ T][0-9:.,]{8,15}|[A-Z]{4,8}:[\w.]+:)(?:[ \t]+- +[\w.]{1,40}(?=[ \t]+-)){0,3}[ \t]*(?:- +)?"
)
_SETTING = re.compile(r"^(?:[-*] )?[ \t]*(?:cfg\.)?([A-Za-z_][\w.-]{0,60})[ \t]*(?::|=|\.{4,})[ \t]*(\S.{0,200})$")
_NO_VALUE = re.compile(
    r"^(?:float|int|str|bool|self|torch|np|nn|None,|lambda)\b[^'\"]|\w+ \w+ \w+ \w+|^[\w.]+\(.*$|[({\[]$"
)
_COMMENT = re.compile(r"\s+#\s.*$")  # after a value, as in the configuration files that nanoGPT prints
_CODE = re.compile(r"^(?:import \w|from \w+[\w.]* import|def \w+\(|class \w+[(:])", re.MULTILINE)
_KNOWN = frozenset(
    "lr learning_rate learningrate batch_size batchsize epochs num_epochs max_epochs n_epochs max_steps max_iters optimizer weight_decay "
    "weightdecay momentum seed dropout warmup_steps train_batch_size per_device_train_batch_size num_train_epochs "
    "num_layers hidden_size training.learning_rate training.batch_size training.epochs random_seed".split()
)


def settings_in(text: str, lines: int) -> dict[str, Hyperparameter]:
    """Find the hyperparameters in the first lines of a log; flat, typed, secrets masked."""
    head = "\n".join(text[:MAX_HEAD].split("\n", lines)[:lines])
    found: dict[str, Any] = {}
    for match in _NAMESPACE.finditer(head):
        found |= _namespace(head[match.end() - len("Namespace(") : match.end() + MAX_NAMESPACE])
        break
    if found or _CODE.search(head):
        return flatten(found)
    return flatten(_dictionary(head) or _block(head)) or flatten(command_in(head))


def _namespace(text: str) -> dict[str, Any]:
    """Read `Namespace(a=1, b='x')`, without values that are not plain."""
    end = _closing(text)
    if end < 0:
        return {}
    try:
        call = ast.parse(text[: end + 1].replace("\n", " "), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    values: dict[str, Any] = {}
    for keyword in call.keywords[:MAX_KEYS] if isinstance(call, ast.Call) else ():
        try:
            values[keyword.arg or ""] = ast.literal_eval(keyword.value)
        except (ValueError, TypeError, RecursionError, MemoryError):
            values[keyword.arg or ""] = ast.unparse(keyword.value)[:MAX_VALUE]
    values.pop("", None)
    return values


def _dictionary(head: str) -> dict[str, Any]:
    """The first dictionary of Python or JSON that has a well-known hyperparameter and no results."""
    for tried, match in enumerate(_DICTIONARY.finditer(head)):
        if tried == MAX_DICTIONARIES:
            break
        text = head[match.start() : match.start() + MAX_NAMESPACE]
        text = text[: _closing(text) + 1]
        try:
            values = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            try:
                values = json.loads(text)
            except (ValueError, RecursionError):
                continue
        if isinstance(values, dict) and _is_configuration(values):
            return {str(key): value for key, value in values.items()}
    return {}


def _is_configuration(values: dict[Any, Any]) -> bool:
    names = [name.rpartition(".")[2].lower() for name in flatten(values)]
    return (
        len(names) >= MIN_BLOCK
        and not _KNOWN.isdisjoint(names)
        and not any(
            _RESULTS & set(words_of(str(key))) and not isinstance(value, str | dict) for key, value in values.items()
        )
    )


def _closing(text: str) -> int:
    """Index of the bracket that closes the first one, ignoring strings; -1 if there is none."""
    depth, quote = 0, ""
    for index, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return index
    return -1


def _block(head: str) -> dict[str, Any]:
    """The first block with a well-known hyperparameter."""
    block: dict[str, str] = {}
    for line in [*head.split("\n"), ""]:
        found = _SETTING.match(_COMMENT.sub("", _PREFIX.sub("", line[:MAX_LINE], count=1)))
        if found and len(block) < MAX_KEYS and not _NO_VALUE.search(found[2]):
            block[found[1]] = found[2]
            continue
        if len(block) >= MIN_BLOCK and not _KNOWN.isdisjoint(key.lower() for key in block):
            return {key: _typed(value) for key, value in block.items()}
        block = {}
    return {}


def _typed(text: str) -> Any:
    text = text.strip().rstrip(",")
    try:
        value = ast.literal_eval(text) if len(text) <= MAX_VALUE else text
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return {"true": True, "false": False, "null": None}.get(text.lower(), text.strip("\"'"))
    return value if isinstance(value, bool | int | float | str | list | tuple | dict) or value is None else text
