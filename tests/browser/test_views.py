"""The panel in a real JupyterLab, after runs: replay, links between the views, keyboard, themes, cells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.books import ARRAYS, click_on_canvas, counted, find_on_canvas, ran
from tests.browser.lab import Notebook

pytestmark = pytest.mark.browser


def test_replay_shows_what_the_log_says_at_any_time(notebook: Notebook, pictures: Path) -> None:
    log = ran(notebook, ARRAYS)
    for share in (0.0, 0.1, 0.35, 0.5, 0.77, 0.99):
        notebook.evaluate("store.player.seek(store.current.now(0) * value)", share)
        page = notebook.snapshot()
        running, done = counted(log, page["time"])
        assert page["tally"]["running"] == running
        assert page["tally"]["stored"] + page["tally"]["released"] == done
    notebook.evaluate("store.player.seek(store.current.now(0) * 0.5)")
    notebook.page.wait_for_timeout(200)
    notebook.page.screenshot(path=pictures / "replay-light.png")


def test_scrubbing_stepping_and_playing_by_hand(notebook: Notebook) -> None:
    log = ran(notebook, ARRAYS)
    page = notebook.page
    events = sorted({*log["start"], *log["stop"]})
    page.get_by_role("button", name="To the start").click()
    assert notebook.snapshot()["time"] == 0
    stage = page.locator('.cks-stage[data-view="chunks"]')
    stage.focus()
    seen = []
    for _ in range(5):
        page.keyboard.press("]")
        seen.append(notebook.snapshot()["time"])
    assert seen == [event for event in events if event > 0][:5]
    page.keyboard.press("[")
    assert notebook.snapshot()["time"] == seen[3]
    notebook.settled()
    box = page.locator(".cks-scrub").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    middle = notebook.snapshot()
    assert 0.4 < middle["time"] / middle["now"] < 0.6
    running, done = counted(log, middle["time"])
    assert (middle["tally"]["running"], middle["tally"]["stored"] + middle["tally"]["released"]) == (
        running,
        done,
    )
    stage.focus()
    page.keyboard.press("Home")
    page.get_by_label("Speed").select_option(label="1/3×")
    page.keyboard.press("Escape")
    stage.focus()
    page.keyboard.press(" ")
    notebook.until("s.time === null")  # played to its end
    assert notebook.snapshot()["tally"]["pending"] == 0


def test_a_chunk_that_is_selected_is_found_in_every_view(notebook: Notebook) -> None:
    log = ran(notebook, ARRAYS)
    task = max(range(len(log["task"])), key=lambda row: log["stop"][row] - log["start"][row])
    task = log["task"][task]
    click_on_canvas(notebook, "chunks", task)
    row = log["task"].index(task)
    title = notebook.page.locator(".cks-details-title")
    block = log["keys"][task].partition("[")[2].rstrip("]")
    expect(title).to_contain_text(f"[{block}]")
    expect(notebook.page.locator(".cks-details-body")).to_contain_text(f"on {log['lanes'][log['lane'][row]]}")
    code = notebook.page.locator(".cks-details-code")
    expect(code).to_have_text(re.compile(r"^line 2 of cell In\[\d+\]: \(\(x \+ x\.mean"))
    # its bar lies in its lane, where the log says
    assert (
        notebook.evaluate("store.current.columns.lane[store.current.rowOf[value]]", task) == log["lane"][row]
    )
    find_on_canvas(notebook, "timeline", task)
    # and in the graph once its operation is opened
    notebook.page.get_by_role("button", name="Open all operations into tasks").click()
    find_on_canvas(notebook, "graph", task)


def test_the_kernel_says_why(notebook: Notebook) -> None:
    log = ran(notebook, ARRAYS)
    notebook.evaluate("store.select({task: value})", log["task"][-1])
    notebook.page.wait_for_function("document.querySelector('.cks-details-why').textContent.length > 10")


def test_names_of_the_users_stay_text(notebook: Notebook) -> None:
    cell = """
