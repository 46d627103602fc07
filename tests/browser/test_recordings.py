"""A recording that is opened from the file browser: the panel's views, without a kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.axe import violations
from tests.browser.books import ARRAYS, ran
from tests.browser.lab import Lab, Notebook

pytestmark = pytest.mark.browser

SAVE = """
from chunkscope.observe.recording import save
print(json.dumps(str(save(last_run(), "one"))))
"""


def test_a_recording_opens_with_the_views(notebook: Notebook, lab: Lab, pictures: Path) -> None:
    log = ran(notebook, ARRAYS)
    assert notebook.run(notebook.append(SAVE)) == "one.chunkscope"
    (lab.folder / "broken.chunkscope").write_bytes(b"something else")
    page = notebook.page
    page.evaluate("window.jupyterapp.commands.execute('filebrowser:refresh').then(() => null)")
    page.locator(".jp-DirListing-item", has_text="one.chunkscope").dblclick()
    page.locator('.cks-recording .cks-stage[data-view="chunks"]').wait_for()
    rows = page.locator(".cks-recording .cks-runs option").all_inner_texts()
    assert len(rows) == 1
    assert f"Run {log['run']}" in rows[0]
    page.locator(".cks-recording").get_by_role("button", name="Table: show or hide").click()
    table = page.locator(".cks-recording .cks-operations tbody tr")
    table.first.wait_for()
    cells = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    done = sum(int(n) for row in table.evaluate_all(cells) for n in row[4:6])
    assert done == log["ntasks"]
    assert violations(page, ".cks-recording") == []
    page.screenshot(path=pictures / "recording-light.png")
    page.evaluate(
        "window.jupyterapp.commands.execute('docmanager:open', {path: 'broken.chunkscope'}).then(() => null)"
    )
    page.get_by_text("This recording cannot be shown. chunkscope: this is not a recording").wait_for()
