"""What values and neighbours say of a curve where its own name is silent, and never against a clear name."""

import numpy as np
import pytest

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.meaning.totals import is_total, sum_of_others
from trainlint.parsers.meaning.understand import Hints, understand
from trainlint.parsers.meaning.values import trend
from trainlint.parsers.run import Curve

FALLING = np.exp(-np.arange(20) / 6.0) + 0.2
RISING = 1 - FALLING / 2
NOISE = 0.05 * np.random.default_rng(3).random(20)


def curve(tag, values=FALLING, steps=None, clock=None):
    return Curve.build(tag, range(len(values)) if steps is None else steps, values, wall_time=clock)


def roles(*curves):
    return {c.tag: (c.role, c.split) for c in resolve(curves)}


def test_a_share_that_rises_on_held_out_data_is_a_score():
    found, _ = resolve([curve("val/fwb", RISING), curve("train/loss")])
    assert (found.role, found.direction) == ("score", "higher")
    assert found.meaning.reason.startswith("values:")


@pytest.mark.parametrize(
    ("tag", "values"),
    [
        ("fwb", RISING),  # of no split
        ("train/fwb", RISING),
        ("val/fwb", RISING[:7]),  # too short
        ("val/fwb", RISING + 1),  # no share
        ("val/fwb", RISING[::-1]),
        ("val/fwb", np.where(np.arange(20) < 10, 0.2, 0.8)),  # two values
        ("val/sea_level", RISING - 2),
    ],
)
def test_values_say_nothing_where_they_could_be_anything(tag, values):
    assert resolve([curve(tag, values)])[0].role == "unknown"


def test_values_do_not_contradict_a_clear_name():
    assert resolve([curve("val/loss", RISING)])[0].role == "loss"


@pytest.mark.parametrize(("values", "role"), [(np.arange(20.0), "counter"), (np.arange(20.0) + 0.5, "unknown")])
def test_integers_that_only_rise_are_a_counter(values, role):
    assert resolve([curve("frobnications", values)])[0].role == role


def test_a_running_best_is_found_by_its_values():
    accuracy = RISING + np.where(np.arange(20) % 3, 0.0, 0.1)
    best = np.maximum.accumulate(accuracy)
    found = {c.tag: c.role for c in resolve([curve("val_acc", accuracy), curve("top_val_acc", best)])}
    assert found == {"val_acc": "score", "top_val_acc": "statistic"}
    found = {c.tag: c.role for c in resolve([curve("val_acc", accuracy), curve("top_val_acc", accuracy)])}
    assert found["top_val_acc"] == "score"


@pytest.mark.parametrize(
    ("values", "expected"),
    [(FALLING, ("loss", "lower")), (-FALLING, ("score", "higher")), (FALLING[:7], ("score", "higher"))],
)
def test_the_sign_of_a_bound_is_that_of_its_values(values, expected):
    (found,) = resolve([curve("val_elbo", values)])
    assert (found.role, found.direction) == expected


@pytest.mark.parametrize(
    ("values", "role"),
    [
        ([0.1, 0.2, 0.3], "score"),
        ([10, 100, 90], "score"),
        ([10, 101, 90], "unknown"),
        ([10, 20, 30], "unknown"),  # a clock
        ([0.9, 1.0, 1.1], "unknown"),
    ],
)
def test_a_score_of_no_known_scale_is_none(values, role):
    assert resolve([curve("score", values)])[0].role == role


def test_parts_are_known_by_their_sum():
    parts = [FALLING, FALLING[::-1] + NOISE, NOISE + 0.3]
    total = np.sum(parts, axis=0)
    names = ("train/habitat", "train/richness", "train/moss")
    found = resolve([curve("train/loss", total), *(curve(n, p) for n, p in zip(names, parts, strict=True))])
    assert [c.role for c in found] == ["loss"] * 4
    off = resolve([curve("train/loss", 1.02 * total), *(curve(n, p) for n, p in zip(names, parts, strict=True))])
    assert [c.role for c in off[1:]] == ["unknown"] * 3


@pytest.mark.parametrize(
    ("tags", "role"),
    [
        (("train/box_om", "train/cls_om"), "loss"),
        (("box", "lr"), "unknown"),
        (("recon", "loss"), "loss"),
        (("L_rec", "lr"), "loss"),
        (("depth_l1", "loss"), "loss"),
        (("weight_l1", "loss"), "unknown"),
        (("reg_max", "loss"), "unknown"),
    ],
)
def test_parts_of_a_loss_need_neighbours(tags, role):
    assert roles(*(curve(tag) for tag in tags))[tags[0]][0] == role


def test_a_part_has_no_negative_values_and_is_no_count():
    assert roles(curve("recon", -FALLING), curve("loss"))["recon"][0] == "unknown"
    assert roles(curve("recon", np.ones(20)), curve("loss"))["recon"][0] == "unknown"


