"""The runner of the suite tells failures from successes, and a missing browser from both."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.run import chromium
from tests.run.__main__ import main, run, summary
from tests.run.failures import LONGEST
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
    assert any(line.startswith("b: `") and "ended with status 3" in line for line in lines)


ALWAYS = "def test_it():\n    assert 1 + 1 == 3, 'sums are off'\n"
ONCE = """
from pathlib import Path

def test_it():
    mark = Path(__file__).with_suffix(".seen")
    first = not mark.exists()
    mark.touch()
    assert not first, "there was a crowd"
"""
UNREADABLE = "import no_such_module\n"


def part_of_tests(folder: Path, *texts: str, again: bool = True) -> Part:
    """A part whose tests are files with these texts."""
    for number, text in enumerate(texts):
        (folder / f"test_{number}.py").write_text(text)
    plugins = ["-p", "tests.run.failures", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir=.", *plugins]
    here = {"PYTHONPATH": str(Path(__file__).parents[2])}
    return Part("x", "about", [command], folder=str(folder), environment=here, again=command if again else ())


def test_what_fails_only_beside_others_is_called_unsteady(tmp_path: Path) -> None:
    outcome = run(part_of_tests(tmp_path, ONCE, "def test_good():\n    pass\n"), in_ci=False)
    assert (outcome.verdict, outcome.failures) == ("passed", ())
    (test,) = outcome.unsteady
    assert test.file.endswith("test_0.py")
    assert summary([outcome]).splitlines()[-1].startswith("unsteady, passed by itself: ")
    assert "test_0.py::test_it: AssertionError: there was a crowd" in summary([outcome])


@pytest.mark.parametrize(("text", "words"), [(ALWAYS, "sums are off"), (UNREADABLE, "no_such_module")])
def test_what_fails_twice_has_failed_and_is_named(tmp_path: Path, text: str, words: str) -> None:
    part = part_of_tests(tmp_path, ONCE, text)
    outcome = run(part, in_ci=False)
    assert (outcome.verdict, outcome.unsteady) == ("failed", ())
    assert [test.file.rpartition("/")[2] for test in outcome.failures] == ["test_1.py"]
    last = summary([outcome]).splitlines()[-1]
    assert last.startswith("failed: ")
    assert words in last


def test_nothing_is_tried_again_where_it_is_not_said_or_much_fails(tmp_path: Path) -> None:
    assert run(part_of_tests(tmp_path, ONCE, again=False), in_ci=False).verdict == "failed"
    many = tmp_path / "many"
    many.mkdir()
    assert run(part_of_tests(many, *[ONCE] * 9), in_ci=False).verdict == "failed"


def test_a_failure_has_one_line_and_an_end(tmp_path: Path) -> None:
    (test,) = run(
        part_of_tests(tmp_path, f"def test_it():\n    assert False, {'a' * 900!r}\n"), in_ci=False
    ).failures
    assert len(test.message) == LONGEST
    assert test.message.endswith("…")


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
