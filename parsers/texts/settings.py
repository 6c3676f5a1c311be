"""Hyperparameters printed at the beginning of a log, before its first record.

Supported are printed objects (`Namespace(lr=0.1)`, `TrainConfig(lr=0.1)`, `{'lr': 0.1}`), command lines, lines with several
settings (`args: lr=0.1 bs=32`), single settings behind a label (`Overriding: lr = 0.1`), and blocks of three or more
consecutive `key: value` lines or table rows. What has no well-known hyperparameter is no setting.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..files.hyperparameters import MAX_KEYS, flatten
from ..settings.commands import settings_of_command
from ..settings.file_roles import is_named_for_settings
from ..settings.lines import value_of
from ..settings.literals import printed_calls, printed_objects
from ..settings.recognise import are_settings, is_result, settings_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run import Hyperparameter

MAX_HEAD = 512 * 1024  # characters in which hyperparameters are searched
MIN_BLOCK = 3  # lines
MAX_SECTIONS = 8  # one within another
MIN_PAIRS = 2  # of a line with several settings
MAX_LINE = 400
MAX_WIDE_LINE = 8000  # of a command, or with many settings

# A clock, a level, a logger or a place in the code before a message, in any order.
_ITEM = (
    r"(?:[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[ T][0-9:.,]{8,15}|[0-9]{1,2} [A-Z][a-z]{2} [0-9:]{5,8}|[A-Z]{4,8}:[\w.]+:"
    r"|(?:[\w.]{1,40} )?[A-Z]{4,8}:?(?= )|\[[^\]\n]{1,60}\](?= )|[IWE][0-9]{4} [0-9:.]{8,15} +[0-9]+ [\w.]+:[0-9]+\])"
)
_PREFIX = re.compile(
    rf"^{_ITEM}(?:[ \t]*(?:-[ \t]+)?{_ITEM}){{0,3}}(?:[ \t]+- +[\w.]{{1,40}}(?=[ \t]+-)){{0,3}}(?:[ \t]*-[ \t]+|[ \t])?"
)
_SECTION = re.compile(r"^([ \t]*)([A-Za-z_][\w.-]{0,60})[ \t]*:$")
_SETTING = re.compile(
    r"^(?:[-*] )?[ \t]*(?:\| ?)?(?:cfg\.)?([A-Za-z_][\w.-]{0,60})[ \t]*(?::|=|\.{4,}|\|)[ \t]*(\S.{0,200}?)(?: *\|)?$"
)
_LABELLED = re.compile(
    r"^[A-Za-z][\w ]{2,30}: ([A-Za-z_][\w.]{0,60}) = (\S.{0,200})$"
)  # `Overriding: n_layer = 2` of nanoGPT
_NUMBER = re.compile(r"[-+.]?[0-9]|nan|inf", re.IGNORECASE)
_PAIRS = re.compile(r"(?<![\w./-])([A-Za-z_][\w.]{0,60})=(\"[^\"]*\"|'[^']*'|\[[^\]]*\]|\([^)]*\)|[^\s,;|]+)")
_NO_VALUE = re.compile(
    r"^(?:float|int|str|bool|self|torch|np|nn|None,|lambda)\b[^'\"]|\w+ \w+ \w+ \w+|^[\w.]+\(.*$|[({\[]$"
)
_COMMENT = re.compile(r"\s+#\s.*$")  # after a value, as in the configuration files that nanoGPT prints
_IGNORED = re.compile(r"[ \t]*(?:#.*|[-=+|_* ]{3,})$")  # comments and rules within a block
_CODE = re.compile(r"^(?:import \w|from \w+[\w.]* import|def \w+\(|class \w+[(:])", re.MULTILINE)


def settings_in(text: str, lines: int) -> dict[str, Hyperparameter]:
    """Find the hyperparameters in the first lines of a log; flat, typed, secrets masked."""
    head = "\n".join(text[:MAX_HEAD].split("\n", lines)[:lines])
    called = next(printed_calls(head), {})
    found: dict[str, Any] = {}
    if not called and not _CODE.search(head):
        found |= _blocks(head)
    for printed in printed_objects(head):
        found |= _if_settings(settings_within(printed))
    for line in head.split("\n"):
        if len(line) <= MAX_WIDE_LINE:
            found |= _of_line(_PREFIX.sub("", line, count=1).strip())
    return flatten(found | called)


def is_within_settings(lines: Sequence[str], number: int) -> bool:
    """Whether a line, counted from 1, is one setting of several: the lines before and after it are settings, too."""
    around = lines[max(0, number - 2) : number + 1]
    found = [_SETTING.match(_COMMENT.sub("", _PREFIX.sub("", line[:MAX_LINE], count=1))) for line in around]
    return len(found) == 3 and all(pair and not _is_measured(pair[1], pair[2]) for pair in found)


def _is_measured(name: str, text: str) -> bool:
    """Whether a written value is a measurement, or the first of several."""
    return (_NUMBER.match(text) is not None and is_result(name, 0.0)) or _PAIRS.search(text) is not None


def _of_line(line: str) -> dict[str, Any]:
    """Settings of a command, of a line with several of them, or of one behind a label."""
    if labelled := _LABELLED.match(_COMMENT.sub("", line[:MAX_LINE])):
        return {labelled[1]: value_of(labelled[2])}
    if "=" not in line and " -" not in line:
        return {}
    if command := settings_of_command(line.lstrip("+$> ")):
        return command
    pairs = {name: value_of(value) for name, value in _PAIRS.findall(line)}
    if len(pairs) < MIN_PAIRS or "(" in line.partition("=")[0] or any(is_result(*pair) for pair in pairs.items()):
        return {}
    label = _PAIRS.split(line, maxsplit=1)[0]
    return pairs if is_named_for_settings(label.strip(" :=>|-")) else _if_settings(pairs)


def _if_settings(found: dict[str, Any]) -> dict[str, Any]:
    return found if are_settings(flatten(found)) else {}


def _blocks(head: str) -> dict[str, Any]:
    """The settings of all blocks of lines with one setting each, if one of these blocks has a well-known one."""
    found: dict[str, Any] = {}
    has_known = False
    block: dict[str, str] = {}
    sections: list[tuple[int, str]] = []  # indentations and names of those that the line is in
    for line in [*head.split("\n"), ""]:
        bare = _COMMENT.sub("", _PREFIX.sub("", line[:MAX_LINE], count=1)).rstrip()
        if block and bare and _IGNORED.match(bare):
            continue
        indent = len(bare) - len(bare.lstrip())
        sections = [section for section in sections if section[0] < indent]
        if section := _SECTION.match(bare):
            sections = [*sections[-MAX_SECTIONS:], (indent, section[2])]
            continue
        pair = None if _LABELLED.match(bare) else _SETTING.match(bare)
        if pair and len(block) < MAX_KEYS and not _NO_VALUE.search(pair[2]) and not _PAIRS.search(pair[2]):
            block[".".join([*(name for _, name in sections), pair[1]])] = pair[2]
            continue
        if len(block) >= MIN_BLOCK and not any(_is_measured(*item) for item in block.items()):
            has_known |= are_settings(block)
            found |= {key: value_of(value) for key, value in block.items()}
        block = {}
    return found if has_known else {}
