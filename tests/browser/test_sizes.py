"""A report says little: the page of a typical run fits into three screens, and on three sheets of paper."""

import re
from pathlib import Path

import pytest

from ..analyzer.command_line import call

OVERFITTING = Path(__file__).parents[2] / "sample_logs" / "overfitting"


@pytest.fixture(scope="module")
def page_text(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    assert call("audit", OVERFITTING, "--report", folder).exit_code == 0
    return (folder / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("width", "height"), [(1440, 2_600), (390, 4_500)])
def test_the_page_of_a_run_is_short(visit, page_text, width, height):
    page = visit(page_text, width=width)
    page.wait_for_selector(".hero-chart canvas")
    assert page.evaluate("document.documentElement.scrollHeight") <= height


def test_verdict_findings_and_curves_come_first(visit, page_text):
    sections = visit(page_text).locator("main > section").evaluate_all("found => found.map((e) => e.id)")
    assert sections == ["verdict", "findings", "curves", "checked", "run", "provenance"]


def test_it_prints_on_three_sheets(visit, page_text):
    page = visit(page_text)
    page.wait_for_selector(".hero-chart canvas")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 3


@pytest.mark.parametrize("width", [1_440, 1_100, 900, 390])
def test_tiles_cut_no_text(visit, page_text, width):
    page = visit(page_text, width=width)
    cut = "found => found.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent)"
    assert page.locator(".tiles > div, .tiles dd").evaluate_all(cut) == []


def test_a_curve_has_one_colour_on_the_whole_page(visit, page_text):
    keys = (
        visit(page_text)
        .locator(".chart .key")
        .evaluate_all("found => found.map((e) => [e.querySelector('bdi').textContent, e.querySelector('i').className])")
    )
    assert len(keys) > len({name for name, _ in keys}) == len({tuple(key) for key in keys})
