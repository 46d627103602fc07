"""In another language nothing English is left in the views: not in texts, not in labels, not in what is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.books import ARRAYS, ran
from tests.browser.lab import Notebook

pytestmark = pytest.mark.browser

# Each letter outside a {place} in its wide form: what is still plain was not translated, and room gets scarce.
WIDE = """() => {
  const widened = letter => String.fromCharCode(letter.charCodeAt(0) + 0xfee0);
  const wide = text => text.replace(/\\{\\w+\\}|[A-Za-z]/g, found => found.length > 1 ? found : widened(found));
  window.drawnTexts = new Set();
  const draw = window.plainFillText ??= CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    window.drawnTexts.add(text);
    return draw.call(this, text, ...rest);
  };
  window.chunkscopeSpeak((one, many, n) => wide(many === undefined || n === 1 ? one : many));
}"""

BACK = """() => {
  CanvasRenderingContext2D.prototype.fillText = window.plainFillText;
  window.chunkscopeSpeak(null);
}"""

# What people read and hear in the panel; the kernel's own sentences and lines of code are the same everywhere.
TEXTS = """() => {
  const found = [];
  const root = document.querySelector('.cks-panel .cks');
  const foreign = '.cks-details-why, .cks-explain .cks-stage, .cks-whatif-notes, .cks-workers-code';
  for (const element of [root, ...root.querySelectorAll('*')]) {
    if (element.closest(foreign)) continue;
    for (const name of ['aria-label', 'aria-valuetext', 'aria-description', 'title', 'placeholder', 'alt'])
      if (element.hasAttribute(name)) found.push(element.getAttribute(name));
    for (const child of element.childNodes) if (child.nodeType === Node.TEXT_NODE) found.push(child.data);
  }
  return [...found, ...window.drawnTexts];
}"""

UNITS = {"min", "KiB", "MiB", "GiB", "chunkscope", "CPU"}
KEYS = {"Space", "Home", "End", "Page", "Enter", "Esc", "Alt", "Shift"}


def words(text: str) -> set[str]:
    """The words of three plain letters and more."""
    return set(re.findall(r"[A-Za-z]{3,}", text))


def leaves(data: Any) -> Iterator[str]:
    """The texts in data from the kernel, without the names of their places."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from (text for value in data.values() for text in leaves(value))
    elif isinstance(data, list):
        yield from (text for value in data for text in leaves(value))


def strange(text: str, known: set[str]) -> set[str]:
    """The words of a text that are not known; of a name that was cut short, its beginning is."""
    found = words(text) - known
    return {word for word in found if "…" not in text or not any(name.startswith(word) for name in known)}


@pytest.fixture
def foreign(notebook: Notebook) -> Iterator[Notebook]:
    """A page with all views open, in a language of wide letters."""
    ran(notebook, ARRAYS)
    page = notebook.page
    page.set_viewport_size({"width": 1440, "height": 3200})
    names = page.evaluate(
        "[...document.querySelectorAll('.cks-panel [data-section]')].map(s => s.dataset.section)"
    )
    notebook.views(*names)
    page.evaluate(WIDE)
    notebook.drawn()
    yield notebook
    page.evaluate(BACK)
    page.set_viewport_size({"width": 1440, "height": 900})


def test_nothing_english_is_left(foreign: Notebook, pictures: Path) -> None:
    page = foreign.page
    page.locator(".cks-panel").get_by_role("button", name=re.compile("Ｒｕｎｓ ａｎｄ")).click()
    for selection in ("null", "{task: 3}", "{layer: 1}"):
        foreign.evaluate(f"store.select({selection})")
        foreign.drawn()
        data = foreign.evaluate(
            """[[...store.runs.values()].map(run => run.header), store.list(), window.chunkscope.model.title,
                window.chunkscope.model.choice.rows()]"""
        )
        known = words(" ".join(leaves(data))) | UNITS | KEYS
        left = {text: strange(text, known) for text in page.evaluate(TEXTS)}
        assert {text: sorted(found) for text, found in left.items() if found} == {}, selection
    page.screenshot(path=pictures / "wide-language.png")
