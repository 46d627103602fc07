"""Frames in the panel of a real JupyterLab: partitions as bars as wide as they have rows, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.books import click_on_canvas, ran
from tests.browser.lab import Notebook

pytestmark = pytest.mark.browser

FILES = """
import pandas as pd
import chunkscope.dataframe as cd
folder = pathlib.Path({folder!r})
folder.mkdir()
for i, n in enumerate([40, 10, 200, 1, 80, 20]):
    pd.DataFrame({{"year": range(n), "name": "x", "<i>late</i>": 0.5}}).to_csv(folder / f"{{i}}.csv", index=False)
x = cd.read_csv(str(folder / "*.csv"))
x[x.year >= 5].compute(scheduler="threads", num_workers=2)
log = last_run()
layer = log.graph.layers[0]
print(json.dumps({{**json.loads(told(log)), "rows": layer.frame.rows, "places": layer.frame.places,
                  "columns": layer.frame.columns, "exact": layer.frame.exact}}))
"""


WIDTHS = """() => {
  const store = window.chunkscope.model.store, widths = {};
  const stage = document.querySelector('.cks-stage[data-view="chunks"]'), box = stage.getBoundingClientRect();
  for (let y = box.top + 4; y < box.top + 110; y += 12) {
    const counts = {};
    for (let x = box.left + 1; x < box.right; x += 1) {
      stage.dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: y}));
      if (store.hover && 'task' in store.hover) counts[store.hover.task] = (counts[store.hover.task] || 0) + 1;
    }
    for (const [task, n] of Object.entries(counts)) widths[task] = Math.max(widths[task] || 0, n);
  }
  return widths; }"""
"""How many pixels wide each partition's bar is, as the mouse finds it."""


def test_partitions_are_a_strip(notebook: Notebook, tmp_path: Path, pictures: Path) -> None:
    log = ran(notebook, FILES.format(folder=str(tmp_path / "csv")))
    frame = notebook.evaluate("store.current.layers[0].frame")
    assert [frame["rows"], frame["places"], frame["columns"]] == [log["rows"], log["places"], log["columns"]]
    assert len(frame["rows"]) == 6
    notebook.settled()
    wide = notebook.page.evaluate(WIDTHS)
    for one, other in ((2, 0), (0, 5)):
        wanted = log["rows"][one] / log["rows"][other]
        assert wide[str(one)] / wide[str(other)] == pytest.approx(wanted, rel=0.3)
    click_on_canvas(notebook, "chunks", 2)
    details = notebook.page.locator(".cks-details-body")
    bound = "" if log["exact"] else "at most "
    expect(details).to_contain_text(f"partition 2 of 6 · {bound}{log['rows'][2]:,} rows · 2.csv")
    expect(details).to_contain_text("3 columns: year int64, name str, <i>late</i> float64")
    notebook.page.locator('.cks-stage[data-view="chunks"]').focus()
    notebook.page.keyboard.press("ArrowRight")
    assert notebook.snapshot()["selection"] == {"task": 3}
    label = notebook.page.locator('.cks-stage[data-view="chunks"]').get_attribute("aria-label")
    assert label is not None
    assert "6 partitions" in label
    for theme in ("Dark", "Light"):
        notebook.theme(f"JupyterLab {theme}")
        notebook.page.screenshot(path=pictures / f"partitions-{theme.lower()}.png")
