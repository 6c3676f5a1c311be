"""Which column counts steps, which epochs, which is the clock."""

import numpy as np
import pytest

from trainlint.parsers.files.text import Notes
from trainlint.parsers.tables.axes import find_axes

NAN = float("nan")


def axes(tmp_path, **columns):
    arrays = {name.replace("__", "/"): np.array(values, dtype=float) for name, values in columns.items()}
    return find_axes(arrays, len(next(iter(arrays.values()))), Notes(tmp_path))


@pytest.mark.parametrize(
    ("columns", "axis", "step"),
    [
        ({"step": [0, 10, 20]}, "step", [0, 10, 20]),
        ({"Step": [0, 10, 20]}, "step", [0, 10, 20]),
        ({"time__total_timesteps": [128, 256]}, "step", [128, 256]),
        ({"step": [1, 2, 3], "global_step": [10, 20, 30]}, "step", [10, 20, 30]),
        ({"step": [10, 20], "epoch": [0, 1]}, "step", [10, 20]),
        ({"epoch": [0, 1, 2]}, "epoch", [0, 1, 2]),
        ({"epoch": [0.1, 0.2, 0.3]}, "row", [0, 1, 2]),
        ({"epoch": [0, 0, 0, 0, 1, 1, 1, 1]}, "row", list(range(8))),
        ({"time": [1.0, 2.0, 3.0]}, "row", [0, 1, 2]),
        ({"batch": [32, 32, 32, 32], "epoch": [0, 1, 2, 3]}, "epoch", [0, 1, 2, 3]),
        ({"steps": [0.5, 0.7, 0.1]}, "row", [0, 1, 2]),
        ({"steps": [90, 12, 70, 3, 50, 8, 20, 1]}, "row", list(range(8))),
        ({"step": [5, NAN, 6, NAN]}, "step", [5, 5, 6, 6]),
        ({"step": [NAN, 4, 8]}, "step", [4, 4, 8]),
        ({"step": [0, 1, float("inf"), 1e300, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]}, "step",
         [0, 1, 1, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]),
        ({"step": [0, 5, 10, 5, 10, 15]}, "step", [0, 5, 10, 5, 10, 15]),
        ({"iter": [1, 2, 3, 1, 2, 3], "epoch": [1, 1, 1, 2, 2, 2]}, "step", [1, 2, 3, 4, 5, 6]),
        ({"batch": [0, 1, 0, 1, 0, 1], "epoch": [0, 0, 1, 1, 2, 2]}, "step", [0, 1, 2, 3, 4, 5]),
    ],
)  # fmt: skip
def test_axis(tmp_path, columns, axis, step):
    found = axes(tmp_path, **columns)
    assert found.axis == axis
    assert found.step.tolist() == step


@pytest.mark.parametrize("unit", [1, 1e3, 1e6, 1e9])
def test_clock_in_any_unit(tmp_path, unit):
    found = axes(tmp_path, step=[0, 1], timestamp=[1.7e9 * unit, (1.7e9 + 60) * unit])
    np.testing.assert_allclose(found.wall_time, [1.7e9, 1.7e9 + 60])
    assert found.names == {"step", "timestamp"}


def test_seconds_since_the_start_are_no_clock(tmp_path):
    found = axes(tmp_path, step=[0, 1], time=[0.5, 60])
    assert np.isnan(found.wall_time).all()
    assert found.names == {"step"}


def test_the_same_counter_twice_is_one_axis(tmp_path):
    assert axes(tmp_path, step=[4, 8, 12], iter=[4, NAN, 12], update=[1, 2, 3]).names == {"step", "iter"}


def test_epoch_stays_unknown_where_it_is_not_logged(tmp_path):
    np.testing.assert_array_equal(axes(tmp_path, step=[0, 4, 8], epoch=[NAN, 0, 1]).epoch, [NAN, 0, 1])


@pytest.mark.parametrize(
    ("columns", "evidence"),
    [
        ({"iter": [0, 50, 100]}, "column 'iter' counts by 50"),
        ({"iter": [1, 2, 7, 30, 31]}, "column 'iter' rises, by 3 in the median"),
        ({"epoch": [0, 1, 2]}, "column 'epoch' counts epochs"),
        ({"time": [1.0, 2.0]}, "no column counts steps: rows are numbered as they were written"),
        ({"step": [5, NAN, 6, NAN]}, "2 rows without it stand where the row before them stood"),
        ({"iter": [1, 2, 1, 2], "epoch": [1, 1, 2, 2]}, "column 'iter' restarts when 'epoch' rises"),
        ({"step": [0, 0, 0, 0, 0], "loss": [1, 2, 3, 4, 5]}, "column 'step' never changes"),
    ],
)
def test_axes_say_how_they_were_found(tmp_path, columns, evidence):
    assert evidence in "; ".join(axes(tmp_path, **columns).evidence)


@pytest.mark.parametrize(
    ("columns", "axis", "step"),
    [
        ({"round": [1, 2, 3]}, "step", [1, 2, 3]),
        ({"num_env_steps": [64, 128]}, "step", [64, 128]),
        ({"samples_seen": [32, 64], "round": [1, 2]}, "step", [1, 2]),
        ({"episode_reward": [1, 2, 3]}, "row", [0, 1, 2]),
        ({"iter": [0, 50, 100, 0, 50, 100], "epoch": [0, 0, 0, 1, 1, 1]}, "step", [0, 50, 100, 150, 200, 250]),
        ({"step": [0, 0, 0], "x": [1, 2, 3]}, "step", [0, 0, 0]),
        ({"step": [0, 0, 0, 0], "x": [1, 2, 3, 4]}, "row", [0, 1, 2, 3]),
        ({"step": [7, 7, 7, 7], "epoch": [0, 1, 2, 3]}, "epoch", [0, 1, 2, 3]),
    ],
)
def test_axis_by_words_and_by_counting(tmp_path, columns, axis, step):
    found = axes(tmp_path, **columns)
    assert (found.axis, found.step.tolist()) == (axis, step)


def test_a_counter_that_never_changes_is_told(tmp_path):
    notes = Notes(tmp_path)
    find_axes({"step": np.zeros(6)}, 6, notes)
    assert [note.message for note in notes.all()] == [
        "column 'step' is 0 in all 6 rows: rows are ordered as they were written"
    ]
