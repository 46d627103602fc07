"""What is left where no kernel and no panel is: a saved notebook made into a page, and the pages of plans and runs.

Nothing is asked of any network: whatever a page wants from outside is refused, and counted as wanted.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

import nbconvert
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

import chunkscope
import chunkscope.array as ca
import chunkscope.dataframe as cd
from chunkscope.observe import last_run
from tests.browser.axe import violations
from tests.browser.books import ran
from tests.browser.lab import Lab, Notebook

pytestmark = pytest.mark.browser

SHOWN = {
    "array": "x = ca.ones((600, 400), chunks=(100, 100)); x",
    "expression": "(x + x.mean(axis=0)).sum(axis=1)",
    "graph": "(x + x.mean(axis=0)).visualize()",
    "frame": "import chunkscope.dataframe as cd, pandas as pd\n"
    "cd.from_pandas(pd.DataFrame({'year': range(99), '<i>late</i>': 1.5}), npartitions=3)",
    "run": "last_run()",
    "plan": "chunkscope.plan(x.sum())",
    "story": "last_run().explain()",
    "timeline": "last_run().timeline()",
    "replay": "last_run().replay()",
}
"""Cells whose outputs are shown, by what they show."""

ONE = """
import chunkscope
x = ca.ones((600, 400), chunks=(100, 100))
((x + x.mean(axis=0)) * 2).sum(axis=1).compute(scheduler="threads", num_workers=2)
print(told(last_run()))
"""

OUTPUTS = """[...document.querySelectorAll('.jp-CodeCell')].slice(2).map(cell => {
  const made = cell.querySelector('.ck'), box = made?.getBoundingClientRect();
  return {height: box?.height ?? 0, words: cell.querySelector('.jp-OutputArea')?.innerText ?? ''}; })"""


@pytest.fixture
def alone(browser: Browser) -> Iterator[Page]:
    """A page that reads files and nothing else; at the end none of its scripts has failed."""
    page = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
    page.route("http*://**", lambda route: route.fulfill(body=""))
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    page.context.close()
    assert problems == []


def test_a_saved_notebook_is_a_page_with_pictures(
    notebook: Notebook, lab: Lab, alone: Page, tmp_path: Path, pictures: Path
) -> None:
    ran(notebook, ONE)
    for source in SHOWN.values():
        cell = notebook.append(source)
        notebook.start(cell)
        notebook.output(cell)
    notebook.page.evaluate("window.jupyterapp.commands.execute('docmanager:save').then(() => null)")
    name = notebook.snapshot()["notebook"]
    text, _ = nbconvert.HTMLExporter().from_filename(lab.folder / name)
    (tmp_path / "page.html").write_text(text)
    alone.goto((tmp_path / "page.html").as_uri())
    found = dict(zip(SHOWN, alone.evaluate(OUTPUTS), strict=True))
    for shown, output in found.items():
        assert output["height"] >= 30, shown  # something that we have drawn
        assert "Error" not in output["words"], shown
    assert "600" in found["array"]["words"]
    assert "<i>late</i>" in found["frame"]["words"]
    assert violations(alone, ".jp-OutputArea .ck") == []
    alone.screenshot(path=pictures / "nbconvert.png", full_page=True)


def test_pages_of_plans_runs_and_failures(alone: Page, tmp_path: Path, pictures: Path) -> None:
    x = ca.from_array(np.arange(600.0).reshape(20, 30), chunks=10)
    y = (x - x.mean(axis=0)).sum(axis=1)
    frame = cd.from_pandas(pd.DataFrame({"year": range(60), "<b>late</b>": 0.5}), npartitions=4)
    y.compute(scheduler="sync")
    log = last_run()
    assert log is not None
    shown = [x, y, frame, frame.groupby("year").sum(), chunkscope.plan(y), log, log.explain()]
    parts = [one._repr_html_() for one in shown]
    for theme in ("light", "dark"):
        ground = {"light": "#fff", "dark": "#0d1117"}[theme]
        body = "\n".join(
            f"<section aria-label='{html.escape(type(one).__name__)} {i}'>{part}</section>"
            for i, (one, part) in enumerate(zip(shown, parts, strict=True))
        )
        (tmp_path / "page.html").write_text(
            f'<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8"><title>x</title>'
            f'<body style="background: {ground}"><main><h1>x</h1>{body}</main></body></html>'
        )
        alone.goto((tmp_path / "page.html").as_uri())
        assert alone.locator("svg").count() >= 4
        assert alone.locator("b", has_text="late").count() == 0  # a column's name stays text
        assert violations(alone, "main") == [], theme
        alone.screenshot(path=pictures / f"pages-{theme}.png", full_page=True)
