"""Curves that count epochs as steps: moved by their times, marked without, left alone where they may be anything else."""

import numpy as np
import pytest

from trainlint.analyzer.reading.alignment import align
from trainlint.parsers.run import Curve, Meaning, Run

UPDATES = np.arange(0, 600, 10)
LOSS = Meaning("loss", "train")
VALIDATION = Meaning("loss", "validation")


def aligned(step, *, times=None, trunk_step=UPDATES, trunk_times=UPDATES / 10.0, trunk=LOSS):
    """A validation curve as it stands after the alignment with a training of 600 updates, and the notes."""
    run = Run("r", "/runs/r", "csv-table")
    trunk_times = trunk_times if times is not None else None
    run.all_curves = [
        Curve.build("loss", trunk_step, np.ones(len(trunk_step)), wall_time=trunk_times, meaning=trunk),
        Curve.build("val_loss", step, np.ones(len(step)), wall_time=times, meaning=VALIDATION),
    ]
    align(run)
    return run.all_curves[1], [note.message for note in run.notes]


def test_times_tell_where_an_epoch_ended():
    curve, notes = aligned([0, 1, 2, 3, 4, 5], times=[9.5, 19.5, 29.5, 39.5, 49.5, 59.5])
    assert curve.axis == "step"
    assert curve.step.tolist() == [90, 190, 290, 390, 490, 590]
    assert curve.epoch.tolist() == [0, 1, 2, 3, 4, 5]
    assert notes == ["steps count epochs: moved to the training steps of the same time"]


def test_without_times_they_are_marked():
    curve, notes = aligned([1, 2, 3, 4, 5])
    assert (curve.axis, curve.step.tolist(), curve.epoch.tolist()) == ("epoch", [1, 2, 3, 4, 5], [1, 2, 3, 4, 5])
    assert notes == ["steps count epochs, unlike those of the training"]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"step": [0, 1, 2, 3], "times": [0.0, 0.1, 0.2, 0.3]}, id="the first steps, by their times"),
        pytest.param({"step": [0, 1, 2, 3], "times": [0.0, 30.0, 31.0, 32.0]}, id="uneven"),
        pytest.param({"step": [0, 1, 2, 3], "times": [30.0, 20.0, 10.0, 0.0]}, id="times that go back"),
        pytest.param({"step": [0, 100, 200, 300]}, id="steps"),
        pytest.param({"step": [5, 6, 7, 8]}, id="begins late"),
        pytest.param({"step": [1, 2]}, id="too few"),
        pytest.param({"step": [1, 2, 3, 4], "trunk_step": np.arange(600)}, id="every step is logged"),
        pytest.param({"step": [1, 2, 3, 4], "trunk_step": np.arange(0, 10, 5)}, id="as long as the training"),
        pytest.param({"step": [1, 2, 3, 4], "trunk": Meaning("counter")}, id="no curve of the training"),
        pytest.param({"step": [1, 2, 3, 4], "trunk_step": np.array([], int)}, id="nothing to align with"),
    ],
)
def test_what_may_be_anything_else_stays(options):
    curve, notes = aligned(**options)
    assert (curve.axis, curve.step.tolist(), notes) == ("step", list(options["step"]), [])
