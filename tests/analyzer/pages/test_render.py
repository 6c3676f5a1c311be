"""The page of a run, and what all pages have in common."""

import base64
import hashlib
import html
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trainlint.analyzer.judging.judgement import RuleFinding
from trainlint.analyzer.pages import render
from trainlint.analyzer.pages.prose import prose
from trainlint.analyzer.pages.render import index_row, render_index
from trainlint.parsers.run import Curve
from trainlint.rules.base import Finding

from ..judgements import HOSTILE, NO_FINDINGS, finding, healthy, hostile, judgement, meaning, rule, run
from .page_text import curve, index_of, island, run_page, text_of

VENDORED = {
    "uPlot.iife.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    "uPlot.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
}


def test_the_verdict_comes_first():
    text = text_of(run_page(judgement()))
    assert (
        text.index("Overfits from step 3,000 on")
        < text.index("Do first: Stop earlier.")
        < text.index("by severity, then by confidence")
    )


def test_a_finding_has_everything_that_a_reader_needs():
    text = text_of(run_page(judgement()))
    for part in (
        "val/loss rose by 80%.", "0.97", "best value 0.339", "best step 3,000", "rise share 80%", "Why it matters",
        "long past & compute was spent", "What to do", "When it is a false alarm", "strong label smoothing",
    ):  # fmt: skip
        assert part in text


def test_a_finding_can_be_linked():
    twice = [RuleFinding(rule(), finding()), RuleFinding(rule(), finding(metric="train/loss"))]
    page = run_page(judgement(findings=twice))
    assert 'id="overfitting"' in page
    assert 'id="overfitting-2"' in page


def test_a_cause_on_the_page_is_a_link():
    effect = RuleFinding(replace(rule("dead-units", "Dead units"), causes=("overfitting", "absent")), finding())
    page = run_page(judgement(findings=[RuleFinding(rule(), finding()), effect]))
    assert '<a href="#overfitting">overfitting</a>, <span class="mono">absent</span>' in page


def test_a_rule_that_could_not_run_is_shown_with_its_reason():
    text = text_of(run_page(judgement()))
    assert "1 rule needs data this run does not log" in text
    assert "no gradient norm of 2 or more layers is logged" in text
    assert "2 of 3 rules could judge this run" in text


def test_a_clear_run_has_no_finding_section():
    page = run_page(healthy())
    assert "No fault found: 2 of 3 rules could judge this run" in text_of(page)
    assert 'id="findings"' not in page


def test_the_way_back_is_there_only_if_there_is_an_index():
    assert 'href="../index.html"' in run_page(judgement(), index_href="../index.html")
    assert "All runs" not in run_page(judgement())


def test_cited_points_are_in_the_data():
    step = np.arange(100_000)
    value = 1 + np.random.default_rng(0).normal(0, 0.01, 100_000)
    found = RuleFinding(rule(), Finding("spike", 0.9, "train/loss", (7_001, 7_001), cited=(7_001, 50_003)))
    page = run_page(judgement(run([Curve.build("train/loss", step, value, meaning=meaning())]), [found]))
    data = island(page)["curves"][0]["pieces"][0]
    drawn = np.frombuffer(base64.b64decode(data["y"]), "<f4")
    assert {np.float32(value[7_001]), np.float32(value[50_003])} <= set(drawn)
    assert len(drawn) < 3_000


def test_evidence_beyond_the_usual_range_is_not_cut_off():
    value = np.full(2_000, 1.0) + np.random.default_rng(0).normal(0, 0.01, 2_000)
    value[1_000] = 50.0
    found = RuleFinding(rule(), Finding("spike", 0.9, "train/loss", (1_000, 1_000), cited=(1_000,)))
    hero, card = island(run_page(judgement(run([curve(value)]), [found])))["charts"][:2]
    assert hero["y"][1] < 2  # the whole run in its usual range, the peak marked at its edge
    assert card["y"][1] > 50


