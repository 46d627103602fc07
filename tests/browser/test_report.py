"""A run saved as HTML opens by file://, alone, and shows what the run log holds; in both themes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from chunkscope import array as ca
from chunkscope.observe import RunLog, last_run
from chunkscope_widgets import report

ROWS = """() => {
  const {task, start, stop, end} = chunkscope.store.current.columns;
  return [task, start, stop].map(column => [...column.subarray(0, end)]);
}"""


@pytest.fixture(scope="module")
def run() -> RunLog:
    x = ca.ones((40, 40), chunks=10)
    (x + x.T).sum(axis=0).compute(label="<b>x</b>", scheduler="sync")
    found = last_run()
    assert found is not None
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_shows_the_run_and_asks_for_nothing(
    run: RunLog, scheme: str, browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "x y.html"
    path.write_text(report.page(run), encoding="utf-8")
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]")
    rows = page.evaluate(ROWS)
    assert rows[0] == run.rows.task.tolist()
    np.testing.assert_array_equal(rows[1], run.rows.start - run.started)
    np.testing.assert_array_equal(rows[2], run.rows.stop - run.started)
    for name in ("Profile", "Explain", "Table"):
        page.locator(f".cks-title:has-text('{name}')").click()
    table = page.get_by_role("table", name="Operations of the run")
    assert {cell.strip() for cell in table.locator("tbody th").all_inner_texts()} >= {
        layer.op for layer in run.graph.layers
    }
    ground = page.evaluate("getComputedStyle(document.querySelector('.cks')).backgroundColor")
    dark = sum(map(int, ground[4:-1].split(","))) < 3 * 128
    assert dark == (scheme == "dark")
    assert page.title().startswith(f"Run {run.number} · <b>x</b>")
    assert asked == [path.as_uri()] and wrong == []
    context.close()
