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
from .shapes.keys import SPLIT_OF_WORD, is_measured, key_of
from .shapes.naming import TO_COME
from .shapes.prefixes import without_prefix
from .shapes.shape import Shape, Value
from .shapes.units import scale_of, unit_behind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..run import Floats, Ints
    from .shapes.keys import Key
    from .shapes.same_lines import SameLines

MAX_HEADER = 400  # characters
MAX_DISTANCE = 4  # lines from a header to the first row below it: a rule, a blank line and a remark between
MIN_COLUMNS = 3
MAX_WORD_COLUMNS = 2
MIN_GROWING = 5  # rows of a number of examples that grows by anything

_BORDER = re.compile(r"[|│┃║]")
_BAR = re.compile(r":?\s+[0-9]+%\s*\|.*$|:\s*[0-9]+%\|.*$")
_PREFIX = re.compile(r"^\s*(?:\[[^\]\[A-Za-z]*\]|:)(?=\s)")  # of both lines: `[------]` above `[  5% ]`
_REMARK = re.compile(r"(?<=\S)\s{2,}[A-Z][\w.]*(?: [\w.]+)+$")  # behind a row
_IN_PARENTHESES = re.compile(r"\s*\([^()]*\)$")
_TOKEN = re.compile(r"\[[^\[\]]*\]|[^\s|│┃║]+")  # a list is one cell
_EMPTY_CELL = re.compile(r"[|│┃║]\s+[|│┃║]")
_CELLS = re.compile(r"[^|│┃║]+")
_NUMBER_OF = re.compile(r"(?:^|[ _])(?:counter|count|examples|samples|instances)(?:$|[ _])", re.IGNORECASE)
_WIDE = re.compile(r"\S+(?: \S+)*")
_WORD = re.compile(r"[^\W\d_][\w./-]*")
_NAME = re.compile(r"#|[|{<]{0,2}[^\W\d_][\w()@%/.:+-]*(?: [\w()@%/.:+-]+){0,3}[|}>]{0,2}")
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
        row = rows[index]
        parts = _below(group, row, headers, groups)
        if not parts and (wide := _row_of_cells(group)):
            row = wide
            parts = _below(group, row, headers, groups)
        used |= {header for header, _, _ in parts}
        found += [_named(part, row, names) for _, part, names in parts]
        if not parts:
            found.append(group)
    gone = {id(groups[index]) for index in used}
    return _counted([group for group in found if id(group) not in gone])


def _row_of(group: SameLines) -> _Row | None:
    """The cells of a line of numbers, with few words; None if it is anything else."""
    line = _REMARK.sub("", _plain(group.line))
    tokens = list((_CELLS if _EMPTY_CELL.search(line) else _TOKEN).finditer(line))
    if not MIN_COLUMNS <= len(tokens) <= MAX_HEADER:
        return None
    return _row_of_tokens(group, tokens) or _row_of_cells(group)


def _plain(line: str) -> str:
    """A line without a progress bar behind, and with blanks for what a logger writes or a bracket before it."""
    line = without_prefix(_BAR.sub("", line.rstrip()))
    found = _PREFIX.match(line)
    return " " * found.end() + line[found.end() :] if found else line


def _row_of_cells(group: SameLines) -> _Row | None:
    """A row whose cells lie wide apart and hold more than a number: `100 (4.0%)    12 m, 59 s    25.1 ms`."""
    cells = list(_WIDE.finditer(_REMARK.sub("", _plain(group.line))))
    numbers = [match.span(1) for match in NUMBER.finditer(group.line)]
    holes = [
        tuple(hole for hole, (start, end) in enumerate(numbers) if cell.start() <= start and end <= cell.end())
        for cell in cells
    ]
    begins = [mine and numbers[mine[0]][0] == cell.start() for mine, cell in zip(holes, cells, strict=True)]
    return _Row([cell.span() for cell in cells], holes, {}) if len(cells) >= MIN_COLUMNS and all(begins) else None


