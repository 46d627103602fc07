"""The Graph view in the panel: tasks in place, the critical path, search, keys and the list, as in the run log."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.books import Gates, find_on_canvas, ran
from tests.browser.lab import Notebook

pytestmark = pytest.mark.browser

ANOMALY = """
import numpy as np
x = ca.ones((600, 400), chunks=(100, 100))
((x - x.mean(axis=0)) * 2).sum(axis=1).compute(scheduler="threads", num_workers=2)
log = last_run()
graph = log.graph
print(json.dumps({**json.loads(told(log)), "path": log.critical_path(), "pairs": graph.layer_edges(),
    "ops": [layer.op for layer in graph.layers], "layer": graph.layer_of.tolist(),
    "inputs": [graph.slot_task[deps].tolist() for deps in np.split(graph.deps, graph.dep_ptr[1:-1])]}))
"""

WIDE = """
def tree(xs):
    while len(xs) > 1:
        xs = [total(xs[i:i + 8]) for i in range(0, len(xs), 8)]
    return xs[0]
tree([total([i]) for i in range(3000)]).compute(scheduler="sync"); print(told(last_run()))
"""

GATED = """
total([mean(load(i, {folder!r})) for i in range(6)]).compute(scheduler="threads", num_workers=2)
print(told(last_run()))
"""


def stage(notebook: Notebook) -> Any:
    return notebook.page.locator('.cks-panel .cks-stage[data-view="graph"]')


def calm(notebook: Notebook) -> None:
    """Wait until the graph is laid out and drawn."""
    notebook.page.wait_for_function(
        "!document.querySelector('.cks-panel .cks-stage[data-view=graph]').hasAttribute('aria-busy')"
    )
    notebook.drawn()


def name_of(log: dict[str, Any], task: int) -> str:
    """A task as the page calls it: "sum [2, 3]"."""
    op, block = log["ops"][log["layer"][task]], log["keys"][task].partition("[")[2].rstrip("]")
    return f"{op} [{block}]" if block else op


def test_the_critical_path_is_the_run_logs(notebook: Notebook, pictures: Path) -> None:
    notebook.views("graph")
    log = ran(notebook, ANOMALY)
    page = notebook.page
    page.get_by_role("button", name="Show the critical path").click()
    page.get_by_role("button", name="Open all operations into tasks").click()
    notebook.drawn()
    page.screenshot(path=pictures / "graph-path.png")
    page.get_by_role("button", name="Show the graph as a list").click()
    path = page.get_by_role("list", name="Critical path").locator("li")
    expect(path).to_have_count(len(log["path"]))
    steps = path.all_inner_texts()
    assert [re.sub(r" [\d.]+ \S+$", "", step) for step in steps] == [
        name_of(log, task) for task in log["path"]
    ]
    rows = page.get_by_role("list", name="Operations, inputs first").locator("li").all_inner_texts()
    readers = [sum(a == number for a, _ in log["pairs"]) for number in range(len(log["ops"]))]
    assert ["shared" in row for row in rows] == [count > 1 for count in readers]
    assert all(row.startswith(op) for row, op in zip(rows, log["ops"], strict=True))
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.view") == "graph"
    find_on_canvas(notebook, "graph", log["path"][-1])
    page.get_by_role("button", name="Show the critical path").click()
    page.get_by_role("button", name="Open all operations into tasks").click()


def test_keys_search_open_and_follow_edges(notebook: Notebook) -> None:
    notebook.views("graph")
    log = ran(notebook, ANOMALY)
    page = notebook.page
    stage(notebook).focus()
    page.keyboard.press("/")
    last = log["ntasks"] - 1
    page.keyboard.type(name_of(log, last).replace(" ", ""))
    page.keyboard.press("Enter")
    assert notebook.snapshot()["selection"] == {"task": last}
    expect(page.locator(".cks-panel .cks-found")).to_have_text(f"1 of 1: {name_of(log, last)}")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.view") == "graph"
    page.keyboard.press("Enter")  # opens its operation
    calm(notebook)
    page.keyboard.press("ArrowUp")
    above = notebook.snapshot()["selection"]["layer"]
    assert [above, log["layer"][last]] in log["pairs"]
    page.keyboard.press("Enter")
    calm(notebook)
    first = notebook.snapshot()["selection"]["task"]
    assert log["layer"].index(above) == first
    page.keyboard.press("ArrowDown")
    below = notebook.snapshot()["selection"]["task"]
    assert first in log["inputs"][below]
    page.keyboard.press("Enter")
    assert notebook.snapshot()["selection"] == {"layer": log["layer"][below]}


def test_thousands_of_tasks_are_shown_in_place(notebook: Notebook) -> None:
    notebook.views("graph")
    log = ran(notebook, WIDE)
    page = notebook.page
    page.get_by_role("button", name="Open all operations into tasks").click()
    calm(notebook)
    find_on_canvas(notebook, "graph", log["ntasks"] - 1)
    field = page.locator(".cks-panel .cks-find")
    field.fill("stored")
    kept = notebook.snapshot()["tally"]["stored"]
    expect(page.locator(".cks-panel .cks-found")).to_have_text(f"{kept:,} found")
    field.fill("task 1234")
    field.press("Enter")
    assert notebook.snapshot()["selection"] == {"task": 1234}
    field.press("Escape")


def test_a_search_for_what_runs_follows_the_run(notebook: Notebook, gates: Gates) -> None:
    notebook.views("graph")
    cell = notebook.append(GATED.format(folder=str(gates.folder)))
    notebook.start(cell)
    notebook.until("s.state === 'running' && s.tally.running === 2")
    field = notebook.page.locator(".cks-panel .cks-find")
    field.fill("running")
    said = notebook.page.locator(".cks-panel .cks-found")
    expect(said).to_have_text("2 found")
    gates.open(*range(6))
    notebook.output(cell)
    notebook.page.wait_for_function(
        "document.querySelector('.cks-panel .cks-found').textContent === 'nothing found'"
    )
    field.press("Escape")
