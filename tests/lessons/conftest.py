"""Lessons in tests write to a folder of their own; the data files are written there once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lessons.places import settings


@pytest.fixture(scope="session")
def lesson_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("lesson_data")
    yield folder
    shutil.rmtree(folder)  # hundreds of megabytes, which pytest would keep for three sessions


@pytest.fixture(autouse=True)
def lesson_settings(lesson_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in settings(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CHUNKSCOPE_DATA", str(lesson_data))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.chdir(tmp_path)
    yield
