"""What a client asks of workers themselves: functions on each, plugins."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from chunkscope.errors import ClusterError, ConfigError, TransferError
from chunkscope.futures import Client, Event, Future, Lock, SchedulerPlugin, WorkerPlugin
from chunkscope.futures.plugins import Environ, ForwardOutput, UploadDirectory, UploadFile
from tests.engine.patience import becomes, until


def inc(x: int, by: int = 1) -> int:
    return x + by


def whoever(dask_worker: Any) -> tuple[str, int, int]:
    return dask_worker.name, dask_worker.nthreads, os.getpid()


def only_on(name: str, dask_worker: Any) -> str:
    if dask_worker.name == name:
        raise ValueError(f"no {name}")
    return str(dask_worker.name)


def test_functions_run_on_each_worker(any_client: Client) -> None:
    first, second = names = [worker.name for worker in any_client.cluster.workers]
    assert any_client.run(inc, 1, by=2) == dict.fromkeys(names, 3)
    assert any_client.run(inc, 1, workers=[second]) == {second: 2}
    told = any_client.run(whoever)
    assert {name: told[name][:2] for name in told} == {name: (name, 2) for name in names}
    assert {told[worker.name][2] for worker in any_client.cluster.workers} == {
        worker.pid for worker in any_client.cluster.workers
    }
    with pytest.raises(ValueError, match=f"no {first}"):
        any_client.run(only_on, first)
    assert any_client.run(only_on, first, on_error="ignore") == {second: second}
    returned = any_client.run(only_on, first, on_error="return")
    assert isinstance(returned[first], ValueError) and returned[second] == second
    for ask, message in (
        (lambda: any_client.run(inc, 1, workers=["nobody"]), "no worker is named 'nobody'"),
        (lambda: any_client.run(inc, 1, on_error="hide"), "'raise', 'return' or 'ignore'"),
        (lambda: any_client.run(inc, 1, nanny=True), "no nanny processes"),
    ):
        with pytest.raises((ConfigError, ClusterError), match=message):
            ask()
    assert any_client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.name) == any_client.cluster.name
    assert any_client.run_on_scheduler(os.getpid) == os.getpid()


def test_functions_run_beside_tasks(any_client: Client) -> None:
    """All threads of all workers are taken, and yet each answers."""
    held = any_client.map(lambda i: Event("beside").wait("20s"), range(4), pure=False)
    until(lambda: sum(len(worker.running) for worker in any_client.cluster.workers) == 4)
    assert set(any_client.run(os.getpid).values()) == {worker.pid for worker in any_client.cluster.workers}
    Event("beside").set()
    assert any_client.gather(held) == [True] * 4
    Event("beside").close()
    assert any_client.run(lambda: 1, wait=False) is None


def test_what_cannot_be_sent_is_named() -> None:
    with Client(n_workers=1) as client:
        lock = threading.Lock()
        with pytest.raises(TransferError, match="cannot be sent to a worker"):
            client.run(lambda: lock)
        with pytest.raises(TransferError, match="result of this errand cannot be sent"):
            client.run(threading.Lock)
        with pytest.raises(ClusterError, match=r"^worker-0 ended before it answered"):
            client.run(os._exit, 3)
        assert client.run(inc, 1) == {"worker-0": 2} and client.cluster.workers[0].deaths == 1


def test_errands_print_and_meet(capfd: pytest.CaptureFixture[str]) -> None:
    def speak(dask_worker: Any) -> None:
        with Lock("one at a time"):
            print("here is", dask_worker.name)

    with Client(n_workers=2) as client:
        client.run(speak)
        assert sorted(capfd.readouterr().out.splitlines()) == ["here is worker-0", "here is worker-1"]
        logs = client.get_worker_logs()
        assert ("INFO", "here is worker-1") in logs["worker-1"] and logs["worker-0"][0][1].startswith(
            "started"
        )
        assert len(client.get_worker_logs(n=1, workers=["worker-0"])["worker-0"]) == 1
        client.submit(print, "from a task").result()
        client.cluster.kill("worker-0")
        assert set(client.run(inc, 1).values()) == {2}
        text = "\n".join(client.cluster.get_logs().values())
        assert (
            "from a task" in text and "was killed by SIGKILL" in text and "killed worker-0, as asked" in text
        )
        assert set(client.cluster.get_logs(workers=["worker-1"], scheduler=False)) == {"Cluster", "worker-1"}


# -- plugins ----------------------------------------------------------------------------------------------------


class Noted(WorkerPlugin):
    """Leaves a file for each thing that it is told."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def note(self, text: str) -> None:
        with open(Path(self.folder) / "notes", "a") as file:
            file.write(f"{text}\n")

    def setup(self, worker: Any) -> None:
        worker.mine = worker.name
        self.note(f"setup {worker.name}")

    def teardown(self, worker: Any) -> None:
        self.note(f"teardown {worker.name}")

    def transition(self, key: str, start: str, finish: str, **kwargs: Any) -> None:
        self.note(f"{key.partition('-')[0]} {start} {finish}")


