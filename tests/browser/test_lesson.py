"""The Lesson view in a real JupyterLab: steps, a prediction made in the panel, the way to cells and views."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.books import ARRAYS, opened
from tests.browser.lab import Lab, Notebook

pytestmark = pytest.mark.browser

OPEN = """
from chunkscope_widgets.topics import topic
said = []
steps = [
    {"id": "s", "kind": "section", "title": "Look", "cell": "cell-0", "views": ["chunks"]},
    {"id": "p1", "kind": "predict", "title": "How many tasks?", "question": "Blocks and sums.", "state": "open",
     "choices": [{"value": "a", "label": "a) nine"}, {"value": "b", "label": "b) ten"}], "cell": "cell-2",
     "views": ["graph", "memory"]},
    {"id": "p2", "kind": "predict", "title": "How many bytes?", "state": "open", "placeholder": "a number"},
    {"id": "ex1", "kind": "exercise", "title": "<b>Mean</b>", "state": "not_attempted", "hints_left": 1},
]
def state():
    return {"lesson": "x", "title": "Nine chunks", "number": 5, "minutes": 10, "objectives": ["count"], "steps": steps,
            "done": sum(s.get("state") == "passed" for s in steps), "total": 3,
            "overall": [{"lesson": "x", "title": "Nine chunks", "done": 0, "total": 3}]}
def step(question): return next(s for s in steps if s["id"] == question["item"])
def predict(question):
    said.append(question["answer"])
    step(question).update(state="answered", answer=question["answer"])
    return {"state": state(), "message": "Kept."}
def check(question):
    step(question).update(state="passed", message="Right: 4.5.")
    return {"state": state(), "message": "Right: 4.5."}
def hint(question):
    step(question).update(hints=["Look at the grid."], hints_left=0)
    return {"state": state(), "message": ""}
def solution(question):
    if not question["confirm"]:
        return {"message": "Try once first."}
    step(question).update(solution_open=True, solution="x.mean()")
    return {"state": state(), "message": "Here it is."}
for name, function in {"predict": predict, "check": check, "hint": hint, "solution": solution}.items():
    topic("lesson").handle("lesson." + name, function)
