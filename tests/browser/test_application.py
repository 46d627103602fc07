"""The panel as an application: runs and kernels to choose from, views in the main area, cells, lessons, settings."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from chunkscope.observe.recording import load
from tests.browser.books import ARRAYS, ran, same_rows
from tests.browser.books import opened as opened_in
from tests.browser.lab import Lab, Notebook

pytestmark = pytest.mark.browser

CALLS = "total([mean(load(i)) for i in range(4)]).compute()\nprint(told(last_run()))"
KEPT = "from chunkscope.observe import runs\nprint(json.dumps([log.number for log in runs()]))"
BUTTON = "Runs and kernels: show or hide"


def command(notebook: Notebook, name: str, arguments: dict[str, Any] | None = None) -> Any:
    """What a command of the panel gives back, where that is plain data."""
    return notebook.page.evaluate(
        """async ([name, args]) => { const given = await window.jupyterapp.commands.execute(name, args);
                                     return typeof given === 'string' ? given : null; }""",
        [f"chunkscope:{name}", arguments or {}],
    )


def layout(notebook: Notebook) -> str:
    """The main area's layout as JupyterLab has saved it."""
    found: str = notebook.page.evaluate(
        """window.jupyterapp.serviceManager.workspaces.fetch('views')
             .then(saved => JSON.stringify(saved.data['layout-restorer:data'].main))"""
    )
    return found


def test_runs_are_listed_saved_and_forgotten(notebook: Notebook, lab: Lab) -> None:
    first, second = ran(notebook, ARRAYS), ran(notebook, CALLS)
    panel = notebook.page.locator(".cks-panel")
    panel.get_by_role("button", name=BUTTON).click()
    rows = panel.locator(".cks-run")
    expect(rows.nth(0)).to_contain_text(f"{second['ntasks']} tasks")
    expect(rows.nth(1)).to_contain_text(f"{first['ntasks']} tasks")
    # by keyboard: the row below, shown
    notebook.page.keyboard.press("ArrowDown")
    notebook.page.keyboard.press("Enter")
    notebook.until(f"s.run === {first['run']}")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    same_rows(notebook, first)
    # the file holds the run log
    path = command(notebook, "save-recording")
    recording = load(lab.folder / path)
    assert (recording.header.run, recording.nrows) == (first["run"], first["ntasks"])
    again = command(notebook, "save-recording")
    assert again != path
    # forgotten here and in the kernel
    notebook.page.locator(".cks-panel .cks-run-list").focus()
    notebook.page.keyboard.press("Delete")
    notebook.until(f"!s.runs.includes({first['run']}) && s.run === {second['run']}")
    kept = notebook.run(notebook.append(KEPT))
    assert first["run"] not in kept
    assert second["run"] in kept
    panel.get_by_role("button", name=BUTTON).click()
    expect(rows).to_have_count(0)


def test_another_kernel_is_watched_and_the_choice_survives_a_reload(
    fresh: Notebook, notebook: Notebook, lab: Lab
) -> None:
    theirs = ran(notebook, CALLS)
    kernel = notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
    name = opened_in(fresh, lab, ARRAYS)
    mine = fresh.run(1)
    fresh.until(f"s.run === {mine['run']} && s.complete && s.ntasks === {mine['ntasks']}")
    fresh.page.locator(".cks-panel").get_by_role("button", name=BUTTON).click()
    choice = fresh.page.locator(".cks-panel .cks-kernels")
    choice.select_option(kernel)
    fresh.until(f"s.run === {theirs['run']} && s.complete && s.ntasks === {theirs['ntasks']}")
    same_rows(fresh, theirs)
    # live, on a connection that takes no comms, and asked over it
    live = ran(notebook, CALLS)
    fresh.until(f"s.run === {live['run']} && s.complete && s.state === 'finished'")
    same_rows(fresh, live)
    fresh.evaluate("store.select({task: 0})")
    expect(fresh.page.locator(".cks-panel .cks-details-why")).not_to_be_empty()
    fresh.page.evaluate("window.jupyterapp.commands.execute('docmanager:save').then(() => null)")
    fresh.page.goto(lab.url(f"lab/tree/{name}"))
    fresh.until(f"s.run === {live['run']} && s.complete && s.ntasks === {live['ntasks']}", timeout_s=60)
    command(fresh, "follow-notebook")
    fresh.until(f"s.run === {mine['run']} && s.complete && s.ntasks === {mine['ntasks']}")
    same_rows(fresh, mine)


