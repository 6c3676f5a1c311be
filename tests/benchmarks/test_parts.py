"""Counting in parts: the sum is that of one go, and what is kept is not counted again, nor mistaken for another's."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
import parts  # noqa: E402  (lies beside the package)
from rates import Tally  # noqa: E402

NAMES = frozenset({"divergence", "loss-spike"})


@pytest.fixture
def few(monkeypatch):
    """Two parts of healthy runs and one of runs with a fault."""
    monkeypatch.setattr(parts, "PART_RUNS", 2)
    every = parts.parts_of(4, 1, NAMES, first_seed=1)
    return [*every[:2], next(part for part in every if part.fault)]


def counted(some, kept=None):
    return parts.counted(some, NAMES, jobs=1, kept=kept).listed()


def test_parts_hold_every_seed_of_their_half_once():
    healthy = [part for part in parts.parts_of(250, 0, NAMES, first_seed=1) if part.family == "white-noise"]
    seeds = [seed for part in healthy for seed in range(part.first, part.end, 2)]
    assert seeds == list(range(1, 501, 2))


def test_only_faults_of_the_chosen_rules_are_planted():
    faults = {fault.name for fault in parts.FAULTS if fault.rule in NAMES}
    assert {part.fault for part in parts.parts_of(0, 3, NAMES, first_seed=0)} == faults


def test_a_tally_survives_the_file(few):
    (one, *_) = few
    tally = one.count(NAMES)
    listed = json.loads(json.dumps(tally.listed()))
    assert Tally.of(listed).listed() == tally.listed()
    assert tally.alarmed[one.family, "runs"] == 2


def test_what_is_kept_is_not_counted_again(few, tmp_path):
    kept = tmp_path / "counts.jsonl"
    once = counted(few)
    assert sorted(counted(few[:2], kept)) == sorted(once)
    cut = kept.read_text()
    kept.write_text(cut + cut.splitlines()[-1][:20])  # the machine went down while it was writing
    whole = counted(few, kept)
    assert {name: sorted(map(str, pairs)) for name, pairs in whole.items()} == {
        name: sorted(map(str, pairs)) for name, pairs in once.items()
    }
    before = kept.read_text()
    assert Tally.of(counted(few, kept)).alarmed == Tally.of(once).alarmed
    assert kept.read_text() == before


def test_counts_of_other_code_or_rules_are_not_taken(few, tmp_path, monkeypatch):
    kept = tmp_path / "counts.jsonl"
    counted(few[:1], kept)
    with pytest.raises(ValueError, match="other code"):
        parts.counted(few, NAMES | {"plateau"}, jobs=1, kept=kept)
    monkeypatch.setattr(parts, "_code", lambda: "changed")
    with pytest.raises(ValueError, match="other code"):
        counted(few, kept)
