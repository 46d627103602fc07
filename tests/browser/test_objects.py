"""Lazy values in the outputs of a real notebook: filled while they are computed, and what becomes of them.

What the page shows is compared with the kernel's run log. Blocks wait for files ("gates"), so no test depends on speed.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.books import Gates, opened, ran
from tests.browser.lab import Lab, Notebook

pytestmark = pytest.mark.browser

PENDING, RUNNING, STORED, RELEASED = 0, 1, 2, 3

HOLD = """
import itertools
def hold(block, folder=pathlib.Path({folder!r}), tickets=itertools.count()):
    gate = folder / str(next(tickets))
    while not gate.exists():
        time.sleep(0.005)
    return block + 1
"""

KEPT = (
    HOLD
    + """
x = ca.ones((60, 40), chunks=(10, 10)).map_blocks(hold, dtype="f8").persist(scheduler="threads", num_workers=2)
x
"""
)

TOLD = """
log = last_run()
print(json.dumps({"run": log.number, "state": log.state.value, "done": sorted(log.rows.task.tolist()),
                  "tasks": log.concerns[0].tasks(log.graph).tolist(), "running": [t for _, t, _ in log.running()],
                  "start": (log.rows.start - log.started).tolist(), "stop": (log.rows.stop - log.started).tolist(),
                  "task": log.rows.task.tolist()}))
"""


def objects(notebook: Notebook) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = notebook.page.evaluate("window.chunkscope.objects()")
    return found


def until(notebook: Notebook, condition: str) -> dict[str, Any]:
    """The last value on the page, in sight, as soon as a condition on it, `o`, holds; `n(state)` counts its blocks."""
    handle = notebook.page.wait_for_function(
        f"""() => {{ const all = window.chunkscope ? window.chunkscope.objects() : [];
                   const o = all[all.length - 1];
                   const n = state => (o.states ?? []).filter(one => one === state).length;
                   [...document.querySelectorAll('.cks-object')].at(-1)?.scrollIntoView({{block: 'nearest'}});
                   return o && ({condition}) ? o : null; }}""",
        polling=20,
    )
    found: dict[str, Any] = handle.json_value()
    return found


def expected(log: dict[str, Any]) -> list[int]:
    """The state of each block by the kernel's log."""
    done, running = set(log["done"]), set(log["running"])
    return [STORED if t in done else RUNNING if t in running else PENDING for t in log["tasks"]]


def test_a_persisted_array_fills_while_its_run_goes_on(
    fresh: Notebook, lab: Lab, gates: Gates, pictures: Path
) -> None:
    name = opened(fresh, lab, KEPT.format(folder=str(gates.folder)), TOLD)
    fresh.start(1)
    until(fresh, f"o.phase === 'live' && n({RUNNING}) === 2 && n({STORED}) === 0")
    gates.open(0, 1, 2)
    shown = until(fresh, f"n({STORED}) === 3 && n({RUNNING}) === 2")
    log = fresh.run(2)  # the kernel is free: persist works in the background
    assert (shown["run"], shown["states"]) == (log["run"], expected(log))
    assert shown["said"].startswith("3 of 24 chunks stored, 2 running")
    expect(fresh.page.get_by_role("progressbar", name="3 of 24 chunks stored")).to_have_attribute(
        "aria-valuenow", "3"
    )
    fresh.page.screenshot(path=pictures / "object-live-light.png")

    fresh.page.evaluate("window.jupyterapp.commands.execute('docmanager:save').then(() => null)")
    fresh.page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    fresh.page.goto(lab.url(f"lab/tree/{name}"))  # the page comes back in mid-run
    fresh.ready(name)
    again = until(fresh, f"o.phase === 'live' && n({STORED}) === 3 && n({RUNNING}) === 2")
    assert again["states"] == shown["states"]
    gates.open(*range(24))
    kept = until(fresh, "o.phase === 'kept'")
    assert kept["states"] == [STORED] * 24
    assert kept["said"] == "All 24 chunks stored, 18.8 KiB"
    expect(fresh.page.locator(".cks-object-bar")).to_be_hidden()
    fresh.theme("JupyterLab Dark")
    fresh.page.screenshot(path=pictures / "object-kept-dark.png")

    fresh.start(fresh.append("%xdel x\nimport gc; gc.collect()"))
    until(fresh, "o.phase === 'gone'")
    fresh.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    still = until(fresh, "o.phase === 'lazy'")  # without a kernel it is the static picture
    assert (still["states"], still["said"]) == (None, "")
    expect(fresh.page.locator('.cks-object svg[role="img"]')).to_be_visible()


