"""`chunkscope doctor`: what is installed, what is missing, and what would mend it."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

ENGINE = ("numpy", "pandas", "pyarrow", "scipy", "cloudpickle", "psutil", "threadpoolctl")
LAB = ("jupyterlab", "jupyter-server", "ipykernel", "ipywidgets", "anywidget", "bokeh")
EXTENSION = "chunkscope-lab"
PANEL_REMEDY = "in a clone run: make panel; else: pip install --force-reinstall chunkscope"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    found: str
    """What is there; empty if nothing is."""
    remedy: str = ""
    """What would mend it, where something is missing."""
    needed: bool = True
    """Whether chunkscope or its lessons need it."""

    @property
    def good(self) -> bool:
        """Whether it is there."""
        return bool(self.found)


def add(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Describes `chunkscope doctor`."""
    parser = subparsers.add_parser("doctor", help="check this installation")
    parser.set_defaults(run=_run)


def examine() -> Iterator[Finding]:
    """Every finding, one at a time."""
    yield Finding("Python", platform.python_version())
    yield Finding("cores for this process", str(_cores()))
    for package in ENGINE:
        yield _package(package, "pip install chunkscope")
    for package in LAB:
        yield _package(package, 'pip install "chunkscope[lab]"')
    yield _panel()
    yield _server_extension()
    dot = shutil.which("dot") or ""
    yield Finding("dot (Graphviz)", dot, "only PNG and PDF pictures need it; install graphviz", needed=False)


def _run(arguments: argparse.Namespace) -> int:
    status = 0
    for finding in examine():
        mark = "ok     " if finding.good else "MISSING" if finding.needed else "absent "
        print(f"{mark}  {finding.what:<24} {finding.found or finding.remedy}")
        if finding.needed and not finding.good:
            status = 1
    return status


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _package(name: str, remedy: str) -> Finding:
    try:
        return Finding(name, version(name))
    except PackageNotFoundError:
        return Finding(name, "", remedy)


def _panel() -> Finding:
    for folder in _jupyter_folders("share/jupyter/labextensions"):
        manifest = folder / EXTENSION / "package.json"
        if manifest.is_file():
            return Finding("panel", str(manifest.parent))
    return Finding("panel", "", PANEL_REMEDY)


def _server_extension() -> Finding:
    for folder in _jupyter_folders("etc/jupyter/jupyter_server_config.d"):
        manifest = folder / "chunkscope_lab.json"
        if manifest.is_file():
            return Finding("server extension", str(manifest))
    return Finding("server extension", "", PANEL_REMEDY)


def _jupyter_folders(below_prefix: str) -> Iterator[Path]:
    # Where pip puts a distribution's shared data: the environment, or the user's own prefix.
    yield Path(sys.prefix) / below_prefix
    yield Path.home() / ".local" / below_prefix
