"""Settings that Python printed: `Namespace(lr=0.1)`, `TrainConfig(lr=0.1)`, `{'lr': 0.1}`; read as literals, never executed."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LITERAL = 64 * 1024  # characters of one, which Python's own parser reads
MAX_KEYS = 2000
MAX_VALUE = 200  # characters of a value that is no literal
MAX_DEPTH = 12  # of objects within objects
MAX_STARTS = 20  # of brackets that may begin one

_CALL = re.compile(
    r"(?:^|[\s:=>])(?:[a-z]\w*\.)*((?:Namespace|(?:[A-Z]\w*)?(?:Config|Configs|Cfg|Args|Arguments|Params|Parameters|Options|Settings|Hparams|HParams|Flags))"
    r"\()(?=\w+=)",
    re.MULTILINE,
)
_OBJECT = re.compile(r"(?:^|[\s:=>(])(\{)(?=\s*[\"'][\w./-]+[\"']\s*:)", re.MULTILINE)

_COMMENT = re.compile(r'(?P<text>"(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/|^\s*#[^\n]*', re.DOTALL | re.MULTILINE)
_TRAILING = re.compile(r",(\s*[}\]])")


def printed_calls(text: str) -> Iterator[dict[str, Any]]:
    """The arguments of each namespace or configuration object printed in a text, without values that are not plain."""
    for number, match in enumerate(_CALL.finditer(text)):
        if number < MAX_STARTS and (call := _parsed(_closed(text, match.start(1)))) is not None:
            yield _arguments(call, 0)


def printed_objects(text: str) -> Iterator[dict[str, Any]]:
    """Each mapping printed in a text as Python or JSON."""
    end = 0
    for number, match in enumerate(_OBJECT.finditer(text)):
        if number >= MAX_STARTS or match.start() < end:
            continue
        literal = _closed(text, match.start(1))
        end = match.start(1) + len(literal)
        if value := object_of(literal):
            yield value


def object_of(text: str) -> dict[str, Any]:
    """A mapping written as JSON, also with comments, or as a literal of Python; empty if it is neither."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if value is None and _COMMENT.search(text):
        try:
            value = json.loads(_TRAILING.sub(r"\1", _COMMENT.sub(lambda found: found["text"] or " ", text)))
        except (ValueError, RecursionError):
            value = None
    if value is None:
        node = _parsed(text)
        value = _plain(node, 0) if isinstance(node, ast.Dict) else {}
    return value if isinstance(value, dict) else {}


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.replace("\n", " "), mode="eval").body if text else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _arguments(node: ast.expr, depth: int) -> dict[str, Any]:
    keywords = node.keywords[:MAX_KEYS] if isinstance(node, ast.Call) else []
    return {each.arg: _plain(each.value, depth + 1) for each in keywords if each.arg}


def _plain(node: ast.expr, depth: int) -> Any:
    """The value of a literal; the arguments of an object within another, the text of anything else."""
    if isinstance(node, ast.Call) and node.keywords and not node.args and depth < MAX_DEPTH:
        return _arguments(node, depth)
    if isinstance(node, ast.Dict) and depth < MAX_DEPTH:
        return {
            str(key.value): _plain(value, depth + 1)
            for key, value in zip(node.keys[:MAX_KEYS], node.values[:MAX_KEYS], strict=True)
            if isinstance(key, ast.Constant)
        }
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return _text(node)


def _text(node: ast.expr) -> str:
    try:
        return ast.unparse(node)[:MAX_VALUE]
    except (ValueError, RecursionError, MemoryError):
        return ""


def _closed(text: str, start: int) -> str:
    """The text from a bracket, or a name before it, to the bracket that closes the first one, ignoring strings; "" if none does."""
    depth, quote = 0, ""
    for index in range(start, min(len(text), start + MAX_LITERAL)):
        character = text[index]
        if quote:
            quote = "" if character == quote and text[index - 1] != "\\" else quote
        elif character in "'\"":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return text[start : index + 1]
    return ""
