"""Numbers at the end of a file that was cut: kept only if what may be missing of them does not matter."""

import pytest

from trainlint.parsers.files.cut_ends import may_be_cut, without_cut_number
from trainlint.parsers.formats.generic.csv_table import PARSER


@pytest.mark.parametrize(
    ("number", "whole", "expected"),
    [
        ("2.3750", "2.5000", False),
        ("2.375", "2.5", False),
        ("2.3", "2.5", False),
        ("1.25", "9.75e-05", True),
        ("1.25e-0", "9.75e-05", True),
        ("1.2500e-05", "9.7500e-05", False),
        ("0.4", "0.5", False),
        ("0.4999", "0.5", False),
        ("12", "110", True),
        ("-2.3750", "-2.5000", False),
        ("2,3750", "2,5000", False),
        ("", "2.5", True),
        ("na", "2.5", True),
        ("2", "2.5", True),
        ("0.4", "0.4999", True),
        ("2.3750", "", False),
        ("nan", "nan", False),
        ("0.0000", "0.1000", False),
    ],
)
def test_may_be_cut(number, whole, expected):
    assert may_be_cut(number, whole) == expected


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("loss 2.5000\nloss 2.3750\nloss 2.2", "loss 2.5000\nloss 2.3750\nloss "),
        ("loss 2.5000\nloss 2.3750\nloss 2.2500", None),
        ("loss 2.5000\nloss 2.3750\n", None),
        ("loss 1.5e-05\nloss 1.5\n", None),
        ("loss 2.5000 (a)\nloss 2.3", None),
        ("loss 1.5e-05\nloss 1.5e-06\ndone\nloss 1.5", "loss 1.5e-05\nloss 1.5e-06\ndone\nloss "),
        ("loss: 2.5", None),
        ("", None),
    ],
)
def test_a_text_that_ends_with_a_number(text, left):
    assert without_cut_number(text) == (text if left is None else left)


@pytest.mark.parametrize(("end", "last"), [("2.125", 2.25), ("2.12500", 2.125), ("2.125\n", 2.125), ("2", 2.25)])
def test_a_table(tmp_path, end, last):
    path = tmp_path / "log.csv"
    path.write_text("step,loss\n0,2.50000\n1,2.25000\n2," + end)
    (run,) = PARSER.parse(path)
    assert run.all_curves[0].value.tolist()[-1] == last
    assert [note.where for note in run.notes] == (["line 4"] if last == 2.25 else [])
