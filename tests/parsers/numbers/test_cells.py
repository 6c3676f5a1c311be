"""Missing, NaN and ±inf are three different things."""

import math

import numpy as np
import pytest

from trainlint.parsers.numbers.cells import is_missing, number, numbers

NUMBERS = [
    ("0.5", 0.5), (" 1e-3 ", 0.001), ("-7", -7.0), ("+inf", math.inf), ("inf", math.inf), ("-inf", -math.inf),
    ("Infinity", math.inf), ("-Infinity", -math.inf), ("97%", 97.0), ("tensor(0.12)", 0.12), ("1.#INF", math.inf),
    ("tensor(0.12, device='cuda:0', grad_fn=<NllLossBackward>)", 0.12), ("np.float32(0.25)", 0.25),
]  # fmt: skip
NOT_NUMBERS = ["abc", "1_2", "0,5", "12:30", "1 2", "0x10", "tensor([1, 2])", "%", "�5"]


@pytest.mark.parametrize(("cell", "value"), NUMBERS)
def test_number(cell, value):
    assert number(cell) == value


@pytest.mark.parametrize("cell", ["nan", "NaN", "NAN", "-nan", "-nan(ind)", "1.#QNAN"])
def test_nan_is_a_value(cell):
    assert math.isnan(number(cell))
    assert not is_missing(cell)


@pytest.mark.parametrize("cell", ["", "  ", "NA", "N/A", "null", "None", "-"])
def test_missing_is_not_nan(cell):
    assert is_missing(cell)
    assert number(cell) is None


@pytest.mark.parametrize("cell", NOT_NUMBERS)
def test_not_a_number(cell):
    assert number(cell) is None
    assert not is_missing(cell)


def test_decimal_comma_only_when_asked():
    assert number("0,5", decimal_comma=True) == 0.5
    assert number("97,5%", decimal_comma=True) == 97.5
    assert number("1,234,5", decimal_comma=True) is None


@pytest.mark.parametrize(
    ("cells", "values", "is_number", "is_unreadable"),
    [
        (["1", "2"], [1, 2], [1, 1], [0, 0]),
        (["1", "", "nan"], [1, math.nan, math.nan], [1, 0, 1], [0, 0, 0]),
        (["1", "x", "NA", "5%"], [1, math.nan, math.nan, 5], [1, 0, 0, 1], [0, 1, 0, 0]),
        (["1_0", "2"], [math.nan, 2], [0, 1], [1, 0]),
        ([], [], [], []),
    ],
)
def test_column(cells, values, is_number, is_unreadable):
    read = numbers(cells)
    np.testing.assert_array_equal(read.value, values)
    assert read.is_number.tolist() == list(map(bool, is_number))
    assert read.is_unreadable.tolist() == list(map(bool, is_unreadable))
