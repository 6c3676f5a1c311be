"""The report as JSON text: encoding of numbers, names and the whole report."""

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
    """JSON has no NaN and no infinity: as strings they are not mistaken for missing values."""
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def scalar(value: Hyperparameter) -> Scalar:
    """A hyperparameter as a JSON type; numpy types are converted."""
    if isinstance(value, np.generic):
        value = value.item()
    return finite(value) if isinstance(value, float) else value


def dumped(value: object, indent: int | None = None) -> str:
    """JSON in ASCII, so that names from logs survive any encoding and cannot be commands for a terminal or CI runner.

    Raises:
        ValueError: a number is not finite; convert it with `finite`.

    """
    return unmarked(json.dumps(value, indent=indent, allow_nan=False), "\\u0023")  # only strings can contain that


def report_text(report: Report) -> str:
    """The text of report.json."""
    return dumped(report, indent=1) + "\n"
