"""What runs say together, whole histograms and accepted findings, in a real browser."""

import pytest

from trainlint.analyzer.judging.judgement import RuleFinding
from trainlint.analyzer.pages.render import index_row, render_index
from trainlint.parsers.run import Curve

from ..analyzer.across.test_insights import page_of
from ..analyzer.across.test_insights import run as insight_run
from ..analyzer.judgements import NO_FINDINGS, finding, healthy, judgement, losses, meaning, rule, run
from ..analyzer.pages.test_layers import bucket_series
from .pages import run_page


def sweep_page(count=60):
    """An index of runs whose divergence goes with the learning rate."""
    runs = [
        insight_run(i, {"lr": 10.0 ** -(i % 4 + 1), "seed": i}, 1 + i / 10, fired=["divergence"] * (i % 4 == 0))
        for i in range(count)
    ]
    return page_of(runs, provenance=[("Configuration", "trainlint.toml")])


def test_insights_need_no_scripts(visit):
    page = visit(sweep_page(), script=False)
    card = page.locator("#study-1-divergence-lr")
    assert card.locator("svg.strip").bounding_box()["height"] > 100
    card.locator("summary").click()
    assert card.locator("tbody tr").count() == 4
    assert not card.locator("button").is_visible()
    assert page.locator("#provenance dd").inner_text() == "trainlint.toml"


def test_insights_are_linked_and_copied(visit):
    page = visit(sweep_page(), anchor="#study-1-divergence-lr")
    page.wait_for_timeout(300)
    assert 0 <= page.locator("#study-1-divergence-lr").bounding_box()["y"] < 900
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#study-1-divergence-lr button")
    page.wait_for_selector("text=Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("**lr**\n\n- Runs with divergence had a larger lr")
    assert "| --- |" in copied


@pytest.mark.parametrize("width", [390, 1440])
def test_insights_and_histograms_do_not_stick_out(visit, width):
    for text in (sweep_page(), run_page(with_histograms())):
        page = visit(text, width=width)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def with_histograms():
    of = meaning("weight-norm", "none", "unknown", "fc1")
    curves = [
        Curve.build("weights/fc1", range(10), [value] * 10, statistic=statistic, meaning=of)
        for statistic, value in (("min", -3), ("p01", -2), ("p50", 0), ("p99", 2), ("max", 3))
    ]
    return healthy(judged=run([*losses(), *curves], histograms=[bucket_series(steps=10)]))


def test_a_link_to_histograms_opens_their_section(visit):
    page = visit(run_page(with_histograms()), anchor="#histogram-weights-fc1")
    page.wait_for_timeout(300)
    assert page.locator("svg.ridges").is_visible()
    assert page.locator(".ridge").count() == 10


def test_accepted_findings_are_set_apart(visit):
    known = judgement(findings=[RuleFinding(rule(), finding(), is_accepted=True)])
    page = visit(run_page(known))
    assert page.locator(".finding.is-known").evaluate("e => getComputedStyle(e).borderTopStyle") == "dashed"
    assert "1 accepted" in page.locator(".tiles").inner_text()
    row = index_row(known, "runs/x.html")
    index = visit(render_index([row], root="/data", version="1", unreadable=[], batch=NO_FINDINGS, seconds=1))
    assert index.locator("#rows tbody .tag").inner_text() == "overfitting (accepted)"
    index.fill("#filter", "accepted")
    assert index.locator("#count").inner_text() == "1 of 1 run"


def test_the_new_parts_are_printed(visit):
    page = visit(sweep_page())
    page.emulate_media(media="print")
    assert page.locator("svg.strip").is_visible()
    assert page.locator("#provenance").is_visible()
    assert not page.locator(".insight .copy").is_visible()
