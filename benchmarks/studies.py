"""Studies simulated with known truth: are effects found, none invented, and intervals right?

    python benchmarks/studies.py effects [--families 1000]

Outcomes are drawn from a normal distribution around the true mean of a configuration; no log is written or read, so that
thousands of families take seconds. Each figure is printed with the number of families behind it.
"""

from __future__ import annotations

import argparse
import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from trainlint.analyzer.across.study_document import studies_document
from trainlint.analyzer.studies.studies import studies_of
from trainlint.parsers.run import Curve, Meaning, Run
from trainlint.rules.registry import BATCH_RULES
from trainlint.rules.statistics.seed_noise import smallest_shown
from trainlint.rules.view.run_digest import digest_of
from trainlint.rules.view.study import Batch, Outcome, RunDigest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trainlint.analyzer.report.studies_schema import EffectEntry, StudyEntry
    from trainlint.rules.view.study import Failure

SEED_DEVIATION = 0.01
LEVEL = 0.5


def digest(
    number: int, settings: Mapping[str, float | str], value: float, *, seed: int | None = None, failure: Failure = ""
) -> RunDigest:
    """A run with an outcome, as if it had been read."""
    outcome = Outcome("val_loss", "validation", "lower", "step", value, 90, 0.001, 2.3, value, 100, 20)
    seeds = {} if seed is None else {"seed": seed}
    return RunDigest(
        f"run{number}", f"run{number}", 20, (), b"", outcomes=(outcome,), failure=failure, hyperparameters={**settings, **seeds},
        metrics=frozenset({("val_loss", "validation")}),
    )  # fmt: skip


def simulated(
    grid: Mapping[str, Sequence[float | str]], seeds: int, effect: Callable[[Mapping[str, float | str]], float],
    random: np.random.Generator, *, are_shared: bool = True,
) -> StudyEntry:  # fmt: skip
    """The entry of a full grid with some seeds per configuration; `effect` is the true outcome of settings."""
    runs = []
    for values in itertools.product(*grid.values()):
        settings = dict(zip(grid, values, strict=True))
        for seed in range(seeds):
            value = LEVEL + effect(settings) + SEED_DEVIATION * random.standard_normal()
            runs.append(digest(len(runs), settings, value, seed=seed if are_shared else len(runs)))
    (entry,) = studies_document(studies_of(runs))
    return entry


def outcome_effects(entry: StudyEntry) -> dict[str, EffectEntry]:
    """Effects on the outcome by name."""
    return {each["hyperparameter"]: each for each in entry["effects"] if each["kind"] == "outcome"}


GRIDS: dict[str, tuple[dict[str, list[float | str]], int]] = {
    "2 x 5 seeds": ({"lr": [0.1, 0.2]}, 5),
    "2 x 3 seeds": ({"lr": [0.1, 0.2]}, 3),
    "4 x 3 seeds": ({"lr": [0.1, 0.2, 0.3, 0.4]}, 3),
    "2x2 x 3 seeds": ({"lr": [0.1, 0.2], "wd": [0.0, 0.1]}, 3),
    "4x2x2 x 3 seeds": ({"lr": [0.1, 0.2, 0.3, 0.4], "wd": [0.0, 0.1], "dropout": [0.0, 0.5]}, 3),
    "2x2x3 x 1 seed": ({"lr": [0.1, 0.2], "wd": [0.0, 0.1], "opt": ["sgd", "adam", "lion"]}, 1),
    "2x12 x 1 seed": ({"lr": [0.1, 0.2], "variant": [f"v{i}" for i in range(12)]}, 1),
}


def no_effect(_: Mapping[str, float | str]) -> float:
    """The truth of a family without any effect."""
    return 0.0


def invented(families: int, random: np.random.Generator) -> dict[str, float]:
    """For each grid, the share of families without any effect in which one is told."""
    shares = {}
    for name, (grid, seeds) in GRIDS.items():
        told = 0
        for _ in range(families):
            told += any(each["verdict"] == "effect" for each in simulated(grid, seeds, no_effect, random)["effects"])
        shares[name] = told / families
    return shares


