"""The panel in other places than one page of JupyterLab: Notebook 7, and two pages on one kernel."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import violations
from tests.browser.books import GATED, NAMES, SETUP, Gates, opened, same_rows
from tests.browser.conftest import page_of, quiet
from tests.browser.lab import Lab, Notebook

pytestmark = pytest.mark.browser

NOTEBOOK_7 = frozenset(
    {
        "Cannot read properties of undefined (reading 'schema')",
        "Command 'filebrowser:open-path' not registered.",
    }
)
"""What Notebook 7.6 complains of when it loads, with and without the panel."""


def test_notebook_7(fresh: Notebook, lab: Lab, gates: Gates) -> None:
    name = lab.notebook(f"book{next(NAMES)}.ipynb", SETUP, GATED.format(folder=str(gates.folder)))
    page = fresh.page
    fresh.known = NOTEBOOK_7
    page.goto(lab.url(f"notebooks/{name}"))
    fresh.ready(name)
    assert fresh.run(0) == "ready"
    page.evaluate("window.jupyterapp.commands.execute('chunkscope:open').then(() => null)")
    expect(page.locator(".cks-panel .cks-empty")).to_be_visible()
    fresh.start(1)
    first = fresh.until("s.state === 'running' && s.tally.running === 2")
    assert first["layers"][0] == {"op": "load", "tally": [6, 2, 0, 0, 0]}
    gates.open(*range(8))
    fresh.until("s.state === 'finished' && s.complete")
    log = json.loads(fresh.output(1))
    same_rows(fresh, log)
    fresh.evaluate("store.select({task: value})", log["task"][0])
    expect(page.locator(".cks-panel .cks-details-body")).to_contain_text(f"on {log['lanes'][log['lane'][0]]}")
    expect(page.locator(".cks-panel .cks-details-why")).not_to_be_empty()
    # nothing is wider than the side of the page
    wide = page.evaluate(
        """[...document.querySelectorAll('.cks-panel .cks-stage')].filter(s => s.offsetParent)
           .map(s => s.getBoundingClientRect().right <= innerWidth && s.clientWidth > 150)"""
    )
    assert wide
    assert all(wide)
    assert violations(page, ".cks-panel") == []


def test_two_pages_on_one_kernel(fresh: Notebook, browser: Browser, lab: Lab, gates: Gates) -> None:
    name = opened(fresh, lab, GATED.format(folder=str(gates.folder)))
    fresh.page.evaluate("window.jupyterapp.commands.execute('docmanager:save').then(() => null)")
    other = page_of(browser, lab)
    other.open(name)
    fresh.start(1)
    for page in (fresh, other):
        page.until("s.state === 'running' && s.tally.running === 2")
    gates.open(0, 1, 2)
    for page in (fresh, other):
        page.until("s.rows === 6 && s.tally.running === 2")
    # each page looks at what it likes
    other.evaluate("store.player.seek(0)")
    other.evaluate("store.select({task: 1})")
    assert (other.snapshot()["time"], fresh.snapshot()["time"]) == (0, None)
    assert (other.snapshot()["selection"], fresh.snapshot()["selection"]) == ({"task": 1}, None)
    expect(
        other.page.locator(".cks-panel .cks-details-why")
    ).not_to_be_empty()  # the kernel is busy, and answers
    gates.open(*range(3, 8))
    for page in (fresh, other):
        page.until("s.state === 'finished' && s.complete")
    log = json.loads(fresh.output(1))
    for page in (fresh, other):
        same_rows(page, log)
    other.page.context.close()
    quiet(other)
    # the page that stays goes on
    again = fresh.run(fresh.append("total([mean(load(1))]).compute(); print(told(last_run()))"))
    fresh.until(f"s.run === {again['run']} && s.complete && s.state === 'finished'")
    same_rows(fresh, again)
