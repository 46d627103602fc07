"""The panel in a real JupyterLab, during runs: what the page knows is what the kernel's run log holds.

Runs that have to stand still wait for files ("gates") that a test makes, so no test depends on speed.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.books import ARRAYS, GATED, NAMES, SETUP, Gates, opened, ran, same_rows
from tests.browser.lab import Lab, Notebook

pytestmark = pytest.mark.browser


def test_states_change_while_the_cell_runs(notebook: Notebook, gates: Gates, pictures: Path) -> None:
    cell = notebook.append(GATED.format(folder=str(gates.folder)))
    notebook.start(cell)
    first = notebook.until("s.state === 'running' && s.tally.running === 2")
    assert first["tally"] == {"pending": 15, "running": 2, "stored": 0, "released": 0, "failed": 0}
    assert first["layers"][0] == {"op": "load", "tally": [6, 2, 0, 0, 0]}
    gates.open(0, 1, 2)
    later = notebook.until("s.rows === 6 && s.tally.running === 2")
    assert later["layers"][0]["tally"][1] == 2
    notebook.views("replay", "chunks", "memory")
    notebook.page.locator(".cks-memory-said", has_text="6 tasks done").wait_for()
    assert later["layers"][1]["tally"][:2] == [5, 0]
    running = "cell => window.jupyterapp.shell.currentWidget.content.widgets[cell].model.executionState"
    assert notebook.page.evaluate(running, cell) == "running"
    notebook.theme("JupyterLab Dark")  # in mid-run: nothing is lost, and what comes later arrives
    assert notebook.snapshot()["tally"] == later["tally"]
    notebook.page.screenshot(path=pictures / "live-dark.png")
    gates.open(3, 4)
    notebook.until("s.rows === 10 && s.tally.running === 2")
    notebook.theme("JupyterLab Light")
    notebook.page.screenshot(path=pictures / "live-light.png")
    gates.open(3, 4, 5, 6, 7)
    ended = notebook.until("s.state === 'finished' && s.complete")
    assert ended["tally"] == {"pending": 0, "running": 0, "stored": 1, "released": 16, "failed": 0}
    same_rows(notebook, json.loads(notebook.output(cell)))


def test_the_page_holds_the_run_log(notebook: Notebook) -> None:
    log = ran(notebook, ARRAYS)
    page = notebook.snapshot()
    assert page["ntasks"] == log["ntasks"] == len(log["task"])
    same_rows(notebook, log)
    assert notebook.evaluate("store.current.header.lanes") == log["lanes"]
    assert notebook.evaluate("store.current.ended.peak_bytes") == log["peak"]


def test_a_page_that_comes_back_knows_the_run(fresh: Notebook, lab: Lab, gates: Gates) -> None:
    name = opened(fresh, lab, GATED.format(folder=str(gates.folder)), "print(told(last_run()))")
    fresh.page.evaluate("window.jupyterapp.commands.execute('docmanager:save').then(() => null)")
    fresh.start(1)
    fresh.until("s.tally.running === 2")
    gates.open(0, 1, 2)
    fresh.until("s.rows === 6 && s.tally.running === 2")
    fresh.page.goto(lab.url(f"lab/tree/{name}"))
    known = "window.chunkscope && window.chunkscope.snapshot().run !== null"
    fresh.page.wait_for_function(known, timeout=60_000)
    late = fresh.until("s.rows === 6 && s.complete && s.tally.running === 2")
    assert late["state"] == "running"
    assert late["layers"][0]["op"] == "load"
    gates.open(3, 4, 5, 6, 7)
    ended = fresh.until("s.state === 'finished' && s.complete")
    assert (ended["rows"], ended["ntasks"]) == (17, 17)
    # and after the run: the page asks for it
    fresh.page.goto(lab.url(f"lab/tree/{name}"))
    fresh.ready(name)
    log = fresh.run(2)
    fresh.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
    same_rows(fresh, log)


def test_notebooks_in_front_and_kernels_that_restart(fresh: Notebook, lab: Lab) -> None:
    one = opened(fresh, lab)
    first = ran(fresh, ARRAYS)
    two = lab.notebook(
        f"book{next(NAMES)}.ipynb", SETUP, "total([mean(load(1))]).compute(); print(told(last_run()))"
    )
    fresh.show(two)
    assert fresh.snapshot()["run"] is None
    expect(fresh.page.locator(".cks-panel .cks-empty")).to_be_visible()
    assert fresh.run(0) == "ready"
    second = fresh.run(1)
    page = fresh.until("s.run !== null && s.complete && s.state === 'finished'")
    assert page["ntasks"] == second["ntasks"] != first["ntasks"]
    same_rows(fresh, second)
    fresh.show(one)
    back = fresh.until("s.ntasks > 20")
    assert (back["notebook"], back["ntasks"]) == (one, first["ntasks"])
    same_rows(fresh, first)
    fresh.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    fresh.until("s.run === null")
    assert fresh.run(0) == "ready"
    again = ran(fresh, ARRAYS)
    assert again["run"] == 1
    same_rows(fresh, again)
    fresh.show(two)  # another kernel: it has kept its run
    kept = fresh.until("s.run !== null && s.complete")
    assert kept["ntasks"] == second["ntasks"]
    same_rows(fresh, second)


def test_a_failed_task_is_marked(notebook: Notebook, pictures: Path) -> None:
    cell = """
    try:
        total([mean(x) for x in [load(3), load(-1), load(2)]]).compute(scheduler="sync")
    except ZeroDivisionError:
        print(told(last_run()))
    """
    log = ran(notebook, textwrap.dedent(cell))
    page = notebook.snapshot()
    assert page["state"] == "failed"
    assert page["tally"]["failed"] == 1
    assert notebook.evaluate("store.states()[value]", log["failed"]) == 4
    expect(notebook.page.locator(".cks-details-body")).to_contain_text("ZeroDivisionError")
    notebook.page.screenshot(path=pictures / "failed-light.png")


def test_a_hidden_panel_neither_listens_nor_draws(notebook: Notebook) -> None:
    log = ran(notebook, ARRAYS)
    listens = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.hasComm('chunkscope-live')"
    assert notebook.page.evaluate(listens) is True
    notebook.page.evaluate("window.jupyterapp.shell.collapseRight()")
    notebook.page.wait_for_function(f"!{listens}")
    second = notebook.run(notebook.append(ARRAYS))
    assert notebook.snapshot()["run"] == log["run"]
    notebook.page.evaluate("window.jupyterapp.commands.execute('chunkscope:open').then(() => null)")
    notebook.until(f"s.run === {second['run']} && s.complete && s.state === 'finished'")
    same_rows(notebook, second)


def test_a_silent_kernel_is_named_by_the_server(notebook: Notebook, gates: Gates) -> None:
    cell = notebook.append(GATED.format(folder=str(gates.folder)))
    notebook.start(cell)
    notebook.until("s.tally.running === 2")
    notebook.evaluate("store.receive = () => undefined")  # the page's ear is stopped, not the kernel's mouth
    notice = notebook.page.locator(".cks-notice")
    notice.filter(has_text="% CPU").wait_for(timeout=60_000)
    expect(notice).to_contain_text("The kernel has said nothing for")
    expect(notice).to_contain_text("resident")
    gates.open(*range(8))
    notebook.output(cell)
    notebook.evaluate("delete store.receive")
