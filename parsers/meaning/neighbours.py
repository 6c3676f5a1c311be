"""What the other tags of a log say of one: parts of a loss beside it, a total beside its parts, short names of splits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .roles import is_part_of_loss
from .vocabulary import SHORT_SPLITS, SPLITS
from .words import FILLERS, terms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run import Curve, Direction, Split

_SILENT = ("unknown", "counter")
_WHOLES = frozenset(("total", "all", "sum", "overall"))


def by_neighbours(curves: Sequence[Curve]) -> list[Curve]:
    """Add to meanings what only the tags of a log together tell."""
    return _with_short_splits(_with_parts(curves))


def _with_parts(curves: Sequence[Curve]) -> list[Curve]:
    losses = [curve for curve in curves if curve.role == "loss" and not curve.layer]
    parts = {id(curve) for curve in curves if curve.role == "unknown" and _may_be_loss(curve) and _is_part(curve)}
    has_split = any(curve.split != "none" for curve in curves if id(curve) in parts)
    if not losses and len(parts) < 2 and not has_split:
        return list(curves)
    # beside losses that play against each other a part need not fall either
    direction: Direction = "lower" if not losses or any(c.direction == "lower" for c in losses) else "unknown"

    def placed(curve: Curve) -> Curve:
        if id(curve) in parts:
            why = "words: a part of a loss, beside others"
        elif curve.role in _SILENT and _is_whole(curve) and _may_be_loss(curve):
            why = "words: the total, beside its parts"
        else:
            return curve
        return curve.with_meaning(replace(curve.meaning, role="loss", direction=direction, reason=why))

    return [placed(curve) for curve in curves]


def _is_part(curve: Curve) -> bool:
    return is_part_of_loss([word for word in terms_of(curve.tag) if word not in SPLITS])


def _is_whole(curve: Curve) -> bool:
    words = [word for word in terms_of(curve.tag) if word not in SPLITS]
    return bool(words) and words[-1] in _WHOLES and all(word in FILLERS or word in _WHOLES for word in words)


def _may_be_loss(curve: Curve) -> bool:
    if curve.statistic or curve.layer:
        return False
    values = curve.value[np.isfinite(curve.value)]
    return not len(values) or bool(values.min() >= 0 and (values != np.rint(values)).any())


def _with_short_splits(curves: Sequence[Curve]) -> list[Curve]:
    """Read `tr_loss` as training where `te_loss` stands beside it, and the reverse."""
    found: dict[int, tuple[Split, tuple[str, ...]]] = {}
    splits_of: dict[tuple[str, ...], set[Split]] = {}
    for number, curve in enumerate(curves):
        words = terms_of(curve.tag)
        short = [word for word in words if word in SHORT_SPLITS]
        if len(short) != 1 and curve.split == "none":
            continue
        base = tuple(word for word in words if word not in SHORT_SPLITS and word not in SPLITS)
        split = curve.split if curve.split != "none" else SHORT_SPLITS[short[0]]
        splits_of.setdefault(base, set()).add(split)
        if curve.split == "none":
            found[number] = split, base
    placed = list(curves)
    for number, (split, base) in found.items():
        if len(splits_of[base]) > 1:
            meaning = curves[number].meaning
            reason = f"{meaning.reason}; split: beside the same quantity of another"
            placed[number] = curves[number].with_meaning(replace(meaning, split=split, reason=reason))
    return placed
