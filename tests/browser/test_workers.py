"""The Workers view in a real JupyterLab: its cards are the kernel's processes, and what it does happens there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import violations
from tests.browser.books import Gates
from tests.browser.conftest import Shared
from tests.browser.lab import Notebook

pytestmark = pytest.mark.browser

OPEN = """
from chunkscope.futures import Client, clusters
client = Client(n_workers=2, threads_per_worker=1, memory_limit="1GB")
assert client.gather(client.map(abs, [-1, -2, -3, -4])) == [1, 2, 3, 4]
"""
FIGURES = """
print(json.dumps([[one.name, one.summary, [[w.name, w.pid, w.deaths, w.nthreads] for w in one.workers]]
                  for one in clusters()]))
"""
SLOW = """
value = total([mean(load(i, {folder!r})) for i in range(6)]).compute()
log = last_run()
print(json.dumps({{**json.loads(told(log)), "value": value, "executor": log.executor}}))
"""


def workers_open(notebook: Notebook) -> Locator:
    """Open the view; its stage."""
    notebook.views("workers")
    stage = notebook.page.locator('.cks-panel .cks-stage[data-view="workers"]')
    stage.wait_for()
    return stage


def figures(notebook: Notebook) -> list[Any]:
    """The clusters as the kernel has them: name, summary, and the workers' names, processes, deaths and threads."""
    found: list[Any] = notebook.run(notebook.append(FIGURES))
    return found


def cards(stage: Locator) -> list[list[str]]:
    """Name and process of each card."""
    found: list[list[str]] = stage.locator(".cks-worker").evaluate_all(
        """cards => cards.map(card => [card.querySelector('.cks-worker-name').textContent,
                                       card.querySelector('.cks-worker-pid').textContent])"""
    )
    return found


def test_a_cluster_from_its_start_to_its_end(notebook: Notebook, gates: Gates, pictures: Path) -> None:
    page = notebook.page
    stage = workers_open(notebook)
    expect(stage.locator(".cks-workers-empty")).to_contain_text("No cluster is open")
    cell = notebook.append(OPEN + FIGURES)
    ((_, summary, rows),) = notebook.run(cell)
    assert summary == "2 workers of 1 thread, 1.86 GiB"
    expect(stage.locator(".cks-worker")).to_have_count(2)
    expect(page.locator(".cks-panel .cks-workers-whole")).to_have_text("2 workers, 2 threads, 1.86 GiB")
    expect(stage.locator(".cks-worker-pid")).to_have_text([str(row[1]) for row in rows])
    assert cards(stage) == [[row[0], str(row[1])] for row in rows]

    # slow tasks: those that run are on the cards, and lead to the task in the shown run
    slow = notebook.append(SLOW.format(folder=str(gates.folder)))
    notebook.start(slow)
    tasks = stage.locator(".cks-worker-task")
    expect(tasks).to_have_count(2)
    assert all(word in one for one in tasks.all_inner_texts() for word in ("load",))
    expect(stage.locator('.cks-worker[data-status="running"]')).to_have_count(2)
    label = stage.locator(".cks-worker").first.get_attribute("aria-label") or ""
    assert label.startswith(f"{rows[0][0]}: running, process {rows[0][1]}, 1 thread, processor ")
    tasks.first.click()
    chosen = notebook.snapshot()["selection"]["task"]
    running = [
        task
        for worker in notebook.evaluate("store.topic('cluster')")["clusters"][0]["workers"]
        for task in worker["running"]
    ]
    assert chosen in [one["task"] for one in running]
    assert {one["run"] for one in running} == {notebook.snapshot()["run"]}
    for theme in ("Dark", "Light"):
        notebook.theme(f"JupyterLab {theme}")
        page.screenshot(path=pictures / f"workers-{theme.lower()}.png")

    # one is killed: asked first, then done again elsewhere, and counted
    first = stage.locator(".cks-worker").first
    first.get_by_role("button", name=f"Kill {rows[0][0]}").click()
    first.get_by_role("button", name=": no").click()
    first.get_by_role("button", name=f"Kill {rows[0][0]}").click()
    page.screenshot(path=pictures / "workers-asking.png")
    first.get_by_role("button", name=": yes").click()
    expect(first.locator(".cks-worker-died")).to_have_text("died 1 time")
    gates.open(*range(6))
    told = json.loads(notebook.output(slow))
    assert (told["value"], told["state"], told["executor"]) == (7.5, "finished", "cluster")
    ((_, _, after),) = figures(notebook)
    assert [row[2] for row in after] == [1, 0]
    assert after[0][1] not in (0, rows[0][1])
    assert after[1][1] == rows[1][1]
    expect(first.locator(".cks-worker-pid")).to_have_text(str(after[0][1]))

    # as a table, and for everybody
    page.get_by_role("button", name="Workers as a table").click()
    table = stage.get_by_role("table", name="Workers").locator("tbody tr")
    texts = table.evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.textContent))")
    assert [(row[0], row[2], row[10]) for row in texts] == [
        (one[0], str(one[1]), str(one[2])) for one in after
    ]
    page.get_by_role("button", name="Workers as a table").click()
    assert violations(page, ".cks-panel .cks-section.cks-workers") == []

    # more and fewer, by keys
    stage.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.worker") == rows[0][0]
    stage.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "One worker more"
    page.keyboard.press("Enter")
    expect(stage.locator(".cks-worker")).to_have_count(3)
    assert len(figures(notebook)[0][2]) == 3

    # closed by the notebook
    notebook.run(notebook.append("client.close()\nprint(json.dumps(len(clusters())))"))
    expect(stage.locator(".cks-worker")).to_have_count(0)
    expect(stage.locator(".cks-workers-empty")).to_be_visible()


