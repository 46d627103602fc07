"""A plugin of pytest, `-p tests.run.failures`: writes down which tests failed, and with which words.

One line of JSON for each, `[node, message]`, in the file that the environment names. The controller of a run with
several workers writes, the workers do not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

VARIABLE = "CHUNKSCOPE_FAILURES"
LONGEST = 160
"""Characters of a message that are kept."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that failed, or a file that could not be read."""

    node: str
    message: str

    @property
    def file(self) -> str:
        return self.node.partition("::")[0]

    def __str__(self) -> str:
        return f"{self.node}: {self.message}"


def read(path: Path) -> list[Failure]:
    """The failures that a run wrote down at `path`, each test once."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return list({node: Failure(node, message) for node, message in map(json.loads, lines)}.values())


def files(failures: Sequence[Failure]) -> list[str]:
    """The files that the failures are in, each once, in the order of the failures."""
    return list(dict.fromkeys(failure.file for failure in failures))


def pytest_configure(config: pytest.Config) -> None:
    path = os.environ.get(VARIABLE)
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Writer(Path(path)), "failures-written-down")


class _Writer:
    def __init__(self, path: Path) -> None:
        self.path = path

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._write(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._write(report)

    def _write(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([report.nodeid, _message(report)]) + "\n")


def _message(report: pytest.TestReport | pytest.CollectReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    words = crash.message if crash is not None else report.longreprtext.strip().rpartition("\n")[2]
    line = " ".join(words.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