@dataclass(frozen=True)
class Linear:
    """Outcome that is linear in the numbers of the levels."""

    slopes: Mapping[str, float]
    numbers: Mapping[str, Mapping[float | str, int]]

    def __call__(self, settings: Mapping[str, float | str]) -> float:
        """The true outcome of settings."""
        return sum(self.slopes[key] * self.numbers[key][value] for key, value in settings.items())


def _step(size: float) -> Linear:
    """An effect of the learning rate alone, between its first and second value."""
    zero = dict.fromkeys(["v" + str(i) for i in range(12)] + ["sgd", "adam", "lion"], 0) | {0.0: 0, 0.1: 0, 0.5: 0}
    return Linear({key: size * (key == "lr") for key in ("lr", "wd", "dropout", "opt", "variant")},
                  {"lr": {0.1: 0, 0.2: 1, 0.3: 0, 0.4: 0}, "wd": zero, "dropout": zero, "opt": zero, "variant": zero})  # fmt: skip


def power(families: int, random: np.random.Generator) -> dict[str, float]:
    """Share of families in which a true effect of `lr` is told: 3 seed deviations in 2 x 5 seeds, 2 where 12 pairs carry it."""
    shares = {}
    cases = (("2 x 5 seeds", 3.0), ("4x2x2 x 3 seeds", 2.0), ("2x12 x 1 seed", 2.0), ("2x2x3 x 1 seed", 2.0))
    for name, deviations in cases:
        grid, seeds = GRIDS[name]
        found = 0
        for _ in range(families):
            entry = simulated(grid, seeds, _step(deviations * SEED_DEVIATION), random)
            found += outcome_effects(entry)["lr"]["verdict"] == "effect"
        shares[f"{name}, {deviations:g} deviations"] = found / families
    return shares


def coverage(families: int, random: np.random.Generator) -> dict[str, float]:
    """Share of intervals that contain the true difference, all effects of all grids."""
    shares = {}
    for name, (grid, seeds) in GRIDS.items():
        inside = total = 0
        for _ in range(families):
            slopes = {key: float(random.normal(0, 2 * SEED_DEVIATION)) for key in grid}
            numbers = {key: {value: i for i, value in enumerate(values)} for key, values in grid.items()}
            for key, each in outcome_effects(simulated(grid, seeds, Linear(slopes, numbers), random)).items():
                if each["low"] is None or each["high"] is None:
                    continue
                first, second = (numbers[key][level] for level in each["levels"])
                inside += each["low"] <= slopes[key] * (second - first) <= each["high"]
                total += 1
        shares[name] = inside / total if total else math.nan
    return shares


def smallest(families: int, random: np.random.Generator) -> dict[str, float]:
    """Share of 2 x 5 seeds in which the stated smallest effect is within 1.5 of the true one, and the seeds within 3."""
    grid, seeds = GRIDS["2 x 5 seeds"]
    true = smallest_shown(SEED_DEVIATION * math.sqrt(2 / seeds), 2 * (seeds - 1))
    near = counted = right = 0
    for _ in range(families):
        effect = float(random.uniform(0.3, 1.5)) * SEED_DEVIATION
        each = outcome_effects(simulated(grid, seeds, _step(effect), random))["lr"]
        shown, more = each["smallest_shown"], each["more_seeds"]
        near += shown is not None and 1 / 1.5 <= shown / true <= 1.5
        if each["verdict"] == "no-evidence" and more is not None and each["difference"]:
            wanted = _seeds_for(abs(each["difference"])) - seeds
            counted += 1
            right += 1 / 3 <= more / max(1, wanted) <= 3
    return {"smallest effect within 1.5": near / families, f"seeds within 3 ({counted})": right / max(1, counted)}


def _seeds_for(effect: float) -> int:
    """Seeds a side with which an effect has a power of 80%."""
    return next(n for n in range(2, 10_000) if smallest_shown(SEED_DEVIATION * math.sqrt(2 / n), 2 * (n - 1)) <= effect)


