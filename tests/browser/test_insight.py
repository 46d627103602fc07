"""Explain, What if, Profile and Compare in a real JupyterLab: what they say is what the kernel's run log holds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.books import ran
from tests.browser.lab import Notebook

pytestmark = pytest.mark.browser

ANOMALY = """
from chunkscope.diagnostics.tuning import Tuning
x = ca.random.default_rng(1).normal(size=(2400, 1200), chunks=({chunk}, 600))
((x - x.mean(axis=0)) ** 2).sum(axis=1).compute(scheduler="threads", num_workers=2)
log = last_run()
rows, facts = log.rows, log.explain().facts
model = Tuning(log)
print(json.dumps({{**json.loads(told(log)),
    "chapters": [[one.title, [r.text.replace("`", "") for r in one.remarks if r.reader != "expert"]]
                 for one in log.explain().chapters],
    "seconds": log.seconds, "kernels": facts.spent.kernels,
    "foretold": [model.case(workers=n).seconds for n in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)],
    "operations": {{layer.op: n for layer, n in zip(log.graph.layers, [row.seconds for row in facts.operations])}},
}}))
"""

CELLS = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"

STACKS = """
const run = store.current, last = run.layers.length - 2;
store.receive([{kind: 'stacks', session: store.session, run: run.number, interval: 0.01, samples: 90,
  frames: [['normalise', 'the cell', 4, ''], ['reduce', '/lib/numpy/_core/_methods.py', 52, '']]
    .map(([f, file, line, cell]) => ({function: f, file, line, cell})),
  parent: Int32Array.of(-1, 0, -1), frame: Int32Array.of(0, 1, 1), layer: Int32Array.of(last, last, 0),
  seconds: Float64Array.of(0.4, 0.2, 0.3)}])
