"""One JupyterLab and one browser for all tests of this folder, and one page with one kernel for most of them."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.books import Gates, opened
from tests.browser.lab import Lab, Notebook

PATIENCE_MS = 20_000
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """The path of an installed Chromium or Chrome. Raises RuntimeError where there is none."""
    wanted = os.environ.get("CHUNKSCOPE_CHROMIUM")
    found = wanted or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        raise RuntimeError("no Chromium or Chrome is installed; set CHUNKSCOPE_CHROMIUM to its path")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless browser; what is expected of its pages has time to come, also on a busy machine."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield instance
        instance.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab on an empty folder, at an address like the ones that JupyterHub gives."""
    # the server has to end with the tests, also when these are ended from outside
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    home, folder = tmp_path_factory.mktemp("jupyter"), tmp_path_factory.mktemp("notebooks")
    server = Lab.start(home, folder, base="/user/ann%40x/")
    try:
        yield server
    finally:
        server.stop()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: `CHUNKSCOPE_PICTURES`, or a temporary folder."""
    wanted = os.environ.get("CHUNKSCOPE_PICTURES")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Shared:
    """The page that most tests share: a notebook whose first cell has run. A test adds cells of its own."""

    def __init__(self, browser: Browser, lab: Lab) -> None:
        self.browser = browser
        self.lab = lab
        self.notebook: Notebook | None = None
        self.name = ""
        self.usual: list[str] = []

    def ready(self) -> Notebook:
        """The page as it is when it is fresh, but for the runs that the kernel remembers."""
        if self.notebook is None:
            self.notebook = page_of(self.browser, self.lab)
            self.name = opened(self.notebook, self.lab)
            self.usual = self.notebook.open_views()
        else:
            self.tidy(self.notebook)
        self.notebook.problems.clear()
        self.notebook.outside.clear()
        return self.notebook

    def tidy(self, notebook: Notebook) -> None:
        """Undo what the test before has chosen, opened and added."""
        page = notebook.page
        if page.evaluate("document.body.dataset.jpThemeName") != "JupyterLab Light":
            notebook.theme("JupyterLab Light")
        page.evaluate(TIDY, self.name)
        notebook.ready(self.name)
        notebook.views(*self.usual)
        notebook.evaluate(
            "(store.follow = true, store.select(null), store.point(null), store.zoom(null), store.player.live())"
        )
        page.mouse.move(5, 5)

    def give_up(self) -> None:
        """Close the page and end its kernel: the next test gets a fresh one."""
        if self.notebook is not None:
            self.notebook.page.context.close()
            self.notebook = None
            self.lab.end_kernels()


TIDY = """async name => {
  const app = window.jupyterapp;
  for (const widget of [...app.shell.widgets('main')]) {
    const context = widget.context;
    if (context && context.path === name) continue;
    if (context) context.model.dirty = false;
    widget.close();
  }
  await app.commands.execute('docmanager:open', {path: name});
  const model = app.shell.currentWidget.content.model;
  model.sharedModel.deleteCellRange(1, model.cells.length);
  await app.commands.execute('chunkscope:open');
  document.querySelector('.cks-panel .cks-head-row [aria-expanded="true"]')?.click();
  await app.commands.execute('chunkscope:follow-notebook');
}"""


def page_of(browser: Browser, lab: Lab, width: int = 1440, height: int = 900) -> Notebook:
    """A page with storage of its own."""
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.set_default_timeout(30_000)
    return Notebook(page, lab)


@pytest.fixture(scope="session")
def shared(browser: Browser, lab: Lab) -> Iterator[Shared]:
    """The page that tests share."""
    one = Shared(browser, lab)
    yield one
    one.give_up()


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Leave a mark on a test that failed: its page is not given to another."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


def quiet(notebook: Notebook) -> None:
    """No script of the page has failed and nothing outside the server was asked for."""
    assert notebook.problems == []
    assert notebook.outside == []


@pytest.fixture
def notebook(shared: Shared, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """The shared page with its notebook in front; at the end no script has failed and nothing left the server."""
    one = shared.ready()
    yield one
    if request.node.stash.get(FAILED, False) or one.problems:
        shared.give_up()
    quiet(one)


@pytest.fixture
def fresh(browser: Browser, lab: Lab, shared: Shared) -> Iterator[Notebook]:
    """A page of its own, for tests that load it more than once or end kernels."""
    one = page_of(browser, lab)
    yield one
    one.page.context.close()
    lab.end_kernels(but=[shared.name])
    quiet(one)


@pytest.fixture
def gates(tmp_path: Path) -> Gates:
    """Gates of this test."""
    return Gates(tmp_path / "gates")
