"""The benchmark of logs that no list names: what it calls right and wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import unknown_logs

READ_RIGHT = ("002", "003", "005", "008")


def expected_of(folder):
    return json.loads((folder / "expect.json").read_text())


@pytest.mark.parametrize("number", READ_RIGHT)
def test_logs_that_are_read_right_stay_so(number):
    folder = unknown_logs.LOGS / "second" / number
    assert unknown_logs.wrong_about(folder / "input", expected_of(folder)) == []


def test_what_is_read_otherwise_is_named():
    folder = unknown_logs.LOGS / "second" / READ_RIGHT[0]
    expected = expected_of(folder)
    expected["runs"] += 1
    expected["curves"] = [{**expected["curves"][0], "points": 1}]
    runs, curve = unknown_logs.wrong_about(folder / "input", expected)
    assert runs == f"{expected['runs'] - 1} runs, not {expected['runs']}"
    assert curve.startswith("no curve")
