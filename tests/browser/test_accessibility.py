"""What a reader without a mouse, or without eyes, has of the pages."""

from itertools import pairwise

import pytest

from .pages import compare_page, index_page, layered, run_page

PAGES = pytest.mark.parametrize(
    "page_text",
    [run_page, index_page, lambda: run_page(layered()), compare_page],
    ids=["run", "index", "layers", "compare"],
)

# Elements with a role that must have a name, and have none: no text, no label, no title.
NAMELESS = """() => [...document.querySelectorAll("a, button, input, select, [role=img], [role=region], [role=group], nav")]
  .filter((e) => e.checkVisibility() && !(e.ariaLabel || e.textContent.trim() || e.labels?.length))
  .map((e) => e.outerHTML.slice(0, 120))"""
FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  return {
    isBody: e === document.body, html: e.outerHTML.slice(0, 100), outline: style.outlineStyle, width: parseFloat(style.outlineWidth),
    order: [...document.querySelectorAll("*")].indexOf(e), inHeader: Boolean(e.closest("header.top, .rail, .skip")), top: box.top + scrollY,
    column: e.closest(".columns > *, .evidence, .advice, .charts > *, .rules > li, thead, tbody, .bar") ? 1 : 0,
  };
}"""


def focused_by_tab(page, limit=400):
    """Every stop of the tab key, in order."""
    stops = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["isBody"] or (stops and stop["order"] == stops[0]["order"]):
            break
        stops.append(stop)
    return stops


@PAGES
def test_everything_that_speaks_has_a_name(visit, page_text):
    page = visit(page_text())
    page.wait_for_timeout(200)
    assert page.evaluate(NAMELESS) == []


@PAGES
def test_focus_is_seen_and_goes_in_the_order_of_reading(visit, page_text):
    page = visit(page_text())
    page.wait_for_timeout(200)
    stops = focused_by_tab(page)
    assert len(stops) > 6
    assert [s["html"] for s in stops if s["outline"] == "none" or s["width"] < 2] == []
    orders = [s["order"] for s in stops]
    assert orders == sorted(orders)
    tops = [s["top"] for s in stops if not s["inHeader"] and not s["column"]]
    assert tops == sorted(tops)


@PAGES
def test_headings_leave_no_level_out(visit, page_text):
    page = visit(page_text())
    levels = [
        int(tag[1]) for tag in page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => h.tagName)")
    ]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_the_skip_link_comes_first_and_leads_to_the_report(visit):
    page = visit(run_page())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.locator(".skip").bounding_box()["x"] >= 0


def test_motion_is_reduced_where_asked(visit):
    behaviour = "getComputedStyle(document.documentElement).scrollBehavior"
    assert visit(run_page()).evaluate(behaviour) == "smooth"
    assert visit(run_page(), motion="reduce").evaluate(behaviour) == "auto"


def test_a_curve_in_a_row_is_told_in_words(visit):
    page = visit(index_page(count=3))
    words = page.locator("#rows .spark").evaluate_all("found => found.map((e) => e.getAttribute('aria-label'))")
    assert set(words) == {"falls, then rises"}


def test_a_layer_map_is_named_and_has_its_numbers_in_a_table(visit):
    page = visit(run_page(layered()))
    assert (
        page.locator(".layer-map svg[role=img]").get_attribute("aria-label") == "Gradient norms of 4 layers over steps"
    )
    page.locator(".layer-map summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".layer-map tbody tr").last.locator("td").first.inner_text() == "1.00"


def test_filters_and_rules_work_by_keyboard(visit):
    page = visit(index_page())
    page.focus("#filter")
    page.keyboard.type("run-0007")
    assert page.locator("#count").inner_text() == "1 of 500 runs"
    page.fill("#filter", "")
    page.focus("[data-rule=loss-spike]")
    page.keyboard.press("Space")
    assert page.locator("[data-rule=loss-spike]").get_attribute("aria-pressed") == "true"
    assert page.locator("#count").inner_text() == "166 of 500 runs"
