"""The panel in a real JupyterLab: what the page knows is what the kernel's run log holds, during a run and after.

Runs that have to stand still wait for files ("gates") that a test makes, so no test depends on speed.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.lab import Lab, Notebook

pytestmark = pytest.mark.browser

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


@pytest.fixture
def gates(tmp_path: Path) -> Gates:
    return Gates(tmp_path / "gates")


NAMES = itertools.count()


def opened(notebook: Notebook, lab: Lab, *cells: str) -> str:
    """Open a new notebook whose first cell is run; returns its name."""
    name = lab.notebook(f"book{next(NAMES)}.ipynb", SETUP, *cells)
    notebook.open(name)
    assert notebook.run(0) == "ready"
    return name


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


def test_replay_shows_what_the_log_says_at_any_time(notebook: Notebook, lab: Lab, pictures: Path) -> None:
    opened(notebook, lab, ARRAYS)
    log = notebook.run(1)
    notebook.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
    for share in (0.0, 0.1, 0.35, 0.5, 0.77, 0.99):
        notebook.evaluate("store.player.seek(store.current.now(0) * value)", share)
        page = notebook.snapshot()
        running, done = counted(log, page["time"])
        assert page["tally"]["running"] == running
        assert page["tally"]["stored"] + page["tally"]["released"] == done
    notebook.evaluate("store.player.seek(store.current.now(0) * 0.5)")
    notebook.page.wait_for_timeout(200)
    notebook.page.screenshot(path=pictures / "replay-light.png")


def test_scrubbing_stepping_and_playing_by_hand(notebook: Notebook, lab: Lab) -> None:
    opened(notebook, lab, ARRAYS)
    log = notebook.run(1)
    notebook.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
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


def find_on_canvas(notebook: Notebook, view: str, task: int) -> tuple[int, int]:
    """A point of a view's canvas at which the mouse points at `task`: sought by the page, tried with the real mouse."""
    notebook.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    points = notebook.page.evaluate(
        """([view, task]) => {
             const store = window.chunkscope.model.store, found = [];
             const stage = document.querySelector(`.cks-stage[data-view="${view}"]`);
             const box = stage.getBoundingClientRect();
             for (let y = Math.ceil(box.top) + 1; y < box.bottom; y += 2)
               for (let x = Math.ceil(box.left) + 1; x < box.right; x += 2) {
                 stage.dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: y}));
                 if (store.hover && store.hover.task === task) found.push([x, y]);
               }
             return found; }""",
        [view, task],
    )
    assert points, f"task {task} is nowhere in {view}"
    x, y = points[len(points) // 2]
    notebook.page.mouse.move(x, y)
    assert notebook.evaluate("store.hover") == {"task": task}
    return x, y


def test_a_chunk_that_is_selected_is_found_in_every_view(notebook: Notebook, lab: Lab) -> None:
    opened(notebook, lab, ARRAYS)
    log = notebook.run(1)
    notebook.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
    task = max(range(len(log["task"])), key=lambda row: log["stop"][row] - log["start"][row])
    task = log["task"][task]
    point = find_on_canvas(notebook, "chunks", task)
    notebook.page.mouse.click(*point)
    assert notebook.snapshot()["selection"] == {"task": task}
    row = log["task"].index(task)
    title = notebook.page.locator(".cks-details-title")
    block = log["keys"][task].partition("[")[2].rstrip("]")
    assert f"[{block}]" in title.inner_text()
    details = notebook.page.locator(".cks-details-body").inner_text()
    assert f"on {log['lanes'][log['lane'][row]]}" in details
    assert (
        notebook.page.locator(".cks-details-code").inner_text().startswith("line 2 of the cell: ((x + x.mean")
    )
    # its bar lies in its lane, where the log says
    box = notebook.page.locator('.cks-stage[data-view="timeline"]').bounding_box()
    assert box is not None
    end = notebook.snapshot()["now"]
    middle = (log["start"][row] + log["stop"][row]) / 2
    lane_height = min(24.0, (box["height"] - 18) / len(log["lanes"]))
    x = box["x"] + 64 + (middle / end) * (box["width"] - 68)
    notebook.page.mouse.move(x, box["y"] + (log["lane"][row] + 0.5) * lane_height)
    assert notebook.evaluate("store.hover") == {"task": task}
    # and in the graph once its operation is opened
    notebook.page.get_by_role("button", name="Open all operations into tasks").click()
    notebook.page.wait_for_timeout(300)
    find_on_canvas(notebook, "graph", task)


def test_the_kernel_says_why(notebook: Notebook, lab: Lab) -> None:
    opened(notebook, lab, ARRAYS)
    log = notebook.run(1)
    notebook.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
    notebook.evaluate("store.select({task: value})", log["task"][-1])
    notebook.page.wait_for_function("document.querySelector('.cks-details-why').textContent.length > 10")


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
    assert "ZeroDivisionError" in notebook.page.locator(".cks-details-body").inner_text()
    notebook.page.screenshot(path=pictures / "failed-light.png")


def test_names_of_the_users_stay_text(notebook: Notebook, lab: Lab) -> None:
    cell = """
f = delayed(len, name="<img src=x onerror=window.hacked=1>")
f([1, 2]).compute(); print(told(last_run()))
"""
    opened(notebook, lab, cell)
    log = notebook.run(1)
    notebook.until(f"s.run === {log['run']} && s.state === 'finished'")
    notebook.evaluate("store.select({task: 0})")
    notebook.page.wait_for_function(
        "document.querySelector('.cks-details-title').textContent.includes('<img')"
    )
    assert notebook.page.evaluate("window.hacked") is None


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


def test_the_keyboard_reaches_everything(notebook: Notebook, lab: Lab) -> None:
    opened(notebook, lab, ARRAYS)
    log = notebook.run(1)
    notebook.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
    page = notebook.page
    stops = page.evaluate("[...document.querySelectorAll('.cks-stage[tabindex]')].map(s => s.tabIndex)")
    assert stops == [0, -1, -1]
    page.locator('.cks-stage[data-view="chunks"]').focus()
    page.keyboard.press("ArrowRight")
    assert notebook.snapshot()["selection"] == {"task": 0}
    page.keyboard.press("ArrowRight")
    grid = notebook.evaluate("store.current.layers[0].grid")
    assert notebook.snapshot()["selection"] == {"task": 1}
    page.keyboard.press("ArrowDown")
    assert notebook.snapshot()["selection"] == {"task": 1 + grid[-1]}
    page.keyboard.press("2")
    assert page.evaluate("document.activeElement.dataset.view") == "graph"
    assert page.evaluate("[...document.querySelectorAll('.cks-stage[tabindex]')].map(s => s.tabIndex)") == [
        -1,
        0,
        -1,
    ]
    page.keyboard.press("ArrowDown")
    edges = notebook.evaluate("store.current.header.layer_edges")
    assert [0, notebook.snapshot()["selection"]["layer"]] in edges
    page.keyboard.press("3")
    page.keyboard.press("ArrowRight")
    assert notebook.snapshot()["selection"] in ({"task": task} for task in log["task"])
    page.keyboard.press("Escape")
    assert notebook.snapshot()["selection"] is None
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog", name="Keys").is_visible()
    unnamed = page.evaluate(
        """[...document.querySelectorAll('.cks button, .cks select, .cks input, .cks-stage[tabindex]')]
           .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.closest('label'))).length"""
    )
    assert unnamed == 0


def test_the_table_says_what_the_pictures_show(notebook: Notebook, lab: Lab) -> None:
    opened(notebook, lab, ARRAYS)
    log = notebook.run(1)
    page = notebook.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
    notebook.page.get_by_role("button", name="Table: show or hide").click()
    rows = notebook.page.locator(".cks-table tbody tr")
    rows.first.wait_for()
    told = [row.split("\t") for row in rows.all_inner_texts()]
    assert [row[0].strip() for row in told] == [layer["op"] for layer in page["layers"]]
    assert [[int(n) for n in row[2:7]] for row in told] == [layer["tally"] for layer in page["layers"]]
    rows.nth(1).get_by_role("button").click()
    assert notebook.snapshot()["selection"] == {"layer": 1}


def test_both_themes_and_a_mixed_colour(notebook: Notebook, lab: Lab, pictures: Path) -> None:
    opened(notebook, lab, ARRAYS)
    log = notebook.run(1)
    notebook.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
    last = log["ntasks"] - 1  # kept, so its block is solid
    inks = {"JupyterLab Light": [0, 114, 178], "JupyterLab Dark": [86, 180, 233]}
    for theme, ink in inks.items():
        notebook.theme(theme)
        x, y = find_on_canvas(notebook, "chunks", last)
        notebook.page.mouse.move(5, 5)
        notebook.page.wait_for_timeout(300)
        pixel = notebook.page.evaluate(
            """([x, y]) => { const c = document.querySelector('.cks-stage[data-view="chunks"] canvas');
                 const b = c.getBoundingClientRect(), s = c.width / b.width;
                 const at = [(x - b.left) * s + 2, (y - b.top) * s + 2];
                 return [...c.getContext('2d').getImageData(...at, 1, 1).data]; }""",
            [x, y],
        )
        assert pixel[:3] == ink
        name = theme.split()[1].lower()
        notebook.page.screenshot(path=pictures / f"after-{name}.png")
    notebook.theme("JupyterLab Light")  # the server remembers it


def test_views_in_a_cell(notebook: Notebook, lab: Lab, pictures: Path) -> None:
    cells = [f"last_run().{view}()" for view in ("timeline", "graph_view", "chunks_view", "replay")]
    opened(notebook, lab, ARRAYS, *cells)
    notebook.run(1)
    page = notebook.page
    for number, view in enumerate(("timeline", "graph", "chunks", "replay"), start=2):
        notebook.start(number)
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
    assert "tasks" in page.locator(".jp-OutputArea .cks-details-title").last.inner_text()
    page.screenshot(path=pictures / "cells-light.png")


@pytest.mark.parametrize("width", [1024, 1900])
def test_it_fits_small_and_wide_pages(browser: Browser, lab: Lab, pictures: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 760})
    notebook = Notebook(context.new_page(), lab)
    opened(notebook, lab, ARRAYS)
    log = notebook.run(1)
    notebook.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
    sizes = notebook.page.evaluate(
        """[...document.querySelectorAll('.cks-stage[data-view]')]
           .map(s => [s.clientWidth, s.clientHeight, s.scrollWidth])"""
    )
    assert all(w >= 200 and h >= 30 and across <= w for w, h, across in sizes)
    notebook.page.screenshot(path=pictures / f"width-{width}.png")
    context.close()
    lab.end_kernels()
    assert notebook.problems == []


def test_a_silent_kernel_is_named_by_the_server(notebook: Notebook, lab: Lab, gates: Gates) -> None:
    opened(notebook, lab, GATED.format(folder=str(gates.folder)))
    notebook.start(1)
    notebook.until("s.tally.running === 2")
    notebook.evaluate(
        "store.receive = () => undefined"
    )  # the page's ear is stopped, instead of the kernel's mouth
    notice = notebook.page.locator(".cks-notice")
    notice.filter(has_text="% CPU").wait_for(timeout=60_000)
    assert "The kernel has said nothing for" in notice.inner_text()
    assert "resident" in notice.inner_text()
    gates.open(*range(8))
    notebook.output(1)
