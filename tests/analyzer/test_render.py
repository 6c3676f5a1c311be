import base64
import hashlib
import html
import json
import pickle
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.analyzer.judging.judgement import RuleFinding
from trainlint.analyzer.pages import render
from trainlint.analyzer.pages.prose import prose
from trainlint.analyzer.pages.render import index_row, render_index, render_run
from trainlint.parsers.run import Curve, Run
from trainlint.rules.base import Finding, Severity
from trainlint.rules.registry import RULES

from .judgements import HOSTILE, NO_FINDINGS, finding, healthy, hostile, judgement, losses, meaning, rule, run

VENDORED = {
    "uPlot.iife.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    "uPlot.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
}


def run_page(judged, **others):
    return render_run(judged, **({"version": "0.1.0", "index_href": None} | others)).text()


def index_of(*judgements, unreadable=()):
    rows = [index_row(judged, f"runs/{i}.html") for i, judged in enumerate(judgements)]
    return render_index(rows, root="/data", version="0.1.0", unreadable=unreadable, batch=NO_FINDINGS, seconds=3.1)


def island(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


def text_of(page):
    """What a reader sees, roughly: no scripts, no styles, no tags."""
    bare = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare)))


def curve(values, **others):
    return Curve.build("train/loss", range(len(values)), values, meaning=meaning(), **others)


def test_the_verdict_comes_first():
    text = text_of(run_page(judgement()))
    assert text.index("Overfits from step 3,000 on") < text.index("Do first: Stop earlier.") < text.index("worst first")


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
    assert "1 could not run" in text
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
    folder = render.TEMPLATES / "vendor" / "uplot"
    assert (folder / "LICENSE").read_text().startswith("The MIT License")
    for name, digest in VENDORED.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_our_scripts_can_stand_in_a_page():
    for name in {*render.RUN_SCRIPTS, *render.INDEX_SCRIPTS, *render.STYLES}:
        assert "</" not in render.asset(name)


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


def test_an_index_of_5000_runs_is_small():
    row = index_row(judgement(run(hyperparameters={"lr": 0.1, "batch_size": 32})), "")
    rows = [
        row | {"name": f"sweep/amber-fjord-{i:04}", "href": f"runs/sweep-amber-fjord-{i:04}-12345678.html"}
        for i in range(5_000)
    ]
    page = render_index(rows, root="/data", version="0.1.0", unreadable=[], batch=NO_FINDINGS, seconds=60)
    assert len(page.encode()) < 1_500_000


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


def test_pictures_without_scripts_have_axes_and_lines():
    page = run_page(judgement(Run("r", "r", "csv", all_curves=losses())))
    picture = re.search(r'<svg class="picture".*?</svg>', page, re.DOTALL)[0]
    assert picture.count('class="grid"') >= 6
    assert picture.count('class="line ') == 2
    assert ">10k<" in picture or ">8k<" in picture


def test_jinja_is_imported_only_to_render():
    code = "import sys, trainlint.analyzer.pages.render; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_epochs_and_time_come_from_the_log():
    clocks = island(run_page(judgement()))["clocks"]["step"]
    assert clocks["epoch"]["value"][-1] == pytest.approx(99.9)
    assert clocks["time"]["value"][-1] == pytest.approx(9_990 * 0.5 / 60)
    assert clocks["time"]["unit"] == "min"
    assert len(clocks["time"]["step"]) <= 200


@pytest.mark.parametrize(
    ("seconds", "unit", "last"), [(50, "s", 50), (7_000, "min", 116.67), (90_000, "h", 25), (864_000, "d", 10)]
)
def test_time_has_the_unit_of_its_span(seconds, unit, last):
    timed = [curve([1.0, 2.0, 1.0], wall_time=[1.7e9, 1.7e9 + seconds / 2, 1.7e9 + seconds], axis="epoch")]
    clocks = island(run_page(judgement(run(timed))))["clocks"]
    assert list(clocks) == ["epoch"]
    assert clocks["epoch"]["time"]["unit"] == unit
    assert clocks["epoch"]["time"]["value"][-1] == pytest.approx(last, abs=0.01)


