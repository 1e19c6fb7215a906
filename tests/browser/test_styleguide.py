"""The style guide in Chromium: every component, every kind of chart, in both themes and two sizes."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, Look, Window, saved, settle, width_beyond_the_window
from tests.lib.colours import themes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.urls"),
]

GUIDE = "/styleguide/"
# A mark of each kind of chart that pages draw; lines, areas and heatmaps answer anywhere.
MARKS = {
    "bar": ".bars .point path",
    "line": ".nsewdrag",
    "area": ".nsewdrag",
    "scatter": ".scatterlayer .point",
    "heatmap": ".nsewdrag",
    "treemap": ".slice:nth-child(2) path.surface",
    "sankey": ".sankey-link",
    "funnel": ".funnellayer .point path",
}


def rgb(hex_colour: str) -> str:
    return "rgb({}, {}, {})".format(*(int(hex_colour[i : i + 2], 16) for i in (1, 3, 5)))


def chart(page: Page, name: str) -> Locator:
    figure = page.locator(f'[data-chart="{name}"]')
    figure.scroll_into_view_if_needed()
    figure.locator(".chart__skeleton").wait_for(state="detached")
    return figure


def point_at(page: Page, marks: Locator) -> None:
    box = marks.first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - 2)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)


def last_bar_colour(page: Page) -> str:
    bar = chart(page, "bar").locator(".bars .point path").last
    return bar.evaluate("bar => getComputedStyle(bar).fill")


def test_every_component_is_whole_in_each_look(
    window: Window, look: Look, barriers: Callable[[Page], list[str]]
) -> None:
    page = window.open(GUIDE, look)
    settle(page)
    for kind in MARKS:
        assert page.locator(f"#{kind} .main-svg").count() > 0, kind
    assert width_beyond_the_window(page) == 0
    assert barriers(page) == []


def test_pointing_at_a_mark_tells_its_figure(window: Window) -> None:
    page = window.open(GUIDE)
    for kind, mark in MARKS.items():
        point_at(page, chart(page, kind).locator(mark))
        label = page.locator(f"#{kind} .hoverlayer :is(.hovertext, .legend)").first
        expect(label, kind).to_be_visible()
        assert label.text_content(), kind


def test_switching_the_theme_recolours_what_is_drawn_and_is_remembered(window: Window) -> None:
    page = window.open(GUIDE)
    marks = {theme: rgb(colours["mark"]) for theme, colours in themes().items()}
    assert last_bar_colour(page) == marks["light"]
    page.get_by_label("You:").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    page.wait_for_function(
        "([bar, colour]) => getComputedStyle(document.querySelector(bar)).fill === colour",
        arg=["#bar .bars .point:last-child path", marks["dark"]],
    )
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert last_bar_colour(page) == marks["dark"]


def test_table_view_shows_the_same_numbers(window: Window) -> None:
    page = window.open(GUIDE)
    figure = chart(page, "bar")
    button = figure.get_by_role("button", name="Table")
    button.click()
    expect(figure.locator(".chart__plot")).to_be_hidden()
    expect(figure.get_by_role("row", name="Oct 22,300")).to_be_visible()
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    expect(figure.locator(".chart__plot")).to_be_visible()


def test_a_chart_reached_by_keyboard_opens_as_a_table_whose_rows_lead_on(window: Window) -> None:
    page = window.open(GUIDE)
    figure = chart(page, "bar")
    figure.locator(".chart__plot").focus()
    page.keyboard.press("Enter")
    expect(figure.locator(".chart__table")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/styleguide/#Dec")


def test_csv_holds_the_rows_and_no_formula(window: Window, tmp_path: Path) -> None:
    page = window.open(GUIDE)
    figure = chart(page, "bar")
    cell = figure.locator("tbody td").first
    cell.evaluate("cell => (cell.dataset.value = '=HYPERLINK(1)')")
    figure.locator("tbody td").nth(1).evaluate("cell => (cell.dataset.value = '-12.5')")
    with page.expect_download() as download:
        figure.get_by_role("button", name="CSV").click()
    text = saved(download.value, tmp_path).read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert rows[0] == ["Month", "Net revenue, £"]
    assert rows[1] == ["'=HYPERLINK(1)", "-12.5"]
    assert rows[-1] == ["Nov", "14100"]


def test_png_is_a_picture_with_room_for_its_title(window: Window, tmp_path: Path) -> None:
    page = window.open(GUIDE)
    figure = chart(page, "treemap")
    with page.expect_download() as download:
        figure.get_by_role("button", name="PNG").click()
    data = saved(download.value, tmp_path).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(data[i : i + 4], "big") for i in (16, 20))
    assert width >= 2 * 720
    assert height > 2 * 380


def test_pressing_a_mark_opens_what_is_behind_it(window: Window) -> None:
    page = window.open(GUIDE)
    behind = {
        "bar": "#Dec",
        "scatter": "#customer-",
        "treemap": "#segment-",
        "sankey": "#move-",
        "heatmap": "#r3f3",
    }
    for kind, address in behind.items():
        point_at(page, chart(page, kind).locator(MARKS[kind]))
        page.mouse.down()
        page.mouse.up()
        page.wait_for_url(f"**{GUIDE}{address}*")


def test_nothing_moves_while_charts_arrive(window: Window) -> None:
    page = window.open("about:blank")
    page.add_init_script(
        """window.moved = 0; new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) window.moved += entry.value;
        }).observe({ type: "layout-shift", buffered: true })"""
    )
    page.goto(GUIDE)
    heights = page.locator("[data-chart]").evaluate_all("all => all.map(f => f.offsetHeight)")
    settle(page)
    assert page.locator("[data-chart]").evaluate_all("all => all.map(f => f.offsetHeight)") == heights
    assert page.evaluate("window.moved") < 0.01


def test_a_chart_that_htmx_brings_is_drawn_and_one_it_takes_is_let_go(window: Window) -> None:
    page = window.open(GUIDE)
    chart(page, "line")
    page.evaluate(
        """() => {
          const figure = document.querySelector('[data-chart="line"]').closest(".panel");
          const copy = figure.cloneNode(true);
          copy.querySelector(".chart__drawing").remove();
          copy.querySelector(".chart__plot").removeAttribute("style");
          const html = copy.innerHTML.replaceAll('line-figure', 'later-figure')
            .replaceAll('"line"', '"later"').replaceAll('line-table', 'later-table');
          htmx.swap(figure, html, { swapStyle: "innerHTML" });
        }"""
    )
    page.locator("#later .main-svg").first.wait_for()
    assert page.locator('[data-chart="line"]').count() == 0


def test_charts_fit_their_place_when_the_window_changes(window: Window) -> None:
    page = window.open(GUIDE)
    chart(page, "bar")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.wait_for_function(
        "() => document.querySelector('#bar .main-svg').clientWidth <= document.querySelector('#bar').clientWidth"
    )
    assert width_beyond_the_window(page) == 0


def test_the_whole_row_opens_and_marking_text_does_not(window: Window) -> None:
    page = window.open(GUIDE)
    row = page.locator("tr[data-href]").first
    figure = row.locator("td").nth(1)
    figure.evaluate("cell => getSelection().selectAllChildren(cell)")
    figure.dispatch_event("click")
    assert "#" not in page.url
    page.evaluate("getSelection().removeAllRanges()")
    figure.click()
    page.wait_for_url("**/styleguide/#segment-1")


def test_sorting_says_how_and_turns_round(window: Window) -> None:
    page = window.open(GUIDE)
    page.get_by_role("main").get_by_role("link", name="Customers", exact=True).click()
    header = page.get_by_role("columnheader", name="Customers", exact=True)
    assert header.get_attribute("aria-sort") == "descending"
    header.get_by_role("link").click()
    page.wait_for_url("**?sort=customers")
    assert (
        page.get_by_role("columnheader", name="Customers", exact=True).get_attribute("aria-sort")
        == "ascending"
    )


def test_first_tab_offers_to_skip_to_the_page(window: Window) -> None:
    page = window.open(GUIDE)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the page")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_menus_close_on_escape_and_give_the_focus_back(window: Window) -> None:
    page = window.open(GUIDE)
    menu = page.get_by_label("You:")
    menu.click()
    expect(page.get_by_role("group", name="Theme")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="Theme")).to_be_hidden()
    expect(menu).to_be_focused()


def test_a_dialog_opens_and_closes_by_keyboard(window: Window) -> None:
    page = window.open(GUIDE)
    page.get_by_role("button", name="Open a dialog").press("Enter")
    dialog = page.get_by_role("dialog", name="Remove Ben from the team?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_failure_stays_until_it_is_dismissed(window: Window) -> None:
    page = window.open(GUIDE)
    page.evaluate("regulars.toast('That file is empty.', 'error')")
    note = page.get_by_role("status").filter(has_text="That file is empty.")
    expect(note).to_be_visible()
    note.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("That file is empty.")).to_have_count(0)


def test_what_is_pressed_is_large_enough_for_a_finger(window: Window) -> None:
    page = window.open(GUIDE, Look("light", PHONE, touch=True))
    small = page.locator(".button, .bar__link, summary, .input, .filters input, select, .switch button")
    sizes = small.evaluate_all(
        "all => all.filter(e => e.checkVisibility()).map(e => [e.outerHTML.slice(0, 80), e.offsetHeight])"
    )
    assert sizes
    assert [each for each in sizes if each[1] < 44] == []


def test_motion_is_left_out_for_those_who_ask(window: Window) -> None:
    page = window.open(GUIDE)
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_function(
        "() => document.getAnimations().every((a) => a.effect.getComputedTiming().activeDuration <= 1)"
    )


def test_a_whole_page_in_place_of_a_part_loads_the_page_again(window: Window) -> None:
    page = window.open(GUIDE)
    page.evaluate("window.before = true")
    page.evaluate("() => void htmx.ajax('GET', '/styleguide/', { target: '#sample-dialog' })")
    page.wait_for_function("() => window.before === undefined")
    assert page.locator("main").count() == 1
