"""Studies found without hints, and by hints."""

from __future__ import annotations

import itertools
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import trainlint
from trainlint.analyzer.config.options import StudyOptions
from trainlint.analyzer.studies.pairs import Design, controlled_pairs
from trainlint.analyzer.studies.studies import studies_of
from trainlint.parsers.settings.run_names import settings_of_name
from trainlint.rules.view.study import Outcome, RunDigest

from ..command_line import call

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))
from study_layouts import LAYOUTS, is_right, write_layout


def run(name, *, value=0.5, metric="val_loss", others=(), failure="", **settings):
    outcome = Outcome(metric, "validation", "lower", "step", value, 90, 0.001, 2.3, value, 100, 20)
    return RunDigest(
        name, name, 20, (), b"", outcomes=(outcome,), failure=failure, hyperparameters=settings, named=settings_of_name(name),
        metrics=frozenset({(metric, "validation"), *((other, "validation") for other in others)}),
    )  # fmt: skip


def parts(studies):
    return [[[each.name for each in c.runs] for c in study.configurations] for study in studies]


@pytest.mark.parametrize("number", range(len(LAYOUTS)), ids=[make.__name__ for make in LAYOUTS])
def test_layouts(number, tmp_path):
    _, layout = write_layout(number, tmp_path / "runs")
    assert is_right(layout)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([run("a", lr=0.1, seed=1), run("b", lr=0.1, seed=2), run("c", lr=0.2, seed=1)], [[["a", "b"], ["c"]]]),
        ([run("a", lr=0.1, out="/x/1"), run("b", lr=0.1, out="/x/2")], [[["a", "b"]]]),
        ([run("a", lr=0.1), run("b", learning_rate="1e-1"), run("c", **{"optimizer.lr": 0.2})], [[["a", "b"], ["c"]]]),
        ([run("a", dataset="x"), run("b", dataset="y"), run("c", dataset="x")], [[["a", "c"]]]),
        ([run("a", lr=1), run("b", metric="val_error", lr=1), run("c", lr=1)], [[["a", "c"]]]),
        ([run("wide"), run("deep")], [[["deep"], ["wide"]]]),
        ([run("lr0.1_s1"), run("lr0.1_s2"), run("lr0.2_s1")], [[["lr0.1_s1", "lr0.1_s2"], ["lr0.2_s1"]]]),
        ([run("no_dropout/s1"), run("no_dropout/s2"), run("baseline/s1")], [[["baseline/s1"], ["no_dropout/s1", "no_dropout/s2"]]]),
        ([run("calm-river-1", lr=0.1), run("swift-fox-2", lr=0.1)], [[["calm-river-1", "swift-fox-2"]]]),
        ([run(f"{data}/lr{lr}", lr=lr) for data in ("cats", "dogs") for lr in (1, 2)], [[["cats/lr1"], ["cats/lr2"]], [["dogs/lr1"], ["dogs/lr2"]]]),
        ([run(f"{opt}/lr{lr}", lr=lr, optimizer=opt) for opt in ("o1", "o2") for lr in (1, 2)], [[["o1/lr1"], ["o1/lr2"], ["o2/lr1"], ["o2/lr2"]]]),
        ([run("a", lr=1, best_val_loss=0.1), run("b", lr=1, best_val_loss=0.2)], [[["a", "b"]]]),
        ([run(f"net_{name}_q{i}zk{i}w", lr=lr, seed=i) for i, (name, lr) in enumerate([("c", 1), ("c", 1), ("c", 2), ("c", 2)])], [[["net_c_q0zk0w", "net_c_q1zk1w"], ["net_c_q2zk2w", "net_c_q3zk3w"]]]),
        ([run(f"{i}-{word}", lr=lr, seed=i) for i, (word, lr) in enumerate([("zkwprt", 1), ("abq", 1), ("a7c", 2), ("9wwe", 2)])], [[["0-zkwprt", "1-abq"], ["2-a7c", "3-9wwe"]]]),
        ([run(f"{host}/{i}", lr=lr, seed=host) for i, (host, lr) in enumerate(itertools.product(("ann", "bob"), (1, 2)))], [[["ann/0", "bob/2"], ["ann/1", "bob/3"]]]),
        ([run("alone")], []),
        ([], []),
    ],
)  # fmt: skip
def test_runs_are_divided(runs, expected):
    assert parts(studies_of(runs)) == expected
    assert parts(studies_of(runs[::-1])) == expected


def test_a_run_that_failed_early_belongs_to_the_others():
    whole = [run(f"w{i}", lr=i, others=("accuracy",)) for i in (1, 2)]
    early = replace(run("early", lr=3, failure="diverged"), points=3)
    assert parts(studies_of([*whole, early])) == [[["early"], ["w1"], ["w2"]]]


def test_a_run_that_failed_before_its_first_metric_belongs_to_the_others():
    whole = [run(f"w{i}", batch=i, seed=1) for i in (32, 64)]
    lost = replace(run("lost", batch=512, seed=1, failure="crashed"), outcomes=(), points=0)
    other = replace(run("other", rank=4, failure="crashed"), outcomes=(), points=0)
    (study,) = studies_of([*whole, lost, other])
    assert parts([study]) == [[["lost"], ["w32"], ["w64"]]]
    assert study.configurations[0].failures == 1
    assert parts(studies_of([*whole, replace(lost, failure="")])) == [[["w32"], ["w64"]]]


