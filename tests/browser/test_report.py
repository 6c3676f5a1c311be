"""The pages in a real browser: nothing fails, nothing leaves the page, and what it offers works."""

import pytest

from trainlint.analyzer.pages.render import index_row, render_index
from trainlint.parsers.run import Curve

from ..analyzer.judgements import NO_FINDINGS, hostile, judgement, meaning, run
from .pages import index_page, layered, run_page


def x_range(page, chart=".hero-chart"):
    """First and last label of the x axis cannot be read from a canvas; the data table follows the zoom."""
    holder = page.locator(".hero .data-table" if chart == ".hero-chart" else f"{chart} .data-table").first
    holder.evaluate("d => { d.open = false; }")
    page.wait_for_timeout(50)
    holder.evaluate("d => { d.open = true; }")
    page.wait_for_timeout(50)
    steps = [int(text.replace(",", "")) for text in holder.locator("tr td:first-child").all_inner_texts()]
    return steps[0], len(steps)


def test_charts_are_drawn(visit):
    page = visit(run_page())
    page.wait_for_selector(".hero-chart canvas")
    page.locator(".small-chart").first.scroll_into_view_if_needed()
    page.wait_for_selector(".small-chart canvas")
    assert page.locator(".hero-chart .picture").count() == 0


def test_drag_zooms_and_reset_shows_all(visit):
    page = visit(run_page())
    box = page.locator(".hero-chart .u-over").bounding_box()
    assert x_range(page)[0] == 0
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 40, steps=4)
    page.mouse.up()
    first, _ = x_range(page)
    assert 4_500 < first < 5_500
    assert page.locator(".lane svg").first.get_attribute("viewBox").split()[0].startswith(("49", "50"))
    page.click("#reset-zoom")
    assert x_range(page)[0] == 0


def test_keys_read_values_and_zoom(visit):
    page = visit(run_page())
    page.wait_for_selector(".hero-chart canvas")
    page.focus(".hero-chart .plot")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert page.locator(".hero-chart .at").inner_text().startswith("step ")
    assert page.locator(".hero-chart .key b").first.inner_text()
    all_rows = page.evaluate("document.querySelector('.lane svg').getAttribute('viewBox')")
    page.keyboard.press("+")
    assert page.evaluate("document.querySelector('.lane svg').getAttribute('viewBox')") != all_rows
    page.keyboard.press("Escape")
    assert page.evaluate("document.querySelector('.lane svg').getAttribute('viewBox')") == all_rows


def test_cursors_are_synced(visit):
    page = visit(run_page())
    page.wait_for_selector(".card-chart canvas", state="attached")
    page.locator(".hero-chart .u-over").hover(position={"x": 300, "y": 60})
    card = page.locator(".card-chart").first
    assert card.locator(".at").inner_text() == page.locator(".hero-chart .at").inner_text() != ""


def test_controls_redraw(visit):
    page = visit(run_page())
    page.locator("#curves").scroll_into_view_if_needed()
    page.wait_for_selector(".small-chart canvas")
    page.click("#log-axis")
    assert page.locator("#log-axis").get_attribute("aria-pressed") == "true"
    page.locator("#smoothing").fill("0.9")
    assert page.locator("#smoothing-value").inner_text() == "0.90"


def test_all_charts_change_their_axis(visit):
    page = visit(run_page())
    lane = page.locator(".lane rect:not(.lane-ground)").first
    before = float(lane.get_attribute("x"))
    for chosen, words in (("time", "time"), ("epoch", "epoch"), ("", "step")):
        page.select_option("#x-axis", chosen)
        page.wait_for_selector(".hero-chart canvas")
        page.locator(".hero-chart .u-over").hover(position={"x": 860, "y": 60})
        shown = page.locator(".hero-chart .at").inner_text()
        assert shown.split()[0] == words
        assert page.locator(".card-chart .at").first.inner_text() == shown  # cursors stay in step
        page.locator(".hero .data-table").evaluate("d => { d.open = true; }")
        page.wait_for_timeout(50)
        assert page.locator(".hero .data-table td:first-child").count() > 100
        assert float(lane.get_attribute("x")) == pytest.approx(before, abs=1)  # this run keeps its pace
        page.locator(".hero .data-table").evaluate("d => { d.open = false; }")


