"""Rules that compare runs, on small batches that they must find something in (BAD) and must leave alone (GOOD)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainlint.analyzer.studies.studies import studies_of
from trainlint.rules.base import Severity
from trainlint.rules.log_integrity import stale_copy
from trainlint.rules.registry import BATCH_RULES
from trainlint.rules.thresholds import thresholds_of
from trainlint.rules.view.run_digest import FIRST_POINTS, digest_of
from trainlint.rules.view.study import Batch

from .curves import decay, run_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainlint.parsers.run import Run


class Case(NamedTuple):
    """A few runs, and the names of those that one rule must speak of, each with those that it names beside."""

    rule: str
    name: str
    make: Callable[[], list[Run]]
    expected: list[tuple[str, ...]]


def training(name: str, points: int = 200, *, seed: int = 0, clock: float | None = 1.7e9) -> Run:
    """A run with a training loss at every step and a validation loss at every tenth."""
    loss = decay(200, seed=seed)
    run = run_of({"loss": loss, "val_loss": (np.arange(9, 200, 10), 1.1 * loss[9::10])})
    curves = [
        replace(c, wall_time=np.full(len(c), np.nan) if clock is None else clock + c.step) for c in run.all_curves
    ]
    whole = replace(run, name=name, path=name, all_curves=curves)
    return beginning(whole, name, points)


def beginning(run: Run, name: str, points: int) -> Run:
    """What a copy that was made after so many steps holds."""
    return replace(run, name=name, path=name, all_curves=[c.take(c.step < points) for c in run.all_curves])


def forked(run: Run, name: str, row: int, points: int) -> Run:
    """A run that shares the beginning of another one and then goes its own way."""
    curves = [replace(c, value=np.where(c.step < row, c.value, 0.9 * c.value)) for c in run.all_curves]
    return beginning(replace(run, all_curves=curves), name, points)


def without_validation(run: Run) -> Run:
    return replace(run, all_curves=[c for c in run.all_curves if c.split != "validation"])


def constant(name: str, points: int) -> Run:
    return replace(run_of({"loss": np.full(points, 0.5)}), name=name)


def setting(
    name: str, *, noise: int = 0, rate: float | None = None, level: float = 0.0, digits: int = 17, **settings: object
) -> Run:
    """A run with hyperparameters; `noise` fixes its values, `level` is added to the loss."""
    rng = np.random.default_rng(noise)
    loss = level + 0.5 + 1.5 * np.exp(-np.arange(60) / 10) + 0.02 * rng.standard_normal(60)
    curves = {"val_loss": np.round(loss, digits)} | ({} if rate is None else {"lr": np.full(60, rate)})
    return replace(run_of(curves), name=name, path=name, hyperparameters=settings)


def flat(name: str, noise: int, **settings: object) -> Run:
    """A run that stays at the loss of guessing among ten classes, logged with three decimals."""
    rng = np.random.default_rng(noise)
    values = np.round(np.log(10) + 0.0002 * rng.standard_normal(60), 3)
    return replace(run_of({"val_loss": values}), name=name, path=name, hyperparameters=settings)


def group(name: str, count: int, level: float, spread: float = 0.01, **settings: object) -> list[Run]:
    """Replicates of one configuration; their levels are those of evenly spaced quantiles."""
    places = np.linspace(-1.2, 1.2, count) if count > 1 else np.zeros(1)
    return [
        setting(f"{name}{i}", noise=hash_of(name) + i, level=level + spread * float(place), seed=i, **settings)
        for i, place in enumerate(places)
    ]


def hash_of(name: str) -> int:
    return sum(1000 * (i + 1) * ord(c) for i, c in enumerate(name))


CASES = [
    Case("unwired-hyperparameter", "three learning rates, one curve", lambda: [setting(f"r{lr}", lr=lr) for lr in (0.1, 0.2, 0.3)], [("r0.1", "r0.2", "r0.3")]),
    Case("unwired-hyperparameter", "to four decimals", lambda: [setting("a", lr=0.1), setting("b", lr=0.2, digits=4)], [("a", "b")]),
    Case("unwired-hyperparameter", "other curves", lambda: [setting("a", lr=0.1), setting("b", lr=0.2, noise=1)], []),
    Case("unwired-hyperparameter", "only the seed differs", lambda: [setting("a", lr=0.1, seed=1), setting("b", lr=0.1, seed=2)], []),
    Case("unwired-hyperparameter", "only paths differ", lambda: [setting("a", lr=0.1, out="/a"), setting("b", lr=0.1, out="/b")], []),
    Case("unwired-hyperparameter", "patience that was never used up", lambda: [setting("a", patience=3), setting("b", patience=5)], []),
    Case("unwired-hyperparameter", "both stuck at chance", lambda: [flat("a", 1, lr=0.1), flat("b", 2, lr=0.2)], []),
    Case("duplicate-runs", "a copied folder", lambda: [setting("a", lr=0.1), setting("b", lr=0.1)], [("a", "b")]),
    Case("duplicate-runs", "an export with fewer digits", lambda: [setting("a"), setting("b", digits=4)], [("a", "b")]),
    Case("duplicate-runs", "another seed", lambda: [setting("a", seed=1), setting("b", seed=2)], []),
    Case("duplicate-runs", "other curves", lambda: [setting("a"), setting("b", noise=1)], []),
    Case("duplicate-runs", "plateaus", lambda: [flat("a", 1), flat("b", 2)], []),
    Case("repeated-seed", "seeds in the settings", lambda: [setting("a", seed=1), setting("b", seed=2)], [("a", "b")]),
    Case("repeated-seed", "seeds in the names", lambda: [setting("x_s1"), setting("x_s2")], [("x_s1", "x_s2")]),
    Case("repeated-seed", "other curves", lambda: [setting("a", seed=1), setting("b", seed=2, noise=1)], []),
    Case("repeated-seed", "a setting differs, too", lambda: [setting("a", seed=1, lr=0.1), setting("b", seed=2, lr=0.2)], []),
    Case("config-curve-mismatch", "another constant rate", lambda: [setting("a", lr=0.1, rate=0.037)], [("a",)]),
    Case("config-curve-mismatch", "the rate of the settings", lambda: [setting("a", lr=0.1, rate=0.1)], []),
    Case("config-curve-mismatch", "scaled by eight devices", lambda: [setting("a", lr=0.1, rate=0.8)], []),
    Case("config-curve-mismatch", "a peak that is another setting", lambda: [setting("a", lr=0.1, max_rate=0.037, rate=0.037)], []),
    Case("config-curve-mismatch", "no curve", lambda: [setting("a", lr=0.1)], []),
    Case("seed-noise", "three seeds that overlap", lambda: [*group("a", 3, 0.0, wd=0.0), *group("b", 3, -0.002, wd=0.1)], [("a0", "a1", "a2", "b0", "b1", "b2")]),
    Case("seed-noise", "a clear difference", lambda: [*group("a", 3, 0.0, wd=0.0), *group("b", 3, -0.2, wd=0.1)], []),
    Case("seed-noise", "two seeds", lambda: [*group("a", 2, 0.0, wd=0.0), *group("b", 2, -0.002, wd=0.1)], []),
    Case("outlier-run", "one of five is far off", lambda: [*group("a", 5, 0.0, wd=0.0), setting("a9", noise=77, level=1.0, seed=9, wd=0.0)], [("a9", "a0", "a1", "a2", "a3", "a4")]),
    Case("outlier-run", "ordinary replicates", lambda: group("a", 6, 0.0, wd=0.0), []),
    Case("outlier-run", "many standard errors of no importance", lambda: [*group("a", 5, 0.0, 0.0001, wd=0.0), setting("a9", noise=77, level=0.05, seed=9, wd=0.0)], []),
    Case("best-at-search-edge", "better with each larger value", lambda: [run for i, lr in enumerate((0.1, 0.2, 0.4, 0.8)) for run in group(f"g{i}_", 3, -0.1 * i, lr=lr)], [("g3_0", "g3_1", "g3_2")]),
    Case("best-at-search-edge", "an inner optimum", lambda: [run for i, lr in enumerate((0.1, 0.2, 0.4)) for run in group(f"g{i}_", 3, 0.1 * abs(i - 1), lr=lr)], []),
    Case("best-at-search-edge", "two values", lambda: [run for i, lr in enumerate((0.1, 0.2)) for run in group(f"g{i}_", 3, -0.1 * i, lr=lr)], []),
    Case("best-at-search-edge", "a natural edge", lambda: [run for i, do in enumerate((0.0, 0.2, 0.4)) for run in group(f"g{i}_", 3, 0.1 * i, dropout=do)], []),
    Case("selection-bias", "nine equal configurations", lambda: [run for i in range(9) for run in group(f"g{i}_", 3, 0.0005 * i, 0.02, width=i + 1)], [("g1_0", "g1_1", "g1_2")]),
    Case("selection-bias", "a clear winner", lambda: [run for i in range(9) for run in group(f"g{i}_", 3, 0.3 * (i > 0), width=i + 1)], []),
    Case("selection-bias", "four configurations", lambda: [run for i in range(4) for run in group(f"g{i}_", 3, 0.0005 * i, 0.02, width=i + 1)], []),
    Case("uncontrolled-ablation", "two settings at once", lambda: [setting("a", lr=0.1, wd=0.0), setting("b", noise=1, lr=0.2, wd=0.1)], [("a", "b")]),
    Case("uncontrolled-ablation", "one setting", lambda: [setting("a", lr=0.1, wd=0.0), setting("b", noise=1, lr=0.1, wd=0.1)], []),
    Case("uncontrolled-ablation", "a controlled pair among them", lambda: [setting("a", lr=0.1, wd=0.0), setting("b", noise=1, lr=0.2, wd=0.1), setting("c", noise=2, lr=0.1, wd=0.1)], []),
    Case("worse-than-baseline", "a worse variant", lambda: [*group("baseline_s", 3, 0.0), *group("wide_s", 3, 0.2)], [("wide_s0", "baseline_s0")]),
    Case("worse-than-baseline", "a better variant", lambda: [*group("baseline_s", 3, 0.0), *group("wide_s", 3, -0.2)], []),
    Case("worse-than-baseline", "within the noise", lambda: [*group("baseline_s", 3, 0.0), *group("wide_s", 3, 0.005)], []),
    Case("worse-than-baseline", "no baseline", lambda: [*group("narrow_s", 3, 0.0), *group("wide_s", 3, 0.2)], []),
    Case("stale-copy", "a backup from the middle", lambda: [training("a"), training("old", 120)], [("old", "a")]),
    Case("stale-copy", "a backup of an odd length", lambda: [training("a"), training("old", 37)], [("old", "a")]),
    Case("stale-copy", "one that lacks the last point", lambda: [training("a"), training("old", 199)], [("old", "a")]),
    Case("stale-copy", "a row of checkpoints", lambda: [training("c", 150), training("a", 50), training("b", 100), training("d")], [("a", "d"), ("b", "d"), ("c", "d")]),
    Case("stale-copy", "a copy of a fork", lambda: [training("a"), forked(training("a"), "b", 100, 190), forked(training("a"), "old", 100, 150)], [("old", "b")]),
    Case("stale-copy", "before validation was added", lambda: [training("a"), without_validation(training("old", 120))], [("old", "a")]),
    Case("stale-copy", "no times", lambda: [training("a", clock=None), training("old", 120, clock=None)], [("old", "a")]),
    Case("stale-copy", "another seed", lambda: [training("a"), training("b", 120, seed=1)], []),
    Case("stale-copy", "the same seed at another time", lambda: [training("a"), training("b", 120, clock=1.6e9)], []),
    Case("stale-copy", "twins", lambda: [training("a"), training("b")], []),
    Case("stale-copy", "a fork that is shorter", lambda: [training("a"), forked(training("a"), "b", 100, 150)], []),
    Case("stale-copy", "a fork at the last point", lambda: [training("a"), forked(training("a"), "b", 149, 150)], []),
    Case("stale-copy", "a curve that the other lacks", lambda: [without_validation(training("a")), training("b", 120)], []),
    Case("stale-copy", "constants", lambda: [constant("a", 100), constant("b", 50)], []),
    Case("stale-copy", "too short to tell", lambda: [training("a"), training("b", FIRST_POINTS - 1)], []),
    Case("stale-copy", "a run alone", lambda: [training("a")], []),
    Case("stale-copy", "runs without metrics", lambda: [run_of({}), training("a")], []),
]  # fmt: skip


def batch_of(runs: list[Run]) -> Batch:
    by_name = {run.name: run for run in runs}
    digests = [digest_of(run) for run in runs]
    return Batch(digests, lambda digest: by_name.get(digest.name), studies_of(digests))


@pytest.mark.parametrize("case", CASES, ids=[f"{c.rule}: {c.name}" for c in CASES])
def test_rule(case):
    (rule,) = (rule for rule in BATCH_RULES if rule.id == case.rule)
    for runs in (case.make(), case.make()[::-1]):
        found = list(rule.check(batch_of(runs), rule.limits))
        assert sorted(each.runs for each in found) == case.expected
        for each in found:
            assert each.message
            assert 0 < each.confidence <= 1
            assert each.evidence
            assert each.remedies
            assert all(np.isfinite(list(each.evidence.values())))
            assert set(each.runs) <= {run.name for run in runs}


@pytest.mark.parametrize("rule", BATCH_RULES, ids=lambda rule: rule.id)
def test_every_rule_has_good_and_bad_cases(rule):
    assert {bool(case.expected) for case in CASES if case.rule == rule.id} == {True, False}
    assert rule.severity in Severity


@pytest.mark.parametrize(
    ("clock", "confidence", "doubt"),
    [(1.7e9, 0.98, ""), (None, 0.8, "; the logs have no times, so it may also be the same run started twice")],
)
def test_what_is_said(clock, confidence, doubt):
    (found,) = stale_copy.check(
        batch_of([training("a", clock=clock), training("b", 99, clock=clock)]), stale_copy.Limits()
    )
    assert found.message == (
        f"b is an old copy of a: all of its 2 curves are prefixes of the same curves there, up to step 98 of 199{doubt}"
    )
    assert found.confidence == confidence
    assert found.remedies[0] == "exclude b from the audit with --exclude, or delete it"
    assert found.evidence == {
        "curve_count": 2,
        "point_count": 99,
        "point_count_of_whole": 200,
        "last_step": 98,
        "last_step_of_whole": 199,
    }


@pytest.mark.parametrize("rule", BATCH_RULES, ids=lambda rule: rule.id)
def test_every_threshold_has_a_reason(rule):
    assert [t.name for t in thresholds_of(rule).values() if not t.reason] == []


@pytest.mark.parametrize(("different", "expected"), [(9, 0), (10, 1)])
def test_a_copy_has_enough_different_values(different, expected):
    whole, copy = (replace(run_of({"loss": np.arange(n) % different}), name=name) for name, n in (("a", 99), ("b", 50)))
    assert len(list(stale_copy.check(batch_of([whole, copy]), stale_copy.Limits()))) == expected


@pytest.mark.parametrize(("max_read", "expected"), [(1, 1), (2, 2)])
def test_no_more_runs_than_allowed_are_read(max_read, expected):
    pairs = [training("a"), training("old", 120), training("b", 190, seed=1), training("older", 110, seed=1)]
    assert len(list(stale_copy.check(batch_of(pairs), stale_copy.Limits(max_read=max_read)))) == expected


def test_logs_that_are_gone_are_skipped():
    runs = [training("a"), training("old", 120)]
    assert list(stale_copy.check(Batch([digest_of(run) for run in runs], lambda _: None), stale_copy.Limits())) == []


@given(st.integers(0, 250), st.integers(0, 250))
@settings(max_examples=40)
def test_a_digest_knows_beginnings(points, more):
    """Two prefixes of one curve share every hash that both have."""
    loss = decay(500)
    short, long = (digest_of(run_of({"loss": loss[:n]})) for n in (points, points + more))
    assert long.prefixes[: len(short.prefixes)] == short.prefixes
    assert (short.whole == long.whole) == (more == 0)


def test_many_runs_that_begin_alike_are_not_compared_pair_by_pair():
    one = digest_of(training("a"))
    reads = []
    batch = Batch(
        [replace(one, name=f"{n:06}", points=200 + n % 100, whole=b"%d" % n) for n in range(20_000)],
        reads.append,
    )
    assert list(stale_copy.check(batch, stale_copy.Limits())) == []
    assert len(reads) <= stale_copy.Limits().max_read
