"""Settings that a log repeats with every record: `global_batch_size`, `n_parameters`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .meaning.vocabulary import INDICES
from .meaning.words import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .run import Curve, Hyperparameter

MIN_POINTS = 8  # that are all the same: a quantity that training changes may stand still for a few


def without_settings(curves: Sequence[Curve]) -> tuple[list[Curve], dict[str, Hyperparameter]]:
    """Tell constants from curves: numbers named like a setting, and whole numbers whose name says nothing.

    A zero is the value of a setting only where the name is that of an index: it may as well be a count of what did not
    happen.
    """
    settings: dict[str, Hyperparameter] = {
        curve.tag: _typed(curve.value[0]) for curve in curves if _is_constant(curve) and _is_setting(curve)
    }
    if len(settings) == len(curves):
        return list(curves), {}
    return [curve for curve in curves if curve.tag not in settings], settings


def _is_constant(curve: Curve) -> bool:
    value = curve.value
    return len(value) >= MIN_POINTS and bool(np.isfinite(value[0]) and (value == value[0]).all())


def _is_whole(value: float) -> bool:
    return float(value).is_integer()


def _typed(value: float) -> int | float:
    return int(value) if _is_whole(value) else float(value)


def _is_setting(curve: Curve) -> bool:
    if curve.role not in ("setting", "unknown") or curve.statistic or curve.layer:
        return False
    if curve.role == "unknown" and not _is_whole(curve.value[0]):
        return False
    return curve.value[0] != 0 or not INDICES.isdisjoint(words_of(curve.tag))
