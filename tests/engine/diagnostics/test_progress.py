"""`progress` on values that are computed in the background."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator

import IPython.display
import pytest

import chunkscope.array as ca
from chunkscope import Client, delayed, persist, runs
from chunkscope.diagnostics import progress
from chunkscope.display.progress import Progress
from chunkscope.errors import ConfigError
from tests.engine.display.samples import safe_page
from tests.engine.patience import until

module = importlib.import_module("chunkscope.diagnostics.progress")


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.rstrip().splitlines()[-1]


def test_it_returns_when_everything_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    gate = threading.Event()
    x = delayed(gate.wait)(30).persist(scheduler="threads")
    threading.Timer(0.05, gate.set).start()
    progress(x, width=10)
    assert gate.is_set()
    assert capsys.readouterr().out.startswith("[██████████] | 100% Completed | ")


def test_blocks_of_several_values_count_together(capsys: pytest.CaptureFixture[str]) -> None:
    x, y = persist(ca.ones((8, 8), chunks=4), delayed(abs)(-1))
    progress(x, [y], width=10)
    assert capsys.readouterr().out.endswith("| 5 blocks\n")


def test_what_is_not_being_computed_is_refused_with_the_remedy() -> None:
    with pytest.raises(ConfigError, match=r"start it with x = x.persist\(\)"):
        progress(delayed(abs)(-1))


def test_nothing_running_is_done_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    until(lambda: all(run.stopped for run in runs()))  # also those of other tests
    progress(width=10)
    assert "100% Completed" in capsys.readouterr().out


class Shown:
    """Stands in for a notebook's display: keeps every page."""

    def __init__(self) -> None:
        self.pages: list[dict[str, str]] = []

    def __call__(self, page: dict[str, str], *, display_id: bool, raw: bool) -> Shown:
        assert display_id and raw
        self.pages.append(page)
        return self

    def update(self, page: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.pages.append(page)


def test_a_notebook_gets_bars_that_stay_live(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown()
    monkeypatch.setattr(IPython.display, "display", shown)
    gate = threading.Event()
    x = delayed(gate.wait)(30).persist(scheduler="threads")
    progress(x, notebook=True)
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "chunkscope-progress":
            thread.join(10)
    assert "0 of 1 block" in shown.pages[0]["text/plain"]
    assert "100% Completed" in shown.pages[-1]["text/plain"]
    assert "100% Completed" in safe_page(shown.pages[-1]["text/html"])


def test_many_values_share_one_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Shown()
    monkeypatch.setattr(IPython.display, "display", shown)
    values = persist(*[delayed(abs)(i) for i in range(30)])
    progress(*values, notebook=True)
    for thread in threading.enumerate():
        if thread.name == "chunkscope-progress":
            thread.join(10)
    assert shown.pages[-1]["text/plain"].endswith("| 30 blocks")
    assert shown.pages[-1]["text/plain"].count("\n") == 0


def test_futures_share_one_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with Client(processes=False, n_workers=1, threads_per_worker=2) as client:
        progress(client.map(abs, [-1, -2, -3]), notebook=False)
    assert "3 tasks" in capsys.readouterr().out


def inc(x: int) -> int:
    return x + 1


def odd_fails(x: int) -> int:
    if x % 2:
        raise ValueError(f"no {x}")
    return x


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(processes=False, n_workers=1, threads_per_worker=2) as found:
        yield found


def test_futures_are_tasks_and_those_that_failed_are_told(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    progress(client.map(inc, range(40)), width=4)
    assert last_line(capsys).endswith("| 40 tasks")
    progress([client.map(inc, range(40, 44)), client.map(odd_fails, range(6))], width=4)
    line = last_line(capsys)
    assert "100% Completed" in line and line.endswith("| 10 tasks | 3 failed")
    lost = client.submit(odd_fails, 7)
    progress(lost, width=4)
    assert "Failed" in last_line(capsys)
    assert isinstance(lost.exception(), ValueError)


def test_what_was_there_before_says_nothing_about_the_time_left(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Shown()
    monkeypatch.setattr(IPython.display, "display", shown)
    gate = threading.Event()
    futures = [client.submit(inc, 2_000), client.submit(gate.wait, 30, pure=False)]
    assert futures[0].result() == 2_001
    progress(futures, multi=False, notebook=True)
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "chunkscope-progress":
            thread.join(10)
    assert shown.pages[0]["text/plain"].endswith("| 1 of 2 tasks")


def test_cancelled_futures_are_over(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    gate = threading.Event()
    held = [client.submit(gate.wait, 30, pure=False) for _ in range(2)]
    waiting = client.submit(inc, 1_000)
    waiting.cancel()
    progress(waiting, width=4)
    assert "Cancelled" in (line := last_line(capsys)) and line.endswith("| 1 task | 1 cancelled")
    gate.set()
    assert client.gather(held) == [True, True]


def test_each_function_has_a_bar_of_its_own_in_a_notebook(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[list[tuple[str, int, int, str]]] = []
    over = threading.Event()

    class Output:
        def __init__(self, width: int) -> None:
            pass

        def draw(self, *items: Progress) -> None:
            drawn.append([(one.label, one.done, one.total, one.noun) for one in items])
            if all(one.state != "running" for one in items):
                over.set()

    monkeypatch.setattr(module, "NotebookOutput", Output)
    progress(client.map(inc, range(5)), client.map(odd_fails, [0, 2]), notebook=True)
    assert over.wait(30)
    assert drawn[-1] == [("inc", 5, 5, "task"), ("odd_fails", 2, 2, "task")]
    over.clear()
    progress(client.map(inc, range(5)), client.map(odd_fails, [0, 2]), notebook=True, multi=False)
    assert over.wait(30)
    assert drawn[-1] == [("", 7, 7, "task")]
