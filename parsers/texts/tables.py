"""Tables below a header line, ruled or not: rows of nothing but numbers, which the header names.

Epoch    GPU_mem   box_loss   cls_loss            E    #       LOSS NER  SCORE
1/100      2.63G      1.23       0.9            ---  ------  --------  ------
0       0    273.93    0.00
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .mining.lines import NUMBER, has_year, is_time
from .shapes.counting import counts, varies
from .shapes.keys import is_measured, key_of
from .shapes.shape import Shape, Value
from .shapes.units import scale_of, unit_behind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..run import Ints
    from .shapes.same_lines import SameLines

MAX_HEADER = 400  # characters
MAX_DISTANCE = 3  # lines from a header to the first row below it, a rule and a blank line between
MIN_COLUMNS = 3
MAX_WORD_COLUMNS = 2

_BORDER = re.compile(r"[|│┃║]")
_BAR = re.compile(r":?\s+[0-9]+%\s*\|.*$|:\s*[0-9]+%\|.*$")
_TOKEN = re.compile(r"[^\s|│┃║]+")
_WORD = re.compile(r"[^\W\d_][\w./-]*")
_NAME = re.compile(r"#|[^\W\d_][\w()@%/.:+-]*(?: [\w()@%/.:+-]+){0,3}")
_ALL = frozenset(("all", "total", "mean", "avg", "average", "overall"))


class _Row(NamedTuple):
    """A row: where its cells lie, the holes in each (none in a word), and its words."""

    spans: list[tuple[int, int]]
    holes: list[tuple[int, ...]]
    words: dict[int, str]


def with_headers(groups: Sequence[SameLines]) -> list[SameLines]:
    """Give rows below a header the shape that it names, and leave the header lines out."""
    rows = {index: row for index, group in enumerate(groups) if (row := _row_of(group)) is not None}
    if not rows:
        return list(groups)
    row_lines = np.sort(np.concatenate([groups[index].line_numbers for index in rows]))
    headers = {
        index: lines
        for index, group in enumerate(groups)
        if index not in rows and _may_be_header(group) and len(lines := _followed(group, row_lines))
    }
    found: list[SameLines] = []
    used: set[int] = set()
    for index, group in enumerate(groups):
        if index not in rows:
            found.append(group)
            continue
        parts = _below(group, rows[index], headers, groups)
        used |= {header for header, _, _ in parts}
        found += [_named(part, rows[index], names) for _, part, names in parts]
        if not parts:
            found.append(group)
    gone = {id(groups[index]) for index in used}
    return _counted([group for group in found if id(group) not in gone])


def _row_of(group: SameLines) -> _Row | None:
    """The cells of a line of numbers, with few words; None if it is anything else."""
    line = _BAR.sub("", group.line.rstrip())
    tokens = list(_TOKEN.finditer(line))
    if not MIN_COLUMNS <= len(tokens) <= MAX_HEADER:
        return None
    numbers = [match.span(1) for match in NUMBER.finditer(group.line)]
    holes, words = [], {}
    for index, token in enumerate(tokens):
        mine = tuple(hole for hole, (start, end) in enumerate(numbers) if start >= token.start() and end <= token.end())
        rest = token[0] if not mine else re.sub(r"[0-9.eE+\-nNaAiIfF/,%()]", "", token[0])
        if not mine:
            if not _WORD.fullmatch(token[0]):
                return None
            words[index] = token[0]
        elif len(mine) > 2 or len(rest) > 2:
            return None
        holes.append(mine)
    if len(words) > MAX_WORD_COLUMNS or len(tokens) - len(words) < MIN_COLUMNS - 1:
        return None
    return _Row([token.span() for token in tokens], holes, words)


def _may_be_header(group: SameLines) -> bool:
    line = group.line
    if len(line) > MAX_HEADER or ": " in _BAR.sub("", line).strip().rstrip(":") or "=" in line:
        return False
    words = [token for token in _BAR.sub("", line).split() if any(map(str.isalpha, token))]
    return len(words) >= MIN_COLUMNS - 1


def _followed(group: SameLines, row_lines: Ints) -> Ints:
    """The header lines that are followed by a row."""
    lines = group.line_numbers
    after = np.searchsorted(row_lines, lines)
    is_there = after < len(row_lines)
    kept: Ints = lines[is_there][row_lines[after[is_there]] - lines[is_there] <= MAX_DISTANCE]
    return kept


def _below(
    group: SameLines, row: _Row, headers: Mapping[int, Ints], groups: Sequence[SameLines]
) -> list[tuple[int, SameLines, list[str]]]:
    """The lines below each header that fits them: the header, the lines, the names of their columns."""
    fitting = {i: names for i in headers if (names := _names(groups[i].line, row))}
    if not fitting:
        return []
    lines = np.concatenate([headers[i] for i in fitting])
    owner = np.concatenate([np.full(len(headers[i]), i) for i in fitting])
    order = np.argsort(lines, kind="stable")
    last = np.searchsorted(lines[order], group.line_numbers) - 1
    of_line = np.where(last >= 0, owner[order][last], -1)
    return [(i, group.take(of_line == i), fitting[i]) for i in fitting if (of_line == i).any()]


def _names(header: str, row: _Row) -> list[str]:
    """The names of the columns of a row in a header line; empty if it has another number of them."""
    plain = (
        _BAR.sub("", header.rstrip()).lstrip(" #")
        if header.lstrip().startswith("# ")
        else _BAR.sub("", header.rstrip())
    )
    splits = (
        [cell.strip() for cell in _BORDER.split(plain.strip().strip("|│┃║"))] if _BORDER.search(plain) else [],
        [cell for cell in re.split(r"\s{2,}|\t", plain.strip()) if cell],
        plain.split(),
    )
    for cells in splits:
        if len(cells) == len(row.spans) and all(map(_NAME.fullmatch, cells)):
            return [_balanced(cell.rstrip(":")) for cell in cells]
    return _names_by_place(plain, row)


def _names_by_place(header: str, row: _Row) -> list[str]:
    """Names that end where the cells of the row end, as right-aligned tables have them."""
    cells = [(match.start(), match.end()) for match in re.finditer(r"\S+(?: \S+)*", header)]
    names = []
    for start, end in row.spans:
        over = [cell for cell in cells if cell[0] < end and cell[1] > start]
        if len(over) != 1:
            return []
        names.append(header[over[0][0] : over[0][1]])
    return names if len(set(names)) == len(names) == len(cells) and all(map(_NAME.fullmatch, names)) else []


def _balanced(name: str) -> str:
    return name.strip("()") if name.count("(") != name.count(")") else name


def _named(group: SameLines, row: _Row, names: Sequence[str]) -> SameLines:
    """The lines with the shape that the names of their columns give."""
    shape = Shape(text=" ".join(names))
    numbers = [match[1] for match in NUMBER.finditer(group.line)]
    label = next((word for word in row.words.values() if word.lower() not in _ALL), "")
    for index, holes in enumerate(row.holes):
        if not holes:
            continue
        hole, name = holes[0], names[index]
        if is_time(numbers[hole]):
            shape.clock = hole if has_year(numbers[hole]) else shape.clock
            continue
        key = key_of(f"{name} ")
        if key.axis and getattr(shape, key.axis) < 0 and not label:
            setattr(shape, key.axis, hole)
            if len(holes) > 1:
                setattr(shape, "epochs" if key.axis == "epoch" else "total", holes[1])
        elif varies(group.column(hole)) or "." in numbers[hole] or is_measured(name):
            cell = group.line[row.spans[index][0] : row.spans[index][1]]
            scale = scale_of(unit_behind(cell[len(numbers[hole]) :]).strip())
            shape.values.append(Value(f"{label}/{name}" if label else name, hole, scale))
    shape.is_named_apart = True
    group.shape = shape.settle()
    return group


def _counted(groups: list[SameLines]) -> list[SameLines]:
    """Where no name of a table is that of a counter, take the columns that count: of two, the larger numbers steps."""
    for group in groups:
        shape = group.shape
        if shape.has_axis or not shape.values or shape.loose or len(shape.values) < MIN_COLUMNS - 1:
            continue
        counters = [value for value in shape.values if counts(group.column(value.hole)) and not is_measured(value.tag)]
        if not counters:
            continue
        counters = sorted(counters[:2], key=lambda value: float(group.column(value.hole).max()))
        shape.step = counters[-1].hole
        if len(counters) > 1:
            shape.epoch = counters[0].hole
        shape.values = [value for value in shape.values if value not in counters]
        shape.settle()
    return groups
