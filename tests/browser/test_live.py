"""The panel in a real JupyterLab, during runs: what the page knows is what the kernel's run log holds.

Runs that have to stand still wait for files ("gates") that a test makes, so no test depends on speed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.books import ARRAYS, GATED, NAMES, SETUP, Gates, opened, same_rows
from tests.browser.lab import Lab, Notebook

pytestmark = pytest.mark.browser


def test_states_change_while_the_cell_runs(
    notebook: Notebook, lab: Lab, gates: Gates, pictures: Path
) -> None:
    opened(notebook, lab, GATED.format(folder=str(gates.folder)))
    notebook.start(1)
    first = notebook.until("s.state === 'running' && s.tally.running === 2")
    assert first["tally"] == {"pending": 15, "running": 2, "stored": 0, "released": 0, "failed": 0}
    assert first["layers"][0] == {"op": "load", "tally": [6, 2, 0, 0, 0]}
    gates.open(0, 1, 2)
    later = notebook.until("s.rows === 6 && s.tally.running === 2")
    assert later["layers"][0]["tally"][1] == 2
    notebook.page.get_by_role("button", name="Memory: show or hide").click()
    notebook.page.locator(".cks-memory-said", has_text="6 tasks done").wait_for()
    assert later["layers"][1]["tally"][:2] == [5, 0]
    status = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status"
    assert notebook.page.evaluate(status) == "busy"
    notebook.page.screenshot(path=pictures / "live-light.png")
    gates.open(3, 4, 5, 6, 7)
    ended = notebook.until("s.state === 'finished' && s.complete")
    assert ended["tally"] == {"pending": 0, "running": 0, "stored": 1, "released": 16, "failed": 0}
    same_rows(notebook, json.loads(notebook.output(1)))


def test_the_page_holds_the_run_log(notebook: Notebook, lab: Lab) -> None:
    opened(notebook, lab, ARRAYS)
    log = notebook.run(1)
    page = notebook.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
    assert page["ntasks"] == log["ntasks"] == len(log["task"])
    same_rows(notebook, log)
    assert notebook.evaluate("store.current.header.lanes") == log["lanes"]
    assert notebook.evaluate("store.current.ended.peak_bytes") == log["peak"]


def test_a_page_that_comes_back_during_a_run_knows_it_all(notebook: Notebook, lab: Lab, gates: Gates) -> None:
    name = opened(notebook, lab, GATED.format(folder=str(gates.folder)))
    notebook.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    notebook.start(1)
    notebook.until("s.tally.running === 2")
    gates.open(0, 1, 2)
    notebook.until("s.rows === 6 && s.tally.running === 2")
    notebook.page.goto(lab.url(f"lab/tree/{name}"))
    notebook.page.wait_for_function(
        "window.chunkscope && window.chunkscope.snapshot().run !== null", timeout=60_000
    )
    late = notebook.until("s.rows === 6 && s.complete && s.tally.running === 2")
    assert late["state"] == "running"
    assert late["layers"][0]["op"] == "load"
    gates.open(3, 4, 5, 6, 7)
    ended = notebook.until("s.state === 'finished' && s.complete")
    assert (ended["rows"], ended["ntasks"]) == (17, 17)


def test_a_page_that_comes_back_after_a_run_asks_for_it(notebook: Notebook, lab: Lab) -> None:
    name = opened(notebook, lab, ARRAYS, "print(told(last_run()))")
    log = notebook.run(1)
    notebook.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    notebook.page.goto(lab.url(f"lab/tree/{name}"))
    notebook.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
    same_rows(notebook, log)


def test_the_panel_follows_the_notebook_in_front(notebook: Notebook, lab: Lab) -> None:
    one = opened(notebook, lab, ARRAYS)
    first = notebook.run(1)
    notebook.until("s.complete && s.state === 'finished'")
    two = lab.notebook(
        f"book{next(NAMES)}.ipynb", SETUP, "total([mean(load(1))]).compute(); print(told(last_run()))"
    )
    notebook.page.evaluate("p => window.jupyterapp.commands.execute('docmanager:open', {path: p})", two)
    notebook.ready(two)
    assert notebook.snapshot()["run"] is None
    assert notebook.page.locator(".cks-empty").is_visible()
    assert notebook.run(0) == "ready"
    second = notebook.run(1)
    page = notebook.until("s.run !== null && s.complete && s.state === 'finished'")
    assert page["ntasks"] == second["ntasks"] != first["ntasks"]
    notebook.page.evaluate("p => window.jupyterapp.commands.execute('docmanager:open', {path: p})", one)
    back = notebook.until("s.ntasks > 20")
    assert (back["notebook"], back["ntasks"]) == (one, first["ntasks"])
    same_rows(notebook, first)


def test_a_failed_task_is_marked(notebook: Notebook, lab: Lab, pictures: Path) -> None:
    cell = """
    try:
        total([mean(x) for x in [load(3), load(-1), load(2)]]).compute(scheduler="sync")
    except ZeroDivisionError:
        print(told(last_run()))
    """
    opened(notebook, lab, "\n".join(line[4:] for line in cell.splitlines()))
    log = notebook.run(1)
    page = notebook.until(f"s.run === {log['run']} && s.state === 'failed'")
    assert page["tally"]["failed"] == 1
    assert notebook.evaluate("store.states()[value]", log["failed"]) == 4
    expect(notebook.page.locator(".cks-details-body")).to_contain_text("ZeroDivisionError")
    notebook.page.screenshot(path=pictures / "failed-light.png")


def test_a_hidden_panel_neither_listens_nor_draws(notebook: Notebook, lab: Lab) -> None:
    opened(notebook, lab, ARRAYS, ARRAYS)
    log = notebook.run(1)
    notebook.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
    listens = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.hasComm('chunkscope-live')"
    assert notebook.page.evaluate(listens) is True
    notebook.page.evaluate("window.jupyterapp.shell.collapseRight()")
    notebook.page.wait_for_function(f"!{listens}")
    second = notebook.run(2)
    assert notebook.snapshot()["run"] == log["run"]
    notebook.page.evaluate("window.jupyterapp.commands.execute('chunkscope:open')")
    notebook.until(f"s.run === {second['run']} && s.complete && s.state === 'finished'")
    same_rows(notebook, second)


def test_a_restarted_kernel_starts_from_nothing(notebook: Notebook, lab: Lab) -> None:
    opened(notebook, lab, ARRAYS)
    notebook.run(1)
    notebook.until("s.complete && s.state === 'finished'")
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    notebook.until("s.run === null")
    assert notebook.run(0) == "ready"
    log = notebook.run(1)
    notebook.until("s.run === 1 && s.complete && s.state === 'finished'")
    same_rows(notebook, log)


def test_a_silent_kernel_is_named_by_the_server(notebook: Notebook, lab: Lab, gates: Gates) -> None:
    opened(notebook, lab, GATED.format(folder=str(gates.folder)))
    notebook.start(1)
    notebook.until("s.tally.running === 2")
    notebook.evaluate(
        "store.receive = () => undefined"
    )  # the page's ear is stopped, instead of the kernel's mouth
    notice = notebook.page.locator(".cks-notice")
    notice.filter(has_text="% CPU").wait_for(timeout=60_000)
    expect(notice).to_contain_text("The kernel has said nothing for")
    expect(notice).to_contain_text("resident")
    gates.open(*range(8))
    notebook.output(1)
