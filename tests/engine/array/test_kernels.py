"""Every kind of kernel travels to another process and gives the same block there."""

import pickle
from collections.abc import Callable

import numpy as np
import pytest

import chunkscope.array as ca
from tests.engine.array.naive import graph_of

X = np.arange(48.0).reshape(6, 8)


def array() -> ca.Array:
    return ca.from_array(X, chunks=(4, 3))


def first_column(x: np.ndarray, block_id: tuple[int, ...] = ()) -> np.ndarray:
    return x * 0 + block_id[0]


KINDS: dict[str, Callable[[], ca.Array]] = {
    "sources": lambda: ca.ones((6, 8), chunks=4) + ca.eye(6, 8, chunks=3),
    "ranges": lambda: ca.arange(9, chunks=4) + ca.linspace(0, 1, 9, chunks=5),
    "random": lambda: ca.random.default_rng(0).integers(0, 9, size=20, chunks=7)[3:9],
    "fused": lambda: ca.where(array() > 3, ca.sqrt(array()), 0).astype("float32"),
    "reduced": lambda: array().sum(axis=0) + array().mean() + array().std(axis=0),
    "inner": lambda: array().rechunk({1: -1}).max(axis=1, keepdims=True) - array(),
    "nan": lambda: ca.nanvar(array(), axis=0) + ca.nanmean(array()) + ca.nansum(array()),
    "places": lambda: array().argmax(axis=1) + ca.nanargmin(array()),
    "rechunk": lambda: (array() + 1).rechunk((2, 5)),
    "reshape": lambda: (array() + 1).reshape(8, 6)[::-1].T,
    "views": lambda: ca.flip(array()[1:, ::2])[None].squeeze(0) + ca.broadcast_to(array()[:1, :4], (5, 4)),
    "product": lambda: array() @ array().T + ca.tensordot(array(), array(), 2),
    "qr": lambda: ca.linalg.qr(array().rechunk((3, 8)))[0],
    "svd": lambda: ca.linalg.svd(array().rechunk((3, 8)))[0],
    "custom": lambda: array().map_blocks(first_column, dtype=float),
}


@pytest.mark.parametrize("name", KINDS)
def test_kernels_pickle(name: str) -> None:
    graph = graph_of(KINDS[name]())
    data = {}
    for task in range(graph.ntasks):
        layer, number = graph.layer_at(task), int(graph.layer_of[task])
        other = pickle.loads(pickle.dumps(layer.kernel))
        block, inputs = task - int(graph.task_ptr[number]), [data[s] for s in graph.inputs_of(task)]
        here, there = layer.kernel(block, *inputs), other(block, *inputs)
        slot = int(graph.first_slot_of[task])
        for i, part in enumerate(here if layer.noutputs > 1 else (here,)):
            np.testing.assert_array_equal(part, there[i] if layer.noutputs > 1 else there)
            data[slot + i] = part
    assert data
