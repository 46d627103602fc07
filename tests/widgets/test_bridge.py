"""The kernel's end of the panel, with a comm manager that remembers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import comm
import pytest

from chunkscope.graph import GraphBuilder, Layer
from chunkscope.observe import RunLog, RunState, begin, next_number
from chunkscope_widgets import bridge
from tests.widgets.test_sender import wait_for


def kernel(block: int) -> int:
    return block


class FakeComm:
    """A comm that remembers what was sent."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []
        self.callback: Callable[[dict[str, Any]], None] | None = None

    def send(self, data: Any = None, metadata: Any = None, buffers: Any = None) -> None:
        self.sent.append((data, buffers))

    def on_msg(self, callback: Any) -> None:
        self.callback = callback


class FakeManager:
    def __init__(self) -> None:
        self.targets: dict[str, Any] = {}

    def register_target(self, name: str, callback: Any) -> None:
        self.targets[name] = callback


@pytest.fixture
def attached(monkeypatch: pytest.MonkeyPatch) -> tuple[FakeManager, list[FakeComm]]:
    manager, made = FakeManager(), []

    def create(**options: Any) -> FakeComm:
        made.append(FakeComm(**options))
        return made[-1]

    monkeypatch.setattr(comm, "create_comm", create)
    monkeypatch.setattr(comm, "get_comm_manager", lambda: manager)
    monkeypatch.setattr(bridge, "_push", None)
    monkeypatch.setattr(bridge, "_sender", None)
    bridge.attach()
    bridge.attach()
    yield manager, made
    bridge.sender().close()


def test_one_push_comm_with_a_fixed_id_that_is_never_opened(
    attached: tuple[FakeManager, list[FakeComm]],
) -> None:
    _, made = attached
    assert [one.options for one in made] == [
        {"target_name": "chunkscope", "comm_id": "chunkscope-live", "primary": False}
    ]


def test_runs_are_pushed(attached: tuple[FakeManager, list[FakeComm]]) -> None:
    _, (push,) = attached
    build = GraphBuilder()
    (x,) = build.add(Layer("", "x", kernel, (3,)), nbytes=8)
    log = RunLog(next_number(), build.freeze(x), executor="threads", lanes=["a"])
    begin(log)
    log.close(RunState.FINISHED, log.started + 1)
    wait_for(lambda: any(m["kind"] == "ended" for header, _ in list(push.sent) for m in header["messages"]))


def test_questions_are_answered_on_the_comm_that_asked(attached: tuple[FakeManager, list[FakeComm]]) -> None:
    manager, _ = attached
    page = FakeComm()
    manager.targets["chunkscope.ctl"](page, {})
    assert page.callback is not None
    page.callback({"content": {"data": {"id": 3, "ask": "runs"}}})
    header, _ = page.sent[0]
    assert header["id"] == 3
    assert header["messages"][0]["kind"] == "runs"
    assert header["messages"][0]["session"] == bridge.sender().session
    page.callback({"content": {}})  # a damaged question is logged, not raised
    assert len(page.sent) == 1
