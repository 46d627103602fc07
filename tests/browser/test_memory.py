"""The Memory view in a real JupyterLab: what it shows is what the kernel's run log holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.books import ran
from tests.browser.lab import Notebook

pytestmark = pytest.mark.browser

LIMITED = """
x = ca.random.default_rng(1).normal(size=(1200, 900), chunks=(300, 300))
((x - x.mean(axis=0)) ** 2).sum(axis=1).compute(scheduler="threads", num_workers=2, memory="10MB")
log = last_run()
graph, rows = log.graph, log.rows
print(json.dumps({**json.loads(told(log)),
    "stored": rows.stored.tolist(), "scratch": rows.scratch.tolist(), "budget": log.budget,
    "forecast_peak": log.forecast.peak_bytes,
    "ptr": graph.dep_ptr.tolist(), "producer": graph.slot_task[graph.deps].tolist(),
    "op": [layer.op for layer in graph.layers for _ in range(layer.ntasks)]}))
"""


def held(log: dict[str, Any], time: float) -> dict[str, int]:
    """Bytes of each operation's blocks and of temporaries at a time, from the log alone."""
    row_of = {task: row for row, task in enumerate(log["task"])}
    users: dict[int, list[int]] = {}
    for task in range(log["ntasks"]):
        for edge in range(log["ptr"][task], log["ptr"][task + 1]):
            users.setdefault(log["producer"][edge], []).append(task)
    found: dict[str, int] = {}
    for task, row in row_of.items():
        if log["start"][row] <= time < log["stop"][row] and log["scratch"][row]:
            found["temporaries"] = found.get("temporaries", 0) + log["scratch"][row]
        left = max([log["stop"][row_of[user]] for user in users.get(task, [])] or [log["stop"][row]])
        if log["stop"][row] <= time < left and log["bytes"][row]:
            found[log["op"][task]] = found.get(log["op"][task], 0) + log["bytes"][row]
    return found


def measured_peak(log: dict[str, Any]) -> int:
    """The highest of what was stored after a row, with the temporaries of what ran when its task ended."""
    spans = list(zip(log["start"], log["stop"], log["scratch"], strict=True))
    return max(
        stored + sum(scratch for start, stop, scratch in spans if start < end <= stop)
        for stored, end in zip(log["stored"], log["stop"], strict=True)
    )


def memory_open(notebook: Notebook) -> None:
    """Open the Memory view, which is closed in a window of this height until somebody wants it."""
    notebook.page.locator('.cks-stage[data-view="chunks"]').focus()
    notebook.page.keyboard.press("4")
    notebook.page.locator('.cks-stage[data-view="memory"]').wait_for()
    notebook.drawn()


LIMIT_ROWS = """() => {
  const c = document.querySelector('.cks-stage[data-view="memory"] canvas');
  const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data, found = [];
  for (let y = 0; y < c.height; y++) {
    let n = 0;
    for (let x = 0; x < c.width; x++) {
      const i = 4 * (y * c.width + x);
      n += data[i] === 198 && data[i + 1] === 79 && data[i + 2] === 0;
    }
    if (n > 0.7 * (c.width - 64)) found.push(y / c.height);
  }
  return found; }"""


def test_the_view_holds_what_the_log_says(notebook: Notebook, pictures: Path) -> None:
    log = ran(notebook, LIMITED)
    assert "temporaries" in {
        name for row in range(log["ntasks"]) for name in held(log, log["stop"][row] - 1e-9)
    }
    for share in (0.1, 0.35, 0.5, 0.77, 0.99):
        notebook.evaluate("store.player.seek(store.current.now(0) * value)", share)
        page = notebook.page.evaluate("window.chunkscope.memory()")
        wanted = held(log, notebook.snapshot()["time"])
        assert {name: size for name, size in page["bands"].items() if size} == wanted
        assert page["total"] == sum(wanted.values())
    peak = measured_peak(log)
    assert page["measuredPeak"] == peak == log["peak"]
    assert notebook.evaluate("store.current.ended.peak_bytes") == peak
    assert notebook.evaluate("store.current.header.budget") == log["budget"] == 10_000_000
    assert notebook.evaluate("store.current.header.forecast_peak") == log["forecast_peak"]
    notebook.evaluate("store.player.live()")
    memory_open(notebook)
    label = notebook.page.locator('.cks-stage[data-view="memory"]').get_attribute("aria-label")
    assert label is not None
    assert "measured peak" in label
    assert "limit 9.54 MiB" in label
    for theme in ("Dark", "Light"):
        notebook.theme(f"JupyterLab {theme}")
        notebook.page.screenshot(path=pictures / f"memory-{theme.lower()}.png")
    rows = notebook.page.evaluate(LIMIT_ROWS)
    assert rows, "no line across in the limit's colour"
    assert max(rows) < 0.5  # above what was used: this run's peak is far below its limit


def test_operations_and_time_are_shared_with_the_other_views(notebook: Notebook) -> None:
    log = ran(notebook, LIMITED)
    memory_open(notebook)
    page = notebook.page
    assert page.evaluate("document.activeElement.dataset.view") == "memory"
    page.keyboard.press("ArrowUp")
    assert notebook.snapshot()["selection"] == {"layer": 0}
    expect(page.locator(".cks-details-body")).to_contain_text("held")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    time = notebook.snapshot()["time"]
    assert 0 < time < notebook.snapshot()["now"]
    done = sum(stop <= time for stop in log["stop"])
    expect(page.locator(".cks-memory-said")).to_contain_text(f"{done} tasks done")
    for _ in range(2):  # what is said of the operation that the mouse finds may move the view by a line
        notebook.settled()
        box = page.locator('.cks-stage[data-view="memory"]').bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 100, box["y"] + box["height"] - 22)
    row = max(range(len(log["stored"])), key=lambda row: log["stored"][row])
    share = (log["stop"][row] - 1e-6) / notebook.snapshot()["now"]  # where most is held
    x, y = box["x"] + 64 + share * (box["width"] - 68), box["y"] + box["height"] - 22
    page.mouse.move(x, y)
    page.wait_for_function(
        "JSON.stringify(window.chunkscope.model.store.hover) === JSON.stringify({layer: 0})"
    )  # the first operation lies at the bottom
    page.mouse.down()
    page.mouse.move(x - 40, y, steps=4)
    page.mouse.up()
    dragged = notebook.snapshot()
    assert dragged["time"] / dragged["now"] == pytest.approx(share - 40 / (box["width"] - 68), abs=0.02)
    notebook.evaluate("store.player.live()")
    notebook.evaluate("store.select(null)")
    page.get_by_role("button", name="Memory by operation, as a table").click()
    rows = page.get_by_role("table", name="Memory by operation").locator("tbody tr")
    rows.first.wait_for()
    # Cell by cell: rows are made anew while time goes on, and those that are gone have no layout.
    cells = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    told = {row[0]: row[1:] for row in rows.evaluate_all(cells)}
    names = set(notebook.page.evaluate("Object.keys(window.chunkscope.memory().bands)"))
    assert names <= set(told)
    # 300 numbers at a time, which are the caller's as soon as they are made
    assert (told["sum"][0], told["sum"][2]) == ("0 B", "2.34 KiB")
    page.get_by_role("table", name="Memory by operation").get_by_role("button", name="normal").click()
    assert notebook.snapshot()["selection"] == {"layer": 0}
