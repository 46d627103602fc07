"""What the tests of the panel share: notebooks to run, gates that hold tasks back, and ways to read the page."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from tests.browser.lab import Lab, Notebook

SETUP = """
import json, pathlib, time
import chunkscope.array as ca
from chunkscope import delayed
from chunkscope.observe import last_run

def told(log):
    rows = log.rows
    return json.dumps({
        "run": log.number, "state": log.state.value, "ntasks": log.ntasks, "lanes": log.lanes,
        "task": rows.task.tolist(), "lane": rows.lane.tolist(), "bytes": rows.bytes_out.tolist(),
        "start": (rows.start - log.started).tolist(), "stop": (rows.stop - log.started).tolist(),
        "keys": [str(log.graph.key(task)) for task in range(log.ntasks)], "peak": log.peak_bytes,
        "failed": None if log.error is None else log.error.task,
    })

@delayed
def load(i, folder=None):
    while folder and not (pathlib.Path(folder) / str(i)).exists():
        time.sleep(0.005)
    time.sleep(0.02 if folder else 0)
    return list(range(i + 1))

@delayed
def mean(x, pause=0):
    time.sleep(pause)
    return sum(x) / len(x)

@delayed
def total(xs): return sum(xs)

print(json.dumps("ready"))
"""


GATED = """
total([mean(load(i, {folder!r}), 0.02) for i in range(8)]).compute(scheduler="threads", num_workers=2)
print(told(last_run()))
"""


ARRAYS = """
x = ca.ones((600, 400), chunks=(100, 100))
((x + x.mean(axis=0)) * 2).sum(axis=1).compute(scheduler="threads", num_workers=2)
print(told(last_run()))
"""


class Gates:
    """Files that let gated tasks go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def open(self, *numbers: int) -> None:
        for number in numbers:
            (self.folder / str(number)).touch()


NAMES = itertools.count()


def opened(notebook: Notebook, lab: Lab, *cells: str) -> str:
    """Open a new notebook whose first cell is run; returns its name."""
    name = lab.notebook(f"book{next(NAMES)}.ipynb", SETUP, *cells)
    notebook.open(name)
    assert notebook.run(0) == "ready"
    return name


def ran(notebook: Notebook, source: str) -> dict[str, Any]:
    """The run log that a cell with this code tells, when the page shows all of its run."""
    log: dict[str, Any] = notebook.run(notebook.append(source))
    notebook.until(f"s.run === {log['run']} && s.complete && s.state !== 'running'")
    return log


def columns(notebook: Notebook) -> dict[str, list[float]]:
    """The rows that the page holds."""
    found: dict[str, list[float]] = notebook.evaluate(
        """Object.fromEntries(['task', 'lane', 'start', 'stop', 'bytes_out'].map(
               name => [name, [...store.current.columns[name].subarray(0, store.current.columns.end)]]))"""
    )
    return found


def same_rows(notebook: Notebook, log: dict[str, Any]) -> None:
    """The page holds exactly the rows of the log."""
    page = columns(notebook)
    assert page["task"] == log["task"]
    assert page["lane"] == log["lane"]
    assert page["bytes_out"] == log["bytes"]
    assert page["start"] == log["start"]
    assert page["stop"] == log["stop"]


def counted(log: dict[str, Any], time: float) -> tuple[int, int]:
    """Tasks running and done at a time, from the log."""
    pairs = list(zip(log["start"], log["stop"], strict=True))
    return sum(a <= time < b for a, b in pairs), sum(b <= time for _, b in pairs)


SEEK = """([view, task]) => {
    const store = window.chunkscope.model.store, found = new Map();
    const stage = document.querySelector(`.cks-stage[data-view="${view}"]`);
    const box = stage.getBoundingClientRect();
    for (let y = Math.ceil(box.top) + 1; y < box.bottom; y += 2)
      for (let x = Math.ceil(box.left) + 1; x < box.right; x += 2) {
        stage.dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: y}));
        if (store.hover && store.hover.task === task) found.set(`${x} ${y}`, [x, y]);
      }
    store.point({task});
    const reach = ([x, y]) => {
      let far = 0;
      while (far < 40 && [[far, 0], [-far, 0], [0, far], [0, -far]].every(([a, b]) => found.has(`${x + a} ${y + b}`)))
        far += 2;
      return far; };
    let best = null, most = 0;
    for (const point of found.values()) {
      const far = reach(point);
      if (far > most) [best, most] = [point, far];
    }
    return best; }"""
"""The point of a view's canvas that lies deepest in what points at `task`, in pixels of the page; or null."""


def find_on_canvas(notebook: Notebook, view: str, task: int) -> tuple[int, int]:
    """A point of a view's canvas at which the mouse points at `task`: sought by the page, tried with the real mouse.

    What is said of a task may move the views by a line: it is sought in the layout that it has while it is pointed at.
    """
    if view == "timeline":  # where tasks share a pixel, none of them can be pointed at
        notebook.evaluate(
            """(() => { const {start, stop} = store.current.columns, row = store.current.rowOf[value];
                        const room = stop[row] - start[row];
                        store.zoom({from: Math.max(0, start[row] - room), to: stop[row] + room}); })()""",
            task,
        )
    tried: list[object] = []
    for _ in range(8):
        notebook.evaluate("store.point({task: value})", task)
        notebook.settled()
        point = notebook.page.evaluate(SEEK, [view, task])
        notebook.settled()
        if point is not None:
            notebook.page.mouse.move(*point)
            notebook.settled()
            if notebook.evaluate("store.hover") == {"task": task}:
                return point[0], point[1]
        tried.append((point, notebook.evaluate("store.hover")))
        notebook.page.mouse.move(5, 5)
    raise AssertionError(f"the mouse does not point at task {task} in {view}: tried {tried}")


def click_on_canvas(notebook: Notebook, view: str, task: int) -> None:
    """Click where the mouse points at `task`: it is what is selected then."""
    find_on_canvas(notebook, view, task)
    notebook.page.mouse.down()
    notebook.page.mouse.up()
    notebook.until(f"s.selection && s.selection.task === {task}")
    notebook.settled()