def test_an_older_run_that_the_page_does_not_hold_is_shown_when_it_is_chosen(notebook: Notebook) -> None:
    first = ran(notebook, CALLS)
    second = ran(notebook, CALLS)
    notebook.evaluate("store.runs.delete(value)", first["run"])  # as after a reload
    notebook.page.locator(".cks-panel .cks-runs").select_option(str(first["run"]))
    notebook.until(f"s.run === {first['run']} && s.complete && s.ntasks === {first['ntasks']}")
    same_rows(notebook, first)
    notebook.page.locator(".cks-panel .cks-runs").select_option(str(second["run"]))
    notebook.until(f"s.run === {second['run']}")


def test_views_stand_in_the_main_area_and_come_back(fresh: Notebook, lab: Lab) -> None:
    name = opened_in(fresh, lab, ARRAYS)
    place = lab.url(f"lab/workspaces/views/tree/{name}")  # the shared page saves its layout in the usual one
    fresh.page.goto(place)
    fresh.ready(name)
    log = fresh.run(1)
    fresh.until(f"s.run === {log['run']} && s.complete")
    page = fresh.page
    panel = page.locator(".cks-panel")
    panel.locator('[data-section="graph"]').hover()
    panel.get_by_role("button", name="Graph: show in the main area").click()
    inside = page.locator(".jp-MainAreaWidget .cks")
    expect(inside).to_have_count(1)
    # dragged by its title, and dropped below the notebook
    fresh.settled()
    title = panel.locator('[data-section="timeline"] .cks-title').bounding_box()
    book = page.locator(".jp-Notebook").first.bounding_box()
    assert title is not None
    assert book is not None
    page.mouse.move(title["x"] + 20, title["y"] + 10)
    page.mouse.down()
    page.mouse.move(title["x"] - 40, title["y"] + 30, steps=4)
    page.mouse.move(book["x"] + book["width"] / 2, book["y"] + book["height"] - 40, steps=8)
    page.mouse.up()
    expect(inside).to_have_count(2)
    command(fresh, "open-view", {"view": "timeline"})
    expect(inside).to_have_count(2)  # it is there already
    # one store: what is selected here is selected there
    fresh.evaluate("store.select({layer: 0})")
    fresh.drawn()
    words = panel.locator(".cks-details-title").inner_text()
    for view in inside.all():
        expect(view.locator(".cks-details-title")).to_have_text(words)
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save').then(() => null)")
    for _ in range(150):  # JupyterLab saves a layout a while after its last change
        if all(f"chunkscope-view:{view}" in layout(fresh) for view in ("graph", "timeline")):
            break
        page.wait_for_timeout(200)
    page.goto(place)
    fresh.ready(name)
    expect(inside).to_have_count(2)
    names = page.evaluate(
        "[...document.querySelectorAll('.jp-MainAreaWidget [data-section]')].map(s => s.dataset.section)"
    )
    assert sorted(names) == ["graph", "timeline"]


def test_views_that_are_sent_to_the_main_area_stay_wide_enough(fresh: Notebook, lab: Lab) -> None:
    opened_in(fresh, lab, ARRAYS)
    log = fresh.run(1)
    fresh.until(f"s.run === {log['run']} && s.complete")
    inside = fresh.page.locator(".jp-MainAreaWidget .cks")
    widths = []
    for number, view in enumerate(("graph", "chunks", "memory", "timeline"), start=1):
        command(fresh, "open-view", {"view": view})
        expect(inside).to_have_count(number)
        section = fresh.page.locator(f'.jp-MainAreaWidget [data-section="{view}"]')
        section.wait_for()
        fresh.settled()
        box = section.bounding_box()
        assert box is not None
        widths.append(box["width"])
    assert max(widths) - min(widths) < 2  # below and behind the first, not in slices beside it


COUNTED = """() => {
  window.touched = {panel: [], main: 0, panelLast: performance.now()};
  const touch = (element, how) => {
    if (!element) return;
    if (element.closest('.cks-panel')) {
      window.touched.panel.push(`${how} ${element.closest('[data-section]')?.dataset.section} ${element.className}`);
      window.touched.panelLast = performance.now();
    } else if (element.closest('.jp-MainAreaWidget .cks')) {
      window.touched.main += 1;
    }
  };
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    touch(this.canvas, 'drawn');
    return clear.apply(this, box);
  };
  const watch = new MutationObserver(all => {
    for (const { target } of all) touch(target instanceof Element ? target : target.parentElement, 'changed');
  });
  for (const root of document.querySelectorAll('.cks-panel, .jp-MainAreaWidget .cks'))
    watch.observe(root, {subtree: true, childList: true, characterData: true}); }"""