topic("lesson").publish(state())
print(json.dumps("open"))
"""

SAID = "print(json.dumps(said))"


def test_a_prediction_made_in_the_panel_reaches_a_busy_kernel(
    fresh: Notebook, lab: Lab, tmp_path: Path, pictures: Path
) -> None:
    gate = tmp_path / "gate"
    busy = f"while not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.01)\n{SAID}"
    opened(fresh, lab, OPEN, ARRAYS, busy)
    page = fresh.page
    assert page.locator('.cks-tab[data-tab="lesson"]').is_hidden()  # no lesson, no tabs
    assert fresh.run(1) == "open"
    page.get_by_role("heading", name="5 · Nine chunks").wait_for()  # it comes to the front
    bar = page.get_by_role("progressbar", name="Steps done")
    assert (bar.get_attribute("aria-valuenow"), bar.get_attribute("aria-valuemax")) == ("0", "3")
    fresh.start(3)  # the kernel is busy from here on
    page.get_by_role("button", name="Keep my prediction").click()
    expect(page.locator(".cks-step-open .cks-step-said")).to_contain_text("Choose one")
    page.get_by_role("radio", name="b) ten").check()
    page.get_by_role("button", name="Keep my prediction").click()
    page.locator('.cks-step[data-state="answered"]').wait_for()
    assert page.get_by_role("button", name="Reveal the answer").is_visible()
    page.locator(".cks-step-head", has_text="How many bytes?").click()
    page.locator(".cks-entry").fill("1e6")
    page.locator(".cks-entry").press("Enter")
    page.wait_for_function("document.querySelectorAll('.cks-step[data-state=\"answered\"]').length === 2")
    state = "window.jupyterapp.shell.currentWidget.content.widgets[3].model.executionState"
    assert page.evaluate(state) == "running"
    for theme in ("Dark High Contrast", "Dark", "Light"):
        fresh.theme(f"JupyterLab {theme}")
        assert violations(page, ".cks-panel") == []
        page.screenshot(path=pictures / f"lesson-{theme.lower()}.png")
    gate.touch()
    assert json.loads(fresh.output(3)) == ["b", "1e6"]


def test_checks_hints_and_solutions_and_a_page_that_comes_back(fresh: Notebook, lab: Lab) -> None:
    name = opened(fresh, lab, OPEN, ARRAYS)
    fresh.run(1)
    page = fresh.page
    page.get_by_role("heading", name="Nine chunks").wait_for()
    page.locator(".cks-step-head", has_text="<b>Mean</b>").click()
    page.get_by_role("button", name="Hint (1 left)").click()
    page.get_by_role("list", name="Hints").get_by_text("Look at the grid.").wait_for()
    assert page.get_by_role("button", name="No more hints").is_disabled()
    page.get_by_role("button", name="Solution").click()
    page.get_by_role("button", name="Show it anyway").click()
    page.locator("pre.cks-step-solution", has_text="x.mean()").wait_for()
    page.get_by_role("button", name="Check", exact=True).click()
    page.locator('.cks-step[data-state="passed"]').wait_for()
    expect(page.locator(".cks-step-open [role=status]")).to_have_text("Right: 4.5.")
    expect(page.locator('.cks-step[data-state="passed"] .cks-step-word')).to_have_text("passed")
    bar = page.get_by_role("progressbar", name="Steps done")
    assert bar.get_attribute("aria-valuenow") == "1"
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save').then(() => null)")
    page.goto(lab.url(f"lab/tree/{name}"))
    page.get_by_role("heading", name="Nine chunks").wait_for()
    assert bar.get_attribute("aria-valuenow") == "1"


def test_steps_lead_to_cells_and_views_by_key(fresh: Notebook, lab: Lab) -> None:
    opened(fresh, lab, OPEN, ARRAYS)
    fresh.run(1)
    log = fresh.run(2)
    page = fresh.page
    fresh.until(f"s.run === {log['run']} && s.complete && s.state === 'finished'")
    tab = page.get_by_role("tab", name="Lesson", exact=True)
    assert tab.get_attribute("aria-selected") == "true"
    drawn = "document.querySelector('.cks-stage[data-view=\"chunks\"]').clientHeight"
    assert page.evaluate(drawn) == 0  # behind the lesson nothing is drawn
    active = "window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1")
    tab.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert "How many tasks?" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_function(f"{active} === 0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function(f"{active} === 2")
    page.get_by_role("button", name="Show Memory").press("Enter")
    assert page.evaluate("document.activeElement.dataset.view") == "memory"
    assert page.get_by_role("tab", name="Run", exact=True).get_attribute("aria-selected") == "true"
    page.get_by_role("tab", name="Run", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert tab.get_attribute("aria-selected") == "true"
    assert page.evaluate("document.activeElement.dataset.tab") == "lesson"
    unnamed = page.evaluate(
        """[...document.querySelectorAll('.cks-lesson button, .cks-lesson input')]
           .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.closest('label'))).length"""
    )
    assert unnamed == 0


def test_a_prediction_in_a_real_lesson_is_in_its_progress(fresh: Notebook, lab: Lab, tmp_path: Path) -> None:
    cells = (
        f"import os; os.environ['CHUNKSCOPE_PROGRESS'] = {str(tmp_path / 'progress.jsonl')!r}",
        "from chunkscope_lessons import lesson\nL = lesson('07_pi')",
    )
    opened(fresh, lab, *cells)
    for cell in (1, 2):
        fresh.start(cell)
        fresh.output(cell)
    page = fresh.page
    page.locator(".cks-lesson-title").wait_for()
    page.locator('.cks-step-open input[type="text"]').fill("0.07, 0.002, 0.00002")
    page.get_by_role("button", name="Keep my prediction").click()
    page.locator('.cks-step[data-state="answered"]').wait_for()
    lines = [json.loads(line) for path in tmp_path.rglob("*.jsonl") for line in path.read_text().splitlines()]
    kept = [line for line in lines if line.get("exercise", line.get("item")) == "p1"]
    assert "0.002" in json.dumps(kept[-1])
