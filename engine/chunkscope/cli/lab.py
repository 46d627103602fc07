"""`chunkscope lab`: JupyterLab on a writable copy of the lessons, with the panel open.

The server is JupyterLab's own, started in place of this process, so signals and the exit status are its own.
It is told the folder, the notebook to open, and a workspace of its own, in which the panel shows itself the first
time (later the layout is as the user left it). News and update checks are off: nothing here asks the network unless
the user does.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from chunkscope.cli.lessons import copy_lessons
from chunkscope.cli.refusal import CannotRun

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

# Opening the lessons does not disturb the layout of the user's other work.
WORKSPACE = "chunkscope"


def add(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Describes `chunkscope lab`."""
    parser = subparsers.add_parser(
        "lab",
        help="open JupyterLab on a copy of the lessons, with the panel open",
        epilog="Arguments after -- go to JupyterLab: chunkscope lab -- --port=9000",
    )
    parser.add_argument(
        "--dir",
        type=Path,
        default=Path("chunkscope-lessons"),
        metavar="DIR",
        help="your copy of the lessons; made if missing, never overwritten (default: %(default)s)",
    )
    parser.add_argument("--lesson", metavar="NAME", help="the lesson to open, or the start of its name: 02")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    parser.add_argument("rest", nargs="*", metavar="ARG", help=argparse.SUPPRESS)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if find_spec("jupyterlab") is None:
        raise CannotRun('JupyterLab is not installed; install it with: pip install "chunkscope[lab]"')
    notebooks = copy_lessons(arguments.dir)
    notebook = choose_lesson(notebooks, arguments.lesson)
    print(f"Your lessons are in {arguments.dir.resolve()}; opening {notebook.name}.", flush=True)
    command = lab_command(arguments.dir, notebook, browser=not arguments.no_browser, rest=arguments.rest)
    return _become(command, lab_environment(os.environ))


def choose_lesson(notebooks: Sequence[Path], name: str | None) -> Path:
    """The notebook whose name starts with `name`; the first one if there is no name.

    >>> choose_lesson([Path("00_start.ipynb"), Path("02_delayed.ipynb")], "02").name
    '02_delayed.ipynb'
    """
    if name is None:
        return notebooks[0]
    for notebook in notebooks:
        if notebook.name.startswith(name):
            return notebook
    known = ", ".join(notebook.stem for notebook in notebooks)
    raise CannotRun(f"no lesson starts with {name!r}; there are {known}")


def lab_command(folder: Path, notebook: Path, *, browser: bool, rest: Sequence[str] = ()) -> list[str]:
    """The command that starts JupyterLab in `folder` and opens `notebook`, which lies in it."""
    page = quote(notebook.relative_to(folder).as_posix())
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder.resolve()}",
        f"--LabApp.default_url=/lab/workspaces/{WORKSPACE}/tree/{page}",
        "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container everybody is root, and Jupyter would refuse to start.
        command.append("--allow-root")
    return [*command, *rest]


def lab_environment(environment: os._Environ[str] | dict[str, str]) -> dict[str, str]:
    """`environment`, and where JupyterLab finds the settings that keep it from asking the network."""
    settings = str(Path(__file__).with_name("jupyter"))
    present = environment.get("JUPYTER_CONFIG_PATH")
    return {
        **environment,
        "JUPYTER_CONFIG_PATH": os.pathsep.join([present, settings] if present else [settings]),
    }


def _become(command: list[str], environment: dict[str, str]) -> int:
    if os.name == "posix":
        os.execve(command[0], command, environment)
    return subprocess.run(command, env=environment, check=False).returncode