def notes(folder: Path) -> list[str]:
    return (folder / "notes").read_text().splitlines() if (folder / "notes").exists() else []


def divide(x: int) -> float:
    return 1 / x


def test_plugins_of_workers(any_client: Client, tmp_path: Path) -> None:
    names = [worker.name for worker in any_client.cluster.workers]
    told = any_client.register_plugin(Noted(str(tmp_path)), name="mine")
    assert told == {name: {"status": "OK"} for name in names}
    assert sorted(notes(tmp_path)) == [f"setup {name}" for name in names]
    assert any_client.run(lambda dask_worker: dask_worker.mine) == dict(zip(names, names, strict=True))
    assert any_client.submit(divide, 2).result() == 0.5
    assert isinstance(any_client.submit(divide, 0).exception(), ZeroDivisionError)
    assert [line for line in notes(tmp_path) if line.startswith("divide")] == [
        *(
            "divide ready executing",
            "divide executing memory",
            "divide ready executing",
            "divide executing error",
        ),
    ]
    any_client.cluster.scale(3)
    any_client.wait_for_workers(3, timeout=10)
    assert len([line for line in notes(tmp_path) if line.startswith("setup")]) == 3
    (extra,) = any_client.cluster.plan - set(names)
    assert set(any_client.unregister_worker_plugin("mine")) == {*names, extra}
    assert len([line for line in notes(tmp_path) if line.startswith("teardown")]) == 3
    before = len(notes(tmp_path))
    any_client.submit(divide, 4).result()
    assert len(notes(tmp_path)) == before
    with pytest.raises(ConfigError, match="no plugin is registered as 'mine'; registered: none"):
        any_client.unregister_worker_plugin("mine")


def test_plugins_come_with_fresh_workers_and_go_with_the_cluster(tmp_path: Path) -> None:
    with Client(n_workers=1) as client:
        client.register_plugin(Noted(str(tmp_path)))
        client.cluster.kill("worker-0")
        assert client.submit(inc, 1).result() == 2
        assert client.run(lambda dask_worker: dask_worker.mine) == {"worker-0": "worker-0"}
    assert [line for line in notes(tmp_path) if "worker-0" in line] == [
        *("setup worker-0", "setup worker-0", "teardown worker-0"),
    ]


def test_a_plugin_whose_setup_raises_is_not_there(any_client: Client) -> None:
    class Broken(WorkerPlugin):
        def setup(self, worker: Any) -> None:
            raise ValueError("not like this")

    with pytest.raises(ValueError, match="not like this"):
        any_client.register_plugin(Broken(), name="broken")
    with pytest.raises(ConfigError, match="no plugin is registered as 'broken'"):
        any_client.unregister_worker_plugin("broken")
    for wrong in (Broken, object()):
        with pytest.raises(ConfigError, match="is no plugin: give an object"):
            any_client.register_plugin(wrong)


def test_one_plugin_for_each_name(any_client: Client) -> None:
    class Counted(WorkerPlugin):
        def __init__(self, number: int) -> None:
            self.number = number

        def setup(self, worker: Any) -> None:
            worker.number = self.number

    class Kept(Counted):
        idempotent = True

    def numbers() -> set[int]:
        return set(any_client.run(lambda dask_worker: dask_worker.number).values())

    any_client.register_plugin(Counted(1), name="x")
    any_client.register_plugin(Counted(2), name="x")
    assert numbers() == {2}
    any_client.register_plugin(Kept(3), name="x")
    assert numbers() == {2}
    any_client.register_worker_callbacks(lambda dask_worker: setattr(dask_worker, "number", 9))
    assert numbers() == {9}


def test_variables_and_modules_for_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = tmp_path / "there" / "chunkscope_uploaded.py"
    module.parent.mkdir()
    module.write_text("VALUE = 1\n")
    package = tmp_path / "there" / "chunkscope_package"
    package.mkdir()
    (package / "__init__.py").write_text("VALUE = 3\n")

    def value(name: str) -> int:
        return int(__import__(name).VALUE)

    with Client(n_workers=1) as client:
        client.register_plugin(Environ({"CHUNKSCOPE_X": 5}))
        assert client.run(os.getenv, "CHUNKSCOPE_X") == {"worker-0": "5"}
        client.upload_file(str(module))
        assert client.submit(value, "chunkscope_uploaded").result() == 1
        module.write_text("VALUE = 22\n")
        client.upload_file(str(module))
        assert client.submit(value, "chunkscope_uploaded", pure=False).result() == 22
        client.register_plugin(UploadDirectory(package))
        assert client.submit(value, "chunkscope_package").result() == 3
        monkeypatch.setenv("CHUNKSCOPE_Y", "6")  # what the parent has changes: what plugins have added stays
        assert client.submit(os.getenv, "CHUNKSCOPE_Y").result() == "6"
        assert client.submit(os.getenv, "CHUNKSCOPE_X").result() == "5"
        assert client.submit(value, "chunkscope_package", pure=False).result() == 3
        client.register_plugin(ForwardOutput())
        client.cluster.restart()
        assert client.submit(value, "chunkscope_uploaded", pure=False).result() == 22
    for wrong in (UploadFile, UploadDirectory):
        with pytest.raises(ConfigError, match=r"nothing\.py' to upload"):
            wrong("nothing.py")