def failures(families: int, random: np.random.Generator) -> dict[str, float]:
    """Share of sweeps in which the setting that makes runs fail comes first."""
    large = small = 0
    for _ in range(families):
        large += _is_first(_failing(random, int(random.integers(12, 61)), is_grid=bool(random.integers(2))))
        small += _is_first(_failing(random, 4, is_grid=True))
    return {"12 to 60 runs": large / families, "4 configurations": small / families}


def _failing(random: np.random.Generator, count: int, *, is_grid: bool) -> list[EffectEntry]:
    """Effects on failures of a sweep whose runs fail above a learning rate, 95% of them, and 3% of the others."""
    if is_grid:
        grid = {"lr": [0.01, 0.1] if count == 4 else [0.001, 0.01, 0.1, 1.0], "wd": [0.0, 0.1]} | (
            {} if count == 4 else {"batch_size": [32.0, 64.0, 128.0]}
        )
        rows = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
        rows = [rows[i % len(rows)] for i in range(count)]
    else:
        rows = [
            {
                "lr": float(10 ** random.uniform(-4, 0)),
                "wd": float(random.choice([0.0, 0.1])),
                "dropout": float(random.uniform(0, 0.5)),
            }
            for _ in range(count)
        ]
    limit = float(np.quantile([row["lr"] for row in rows], 0.6))
    runs = []
    for number, row in enumerate(rows):
        is_failed = random.random() < (0.95 if row["lr"] > limit else 0.03)
        runs.append(digest(number, row, LEVEL, seed=number, failure="diverged" if is_failed else ""))
    (entry,) = studies_document(studies_of(runs))
    return [each for each in entry["effects"] if each["kind"] == "failure"]


def _is_first(effects: Sequence[EffectEntry]) -> bool:
    return bool(effects) and effects[0]["hyperparameter"] == "lr"


def identity(families: int, random: np.random.Generator) -> dict[str, float]:
    """Identity findings in pairs of distinct runs with the same settings, and found ones of as many planted pairs.

    Distinct runs differ in their seed: ordinary ones, coarse logs, plateaus at ln 10, and curves that share their trend.
    """
    rules = [rule for rule in BATCH_RULES if rule.id in ("unwired-hyperparameter", "repeated-seed", "duplicate-runs")]
    runs, pairs = [], 0
    for kind in range(4):
        count = max(20, families // 4)
        pairs += count * (count - 1) // 2
        trend = 0.5 + 1.5 * np.exp(-np.arange(100) / 20) + 0.02 * random.standard_normal(100)
        for _ in range(count):
            noise = random.standard_normal(100)
            values = (
                np.round(trend + 0.02 * noise, 6),
                np.round(trend + 0.003 * noise, 2),
                np.round(math.log(10) + 0.0003 * noise, 4),
                np.round(trend + 0.0005 * noise, 4),
            )[kind]
            curve = Curve.build(
                f"val_loss{kind}", np.arange(100), values, meaning=Meaning("loss", "validation", direction="lower")
            )
            runs.append(Run(f"r{len(runs)}", "r", "csv-table", all_curves=[curve], hyperparameters={"seed": len(runs)}))
    planted = [replace(run, name=f"copy of {run.name}", hyperparameters={"lr": 0.5}) for run in runs[:20]]
    digests = [digest_of(run) for run in runs]
    false = [found for rule in rules for found in rule.check(Batch(digests, lambda _: None), rule.limits)]
    both = Batch([*digests, *map(digest_of, planted)], lambda _: None)
    true = {name for rule in rules for found in rule.check(both, rule.limits) for name in found.runs if "copy" in name}
    return {f"false in {pairs:,} distinct pairs": float(len(false)), "planted found": len(true) / len(planted)}


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--families", type=int, default=300)
    families = parser.parse_args().families
    random = np.random.default_rng(1)
    for measure in (invented, power, coverage, smallest, failures, identity):
        for name, share in measure(families, random).items():
            print(f"{measure.__name__:10} {name:32} {share:.3f}")


if __name__ == "__main__":
    main()
