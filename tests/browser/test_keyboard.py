"""The panel without a mouse: from the notebook into it, through its views, and back; the focus can always be seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.books import ARRAYS, ran
from tests.browser.lab import Notebook

pytestmark = pytest.mark.browser

RING = """() => {
  const focus = document.activeElement;
  const lined = style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
  const seen = style => lined(style) || style.boxShadow !== 'none';
  const places = [focus, ...(focus.matches('.cks-stage') ? [focus.querySelector('canvas')] : [])].filter(Boolean);
  return places.some(place => seen(getComputedStyle(place))); }"""
"""Whether the element that has the focus is marked."""

STOPS = """[...document.querySelectorAll('.cks-panel .cks-stage[tabindex]')]
  .map(stage => [stage.dataset.view, stage.tabIndex])"""


def focus(notebook: Notebook) -> str:
    """What has the focus: a view by its name, else the element's words; it has to be marked as such."""
    notebook.page.wait_for_function(RING)
    words: str = notebook.page.evaluate(
        """() => { const e = document.activeElement;
                   return e.dataset.view ?? e.getAttribute('aria-label') ?? e.textContent.trim(); }"""
    )
    return words


def test_from_the_notebook_through_the_panel_and_back(notebook: Notebook) -> None:
    log = ran(notebook, ARRAYS)
    page = notebook.page
    keys = page.keyboard
    page.evaluate("window.jupyterapp.shell.currentWidget.content.activate()")
    keys.press("Escape")  # a browser that last saw the mouse marks no focus, and chords do not count as keys
    keys.press("Alt+Shift+K")
    page.wait_for_function("document.activeElement.matches('.cks-panel .cks-stage')")
    assert focus(notebook) == "chunks"
    assert [stop for stop in page.evaluate(STOPS) if stop[1] == 0] == [["chunks", 0]]  # one tab stop
    # a chunk, its neighbours, its task in the other views
    keys.press("ArrowRight")
    assert notebook.snapshot()["selection"] == {"task": 0}
    keys.press("ArrowRight")
    keys.press("ArrowDown")
    grid = notebook.evaluate("store.current.layers[0].grid")
    task = 1 + grid[-1]
    assert notebook.snapshot()["selection"] == {"task": task}
    block = log["keys"][task].partition("[")[2].rstrip("]")
    expect(page.locator(".cks-panel .cks-details-title")).to_contain_text(f"[{block}]")
    for digit, view in {"2": "graph", "3": "timeline", "4": "memory", "1": "chunks"}.items():
        keys.press(digit)  # memory is closed in a window of this height: the key opens it
        assert focus(notebook) == view
        assert [stop for stop in page.evaluate(STOPS) if stop[1] == 0] == [[view, 0]]
        assert notebook.snapshot()["selection"] == {"task": task}
    # replay
    events = [event for event in sorted({*log["start"], *log["stop"]}) if event > 0]
    keys.press("Home")
    keys.press("]")
    keys.press("]")
    assert notebook.snapshot()["time"] == events[1]
    keys.press("[")
    assert notebook.snapshot()["time"] == events[0]
    keys.press("End")
    assert notebook.snapshot()["time"] is None
    # the graph: from an operation to one that reads it
    keys.press("2")
    keys.press("Escape")
    assert notebook.snapshot()["selection"] is None
    keys.press("ArrowRight")
    first = notebook.snapshot()["selection"]["layer"]
    keys.press("ArrowDown")
    edges = notebook.evaluate("store.current.header.layer_edges")
    assert [first, notebook.snapshot()["selection"]["layer"]] in edges
    # a search in the graph
    keys.press("/")
    assert focus(notebook).startswith("Search the graph")
    keys.type("sum-partial")
    keys.press("Enter")
    found = notebook.snapshot()["selection"]
    assert notebook.evaluate("store.current.layers[value.layer].op", found) == "sum-partial"
    keys.press("Escape")
    assert focus(notebook) == "graph"
    # in the time line, from task to task
    keys.press("3")
    keys.press("ArrowRight")
    assert notebook.snapshot()["selection"] in ({"task": task} for task in log["task"])
    # help, and back to where the focus was
    keys.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    assert focus(notebook) == "Close the help"
    keys.press("Escape")
    expect(dialog).to_be_hidden()
    assert focus(notebook) == "timeline"
    # back to the cell: its second line made all of this
    keys.press("g")
    page.wait_for_function("document.activeElement.closest('.jp-Notebook') !== null")
    place = page.evaluate(
        """() => { const book = window.jupyterapp.shell.currentWidget.content;
                   return [book.activeCellIndex, book.activeCell.editor.getCursorPosition().line]; }"""
    )
    assert place == [page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length") - 1, 1]


def test_each_control_has_a_name_and_can_be_reached(notebook: Notebook) -> None:
    ran(notebook, ARRAYS)
    page = notebook.page
    unnamed = """[...document.querySelectorAll('.cks-panel :is(button, select, input, .cks-stage[tabindex])')]
        .filter(e => !e.closest('[hidden]'))
        .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.closest('label')))
        .map(e => e.outerHTML)"""
    names = page.evaluate(
        "[...document.querySelectorAll('.cks-panel [data-section]')].map(s => s.dataset.section)"
    )
    for name in names:
        notebook.views(name)
        notebook.drawn()
        assert page.evaluate(unnamed) == [], name
        # from the first element of the panel, Tab visits all that is not one of several stops in a group
        page.evaluate("document.querySelector('.cks-panel .cks-runs').focus()")
        wanted = page.evaluate(
            """[...document.querySelectorAll('.cks-panel :is(button, select, input, [tabindex])')]
               .filter(e => e.tabIndex === 0 && !e.disabled && e.getClientRects().length).length"""
        )
        seen = {focus(notebook)}
        for _ in range(wanted - 1):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.closest('.cks-panel') !== null"), (name, seen)
            seen.add(focus(notebook))
