"""Durations, clocks, settings and contracted names: what words and values together say, on both sides of each limit."""

import numpy as np
import pytest

from trainlint.parsers.meaning.resolve import meaning_of, resolve
from trainlint.parsers.meaning.understand import Hints, understand
from trainlint.parsers.meaning.values import MIN_POINTS, MIN_TREND, trend
from trainlint.parsers.repeated_settings import MIN_POINTS as MIN_CONSTANT
from trainlint.parsers.repeated_settings import without_settings
from trainlint.parsers.run import Curve

VARYING = 3.0 + np.sin(np.arange(12.0))


def curve(tag, values):
    return Curve.build(tag, range(len(values)), values)


def role(tag, values):
    return resolve([curve(tag, np.asarray(values, float))])[0].role


@pytest.mark.parametrize("tag", ["time", "seconds", "epoch time", "Time taken", "batch_seconds_cost", "elapsed"])
def test_a_time_that_rises_and_falls_is_a_duration(tag):
    assert role(tag, VARYING) == "step-time"


@pytest.mark.parametrize(
    ("tag", "values"),
    [
        ("time", np.arange(12.0)),  # a clock
        ("time", np.arange(12.0)[::-1]),  # what is left
        ("time", VARYING[: MIN_POINTS - 1]),  # too short
        ("val/time", VARYING),  # of an evaluation
        ("checkpoint_time", VARYING),  # of something else than a step
        ("time", VARYING - 4),  # below zero
        ("steps", VARYING),  # no time
    ],
)
def test_what_is_no_duration(tag, values):
    assert role(tag, values) != "step-time"


@pytest.mark.parametrize(
    ("tag", "role"),
    [
        ("wall_updt_s", "step-time"),
        ("updt_ms", "step-time"),
        ("grdn", "gradient-norm"),
        ("rwrd", "reward"),
        ("v/accrcy", "score"),
        ("xq3loss", "loss"),
        ("tsks", "unknown"),  # no word of the list
        ("st", "unknown"),  # two letters
        ("data_ms", "data-time"),
        ("PFLOP/s/chip", "throughput"),
        ("gflops", "throughput"),
        ("total gflops", "unknown"),  # a count
        ("hbm_reserved_gib", "memory"),
        ("reserved_words", "unknown"),
        ("dev/PER", "score"),
        ("recall_stderr", "statistic"),
        ("img2txt/R@20", "score"),
        ("prefix cache hit rate", "statistic"),
        ("ppl-suite/CrossEntropyLoss", "loss"),
        ("ppl-suite/value", "perplexity"),
        ("log_perplexity", "loss"),
        ("gradient_penalty", "loss"),
        ("F Beta", "score"),
        ("beta", "setting"),
    ],
)
def test_words(tag, role):
    assert meaning_of(tag).role == role


@pytest.mark.parametrize(
    ("tag", "values", "is_setting"),
    [
        ("n_widgets", [12.0] * MIN_CONSTANT, True),
        ("n_widgets", [12.0] * (MIN_CONSTANT - 1), False),
        ("n_widgets", [12.5] * MIN_CONSTANT, False),
        ("weight_decay", [0.05] * MIN_CONSTANT, True),
        ("weight_decay", [0.05] * (MIN_CONSTANT - 1) + [0.04], False),
        ("n_widgets", [12.0] * MIN_CONSTANT + [13.0], False),
        ("n_widgets", [0.0] * MIN_CONSTANT, False),  # may be a count of what did not happen
        ("left_partition", [0.0] * MIN_CONSTANT, True),
        ("loss", [1.0] * MIN_CONSTANT, False),
    ],
)
def test_constants_are_settings(tag, values, is_setting):
    kept, settings = without_settings(resolve([curve(tag, values), curve("val_loss", VARYING)]))
    assert settings == ({tag: values[0]} if is_setting else {})
    assert len(kept) == 2 - is_setting


def test_a_log_of_constants_alone_keeps_them():
    assert without_settings(resolve([curve("n_widgets", [3.0] * 20)]))[1] == {}


def with_trend(count, moved):
    """Values that fall but for the last ones, which go up again, in turn."""
    values = np.arange(count, 0, -1.0)
    values[count - moved :] += count
    return values + 0.5


@pytest.mark.parametrize(("moved", "expected"), [(1, "loss"), (2, "score")])
def test_only_an_error_that_falls_is_the_objective(moved, expected):
    values = with_trend(20, moved)
    assert (trend(values) < -MIN_TREND) == (expected == "loss")
    assert role("rmse", values) == expected


@pytest.mark.parametrize(("count", "expected"), [(MIN_POINTS, "loss"), (MIN_POINTS - 1, "score")])
def test_the_objective_needs_points(count, expected):
    assert role("mse", with_trend(count, 0)) == expected


@pytest.mark.parametrize(
    ("tag", "top", "expected"),
    [
        ("found %", 99.0, "score"),
        ("found %", 101.0, "unknown"),
        ("found", 99.0, "unknown"),
        ("gpu found %", 99.0, "unknown"),
    ],
)
def test_a_percentage_that_rises_is_a_score(tag, top, expected):
    assert role(tag, np.linspace(3.5, top, 12)) == expected


@pytest.mark.parametrize(("sign", "expected"), [(-1, "loss"), (1, "unknown")])
def test_an_energy_that_falls_is_minimised(sign, expected):
    assert role("energy", sign * np.linspace(1.5, 8.5, 12)) == expected


def test_a_counter_named_after_the_other_split_does_not_contradict_a_file():
    held_out = Hints(split="validation", split_reason="name of the file")
    (found,) = understand([([curve("qloss", VARYING), curve("rows_train", np.arange(12.0))], held_out)])
    assert not found.is_whole_run
    assert found.curves[0].split == "validation"
    (other,) = understand([([curve("train_loss", VARYING)], held_out)])
    assert other.is_whole_run