def test_a_log_axis_counts_what_it_leaves_out(visit):
    curve = Curve.build("train/loss", range(100), [float(i - 10) for i in range(100)], meaning=meaning())
    page = visit(run_page(judgement(run([curve]))))
    note = page.locator(".hero-chart .chart-note")
    assert not note.is_visible()
    page.click("#log-axis")
    assert note.inner_text().startswith("11 drawn points at or below zero")


@pytest.mark.parametrize("values", [[0.15] * 50, [10.0 ** (i * 6 - 150) for i in range(50)], [0.0] * 50, [3e300] * 50])
def test_a_log_axis_of_any_span_is_drawn(visit, values):
    curves = [Curve.build("train/loss", range(50), values, meaning=meaning())]
    page = visit(run_page(judgement(run(curves))), width=390)
    page.click("#log-axis")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".chart").count() == page.locator(".chart canvas").count()


def test_the_zoom_can_be_reset_only_where_there_is_one(visit):
    page = visit(run_page())
    page.wait_for_selector(".hero-chart canvas")
    assert page.locator("#reset-zoom").is_disabled()
    page.focus(".hero-chart .plot")
    page.keyboard.press("+")
    assert page.locator("#reset-zoom").is_enabled()
    page.click("#reset-zoom")
    assert page.locator("#reset-zoom").is_disabled()


def test_a_link_to_a_finding_shows_it(visit):
    page = visit(run_page(), anchor="#overfitting")
    page.wait_for_timeout(300)
    top = page.locator("#overfitting").bounding_box()["y"]
    assert 0 <= top < 500


