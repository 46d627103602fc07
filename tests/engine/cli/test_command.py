"""What the command line answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from chunkscope.cli import lessons as lessons_module
from chunkscope.cli import main
from chunkscope.cli.refusal import CannotRun


def test_no_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert "COMMAND" in capsys.readouterr().err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out.startswith("chunkscope 0.")


def test_a_refusal_is_one_message_and_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lessons_module, "entry_points", lambda **selection: ())
    assert main(["lessons", "copy", str(tmp_path / "x")]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("chunkscope: no lessons are installed")
    assert captured.out == ""


def test_ctrl_c_is_status_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(target: Path) -> list[Path]:
        raise KeyboardInterrupt

    monkeypatch.setattr(lessons_module, "copy_lessons", interrupted)
    assert main(["lessons", "copy", "x"]) == 130


def test_a_refusal_is_our_own_error() -> None:
    from chunkscope.errors import ChunkscopeError

    assert issubclass(CannotRun, ChunkscopeError)
