"""Epochs that a run logs as a metric are those of its other curves."""

import numpy as np
import pytest

from trainlint.analyzer.reading.epochs import add_epochs
from trainlint.parsers.run import Curve, Run

nan = np.nan


def epochs(counted, *, name="epoch", steps=(10, 20, 30, 40), of=(5, 10, 25, 40, 50), **loss):
    """Epochs of a loss at the steps `of`, in a run with a curve of epochs."""
    run = Run("r", "/r", "tensorboard")
    run.all_curves = [Curve.build(name, steps, counted), Curve.build("loss", of, np.ones(len(of)), **loss)]
    add_epochs(run)
    assert np.isfinite(run.all_curves[0].epoch).all() == np.isfinite(run.all_curves[1].epoch).any()
    return run.all_curves[1].epoch


@pytest.mark.parametrize("name", ["epoch", "train/epoch", "Epoch"])
def test_the_epoch_that_was_logged_last(name):
    np.testing.assert_array_equal(epochs([0, 0, 1, 1], name=name), [nan, 0, 0, 1, nan])


def test_parts_of_epochs_stay():
    np.testing.assert_array_equal(epochs([0.5, 1.0, 1.5, 2.0]), [nan, 0.5, 1, 2, nan])


@pytest.mark.parametrize(
    ("counted", "name"),
    [([2, 1, 3, 4], "epoch"), ([0, nan, 1, 2], "epoch"), ([-1, 0, 1, 2], "epoch"), ([0, 1, 2, 3], "epoch_time")],
)
def test_what_does_not_count_epochs_is_not_used(counted, name):
    run = Run("r", "/r", "tensorboard")
    run.all_curves = [Curve.build(name, range(4), counted), Curve.build("loss", range(4), np.ones(4))]
    add_epochs(run)
    assert np.isnan(run.all_curves[1].epoch).all()


def test_known_epochs_and_other_axes_stay():
    np.testing.assert_array_equal(epochs([0, 1, 2, 3], epoch=[7, 7, 8, 8, 9]), [7, 7, 8, 8, 9])
    run = Run("r", "/r", "tensorboard")
    run.all_curves = [Curve.build("epoch", range(3), range(3)), Curve.build("loss", range(3), np.ones(3), axis="row")]
    add_epochs(run)
    assert np.isnan(run.all_curves[1].epoch).all()