def test_each_thread_of_a_worker_has_the_environment_of_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hold(until_there: str) -> bool:
        (tmp_path / f"holding {until_there}").touch()
        return becomes(lambda: (tmp_path / until_there).exists(), 60)

    def held(name: str) -> Future:
        """A call that keeps a thread busy until there is a file of this name."""
        call = client.submit(hold, name)
        assert becomes(lambda: (tmp_path / f"holding {name}").exists())
        return call

    def let_go(call: Future, name: str) -> None:
        (tmp_path / name).touch()
        assert call.result()

    def found(name: str) -> str | None:
        return client.submit(os.getenv, name, pure=False).result(20)

    with Client(n_workers=1, threads_per_worker=2) as client:
        client.register_plugin(Environ({"CHUNKSCOPE_X": "own"}))
        one, other = held("one"), held("other")
        let_go(one, "one")
        monkeypatch.setenv("CHUNKSCOPE_Y", "1")  # it is the thread of the first that learns of it
        assert (found("CHUNKSCOPE_Y"), found("CHUNKSCOPE_X")) == ("1", "own")
        one = held("one again")
        let_go(other, "other")
        monkeypatch.setenv("CHUNKSCOPE_Y", "2")  # and now that of the second
        monkeypatch.setenv("CHUNKSCOPE_X", "of the parent")
        assert (found("CHUNKSCOPE_Y"), found("CHUNKSCOPE_X")) == ("2", "own")
        let_go(one, "one again")
        monkeypatch.delenv("CHUNKSCOPE_Y")
        assert found("CHUNKSCOPE_Y") is None


def test_plugins_of_the_cluster(any_client: Client) -> None:
    told: list[Any] = []

    class Told(SchedulerPlugin):
        def start(self, scheduler: Any) -> None:
            told.append(("start", scheduler.name))

        def close(self) -> None:
            told.append(("close",))

        def add_worker(self, scheduler: Any, worker: str) -> None:
            told.append(("add", worker))

        def remove_worker(self, scheduler: Any, worker: str, *, stimulus_id: str = "", **kwargs: Any) -> None:
            told.append(("remove", worker))

        def update_graph(self, scheduler: Any, *, tasks: list[str], **kwargs: Any) -> None:  # type: ignore[override]
            told.append(("graph", len(tasks)))

        def transition(self, key: str, start: str, finish: str, *args: Any, **kwargs: Any) -> None:
            told.append(("task", start, finish, bool(kwargs.get("worker"))))

        def log_event(self, topic: str, msg: Any) -> None:
            told.append(("event", topic, msg))

        def add_client(self, scheduler: Any, client: str) -> None:
            told.append(("client", client))

        def restart(self, scheduler: Any) -> None:
            raise ValueError("what a plugin raises is logged")

        def valid_workers_downscaling(self, scheduler: Any, workers: list[str]) -> list[str]:
            return [name for name in workers if name != kept]

    first, kept = (worker.name for worker in any_client.cluster.workers)
    any_client.register_plugin(Told(), name="told")
    assert any_client.submit(inc, 1).result() == 2
    until(lambda: len(told) == 3)
    assert isinstance(any_client.submit(divide, 0).exception(), ZeroDivisionError)
    until(lambda: len(told) == 5)
    any_client.log_event("x", {"a": 1})
    any_client.cluster.scale(1)
    assert [worker.name for worker in any_client.cluster.workers] == [kept]
    any_client.cluster.scale(2)
    any_client.cluster.restart()
    any_client.cluster.get_client().close()
    any_client.unregister_scheduler_plugin("told")
    assert [one[0] for one in told] == [
        *("start", "graph", "task", "graph", "task", "event", "remove", "add", "client", "close"),
    ]
    assert told[2] == ("task", "processing", "memory", True) and told[4][:3] == (
        "task",
        "processing",
        "erred",
    )
    assert told[6] == ("remove", first) and told[5] == ("event", "x", {"a": 1})