def test_a_cluster_of_the_panels_own(notebook: Notebook, pictures: Path) -> None:
    page = notebook.page
    stage = workers_open(notebook)
    page.screenshot(path=pictures / "workers-none.png")
    assert stage.get_by_role("button", name="Start 2 workers").is_visible()
    stage.get_by_role("textbox", name="Workers").fill("3")
    stage.get_by_role("textbox", name="Threads").fill("2")
    stage.get_by_role("textbox", name="Memory").fill("500MB")
    wanted = 'Client(n_workers=3, threads_per_worker=2, memory_limit="500MB")'
    expect(stage.locator(".cks-workers-code")).to_contain_text(wanted)
    assert violations(page, ".cks-panel .cks-section.cks-workers") == []
    stage.get_by_role("button", name="Start 3 workers").click()
    expect(stage.locator(".cks-worker")).to_have_count(3)
    whole = page.locator(".cks-panel .cks-workers-whole")
    expect(whole).to_have_text("3 workers, 6 threads, 1.40 GiB")
    stage.get_by_role("button", name="Insert client into the notebook").click()
    source = "window.jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.source"
    page.wait_for_function(f"{source}.includes('get_client()')")
    inserted = page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex")
    notebook.start(inserted)
    assert "Client" in notebook.output(inserted)
    asked = notebook.append("print(json.dumps([client.cluster.name, client.submit(abs, -3).result()]))")
    name, value = notebook.run(asked)
    assert value == 3
    shown = notebook.evaluate("store.topic('cluster')")["clusters"]
    assert [one["name"] for one in shown] == [name]
    stage.get_by_role("button", name="Stop the cluster").click()
    stage.get_by_role("button", name="Stop the cluster: yes").click()
    expect(stage.locator(".cks-workers-empty")).to_be_visible()
    assert notebook.run(notebook.append("print(json.dumps(client.status))")) == "closed"


SPILL = """
from chunkscope.futures import Client
client = Client(n_workers=2, threads_per_worker=1, memory_limit="100MB")
x = ca.ones((24_000, 1_000), chunks=(1_000, 1_000)).persist(); x.sum().compute()
made = next(log for log in chunkscope.runs() if log.moved_blocks)
there = [notice.task for notice in made.notices if notice.topic == "spilled"]
print(json.dumps([client.cluster.spilled, made.number, there]))
"""
BUSY = """
def busy(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return seconds
total([delayed(busy)(0.4) for _ in range(2)]).compute()
log = last_run()
print(json.dumps({**json.loads(told(log)), "workers": log.workload.names, "samples": log.stacks().samples}))
"""
MANY = """
for i in range(5):
    assert client.submit(pow, i, 2).result() == i**2
print(told(last_run()))
"""


def test_blocks_on_disk_busy_workers_and_many_small_runs(notebook: Notebook, pictures: Path) -> None:
    page = notebook.page
    stage = workers_open(notebook)
    spilled, number, there = notebook.run(notebook.append("import chunkscope\n" + SPILL))
    assert spilled > 0 and there
    card = stage.locator(".cks-worker", has_text="on disk").first  # whichever made what went there
    expect(card.locator(".cks-worker-parts")).to_contain_text("on disk")
    assert "on disk" in (card.get_attribute("aria-label") or "")
    labels = [one.get_attribute("aria-label") or "" for one in stage.locator(".cks-worker").all()]
    assert any("of it blocks" in label for label in labels)
    assert violations(page, ".cks-panel .cks-section.cks-workers") == []
    # the blocks themselves, in the run that made them
    notebook.views("chunks")
    notebook.until(f"s.runs.includes({number})")
    notebook.evaluate("store.show(value)", number)
    notebook.until(f"s.run === {number} && s.complete")
    told = notebook.evaluate("store.current.notices.all().filter(one => one.topic === 'spilled')")
    assert [one["task"] for one in told] == there
    page.wait_for_function(
        """() => { const c = document.querySelector('.cks-stage[data-view="chunks"] canvas');
             const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
             let n = 0; // the light theme's colour of what is under way: nothing runs any more
             for (let i = 0; i < data.length; i += 4)
               n += data[i] === 196 && data[i + 1] === 127 && data[i + 2] === 0;
             return n > 20; }"""
    )
    page.screenshot(path=pictures / "chunks-on-disk.png")

    # what workers did and took is known as it is of threads
    notebook.views("timeline", "memory", "profile")
    notebook.evaluate("(store.follow = true)")
    log = notebook.run(notebook.append(BUSY))
    notebook.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
    assert log["samples"] > 0 and log["workers"]
    page.wait_for_function("window.chunkscope.model.store.current.workload !== null")
    assert sorted(notebook.evaluate("store.current.workload.names")) == sorted(log["workers"])
    timeline = page.locator('.cks-panel .cks-stage[data-view="timeline"]')
    expect(timeline).to_have_attribute(
        "aria-label", re.compile(r"worker processes used [\d.]+ cores and held [\d.]+ MiB by themselves")
    )
    page.wait_for_function("window.chunkscope.model.store.current.stacks !== null")
    frames = notebook.evaluate("store.current.stacks.frames.map(frame => frame.function)")
    assert "busy" in frames
    page.screenshot(path=pictures / "workers-over-time.png")

    # many small runs are one entry, which opens
    last = notebook.run(notebook.append(MANY))["run"]
    notebook.until(f"s.run === {last} && s.complete")
    panel = page.locator(".cks-panel")
    panel.get_by_role("button", name="Runs and kernels: show or hide").click()
    rows = panel.locator(".cks-run")
    expect(rows.first).to_contain_text(f"{last - 4}–{last}")
    expect(rows.first).to_contain_text("5 runs")
    count = rows.count()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(rows).to_have_count(count + 5)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    notebook.until(f"s.run === {last - 1}")
    page.screenshot(path=pictures / "runs-folded.png")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect(rows).to_have_count(count)
    panel.get_by_role("button", name="Runs and kernels: show or hide").click()
    notebook.run(notebook.append("client.close()\nprint(json.dumps(1))"))


