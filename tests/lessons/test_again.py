"""Gates T5 and T6: lessons need nothing of each other, and may be run again and again."""

import socket
import threading
from typing import Any

import pytest

from chunkscope_lessons import build
from tests.lessons.classroom import Classroom
from tests.lessons.places import HEAVY, LESSONS, NAMES

SOURCES = {source.name: source for source in build.read_all(LESSONS)}


def run_solved(room: Classroom, name: str, times: int = 1) -> None:
    for cell in build.notebook(SOURCES[name], solved=True)["cells"]:
        if cell["cell_type"] == "code":
            for _ in range(times):
                result = room.run_cell(cell)
                if cell["source"].startswith(("L.check", "L.reveal")):
                    assert result.passed, (name, cell["id"], result)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def refuse(*arguments: Any, **options: Any) -> None:
        raise AssertionError("a lesson asked for the network")

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:  # those of this machine's file system are no network
            refuse()
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in HEAVY)) for name in NAMES]
)
def test_every_cell_twice(name: str) -> None:
    with Classroom() as room:
        run_solved(room, name, times=2)
        assert room.L.progress().passed == len(room.L.progress().rows)


def test_all_lessons_again_in_another_order_in_one_kernel_leave_nothing_behind() -> None:
    with Classroom() as room:
        run_solved(room, NAMES[0])
        before = {thread.name for thread in threading.enumerate() if not thread.daemon}
        for name in reversed(NAMES):
            run_solved(room, name)
        assert {thread.name for thread in threading.enumerate() if not thread.daemon} <= before
