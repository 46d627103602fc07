"""A real JupyterLab with Notebook 7 beside it, isolated from the user's settings, and pages on it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "labextension" / "chunkscope_lab" / "labextension"
TOKEN = "0123456789abcdef"

SETTLED = """() => new Promise((done, failed) => {
  const places = () => [...document.querySelectorAll('.cks-stage, .cks-details')]
    .map(e => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.width, b.height].join(); }).join(' ');
  const began = performance.now();
  let last = places(), still = 0;
  const look = () => {
    const now = places();
    still = now === last ? still + 1 : 0;
    last = now;
    if (still >= 4) done();
    else if (performance.now() - began > 20_000) failed(new Error('the views do not come to rest'));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look); })"""


THEMED = """name => document.body.dataset.jpThemeName === name && !document.getElementById('jupyterlab-splash')
  && window.jupyterapp.shell.isVisible"""
"""JupyterLab hides everything behind its splash while it changes its theme, also for a while after the name is new."""


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Lab:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    log: Path
    base: str = "/"

    @classmethod
    def start(cls, home: Path, folder: Path, base: str = "/") -> Lab:
        """Start a server on `folder` with settings of its own below `home`, and wait until it answers.

        All its addresses begin with `base`, as behind JupyterHub.
        """
        if not (BUNDLE / "package.json").exists():
            raise RuntimeError(
                "the panel is not built: run `jlpm install && jlpm build:prod` in labextension/"
            )
        places = {name: home / name.lower() for name in ("CONFIG", "DATA", "RUNTIME", "IPYTHON")}
        for path in places.values():
            path.mkdir(parents=True)
        extensions = places["DATA"] / "labextensions"
        extensions.mkdir()
        (extensions / "chunkscope-lab").symlink_to(BUNDLE)  # this tree's build, whatever is installed
        settings = places["CONFIG"] / "labconfig"
        settings.mkdir()
        overrides = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
        (settings / "default_setting_overrides.json").write_text(json.dumps(overrides))
        environment = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(places["CONFIG"]),
            "JUPYTER_DATA_DIR": str(places["DATA"]),
            "JUPYTER_RUNTIME_DIR": str(places["RUNTIME"]),
            "IPYTHONDIR": str(places["IPYTHON"]),
        }
        port = free_port()
        log = home / "server.log"
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
        options = [
            f"--port={port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.base_url={base}",
            f"--IdentityProvider.token={TOKEN}",
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
            "--ServerApp.jpserver_extensions=chunkscope_lab=True",
            "--ServerApp.jpserver_extensions=notebook=True",
        ]
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command, *options],
                cwd=folder,
                env=environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        lab = cls(process, port, folder, log, base)
        lab.wait()
        return lab

    def wait(self) -> None:
        """Wait until the server answers."""
        deadline = time.monotonic() + 90  # a server on a loaded machine
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(self.url("api/status"), timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-3000:]}")

    def url(self, path: str) -> str:
        """An address on the server, with its token."""
        return f"http://127.0.0.1:{self.port}{self.base}{path}?token={TOKEN}"

    def stop(self) -> None:
        """End the server and its kernels."""
        self.process.send_signal(signal.SIGINT)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)

    def end_kernels(self, but: Collection[str] = ()) -> None:
        """Shut all kernels down, but for those of the notebooks `but`."""
        with urllib.request.urlopen(self.url("api/sessions"), timeout=20) as answer:
            sessions = json.load(answer)
        for session in sessions:
            if session["path"] in but:
                continue
            request = urllib.request.Request(self.url(f"api/sessions/{session['id']}"), method="DELETE")
            with urllib.request.urlopen(request, timeout=20):
                pass

    def notebook(self, name: str, *cells: str) -> str:
        """Write a notebook with these code cells; returns its path below the folder."""
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source.strip()) for source in cells])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        for number, cell in enumerate(book.cells):
            cell["id"] = f"cell-{number}"
        nbformat.write(book, self.folder / name)
        return name


class Notebook:
    """One page with a notebook in JupyterLab or Notebook 7."""

    def __init__(self, page: Page, lab: Lab) -> None:
        self.page = page
        self.lab = lab
        self.problems: list[str] = []
        self.outside: list[str] = []
        self.known: frozenset[str] = frozenset()
        """Failures of the application's own, with and without us."""
        page.on("pageerror", lambda error: self._failed(str(error)))
        page.on("request", lambda request: self._seen(request.url))
        page.on("websocket", lambda socket: self._seen(socket.url))

    def _failed(self, problem: str) -> None:
        if problem not in self.known:
            self.problems.append(problem)

    def _seen(self, url: str) -> None:
        home = f"127.0.0.1:{self.lab.port}{self.lab.base}"
        if not url.startswith((f"http://{home}", f"ws://{home}", "data:", "blob:")):
            self.outside.append(url)

    def open(self, name: str) -> None:
        """Open a notebook in a fresh workspace and wait for its kernel."""
        self.page.goto(self.lab.url(f"lab/tree/{name}") + "&reset")
        self.ready(name)

    def show(self, name: str) -> None:
        """Open another notebook beside, or bring it to the front."""
        self.page.evaluate(  # a command's value may be a widget, which cannot be sent here
            "p => window.jupyterapp.commands.execute('docmanager:open', {path: p}).then(() => null)", name
        )
        self.ready(name)

    def ready(self, name: str) -> None:
        """Wait until the notebook's kernel is there and the panel follows it."""
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell", state="attached", timeout=60_000)
        self.page.wait_for_function(
            "name => window.chunkscope && window.chunkscope.snapshot().notebook === name",
            arg=name,
            timeout=60_000,
        )
        self.page.wait_for_function(
            """() => { const w = window.jupyterapp.shell.currentWidget;
                       const k = w && w.sessionContext && w.sessionContext.session && w.sessionContext.session.kernel;
                       return k && k.connectionStatus === 'connected' && k.status !== 'unknown'; }""",
            timeout=60_000,
        )

    def append(self, source: str) -> int:
        """Add a code cell at the end of the notebook in front; its number."""
        number: int = self.page.evaluate(
            """source => { const cells = window.jupyterapp.shell.currentWidget.content.model.sharedModel;
                           cells.addCell({cell_type: 'code', source}); return cells.cells.length - 1; }""",
            source.strip(),
        )
        return number

    def start(self, cell: int) -> None:
        """Start a cell of the notebook in front, and do not wait for its end."""
        self.page.evaluate(
            """async cell => { const w = window.jupyterapp.shell.currentWidget; w.content.activeCellIndex = cell;
                             void window.jupyterapp.commands.execute('notebook:run-cell'); }""",
            cell,
        )

    def output(self, cell: int, timeout_s: float = 60) -> str:
        """The text that a cell has printed, once it has ended; not what the kernel or a library grumbles on stderr."""
        self.page.wait_for_function(
            """cell => { const w = window.jupyterapp.shell.currentWidget;
                         const m = w.content.widgets[cell].model;
                         return m.executionCount !== null && m.executionState !== 'running'; }""",
            arg=cell,
            timeout=timeout_s * 1000,
        )
        return str(
            self.page.evaluate(
                """cell => window.jupyterapp.shell.currentWidget.content.widgets[cell].model.outputs.toJSON()
                   .filter(o => o.name !== 'stderr')
                   .map(o => o.text ?? (o.ename ? o.ename + ': ' + o.evalue : JSON.stringify(o.data)))
                   .join('')""",
                cell,
            )
        )

    def run(self, cell: int) -> Any:
        """Run a cell to its end; its printed line of JSON as data."""
        self.start(cell)
        return json.loads(self.output(cell))

    def snapshot(self) -> dict[str, Any]:
        """What the page's panel knows."""
        found: dict[str, Any] = self.page.evaluate("window.chunkscope.snapshot()")
        return found

    def until(self, condition: str, timeout_s: float = 30) -> dict[str, Any]:
        """Wait until a JavaScript condition on the snapshot `s` holds; the snapshot then."""
        handle = self.page.wait_for_function(
            f"""() => {{ if (!window.chunkscope) return null;
                       const s = window.chunkscope.snapshot(); return ({condition}) ? s : null; }}""",
            timeout=timeout_s * 1000,
            polling=20,
        )
        found: dict[str, Any] = handle.json_value()
        return found

    def evaluate(self, script: str, value: Any = None) -> Any:
        """Run JavaScript with the panel's store as `store`."""
        wrapped = f"value => {{ const store = window.chunkscope.model.store; return {script}; }}"
        return self.page.evaluate(wrapped, value)

    def views(self, *names: str) -> None:
        """Open these views of the panel and close the others."""
        self.page.evaluate(
            """names => { for (const section of document.querySelectorAll('.cks-panel [data-section]')) {
                 const title = section.querySelector('.cks-title');
                 const open = title.getAttribute('aria-expanded') === 'true';
                 if (open !== names.includes(section.dataset.section)) title.click(); } }""",
            list(names),
        )

    def open_views(self) -> list[str]:
        """The views of the panel that are open."""
        found: list[str] = self.page.evaluate(
            """[...document.querySelectorAll('.cks-panel [data-section]')]
               .filter(section => section.querySelector('.cks-title').getAttribute('aria-expanded') === 'true')
               .map(section => section.dataset.section)"""
        )
        return found

    def drawn(self) -> None:
        """Wait until the page has drawn what it knows: two frames."""
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def settled(self) -> None:
        """Wait until no view of the page has moved or changed its size for some frames."""
        self.page.evaluate(SETTLED)

    def theme(self, name: str) -> None:
        """Change JupyterLab's theme and wait until it is in force."""
        self.page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name}).then(() => null)",
            name,
        )
        self.page.wait_for_function(THEMED, arg=name, timeout=20_000)
        self.page.wait_for_timeout(400)  # charts fade into their colours
