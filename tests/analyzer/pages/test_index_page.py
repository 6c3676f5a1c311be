"""The page of all runs: its sentence, its rows and their size."""

import json
import pickle

import pytest

from trainlint.analyzer.judging.judgement import RuleFinding
from trainlint.analyzer.pages.render import index_row, render_index
from trainlint.parsers.run import Curve
from trainlint.rules.base import Severity

from ..judgements import NO_FINDINGS, finding, healthy, judgement, losses, meaning, rule, run
from .page_text import index_of, island, text_of


def test_rows_are_small_and_plain():
    row = index_row(judgement(), "runs/a.html")
    assert len(pickle.dumps(row)) < 1_500
    assert json.loads(json.dumps(row, allow_nan=False)) == row | {"findings": [list(each) for each in row["findings"]]}
    assert row["findings"] == [("overfitting", 3)]
    assert row["counts"] == {"error": 1}
    assert 1 <= len(row["spark"]) <= 32
    assert row["metric"] == "val/loss"
    assert row["best"] < row["final"]


def test_best_is_by_the_direction_of_the_curve():
    score = Curve.build(
        "val/acc", range(5), [0.1, 0.9, 0.5, 0.4, 0.3], meaning=meaning("score", "validation", "higher")
    )
    row = index_row(judgement(run([score])), "")
    assert (row["best"], row["final"], row["after_best"]) == (0.9, 0.3, 0.75)


def test_the_index_has_its_denominator():
    silent = judgement(findings=[], verdicts={}, status="not-checked")
    page = index_of(judgement(), healthy(), silent, unreadable=[{"path": "x.csv", "reason": "binary"}])
    text = text_of(page)
    assert "1 of 4 runs has errors, 2 could not be judged" in text
    assert "judged 2 of 4 runs in 3.1 s" in text
    assert "x.csv binary" in text


@pytest.mark.parametrize(
    ("judgements", "sentence"),
    [
        ([], "No run was found"),
        ([judgement(findings=[], status="not-checked")], "None of 1 run could be judged"),
        ([healthy()], "No fault found in 1 of 1 run"),
    ],
)
def test_an_index_never_passes_on_silence(judgements, sentence):
    assert sentence in text_of(index_of(*judgements))


def test_the_worst_runs_come_first():
    warning = RuleFinding(rule("plateau", "Plateau", Severity.WARNING), finding())
    page = index_of(healthy(judged=run(name="a")), judgement(run(name="b"), [warning], status="warning"), judgement())
    assert [row[2] for row in island(page)["rows"]] == [0, 1, 3]


def test_settings_that_differ_get_a_column():
    runs = [judgement(run(name=f"r{i}", hyperparameters={"opt.lr": 10.0**-i, "seed": 1})) for i in range(3)]
    assert island(index_of(*runs))["hyperparameters"] == ["opt.lr"]


def test_results_of_different_quantities_have_columns_of_their_own():
    def judged(name, tag, role, split):
        return judgement(run([Curve.build(tag, range(9), range(9), meaning=meaning(role, split, "lower"))], name=name))

    same = [judged(f"r{i}", "val_loss", "loss", "validation") for i in range(3)]
    assert island(index_of(*same))["metrics"] == ["val_loss"]
    mixed = [*same, judged("a", "eval_loss", "loss", "validation"), judged("b", "wer", "score", "test")]
    data = island(index_of(*mixed))
    assert data["metrics"] == ["validation loss", "wer"]
    assert sorted(data["tags"]) == [["eval_loss", 0], ["val_loss", 0], ["wer", 1]]
    assert "Best validation loss Final validation loss Best wer Final wer After best" in text_of(index_of(*mixed))
    odd = [judged(f"o{i}", f"m{i}", "score", split) for i, split in enumerate(("train", "validation", "test", "none"))]
    assert island(index_of(*odd, *same))["metrics"][-1] == "other metrics"


def test_an_index_of_5000_runs_is_small():
    row = index_row(judgement(run(hyperparameters={"lr": 0.1, "batch_size": 32})), "")
    rows = [
        row | {"name": f"sweep/amber-fjord-{i:04}", "href": f"runs/sweep-amber-fjord-{i:04}-12345678.html"}
        for i in range(5_000)
    ]
    page = render_index(rows, root="/data", version="0.1.0", unreadable=[], batch=NO_FINDINGS, seconds=60)
    assert len(page.encode()) < 1_300_000


def test_the_index_says_how_many_findings_to_expect_false():
    rows = [index_row(judgement(run(losses())), "r.html")]
    batch = NO_FINDINGS | {"findings": 40, "expected_false": 3.4, "chance": 1}
    page = render_index(rows, root="/data", version="1", unreadable=[], batch=batch, seconds=1)
    assert "Expected number of false findings among the 40 warnings and errors: about 3" in page
    assert "Chance alone could explain 1 finding (marked on its page)" in page
    assert "Expected number of false findings" not in index_of(judgement(run(losses())))
