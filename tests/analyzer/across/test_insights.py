"""Findings that go with settings, and searches by rank: known tests, chance told as often as stated, and nothing more."""

import html
import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trainlint.analyzer.across.insights import insights_of
from trainlint.analyzer.across.study_document import studies_document
from trainlint.analyzer.across.study_table import table_of
from trainlint.analyzer.pages.render import index_row, render_index
from trainlint.analyzer.pages.strip_plot import MAX_DOTS, strip_plot
from trainlint.analyzer.result import AuditResult
from trainlint.analyzer.studies import association
from trainlint.analyzer.studies.hyperparameter_columns import columns_of
from trainlint.analyzer.studies.studies import studies_of
from trainlint.rules.view.study import Outcome, RunDigest

from ..judgements import HOSTILE, NO_FINDINGS, judgement

RULES = ("divergence", "overfitting", "plateau")


def run(number, hyperparameters, best=1.0, fired=(), failure="", **headline):
    known = {
        "metric": "val/loss", "split": "validation", "direction": "lower", "axis": "step", "best": float(best),
        "best_step": 900, "final": 1.0, "first_step": 0, "last_step": 1000, "steps_after_best": 100, "seconds": None,
        "seconds_after_best": None,
    }  # fmt: skip
    return {
        "run": f"run-{number}",
        "task": None,
        "metrics": [],
        "hyperparameters": hyperparameters,
        "headline": known | headline,
        "outcomes": {rule: "fired" if rule in fired else "clear" for rule in RULES},
        "record": {"outcomes": [outcome_record(float(best), headline.get("metric", "val/loss"))], "failure": failure},
    }


def outcome_record(value, metric):
    return {
        "metric": metric, "split": "validation", "direction": "lower", "axis": "step", "value": value, "step": 900,
        "noise": 0.001, "first": 2.0, "last": value, "last_step": 1000, "points": 20,
    }  # fmt: skip


def studies_of_entries(entries):
    """The studies of runs, found as those of an audit are."""
    return studies_document(studies_of([digest_of(entry) for entry in entries]))


def digest_of(entry):
    outcome = Outcome(**entry["record"]["outcomes"][0])
    return RunDigest(
        entry["run"], entry["run"], 20, (), b"", outcomes=(outcome,), hyperparameters=entry["hyperparameters"],
        failure=entry["record"]["failure"], metrics=frozenset({(outcome.metric, outcome.split)}),
    )  # fmt: skip


def told_of(entries):
    return insights_of(entries, studies_of_entries(entries))


def sweep(rng, count, *, ill=lambda _: 0.3, best=lambda _: 1.0):
    """A random search over settings of every kind; only `ill` and `best` make them matter."""
    made = []
    for i in range(count):
        of = {
            "lr": float(10.0 ** -rng.integers(1, 6)),
            "batch_size": int(2 ** rng.integers(4, 8)),
            "optimizer": str(rng.choice(["adam", "sgd", "lion"])),
            "amp": bool(rng.random() < 0.3),
            "dropout": float(rng.uniform(0, 0.5)),
            "clip": str(rng.choice(["0", "1.0"], p=[0.8, 0.2])),
            "seed": int(rng.integers(0, 10)),
            "name": f"run-{i}",
        }
        fired = [rule for rule in RULES if rng.random() < (ill(of) if rule == "divergence" else 0.3)]
        made.append(run(i, of, rng.lognormal() * best(of), fired))
    return made


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=12, max_size=60))
def test_rank_sum_is_that_of_mann_and_whitney(pairs):
    levels, is_hit = (np.array(column) for column in zip(*pairs, strict=True))
    if is_hit.all() or not is_hit.any() or len(set(levels)) < 2:
        return
    first, second = (np.bincount(levels[part], minlength=7) for part in (is_hit, ~is_hit))
    known = stats.mannwhitneyu(levels[is_hit], levels[~is_hit], method="asymptotic")
    ours = association.rank_sum(first, second)
    assert ours.p_value == pytest.approx(min(known.pvalue, 1.0))
    assert ours.effect == pytest.approx(2 * known.statistic / (is_hit.sum() * (~is_hit).sum()) - 1)