@pytest.mark.parametrize(
    ("size_and_steps", "hyperparameters"),
    [
        ([(16, 100), (32, 50), (64, 25)], ("batch_size",)),  # one epoch
        ([(16, 100), (32, 50), (64, 27)], ("batch_size",)),  # a product 8% larger is rounding
        ([(16, 100), (32, 50), (64, 28)], ("batch_size", "total_steps")),  # 12% is a choice
        ([(16, 100), (16, 50), (32, 50)], ("batch_size", "total_steps")),
    ],
)
def test_step_counts_that_follow_from_the_batch_size(size_and_steps, hyperparameters):
    runs = [run(f"r{i}", batch_size=size, total_steps=steps) for i, (size, steps) in enumerate(size_and_steps)]
    (study,) = studies_of(runs)
    assert tuple(name for first in study.hyperparameters for name in study.names_of(first)) == hyperparameters


@pytest.mark.parametrize(
    ("first", "value", "failure"),
    [
        (2.3, 2.24, "stuck"),  # 3% of what the others gain
        (2.3, 2.18, ""),  # 7%
        (2.6, 2.31, ""),  # it began above the others, and learned
        (40.0, 24.0, "diverged"),  # more than ten times where the others begin
        (40.0, 22.0, ""),
    ],
)
def test_failures_by_comparison(first, value, failure):
    others = [run(f"r{i}", lr=i, value=0.5) for i in range(4)]
    odd = run("odd", lr=9)
    odd = replace(odd, outcomes=(replace(odd.outcomes[0], first=first, value=value),))
    (study,) = studies_of([*others, odd])
    assert {each.name: each.failure for each in study.runs} == {**{f"r{i}": "" for i in range(4)}, "odd": failure}


def test_hints_override():
    runs = [
        run(f"r{i}", lr=lr, note_number=i, kind=kind)
        for i, (lr, kind) in enumerate([(1, "x"), (2, "x"), (1, "y"), (2, "y")])
    ]
    by_kind = studies_of(runs, StudyOptions(group_by=("kind",), ignore=("note_number",)))
    assert parts(by_kind) == [[["r0"], ["r1"]], [["r2"], ["r3"]]]
    as_seed = studies_of(runs, StudyOptions(ignore=("kind",), seeds=("note_number",)))
    assert parts(as_seed) == [[["r0", "r2"], ["r1", "r3"]]]
    assert as_seed[0].configurations[0].seeds == ("0", "2")


def test_pairs_and_tied_settings():
    runs = [run(f"r{lr}{wd}", lr=lr, wd=wd, steps=100 * lr) for lr in (1, 2, 3) for wd in (0, 1)]
    (study,) = studies_of(runs)
    assert study.hyperparameters == ("lr", "wd")
    assert study.tied == {"lr": ("steps",)}
    assert {name: len(pairs) for name, pairs in controlled_pairs(study).items()} == {"lr": 6, "wd": 3}
    for pair in controlled_pairs(study)["wd"]:
        low, high = (study.configurations[i].hyperparameters for i in (pair.lower, pair.higher))
        assert (low["wd"], high["wd"], low["lr"] == high["lr"]) == (0.0, 1.0, True)


def test_settings_that_change_together():
    (study,) = studies_of([run(f"r{i}", lr=lr, wd=wd) for i, (lr, wd) in enumerate([(1, 1), (1, 2), (2, 3)])])
    assert Design(study).always_with("lr") == ["wd"]
    assert Design(study).always_with("wd") == []


def test_group_by_on_the_command_line(tmp_path):
    for lr in (1, 2):
        for kind in ("x", "y"):
            folder = tmp_path / "runs" / f"{kind}{lr}"
            folder.mkdir(parents=True)
            (folder / "log.csv").write_text("step,val_loss\n" + "".join(f"{i},{1 / (i + lr)}\n" for i in range(30)))
            (folder / "config.json").write_text(json.dumps({"lr": lr, "kind": kind}))
    sizes = {}
    for options in ((), ("--group-by", "kind")):
        report = json.loads(call("audit", tmp_path / "runs", "-f", "json", *options).output)
        sizes[options] = [len(study["runs"]) for study in report["studies"]]
    assert sizes == {(): [4], ("--group-by", "kind"): [2, 2]}


def test_group_by_of_the_library(tmp_path):
    for lr, kind in itertools.product((1, 2), ("x", "y")):
        (tmp_path / f"{kind}_lr{lr}.csv").write_text(
            "step,val_loss\n" + "".join(f"{i},{lr / (i + 2) + 0.01 * (kind == 'x')}\n" for i in range(30))
        )
        (tmp_path / f"{kind}_lr{lr}.yaml").write_text(f"lr: {lr}\nkind: {kind}\n")
    assert [len(study["runs"]) for study in trainlint.audit(tmp_path, group_by=["kind"]).report["studies"]] == [2, 2]