f = delayed(len, name="<img src=x onerror=window.hacked=1>")
f([1, 2]).compute(); print(told(last_run()))
"""
    ran(notebook, cell)
    notebook.evaluate("store.select({task: 0})")
    notebook.page.wait_for_function(
        "document.querySelector('.cks-details-title').textContent.includes('<img')"
    )
    assert notebook.page.evaluate("window.hacked") is None


def test_the_table_says_what_the_pictures_show(notebook: Notebook) -> None:
    ran(notebook, ARRAYS)
    page = notebook.snapshot()
    notebook.page.get_by_role("button", name="Table: show or hide").click()
    rows = notebook.page.locator(".cks-table tbody tr")
    expect(rows).to_have_count(len(page["layers"]))
    cells = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    told = rows.evaluate_all(cells)
    assert [row[0] for row in told] == [layer["op"] for layer in page["layers"]]
    assert [[int(n) for n in row[2:7]] for row in told] == [layer["tally"] for layer in page["layers"]]
    rows.nth(1).get_by_role("button").first.click()
    assert notebook.snapshot()["selection"] == {"layer": 1}


def test_both_themes_and_a_mixed_colour(notebook: Notebook, pictures: Path) -> None:
    log = ran(notebook, ARRAYS)
    last = log["ntasks"] - 1  # kept, so its block is solid
    inks = {"JupyterLab Light": [0, 114, 178], "JupyterLab Dark": [86, 180, 233]}
    for theme, ink in inks.items():
        notebook.theme(theme)
        x, y = find_on_canvas(notebook, "chunks", last)
        notebook.page.mouse.move(5, 5)
        notebook.page.wait_for_function(
            """([x, y, ink]) => { const c = document.querySelector('.cks-stage[data-view="chunks"] canvas');
                 const b = c.getBoundingClientRect(), s = c.width / b.width;
                 const at = [(x - b.left) * s + 2, (y - b.top) * s + 2];
                 const pixel = [...c.getContext('2d').getImageData(...at, 1, 1).data];
                 return ink.every((part, i) => pixel[i] === part); }""",
            arg=[x, y, ink],
        )
        name = theme.split()[1].lower()
        notebook.page.screenshot(path=pictures / f"after-{name}.png")
    notebook.theme("JupyterLab Light")  # the server remembers it


def test_views_in_a_cell(notebook: Notebook, pictures: Path) -> None:
    ran(notebook, ARRAYS)
    page = notebook.page
    for call, view in {
        "timeline": "timeline",
        "graph_view": "graph",
        "memory_view": "memory",
        "replay": "chunks",
    }.items():
        notebook.start(notebook.append(f"last_run().{call}()"))
        stage = page.locator(f'.jp-OutputArea .cks-stage[data-view="{view}"]').last
        stage.wait_for()
        stage.scroll_into_view_if_needed()
        page.wait_for_function(
            """view => { const place = `.jp-OutputArea .cks-stage[data-view="${view}"] canvas`;
                         const all = document.querySelectorAll(place);
                         const c = all[all.length - 1]; if (!c || !c.width || !c.height) return false;
                         return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0); }""",
            arg=view,
        )
    expect(page.locator(".jp-OutputArea .cks-details-title").last).to_contain_text("tasks")
    page.screenshot(path=pictures / "cells-light.png")


def test_it_fits_small_and_wide_pages(notebook: Notebook, pictures: Path) -> None:
    ran(notebook, ARRAYS)
    notebook.views("replay", "chunks", "graph", "timeline", "memory")
    for width in (1024, 1900, 1440):
        notebook.page.set_viewport_size({"width": width, "height": 760 if width != 1440 else 900})
        notebook.settled()
        sizes = notebook.page.evaluate(
            """[...document.querySelectorAll('.cks-panel .cks-stage[data-view]')].filter(s => s.offsetParent)
               .map(s => [s.clientWidth, s.clientHeight, s.scrollWidth])"""
        )
        assert len(sizes) == 4
        assert all(w >= 200 and h >= 30 and across <= w for w, h, across in sizes)
        notebook.page.screenshot(path=pictures / f"width-{width}.png")
