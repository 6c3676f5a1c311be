"""What a run takes from another of its files: curves that it lacks, longer ones, epochs and times."""

import numpy as np
import pytest

from trainlint.analyzer.reading.joining import join
from trainlint.parsers.run import Curve, Meaning, Run

LOSS = Meaning("loss", "train")
NAN = float("nan")


def run(curve):
    found = Run("", "/runs/a", "csv-table")
    found.all_curves = [curve]
    return found


def loss(step, *, tag="loss", meaning=LOSS, **columns):
    return Curve.build(tag, step, np.arange(len(step)) / 8, meaning=meaning, **columns)


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
        pytest.param(loss([0, 1, 2]), loss([0, 1, 2], axis="row", epoch=[0, 1, 2]), [NAN] * 3, [NAN] * 3, id="other axis"),
        pytest.param(loss([0, 1]), loss([], epoch=[], wall_time=[]), [NAN] * 2, [NAN] * 2, id="empty twin"),
        pytest.param(loss([1, 2]), loss([0, 1, 2], epoch=[0, 1, 2]), [0, 1, 2], [NAN] * 3, id="the longer one stays"),
        pytest.param(
            loss([1, 2], epoch=[1, 2]), loss([0, 1, 2]), [NAN, 1, 2], [NAN] * 3, id="the longer one takes from the shorter"
        ),
    ],
)  # fmt: skip
def test_epochs_and_times_come_from_the_twin(own, twin, epoch, wall_time):
    host = run(own)
    join(host, run(twin))
    (joined,) = host.all_curves
    assert joined.epoch.tolist() == pytest.approx(epoch, nan_ok=True)
    assert joined.wall_time.tolist() == pytest.approx(wall_time, nan_ok=True)


def test_who_names_no_split_speaks_of_the_training():
    times = [Curve.build(f"{s}/time", [1], [0.5], meaning=Meaning("step-time", s)) for s in ("train", "validation")]
    host = run(times[0])
    host.all_curves.append(times[1])
    join(host, run(Curve.build("time", [1], [0.5], wall_time=[9], meaning=Meaning("step-time"))))
    assert [curve.wall_time.tolist() for curve in host.all_curves] == [[9.0], pytest.approx([NAN], nan_ok=True)]


@pytest.mark.parametrize(
    ("tag", "step", "split", "is_twin"),
    [
        ("ray/tune/loss", [0, 1, 2], "train", True),
        ("ray/tune/loss", [0, 1, 2], "none", True),
        ("ray/tune/loss", [0, 1, 2], "validation", False),
        ("ray/tune/loss", [2, 1, 0], "train", False),  # other values at the same steps
        ("ray/tune/loss", [0, 1], "train", False),  # two numbers may be equal by chance
        ("loss_of_part", [0, 1, 2], "train", False),
        ("%", [0, 1, 2], "train", False),
    ],
)
def test_words_before_a_name_hide_no_copy(tag, step, split, is_twin):
    host = run(loss([0, 1, 2]))
    join(host, run(loss(step, tag=tag, meaning=Meaning("loss", split))))
    assert len(host.all_curves) == 2 - is_twin