def test_time_counts_from_the_first_point_of_any_axis():
    steps = curve([1.0, 2.0], wall_time=[1.7e9, 1.7e9 + 100])
    epochs = Curve.build("val/loss", [0, 1], [1.0, 2.0], wall_time=[1.7e9 + 50, 1.7e9 + 100], axis="epoch")
    clocks = island(run_page(judgement(run([steps, epochs]))))["clocks"]
    assert clocks["epoch"]["time"]["value"] == [50, 100]


def test_every_chart_has_its_data_as_a_table():
    page = run_page(judgement())
    assert page.count('<details class="data-table"') == page.count('<figure class="chart')
    table = re.search(r'<details class="data-table" data-of="0">.*?</details>', page, re.DOTALL)[0]
    assert '<th scope="col">step</th><th scope="col">train/loss</th>' in table
    assert 10 < table.count("<tr>") <= 80


def test_cited_points_are_in_picture_and_table():
    value = np.full(20_000, 1.0) + np.random.default_rng(0).normal(0, 0.01, 20_000)
    found = RuleFinding(rule(), Finding("spike", 0.9, "train/loss", (7_001, 7_001), cited=(7_001,)))
    page = run_page(judgement(run([curve(value)]), [found]))
    card = page[page.index('<article class="card finding"') : page.index("</article>")]
    assert card.count('<circle class="dot-mark') == 1
    assert f"<td>7,001</td><td>{value[7_001]:.2f}" in card


def test_what_a_restart_overwrote_is_named():
    steps = [*range(60), *range(30, 60)]
    page = text_of(run_page(judgement(run([Curve.build("train/loss", steps, range(90), meaning=meaning())]))))
    assert "Dotted: values that a restart overwrote." in page
    assert "restart" in page


def test_too_many_restarts_are_counted():
    many = Curve.build(
        "train/loss", [step for _ in range(30) for step in range(_, _ + 5)], range(150), meaning=meaning()
    )
    assert "The run restarted at" in text_of(run_page(judgement(run([many]))))


def test_what_to_log_next_time_comes_as_code():
    judged = judge(run([losses()[0]]), RULES)
    text = text_of(run_page(judged))
    assert "Log this next time" in text
    assert 'writer.add_scalar("val/loss", validation_loss, step)' in text


def test_many_charts_are_folded():
    curves = [Curve.build(f"m{i}", range(5), range(5), meaning=meaning()) for i in range(20)]
    curves += [Curve.build(f"u{i}", range(5), range(5)) for i in range(20)]
    page = run_page(healthy(judged=run(curves)))
    assert page.count('<details class="more">') == 1
    assert "Not recognised 20 charts" in text_of(page)


def test_curves_that_count_differently_keep_their_own_range():
    epochs = Curve.build("val/loss", range(10), range(10), meaning=meaning(split="validation"))
    samples = Curve.build("train/loss", np.arange(10) * 100_000, range(10), meaning=meaning())
    lr = Curve.build("lr", range(10), range(10), meaning=meaning("learning-rate", "none"))
    charts = island(run_page(healthy(judged=run([epochs, samples, lr]))))["charts"]
    assert charts[-1]["x"] == [0, 9]
    assert charts[0]["x"] == [0, 900_000]


def test_the_index_says_how_many_findings_to_expect_false():
    rows = [index_row(judgement(run(losses())), "r.html")]
    batch = NO_FINDINGS | {"findings": 40, "expected_false": 3.4, "chance": 1}
    page = render_index(rows, root="/data", version="1", unreadable=[], batch=batch, seconds=1)
    assert "Expected number of false findings among the 40 warnings and errors: about 3" in page
    assert "Chance alone could explain 1 finding (marked on its page)" in page
    assert "Expected number of false findings" not in index_of(judgement(run(losses())))
