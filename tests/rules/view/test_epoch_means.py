"""Running means that reset every epoch are recognised, undone, and nothing else is taken for them."""

from __future__ import annotations

import numpy as np
import pytest

from trainlint.parsers.run import Curve
from trainlint.rules.base import InsufficientDataError
from trainlint.rules.shared.epoch_means_removed import without_epoch_averaging
from trainlint.rules.view.curve_view import CurveView
from trainlint.rules.view.epoch_means import epoch_means_of

from ..curves import decay, running_means

EPOCHS, BATCHES = 8, 60
NUMBERS = np.repeat(np.arange(EPOCHS), BATCHES).astype(float)
UNKNOWN = np.full(EPOCHS * BATCHES, np.nan)
SINGLE = decay(EPOCHS * BATCHES, noise=0.3)


@pytest.mark.parametrize("epochs", [NUMBERS, UNKNOWN], ids=["epochs logged", "epochs unknown"])
def test_running_means_are_undone(epochs):
    found = epoch_means_of(running_means(SINGLE, BATCHES), epochs)
    assert found.is_precise
    assert found.starts.tolist() == list(range(0, EPOCHS * BATCHES, BATCHES))
    assert np.allclose(found.values, SINGLE)


def test_the_last_point_of_an_epoch_may_carry_its_whole_number():
    fractions = (np.arange(EPOCHS * BATCHES) + 1) / BATCHES
    assert np.allclose(epoch_means_of(running_means(SINGLE, BATCHES), fractions).values, SINGLE)


def test_logged_out_of_step_with_the_epochs():
    rows = np.arange(0, EPOCHS * BATCHES, 7)
    found = epoch_means_of(running_means(SINGLE, BATCHES)[rows], NUMBERS[rows])
    assert np.all(np.abs(np.log(found.values / SINGLE[rows])) < np.log(8))


@pytest.mark.parametrize(
    "values",
    [SINGLE, decay(480, noise=0.01), np.ones(480), np.zeros(480), np.round(SINGLE, 2), np.arange(480.0), SINGLE[:5], []],
    ids=["batches", "little noise", "constant", "zero", "two digits", "a line", "short", "empty"],
)  # fmt: skip
def test_other_curves_are_left_as_they_are(values):
    values = np.asarray(values, dtype=float)
    assert epoch_means_of(values, NUMBERS[: len(values)]) is None
    assert epoch_means_of(values, UNKNOWN[: len(values)]) is None


def test_a_curve_without_running_means_is_its_own_undone_curve():
    view = CurveView(Curve.build("loss", np.arange(480), SINGLE, epoch=NUMBERS))
    assert without_epoch_averaging(view) is view


def test_too_few_digits_to_undo():
    view = CurveView(
        Curve.build(
            "loss", np.arange(480), np.round(running_means(decay(480, 6.0, 4.0, noise=0.02), BATCHES), 2), epoch=NUMBERS
        )
    )
    with pytest.raises(InsufficientDataError, match="too few digits"):
        without_epoch_averaging(view)
