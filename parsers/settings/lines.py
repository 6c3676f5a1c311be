"""Settings that are written one a line: `key: value`, `key = value`, aligned text, INI, gin, flags, environment files."""

from __future__ import annotations

import ast
import re
from typing import Any

MAX_PAIRS = 2000
MAX_DEPTH = 12  # of braces
MAX_VALUE = 200  # characters that are read as a literal
MAX_OTHER = 0.2  # share of lines that are no settings, and of names that recur; a log has more of both
MIN_FLAGS = 0.8  # share of lines that begin with "--"

_PAIR = re.compile(
    r"""\s*(?:[-*]\s+|export\s+|set\s+)?\|?\s*["']?(?P<name>[A-Za-z_][\w.@/-]{0,80}(?:\s[\w./()-]{1,40}){0,3}?)["']?"""
    r"(?:\s*(?::=|=>|[:=](?![=/\\]{1,2}\S*/?$))|\s*\.{3,}|\t+|\s{2,}|\s?\|)\s*(?P<value>.*?)[\s|]*"
)
_SECTION = re.compile(r"\[{1,2}([\w.:/ -]{1,60})\]{1,2}")
_OPENED = re.compile(r"([A-Za-z_][\w.]{0,60})\s*[:=]?\s*\{")  # `train_config {` in the text form of protocol buffers
_NO_SETTING = re.compile(r"[#;]|//|[-=*_+|\s:]+$|[-=*_#]{3,}.*[-=*_#]{3,}$|import\s")
_DEFAULT = re.compile(r"\s*[\[(]default:? .*[\])]$", re.IGNORECASE)
_COMMENT = re.compile(r"\s+(?:#|//|;)\s.*$")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
_NESTED = re.compile(r"^( *)[\w.\"'/-]+:[ \t]*(?:#.*)?\n(?:[ \t]*\n)*(?:\1[ \t]+\S|\1- )", re.MULTILINE)


def is_nested(text: str) -> bool:
    """Whether a text has indented sections below a name, as YAML has."""
    return _NESTED.search(text) is not None


def settings_of_lines(text: str) -> dict[str, Any]:
    """The settings of a text nearly all lines of which are one; empty for any other text."""
    found: dict[str, Any] = {}
    pairs = others = repeated = 0
    section = ""
    outer: list[str] = []  # names of the braces that are open
    for line in map(str.strip, text.splitlines()):
        if not line or _NO_SETTING.match(line):
            continue
        if header := _SECTION.fullmatch(line):
            section = f"{header[1].strip()}."
        elif opened := _OPENED.fullmatch(line):
            outer = [*outer[:MAX_DEPTH], opened[1]]
        elif line.rstrip(",;") == "}":
            outer = outer[:-1]
        elif pair := pair_of(line):
            pairs += 1
            name = section + ".".join([*outer, pair[0]])
            repeated += name in found
            if len(found) < MAX_PAIRS:
                found[name] = pair[1]
        else:
            others += 1
    return found if pairs and others <= MAX_OTHER * (pairs + others) and repeated <= MAX_OTHER * pairs else {}


def pair_of(line: str) -> tuple[str, Any] | None:
    """The name and the value of a line; None if it is not one setting."""
    found = _PAIR.fullmatch(line[: 2 * MAX_VALUE])
    if found is None:
        return None
    return re.sub(r"\s+", "_", found["name"]).rstrip("-_"), value_of(found["value"])


def is_flags(text: str) -> bool:
    """Whether nearly all lines of a text are flags of a command."""
    lines = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
    return bool(lines) and sum(line.startswith("--") for line in lines) >= MIN_FLAGS * len(lines)


def value_of(text: str) -> Any:
    """A written value: a number, switch, list or text, without what follows it."""
    text = _DEFAULT.sub("", _COMMENT.sub("", text.strip())).strip().rstrip(",;").strip()
    if _GROUPED.fullmatch(text):
        return int(text.replace(",", ""))
    try:
        value = ast.literal_eval(text) if len(text) <= MAX_VALUE else text
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return {"true": True, "false": False, "null": None}.get(text.lower(), text.strip("\"'").lstrip("@"))
    return value if isinstance(value, bool | int | float | str | list | tuple | dict) or value is None else text
