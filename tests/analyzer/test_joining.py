"""What a run takes from another of its files: curves that it lacks, longer ones, epochs and times."""

from pathlib import Path

import numpy as np
import pytest

from trainlint.analyzer.reading.comparing import Part, compare
from trainlint.analyzer.reading.joining import join
from trainlint.parsers.run import Curve, Meaning, Run

LOSS = Meaning("loss", "train")
NAN = float("nan")


def part(*curves, form="csv-table"):
    return Part(Run("", "/runs/a", form, all_curves=list(curves)), Path("/runs"))


def joined(host, other):
    """The curves of two parts as those of one run."""
    join(host, other, compare(host, other))
    return host.run.all_curves


def loss(step, *, tag="loss", meaning=LOSS, value=None, **columns):
    value = 1 / (np.asarray(step) + 1.37) if value is None else value
    return Curve.build(tag, step, value, meaning=meaning, **columns)


@pytest.mark.parametrize(
    ("own", "twin", "epoch", "wall_time"),
    [
        pytest.param(
            loss([0, 1, 2]), loss([0, 1, 2], epoch=[0, 0.5, 1], wall_time=[7, 8, 9]), [0, 0.5, 1], [7, 8, 9], id="same"
        ),
        pytest.param(
            loss([0, 1, 2], epoch=[5, 6, 7]), loss([0, 1, 2], epoch=[0, 0.5, 1]), [5, 6, 7], [NAN] * 3, id="own stay"
        ),
        pytest.param(
            loss([0, 1, 2, 3]), loss([1, 3], epoch=[1, 3], wall_time=[8, 9]), [NAN, 1, NAN, 3], [NAN, 8, NAN, 9], id="some"
        ),
        pytest.param(
            loss([0, 1, 2, 1, 2]), loss([0, 1, 2], epoch=[0, 1, 2], wall_time=[7, 8, 9]), [0, 1, 2, 1, 2], [NAN] * 5,
            id="the time of a step that was logged twice is not known",
        ),
        pytest.param(
            loss([0, 1, 2]), loss([0, 1, 1], epoch=[0, 1, 2], wall_time=[7, 8, 9]), [NAN] * 3, [NAN] * 3, id="twin repeats"
        ),
        pytest.param(loss([0, 1, 2]), loss([0, 1, 2], axis="row", epoch=[0, 1, 2]), [0, 1, 2], [NAN] * 3, id="other axis"),
        pytest.param(loss([0, 1]), loss([], epoch=[], wall_time=[]), [NAN] * 2, [NAN] * 2, id="empty twin"),
        pytest.param(loss([1, 2]), loss([0, 1, 2], epoch=[0, 1, 2]), [0, 1, 2], [NAN] * 3, id="the longer one stays"),
        pytest.param(
            loss([1, 2], epoch=[1, 2]), loss([0, 1, 2]), [NAN, 1, 2], [NAN] * 3, id="the longer one takes from the shorter"
        ),
    ],
)  # fmt: skip
def test_epochs_and_times_come_from_the_twin(own, twin, epoch, wall_time):
    (curve,) = joined(part(own), part(twin))
    assert curve.epoch.tolist() == pytest.approx(epoch, nan_ok=True)
    assert curve.wall_time.tolist() == pytest.approx(wall_time, nan_ok=True)


def test_who_names_no_split_speaks_of_the_training():
    times = [Curve.build(f"{s}/time", [1], [0.5], meaning=Meaning("step-time", s)) for s in ("train", "validation")]
    curves = joined(part(*times), part(Curve.build("time", [1], [0.5], wall_time=[9], meaning=Meaning("step-time"))))
    assert [curve.wall_time.tolist() for curve in curves] == [[9.0], pytest.approx([NAN], nan_ok=True)]


@pytest.mark.parametrize(
    ("tag", "meaning", "is_twin"),
    [
        ("ray/tune/count", Meaning(), True),
        ("ray/tune/count", Meaning(split="train"), True),
        ("ray/tune/count", Meaning(split="validation"), False),
        ("count_of_part", Meaning(), False),
        ("%", Meaning(), False),
    ],
)
def test_words_before_a_name_hide_no_copy(tag, meaning, is_twin):
    count = loss([0, 1, 2], tag="count", meaning=Meaning(split="train"))
    curves = joined(part(count), part(loss([0, 1, 2], tag=tag, meaning=meaning), form="json-lines"))
    assert len(curves) == 2 - is_twin


@pytest.mark.parametrize(
    ("step", "value", "is_twin"),
    [
        ([0, 1, 2], None, True),
        ([0, 1, 2], [0.4, 0.42, 0.73], False),
        ([0], [0.73], False),
        ([0, 1, 2], [0.5, 0.5, 0.5], False),
    ],
)
def test_a_copy_under_another_name_needs_equal_values(step, value, is_twin):
    copy = part(loss(step, tag="train_objective_total", value=value), form="json-lines")
    assert len(joined(part(loss([0, 1, 2])), copy)) == 2 - is_twin


def test_one_log_may_hold_a_quantity_under_two_names():
    assert len(joined(part(loss([0, 1, 2])), part(loss([0, 1, 2], tag="train_objective_total")))) == 2
