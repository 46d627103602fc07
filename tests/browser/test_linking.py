"""Linked views in a real JupyterLab: from a block to its task, its line and back; steps; progress."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.books import click_on_canvas, find_on_canvas, ran
from tests.browser.lab import Notebook

pytestmark = pytest.mark.browser

LINKED = """
import numpy as np
from chunkscope.diagnostics.pace import Pace
from chunkscope.diagnostics.progress_bar import state_of
from chunkscope.display.progress import progress_line
x = ca.random.default_rng(1).normal(size=(600, 400), chunks=(200, 200))
y = x.rechunk((300, 100))
z = (y + ca.ones((600, 400), chunks=(300, 100))).sum(axis=0)
z.compute(scheduler="threads", num_workers=2)
log = last_run()
pace = Pace()
pace.take(log, log.rows)
graph = log.graph
inputs = [sorted(set(graph.slot_task[graph.deps[a:b]].tolist())) for a, b in zip(graph.dep_ptr, graph.dep_ptr[1:])]
lines = [None if layer.origin is None else layer.origin.span.text for layer in graph.layers]
print(json.dumps({
    **json.loads(told(log)), "inputs": inputs, "lines": lines, "layer": graph.layer_of.tolist(),
    "first": [int(first) for first in graph.task_ptr[:-1]], "progress": progress_line(state_of(log, pace), 10),
    "seconds": log.seconds,
}))
"""


def block(log: dict[str, Any], task: int) -> str:
    """The block of a task as its key writes it: "[0, 1]"."""
    key: str = log["keys"][task]
    return key[key.index("[") :].replace(",", ", ").replace("  ", " ") if "[" in key else ""


def chosen(log: dict[str, Any]) -> int:
    """A task that reads several blocks and is read itself: of the rechunk."""
    return next(task for task, found in enumerate(log["inputs"]) if len(found) > 1)


def test_a_block_leads_to_its_task_its_neighbours_and_its_line(notebook: Notebook) -> None:
    log = ran(notebook, LINKED)
    page = notebook.page
    task = chosen(log)
    notebook.views("chunks", "timeline", "progress")
    click_on_canvas(notebook, "chunks", task)
    page.mouse.move(5, 5)
    expect(page.locator(".cks-details-title")).to_contain_text(block(log, task))
    # its neighbours are those of the log, and lead on
    sides = page.locator(".cks-details-side")
    expect(sides.nth(0).get_by_role("button")).to_have_count(len(log["inputs"][task]))
    told = sides.nth(0).get_by_role("button").all_inner_texts()
    assert [text[text.index("[") :] for text in told] == [block(log, other) for other in log["inputs"][task]]
    users = [other for other, found in enumerate(log["inputs"]) if task in found]
    expect(sides.nth(1).get_by_role("button")).to_have_count(len(users))
    find_on_canvas(notebook, "timeline", task)
    page.mouse.move(5, 5)
    row = page.locator(".cks-progress-row.cks-chosen")
    expect(row).to_have_attribute("data-layer", str(log["layer"][task]))
    # its line: the cursor goes there
    code = page.locator(".cks-details-code button")
    expect(code).to_contain_text(log["lines"][log["layer"][task]].strip())
    code.click()
    wanted = LINKED.strip().splitlines().index(log["lines"][log["layer"][task]].strip())
    page.wait_for_function(
        """line => { const cell = window.jupyterapp.shell.currentWidget.content.activeCell;
                     return cell && cell.editor && cell.editor.getCursorPosition().line === line; }""",
        arg=wanted,
    )
    # and back: what that line made is what the log says
    notebook.evaluate(
        """(() => { const place = store.current.layers[value].origin;
                    store.select({cell: place.cell, line: place.line}); })()""",
        log["layer"][task],
    )
    expect(page.locator(".cks-details-title")).to_contain_text("made")
    own = log["lines"][log["layer"][task]]
    rows = page.locator(".cks-progress-row.cks-chosen")
    notebook.drawn()
    found = {int(one.get_attribute("data-layer") or -1) for one in rows.all()}
    assert {number for number, line in enumerate(log["lines"]) if line == own} <= found
    # a neighbour that is clicked is selected
    notebook.evaluate("store.select({task: value})", task)
    sides.nth(0).get_by_role("button").first.click()
    assert notebook.snapshot()["selection"] == {"task": log["inputs"][task][0]}


def test_a_selected_task_is_stepped_through_and_its_reason_is_that_of_the_log(notebook: Notebook) -> None:
    log = ran(notebook, LINKED)
    page = notebook.page
    task = chosen(log)
    row = log["task"].index(task)
    readers = [log["task"].index(other) for other, found in enumerate(log["inputs"]) if task in found]
    notebook.views("replay", "chunks")
    notebook.evaluate("(store.select({task: value}), store.player.seek(0))", task)
    page.locator('.cks-stage[data-view="chunks"]').focus()
    reason = page.locator('[data-moment="reason"]')
    missing = [other for other in log["inputs"][task] if log["stop"][log["task"].index(other)] > 0]
    expect(reason).to_contain_text(f"waits for {len(missing)} of its inputs")
    seen = []
    for _ in range(12):
        page.keyboard.press("}")
        seen.append(notebook.snapshot()["time"])
    assert log["start"][row] in seen
    assert log["stop"][row] in seen
    assert seen[-1] == max(log["stop"][reader] for reader in readers)
    expect(reason).to_contain_text("was released")
    page.keyboard.press("{")
    assert notebook.snapshot()["time"] == log["stop"][row]
    expect(reason).to_contain_text("has finished")
    notebook.evaluate("store.player.seek(value)", (log["start"][row] + log["stop"][row]) / 2)
    expect(reason).to_contain_text(f"runs on {log['lanes'][log['lane'][row]]}")
    counts = page.locator('[data-moment="counts"]')
    middle = (log["start"][row] + log["stop"][row]) / 2
    running = sum(a <= middle < b for a, b in zip(log["start"], log["stop"], strict=True))
    done = sum(b <= middle for b in log["stop"])
    expect(counts).to_contain_text(f"{running} running · {done} of {log['ntasks']} done")


def test_alone_an_operation_stands_beside_what_it_reads(notebook: Notebook) -> None:
    log = ran(notebook, LINKED)
    page = notebook.page
    task = chosen(log)
    layer = log["layer"][task]
    notebook.views("chunks")
    page.get_by_label("Operation whose blocks are shown").select_option(str(layer))
    source = log["inputs"][task][0]
    find_on_canvas(notebook, "chunks", source)
    find_on_canvas(notebook, "chunks", task)
    said = page.locator('[data-chunks="said"]')
    for other in log["inputs"][task]:
        expect(said).to_contain_text(block(log, other))
    page.mouse.move(5, 5)
    expect(said).to_contain_text("in 3 × 2 chunks")  # the chunks of x, drawn over those of y
    page.get_by_label("What the colours of the blocks mean").select_option("bytes")
    expect(page.locator(".cks-scale")).to_contain_text(
        "312 KiB"
    )  # 200 × 200 numbers: the blocks that it reads


def test_progress_tells_the_numbers_of_the_bar_in_python(notebook: Notebook) -> None:
    log = ran(notebook, LINKED)
    page = notebook.page
    notebook.views("progress", "timeline", "memory")
    _, head, time, count, pace, made = (part.strip() for part in log["progress"].split("|"))
    assert head == "100% Completed"
    head_line = page.locator('[data-progress="run"]')
    expect(head_line).to_have_attribute("title", " · ".join(["100%", time, count, pace, made]))
    expect(head_line).to_have_text(" · ".join(["100%", count, time]))
    bars = page.locator('.cks-progress-stage [role="progressbar"]')
    expect(bars).to_have_count(len(log["first"]))
    sizes = [log["layer"].count(number) for number in range(len(log["first"]))]
    told = bars.evaluate_all("all => all.map(one => [one.ariaValueNow, one.ariaValueMax].map(Number))")
    assert told == [[size, size] for size in sizes]
    half = log["seconds"] / 2
    notebook.evaluate("store.player.seek(value)", half)
    done = [
        sum(
            stop <= half and log["layer"][task] == number
            for task, stop in zip(log["task"], log["stop"], strict=True)
        )
        for number in range(len(sizes))
    ]
    page.wait_for_function(
        """done => [...document.querySelectorAll('.cks-progress-stage [role="progressbar"]')]
                     .every((one, i) => Number(one.ariaValueNow) === done[i])""",
        arg=done,
    )
    # one stretch of time for the Timeline and the Memory view
    page.locator('.cks-stage[data-view="timeline"]').focus()
    page.keyboard.press("+")
    window = notebook.evaluate("store.window")
    assert window["to"] - window["from"] == pytest.approx(log["seconds"] / 2, rel=0.01)
    page.keyboard.press("0")
    assert notebook.evaluate("store.window") is None
