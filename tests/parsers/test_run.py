import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainlint.parsers.restarts import Segment, segments_of
from trainlint.parsers.run import TABLE_COLUMNS, Curve, Meaning, Note, Run

STEPS = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 20), max_size=60)


def curve(steps, segments=None, tag="loss"):
    """A curve whose values tell the row they were written in."""
    return Curve.build(tag, steps, np.arange(len(steps)), segments=segments)


@pytest.mark.parametrize(
    ("steps", "starts"),
    [([], []), ([3], [0]), ([0, 1, 1, 2], [0]), ([0, 1, 2, 1, 2, 0], [0, 3, 5]), ([2, 1, 0], [0, 1, 2])],
)
def test_a_step_that_goes_back_starts_a_segment(steps, starts):
    found = segments_of(np.array(steps, dtype=np.int64))
    assert found == tuple(Segment(start, steps[start]) for start in starts)


@pytest.mark.parametrize(
    ("steps", "segments", "rows"),
    [
        # no restart; a step logged twice stays
        ([0, 1, 2], None, [0, 1, 2]),
        ([0, 1, 1, 2], None, [0, 1, 2, 3]),
        # a restart from step 2 voids what came after it
        ([0, 1, 2, 3, 2, 3, 4], None, [0, 1, 4, 5, 6]),
        # two restarts, the second further back
        ([0, 1, 2, 3, 4, 3, 4, 2, 3], None, [0, 1, 7, 8]),
        # a purge step before the first row of the new segment
        ([0, 1, 2, 3, 4, 5], [Segment(0, 0), Segment(4, 2)], [0, 1, 4, 5]),
        # a purge step after it: steps never go back all the same
        ([0, 5, 6, 3, 4], [Segment(0, 0), Segment(3, 9)], [0, 3, 4]),
        # a segment without a row still voids
        ([0, 1, 2], [Segment(0, 0), Segment(3, 1)], [0]),
        # a second session of the same length, a short aborted one, a short one first
        ([0, 1, 2, 0, 1, 2], None, [3, 4, 5]),
        ([0, 1, 2, 3, 0], None, [0, 1, 2, 3]),
        ([0, 0, 1, 2, 3], [Segment(0, 0), Segment(1, 0)], [1, 2, 3, 4]),
        # a session that begins before the first, and its own restart
        ([5, 6, 0, 1, 2, 3, 4, 3, 4], None, [2, 3, 4, 7, 8]),
        ([], [Segment(0, 0), Segment(0, 5)], []),
        # all of it void, and nothing logged since
        ([1, 2], [Segment(0, 0), Segment(0, 0), Segment(2, 1)], []),
    ],
)
def test_rows_that_stand_after_restarts(steps, segments, rows):
    assert curve(steps, segments).effective().value.tolist() == rows


@given(STEPS)
def test_effective_steps_never_go_back(steps):
    found = curve(steps).effective()
    assert (np.diff(found.step.astype(object)) >= 0).all()
    assert len(found.segments) <= 1
    assert bool(len(found)) == bool(steps)
    assert found.effective() is found


@given(STEPS, st.data())
def test_any_segments_are_survived(steps, data):
    starts = sorted(data.draw(st.lists(st.integers(0, len(steps)), max_size=5)))
    segments = [Segment(0, 0), *(Segment(start, data.draw(st.integers(-5, 25))) for start in starts)]
    assert set(curve(steps, segments).effective().value) <= set(range(len(steps)))


def test_interleaved_writers_cost_little():
    steps = np.repeat(np.arange(100_000), 2)
    steps[1::2] -= 1  # every other row goes back
    started = time.process_time()
    curve(steps).effective()
    assert time.process_time() - started < 2


def test_unequal_columns_are_refused():
    with pytest.raises(ValueError, match="unequal length"):
        Curve.build("loss", [1, 2], [0.5])


def test_taking_rows_takes_all_columns():
    taken = Curve.build("a", [0, 1, 2], [1.0, 2.0, 3.0], wall_time=[7, 8, 9], epoch=[0, 0, 1]).take(np.array([0, 2]))
    assert [list(c) for c in (taken.step, taken.value, taken.wall_time, taken.epoch)] == [
        [0, 2],
        [1, 3],
        [7, 9],
        [0, 1],
    ]
    assert taken.segments == (Segment(0, 0),)


def test_a_statistic_is_part_of_the_name():
    assert Curve.build("w", [0], [1], statistic="p50").name == "w:p50"


@pytest.mark.parametrize(
    ("note", "text"),
    [
        (Note("a.csv", "line 3", "is ragged"), "a.csv: line 3: is ragged"),
        (Note("a.csv", "", "is empty"), "a.csv: is empty"),
    ],
)
def test_a_note_says_where(note, text):
    assert str(note) == text


def table_of(*curves):
    return Run("runs/a", "/runs/a", "csv-table", all_curves=list(curves)).table()


def test_the_table_has_a_row_a_logged_point():
    meaning = Meaning("loss", "train", "", "lower")
    loss = Curve.build("loss", [0, 5], [1.5, 0.5], wall_time=[10, np.nan], epoch=[0, 1], meaning=meaning)
    norm = Curve.build("w", [5], [2.0], statistic="norm", meaning=Meaning("weight-norm", "none", "fc1"))
    frame = table_of(loss, norm)
    assert tuple(frame.columns) == TABLE_COLUMNS
    rows = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    assert rows == [
        ["runs/a", "loss", "loss", "train", "", 0, 0.0, 10.0, 1.5],
        ["runs/a", "loss", "loss", "train", "", 5, 1.0, None, 0.5],
        ["runs/a", "w:norm", "weight-norm", "none", "fc1", 5, None, None, 2.0],
    ]


@pytest.mark.parametrize("curves", [[], [curve([])], [curve([0, 1])]])
def test_the_dtypes_of_the_table_hold_for_any_run(curves):
    frame = table_of(*curves)
    assert [str(frame[name].dtype) for name in TABLE_COLUMNS] == ["category"] * 5 + ["int64"] + ["float64"] * 3


def test_nan_infinity_and_missing_stay_apart():
    frame = table_of(Curve.build("loss", [0, 1, 3], [np.nan, np.inf, -np.inf]))
    assert frame["step"].tolist() == [0, 1, 3]  # step 2 was not logged
    assert str(frame["value"].tolist()) == "[nan, inf, -inf]"


def test_names_that_are_no_unicode_stand_in_the_table():
    assert table_of(curve([0], tag="\udcff\ud800"))["tag"].tolist() == ["\udcff\ud800"]


def test_infinite_times_and_epochs_are_unknown():
    curve = Curve.build("loss", [1, 2], [0.5, 0.4], wall_time=[np.inf, 3.0], epoch=[1.0, -np.inf])
    assert np.isnan(curve.wall_time[0])
    assert curve.wall_time[1] == 3
    assert curve.epoch[0] == 1
    assert np.isnan(curve.epoch[1])