def _row_of_tokens(group: SameLines, tokens: Sequence[re.Match[str]]) -> _Row | None:
    numbers = [match.span(1) for match in NUMBER.finditer(group.line)]
    holes, words = [], {}
    for index, token in enumerate(tokens):
        mine = tuple(hole for hole, (start, end) in enumerate(numbers) if start >= token.start() and end <= token.end())
        rest = token[0] if not mine else re.sub(r"[0-9.eE+\-nNaAiIfF/,%():]", "", token[0].strip())
        is_list = token[0].startswith("[")
        if token[0].isspace():
            pass  # an empty cell
        elif not mine:
            if not _WORD.fullmatch(token[0]) and token[0] != "!":
                return None
            words[index] = token[0]
        elif not is_list and (len(mine) > 2 or len(rest) > 2):
            return None
        holes.append(mine)
    if len(words) > MAX_WORD_COLUMNS or len(tokens) - len(words) < MIN_COLUMNS - 1:
        return None
    return _Row([token.span() for token in tokens], holes, words)


def _may_be_header(group: SameLines) -> bool:
    line = group.line
    plain = _plain(line).strip()
    is_sentence = plain.endswith(".") and "  " not in plain
    if len(line) > MAX_HEADER or ": " in plain.rstrip(":") or "=" in line or is_sentence:
        return False
    words = [token for token in plain.split() if any(map(str.isalpha, token))]
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
    fitting = {i: names for i in headers if (names := _names_of_both(i, headers, groups, row))}
    if not fitting:
        return []
    lines = np.concatenate([headers[i] for i in fitting])
    owner = np.concatenate([np.full(len(headers[i]), i) for i in fitting])
    order = np.argsort(lines, kind="stable")
    last = np.searchsorted(lines[order], group.line_numbers) - 1
    of_line = np.where(last >= 0, owner[order][last], -1)
    return [(i, group.take(of_line == i), fitting[i]) for i in fitting if (of_line == i).any()]


def _names_of_both(index: int, headers: Mapping[int, Ints], groups: Sequence[SameLines], row: _Row) -> list[str]:
    """The names of the columns of a row in a header of one line, or of this and the one above it."""
    lower = groups[index].line
    for other, lines in headers.items():
        if other == index or not np.isin(lines + 1, headers[index]).all():
            continue
        for upper_cells, lower_cells in zip(_splits(groups[other].line), _splits(lower), strict=True):
            if len(upper_cells) == len(lower_cells) == len(row.spans):
                names = [f"{a} {b}".strip() for a, b in zip(upper_cells, lower_cells, strict=True)]
                is_needed = min(len(set(upper_cells)), len(set(lower_cells))) < len(names)
                if is_needed and len(set(names)) == len(names):
                    return [_balanced(name) for name in names]
    names = _names(lower, row)
    above = [other for other, lines in headers.items() if np.isin(headers[index] - lines[:1], (1, 2)).any()]
    for other in above if len(set(names)) < len(names) else ():
        names = _grouped(names, lower, groups[other].line)
    return names


def _grouped(names: list[str], lower: str, upper: str) -> list[str]:
    """Prefix repeated names of a header with the cell above: `Average Length`, `Best Length`."""
    places = [cell.span() for cell in _WIDE.finditer(lower)]
    cells = [(cell.span(), cell[0].strip()) for cell in (_CELLS if _BORDER.search(upper) else _WIDE).finditer(upper)]
    if len(places) != len(names):
        return names
    over = [
        " ".join(text for (first, last), text in cells if first <= (start + end) / 2 < last) for start, end in places
    ]
    return [f"{a} {b}".strip() if names.count(b) > 1 else b for a, b in zip(over, names, strict=True)]


def _grows(value: Floats) -> bool:
    return len(value) >= MIN_GROWING and bool((value == np.rint(value)).all() and (np.diff(value) > 0).all())


def _splits(header: str) -> tuple[list[str], list[str], list[str]]:
    """The cells of a header: between borders, between wide gaps, between blanks."""
    plain = _plain(header)
    plain = plain.lstrip(" #") if header.lstrip().startswith("# ") else plain
    return (
        [cell.strip() for cell in _BORDER.split(plain.strip().strip("|│┃║"))] if _BORDER.search(plain) else [],
        [cell for cell in re.split(r"\s{2,}|\t", plain.strip()) if cell],
        plain.split(),
    )


def _names(header: str, row: _Row) -> list[str]:
    """The names of the columns of a row in a header line; empty if it has another number of them."""
    plain = _plain(header).lstrip(" #") if header.lstrip().startswith("# ") else _plain(header)
    behind = [cell for cell in _WIDE.finditer(plain) if cell.start() >= row.spans[-1][1]]
    headers = [header, plain[: behind[0].start()].rstrip()] if len(behind) == 1 else [header]  # a column for remarks
    for cells in (cells for each in headers for cells in _splits(each)):
        if len(cells) == len(row.spans) and all(map(_NAME.fullmatch, cells)):
            return [_balanced(cell.rstrip(":").strip("|{}<>")) for cell in cells]
    return _names_by_place(plain, row)


