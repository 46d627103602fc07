"""The runner of the suite tells failures from successes, and a missing browser from both."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.run import chromium
from tests.run.__main__ import main, run, summary
from tests.run.parts import SUITES, Part

GOOD = [sys.executable, "-c", ""]
BAD = [sys.executable, "-c", "raise SystemExit(3)"]
SHOW = [
    sys.executable,
    "-c",
    "import os; raise SystemExit(os.environ.get('CHUNKSCOPE_CHROMIUM') != '/a/browser')",
]


@pytest.mark.parametrize(
    ("commands", "verdict"),
    [([GOOD], "passed"), ([GOOD, BAD], "failed"), ([BAD, GOOD], "failed"), ([["no-such-command"]], "failed")],
)
def test_a_part_fails_with_its_first_failing_command(commands: list[list[str]], verdict: str) -> None:
    assert run(Part("x", "about", commands), in_ci=False).verdict == verdict


@pytest.mark.parametrize(("in_ci", "verdict"), [(False, "not run"), (True, "failed")])
def test_a_missing_browser(monkeypatch: pytest.MonkeyPatch, in_ci: bool, verdict: str) -> None:
    monkeypatch.setattr(chromium, "find_or_install", lambda: None)
    outcome = run(Part("x", "about", [GOOD], browser=True), in_ci=in_ci)
    assert (outcome.verdict, outcome.reason) == (verdict, chromium.REMEDY)


def test_a_part_is_told_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "find_or_install", lambda: "/a/browser")
    assert run(Part("x", "about", [SHOW], browser=True), in_ci=True).verdict == "passed"


def test_only_a_browser_that_starts_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = tmp_path / "chromium"
    monkeypatch.setenv(chromium.VARIABLE, str(browser))
    assert chromium.find() is None
    browser.write_text("#!/bin/sh\nexit 1\n")
    browser.chmod(0o755)
    assert chromium.find() is None
    browser.write_text("#!/bin/sh\nexit 0\n")
    assert chromium.find() == str(browser)


def test_the_summary_counts_and_gives_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "find_or_install", lambda: None)
    parts = [Part("a", "one", [GOOD]), Part("b", "two", [BAD]), Part("c", "three", [GOOD], browser=True)]
    lines = summary([run(part, in_ci=False) for part in parts]).splitlines()
    assert lines[-1] == "parts: 1 passed, 1 failed, 1 skipped"
    assert any(line.startswith("b: `") and line.endswith("status 3") for line in lines)


@pytest.mark.parametrize(("command", "status"), [(GOOD, 0), (BAD, 1)])
def test_the_exit_status(monkeypatch: pytest.MonkeyPatch, command: list[str], status: int) -> None:
    monkeypatch.setattr("tests.run.__main__.SUITES", {"some": (Part("x", "about", [command]),)})
    assert main(["some"]) == status
    assert main(["some", "x"]) == status


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["quick", "nonsense"])
    assert "there are lint, notebooks, python" in capsys.readouterr().err


def test_every_folder_of_a_suite_exists() -> None:
    root = Path(__file__).parents[2]
    commands = [(part, command) for suite in SUITES.values() for part in suite for command in part.commands]
    folders = {word for _, command in commands for word in command if word.startswith("tests/")}
    assert {name for name in folders if not (root / name).exists()} == set()