@pytest.mark.parametrize(
    "curves",
    [
        [], [curve([])], [curve([1.0])], [curve([np.nan])], [curve([np.nan] * 50 + [np.inf])], [curve([0.0] * 90)],
        [curve(np.logspace(-300, 300, 90))], [curve([1.0, 2.0, 3.0], axis="epoch")], [curve([1.0] * 9, axis="row")],
        [Curve.build("x", [-(2**62), 0, 2**62], [-1e308, 0, 1e308])], [Curve.build("x", [3] * 9, range(9))],
        [Curve.build("x", np.random.default_rng(0).permutation(500), range(500), meaning=meaning())],
    ],
)  # fmt: skip
def test_odd_runs_render(curves):
    found = RuleFinding(rule(), Finding("?", 0.5, "train/loss", (0, 0), {"x": float("nan")}, cited=(0,)))
    page = run_page(judgement(run(curves), [found]))
    island(page)
    assert "Overfits" in page
    index_of(judgement(run(curves), [found]))


def test_many_curves_stay_below_two_megabytes():
    def many():
        for i in range(2_000):
            yield Curve.build(f"norm/{'layer' * 40}{i}", range(200), np.random.default_rng(i).normal(size=200) * 1e-200)

    found = [RuleFinding(rule(), finding(metric=f"norm/{'layer' * 40}{i}")) for i in range(100)]
    settings = {f"key{i}": "v" * 1_000 for i in range(2_000)}
    page = run_page(judgement(run(list(many()), hyperparameters=settings), found))
    assert len(page.encode()) < 2_000_000
    assert "1600 more curves are not drawn" in text_of(page)


def test_long_curves_stay_below_two_megabytes():
    value = np.random.default_rng(0).normal(size=100_000)
    curves = [Curve.build(f"m{i}", range(100_000), value + i) for i in range(200)]
    assert len(run_page(healthy(judged=run(curves))).encode()) < 2_000_000


def test_nothing_from_a_log_becomes_markup():
    for page in (run_page(hostile()), index_of(hostile(), unreadable=[{"path": HOSTILE, "reason": HOSTILE}])):
        assert "<img" not in page
        assert page.count("</script>") == page.count("<script")
        assert html.escape(HOSTILE, quote=False) in page
        page.encode("utf-8")  # lone surrogates of file names were written out


def test_invisible_characters_are_written_out():
    page = run_page(hostile())
    assert "\u202e" not in page
    assert r"\u202egnp.exe\x00" in page


def test_templates_run_nothing_from_a_name():
    assert "{{7*7}}" in text_of(run_page(hostile()))


@pytest.mark.parametrize("page", [run_page(hostile()), index_of(hostile(), judgement())], ids=["run", "index"])
class TestPolicy:
    def test_hashes_are_those_of_the_page(self, page):
        policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1])
        assert policy.startswith("default-src 'none'; ")
        for tag, directive in (("script", "script-src"), ("style", "style-src")):
            allowed = set(re.search(rf"{directive} ([^;]+)", policy)[1].split())
            blocks = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
            digests = [base64.b64encode(hashlib.sha256(block.encode()).digest()).decode() for block in blocks]
            assert {f"'sha256-{digest}'" for digest in digests} == allowed

    def test_no_inline_styles_or_handlers_or_addresses(self, page):
        body = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
        for start in re.findall(r"<[a-z][^>]*>", body):
            assert not re.search(r'\s(style|on[a-z]+)="', re.sub(r'="[^"]*"', '=""', start))
            assert not re.search(r'\s(src|href)="(https?:|//)', start)


def test_vendored_uplot_is_what_it_says():
    in_sources = Path(__file__).parents[3] / "templates" / "vendor" / "uplot"  # an installed package has it elsewhere
    assert (in_sources / "LICENSE").read_text().startswith("The MIT License")
    folder = render.TEMPLATES / "vendor" / "uplot"
    for name, digest in VENDORED.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_our_scripts_can_stand_in_a_page():
    for name in {*render.RUN_SCRIPTS, *render.INDEX_SCRIPTS, *render.STYLES}:
        assert "</" not in render.asset(name)


def test_rows_and_pages_are_deterministic():
    rows = [index_row(judgement(run(name=f"r{i}")), f"{i}.html") for i in range(5)]
    pages = [
        render_index(some, root="/", version="1", unreadable=[], batch=NO_FINDINGS, seconds=1)
        for some in (rows, rows[::-1])
    ]
    assert pages[0] == pages[1]
    assert run_page(judgement()) == run_page(judgement())


def test_prose_escapes_and_marks_code():
    made = prose("A `b < c` and\nmore\n\n- one\n- two <img>\n  continued\n")
    assert made == "<p>A <code>b &lt; c</code> and more</p><ul><li>one</li><li>two &lt;img&gt; continued</li></ul>"
