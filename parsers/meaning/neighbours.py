"""What the other tags of a log say of one: parts of a loss beside it, a total beside its parts, short names of splits."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .layers import layer_meaning
from .roles import is_part_of_loss
from .totals import sum_of_others
from .vocabulary import SHORT_SPLITS, SPLITS
from .words import FILLERS, REMEMBERED_TAGS, terms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run import Curve, Direction, Split

MAX_SUMMANDS = 20  # that are added up for each loss
_SILENT = ("unknown", "counter")
_OF_POLICIES = frozenset(("p", "pi", "pg", "policy", "actor"))
_WHOLES = frozenset(("total", "all", "sum", "overall"))


def by_neighbours(curves: Sequence[Curve]) -> list[Curve]:
    """Add to meanings what only the tags of a log together tell."""
    return _with_weights(_with_short_splits(_with_summands(_with_parts(curves))))


def _with_weights(curves: Sequence[Curve]) -> list[Curve]:
    """Read `weights/<layer>` as a norm beside the norm of the gradient of that layer: it is the same statistic of both."""
    layers = {curve.layer for curve in curves if curve.role == "gradient-norm" and curve.layer and not curve.statistic}
    if not layers:
        return list(curves)
    reason = "words: weights, beside the gradient norm of the layer"
    found = []
    for curve in curves:
        meant = layer_meaning(curve.tag) if curve.role == "unknown" and not curve.statistic else None
        is_norm = meant is not None and meant.role == "weight-norm" and meant.layer in layers
        if meant is not None and is_norm and not (curve.value <= 0).any():
            found.append(curve.with_meaning(replace(curve.meaning, role=meant.role, layer=meant.layer, reason=reason)))
        else:
            found.append(curve)
    return found


def _with_parts(curves: Sequence[Curve]) -> list[Curve]:
    losses = [curve for curve in curves if curve.role == "loss" and not curve.layer]
    parts = {id(curve) for curve in curves if curve.role == "unknown" and _may_be_loss(curve) and _is_part(curve)}
    has_split = any(curve.split != "none" for curve in curves if id(curve) in parts)
    wholes = {id(curve) for curve in curves if curve.role in _SILENT and _is_whole(curve) and _may_be_loss(curve)}
    if (
        not losses
        and len(parts) < 2
        and not has_split
        and not any(_has_kin(c, curves) for c in curves if id(c) in wholes)
    ):
        return list(curves)
    # beside losses that play against each other a part need not fall either
    direction: Direction = "lower" if not losses or any(c.direction == "lower" for c in losses) else "unknown"

    def placed(curve: Curve) -> Curve:
        if id(curve) in parts:
            why = "words: a part of a loss, beside others"
        elif id(curve) in wholes:
            why = "words: the total, beside its parts"
        else:
            return curve
        return curve.with_meaning(replace(curve.meaning, role="loss", direction=direction, reason=why))

    return [placed(curve) for curve in curves]


def _with_summands(curves: Sequence[Curve]) -> list[Curve]:
    """Read as parts of a loss the curves whose sum it is, whatever their names, if they stand under the same heading."""
    silent: dict[tuple[Split, str], list[Curve]] = {}
    for curve in curves:
        if curve.role == "unknown" and _may_be_loss(curve):
            silent.setdefault(_place(curve), []).append(curve)
    found: dict[int, Curve] = {}
    for total in curves:
        parts = silent.get(_place(total), []) if total.role == "loss" and not total.layer else []
        if not 2 <= len(parts) <= MAX_SUMMANDS:
            continue
        parts = [part for part in parts if len(part) == len(total)]
        if len(parts) > 1 and sum_of_others([total.value, *(part.value for part in parts)]) == 0:
            reason = f"values: adds up to {total.tag} with others"
            for part in parts:
                meaning = replace(part.meaning, role="loss", direction=total.direction, reason=reason)
                found[id(part)] = part.with_meaning(meaning)
    return [found.get(id(curve), curve) for curve in curves]


def _has_kin(total: Curve, curves: Sequence[Curve]) -> bool:
    """Whether something that may be its part stands beside a total, of one split and under one heading."""

    def may_be_part(curve: Curve) -> bool:
        return curve.role in ("unknown", "loss") or (curve.role == "score" and curve.direction == "lower")

    place = _place(total)
    falls = len(total) > 1 and total.value[-1] < total.value[0]  # what is counted does not
    return (total.split != "none" or falls) and any(
        c is not total and may_be_part(c) and _place(c) == place for c in curves
    )


def _place(curve: Curve) -> tuple[Split, str]:
    """The split of a curve and its heading: `train` of `train/rank` and of `train_rank`."""
    return curve.split, curve.tag[: max(curve.tag.rfind("/"), curve.tag.find("_"), 0)]


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


@lru_cache(maxsize=REMEMBERED_TAGS)
def _has_short_split(tag: str) -> bool:
    return not SHORT_SPLITS.keys().isdisjoint(terms_of(tag))


def _with_short_splits(curves: Sequence[Curve]) -> list[Curve]:
    """Read `tr_loss` as training where `te_loss` stands beside it, and the reverse."""
    if not any(map(_has_short_split, (curve.tag for curve in curves))):
        return list(curves)
    found: dict[int, tuple[Split, tuple[str, ...]]] = {}
    splits_of: dict[tuple[str, ...], set[Split]] = {}
    has_policy = any(not _OF_POLICIES.isdisjoint(terms_of(c.tag)) for c in curves if c.role == "loss")
    no_splits = {"v"} if has_policy else set()  # beside the loss of a policy, that of a value function
    for number, curve in enumerate(curves):
        words = terms_of(curve.tag)
        short = [
            word
            for place, word in enumerate(words)
            if word in SHORT_SPLITS and word not in no_splits and (word != "t" or not place)
        ]
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