def _names_by_place(header: str, row: _Row) -> list[str]:
    """Names that end where the cells of the row end, as right-aligned tables have them."""
    header = _BORDER.sub(" ", header)
    cells = [match.span() for match in _WIDE.finditer(header)]
    names = []
    cells = [part for cell in cells for part in _cut_at_ends(cell, header, row)]
    for start, end in row.spans:
        over = [cell for cell in cells if cell[0] < end and cell[1] > start]
        if len(over) != 1:
            return []
        names.append(header[over[0][0] : over[0][1]])
    return names if len(set(names)) == len(names) == len(cells) and all(map(_NAME.fullmatch, names)) else []


def _cut_at_ends(cell: tuple[int, int], header: str, row: _Row) -> list[tuple[int, int]]:
    """Names with one blank between them, cut where cells of the row end."""
    ends = [end for _, end in row.spans if cell[0] < end < cell[1] and header[end].isspace()]
    return list(zip([cell[0], *(end + 1 for end in ends)], [*ends, cell[1]], strict=True))


def _balanced(name: str) -> str:
    return name.strip("()") if name.count("(") != name.count(")") else name


def _named(group: SameLines, row: _Row, names: Sequence[str]) -> SameLines:
    """The lines with the shape that the names of their columns give."""
    shape = Shape(text=" ".join(names))
    numbers = [match[1] for match in NUMBER.finditer(group.line)]
    label = next((word for word in row.words.values() if word != "!" and word.lower() not in _ALL), "")
    for index, holes in enumerate(row.holes):
        if not holes:
            continue
        hole, name = holes[0], names[index]
        if TO_COME.search(name):
            continue
        if is_time(numbers[hole]):
            shape.clock = hole if has_year(numbers[hole]) else shape.clock
            continue
        key = key_of(f"{_IN_PARENTHESES.sub('', name)} ")
        is_another = shape.epoch >= 0 and _is_described(key)  # "Stale steps" beside an epoch
        is_free = key.axis != "" and getattr(shape, key.axis) < 0 and not is_another
        if is_free and (not label or label.lower() in SPLIT_OF_WORD):
            setattr(shape, key.axis, hole)
            if len(holes) > 1:
                setattr(shape, "epochs" if key.axis == "epoch" else "total", holes[1])
        elif any(varies(group.column(part)) for part in holes) or "." in numbers[hole] or is_measured(name):
            cell = group.line[row.spans[index][0] : row.spans[index][1]]
            cell = cell.strip()
            scale = scale_of(unit_behind(f"{cell[len(numbers[hole]) :]} ").strip())
            tag = f"{label}/{name}" if label else name
            parts = holes if cell.startswith("[") and len(holes) > 1 else ()
            shape.values += [Value(f"{tag}/{number}", part) for number, part in enumerate(parts)] or [
                Value(tag, hole, scale)
            ]
    shape.is_named_apart = True
    group.shape = shape.settle()
    return group


def _is_described(key: Key) -> bool:
    """Whether a word other than a split stands before the name of a counter, as in "stale steps"."""
    return bool(key.rest.strip()) and key.rest.strip().lower() not in SPLIT_OF_WORD


def _counted(groups: list[SameLines]) -> list[SameLines]:
    """Where no name of a table is that of a counter, take the columns that count: of two, the larger numbers steps."""
    for group in groups:
        shape = group.shape
        if shape.has_axis or not shape.values or shape.loose or len(shape.values) < MIN_COLUMNS - 1:
            continue
        counters = [value for value in shape.values if counts(group.column(value.hole)) and not is_measured(value.tag)]
        if not counters:
            counters = [v for v in shape.values if _NUMBER_OF.search(v.tag) and _grows(group.column(v.hole))][:1]
        if not counters:
            continue
        counters = sorted(counters[:2], key=lambda value: float(group.column(value.hole).max()))
        shape.step = counters[-1].hole
        if len(counters) > 1:
            shape.epoch = counters[0].hole
        shape.values = [value for value in shape.values if value not in counters]
        shape.settle()
    return groups
