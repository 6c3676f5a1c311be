"""Two groups of runs: verdicts, reasons, and the step at which curves part."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from trainlint.analyzer.comparison.comparison_document import comparison_document
from trainlint.analyzer.comparison.gate import add_gate
from trainlint.analyzer.comparison.run_groups import RunGroup
from trainlint.rules.view.study import Outcome, RunDigest, ThinCurve


def run(
    name,
    value,
    *,
    noise=0.001,
    failure="",
    metric="val_loss",
    curve=None,
    rate=None,
    throughput=float("nan"),
    **settings,
):
    outcome = Outcome(metric, "validation", "lower", "step", value, 90, noise, 2.3, value, 100, 20)
    curves = [] if curve is None else [thin(metric, "loss", curve)]
    curves += [] if rate is None else [thin("lr", "learning-rate", rate)]
    return RunDigest(
        name,
        name,
        20,
        (),
        b"",
        outcomes=(outcome,),
        failure=failure,
        hyperparameters=settings,
        curves=tuple(curves),
        throughput=throughput,
    )


def thin(name, role, values):
    steps, values = np.arange(len(values), dtype=np.int64) * 10, np.asarray(values, np.float64)
    whole = values.tobytes()
    return ThinCurve(
        name, role, "validation", "lower", "step", steps, values, np.full(len(values), np.nan), len(values), whole, 1e-6
    )


def group(label, values, **others):
    return RunGroup(label, tuple(run(f"{label}{i}", value, seed=i, **others) for i, value in enumerate(values)))


def compared(first, second, *, gate=False, exact=False):
    document, found = comparison_document(first, second, "0.1.0")
    if gate:
        add_gate(document, found, first, second, exact=exact)
    json.dumps(document, allow_nan=False)
    return document


LOW, HIGH = (0.50, 0.51, 0.49), (0.60, 0.61, 0.59)
AGREEING, CLOSE = (0.5, 0.5015, 0.501), (0.503, 0.5045, 0.504)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (LOW, HIGH, "worse"),
        (HIGH, LOW, "better"),
        (LOW, (0.505, 0.50, 0.515), "no-evidence"),
        ((0.5,), (0.55,), "cannot-tell"),  # 0.05 of a fall of 1.8
        ((0.5,), (0.85,), "cannot-tell"),  # 19% of it
        ((0.5,), (0.87,), "worse"),  # 21% of it
        ((0.5,), (0.5, 0.51), "cannot-tell"),
        ((), LOW, "cannot-tell"),
    ],
)
def test_verdicts(first, second, expected):
    document = compared(group("a", first), group("b", second))
    assert document["verdict"] == expected
    if expected == "no-evidence":
        assert "would have been found with a power of 80%" in document["sentence"]


@pytest.mark.parametrize(("noise", "expected"), [(0.001, "worse"), (0.1, "cannot-tell"), (float("nan"), "cannot-tell")])
def test_one_run_against_one_must_exceed_the_noise_of_the_evaluations(noise, expected):
    assert compared(group("a", (0.5,), noise=noise), group("b", (1.0,), noise=noise))["verdict"] == expected


@pytest.mark.parametrize(("noise", "expected"), [(0.0001, "worse"), (0.002, "no-evidence"), (math.nan, "worse")])
def test_runs_that_agree_by_accident_do_not_vary_by_less_than_their_evaluations(noise, expected):
    first, second = (group(label, values, noise=noise) for label, values in (("a", AGREEING), ("b", CLOSE)))
    assert compared(first, second)["verdict"] == expected


def test_runs_overrule_a_noise_of_evaluations_that_is_far_larger_than_their_spread():
    first, second = (group(label, values, noise=1.0) for label, values in (("a", LOW), ("b", HIGH)))
    assert compared(first, second)["verdict"] == "worse"


# t of 4 degrees of freedom is 2.999 at 2%, one-sided; the standard error is 0.00816
@pytest.mark.parametrize(("shift", "expected"), [(0.0240, "no-evidence"), (0.0250, "worse")])
def test_the_error_rate_of_a_verdict_is_two_percent(shift, expected):
    second = tuple(value + shift for value in LOW)
    assert compared(group("a", LOW), group("b", second))["verdict"] == expected


@pytest.mark.parametrize(("failed", "expected"), [((0, 1), "worse"), ((1, 0), "better"), ((1, 1), "cannot-tell")])
def test_one_failed_run_against_one(failed, expected):
    sides = [
        group(name, (0.5,), failure="diverged" if is_failed else "")
        for name, is_failed in zip("ab", failed, strict=True)
    ]
    assert compared(*sides)["verdict"] == expected


@pytest.mark.parametrize(
    ("first", "second", "likely", "confounded"),
    [
        ({"lr": 0.1, "out_dir": "/x/1", "host": "n1"}, {"lr": 0.2, "out_dir": "/x/2", "host": "n2"}, ["lr"], []),
        ({"lr": 0.1, "wd": 0.0}, {"lr": 0.2, "wd": 0.1}, [], [["lr", "wd"]]),
        ({"lr": 0.1}, {"lr": 0.1}, [], []),
        ({"optimizer": "adam", "beta1": 0.9}, {"optimizer": "sgd", "momentum": 0.9}, ["optimizer"], []),
        ({"lr": 0.1}, {"learning_rate": "2e-1"}, ["lr"], []),
        ({"dataset": "cats", "lr": 1}, {"dataset": "dogs", "lr": 1}, ["dataset"], []),
        ({}, {"lr": 0.1, "wd": 0.1}, [], []),
    ],
)
def test_the_likely_reason(first, second, likely, confounded):
    document = compared(group("a", LOW, **first), group("b", HIGH, **second))
    assert (document["likely"], document["confounded"]) == (likely, confounded)


def test_without_evidence_no_reason_is_named():
    document = compared(group("a", LOW, lr=0.1), group("b", (0.505, 0.50, 0.515), lr=0.2))
    assert (document["likely"], document["hyperparameters"]) == ([], {"lr": [0.1, 0.2]})


def test_a_schedule_that_no_setting_explains_is_named():
    first = RunGroup("a", tuple(run(f"a{i}", value, rate=[0.1] * 20) for i, value in enumerate(LOW)))
    second = RunGroup("b", tuple(run(f"b{i}", value, rate=[0.01] * 20) for i, value in enumerate(HIGH)))
    assert compared(first, second)["likely"] == ["lr"]


def test_equal_curves_are_identical_whatever_the_settings():
    curve = np.linspace(2, 0.5, 50)
    one, other = (RunGroup(name, (run(name, 0.5, curve=curve, lr=lr),)) for name, lr in (("a", 0.1), ("b", 0.2)))
    document = compared(one, other)
    assert (document["verdict"], document["hyperparameters"], document["likely"]) == (
        "identical",
        {"lr": [0.1, 0.2]},
        [],
    )
    assert "does not seem to use it" in document["sentence"]


@pytest.mark.parametrize("start", [0, 40, 120])
@pytest.mark.parametrize("runs", [1, 3])
def test_the_step_at_which_curves_part(start, runs):
    random = np.random.default_rng(start + runs)
    at = np.arange(200)
    base, effect = 0.5 + 2 * np.exp(-at / 30), np.where(at > start, 0.6 * (1 - np.exp(-(at - start) / 20)), 0)

    def side(name, shift):
        curves = [
            base + shift + 0.005 * random.standard_normal() + 0.01 * random.standard_normal(200) for _ in range(runs)
        ]
        return RunGroup(
            name, tuple(run(f"{name}{i}", float(curve[-20:].mean()), curve=curve) for i, curve in enumerate(curves))
        )

    step = compared(side("a", 0 * at), side("b", effect))["part_step"]
    assert step is not None
    assert abs(step - 10 * start) <= 0.05 * 2000


def test_equal_groups_do_not_part():
    random = np.random.default_rng(1)
    base = 0.5 + 2 * np.exp(-np.arange(200) / 30)
    parted = 0
    for _ in range(40):
        sides = []
        for name in "ab":
            curves = [base + 0.01 * random.standard_normal() + 0.01 * random.standard_normal(200) for _ in range(3)]
            sides.append(
                RunGroup(name, tuple(run(f"{name}{i}", float(c[-20:].mean()), curve=c) for i, c in enumerate(curves)))
            )
        document = compared(*sides)
        parted += document["verdict"] == "no-evidence" and document["part_step"] is not None
    assert parted <= 1


@pytest.mark.parametrize("points", [8, 9])  # of the shortest curve; the noise is looked for in windows of nine points
def test_curves_of_other_lengths_part(points):
    falling = np.linspace(1.0, 0.5, 30)
    runs = [run(f"b{i}", 0.9, curve=falling[: 30 if i else points] + 0.4 + i / 100, seed=i) for i in range(3)]
    document = compared(group("a", LOW, curve=falling), RunGroup("b", tuple(runs)))
    assert (document["verdict"], document["part_step"]) == ("worse", 0)


def test_a_curve_that_becomes_nan_parts_there():
    base = 0.5 + 2 * np.exp(-np.arange(100) / 30)
    broken = np.where(np.arange(100) >= 60, np.nan, base)
    document = compared(
        RunGroup("a", (run("a", 0.5, curve=base),)), RunGroup("b", (run("b", 0.5, curve=broken, failure="diverged"),))
    )
    assert (document["verdict"], document["part_step"]) == ("worse", 600)


@pytest.mark.parametrize(
    ("new", "expected"), [(LOW, "pass"), (HIGH, "fail"), ((0.4, 0.41, 0.39), "pass"), ((0.55,), "cannot-tell")]
)
def test_gate(new, expected):
    reference = group("a", LOW if len(new) > 1 else LOW[:1])
    assert compared(reference, group("b", new), gate=True)["gate"] == expected


@pytest.mark.parametrize(("speed", "expected"), [(100.0, "pass"), (95.0, "pass"), (50.0, "fail"), (200.0, "pass")])
def test_gate_of_throughput(speed, expected):
    sides = [
        RunGroup(name, tuple(run(f"{name}{i}", value, throughput=own + i / 10) for i, value in enumerate(LOW)))
        for name, own in (("a", 100.0), ("b", speed))
    ]
    document = compared(*sides, gate=True)
    assert document["gate"] == expected
    assert [check["verdict"] for check in document["checks"] if check["quantity"] == "throughput"] == [expected]


@pytest.mark.parametrize(("shift", "expected"), [(0.0, "pass"), (1e-12, "fail")])
def test_exact_gate(shift, expected):
    curve = np.linspace(2, 0.5, 50)
    sides = [RunGroup(name, (run(name, 0.5, curve=curve + own),)) for name, own in (("a", 0.0), ("b", shift))]
    assert compared(*sides, gate=True, exact=True)["gate"] == expected