def test_copy_as_markdown(visit):
    page = visit(run_page())
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("[data-copy=overfitting]")
    page.wait_for_selector("text=Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("**Overfits** (`overfitting`, error, confidence 0.97)")
    assert "1. Stop earlier." in copied


@pytest.mark.parametrize("page_text", [run_page, index_page], ids=["run", "index"])
def test_theme_follows_the_system_until_chosen(visit, page_text):
    page = visit(page_text(), theme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.click("#theme")
    assert page.evaluate(ground) != dark
    page.reload()
    assert page.locator("#theme").inner_text() == "Dark"


@pytest.mark.parametrize("width", [390, 820, 1440])
@pytest.mark.parametrize("page_text", [run_page, index_page], ids=["run", "index"])
def test_nothing_sticks_out(visit, page_text, width):
    page = visit(page_text(), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_everything_is_there(visit):
    page = visit(run_page(), script=False)
    assert page.locator("h1").inner_text() == "Overfits from step 3,000 on"
    assert page.locator(".hero-chart .picture .line").count() == 2
    assert page.locator(".small-chart .picture").count() >= 1
    page.locator(".hero .data-table summary").click()
    assert page.locator(".hero .data-table tbody tr").count() >= 20
    assert page.locator(".finding .facts div").count() == 3
    assert page.locator("#run table tbody tr").count() == 2
    assert not page.locator("#theme").is_visible()
    assert not page.locator("#log-axis").is_visible()


def test_index_without_scripts_has_rows(visit):
    page = visit(index_page(count=20), script=False)
    assert page.locator(".rows:visible tbody tr").count() == 20
    assert not page.locator("#filter").is_visible()


def test_hostile_names_are_text(visit):
    page = visit(run_page(hostile()))
    page.wait_for_selector(".hero-chart canvas")
    page.locator("#run").scroll_into_view_if_needed()
    page.wait_for_timeout(200)
    assert page.locator("img").count() == 0
    row = index_row(hostile(), "runs/x.html")
    index = visit(render_index([row], root="<b>", version="1", unreadable=[], batch=NO_FINDINGS, seconds=1))
    assert index.locator("img, main b").count() == 0
    assert "<img src=x" in index.locator("#rows tbody a").inner_text()


def shown_rows(page):
    return page.locator("#rows tbody tr:not(.gap)")


def test_only_rows_in_view_are_in_the_document(visit):
    page = visit(index_page(count=5_000))
    assert shown_rows(page).count() < 60
    page.evaluate("document.getElementById('rows').scrollTop = 1e7")
    page.wait_for_timeout(100)
    assert shown_rows(page).last.get_attribute("aria-rowindex") == "5001"


def test_filters(visit):
    page = visit(index_page())
    page.fill("#filter", "run-0007")
    assert page.locator("#count").inner_text() == "1 of 500 runs"
    page.fill("#filter", "")
    page.click("[data-status=clear]")
    assert page.locator("#count").inner_text() == "167 of 500 runs"
    page.click("[data-status=clear]")
    page.click("[data-rule=loss-spike]")
    assert page.locator("#count").inner_text() == "166 of 500 runs"
    assert set(shown_rows(page).locator(".tag").all_inner_texts()) == {"loss-spike"}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("lr>0.05", "250 of 500 runs"), ("lr>=0.1", "250 of 500 runs"), ("lr<=1e-2 status:error", "84 of 500 runs"),
        ("best<1", "7 of 500 runs"), ("status!=clear", "333 of 500 runs"), ("rule:overfitting", "167 of 500 runs"),
        ("val/loss<1", "7 of 500 runs"), ("after<=100%", "500 of 500 runs"), ("rate>1", "0 of 500 runs; no column rate"),
        ("rule:nothing", "0 of 500 runs; no rule nothing"), ("name:run-0007", "1 of 500 runs"), ("lr:0.1", "125 of 500 runs"),
    ],
)  # fmt: skip
def test_filters_compare_numbers(visit, query, words):
    page = visit(index_page())
    page.fill("#filter", query)
    assert page.locator("#count").inner_text() == words


def test_a_view_is_in_the_address(visit):
    page = visit(index_page())
    page.fill("#filter", "lr>0.05")
    page.click("[data-status=error]")
    page.click("#rows thead th:nth-child(5) button")
    page.click("#columns summary")
    page.uncheck("#columns input[name=Curve]")
    shown = (page.locator("#count").inner_text(), shown_rows(page).first.inner_text())
    page.reload()
    assert page.input_value("#filter") == "lr>0.05 status:error"
    assert (page.locator("#count").inner_text(), shown_rows(page).first.inner_text()) == shown
    assert not page.locator("#rows thead th", has_text="Curve").is_visible()
    assert page.locator("#rows tbody .spark").count() == 0
    assert page.locator("[data-status=error]").get_attribute("aria-pressed") == "true"


def test_the_table_is_on_the_first_screen(visit):
    page = visit(index_page(), width=1440)
    assert page.locator("#rows thead").bounding_box()["y"] < 450
    assert page.locator("#rows thead th", has_text="Best val/loss").count() == 1
    assert page.locator(".spark title").first.text_content() == "val/loss falls, then rises: best 0.00, final 1.30"


def test_columns_out_of_view_are_hinted_at(visit):
    assert visit(index_page(), width=390).locator(".rows-frame.has-more").count() == 1
    assert visit(index_page(), width=1440).locator(".rows-frame.has-more").count() == 0


def test_sorting_by_keyboard(visit):
    page = visit(index_page())
    page.focus("#rows thead th:nth-child(5) button")
    page.keyboard.press("Enter")
    assert shown_rows(page).first.locator("th").inner_text() == "run-0000"
    page.keyboard.press("Enter")
    assert shown_rows(page).first.locator("th").inner_text() == "run-0499"
    assert page.locator("#rows thead th:nth-child(5)").get_attribute("aria-sort") == "descending"


def test_prints_light_and_whole(visit):
    page = visit(run_page(), theme="dark")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not page.locator("header.top").is_visible()
    assert page.locator(".chart").count() == page.locator(".chart canvas").count()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme ?? ''") == ""
    assert len(page.pdf(format="A4")) > 10_000


def test_cells_of_a_layer_map_can_be_read_by_pointer_and_keys(visit):
    page = visit(run_page(layered()))
    box = page.locator(".map-box svg").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.08)
    assert page.locator(".layer-map .at").inner_text().startswith("l0, step ")
    page.focus(".layer-map .map-box")
    page.keyboard.press("ArrowDown")
    shown = page.locator(".layer-map .at").inner_text()
    assert shown.startswith("l1, step ")
    assert shown.endswith(": 0.0100")


def test_layer_maps_need_no_scripts(visit):
    page = visit(run_page(layered()), script=False)
    assert page.locator(".layer-map svg path").count() >= 4
    page.locator(".layer-map summary").click()
    assert page.locator(".layer-map tbody tr").count() == 4


def test_a_run_without_curves_is_a_page_too(visit):
    page = visit(run_page(judgement(run([]), findings=[], verdicts={}, status="unreadable")))
    assert page.locator("h1").inner_text().startswith("Unreadable")