@settings(max_examples=40)
@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_fisher_is_exact(inside_total, outside_total, data):
    inside, outside = data.draw(st.integers(0, inside_total)), data.draw(st.integers(0, outside_total))
    table = [[inside, inside_total - inside], [outside, outside_total - outside]]
    ours = association.fisher(inside, inside_total, outside, outside_total)
    assert ours.p_value == pytest.approx(stats.fisher_exact(table).pvalue)


def test_the_other_tests_are_those_of_scipy():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 9, 40).astype(float), rng.normal(size=40)
    known = stats.spearmanr(first, second)
    assert association.spearman(first, second) == pytest.approx((known.pvalue, known.statistic))
    group = rng.integers(0, 3, 40)
    assert association.kruskal(first, group).p_value == pytest.approx(
        stats.kruskal(*(first[group == i] for i in range(3))).pvalue
    )


@pytest.mark.slow
@pytest.mark.parametrize("count", [14, 40, 120])
def test_chance_is_told_no_more_often_than_stated(count):
    """Without any effect an audit tells something in at most 5% of all cases: 12 of 120 has a chance below 1 in 100."""
    told = sum(bool(told_of(sweep(np.random.default_rng(seed), count))["found"]) for seed in range(120))
    assert told < 12


@pytest.mark.slow
def test_repeating_a_configuration_proves_nothing():
    """Twenty configurations that differ by chance, five seeds each: as a hundred runs nearly each setting would "matter"."""
    told = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        base = sweep(rng, 20)
        runs = [
            run(5 * i + k, each["hyperparameters"] | {"seed": k}, each["headline"]["best"] * rng.lognormal(sigma=0.05))
            for i, each in enumerate(base)
            for k in range(5)
        ]
        told += bool(told_of(runs)["found"])
    assert told < 8


def test_an_effect_is_told_with_its_direction():
    runs = sweep(np.random.default_rng(1), 120, ill=lambda of: 0.9 if of["lr"] > 0.05 else 0.05)
    (found,) = told_of(runs)["found"]
    assert (found["setting"], found["rule"], found["test"]) == ("lr", "divergence", "rank-sum")
    assert found["effect"] > 0.33
    assert found["message"].startswith("Runs with divergence had a larger lr: median 0.1 in ")
    assert sum(group["runs"] for group in found["groups"]) == found["runs"] == 120


def effects_of(runs):
    (study,) = studies_of_entries(runs)
    return {each["hyperparameter"]: each for each in study["effects"] if each["kind"] == "outcome"}


def test_a_best_value_in_the_middle_of_a_search_is_found():
    runs = sweep(np.random.default_rng(2), 150, best=lambda of: 10.0 ** abs(np.log10(of["lr"]) + 3))
    effects = effects_of(runs)
    assert [name for name, each in effects.items() if each["verdict"] == "effect"] == ["lr"]
    assert effects["lr"]["sentence"].startswith("val/loss is best with lr 0.001 (median ")
    assert "Kruskal-Wallis test over 150 configurations of a search" in effects["lr"]["sentence"]


def test_an_order_is_told_by_its_correlation():
    effects = effects_of(sweep(np.random.default_rng(4), 120, best=lambda of: 10.0 ** (4 * of["dropout"])))
    assert effects["dropout"]["sentence"].startswith("val/loss is worse with a larger dropout (rank correlation 0.")
    assert effects["dropout"]["rank_correlation"] > 0.3


def test_kinds_of_a_search_are_compared_as_groups():
    effects = effects_of(
        sweep(np.random.default_rng(3), 120, best=lambda of: 0.1 if of["optimizer"] == "lion" else 1.0)
    )
    assert effects["optimizer"]["sentence"].startswith("val/loss is best with optimizer lion (median ")
    assert effects["optimizer"]["rank_correlation"] is None


def test_a_finding_of_failed_runs_only_is_told_as_the_cause_of_failure():
    runs = [
        run(
            i, {"lr": 10.0 ** -(i % 4 + 1), "wd": 0.1 * (i % 3), "seed": i}, fired=["divergence"] * (i % 4 == 0),
            failure="diverged" * (i % 4 == 0),
        )
        for i in range(60)
    ]  # fmt: skip
    (study,) = studies_of_entries(runs)
    assert [e["hyperparameter"] for e in study["effects"] if (e["kind"], e["verdict"]) == ("failure", "effect")] == [
        "lr"
    ]
    assert insights_of(runs, [study])["found"] == []


