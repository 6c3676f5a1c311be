"""Effects of simulated studies with known truth: a short form of `benchmarks/studies.py`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from trainlint.analyzer.across.study_document import studies_document
from trainlint.analyzer.studies.studies import studies_of
from trainlint.rules.statistics.seed_noise import least_exact_p_value, pooled_noise, sign_flip_p_value

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))
from studies import GRIDS, digest, invented, no_effect, power, simulated

FAMILIES = 40


def effects_of(runs):
    (entry,) = studies_document(studies_of(runs))
    return entry["effects"]


def test_few_effects_are_invented():
    shares = invented(FAMILIES, np.random.default_rng(3))
    # 40 families of 7 grids: with a rate of 4%, 20 of 280 or more occur once in 200 repetitions
    assert sum(shares.values()) * FAMILIES < 20


def test_true_effects_are_found():
    shares = power(FAMILIES, np.random.default_rng(4))
    assert all(share >= 0.85 for name, share in shares.items() if "2x2x3" not in name), shares


def test_one_run_each_cannot_tell():
    (effect,) = effects_of([digest(i, {"lr": lr}, 0.5 + i) for i, lr in enumerate((0.1, 0.2))])
    assert effect["verdict"] == "cannot-tell"
    assert "a second seed per configuration" in effect["sentence"]


def test_settings_that_change_together_cannot_be_told_apart():
    runs = [
        digest(
            i, {"lr": 0.1 * (1 + i % 2), "batch_size": 32 * (1 + i % 2)}, 0.5 + 0.1 * (i % 2) + 0.001 * i, seed=i // 2
        )
        for i in range(10)
    ]
    (effect,) = effects_of(runs)
    assert effect["verdict"] == "cannot-tell"
    assert effect["tied"] == ["batch_size"]
    assert "lr and batch_size always change together" in effect["sentence"]
    assert effect["difference"] is not None


def test_an_effect_that_depends_on_another_setting_is_not_told_as_one():
    rng = np.random.default_rng(5)
    entry = simulated(
        {"lr": [0.1, 0.2], "wd": [0.0, 0.1]}, 5, lambda s: 0.1 * (s["lr"] == 0.2) * (1 if s["wd"] else -1), rng
    )
    (lr,) = (each for each in entry["effects"] if each["hyperparameter"] == "lr")
    assert lr["verdict"] == "effect"
    assert "depends on wd" in lr["sentence"]
    assert "better by" in lr["sentence"]
    assert "worse by" in lr["sentence"]


def test_what_is_missing_is_said():
    entry = simulated(GRIDS["2 x 5 seeds"][0], 5, no_effect, np.random.default_rng(2))
    (effect,) = entry["effects"]
    assert effect["verdict"] == "no-evidence"
    assert "would have been found with a power of 80%" in effect["sentence"]
    assert effect["low"] < 0 < effect["high"]
    assert entry["seed_deviation"] == pytest.approx(0.01, rel=0.6)


def test_the_setting_that_breaks_runs_comes_first():
    runs = [
        digest(i, {"lr": lr, "wd": wd, "seed": seed}, 0.5, failure="diverged" if lr >= 1 else "")
        for i, (lr, wd, seed) in enumerate(
            (lr, wd, seed) for lr in (0.01, 0.1, 1.0) for wd in (0.0, 0.1) for seed in range(3)
        )
    ]
    first, second = (each for each in effects_of(runs) if each["kind"] == "failure")
    assert (first["hyperparameter"], first["verdict"]) == ("lr", "effect")
    assert "6 of 6 runs with lr >= 1 failed, 0 of 12 others" in first["sentence"]
    assert second["verdict"] == "no-evidence"


@pytest.mark.parametrize("n", [1, 5, 12])
def test_the_exact_test_of_equal_signs(n):
    assert sign_flip_p_value(np.ones(n)) == pytest.approx(min(1.0, least_exact_p_value(n)))


def test_pooled_noise():
    noise = pooled_noise([[1.0, 3.0], [10.0, 12.0], [5.0]])
    assert (noise.deviation, noise.freedom) == (pytest.approx(2**0.5), 2)


def searched(runs, slope, *, tied=False):
    random = np.random.default_rng(5)
    found = []
    for i in range(runs):
        lr, width = float(10 ** random.uniform(-4, -1)), float(random.integers(8, 512))
        value = 0.5 + slope * np.log10(lr) + 0.01 * random.standard_normal()
        found.append(digest(i, {"lr": lr, "width": 1000 * lr if tied else width}, value, seed=0))
    return {each["hyperparameter"]: each for each in effects_of(found) if each["kind"] == "outcome"}


def test_a_random_search_is_compared_by_rank():
    effects = searched(30, -0.05)
    assert effects["lr"]["verdict"] == "effect"
    assert effects["lr"]["rank_correlation"] < -0.9
    assert "val_loss is better with a larger lr (rank correlation" in effects["lr"]["sentence"]
    assert "search without controlled pairs" in effects["lr"]["sentence"]
    assert effects["width"]["verdict"] == "no-evidence"


@pytest.mark.parametrize(("runs", "verdict"), [(11, "cannot-tell"), (12, "effect")])
def test_few_runs_of_a_search(runs, verdict):
    assert searched(runs, -0.05)["lr"]["verdict"] == verdict


def test_settings_of_a_search_that_change_together():
    (effect,) = searched(30, -0.05, tied=True).values()
    assert effect["verdict"] == "cannot-tell"
    assert effect["tied"] == ["width"]
