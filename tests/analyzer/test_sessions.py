"""Trainings one after another in a log, and points that are all at one step: what was decided is said."""

import numpy as np
import pytest

from trainlint.analyzer.reading.sessions import order_by_time, tell_sessions
from trainlint.parsers.run import Curve, Meaning, Run

LOSS = Meaning("loss", "train")


def run(*curves):
    return Run("r", "/runs/r", "csv-table", all_curves=list(curves))


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([*range(30)], None),
        ([*range(30), *range(30)], "2 sessions follow one another, each from the first step: session 2 with 30 points"),
        (
            [*range(30), *range(10)],
            "session 1 with 30 points of loss is judged, 10 points of the other sessions are not",
        ),
        ([*range(5), *range(8), *range(9)], "3 sessions"),
        ([0, *range(30)], None),  # broken off at once
        ([*range(30), *range(20, 40)], None),  # a resume
    ],
)
def test_sessions_are_told(steps, said):
    one = run(Curve.build("loss", steps, np.ones(len(steps)), meaning=LOSS))
    tell_sessions(one)
    assert [said in note.message for note in one.notes] == ([True] if said else [])


@pytest.mark.parametrize(
    ("times", "values", "said"),
    [
        ([3.0, 1.0, 2.0], [1, 2, 0], "in the order of their times"),
        (None, [0, 1, 2], "in the order in which they were written"),
    ],
)
def test_points_that_are_all_at_one_step_have_an_order(times, values, said):
    one = run(Curve.build("loss", [0, 0, 0], [0, 1, 2], wall_time=times), Curve.build("best", [5], [1]))
    order_by_time(one)
    curve, lone = one.all_curves
    assert (curve.axis, curve.step.tolist(), curve.value.tolist()) == ("row", [0, 1, 2], values)
    assert (lone.axis, lone.step.tolist()) == ("step", [5])
    assert [said in note.message for note in one.notes] == [True]


def test_a_metric_that_is_logged_again_at_its_step_leaves_the_steps_of_others():
    one = run(Curve.build("loss", [0, 1, 2], [0, 1, 2]), Curve.build("test", [2, 2], [1, 1]))
    order_by_time(one)
    assert [curve.step.tolist() for curve in one.all_curves] == [[0, 1, 2], [2, 2]]
    assert not one.notes
