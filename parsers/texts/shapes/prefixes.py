"""What loggers and launchers write before the message of a line, cut off by its structure.

I0912 12:30:41.062087 1397 file.py:652] ...             absl, glog
2024-01-01 10:00:00,000 - INFO - root - ...             logging
2024-01-01 10:00:00.000 | INFO | a.b:main:12 - ...      loguru
[26/04/24 10:00:00][a.b][INFO] - ...                    hydra
LOG (nnet3-train[5.5]:Print():training.cc:304) ...       Kaldi
[host:0/2] 2024-01-01 10:00:00,000 (trainer:464) INFO: ESPnet
3: ...   [default0]: ...   [1,0]<stdout>: ...           srun, torchrun, mpirun
(Worker pid=123, ip=10.0.0.1) ...                       Ray
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ..mining.lines import is_time, pieces_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_N, _T = "\x00", "\x01"  # a number, a time
_NO_MARKS = str.maketrans(_N + _T, "  ")  # a damaged log may hold them itself
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARNING|WARN|ERROR|CRITICAL|FATAL|SUCCESS|Info|info|debug|warning)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_NO_LOGGER = r"(?!\[?(?:epochs?|ep|steps?|iter(?:ation)?s?|batch|train(?:ing)?|val|valid(?:ation)?|dev|eval(?:uation)?|test(?:ing)?|cv|global_step)\b)"
_FILE = r"[\w./\\<>-]+\.(?:py|cpp|cc|cxx|cu|h|hpp|go|rs|java|jl|lua|R)"
_ELEMENTS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE if kind == "logger" else 0))
    for kind, pattern in (
        ("clock", rf"[\[(<]? ?(?:{_DAY},? )?(?:{_N} {_MONTH}|{_MONTH} +{_N})(?: {_N})?,? {_T}(?:[.,]{_N})?(?: {_N})? ?[\])>]?(?=\s|$|:)"),
        ("clock", rf"[\[(<]? ?{_T}(?:[.,]{_N})?(?:[ ]?(?:[AP]M|UTC|Z))?(?: ?[\])>])?"),
        ("thread", rf"[IWEFD](?:[0-9]{{4}}|{_N})(?= +{_T})|{_N}(?= +[\w./-]+:{_N}\])"),
        ("site", rf"[\[(]?{_FILE}(?::\w*)?[:(]{_N}\)?[\])]?|\([\w.]+:{_N}\)|\[[\w.]+:{_N}\]|[\w.]+:[\w<>.]+:{_N}(?= -|:? )|[\w.]+:{_N}\]|[a-z_]\w*(?:\.\w+)*:{_N}(?=\s+{_LEVEL}\b)|[a-z_]\w*(?:\.\w+)+:{_N}(?= - )|[\w.]+\$:{_N}(?= - )"),
        ("level", rf"[\[(]? *{_LEVEL} *[\])]?(?=[\s:|\])\[,-]|$)"),
        ("thread", rf"\[{_N}:[A-Za-z][\w.-]*\](?=\s*[\[(<]?{_T})"),
        ("host", rf"\[[\w.@-]*[A-Za-z][\w.@-]*(?::{_N}/{_N})?\](?=\s*[\[(<]?(?:{_T}|{_LEVEL}))"),
        ("rank", rf"[\[(]?(?:default|rank|Rank|RANK|GPU|gpu|proc|Proc)[ :=]?(?:{_N}|[0-9]+)[\])]?:?(?=[\s:|])"),
        ("rank", rf"\(\w*\s*pid={_N}[^)]*\)|\[{_N}, ?{_N}\]<std(?:out|err)>:?"),
        ("site", rf"(?:LOG|WARNING|VLOG\[{_N}\]) \([\w-]+\[[^\]]*\]:[^ ]*?:{_FILE}:{_N}\)"),
    )
)  # fmt: skip
_SRUN = re.compile(rf"{_N}: +(?=[A-Za-z\[({_T}])")
_LOGGER = re.compile(
    rf":?{_NO_LOGGER}(?:\[[\w./-]*[A-Za-z][\w./-]*\]|[A-Za-z][\w./\\-]*(?=[ \t]+(?:[-|–—][ \t]|{_LEVEL}\b))|[A-Za-z_][\w.-]*:(?=[ \t]*[^\s{_N}{_T}]))",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"(?:[ \t]*[-|:–—]+(?=[ \t]|$))*[ \t]*")
_HAS_LEVEL = re.compile(rf"\b{_LEVEL}\b")
_RANK = re.compile(rf"(?:default|rank|gpu|proc)[ :=]?({_N}|[0-9]+)", re.IGNORECASE)


def without_prefix(line: str) -> str:
    """A line with blanks for what a logger with levels writes before it: the places of its numbers stay as they are."""
    if not _HAS_LEVEL.search(line):
        return line
    texts, numbers = pieces_of(line)
    prefix = prefix_of(texts, [is_time(number) for number in numbers])
    end = sum(map(len, texts[: prefix.holes + 1])) + sum(map(len, numbers[: prefix.holes])) - len(prefix.rest)
    return " " * end + line[end:] if _HAS_LEVEL.search(line, 0, end) else line


class Prefix(NamedTuple):
    """What stands before the message of a line.

    Attributes:
        holes: how many of the numbers of the line it holds.
        rest: the text between it and the next number.
        rank: hole that numbers the process, or -1.
        may_be_rank: whether hole 0 may number the process: what it counts decides.
        label: number of the process that is part of the text, or "".

    """

    holes: int
    rest: str
    rank: int = -1
    may_be_rank: bool = False
    label: str = ""


def prefix_of(texts: Sequence[str], is_clock: Sequence[bool]) -> Prefix:
    """Find where the message of a line begins, by the texts around its numbers."""
    marks = [_T if clock else _N for clock in is_clock]
    line = "".join(text.translate(_NO_MARKS) + mark for text, mark in zip(texts, [*marks, ""], strict=True))
    start = position = len(line) - len(line.lstrip(" \t"))
    may_be_rank = False
    if found := _SRUN.match(line, position):
        may_be_rank, position = True, found.end()
    rank, label, is_logged = -1, "", False
    while position < len(line):
        kind, end = _element_at(line, position, is_logged=is_logged)
        if not kind:
            break
        if kind == "rank" and (found := _RANK.search(line, position, end)):
            if found[1] == _N:
                rank = _marks(line[: found.start(1)])
            else:
                label = found[1]
        is_logged = is_logged or kind in ("clock", "level", "site")
        position = _end_of_separator(line, end)
    if position == start or position >= len(line):
        return Prefix(0, texts[0])
    holes = _marks(line[:position])
    behind = line[position:]
    cut = next((i for i, character in enumerate(behind) if character in (_N, _T)), len(behind))
    return Prefix(holes, behind[:cut], rank, may_be_rank, label)


def _element_at(line: str, position: int, *, is_logged: bool) -> tuple[str, int]:
    for kind, pattern in _ELEMENTS:
        if found := pattern.match(line, position):
            return kind, found.end()
    if is_logged and (found := _LOGGER.match(line, position)):
        return "logger", found.end()
    return "", position


def _end_of_separator(line: str, end: int) -> int:
    found = _SEPARATOR.match(line, end)
    return found.end() if found else end


def _marks(text: str) -> int:
    return text.count(_N) + text.count(_T)