TWO = """
from chunkscope.futures import Client, LocalCluster, clusters
x, y = (LocalCluster(n_workers=n, threads_per_worker=1, memory_limit="100MB", name=name)
        for n, name in ((1, '<img src="x" onerror="fail()">'), (2, "y")))
mine, newest = Client(x), Client(y)
print(json.dumps([one.name for one in clusters()]))
"""
LIVE = """
from chunkscope import progress
futures = client.map(lambda i: (time.sleep(0.3), i)[1], range(4))
client.gather(futures[:2])
progress(futures)
"""


def test_two_clusters_are_told_apart_and_progress_stands_beside_its_bar(
    notebook: Notebook, pictures: Path
) -> None:
    page = notebook.page
    stage = workers_open(notebook)
    names = notebook.run(notebook.append("import time\n" + TWO))
    about = stage.locator(".cks-workers-about")
    expect(about).to_have_text([re.compile(re.escape(name)) for name in names])
    expect(about.nth(1)).to_contain_text("new work goes here")
    expect(page.locator(".cks-panel .cks-workers-whole")).to_have_text("3 workers, 3 threads, 286 MiB")
    page.screenshot(path=pictures / "workers-two.png")
    # the client of the older one, though newer ones are asked where none is named
    stage.get_by_role("button", name="Insert client into the notebook").first.click()
    source = "window.jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.source"
    page.wait_for_function(f"{source}.includes('clusters()')")
    notebook.start(page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex"))
    assert notebook.run(notebook.append("print(json.dumps(client.cluster is x))")) is True
    expect(about.first).to_contain_text("new work goes here")
    # what is said of a cluster goes when it is another
    stage.get_by_role("button", name="One worker more").nth(1).click()
    said = stage.locator(".cks-workers-said")
    expect(said).to_have_text("3 workers of 1 thread, 286 MiB")
    notebook.run(notebook.append("y.close()\nprint(json.dumps(1))"))
    expect(about).to_have_count(1)
    expect(said).to_have_text("")
    # words of a bar are seen
    notebook.start(notebook.append(LIVE))
    words = page.locator(".jp-OutputArea progress + span").last
    expect(words).to_contain_text("100% Completed")
    expect(words).to_be_visible()
    assert words.bounding_box()["width"] > 50  # type: ignore[index]
    notebook.run(notebook.append("x.close()\nprint(json.dumps(1))"))


JOIN = """
import json
from chunkscope.futures import Client
client = Client({address!r})
print(json.dumps(client.submit(sum, [1, 2]).result()))
"""


def test_a_kernel_that_works_on_the_cluster_of_another_says_so(notebook: Notebook, shared: Shared) -> None:
    stage = workers_open(notebook)
    opening = OPEN + "print(json.dumps(client.cluster.scheduler_address))"
    address = notebook.run(notebook.append(opening))
    notebook.show(notebook.lab.notebook("joins.ipynb", JOIN.format(address=address)))
    words = stage.locator(".cks-workers-empty p").first
    expect(words).to_contain_text("No cluster is open in this kernel")
    assert notebook.run(0) == 3
    expect(words).to_contain_text(f"works on a cluster of another process, {address}: its workers are shown")
    notebook.run(notebook.append("client.close()\nprint(json.dumps(1))"))
    expect(words).to_contain_text("No cluster is open in this kernel")
    notebook.show(shared.name)
    expect(stage.locator(".cks-worker")).to_have_count(2)
    notebook.run(notebook.append("client.close()\nprint(json.dumps(1))"))
    notebook.lab.end_kernels(but=[shared.name])
