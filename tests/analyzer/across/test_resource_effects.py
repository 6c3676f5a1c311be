"""Effects on throughput, memory, and the steps until a value is reached."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trainlint.analyzer.across.study_document import studies_document
from trainlint.analyzer.studies.studies import studies_of
from trainlint.rules.view.study import ThinCurve

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))
from studies import digest


def falling(time, points=50):
    """A curve that falls to 0.5 with a time constant in steps."""
    steps = np.arange(points, dtype=np.int64) * 100
    values = 0.5 + 2 * np.exp(-steps / time)
    return ThinCurve(
        "val_loss", "loss", "validation", "lower", "step", steps, values, np.full(points, np.nan), points, b"", 1e-6
    )


def runs(**quantities):
    """Two configurations of 4 seeds; each quantity is given at both levels, and varies by 1% between the seeds."""
    random = np.random.default_rng(0)
    made = []
    for number in range(8):
        level, seed = divmod(number, 4)
        noise = 1 + 0.01 * random.standard_normal()
        own = {name: values[level] * noise for name, values in quantities.items() if name != "time"}
        run = digest(number, {"batch_size": 32.0 * (1 + level)}, 0.6 + 0.001 * random.standard_normal(), seed=seed)
        curves = (falling(quantities["time"][level] * noise),) if "time" in quantities else ()
        made.append(replace(run, curves=curves, **own))
    return made


def told(made):
    (study,) = studies_document(studies_of(made))
    return {each["kind"]: each for each in study["effects"] if each["kind"] not in ("outcome", "failure")}


@pytest.mark.parametrize(
    ("kind", "quantities", "expected"),
    [
        ("throughput", {"throughput": (100.0, 150.0)}, 0.5),
        ("throughput", {"throughput": (100.0, 113.0)}, 0.13),
        ("throughput", {"throughput": (100.0, 107.0)}, None),
        ("memory", {"memory": (8e9, 4e9)}, -0.5),
        ("memory", {"memory": (8e9, 7.6e9)}, None),
        ("speed", {"time": (300.0, 600.0)}, 1.0),
        ("speed", {"time": (300.0, 345.0)}, None),
        ("throughput", {}, None),
    ],
)
def test_clear_changes_of_a_tenth_or_a_quarter_are_told(kind, quantities, expected):
    effects = told(runs(**quantities))
    assert (kind in effects) == (expected is not None)
    if expected is not None:
        assert effects[kind]["difference"] == pytest.approx(expected, abs=0.12)
        assert effects[kind]["low"] < effects[kind]["difference"] < effects[kind]["high"]


def test_the_sentences_say_by_how_much_and_how_sure():
    effects = told(runs(throughput=(100.0, 150.0), time=(300.0, 600.0)))
    assert effects["throughput"]["sentence"].startswith(
        "Throughput is 1.48 times as high with batch_size 64 as with 32 ("
    )
    assert "4 seeds each; t test" in effects["throughput"]["sentence"]
    assert effects["speed"]["sentence"].startswith("The runs need ")
    assert "times as many steps until they reach 0.60" in effects["speed"]["sentence"]


def test_a_run_without_the_quantity_prevents_the_comparison():
    made = runs(throughput=(100.0, 150.0))
    assert told([replace(made[0], throughput=float("nan")), *made[1:]]) == {}


def test_failed_runs_do_not_count():
    made = runs(throughput=(100.0, 150.0))
    crashed = replace(made[0], failure="crashed", throughput=float("nan"))
    assert "throughput" in told([crashed, *made[1:]])
