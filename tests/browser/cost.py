"""Measures what watching costs in the browser: `python -m tests.browser.cost [PART ...]`.

Parts: `frames` (time of a frame while a run of 10⁵ tasks is scrubbed, with the usual views and with each alone),
`bytes` (bytes and messages a second to the page during runs), `heap` (the page's memory with 50 past runs, and whether
views that are opened and closed leave something behind). A measurement and no test: nothing is asserted.
"""

from __future__ import annotations

import argparse
import base64
import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, sync_playwright

from tests.browser.books import opened
from tests.browser.conftest import FLAGS, chromium, page_of
from tests.browser.lab import Lab, Notebook

MANY = """
x = ca.ones((4700, 1000), chunks=(10, 10))
((x + x.mean(axis=0)) * 2).sum(axis=1).compute(scheduler="threads", num_workers=2)
log = last_run()
print(json.dumps({"run": log.number, "ntasks": log.ntasks}))
"""

SMALL = """
for _ in range(2):
    x = ca.ones((4700, 1000), chunks=(10, 10))
    ((x + x.mean(axis=0)) * 2).sum(axis=1).compute(scheduler="threads", num_workers=2)
log = last_run()
print(json.dumps({"run": log.number, "ntasks": log.ntasks}))
"""

LONG = """
total([mean(load(i), 0.25) for i in range(80)]).compute(scheduler="threads", num_workers=2)
log = last_run()
print(json.dumps({"run": log.number, "ntasks": log.ntasks}))
"""

PAST = """
tasks = 0
for i in range(50):
    n = 10 * round(10 ** (1.5 + i / 49))
    x = ca.ones((n, 90), chunks=(10, 10))
    ((x + x.mean(axis=0)) * 2).sum(axis=1).compute(scheduler="threads", num_workers=2)
    tasks += last_run().ntasks
log = last_run()
print(json.dumps({"run": log.number, "ntasks": tasks}))
"""

FRAMES = """async ([count, still]) => {
  const store = window.chunkscope.model.store, end = store.current.now(store.clock());
  const frame = () => new Promise(done => requestAnimationFrame(done));
  const spans = [];
  let before = await frame();
  for (let i = 1; i <= count; i++) {
    if (!still) store.player.seek(end * (0.5 - 0.5 * Math.cos(6.3 * i / count)));
    const now = await frame();
    spans.push(now - before);
    before = now;
  }
  store.player.live();
  return spans; }"""
"""Milliseconds from frame to frame while each frame seeks another time, there and back."""


def frames(notebook: Notebook) -> None:
    """Print the frame times while a run of 10⁵ tasks is scrubbed."""
    usual = notebook.open_views()
    ran = notebook.run(notebook.append(MANY))
    notebook.until(f"s.run === {ran['run']} && s.complete && s.state === 'finished'", timeout_s=120)
    print(f"\nframes: {ran['ntasks']} tasks, ms from frame to frame", flush=True)

    def told(name: str, still: bool = False) -> None:
        notebook.page.evaluate(FRAMES, [10, still])  # what is made once is made here
        spans = sorted(notebook.page.evaluate(FRAMES, [120, still]))
        line = (
            f"  {name:<32} median {statistics.median(spans):6.1f}   95 % {spans[int(0.95 * len(spans))]:6.1f}"
        )
        print(f"{line}   longest {spans[-1]:6.1f}", flush=True)

    told("usual views, nothing moves", still=True)
    told("usual: " + ", ".join(usual))
    names = notebook.page.evaluate(
        "[...document.querySelectorAll('.cks-panel [data-section]')].map(s => s.dataset.section)"
    )
    for name in names:
        notebook.views(name)
        notebook.page.wait_for_timeout(1500)
        told(f"{name} alone")
    notebook.views(*usual)


