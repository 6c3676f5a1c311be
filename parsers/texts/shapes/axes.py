"""Counters of a line (epoch, step, batch) and their totals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .keys import SPLIT_OF_WORD
from .shape import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .keys import Key
    from .shape import Shape

_GLOBAL = re.compile(r"global|total", re.IGNORECASE)
_OF_EPOCH = re.compile(r"\s*of epoch\s*", re.IGNORECASE)
_IT = re.compile(r"(?:^|\s)it$", re.IGNORECASE)
_AXIS_BEHIND = re.compile(r"(?:(epoch|轮)s?|(step|iter|步)s?|(batch)(?:es)?)(?![A-Za-z])", re.IGNORECASE)


def add_axis(shape: Shape, key: Key, hole: int, texts: Sequence[str], numbers: Sequence[str], first: int = 0) -> bool:
    """Take a hole for a counter, or for what one counts up to; False if it is neither. The message begins at `first`."""
    before, behind = texts[hole], texts[hole + 1]
    if key.axis and not behind.startswith("%"):
        _add_named(shape, key, hole, numbers[hole])
        return True
    if (key.name or key.rest.rstrip()).lower().endswith("rank"):
        shape.rank = hole
        return True
    is_end = before.strip() in ("-", "–") and hole - 1 in (shape.step, shape.batch)  # "batches 10-19"
    is_range = behind.strip() in ("-", "–") and hole + 2 < len(texts)
    if (
        _add_it(shape, key, hole, before, behind) or is_end or (is_range and _AXIS_BEHIND.match(texts[hole + 2]))
    ):  # "1-50batch"
        return True
    if before.strip(" \t[(]") in ("/", "of"):
        return _add_total(shape, hole, numbers)
    is_counter = behind.strip(" \t]") == "/" and hole + 1 < len(numbers) and not key.name
    if is_counter and _add_counter(shape, hole, before, numbers[hole]):
        return True
    found = None if key.name else _AXIS_BEHIND.match(behind)
    if found:
        axis = next(name for name, group in zip(("epoch", "step", "batch"), found.groups(), strict=True) if group)
        if getattr(shape, axis) < 0:  # "3epoch:train:1-50batch"
            setattr(shape, axis, hole)
    return found is not None or _add_bare(shape, key, hole, texts, numbers, first)


def _add_it(shape: Shape, key: Key, hole: int, before: str, behind: str) -> bool:
    """`it 1024/3000 of epoch 0`: a counter whose name is short, and the epoch behind it."""
    if shape.total == hole - 1 >= 0 and _OF_EPOCH.fullmatch(before):
        shape.epoch = hole
    elif _IT.search(key.name) and behind.strip() == "/" and shape.batch < 0:
        shape.batch = hole
    else:
        return False
    return True


def _add_named(shape: Shape, key: Key, hole: int, number: str) -> None:
    is_whole = key.axis == "epoch" or not {".", "e", "E"} & set(number)
    if key.axis == "step" and shape.step >= 0 and is_whole and _GLOBAL.search(key.name):
        shape.batch, shape.step = shape.step, -1  # "STEP: 0/496 -- GLOBAL_STEP: 992"
    if getattr(shape, key.axis) < 0 and is_whole:
        setattr(shape, key.axis, hole)


def _add_counter(shape: Shape, hole: int, before: str, number: str) -> bool:
    """A number without a name, and a slash behind it."""
    if before.strip() == "][" and shape.batch >= 0 and shape.epoch < 0:
        shape.epoch, shape.epochs = shape.batch, shape.total  # "[3/25][50/100]"
        shape.batch, shape.total = hole, -1
        return True
    if shape.batch >= 0:
        return False
    if shape.step < 0 and not number.startswith("-"):
        shape.batch = hole
    return True


def _add_bare(shape: Shape, key: Key, hole: int, texts: Sequence[str], numbers: Sequence[str], first: int) -> bool:
    """Counters without a name: `[0]<tab>train-logloss:`, `[1,  2000] loss:`, and `Train: 3 [ 50/100` of timm."""
    before, behind = texts[hole].strip(), texts[hole + 1]
    if before == "[" and hole == first and behind.startswith("]"):
        shape.step = hole
    elif before == "[" and hole == first and behind.strip() == ",":
        if {".", "e"} & set(numbers[hole + 1]):  # "[ 300, 0.0004]": a rate stands beside the step
            shape.step = hole
        else:
            shape.epoch = hole
    elif before == "," and shape.epoch == hole - 1 >= 0 and texts[hole - 1].strip() == "[":
        shape.batch = hole
    elif not key.name and key.rest.strip().lower() in SPLIT_OF_WORD and behind.strip() == "[":
        shape.epoch = hole
    else:
        return before == "[" and hole == first
    return True


def _add_total(shape: Shape, hole: int, numbers: Sequence[str]) -> bool:
    """A number behind a slash: the end of a counter, what a value is a share of, or a second value."""
    for name in ("step", "batch"):
        if getattr(shape, name) == hole - 1:
            shape.total = hole
            return True
    if shape.epoch == hole - 1:
        shape.epochs = hole
        return True
    last = shape.values[-1] if shape.values else None
    if last and last.hole == hole - 1:
        if {".", "e"} & set(numbers[hole]):
            shape.values.append(Value(f"{last.tag}/2", hole, last.scale, split=last.split))
        else:
            last.whole = hole
    return True
