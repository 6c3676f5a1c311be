"""Layers of one network in the order of their depth, as far as names and the log show it."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from ..statistics.medians import median

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..view.curve_view import CurveView

MIN_NUMBERED = 3  # layers whose names differ only in numbers: fewer are not a series
_NUMBER = re.compile(r"\d+")


def series_of(curves: Sequence[CurveView]) -> list[CurveView]:
    """Weights of one series of layers in the order of depth, those without any gradient left out."""
    usable = [c for c in curves if len(c) and "bias" not in c.layer.lower() and median(c.values) > 0]
    families: dict[str, list[CurveView]] = defaultdict(list)
    for curve in usable:
        families[_NUMBER.sub("#", curve.name)].append(curve)
    longest = max(families.values(), key=len, default=[])
    if len(longest) >= MIN_NUMBERED:
        return sorted(longest, key=lambda c: [int(n) for n in _NUMBER.findall(c.layer)])
    by_statistic: dict[str, list[CurveView]] = defaultdict(list)
    for curve in usable:
        by_statistic[curve.curve.statistic].append(curve)
    return max(by_statistic.values(), key=len, default=[])


def aligned(layers: Sequence[CurveView]) -> tuple[np.ndarray, np.ndarray]:
    """Steps that all layers share, int64 [s], and their norms, float64 [layers, s]."""
    first = layers[0]
    if (np.diff(first.steps) > 0).all() and all(np.array_equal(first.steps, c.steps) for c in layers):
        return first.steps, np.maximum([layer.values for layer in layers], np.finfo(float).tiny)
    steps = reduce(np.intersect1d, (layer.steps for layer in layers))
    norms = np.array([layer.values[np.searchsorted(layer.steps, steps)] for layer in layers])
    return steps, np.maximum(norms, np.finfo(float).tiny)


def share_falling(values: np.ndarray, ratio: float = 2.0) -> float:
    """Share of the pairs of layers in which the norm of the deeper one is lower by more than this ratio."""
    first, second = np.triu_indices(len(values), k=1)
    return float((values[second] < values[first] / ratio).mean())