@dataclass
class Wire:
    """Messages of our own that reach the page: (seconds, bytes)."""

    seen: list[tuple[float, int]] = field(default_factory=list)

    def listen(self, session: CDPSession) -> None:
        """Count from now on."""
        session.send("Network.enable")
        session.on("Network.webSocketFrameReceived", self._received)

    def _received(self, event: dict[str, Any]) -> None:
        response = event["response"]
        data = base64.b64decode(response["payloadData"]) if response["opcode"] == 2 else b""
        if b"comm_msg" in data and (b"chunkscope" in data or b"live" in data):
            self.seen.append((event["timestamp"], len(data)))

    def told(self, name: str, seconds: float) -> str:
        """What came since the last time, in a line."""
        moments = [moment for moment, _ in self.seen]
        busiest = max((sum(at <= other < at + 1 for other in moments) for at in moments), default=0)
        sizes = [size for _, size in self.seen]
        self.seen.clear()
        rate = sum(sizes) / seconds / 1024
        return (
            f"  {name:<32} {seconds:5.1f} s  {len(sizes):4} messages  {rate:8.1f} KiB/s  "
            f"largest {max(sizes, default=0) / 1024:7.1f} KiB  at most {busiest} messages in a second"
        )


def wire(notebook: Notebook) -> None:
    """Print what reaches the page during runs."""
    counted = Wire()
    counted.listen(notebook.page.context.new_cdp_session(notebook.page))
    print("\nbytes: to the page while a cell runs", flush=True)
    for name, source in (("many small tasks", SMALL), ("long tasks", LONG)):
        cell = notebook.append(source)
        counted.seen.clear()
        begin = time.monotonic()
        ran = notebook.run(cell)
        seconds = time.monotonic() - begin
        notebook.until(f"s.run === {ran['run']} && s.complete", timeout_s=120)
        print(counted.told(f"{name} ({ran['ntasks']})", seconds), flush=True)
    notebook.page.wait_for_timeout(1000)
    counted.seen.clear()
    notebook.page.wait_for_timeout(5000)
    print(counted.told("nothing runs", 5.0), flush=True)


def used(session: CDPSession) -> dict[str, float]:
    """What the page holds after its garbage was collected: MiB of heap and buffers, counts of nodes and listeners."""
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
        time.sleep(0.3)
    heap = session.send("Runtime.getHeapUsage")
    session.send("Performance.enable")
    metrics = {row["name"]: row["value"] for row in session.send("Performance.getMetrics")["metrics"]}
    found = {"heap": heap["usedSize"] / 2**20, "buffers": heap.get("backingStorageSize", 0) / 2**20}
    return {**found, "nodes": metrics["Nodes"], "listeners": metrics["JSEventListeners"]}


def heap(notebook: Notebook) -> None:
    """Print the page's memory before and after 50 runs, and after views were opened and closed."""
    session = notebook.page.context.new_cdp_session(notebook.page)
    print("\nheap: after the garbage was collected (MiB; counts)", flush=True)

    def told(name: str) -> None:
        values = used(session)
        print(
            f"  {name:<32} heap {values['heap']:7.1f}   buffers {values['buffers']:7.1f}   "
            f"nodes {values['nodes']:7.0f}   listeners {values['listeners']:6.0f}",
            flush=True,
        )

    told("a notebook, no run")
    ran = notebook.run(notebook.append(PAST))
    notebook.until(f"s.run === {ran['run']} && s.complete", timeout_s=120)
    notebook.page.wait_for_timeout(2000)
    held = notebook.evaluate("[...store.runs.values()].map(run => run.columns.filled)")
    told(f"{len(held)} runs, {sum(held)} tasks held")
    names = notebook.page.evaluate(
        "[...document.querySelectorAll('.cks-panel [data-section]')].map(s => s.dataset.section)"
    )
    usual = notebook.open_views()

    def turn(times: int) -> None:
        for _ in range(times):
            notebook.views(*names)
            notebook.drawn()
            notebook.views()
            notebook.drawn()
        notebook.views(*usual)
        notebook.page.wait_for_timeout(1000)

    turn(2)  # what is made once is made here
    told("all views opened and closed twice")
    turn(20)
    told("and 20 times more")


PARTS = {"frames": frames, "bytes": wire, "heap": heap}


def main() -> int:
    """Measure the parts that the command line names, or all; returns the exit status."""
    parser = argparse.ArgumentParser(description="Measure what watching costs in the browser.")
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is named"
    )
    names = parser.parse_args().parts or list(PARTS)
    if unknown := set(names) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "notebooks"
        folder.mkdir()
        lab = Lab.start(Path(home), folder)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
                for name in names:
                    notebook = page_of(browser, lab)
                    opened(notebook, lab)
                    PARTS[name](notebook)
                    if notebook.problems:
                        print(json.dumps(notebook.problems))
                    notebook.page.context.close()
                    lab.end_kernels()
                browser.close()
        finally:
            lab.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
