"""The report as JSON text: the one place that says how numbers, names and a whole report are written."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np

from .verdict_text import unmarked

if TYPE_CHECKING:
    from ...parsers.run import Hyperparameter
    from .schema import Number, Report, Scalar


def finite(value: float) -> Number:
    """JSON has no NaN and no infinity: as strings they stay what they are and are not mistaken for missing."""
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def scalar(value: Hyperparameter) -> Scalar:
    """A hyperparameter as JSON has it; a type of numpy is told as the plain one."""
    if isinstance(value, np.generic):
        value = value.item()
    return finite(value) if isinstance(value, float) else value


def dumped(value: object, indent: int | None = None) -> str:
    """JSON in ASCII, so that any name from a log survives any terminal and any encoding, and none is a command there.

    Raises:
        ValueError: a number is not finite, of which `finite` makes a text.

    """
    return unmarked(json.dumps(value, indent=indent, allow_nan=False), "\\u0023")  # only texts can hold that


def report_text(report: Report) -> str:
    """The text of report.json."""
    return dumped(report, indent=1) + "\n"
