"""Several trainings one after another in a log: a note says which one is judged."""

import numpy as np
import pytest

from trainlint.analyzer.reading.sessions import note_sessions
from trainlint.parsers.run import Curve, Meaning, Run

LOSS = Meaning("loss", "train")


def run(*curves):
    return Run("r", "/runs/r", "csv-table", all_curves=list(curves))


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([*range(30)], None),
        ([*range(30), *range(30)], "contains 2 sessions, each from the first step: session 2 with 30 points"),
        (
            [*range(30), *range(10)],
            "session 1 with 30 points of loss is judged, 10 points of the other sessions are not",
        ),
        ([*range(5), *range(8), *range(9)], "contains 3 sessions"),
        ([0, *range(30)], None),  # broken off at once
        ([*range(30), *range(20, 40)], None),  # a resume
    ],
)
def test_sessions_are_noted(steps, said):
    one = run(Curve.build("loss", steps, np.ones(len(steps)), meaning=LOSS))
    note_sessions(one)
    assert [said in note.message for note in one.notes] == ([True] if said else [])
