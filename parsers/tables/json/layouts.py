"""The ways in which numbers are laid out in a JSON document that names no columns in its rows, turned into rows or columns.

pandas writes a table as `{"columns", "index", "data"}` (split) or `{"schema", "data"}` (table), a series as a list, as
`{"0": value, ...}` or the same two; TensorBoard downloads a curve as a list of `[time, step, value]`; what was drawn as lines
is `{"x": [...], "y": [...]}` under the names of a plot and a line, as ClearML reports scalars. Numbers that a document
gives no name are called like its file.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from ...meaning.metric_names import is_metric_name
from ...meaning.resolve import split_of_word
from ..axes import CLOCK_RANGE, STEP_NAMES
from .values import MAX_DEPTH, as_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MIN_VALUES = 2  # of a list that may be a curve
MIN_TAGS = 2  # of an export; a single curve is named by its file
STEP, CLOCK = "step", "wall_time"
_SPLIT, _TABLE, _SERIES = {"columns", "index", "data"}, {"schema", "data"}, {"name", "index", "data"}
_ROW_NUMBERS = "index"  # what pandas calls them


def tabular(document: Any, file_name: str) -> Any:
    """Give a document as a list of rows, or as columns by name, if it is laid out in one of these ways; else as it is.

    `file_name` without its suffixes names what has no name, if it is the name of a metric.
    """
    if isinstance(document, Mapping):
        if _SPLIT - {"index"} <= document.keys() <= _SPLIT:
            return _of_split(document)
        if document.keys() == _TABLE and isinstance(document["data"], list):
            return _without_row_numbers(document["schema"], document["data"])
        if found := _of_scalars(document) or _of_lines(document) or _of_groups(document):
            return found
        if document.keys() == _SERIES:
            name = document["name"] if isinstance(document["name"], str) else file_name
            return {name: document["data"]}
    return _named(document, file_name) if is_metric_name(file_name) else document


def _of_scalars(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of curves by tag, each a list of `[time, step, value]`, as tensorboardX exports them; empty if it is something else.

    The folder that all tags begin with is no part of them.
    """
    if len(document) < MIN_TAGS or not all(isinstance(value, list) for value in document.values()):
        return []
    curves = {str(tag): _of_pairs(value, "value") if value else {} for tag, value in document.items()}
    if not all(CLOCK in columns for columns in curves.values()):
        return []
    paths = [tag.split("/") for tag in curves]
    folders = zip(*(path[:-2] for path in paths), strict=False)  # of `run/loss/train` the last two are the tag
    shared = sum(1 for _ in takewhile(lambda parts: len(set(parts)) == 1, folders))
    rows: dict[Any, dict[str, Any]] = {}
    for path, columns in zip(paths, curves.values(), strict=True):
        for time, step, value in zip(columns[CLOCK], columns[STEP], columns["value"], strict=True):
            rows.setdefault(step, {STEP: step, CLOCK: time})["/".join(path[shared:])] = value
    return [rows[step] for step in sorted(rows)]