def test_settings_that_vary_together_are_named_together():
    runs = sweep(np.random.default_rng(1), 120, ill=lambda of: 0.9 if of["lr"] > 0.05 else 0.05)
    rng = np.random.default_rng(0)
    for each in runs:
        lr = each["hyperparameters"]["lr"]
        each["hyperparameters"] |= {"warmup_lr": lr / 10, "peak": -lr, "scale": 3 * lr * rng.uniform(0.9, 1.1)}
    (found,) = told_of(runs)["found"]
    assert set(found["tied"]) == {"warmup_lr", "peak", "scale"}


def test_where_one_setting_alone_varies_every_run_counts():
    runs = [run(i, {"lr": 10.0 ** -(i % 4 + 1), "seed": i}, fired=["divergence"] * (i % 4 == 0)) for i in range(40)]
    assert [found["setting"] for found in told_of(runs)["found"]] == ["lr"]


@pytest.mark.parametrize(
    ("values", "settings_found"),
    [
        ([0.1] * 20, 0),  # does not vary
        ([f"id-{i}" for i in range(20)], 0),  # only names the runs
        (["1e-3", 0.01] * 10, 1),  # numbers written as texts
        ([None] * 15 + [1, 2, 3, 4, 5], 0),  # few log it
        ([float("nan"), float("inf")] * 10, 1),
        ([True, False] * 10, 1),
    ],
)
def test_what_counts_as_a_setting(values, settings_found):
    assert len(columns_of([{"x": value} for value in values])) == settings_found


def test_an_association_names_its_study():
    runs = [
        run(
            i,
            {"lr": 10.0 ** -(i % 4 + 1), "dataset": "abb"[i % 3], "seed": i},
            fired=["divergence"] * (i % 4 == 0 and i % 3 > 0),
        )
        for i in range(90)
    ]
    studies = studies_of_entries(runs)
    assert [len(study["runs"]) for study in studies] == [60, 30]
    assert [found["study"] for found in insights_of(runs, studies)["found"]] == [0]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (3, "needs a study of at least 12 runs"),
        (40, "no hyperparameter is clearly associated with a finding"),
    ],
)
def test_that_nothing_was_found_is_said(count, words):
    told = told_of(sweep(np.random.default_rng(5), count))
    assert told["found"] == []
    assert words in told["remark"]


def test_what_came_after_the_best_is_summed_up():
    late = {"seconds": 7200.0, "seconds_after_best": 3600.0}
    told = told_of([run(i, {}, **late) for i in range(3)])["after_best"]
    assert (told["after"], told["total"], told["unit"]) == (10_800, 21_600, "seconds")
    assert told["message"].startswith("3 h 00 min of 6 h 00 min (50%) of 3 runs came after the best value")
    assert told_of([run(i, {}, steps_after_best=500) for i in range(3)])["after_best"]["share"] == 0.5


@pytest.mark.parametrize(
    "headline",
    [{"split": "train", "steps_after_best": 900}, {"steps_after_best": 10}, {"axis": "epoch", "steps_after_best": 900}],
    ids=["training loss", "little", "epochs"],
)
def test_no_sum_where_the_numbers_do_not_carry_it(headline):
    assert told_of([run(i, {}, **headline) for i in range(3)])["after_best"] is None


def page_of(runs, **others):
    studies = studies_of_entries(runs)
    insights = insights_of(runs, studies)
    json.dumps([insights, studies], allow_nan=False)
    blank = {"path": "/x", "status": "clear", "findings": [], "notes": [], "reasons": {}}
    return render_index(
        [], root="/data", version="1", unreadable=[], batch=NO_FINDINGS, seconds=1, insights=insights, studies=studies,
        entries=[each | blank for each in runs], **others,
    )  # fmt: skip


def test_the_page_shows_sentence_plot_numbers_and_doubts():
    page = page_of(sweep(np.random.default_rng(1), 120, ill=lambda of: 0.9 if of["lr"] > 0.05 else 0.05))
    assert 'id="study-1-divergence-lr"' in page
    assert "Runs with divergence had a larger lr" in page
    assert 'class="strip-hits"' in page
    assert "With divergence" in page
    assert "They are not causes" in page
    markdown = html.unescape(re.search(r'data-markdown="([^"]*)"', page)[1])
    assert markdown.startswith("**lr**\n\n- Runs with divergence had")
    assert "| --- | --- | --- | --- |" in markdown


