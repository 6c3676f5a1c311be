"""What a run takes from another of its files: curves that it lacks, longer ones, epochs and times."""

from pathlib import Path

import numpy as np
import pytest

from trainlint.analyzer.reading.comparing import Part, belongs, compare
from trainlint.analyzer.reading.joining import join
from trainlint.parsers.run import Curve, Meaning, Run

LOSS = Meaning("loss", "train")
NAN = float("nan")


def part(*curves, form="csv-table"):
    return Part(Run("", f"/runs/{form}", form, all_curves=list(curves)), Path("/runs"))


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


def test_one_writer_may_log_a_quantity_under_two_names():
    host, split_folder = part(loss([0, 1, 2])), part(loss([0, 1, 2], tag="train_objective_total"))
    split_folder.is_placed = True
    assert len(joined(host, split_folder)) == 2


SEEDS = [1 / (np.arange(30) + 1.37) * np.random.default_rng(seed).normal(1, 5e-4, 30) for seed in (1, 2)]


@pytest.mark.parametrize(
    ("own", "other", "is_one"),
    [
        pytest.param(loss(range(30), value=SEEDS[0]), loss(range(30), value=SEEDS[0].round(4)), True, id="rounded"),
        pytest.param(loss(range(30), value=SEEDS[0].round(4)), loss(range(30), value=SEEDS[1].round(4)), False, id="seeds"),
        pytest.param(loss(range(30), value=SEEDS[0].round(4)), loss(range(30), value=SEEDS[0].round(2)), False, id="two digits"),
        pytest.param(loss(range(30), value=SEEDS[0]), loss(range(1, 31), value=SEEDS[0].round(4)), True, id="from 1"),
        pytest.param(loss(range(30), value=SEEDS[0]), loss(range(0, 3000, 100), value=SEEDS[0].round(4)), True, id="samples"),
        pytest.param(loss(range(30), value=SEEDS[0]), loss(range(9, 30, 10), value=SEEDS[0][9::10]), True, id="each tenth"),
        pytest.param(loss(range(30), value=SEEDS[0]), loss(range(50, 80), value=SEEDS[1]), False, id="nothing in common"),
        pytest.param(loss([0], value=[0.6934]), loss([0], value=[0.6934]), False, id="one value of four digits"),
        pytest.param(loss([0, 1], value=[0.693421, 0.583114]), loss([0, 1], value=[0.693421, 0.583114]), True, id="two of six"),
        pytest.param(loss(range(30), value=[0.0] * 30), loss(range(30), value=[0.0] * 30), False, id="constant"),
        pytest.param(
            loss(range(30), value=SEEDS[0]), loss(range(30), value=np.where(np.arange(30) < 20, SEEDS[0], SEEDS[1])), False,
            id="forked after twenty points",
        ),
        pytest.param(
            loss(range(40), value=[*SEEDS[0], *SEEDS[1][:10]]), loss(range(40), value=[*SEEDS[0], *SEEDS[1][:9], 7.0]), True,
            id="one point of forty is damaged",
        ),
        pytest.param(
            loss(range(30), value=SEEDS[0], meaning=Meaning("learning-rate")),
            loss(range(30), value=SEEDS[0], meaning=Meaning("learning-rate")), False, id="a plan is the same in all runs",
        ),
        pytest.param(
            loss(range(30), value=SEEDS[0], meaning=Meaning("score", "train")),
            loss(range(30), value=100 * SEEDS[0], meaning=Meaning("score", "train")), True, id="percent",
        ),
    ],
)  # fmt: skip
def test_what_proves_one_training(own, other, is_one):
    assert (belongs(part(other, form="plain-text"), part(own)) is not None) == is_one


def test_nothing_shared_proves_nothing():
    other = loss(range(30), tag="val_loss", value=SEEDS[1], meaning=Meaning("loss", "validation"))
    assert belongs(part(other, form="plain-text"), part(loss(range(30), value=SEEDS[0]))) is None


@pytest.mark.parametrize(("setting", "is_one"), [({"seed": 2}, False), ({"lr": 0.2}, True), ({"seed": 1}, True)])
def test_seeds_in_the_settings_keep_runs_apart(setting, is_one):
    host, other = (part(loss(range(30), value=SEEDS[0]), form=form) for form in ("csv-table", "plain-text"))
    host.run.hyperparameters, other.run.hyperparameters = {"seed": 1, "lr": 0.1}, setting
    assert (belongs(other, host) is not None) == is_one


@pytest.mark.parametrize(
    ("first_step", "tag", "is_one"),
    [(30, "loss", True), (31, "loss", True), (33, "loss", False), (30, "bce_loss", False)],
)
def test_a_log_that_goes_on_where_another_ends(first_step, tag, is_one):
    host, rest = (
        part(loss(range(30), value=SEEDS[0])),
        part(loss(range(first_step, first_step + 30), tag=tag, value=SEEDS[1])),
    )
    rest.run.path = "/runs/b"
    found = belongs(rest, host)
    assert (found is not None) == is_one
    if found:
        join(host, rest, found)
        (curve,) = host.run.all_curves
        assert curve.value.tolist() == [*SEEDS[0], *SEEDS[1]]
        assert ["continues where" in note.message for note in host.run.notes] == [True]


def test_a_clock_of_another_zone_is_set():
    times = 1.7e9 + 10 * np.arange(30)
    host = part(loss(range(30), value=SEEDS[0], wall_time=times))
    other = part(
        loss(range(30), value=SEEDS[0].round(4), wall_time=times + 3600),
        loss(range(30), tag="memory", value=SEEDS[1], wall_time=times + 3600, meaning=Meaning("memory")), form="plain-text",
    )  # fmt: skip
    curves = joined(host, other)
    assert [curve.wall_time.tolist() for curve in curves] == [times.tolist()] * 2
    assert ["times were moved by -3,600 s" in note.message for note in host.run.notes] == [True]
