"""What workers tell when they are asked: what their tasks log, where they stand, folders, versions."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from chunkscope.futures import Client, Event
from chunkscope.futures.plugins import Environ
from tests.engine.patience import until


def test_loggers_are_forwarded_until_told_otherwise(caplog: pytest.LogCaptureFixture) -> None:
    def say(name: str) -> None:
        logging.getLogger(name).warning("low")
        logging.getLogger(name).error("high")

    def heard() -> list[str]:
        found = [
            record.getMessage() for record in caplog.records if record.name.startswith("chunkscope-test")
        ]
        caplog.clear()
        return found

    with Client(n_workers=1) as client, caplog.at_level(logging.WARNING):
        client.run(say, "chunkscope-test.x")
        assert heard() == ["low", "high"]
        client.forward_logging("chunkscope-test", logging.ERROR)
        client.run(say, "chunkscope-test.x")
        assert heard() == ["high"]
        client.unforward_logging("chunkscope-test")
        client.run(say, "chunkscope-test.x")
        assert heard() == []
        client.forward_logging("chunkscope-test")
        client.submit(say, "chunkscope-test.x").result()
        assert heard() == ["low", "high"]


def stand_still() -> bool:
    return Event("still").wait("20s")


def test_stacks_of_running_tasks(any_client: Client) -> None:
    held = any_client.submit(stand_still)
    until(lambda: any(worker.running for worker in any_client.cluster.workers))
    found = until(lambda: any_client.call_stack(held))
    ((worker, stacks),) = found.items()
    assert worker in any_client.nthreads() and list(stacks) == [held.key]
    assert any("stand_still" in text and 'Event("still").wait' in text for text in stacks[held.key])
    assert "in stand_still" in stacks[held.key][0], "nothing of the engine is above"
    assert any_client.call_stack(keys=["another"]) == {}
    assert list(any_client.call_stack()) == [worker]
    assert any_client.processing() == {
        name: [held.key] if name == worker else [] for name in any_client.nthreads()
    }
    Event("still").set()
    assert held.result() is True and any_client.call_stack() == {}
    Event("still").close()


def test_what_takes_too_long_on_threads_is_told_and_left(client: Client) -> None:
    first, second = client.nthreads()
    gate = threading.Event()

    def only_first(worker: Any) -> bool:
        return worker.name == second or gate.wait(20)

    found = client.cluster.crew.each(only_first, [first, second], timeout=0.05)
    left = [thread for thread in threading.enumerate() if thread.name == "chunkscope-errand"]
    gate.set()
    assert isinstance(found[first], TimeoutError) and found[second] is True
    assert [thread.daemon for thread in left] == [True], "the program may end meanwhile"


def test_folders_of_workers_tell_whose_they_are(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next process can remove them where this one is killed."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    client.register_plugin(Environ({}))
    (base,) = tmp_path.iterdir()
    assert base.name.startswith(f"chunkscope-workers-{os.getpid()}-")
    client.cluster.close()
    assert list(tmp_path.iterdir()) == []


def test_hardware_and_versions(any_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chunkscope.futures.benchmark.SECONDS", 1e-4)
    monkeypatch.setattr("chunkscope.futures.inspection.PASSED_SIZES", (1000,))
    found = any_client.benchmark_hardware()
    assert set(found) == {"memory", "disk", "network"}
    assert all(speed > 0 for speeds in found.values() for speed in speeds.values())
    told = any_client.get_versions(check=True, packages=["nothing-of-the-kind"])
    assert told["client"]["packages"]["nothing-of-the-kind"] is None
    assert set(told["workers"]) == set(any_client.nthreads())
    assert {str(one) for one in told["workers"].values()} == {str(told["client"])}