def test_a_lazy_array_is_followed_through_the_run_that_computes_it(notebook: Notebook) -> None:
    notebook.start(notebook.append("y = ca.ones((40, 60, 20), chunks=(20, 20, 10)) + 1\ny"))
    until(notebook, "o.phase === 'lazy'")
    log = ran(notebook, f"y.compute(num_workers=2)\n{TOLD}")
    shown = until(notebook, "o.phase === 'done'")
    assert shown["run"] == log["run"] and shown["states"] == [RELEASED] * 12
    assert shown["said"] == f"Computed in run {log['run']}, not kept"

    moment = sorted(log["stop"])[len(log["stop"]) // 2]
    notebook.evaluate("store.seek(value)", moment)  # the picture goes back with the replay
    then = until(notebook, "o.at !== null")
    stop, start = (dict(zip(log["task"], log[name], strict=True)) for name in ("stop", "start"))
    wanted = [
        STORED if stop[t] <= moment else RUNNING if start[t] <= moment else PENDING for t in log["tasks"]
    ]
    assert then["states"] == wanted
    notebook.evaluate("store.player.live()")
    until(notebook, "o.at === null && o.phase === 'done'")

    stage = notebook.page.locator(".cks-object-stage").last
    stage.scroll_into_view_if_needed()
    stage.focus()
    notebook.page.keyboard.press("ArrowDown")
    assert notebook.evaluate("store.hover") == {"task": log["tasks"][0]}
    notebook.page.keyboard.press("ArrowDown")
    notebook.page.keyboard.press("Enter")
    assert notebook.evaluate("store.selection") == {"task": log["tasks"][2]}  # one row further
    tip = notebook.page.locator(".cks-object-tip").last
    expect(tip).to_have_text("chunk (0, 1, 0) [0:20, 20:40, 0:10] · ○ computed, not kept")
    notebook.settled()
    box = stage.bounding_box()
    assert box is not None
    notebook.page.mouse.move(box["x"] + 60, box["y"] + box["height"] - 60)
    expect(tip).to_contain_text("chunk (0, ")
    assert notebook.evaluate("store.hover")["task"] in log["tasks"]


def test_what_is_inside_a_fused_kernel_says_so_and_stale_values_too(notebook: Notebook) -> None:
    notebook.start(notebook.append("z = ca.ones((40, 40), chunks=10) + 1\nz"))
    until(notebook, "o.phase === 'lazy'")
    log = ran(notebook, f"(z * 2).sum().compute()\n{TOLD}")
    shown = until(notebook, "o.phase === 'done'")
    assert shown["states"] is None
    assert shown["said"].startswith("Was made inside ")
    assert shown["said"].endswith(f"in run {log['run']}, never as a whole; not kept")
    notebook.start(notebook.append("z = 3"))
    until(notebook, "o.said.endsWith('Stale: z is another value now')")


def test_partitions_and_delayed_values_are_followed(notebook: Notebook, pictures: Path) -> None:
    source = """
        import pandas as pd, chunkscope.dataframe as cd
        from IPython.display import display
        frame = cd.from_pandas(pd.DataFrame({"a": range(100)}), npartitions=5)
        kept, value = (frame + 1).persist(), total([mean(load(i)) for i in range(4)])
        display(value); display(kept)
    """
    notebook.start(notebook.append(textwrap.dedent(source)))
    shown = until(notebook, "o.phase === 'kept'")
    assert shown["states"] == [STORED] * 5
    assert shown["said"].startswith("All 5 partitions stored")
    log = ran(notebook, f"value.compute()\n{TOLD}")
    notebook.page.wait_for_function("window.chunkscope.objects().at(-2).phase === 'done'")
    assert objects(notebook)[-2]["said"] == f"Computed in run {log['run']}, not kept"
    notebook.page.screenshot(path=pictures / "object-partitions-light.png")


def test_a_frame_that_was_computed_does_not_say_that_nothing_was(notebook: Notebook) -> None:
    source = """
        import pandas as pd, chunkscope.dataframe as cd
        frame = cd.from_pandas(pd.DataFrame({"a": range(100)}), npartitions=5)
        table = frame + 1
        table
    """
    cell = notebook.append(textwrap.dedent(source))
    notebook.start(cell)
    until(notebook, "o.phase === 'lazy'")
    words = notebook.page.get_by_text("nothing computed yet").last
    expect(words).to_be_visible()
    ran(notebook, f"table.compute()\n{TOLD}")
    until(notebook, "o.phase === 'done'")
    expect(words).to_be_hidden()


def test_the_calls_of_a_delayed_value_light_up_one_by_one(notebook: Notebook, gates: Gates) -> None:
    folder = str(gates.folder)
    notebook.start(notebook.append(f"v = total([mean(load(i, {folder!r}), 0.02) for i in range(8)])\nv"))
    until(notebook, "o.phase === 'lazy'")
    cell = notebook.append(f"v.compute(scheduler='threads', num_workers=2)\n{TOLD}")
    notebook.start(cell)
    gates.open(0, 1, 2)
    made = f"(o.calls ?? []).filter(one => one === {STORED} || one === {RELEASED}).length"
    shown = until(notebook, f"{made} === 6 && o.calls.filter(one => one === {RUNNING}).length === 2")
    assert shown["phase"] == "live" and len(shown["calls"]) == 17 and shown["calls"][-1] == PENDING
    assert shown["said"].startswith("Waits for its inputs · 6 of 17 tasks of run")
    notebook.page.locator(".cks-object-stage").last.focus()
    notebook.page.keyboard.press("ArrowRight")
    assert "task" in notebook.evaluate("store.hover")
    gates.open(*range(3, 8))
    ended = until(notebook, "o.phase === 'done'")
    assert ended["calls"] is None
    notebook.output(cell)


def test_a_hundred_values_cost_nothing_while_they_are_out_of_sight(notebook: Notebook) -> None:
    source = """
        from IPython.display import display
        many = [ca.ones((i + 1, 9), chunks=1) for i in range({first}, {first} + 50)]
        for one in many: display(one)
    """
    cells = [notebook.append(textwrap.dedent(source.format(first=first))) for first in (0, 50)]
    for cell in cells:
        notebook.start(cell)
        notebook.output(cell)
    until(notebook, "all.length === 100 && o.phase === 'lazy'")
    assert sum(one["phase"] != "" for one in objects(notebook)) < 40  # those that have been in sight
    notebook.page.evaluate("window.jupyterapp.shell.collapseRight()")
    listens = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.hasComm('chunkscope-live')"
    notebook.page.wait_for_timeout(300)
    assert notebook.page.evaluate(listens) is True  # for the values in sight
    hide = "cell => { window.jupyterapp.shell.currentWidget.content.widgets[cell].outputHidden = true; }"
    for cell in cells:
        notebook.page.evaluate(hide, cell)
    notebook.page.wait_for_function(f"!{listens}")
    notebook.page.evaluate("window.jupyterapp.commands.execute('chunkscope:open').then(() => null)")
