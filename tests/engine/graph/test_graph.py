"""The integer graph against a plain dictionary of tasks."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.errors import GraphError
from chunkscope.graph import GraphBuilder, Layer, Ragged
from chunkscope.types import Key


def _kernel(block: int, /, *inputs: Any) -> Any:
    return (block, inputs)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Any, dict[int, list[int]]]:
    """A graph of random layers with first ids, and the inputs of every task as they were asked for."""
    first_task, first_slot = draw(st.sampled_from([(0, 0), (5, 9)]))
    build = GraphBuilder(first_task, first_slot)
    made = [np.arange(first_slot)] if first_slot else []
    wanted: dict[int, list[int]] = {}
    task = first_task
    for _ in range(draw(st.integers(0, 5))):
        grid = tuple(draw(st.lists(st.integers(1, 3), max_size=2)))
        layer = Layer(
            "", "x", _kernel, grid, noutputs=draw(st.integers(1, 3)), scratch_bytes=draw(st.integers(0, 9))
        )
        pool = np.concatenate(made) if made else np.zeros(0, dtype=np.int64)
        pick = st.integers(0, len(pool) - 1)
        if len(pool) and draw(st.booleans()):
            lists = [draw(st.lists(pick, max_size=3)) for _ in range(layer.ntasks)]
            inputs = [[int(pool[i]) for i in row] for row in lists]
            ptr = np.concatenate([[0], np.cumsum([len(row) for row in inputs])])
            edges: Any = Ragged(ptr, np.array([s for row in inputs for s in row], dtype=np.int64))
        else:
            width = draw(st.integers(0, 2)) if len(pool) else 0
            table = np.array(
                [[int(pool[draw(pick)]) for _ in range(width)] for _ in range(layer.ntasks)], dtype=np.int64
            ).reshape(layer.ntasks, width)
            edges = [table.reshape(*grid, width)] if width else []
            inputs = table.tolist()
        outputs = build.add(layer, edges, nbytes=draw(st.integers(0, 100)))
        assert len(outputs) == layer.noutputs and all(o.shape == grid for o in outputs)
        made.extend(o.reshape(-1) for o in outputs)
        for row in inputs:
            wanted[task] = row
            task += 1
    every = np.concatenate(made) if made else np.zeros(0, dtype=np.int64)
    return build.freeze(every[every >= first_slot][:3]), wanted


@given(graphs())
def test_inputs_slots_and_layers(case: tuple[Any, dict[int, list[int]]]) -> None:
    graph, wanted = case
    assert {t: graph.inputs_of(t) for t in range(graph.first_task, graph.first_task + graph.ntasks)} == wanted
    assert graph.nedges == sum(map(len, wanted.values()))
    assert len(graph.slot_bytes) == graph.nslots == len(graph.slot_task) == graph.first_slot_of[-1]
    slot = 0
    for local in range(graph.ntasks):
        layer = graph.layer_at(graph.first_task + local)
        assert graph.first_slot_of[local] == slot and graph.scratch[local] == layer.scratch_bytes
        for _ in range(layer.noutputs):
            assert graph.slot_task[slot] == local
            slot += 1
        for read in wanted[graph.first_task + local]:
            assert read < graph.first_slot + graph.first_slot_of[local]
    names = [layer.name for layer in graph.layers]
    assert names == [f"x-{i}" for i in range(len(names))]
    pairs = set()
    for task, row in wanted.items():
        for read in row:
            if read >= graph.first_slot:
                maker = graph.layer_of[graph.slot_task[read - graph.first_slot]]
                pairs.add((int(maker), int(graph.layer_of[task - graph.first_task])))
    assert graph.layer_edges() == sorted(pairs)


@given(graphs())
def test_graphs_pickle(case: tuple[Any, dict[int, list[int]]]) -> None:
    graph, wanted = case
    again = pickle.loads(pickle.dumps(graph))
    assert all(again.inputs_of(task) == row for task, row in wanted.items())


def test_keys_are_for_people() -> None:
    build = GraphBuilder()
    (x,) = build.add(Layer("", "ones", _kernel, (2, 3)), nbytes=8)
    build.add(Layer("", "total", _kernel, ()), [x.reshape(-1)], nbytes=8)
    graph = build.freeze(np.zeros(0, dtype=np.int64))
    assert graph.key(4) == Key("ones-0", (1, 1)) and str(graph.key(4)) == "ones-0[1, 1]"
    assert str(graph.key(6)) == "total-1"


def test_edges_that_do_not_fit_the_grid_are_an_engine_fault() -> None:
    build = GraphBuilder()
    (x,) = build.add(Layer("", "x", _kernel, (2, 3)))
    with pytest.raises(GraphError, match=r"do not fit the grid \(3, 2\)"):
        build.add(Layer("", "y", _kernel, (3, 2)), [x])
    with pytest.raises(GraphError, match="has 2 tasks, its edges are for 1"):
        build.add(Layer("", "y", _kernel, (2,)), Ragged(np.array([0, 0]), np.zeros(0, dtype=np.int64)))


def test_a_million_tasks_take_few_bytes() -> None:
    build = GraphBuilder()
    (x,) = build.add(Layer("", "x", _kernel, (1000, 1000)), nbytes=8)
    build.add(Layer("", "y", _kernel, (1000, 1000)), [x], nbytes=8)
    graph = build.freeze(np.zeros(0, dtype=np.int64))
    arrays = graph.dep_ptr.nbytes + graph.deps.nbytes + graph.slot_bytes.nbytes
    assert arrays / graph.ntasks <= 24
