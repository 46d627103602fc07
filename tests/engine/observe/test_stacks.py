"""Stacks are seen where the user's functions are, by operation and run; nothing of it outlives the runs."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope import compute, config, delayed
from chunkscope.errors import ConfigError
from chunkscope.observe import RunLog, last_run, runs
from chunkscope.observe.feed import Feed
from chunkscope.observe.recording import load, record, save
from chunkscope.observe.sampling import SAMPLER, Sampler
from chunkscope.observe.stacks import MOST_NODES, OWN, Stacks, StackTree
from chunkscope.observe.wire import StackSamples


def x() -> None: ...


def y() -> None: ...


def z() -> None: ...


CODES = {name: function.__code__ for name, function in (("x", x), ("y", y), ("z", z))}


def tree_of(stacks: list[tuple[str, int]]) -> Stacks:
    tree = StackTree(0.5)
    for names, layer in stacks:
        tree.add([CODES[name] for name in names], layer, 0.5)
    return tree.freeze(("first", "second"))


@given(st.lists(st.tuples(st.text("xyz", max_size=5), st.integers(0, 1)), max_size=40))
def test_the_tree_holds_every_stack_once_and_all_its_seconds(stacks: list[tuple[str, int]]) -> None:
    found = tree_of(stacks)
    assert found.samples == len(stacks)
    assert found.seconds == 0.5 * len(stacks)
    back = []
    for node in range(len(found.own)):
        names = ""
        at = node
        while at >= 0:
            assert found.layer[at] == found.layer[node] and found.parent[at] < at
            names = found.frames[found.frame[at]].function + names
            at = int(found.parent[at])
        back += [(names, int(found.layer[node]))] * round(float(found.own[node]) / 0.5)
    assert sorted(back) == sorted((names or OWN.function, layer) for names, layer in stacks)
    roots = found.parent < 0
    assert float(found.total[roots].sum()) == found.seconds


def test_a_function_that_calls_itself_counts_its_seconds_once() -> None:
    ((frame, own, inside),) = tree_of([("xxx", 0), ("x", 0)]).functions()
    assert (frame.function, own, inside) == ("x", 1.0, 1.0)


def test_the_words_name_the_functions_and_where_they_begin() -> None:
    said = tree_of([("xy", 0), ("xy", 0), ("", 1)]).describe()
    assert "3 stacks seen" in said and "y (test_stacks.py, line " in said
    assert said.index("first: 1.00 s") < said.index("    x (test") < said.index("second: 500 ms")
    assert "no stacks were seen" in tree_of([]).describe()


def test_the_tree_is_bounded_and_loses_no_second() -> None:
    tree = StackTree(1.0)
    codes = [compile("", str(number), "exec") for number in range(MOST_NODES + 50)]
    for code in codes:
        tree.add([CODES["x"], code], 0, 1.0)
    found = tree.freeze(("first",))
    assert len(found.own) <= MOST_NODES + 1
    assert found.seconds == len(codes)


def busy(until: threading.Event) -> int:
    """Works until it is told that it was seen."""
    deadline = time.monotonic() + 30
    while not until.is_set() and time.monotonic() < deadline:
        sum(range(2_000))
    return 1


class Seen:
    """Sets an event when some run's tree has had enough samples."""

    def __init__(self, enough: int, nruns: int = 1) -> None:
        self.event = threading.Event()
        self._first = max([run.number for run in runs()], default=0)
        self._enough, self._nruns = enough, nruns
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> threading.Event:
        self._thread.start()
        return self.event

    def __exit__(self, *_: object) -> None:
        self.event.set()
        self._thread.join()

    def mine(self) -> list[RunLog]:
        return [run for run in runs() if run.number > self._first]

    def _watch(self) -> None:
        while not self.event.wait(0.005):
            trees = [run.stack_tree for run in self.mine()]
            if sum(tree is not None and tree.samples >= self._enough for tree in trees) >= self._nruns:
                self.event.set()


def names_of(run: RunLog) -> set[tuple[str, str]]:
    """(operation, outermost function) of what was seen."""
    found = run.stacks()
    return {
        (found.operations[found.layer[node]], found.frames[found.frame[node]].function)
        for node in range(len(found.own))
        if found.parent[node] < 0
    }


@pytest.mark.parametrize("scheduler", ["sync", "threads"])
def test_the_users_functions_are_seen_and_ours_are_not(scheduler: str) -> None:
    seen = Seen(4)
    with seen as event, config.set(profile_interval=0.005):
        compute([delayed(busy)(event) for _ in range(2)], scheduler=scheduler, num_workers=2)
    (run,) = seen.mine()
    assert names_of(run) == {("busy", "busy")}
    found = run.stacks()
    assert found.interval == 0.005 and found.samples >= 4
    assert found.frames[0].file == "test_stacks.py" and found.frames[0].line == busy.__code__.co_firstlineno


def test_runs_at_once_and_runs_inside_tasks_are_told_apart() -> None:
    seen = Seen(3, nruns=3)

    def outer(event: threading.Event) -> int:
        return int(compute(delayed(busy)(event))[0])

    with seen as event, config.set(profile_interval=0.005):
        other = threading.Thread(target=lambda: compute(delayed(busy)(event), scheduler="threads"))
        other.start()
        compute(delayed(outer)(event), scheduler="threads", num_workers=2)
        other.join()
    found = sorted(next(iter(names_of(run)))[0] for run in seen.mine())
    assert found == ["busy", "busy", "outer"]
    (outer_run,) = (run for run in seen.mine() if run.graph.layers[0].op == "outer")
    assert {frame.function.rpartition(".")[2] for frame in outer_run.stacks().frames} == {"outer"}


def test_what_was_seen_travels_and_is_recorded(tmp_path: Path) -> None:
    seen = Seen(3)
    with seen as event, config.set(profile_interval=0.005):
        compute(delayed(busy)(event), scheduler="sync")
    (run,) = seen.mine()
    (told,) = (message for message in Feed(run).delta() if isinstance(message, StackSamples))
    (kept,) = (one for one in load(save(run, tmp_path / "x")).messages if isinstance(one, StackSamples))
    for message in (told, kept):
        assert message.samples == run.stacks().samples and message.frames == run.stacks().frames
        assert message.seconds.tolist() == run.stacks().own.tolist()
        assert message.parent.tolist() == run.stacks().parent.tolist()


def test_short_runs_are_left_alone_and_no_thread_stays() -> None:
    compute(delayed(abs)(1), scheduler="sync")
    run = last_run()
    assert run is not None and run.stacks().samples == 0
    assert not [message for message in record(run).messages if isinstance(message, StackSamples)]
    deadline = time.monotonic() + 30
    while SAMPLER.alive and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not SAMPLER.alive
    assert "chunkscope-stacks" not in {thread.name for thread in threading.enumerate()}


def test_it_can_be_switched_off() -> None:
    with config.set(profile_interval=None):
        compute(delayed(abs)(1), scheduler="sync")
    run = last_run()
    assert run is not None and run.profile_interval is None
    sampler = Sampler()
    sampler.watch(run)
    assert not sampler.alive
    run.profile_interval = 0.02
    sampler.pause(True)
    sampler.watch(run)
    assert not sampler.alive
    for wrong in (True, "x", 0.0001, 60):
        with pytest.raises(ConfigError, match="is not an interval"):
            config.set(profile_interval=wrong)


def test_an_interval_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHUNKSCOPE_PROFILE_INTERVAL", "0.05")
    assert config.get("profile_interval") == 0.05
    monkeypatch.setenv("CHUNKSCOPE_PROFILE_INTERVAL", "none")
    assert config.get("profile_interval") is None