@pytest.mark.parametrize(
    ("tags", "splits"),
    [
        (("tr_loss", "te_loss"), ("train", "test")),
        (("tr_loss", "va_loss"), ("train", "validation")),
        (("te_loss", "val_loss"), ("test", "validation")),
        (("te_loss",), ("none",)),
        (("te_loss", "tr_acc"), ("none", "train")),
    ],
)
def test_short_names_of_splits_need_each_other(tags, splits):
    found = roles(*(curve(tag) for tag in tags))
    assert tuple(found[tag][1] for tag in tags) == splits


@pytest.mark.parametrize(
    ("tag", "role"),
    [
        ("learning_rate_0.05", "unknown"),
        ("loss_lr_1e-3", "loss"),
        ("lr_0", "learning-rate"),
        ("lr/group1", "learning-rate"),
        ("dropout_0.5", "unknown"),
        ("mAP_0.5", "score"),
        ("conv1/lr_mult", "setting"),
    ],
)
def test_the_value_of_a_setting_in_a_name_is_no_setting(tag, role):
    assert resolve([curve(tag, RISING)])[0].role == role


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("train/mean_loss", True),
        ("loss", True),
        ("val_total_loss", True),
        ("Conductor_loss", False),
        ("batch_loss", False),
        ("nll_loss", False),
        ("loss_1", False),
        ("ema_loss", False),
    ],
)
def test_names_of_totals(tag, expected):
    assert is_total(tag) == expected


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ([FALLING + RISING, FALLING, RISING], 0),
        ([FALLING, 1.004 * (FALLING + RISING), RISING], 1),
        ([FALLING, 1.006 * (FALLING + RISING), RISING], None),
        ([FALLING, FALLING], None),
        ([(FALLING + RISING)[:4], FALLING[:4], RISING[:4]], None),
        ([FALLING, RISING, NOISE[:3]], None),
    ],
)
def test_a_total_by_its_values(columns, expected):
    assert sum_of_others(columns) == expected


@pytest.mark.parametrize(("values", "expected"), [([1, 2, 3, 4], 1.0), ([4, 3, 2, 1], -1.0), ([2, 2, 2], 0.0)])
def test_trend(values, expected):
    assert trend(np.array(values, dtype=float)) == pytest.approx(expected)


def test_a_best_that_nothing_reached_is_told():
    curves = [curve("val/acc", RISING), curve("val/acc_best", np.ones(20))]
    ((found, _, notes),) = understand([(curves, Hints())])
    assert found[1].role == "statistic"
    assert "val/acc_best is 1 from its first point on" in notes[0]
    reached = [curve("val/acc", RISING), curve("val/acc_best", np.maximum.accumulate(RISING))]
    assert understand([(reached, Hints())])[0].notes == []


def test_curves_stuck_at_one_step_are_ordered_by_time():
    clock = 1.7e9 + np.arange(20.0)
    curves = [
        curve("train/loss", FALLING, np.zeros(20), clock),
        curve("val/loss", FALLING[:5], np.zeros(5), clock[3::4] + 0.5),
        curve("other", FALLING),
    ]
    ((found, _, notes),) = understand([(curves, Hints())])
    assert found[0].step.tolist() == list(range(20))
    assert found[1].step.tolist() == [3, 7, 11, 15, 19]
    assert [c.axis for c in found] == ["row", "row", "step"]
    assert notes == ["all 25 points of 2 metrics stand at step 0: they are ordered by time, not by step"]


@pytest.mark.parametrize(("points", "axis"), [(3, "step"), (4, "row")])
def test_curves_stuck_without_a_clock_keep_their_order(points, axis):
    ((found, _, notes),) = understand([([curve("loss", FALLING[:points], np.full(points, 7))], Hints())])
    assert found[0].axis == axis
    assert notes == (
        [f"all {points} points of loss stand at step 7: they are ordered as they were written, not by step"]
        if axis == "row"
        else []
    )


@pytest.mark.parametrize(
    ("tags", "values", "role"),
    [
        (("weights/fc.1.weight", "grads/fc.1.weight"), FALLING, "weight-norm"),
        (("weights/fc.1.weight", "grads/fc.2.weight"), FALLING, "unknown"),  # of another layer
        (("weights/fc.1.weight", "loss"), FALLING, "unknown"),
        (("weights/fc.1.weight", "grads/fc.1.weight"), FALLING - 0.5, "unknown"),  # a mean may be negative
    ],
)
def test_weights_beside_norms_of_their_gradients_are_norms(tags, values, role):
    found = resolve([curve(tags[0], values), *(curve(tag) for tag in tags[1:])])[0]
    assert (found.role, found.layer) == (role, "fc.1.weight" if role == "weight-norm" else "")


def test_a_time_that_goes_up_and_down_is_that_of_an_interval():
    since_start, since_epoch = np.arange(1.0, 41.0), np.tile(np.arange(1.0, 21.0), 2)
    interval = 300 + 10 * np.random.default_rng(1).normal(size=40)
    found = [
        resolve([curve("time", values), curve("loss", RISING)])[0].role
        for values in (since_start, since_epoch, interval)
    ]
    assert found == ["counter", "counter", "step-time"]