"""


def text(notebook: Notebook, selector: str) -> list[str]:
    """The texts of all elements of the panel that a selector finds."""
    return [one.strip() for one in notebook.page.locator(f".cks-panel {selector}").all_inner_texts()]


@pytest.fixture
def run(notebook: Notebook) -> dict[str, Any]:
    """A run, with what the kernel has to say of it."""
    return ran(notebook, ANOMALY.format(chunk=300))


def test_the_account_is_the_kernels(notebook: Notebook, run: dict[str, Any], pictures: Path) -> None:
    notebook.views("explain")
    page = notebook.page
    page.locator(".cks-story li").first.wait_for()
    assert text(notebook, ".cks-story h4") == [title for title, remarks in run["chapters"] if remarks]
    links = re.compile(r"( line \d+)?( show the task)?$")
    said = [links.sub("", words) for words in text(notebook, ".cks-story li")]
    wanted = [words for _, remarks in run["chapters"] for words in remarks]
    assert [" ".join(words.split()) for words in said] == [" ".join(words.split()) for words in wanted]
    # by key: from the view to an operation that the account names
    page.locator('.cks-stage[data-view="explain"]').focus()
    page.keyboard.press("End")
    named = "document.activeElement.matches('.cks-story .cks-link:not(.cks-line)')"
    while not page.evaluate(named):  # the last link may go to a line
        page.keyboard.press("ArrowUp")
    name = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    layer = notebook.snapshot()["selection"]["layer"]
    assert notebook.evaluate("store.current.layers[value].op", layer) == name
    page.get_by_role("button", name="In brief: what bound the run, and what to try").click()
    expect(page.locator(".cks-panel .cks-story h4").first).to_have_text("What bound it")
    assert len(text(notebook, ".cks-story h4")) <= 5
    page.get_by_role("button", name="In brief: what bound the run, and what to try").click()
    shown(notebook, pictures, "explain")


def test_sliders_show_what_the_model_foretells(
    notebook: Notebook, run: dict[str, Any], pictures: Path
) -> None:
    notebook.views("whatif")
    page = notebook.page
    page.locator(".cks-knob-along").wait_for()
    page.get_by_role("button", name="The chart as a table").click()
    rows = page.get_by_role("table", name="What if, by Workers").locator("tbody tr")
    rows.nth(9).wait_for()
    table = {row[0].partition(" ")[0]: row[2] for row in rows.evaluate_all(CELLS)}
    for workers, seconds in zip((1, 2, 3, 4, 6, 8, 12, 16, 24, 32), run["foretold"], strict=True):
        assert table[str(workers)].partition(" ±")[0] == words_of(notebook, seconds)
    # by key: eight workers
    page.locator('.cks-stage[data-view="whatif"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.knob") == "workers"
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".cks-whatif-words")).to_contain_text(
        f"Foretold: {words_of(notebook, run['foretold'][5])}"
    )
    expect(page.locator(".cks-whatif-words")).to_contain_text(f"It took {words_of(notebook, run['seconds'])}")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.get_by_role("table", name="What if, by Chunks").wait_for()
    expect(page.locator(".cks-whatif-words")).to_contain_text("tasks instead of")
    shown(notebook, pictures, "whatif")


def test_a_page_that_holds_one_run_asks_for_the_other(notebook: Notebook) -> None:
    ran(notebook, ANOMALY.format(chunk=150))
    second = ran(notebook, ANOMALY.format(chunk=300))
    others = notebook.evaluate(f"[...store.runs.keys()].filter(number => number !== {second['run']})")
    notebook.evaluate("value.forEach(number => store.runs.delete(number))", others)  # as after a reload
    notebook.views("compare")
    first = notebook.page.locator(".cks-compare-words > div").first
    expect(first).to_contain_text(re.compile(rf"run {second['run'] - 1}\b"))


def test_two_runs_side_by_side(notebook: Notebook, run: dict[str, Any], pictures: Path) -> None:
    second = ran(notebook, ANOMALY.format(chunk=150))
    notebook.views("compare")
    page = notebook.page
    choice = page.get_by_label("Compare with")
    choice.wait_for()
    choice.select_option(str(run["run"]))
    first = page.locator(".cks-compare-words > div").first
    expect(first).to_contain_text(f"run {run['run']}")
    expect(first).to_contain_text(
        f"{words_of(notebook, second['seconds'])} instead of {words_of(notebook, run['seconds'])}"
    )
    figures = page.get_by_role("table", name="Figures of both runs").locator("tbody tr").evaluate_all(CELLS)
    table = {row[0]: row[1:3] for row in figures}
    assert table["Tasks"] == [f"{run['ntasks']:,}", f"{second['ntasks']:,}"]
    assert table["In kernels"] == [words_of(notebook, one["kernels"]) for one in (run, second)]
    rows = page.get_by_role("table", name="Operations of both runs, in kernel time").locator("tbody tr")
    told = {row[0]: row[1:3] for row in rows.evaluate_all(CELLS)}
    assert told == {
        op: [words_of(notebook, run["operations"][op]), words_of(notebook, seconds)]
        for op, seconds in second["operations"].items()
    }
    page.locator('.cks-stage[data-view="compare"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    layer = notebook.snapshot()["selection"]["layer"]
    assert notebook.evaluate("store.current.layers[value].op", layer) == rows.evaluate_all(CELLS)[0][0]
    shown(notebook, pictures, "compare")


def test_stacks_are_a_flame_graph(notebook: Notebook, run: dict[str, Any], pictures: Path) -> None:
    notebook.views("profile")
    page = notebook.page
    page.evaluate(f"() => {{ const store = window.chunkscope.model.store; {STACKS} }}")
    stage = page.locator('.cks-stage[data-view="profile"]')
    stage.wait_for()
    stage.focus()
    for key in ("ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    said = page.locator(".cks-flame-said")
    expect(said).to_contain_text("normalise (the cell:4): 600 ms, 67% of the time; 400 ms of it in itself")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Functions as a table").click()
    rows = page.get_by_role("table", name="Functions by time").locator("tbody tr").evaluate_all(CELLS)
    assert [row[0] for row in rows] == ["reduce", "normalise"]
    assert rows[0][2:] == ["500 ms · 56%", "500 ms · 56%"]
    page.get_by_label("Find a function or a file").fill("methods")
    expect(said).to_contain_text("found: 56% of the time")
    page.get_by_label("Find a function or a file").fill("")
    shown(notebook, pictures, "profile")


def test_a_cell_asks_its_kernel(notebook: Notebook, run: dict[str, Any]) -> None:
    page = notebook.page
    for view, sign in (("explain_view", ".cks-story h4"), ("whatif_view", ".cks-knob-along")):
        cell = notebook.append(f"last_run().{view}()")
        notebook.start(cell)
        place = page.locator(f".jp-Notebook .jp-Cell >> nth={cell}")
        place.locator(f".cks-cell {sign}").first.wait_for()
    expect(place.locator(".cks-whatif-words")).to_contain_text(
        f"As it ran: {words_of(notebook, run['seconds'])}"
    )


def words_of(notebook: Notebook, seconds: float) -> str:
    """Seconds as people read them: the engine's words, which the page shares."""
    from chunkscope.units import format_seconds

    return format_seconds(seconds)


def shown(notebook: Notebook, pictures: Path, name: str) -> None:
    """Pictures of the panel in both themes, without anything that axe-core finds serious."""
    for theme in ("Dark", "Light"):
        notebook.theme(f"JupyterLab {theme}")
        notebook.drawn()
        assert violations(notebook.page, f'.cks-panel [data-section="{name}"]') == []
        notebook.page.screenshot(path=pictures / f"{name}-{theme.lower()}.png")
