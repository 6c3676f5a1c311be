"""Each threshold of the rules that compare runs, with a case on either side of it. Seeds deviate by 0.01 unless said otherwise."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from trainlint.analyzer.studies.studies import studies_of
from trainlint.parsers.settings.run_names import settings_of_name
from trainlint.rules.comparison import (
    best_at_search_edge,
    config_curve_mismatch,
    duplicate_runs,
    outlier_run,
    repeated_seed,
    seed_noise,
    selection_bias,
    uncontrolled_ablation,
    unwired_hyperparameter,
    worse_than_baseline,
)
from trainlint.rules.statistics.seed_noise import t_quantile
from trainlint.rules.view.run_digest import digest_of
from trainlint.rules.view.study import Batch

from .curves import run_of

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from studies import digest

SPREAD = (-0.01, 0.0, 0.01)  # a standard deviation of 0.01
ERROR = 0.01 * math.sqrt(2 / 3)  # of the difference of two means of three
numbers = count()


def runs_of(values, *, failures=(), name="", first=2.3, **settings):
    """Replicates with these outcomes; `failures` are numbers of runs that diverged."""
    made = []
    for seed, value in enumerate(values):
        run = digest(next(numbers), settings, value, seed=seed, failure="diverged" if seed in failures else "")
        run = replace(run, outcomes=(replace(run.outcomes[0], first=first),))
        made.append(replace(run, name=f"{name}_s{seed}", named=settings_of_name(f"{name}_s{seed}")) if name else run)
    return made


def around(mean, spread=SPREAD, **others):
    return runs_of([mean + each for each in spread], **others)


def found_by(rule, runs):
    return list(rule.check(Batch(runs, lambda _: None, studies_of(runs)), rule.limits))


def two(lead, spread=SPREAD):
    return [*around(0.5, spread, wd=0.0), *around(0.5 - lead, spread, wd=0.1)]


def replicates_with_outlier(distance, count=5, spread=0.05):
    """Replicates at evenly spread places, and one that is so far from their mean."""
    places = np.linspace(-1, 1, count)
    places /= places.std(ddof=1)
    return runs_of([*(0.5 + spread * places), 0.5 + distance], wd=0.0)


def outlier_at(share_of_limit):
    """An outlier at a share of the distance where p is 0.001 over six runs, with five others to compare with."""
    t = t_quantile(1 - 0.001 / 6 / 2, 4)
    return replicates_with_outlier(share_of_limit * t * 0.05 * math.sqrt(1 + 1 / 5))


def ladder(count, spread=SPREAD, last=-1.0):
    """A search whose best value is the largest; it leads by `last`."""
    means = [0.5 + 0.1 * (count - i) for i in range(count)]
    means[-1] = means[-2] + last
    return [run for i, mean in enumerate(means) for run in around(mean, spread, lr=0.1 * (i + 1))]


def lone_ladder(share):
    """Single runs; the best leads by a share of the range of all results."""
    return [run for i, value in enumerate((1.0, share, 0.0)) for run in runs_of([0.5 + value], lr=0.1 * (i + 1))]


def equals(count, repeated=None, lead=0.0):
    """Configurations of one result, some of them with three seeds, and a better one."""
    groups = [
        around(0.5 - lead * (i == 0), SPREAD if repeated is None or i < repeated else (0.0,), width=float(i + 1))
        for i in range(count)
    ]
    return [run for group in groups for run in group]


def expected_lead(count):
    return selection_bias.expected_maximum(count) * 0.01 / math.sqrt(3)


def different(configurations, settings):
    """Runs of which any two differ in all settings."""
    return [
        run
        for i in range(configurations)
        for run in runs_of([0.5 + 0.01 * i], **{f"s{k}": float(i) for k in range(settings)})
    ]


def variant(drop, *, spread=SPREAD, first=2.3):
    return [*around(0.5, spread, name="baseline", first=first), *around(0.5 + drop, spread, name="wide", first=first)]


def rates(points=10, rate=0.037, lr=0.1, end=None):
    values = np.full(points, rate) if end is None else np.linspace(rate, end, points)
    return [
        digest_of(replace(run_of({"val_loss": np.linspace(2, 1, points), "lr": values}), hyperparameters={"lr": lr}))
    ]


def equal_pair(points=20, bits=4.0, settings=({}, {})):
    """Two equal runs; each inner point has so many bits above the resolution of 0.001."""
    height = 2.0**bits * math.sqrt(6) * 0.001 / 4  # second differences of a zigzag are four times its height
    values = np.round(1 + height * (-1.0) ** np.arange(points), 6)
    made = [replace(run_of({"val_loss": values}), name=f"r{i}", hyperparameters=own) for i, own in enumerate(settings)]
    digests = [digest_of(run) for run in made]
    return [replace(each, curves=tuple(replace(c, resolution=0.001) for c in each.curves)) for each in digests]


OTHER_LR, OTHER_SEED = ({"lr": 0.1}, {"lr": 0.2}), ({"seed": 1}, {"seed": 2})
HALF_WIDTH = t_quantile(0.975, 4) * ERROR
T_BASELINE = t_quantile(1 - 0.01, 4) * ERROR
NARROW = tuple(0.01 * each for each in SPREAD)

# rule, threshold, without a finding, with one
CASES = [
    (seed_noise, "min_seeds", lambda: two(0.001, (-0.007, 0.007)), lambda: two(0.001)),
    (seed_noise, "95% interval", lambda: two(1.02 * HALF_WIDTH), lambda: two(0.98 * HALF_WIDTH)),
    (outlier_run, "min_finished", lambda: [*runs_of([0.5, 1.5], wd=0.0), *around(0.5, (-0.01, 0.0, 0.01, -0.01, 0.01), wd=0.1)],
     lambda: [*runs_of([0.5, 0.51, 1.5], wd=0.0), *around(0.5, (-0.01, 0.0, 0.01, -0.01, 0.01), wd=0.1)]),
    (outlier_run, "min_freedom", lambda: replicates_with_outlier(0.5, 3, 0.01), lambda: replicates_with_outlier(0.5, 4, 0.01)),
    (outlier_run, "p_value", lambda: outlier_at(0.98), lambda: outlier_at(1.02)),
    (outlier_run, "share", lambda: replicates_with_outlier(0.178, 5, 0.001), lambda: replicates_with_outlier(0.182, 5, 0.001)),
    (outlier_run, "min_replicates", lambda: runs_of([0.5] * 3, failures=(1,), wd=0.0), lambda: runs_of([0.5] * 4, failures=(1,), wd=0.0)),
    (best_at_search_edge, "min_values", lambda: ladder(2), lambda: ladder(3)),
    (best_at_search_edge, "max_values", lambda: ladder(13), lambda: ladder(12)),
    (best_at_search_edge, "errors", lambda: ladder(4, last=-1.95 * ERROR), lambda: ladder(4, last=-2.05 * ERROR)),
    (best_at_search_edge, "share", lambda: lone_ladder(0.09), lambda: lone_ladder(0.11)),
    (selection_bias, "min_configurations", lambda: equals(7), lambda: equals(8)),
    (selection_bias, "min_freedom", lambda: equals(8, repeated=1), lambda: equals(8, repeated=2)),
    (selection_bias, "expected lead", lambda: equals(9, lead=1.02 * expected_lead(9)), lambda: equals(9, lead=0.98 * expected_lead(9))),
    (uncontrolled_ablation, "max_configurations", lambda: different(9, 2), lambda: different(8, 2)),
    (uncontrolled_ablation, "max_different", lambda: different(2, 7), lambda: different(2, 6)),
    (worse_than_baseline, "p_value", lambda: variant(0.98 * T_BASELINE), lambda: variant(1.02 * T_BASELINE)),
    (worse_than_baseline, "min_freedom", lambda: [*around(0.5, (0.0,), name="baseline"), *around(1.5, (-0.01, 0.01), name="wide")],
     lambda: [*around(0.5, (-0.01, 0.01), name="baseline"), *around(1.5, (-0.01, 0.01), name="wide")]),
    (config_curve_mismatch, "min_points", lambda: rates(9), lambda: rates(10)),
    (config_curve_mismatch, "tolerance", lambda: rates(rate=0.1049), lambda: rates(rate=0.1051)),
    (config_curve_mismatch, "low", lambda: rates(rate=0.0529, end=0.04), lambda: rates(rate=0.0471, end=0.04)),
    (unwired_hyperparameter, "min_points", lambda: equal_pair(19, settings=OTHER_LR), lambda: equal_pair(20, settings=OTHER_LR)),
    (unwired_hyperparameter, "min_bits", lambda: equal_pair(22, 1.95, OTHER_LR), lambda: equal_pair(22, 2.05, OTHER_LR)),
    (duplicate_runs, "min_points", lambda: equal_pair(19), lambda: equal_pair(20)),
    (duplicate_runs, "min_bits", lambda: equal_pair(22, 1.95), lambda: equal_pair(22, 2.05)),
    (repeated_seed, "min_points", lambda: equal_pair(19, settings=OTHER_SEED), lambda: equal_pair(20, settings=OTHER_SEED)),
    (repeated_seed, "min_bits", lambda: equal_pair(22, 1.95, OTHER_SEED), lambda: equal_pair(22, 2.05, OTHER_SEED)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("module", "threshold", "without", "with_one"), CASES, ids=[f"{c[0].RULE.id}: {c[1]}" for c in CASES]
)
def test_threshold(module, threshold, without, with_one):
    assert found_by(module.RULE, without()) == []
    assert len(found_by(module.RULE, with_one())) == 1


@pytest.mark.parametrize(
    ("drop", "first", "expected"),
    [
        (0.35, 2.3, None),  # 19.4% of the 1.8 that the baseline gained
        (0.37, 2.3, "ERROR"),  # 20.6%
        (5.9 * ERROR, 0.52, None),  # standard errors
        (6.1 * ERROR, 0.52, "ERROR"),
    ],
)
def test_an_error_against_the_baseline_is_beyond_doubt_and_large(drop, first, expected):
    (found,) = found_by(worse_than_baseline.RULE, variant(drop, first=first))
    assert (found.severity.name if found.severity is not None else None) == expected


def test_every_threshold_of_these_rules_has_a_case():
    from trainlint.rules.thresholds import thresholds_of

    tested = {(module.RULE.id, threshold.replace("_", "-")) for module, threshold, *_ in CASES}
    tested |= {("worse-than-baseline", "error-errors"), ("worse-than-baseline", "error-share")}
    modules = {case[0] for case in CASES}
    assert {(m.RULE.id, name) for m in modules for name in thresholds_of(m.RULE)} <= tested
