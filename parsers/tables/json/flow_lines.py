"""A flow mapping of YAML on a line, `{epoch: 3, split: train}`, as the JSON object of the same contents.

Only what writers of logs put there is known: plain and quoted scalars, lists and mappings. Tags and anchors remain text, and
a line with a comment becomes no JSON.
"""

from __future__ import annotations

import json
import re

_FLOW = re.compile(r"\s*\{\s*(?:[A-Za-z_][\w./-]*|'[^']*'): ")  # keys of JSON are quoted twice
_TOKEN = re.compile(
    r"""(?P<mark>[{}\[\],]|:(?=[\s,\[{]|$))|(?P<double>"(?:[^"\\]++|\\.)*+")|'(?P<single>(?:[^']++|'')*+)'"""
    r"""|(?P<plain>[^\s{}\[\],:"'](?:[^\s{}\[\],:]++|:(?![\s,\[{]|$)|[ \t]++(?![\s,{}\[\]#:]))*+)|(?P<blank>\s+)|(?P<other>.)"""
)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_FLOAT = re.compile(r"([-+]?)(\d*)(?:\.(\d*))?([eE][-+]?\d+)?")
_WORDS = {
    "": "null", "~": "null", "null": "null", "true": "true", "false": "false",
    ".nan": "NaN", ".inf": "Infinity", "+.inf": "Infinity", "-.inf": "-Infinity",
}  # fmt: skip


def is_flow(line: str) -> bool:
    """Whether a line begins a mapping of YAML that is no JSON: its first key has no double quotes."""
    return _FLOW.match(line) is not None


def as_json(line: str) -> str:
    """The same object in JSON, as far as it is known."""
    return "".join(map(_in_json, _TOKEN.finditer(line)))


def _in_json(token: re.Match[str]) -> str:
    if token["single"] is not None:
        return json.dumps(token["single"].replace("''", "'"))
    if token["plain"] is not None:
        return _scalar(token["plain"])
    return token[0]


def _scalar(text: str) -> str:
    if word := _WORDS.get(text.lower()):
        return word
    if _NUMBER.fullmatch(text):
        return text
    number = _FLOAT.fullmatch(text)
    if number and (number[2] or number[3]):  # `1.`, `.5` and `+1` are no numbers in JSON
        return f"{number[1].strip('+')}{number[2].lstrip('0') or '0'}.{number[3] or '0'}{number[4] or ''}"
    return json.dumps(text)
