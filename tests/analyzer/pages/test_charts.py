"""The charts of a run page: pictures without scripts, axes, cited points, tables."""

import re
import subprocess
import sys

import numpy as np
import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.analyzer.judging.judgement import RuleFinding
from trainlint.analyzer.pages.drawing.charts import groups_of
from trainlint.parsers.run import Curve, Run
from trainlint.rules.base import Finding
from trainlint.rules.registry import RULES

from ..judgements import healthy, judgement, losses, meaning, rule, run
from .page_text import curve, island, run_page, text_of


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


def test_a_role_without_a_title_is_shown_under_its_name():
    """Roles may be added by whoever adds a rule, and their runs must not lose their pages."""
    new = Curve.build("attn", [0, 1], [2.0, 1.0], meaning=meaning(role="attention-entropy", split="none"))
    assert [title for title, _ in groups_of([*losses(), new])] == ["Loss", "Attention entropy"]