def _of_lines(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of curves that a document holds as lines of plots, by step; empty if it holds none, or something else along `x`."""
    rows: dict[int, dict[str, Any]] = {}
    for tag, xs, ys in _lines_in(document):
        steps = [as_number(x) for x in xs]
        if any(step is None or not step.is_integer() for step in steps):
            return []
        for step, value in zip(steps, ys, strict=False):  # the last list is cut where the document is
            rows.setdefault(int(step or 0), {STEP: int(step or 0)})[tag] = value
    return [rows[step] for step in sorted(rows)]


def _lines_in(document: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """The name, `x` and `y` of each line of a plot in a document."""
    for key, value in document.items() if len(path) < MAX_DEPTH else ():
        if isinstance(value, Mapping):
            own = (*path, str(key))
            if isinstance(value.get("x"), list) and isinstance(value.get("y"), list):
                yield "/".join(own), value["x"], value["y"]
            else:
                yield from _lines_in(value, own)


def _of_groups(document: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of quantities with a counter each, `{"energy": {"iters": [...], "mean": [...]}}`; empty if they count apart."""
    groups = list(document.values())
    names = {key for group in groups if isinstance(group, Mapping) for key in group if key in STEP_NAMES}
    if len(names) != 1 or not all(isinstance(group, Mapping) for group in groups):
        return {}
    (axis,) = names
    counters = [group.get(axis) for group in groups]
    if not all(isinstance(counter, list) and len(counter) >= MIN_VALUES for counter in counters):
        return {}
    longest = max(counters, key=len)
    if any(counter != longest[: len(counter)] for counter in counters):
        return {}
    rest = {
        tag: {key: _padded(value, len(group[axis]), len(longest)) for key, value in group.items() if key != axis}
        for tag, group in document.items()
    }
    return {STEP: longest, **rest}


def _padded(value: Any, count: int, length: int) -> Any:
    """A column with a value for each of `count` steps, with none for the others up to `length`; a part of a complex number is one."""
    if isinstance(value, Mapping):
        return {key: _padded(part, count, length) if isinstance(part, list) else part for key, part in value.items()}
    return [*value, *[None] * (length - count)] if isinstance(value, list) and len(value) == count else value


def names_ahead(document: Any) -> set[str]:
    """The names of columns that pandas writes ahead of row numbers, if the numbers do not follow: a head may end there."""
    if not isinstance(document, Mapping) or not isinstance(document.get("index"), list) or "data" in document:
        return set()
    names = document["columns"] if isinstance(document.get("columns"), list) else [document.get("name")]
    return {name for name in names if isinstance(name, str)}


def _of_split(document: Mapping[str, Any]) -> Any:
    columns, data = document["columns"], document["data"]
    if not isinstance(columns, list) or not isinstance(data, list):
        return document
    names = [name if isinstance(name, str) else "" for name in columns]
    rows = (dict(zip(names, row, strict=False)) for row in data if isinstance(row, list))
    return [{name: value for name, value in row.items() if name} for row in rows]


def _without_row_numbers(schema: Any, data: list[Any]) -> list[Any]:
    keys = schema.get("primaryKey") if isinstance(schema, Mapping) else None
    if keys != [_ROW_NUMBERS]:
        return data
    return [
        {name: value for name, value in row.items() if name != _ROW_NUMBERS} if isinstance(row, Mapping) else row
        for row in data
    ]


def _named(document: Any, name: str) -> Any:
    """Numbers without a name under that of their file."""
    if isinstance(document, list):
        if _is_numbers(document):
            return {name: document}
        return _of_pairs(document, name) or document
    if not isinstance(document, Mapping) or not document:
        return document
    values = [value for key, value in document.items() if str(key).isdecimal()]
    if len(values) == len(document) and _is_numbers(values):
        return {name: values}
    if all(
        split_of_word(str(key)) and isinstance(value, list) and _is_numbers(value) for key, value in document.items()
    ):
        return {f"{key}/{name}": value for key, value in document.items()}
    return document


def _of_pairs(rows: Sequence[Any], name: str) -> dict[str, Any]:
    """Columns of rows `[step, value]` or `[time, step, value]`; empty if they are something else."""
    width = len(rows[0]) if rows and isinstance(rows[0], list) else 0
    if isinstance(rows[-1], list) and len(rows[-1]) < width:
        rows = rows[:-1]  # cut at its end
    if width not in {2, 3} or not all(isinstance(row, list) and len(row) == width for row in rows):
        return {}
    steps = [as_number(row[-2]) for row in rows]
    if None in steps or any(step != step // 1 for step in steps if step is not None):
        return {}
    columns = {STEP: steps, name: [row[-1] for row in rows]}
    if width == 2:
        return columns
    times = [as_number(row[0]) for row in rows]
    is_clock = all(time is not None and CLOCK_RANGE[0] <= time <= CLOCK_RANGE[1] for time in times)
    return {CLOCK: times, **columns} if is_clock else {}


def _is_numbers(values: Sequence[Any]) -> bool:
    """Whether these are numbers, some of them perhaps missing; a list of whole numbers counts something else."""
    read = [as_number(value) for value in values if value is not None]
    numbers = [value for value in read if value is not None]
    return len(numbers) >= MIN_VALUES and len(numbers) == len(read) and any(value != value // 1 for value in numbers)
