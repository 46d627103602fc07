"""Runs an expression one task at a time, with every promise of the graph checked."""

from typing import Any

import numpy as np

from chunkscope.array.collection import Array
from chunkscope.array.rules import ARRAY_RULES
from chunkscope.expr import Rule, lower, rewrite
from chunkscope.graph import Graph


def graph_of(x: Array, rules: tuple[Rule, ...] = ARRAY_RULES) -> Graph:
    """The graph of one array after these rules."""
    return lower(rewrite([x.__chunkscope_expr__()], rules).roots)[0]


def run(x: Array, rules: tuple[Rule, ...] = ARRAY_RULES) -> Any:
    """The value of `x`. Inputs are read-only; shapes, dtypes and predicted bytes of arrays must be right."""
    (root,) = rewrite([x.__chunkscope_expr__()], rules).roots
    graph, (places,) = lower([root])
    data: dict[int, Any] = {}
    for task in range(graph.ntasks):
        layer = graph.layer_at(task)
        number = int(graph.layer_of[task])
        inputs = graph.inputs_of(task)
        slot = int(graph.first_slot_of[task])
        assert all(s < slot for s in inputs), "inputs come first"
        value = layer.kernel(task - int(graph.task_ptr[number]), *[data[s] for s in inputs])
        for i, part in enumerate(value if layer.noutputs > 1 else (value,)):
            assert isinstance(part, np.ndarray), (layer.op, type(part))
            if layer.exact:
                assert part.nbytes == graph.slot_bytes[slot + i], (layer.op, part.shape, part.dtype)
            part = part.view()
            part.flags.writeable = False
            data[slot + i] = part
    assembler = x.__chunkscope_assembler__(places.shape)
    for position, s in enumerate(places.reshape(-1)):
        assert data[int(s)].dtype == x.dtype, (data[int(s)].dtype, x.dtype)
        assembler.put(position, data[int(s)])
    return assembler.result()


def same(x: Array, want: Any, rtol: float = 1e-7, **options: Any) -> None:
    """`x` has NumPy's values, dtype and shape."""
    want = np.asarray(want)
    assert (x.shape, x.dtype) == (want.shape, want.dtype)
    found = run(x, **options)
    if want.dtype.kind in "fc":
        single = want.dtype in (np.float32, np.complex64)
        loose = {np.dtype(np.float16): 1e-2}.get(want.dtype, 1e-4 if single else rtol)
        np.testing.assert_allclose(found, want, rtol=loose, atol=loose)
    else:
        np.testing.assert_array_equal(found, want)
