"""Takes the pictures of the panel that the pages of the project show: `python -m tests.browser.picture docs/panel.png`.

With `--lessons FOLDER` it takes the lessons 02 and 07 instead, solved, during a run and after, light and dark; with
`--views`, each view of the panel, light, dark and in high contrast.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, chromium
from tests.browser.lab import Lab, Notebook

PROSE = """# Is the anomaly larger in the south?
Four steps on 24 chunks: a mean over the days, what is left when it is taken away, its square, and a sum for each row.
Beside the notebook: which block is where, what waits for what, and which thread did it when."""

CODE = """import chunkscope.array as ca

rng = ca.random.default_rng(2013)
x = rng.normal(size=(6000, 4000), chunks=(1000, 1000))
x"""

RUN = """anomaly = x - x.mean(axis=0)
strength = (anomaly ** 2).sum(axis=1)
strength.compute()[:4]"""


def readme_picture(lab: Lab, notebook: Notebook, target: Path) -> None:
    """A small notebook and the panel in the middle of the replay of its run."""
    book = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(PROSE),
            nbformat.v4.new_code_cell(CODE),
            nbformat.v4.new_code_cell(RUN),
        ]
    )
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, lab.folder / "anomaly.ipynb")
    notebook.open("anomaly.ipynb")
    notebook.page.evaluate("window.jupyterapp.shell.collapseLeft()")
    for cell in (1, 2):
        notebook.start(cell)
        notebook.output(cell)
    notebook.until("s.complete && s.state === 'finished'")
    notebook.evaluate("store.player.seek(store.current.now(0) * 0.55)")
    middle = notebook.evaluate("[...store.states()].findIndex(state => state === 1)")
    notebook.evaluate("store.select(value >= 0 ? {task: value} : null)", middle)
    notebook.page.evaluate("document.querySelector('.jp-Notebook').scrollTop = 0")
    notebook.page.wait_for_timeout(1500)
    target.parent.mkdir(parents=True, exist_ok=True)
    notebook.page.screenshot(path=target)


def lesson_pictures(lab: Lab, notebook: Notebook, reference: Path, target: Path) -> None:
    """The lessons of a folder of solved notebooks, run from top to bottom: one picture in a run, two after."""
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(reference.glob("*.ipynb")):
        if not path.name.startswith(("02", "07")):
            continue
        book = nbformat.read(path, as_version=4)
        for cell in book.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(book, lab.folder / path.name)
        notebook.open(path.name)
        notebook.page.evaluate("window.jupyterapp.shell.collapseLeft()")
        during = False
        for number, cell in enumerate(book.cells):
            if cell.cell_type != "code":
                continue
            notebook.start(number)
            if not during and "compute" in cell.source:
                running = (
                    "window.chunkscope.snapshot().tally.running > 0 && window.chunkscope.snapshot().rows > 2"
                )
                try:
                    notebook.page.wait_for_function(running, timeout=3_000, polling=20)
                    notebook.page.screenshot(path=target / f"{path.stem}-during.png")
                    during = True
                except Exception:  # this cell's run was over before a picture could be taken
                    during = False
            notebook.output(number, timeout_s=180)
        notebook.page.wait_for_timeout(1000)
        for theme in ("Dark", "Light"):
            notebook.theme(f"JupyterLab {theme}")
            notebook.page.screenshot(path=target / f"{path.stem}-after-{theme.lower()}.png")
        print(path.name, json.dumps(notebook.snapshot()["tally"]))


FRAMES = """import numpy as np, pandas as pd, pathlib
import chunkscope.array as ca, chunkscope.dataframe as cd
from chunkscope_lessons import lesson

rng = np.random.default_rng(3)
for i, n in enumerate(rng.lognormal(8.5, 1, 40).astype(int)):
    origin = rng.choice(["ABQ", "JFK", "SFO"], n)
    x = {"year": 1990 + np.arange(n) % 10, "delay": rng.normal(10, 8, n), "origin": origin}
    pathlib.Path("csv").mkdir(exist_ok=True)
    pd.DataFrame(x).to_csv(f"csv/{i:02}.csv", index=False)"""

FILTER = """x = cd.read_csv("csv/*.csv")
x[x.delay > 12].compute().head()"""

HELD = """y = ca.random.default_rng(1).normal(size=(4000, 3000), chunks=(1000, 1000))
((y - y.mean(axis=0)) ** 2).sum(axis=1).compute(memory="120MB")[:4]"""

OPEN = """L = lesson("09_dataframes")"""


THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark", "contrast": "JupyterLab Dark High Contrast"}


def view_pictures(lab: Lab, notebook: Notebook, target: Path) -> None:
    """Each view of the panel alone in the middle of a run's replay, a frame's partitions, a lesson: in three themes."""
    target.mkdir(parents=True, exist_ok=True)
    notebook.open(lab.notebook("views.ipynb", FRAMES, FILTER, HELD, HELD, OPEN))
    page = notebook.page
    page.evaluate("window.jupyterapp.shell.collapseLeft()")
    names = page.evaluate(
        "[...document.querySelectorAll('.cks-panel [data-section]')].map(s => s.dataset.section)"
    )

    def ran(cell: int) -> None:
        notebook.start(cell)
        notebook.output(cell, timeout_s=180)
        page.wait_for_timeout(700)

    def panel(name: str, theme: str) -> None:
        page.mouse.move(5, 5)
        page.wait_for_timeout(500)
        page.locator(".cks-panel").screenshot(path=target / f"{name}-{theme}.png")

    ran(0)
    ran(1)
    notebook.evaluate("store.player.seek(store.current.now(0) * 0.5)")
    notebook.evaluate("store.select({task: [...store.states()].findIndex(state => state === 1)})")
    notebook.views("replay", "chunks", "graph", "timeline")
    for short, theme in THEMES.items():
        notebook.theme(theme)
        panel("partitions", short)
    ran(2)
    ran(3)  # a second run, for the view that compares
    notebook.evaluate("store.player.seek(store.current.now(0) * 0.6)")
    notebook.evaluate("store.select({task: [...store.states()].findIndex(state => state === 1)})")
    for short, theme in THEMES.items():
        notebook.theme(theme)
        for name in names:
            notebook.views(*dict.fromkeys(["replay", name]))
            page.wait_for_timeout(700)  # a view may ask the kernel
            panel(name, short)
    notebook.views("replay", "chunks", "graph", "timeline", "memory")
    ran(4)
    for short, theme in THEMES.items():
        notebook.theme(theme)
        panel("lesson", short)
    notebook.theme(THEMES["light"])


def main() -> int:
    """Take the pictures that the command line asks for; returns the exit status."""
    parser = argparse.ArgumentParser(description="Take pictures of the panel.")
    parser.add_argument("target", type=Path, help="a PNG file, or a folder with --lessons or --views")
    parser.add_argument("--views", action="store_true", help="each view, into a folder")
    parser.add_argument("--lessons", type=Path, help="a folder of solved notebooks")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "notebooks"
        folder.mkdir()
        lab = Lab.start(Path(home), folder)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
                page = browser.new_page(viewport={"width": 1280, "height": 860})
                notebook = Notebook(page, lab)
                if options.lessons:
                    lesson_pictures(lab, notebook, options.lessons, options.target)
                elif options.views:
                    view_pictures(lab, notebook, options.target)
                else:
                    readme_picture(lab, notebook, options.target)
                browser.close()
        finally:
            lab.end_kernels()
            lab.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
