"""Rules that compare runs, on small batches that they must find something in (BAD) and must leave alone (GOOD)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


CASES = [
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
    return Batch([digest_of(run) for run in runs], lambda digest: by_name.get(digest.name))


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
@settings(max_examples=40, deadline=None)
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
