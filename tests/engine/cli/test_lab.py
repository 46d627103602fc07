"""`chunkscope lab` starts JupyterLab in the right folder, on the right lesson, and asks no network."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from chunkscope.cli import lab, main
from chunkscope.cli.lab import choose_lesson, lab_command, lab_environment
from chunkscope.cli.refusal import CannotRun


def options(command: list[str]) -> dict[str, str]:
    """The `--name=value` options of `command`."""
    return dict(word[2:].split("=", 1) for word in command if word.startswith("--") and "=" in word)


def test_the_command_names_folder_and_lesson(tmp_path: Path) -> None:
    command = lab_command(tmp_path, tmp_path / "two words" / "00_ä.ipynb", browser=True, rest=["--port=9000"])
    given = options(command)
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert given["ServerApp.root_dir"] == str(tmp_path)
    assert unquote(given["LabApp.default_url"]).endswith("/tree/two words/00_ä.ipynb")
    assert " " not in given["LabApp.default_url"]
    assert given["port"] == "9000"
    assert "--no-browser" not in command
    assert "--no-browser" in lab_command(tmp_path, tmp_path / "x.ipynb", browser=False)


@pytest.mark.parametrize(("uid", "given"), [(0, True), (1000, False)])
def test_only_root_is_allowed_as_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid: int, given: bool
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: uid)
    assert ("--allow-root" in lab_command(tmp_path, tmp_path / "x.ipynb", browser=True)) is given


def test_the_environment_turns_news_off() -> None:
    environment = lab_environment({"HOME": "x", "JUPYTER_CONFIG_PATH": "theirs"})
    assert environment["HOME"] == "x"
    theirs, ours = environment["JUPYTER_CONFIG_PATH"].split(":")
    assert theirs == "theirs"
    settings = json.loads((Path(ours) / "labconfig" / "default_setting_overrides.json").read_text())
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_an_unknown_lesson_is_refused() -> None:
    with pytest.raises(CannotRun, match="no lesson starts with '99'; there are 00_a, 02_b"):
        choose_lesson([Path("00_a.ipynb"), Path("02_b.ipynb")], "99")


def test_lab_copies_the_lessons_and_becomes_jupyterlab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []

    def become(command: list[str], environment: dict[str, str]) -> int:
        started.append(command)
        return 7

    monkeypatch.setattr(lab, "_become", become)
    assert main(["lab", "--dir", str(tmp_path / "mine"), "--no-browser", "--", "--port=9000"]) == 7
    (command,) = started
    assert command[-1] == "--port=9000"
    assert list((tmp_path / "mine").rglob("00_*.ipynb"))


def test_without_jupyterlab_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    assert main(["lab", "--dir", str(tmp_path)]) == 2
    assert 'pip install "chunkscope[lab]"' in capsys.readouterr().err
