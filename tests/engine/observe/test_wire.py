"""The wire format: what goes in comes out, for any message; what a page has read is what the run log holds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.graph import FrameShape, Graph, GraphBuilder, Layer, Strategy
from chunkscope.observe import RunLog, RunState
from chunkscope.observe import feed as feed_module
from chunkscope.observe.feed import Feed
from chunkscope.observe.recording import Recording, load, record, save
from chunkscope.observe.wire import (
    Keyframe,
    Message,
    RowWindow,
    RunEnded,
    RunHeader,
    RunStatus,
    TaskEdges,
    pack,
    unpack,
)


def kernel(block: int, *inputs: object) -> int:
    return block


def small_graph() -> Graph:
    """Four blocks x, two partial sums y, their sum z."""
    build = GraphBuilder()
    (x,) = build.add(
        Layer("", "x", kernel, (2, 2), Strategy.SOURCE, chunks=((3, 2), (4, 4)), dtype="float64"), nbytes=8
    )
    (y,) = build.add(Layer("", "y", kernel, (2,), Strategy.TREE), [x], nbytes=8)
    (z,) = build.add(Layer("", "z", kernel, (), Strategy.TREE), [y], nbytes=8)
    return build.freeze(z)


def small_run(rows: int = 7, *, ended: bool = True) -> RunLog:
    """Task t runs from t to t + 0.5 on lane t % 2 of a clock that starts at 100."""
    log = RunLog(
        3, small_graph(), executor="threads", label="<b>", lanes=["a", "b"], started=100.0, budget=10**6
    )
    for task in range(rows):
        log.columns.append(task, task % 2, 100.0 + task - 0.25, 100.0 + task, 100.5 + task, 8, 8 * task)
    if ended:
        log.close(RunState.FINISHED if rows == 7 else RunState.CANCELLED, 108.0)
    return log


def there_and_back(messages: list[Message]) -> list[Message]:
    header, buffers = pack(messages)
    return unpack(json.loads(json.dumps(header)), buffers)


def tasks_in(messages: list[Message]) -> list[int]:
    return [int(task) for message in messages if isinstance(message, RowWindow) for task in message.task]


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.floats(0, 1e9)), max_size=20), st.text(max_size=20))
def test_every_message_comes_back_as_it_was(rows: list[tuple[int, float]], name: str) -> None:
    tasks = np.array([task for task, _ in rows], dtype=np.int64)
    times = np.array([time for _, time in rows])
    sent: list[Message] = [
        RowWindow(name, 1, 5, tasks, tasks, times, times, times, times, times, times),
        RunStatus(name, 1, 2.5, 3, 4.0, 5.0, tasks, tasks, times),
        Keyframe(name, 1, 2, 3.0, np.packbits(tasks % 2 == 0)),
        RunEnded(name, 1, "failed", 2.0, 3, 4.0, 3.0, None),
    ]
    for one, other in zip(sent, there_and_back(sent), strict=True):
        assert type(one) is type(other)
        assert one.session == other.session == name
    back = there_and_back(sent)[0]
    assert isinstance(back, RowWindow)
    np.testing.assert_array_equal(back.task, tasks)
    np.testing.assert_array_equal(back.stop, times)


def test_a_packet_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 99"):
        unpack({"chunkscope": 99, "messages": []}, [])


def test_the_header_says_what_the_run_is() -> None:
    header = Feed(small_run(), "s").header()
    assert [(layer.op, layer.grid, layer.first_task, layer.ntasks) for layer in header.layers] == [
        ("x", (2, 2), 0, 4),
        ("y", (2,), 4, 2),
        ("z", (), 6, 1),
    ]
    assert header.layers[0].chunks == ((3, 2), (4, 4))
    assert header.layer_edges == ((0, 1), (1, 2))
    assert (header.run, header.label, header.ntasks, header.nedges, header.budget) == (3, "<b>", 7, 6, 1e6)
    assert header.kept.tolist() == [6]


def test_the_header_says_what_partitions_hold() -> None:
    frame = FrameShape(
        (("a", "int64"), ("b" * 99, "str")), (3, 2), exact=True, places=("x.csv", "y.csv"), ncolumns=7
    )
    build = GraphBuilder()
    layer = Layer("", "read", kernel, (2,), Strategy.SOURCE, frame=frame, scratch_bytes=64, read_bytes=40)
    (x,) = build.add(layer, nbytes=np.array([30, 20]))
    header = Feed(RunLog(1, build.freeze(x), executor="sync")).header()
    (found,) = header.layers
    assert (found.nbytes, found.scratch, found.read_bytes) == (50.0, 64.0, 40.0)
    assert found.frame is not None
    assert found.frame.columns == (("a", "int64"), ("b" * 59 + "…", "str"))
    assert (found.frame.rows, found.frame.exact, found.frame.ncolumns) == ((3, 2), True, 7)
    assert (found.frame.places, found.frame.divisions) == (("x.csv", "y.csv"), ())
    many = FrameShape((), (1,) * 5000, exact=False, places=("x",) * 5000)
    build = GraphBuilder()
    (x,) = build.add(Layer("", "read", kernel, (5000,), frame=many))
    said = Feed(RunLog(1, build.freeze(x), executor="sync")).header().layers[0].frame
    assert said is not None and said.rows == () == said.places


def test_temporaries_travel_where_there_are_any() -> None:
    log = RunLog(1, small_graph(), executor="sync", started=0.0)
    log.columns.append(0, 0, 0.0, 0.0, 1.0, 8, 8)
    rows = next(m for m in Feed(log).everything() if isinstance(m, RowWindow))
    assert rows.scratch.tolist() == []
    log.columns.append(1, 0, 0.0, 1.0, 2.0, 8, 16, scratch=100)
    rows = next(m for m in Feed(log).everything() if isinstance(m, RowWindow))
    assert rows.scratch.tolist() == [0, 100]
    assert (log.peak_bytes, log.peak_block_bytes) == (116, 16)


def test_edges_name_the_producing_tasks() -> None:
    edges = next(m for m in Feed(small_run()).everything() if isinstance(m, TaskEdges))
    assert edges.ptr.tolist() == [0, 0, 0, 0, 0, 2, 4, 6]
    assert edges.producer.tolist() == [0, 1, 2, 3, 4, 5]


def test_rows_are_in_seconds_of_the_run() -> None:
    rows = next(m for m in Feed(small_run()).everything() if isinstance(m, RowWindow))
    assert rows.start.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert rows.stop.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
    assert rows.ready.tolist() == [0, 0.75, 1.75, 2.75, 3.75, 4.75, 5.75]


def test_deltas_bring_every_row_once_then_the_end_once() -> None:
    log = small_run(0, ended=False)
    feed = Feed(log)
    assert [m.kind for m in feed.delta()] == ["header", "edges", "status"]
    seen: list[int] = []
    for task in range(7):
        log.columns.append(task, 0, 100.0, 100.0 + task, 100.5 + task, 8, 8)
        seen += tasks_in(feed.delta())
    assert seen == list(range(7))
    log.close(RunState.FINISHED, 108.0)
    assert [m.kind for m in feed.delta()] == ["ended"]
    assert feed.ended
    assert feed.delta() == []


def test_long_runs_come_in_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "WINDOW_ROWS", 3)
    feed = Feed(small_run())
    kinds = [[m.kind for m in feed.delta()] for _ in range(3)]
    assert kinds == [["header", "edges", "rows"], ["rows"], ["rows", "ended"]]
    assert tasks_in(Feed(small_run()).everything()) == list(range(7))


def test_keyframes_bring_all_rows_to_a_late_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "KEYFRAME_ROWS", 3)
    feed = Feed(small_run(7, ended=False))
    feed.delta()
    late: set[int] = set()
    for _ in range(3):
        messages = feed.keyframe()
        assert [m.kind for m in messages] == ["header", "edges", "keyframe", "rows", "status"]
        late |= set(tasks_in(messages))
    assert late == set(range(7))
    keyframe = next(m for m in feed.keyframe() if isinstance(m, Keyframe))
    assert np.unpackbits(keyframe.finished)[:7].all()


def test_a_graph_beyond_the_budget_goes_without_task_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "EDGE_BUDGET", 5)
    assert [m.kind for m in Feed(small_run()).everything()] == ["header", "rows", "ended"]


def test_a_segment_that_is_added_comes_with_a_new_header() -> None:
    log = small_run(7, ended=False)
    feed = Feed(log)
    feed.delta()
    build = GraphBuilder(first_task=7, first_slot=7)
    (w,) = build.add(Layer("", "w", kernel, (), Strategy.TREE), [np.array(6)], nbytes=8)
    log.graphs = (*log.graphs, build.freeze(w))
    header, edges = feed.delta()[:2]
    assert isinstance(header, RunHeader)
    assert isinstance(edges, TaskEdges)
    assert header.ntasks == 8
    assert header.layer_edges == ((0, 1), (1, 2), (2, 3))
    assert edges.producer.tolist()[-1] == 6
    assert header.kept.tolist() == [6, 7]


def test_a_recording_comes_back_from_its_file(tmp_path: Path) -> None:
    path = save(small_run(), tmp_path / "run")
    assert path.name == "run.chunkscope"
    loaded = load(path)
    assert (loaded.header.run, loaded.nrows, loaded.state) == (3, 7, "finished")
    assert loaded.to_bytes() == path.read_bytes()
    assert record(small_run(2, ended=False)).state == "running"
    assert repr(loaded) == "<Recording of run 3 (<b>), finished: 7 of 7 tasks>"
    assert repr(record(small_run(2, ended=False))) == "<Recording of run 3 (<b>), running: 2 of 7 tasks>"
    assert "`" not in loaded.describe()


@given(st.binary(max_size=60), st.integers(0, 400))
def test_damaged_recordings_are_refused(noise: bytes, cut: int) -> None:
    with pytest.raises(ValueError, match="recording"):
        Recording.from_bytes(noise)
    whole = record(small_run()).to_bytes()
    with pytest.raises(ValueError, match="recording"):
        Recording.from_bytes(whole[: min(cut, len(whole) - 1)])


def test_a_recorded_run_of_a_frame_comes_back_with_its_partitions(tmp_path: Path) -> None:
    import pandas as pd

    import chunkscope.dataframe as cd
    from chunkscope import last_run

    x = cd.from_pandas(pd.DataFrame({"a": range(10), "b": ["x"] * 10}), npartitions=3)
    (x.a + 1).compute(scheduler="sync")
    run = last_run()
    assert run is not None
    loaded = load(save(run, tmp_path / "frame"))
    assert loaded.to_bytes() == record(run).to_bytes()
    (layer,) = (layer for layer in loaded.header.layers if layer.frame is not None)
    assert layer.frame is not None and layer.frame.rows == (4, 4, 2) and layer.frame.exact
    assert loaded.header.forecast_peak is not None
    ended = loaded.messages[-1]
    assert isinstance(ended, RunEnded) and ended.peak_bytes >= ended.peak_block_bytes > 0
    assert len(loaded.header.forecast) == run.ntasks
