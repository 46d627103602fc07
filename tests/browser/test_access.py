"""What axe-core says of the panel: nothing serious in any view, in any theme."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.axe import violations
from tests.browser.books import ARRAYS, ran
from tests.browser.lab import Notebook

pytestmark = pytest.mark.browser

THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")


def test_each_view_in_each_theme(notebook: Notebook, pictures: Path) -> None:
    ran(notebook, ARRAYS)
    page = notebook.page
    page.set_viewport_size({"width": 1440, "height": 3200})  # nothing lies behind an edge
    names = page.evaluate(
        "[...document.querySelectorAll('.cks-panel [data-section]')].map(s => s.dataset.section)"
    )
    notebook.views(*names)
    notebook.evaluate("store.select({task: 3})")
    for theme in THEMES:
        notebook.theme(theme)
        notebook.drawn()
        assert violations(page, ".cks-panel") == [], theme
        page.screenshot(path=pictures / f"all-{theme.replace(' ', '-').lower()}.png")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_the_help(notebook: Notebook) -> None:
    ran(notebook, ARRAYS)
    page = notebook.page
    page.locator('.cks-panel .cks-stage[data-view="chunks"]').focus()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    keys.wait_for()
    for theme in THEMES:
        notebook.theme(theme)
        assert violations(page, ".cks-panel .cks-help") == [], theme
    page.keyboard.press("Escape")
    keys.wait_for(state="detached")


def test_faults_are_found(notebook: Notebook) -> None:
    ran(notebook, ARRAYS)
    notebook.page.evaluate(
        """() => { const place = document.createElement('p');
                   place.id = 'planted';
                   place.style.color = '#d0d0d0';
                   place.append('pale', document.createElement('button'));
                   document.querySelector('.cks-panel .cks-head').append(place); }"""
    )
    found = {line.partition(":")[0] for line in violations(notebook.page, ".cks-panel .cks-head")}
    notebook.page.evaluate("document.getElementById('planted').remove()")
    assert {"button-name", "color-contrast"} <= found