"""Counts from now on what is drawn and changed in the views, and says where in the panel."""


def test_what_cannot_be_seen_costs_nothing(fresh: Notebook, lab: Lab) -> None:
    name = opened_in(fresh, lab, ARRAYS, ARRAYS)
    first = fresh.run(1)
    fresh.until(f"s.run === {first['run']} && s.complete")
    command(fresh, "open-view", {"view": "timeline"})
    fresh.page.locator(".jp-MainAreaWidget .cks canvas").first.wait_for()
    fresh.show(name)
    fresh.page.evaluate("window.jupyterapp.shell.collapseRight()")
    fresh.page.evaluate(COUNTED)
    # words that were due when the panel was hidden still come, a moment later
    fresh.page.wait_for_function("performance.now() - window.touched.panelLast > 1500", timeout=20_000)
    fresh.page.evaluate("window.touched.panel = []")
    second = fresh.run(2)
    fresh.until(f"s.run === {second['run']} && s.complete && s.state === 'finished'")
    fresh.drawn()
    touched = fresh.page.evaluate("window.touched")
    assert touched["panel"] == []
    assert touched["main"] > 0
    # seen again, it shows what it missed
    command(fresh, "open")
    expect(fresh.page.locator(".cks-panel .cks-runs")).to_have_value(str(second["run"]))


def test_from_a_cell_to_what_it_made_and_back_to_the_line(notebook: Notebook) -> None:
    made = notebook.append("x = ca.ones((60, 40), chunks=(10, 10))\n\ny = (x.mean(axis=0) + 1).persist()")
    notebook.start(made)
    notebook.output(made)
    log = ran(notebook, "y.sum().compute()\nprint(told(last_run()))")
    ran(notebook, CALLS)
    page = notebook.page
    cell = page.evaluate(
        """cell => { const content = window.jupyterapp.shell.currentWidget.content;
                     content.activeCellIndex = cell; return content.activeCell.model.id; }""",
        made,
    )
    page.locator('.jp-Cell.jp-mod-active [data-jp-item-name="chunkscope-made"]').click()
    shown = notebook.until(f"s.selection && s.selection.cell === '{cell}'")
    assert shown["run"] <= log["run"]
    notebook.evaluate("store.select({layer: 0})")
    notebook.page.locator('.cks-panel .cks-stage[data-view="chunks"]').focus()
    notebook.page.keyboard.press("g")
    page.wait_for_function(
        """cell => { const c = window.jupyterapp.shell.currentWidget.content;
                     return c.activeCellIndex === cell && c.activeCell.editor.getCursorPosition().line === 2; }""",
        arg=made,
    )


def test_settings_hold_at_once(fresh: Notebook, lab: Lab) -> None:
    opened_in(fresh, lab, ARRAYS, CALLS)
    first = fresh.run(1)
    fresh.until(f"s.run === {first['run']} && s.complete")
    setting = """async ([name, value]) => { const model = window.chunkscope.model;
        model.set({...model.settings, [name]: value}); }"""
    fresh.page.evaluate(setting, ["followRuns", False])
    second = fresh.run(2)
    fresh.until(f"s.runs.includes({second['run']})")
    assert fresh.snapshot()["run"] == first["run"]
    fresh.page.evaluate(setting, ["followRuns", True])
    third = fresh.run(2)
    fresh.until(f"s.run === {third['run']} && s.complete")


def test_the_launcher_brings_the_lessons(fresh: Notebook, lab: Lab) -> None:
    page = fresh.page
    page.goto(lab.url("lab") + "&reset")
    page.locator(".jp-LauncherCard", has_text="Lessons").click()
    page.wait_for_function(
        """() => { const c = window.jupyterapp.shell.currentWidget.context;
                   return c && /00_\\w+.ipynb$/.test(c.path); }"""
    )
    path = page.evaluate("window.jupyterapp.shell.currentWidget.context.path")
    copied = lab.folder / path
    cells = json.loads(copied.read_text())["cells"]
    assert cells
    copied.write_text(copied.read_text().replace("# ", "# Mine: ", 1))
    before = copied.read_text()
    page.evaluate("void window.jupyterapp.commands.execute('chunkscope:lessons')")
    page.locator(".jp-Dialog select").wait_for()
    page.keyboard.press("Escape")
    assert copied.read_text() == before