def test_the_page_says_that_nothing_was_asked():
    page = page_of([run(i, {"seed": i}) for i in range(3)])
    assert "were not tested: this needs a study of at least 12 runs" in page
    assert "insight-cards" not in page.partition("<main")[2]


def test_hostile_names_stay_texts():
    runs = [
        run(i, {HOSTILE: 10.0 ** -(i % 4), "seed": i}, fired=["divergence"] * (i % 4 == 0), metric=HOSTILE)
        for i in range(40)
    ]
    page = page_of(runs)
    assert "<img" not in page
    assert "onerror" in page


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.one_of(st.floats(), st.text(max_size=3), st.none(), st.booleans(), st.integers()), st.floats()),
        min_size=12,
        max_size=40,
    )
)
def test_any_settings_and_values_make_a_page(rows):
    page_of([run(i, {"x": value, "y": i}, best, fired=["plateau"] * (i % 2)) for i, (value, best) in enumerate(rows)])


def test_a_plot_of_many_runs_stays_small():
    runs = [run(i, {"lr": 0.001 * (1 + i % 977)}, best=i) for i in range(5_000)]
    (study,) = studies_of_entries(runs)
    table = table_of(study, {each["run"]: each for each in runs})
    plot = strip_plot(table.hyperparameters[0], table.best, np.arange(5_000) % 10 == 0)
    assert plot.not_drawn == 5_000 - MAX_DOTS
    assert plot.hits.count("M") >= MAX_DOTS // 2 - 1
    assert len(plot.dots + plot.hits) < 20 * MAX_DOTS


def test_an_index_of_five_thousand_runs_stays_below_a_megabyte_and_a_half():
    runs = sweep(np.random.default_rng(1), 5_000, ill=lambda of: 0.9 if of["lr"] > 0.05 else 0.05)
    studies = studies_of_entries(runs)
    rows = [
        index_row(judgement(), f"runs/{'name' * 10}-{i}.html") | {"name": f"sweep/some-model/trial-{i}"}
        for i in range(100)
    ] * 50
    page = render_index(
        rows, root="/data", version="1", unreadable=[], batch=NO_FINDINGS, seconds=1, insights=insights_of(runs, studies),
        studies=studies, entries=[each | {"findings": []} for each in runs],
    )  # fmt: skip
    assert "study-1-divergence-lr" in page
    assert len(page.encode()) < 1_500_000


def test_outputs_and_notebooks_tell_it_too():
    runs = sweep(np.random.default_rng(1), 120, ill=lambda of: 0.9 if of["lr"] > 0.05 else 0.05)
    blank = {"path": "/x", "status": "clear", "findings": [], "notes": [], "reasons": {}}
    entries, studies = [each | blank for each in runs], studies_of_entries(runs)
    whole = {
        "runs": entries, "comparisons": [], "unreadable": [], "version": "1", "insights": insights_of(runs, studies), "studies": studies,
        "batch": {"failed": {}, "notes": []}, "configuration": {"file": None, "changes": [], "switched_off": []},
    }  # fmt: skip
    result = AuditResult(whole)
    for text in (result.render("markdown"), result.render("brief"), result._repr_html_()):
        assert "Runs with divergence had a larger lr" in text
    assert result.insights["found"][0]["setting"] == "lr"
    json.dumps(result.insights, allow_nan=False)


def test_numbers_near_the_end_of_float64_stay_json():
    runs = [
        run(i, {"lr": float(i + 1)}, best=1.7e308 if i < 20 else 1 / (i + 1), fired=["divergence"] * (i < 20))
        for i in range(80)
    ]
    insights = told_of(runs)
    assert insights["found"][0]["groups"][0]["median_best"] == 1.7e308
    json.dumps([insights, studies_of_entries(runs)], allow_nan=False)


def test_clocks_that_add_up_to_infinity_tell_nothing():
    runs = [run(i, {}, seconds=1.7e308, seconds_after_best=1e308) for i in range(3)]
    assert told_of(runs)["after_best"] is None
