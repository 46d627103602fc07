"""One JupyterLab and one browser for all tests of this folder; a fresh page and kernel for each."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.books import Gates
from tests.browser.lab import Lab, Notebook

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
    """A headless browser."""
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield instance
        instance.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab on an empty folder."""
    # the server has to end with the tests, also when these are ended from outside
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    server = Lab.start(tmp_path_factory.mktemp("jupyter"), tmp_path_factory.mktemp("notebooks"))
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


@pytest.fixture
def notebook(browser: Browser, lab: Lab) -> Iterator[Notebook]:
    """A fresh page; at the end no script has failed and nothing outside the server was asked for."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    one = Notebook(page, lab)
    yield one
    context.close()
    lab.end_kernels()
    assert one.problems == []
    assert one.outside == []


@pytest.fixture
def gates(tmp_path: Path) -> Gates:
    """Gates of this test."""
    return Gates(tmp_path / "gates")
