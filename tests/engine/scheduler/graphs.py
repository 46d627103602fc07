"""Random and exhaustive small graphs, and the plain words for them that the laws compare with."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

import numpy as np
from hypothesis import strategies as st

from chunkscope.graph import Graph, GraphBuilder, Layer, Ragged


def kernel(block: int, *inputs: object) -> object:
    raise AssertionError("the scheduler runs no kernel")


@st.composite
def graphs(
    draw: st.DrawFn,
    *,
    max_layers: int = 5,
    max_width: int = 5,
    first_task: int = 0,
    outer_slots: tuple[int, ...] = (),
    first_slot: int = 0,
) -> Graph:
    """A graph of ragged layers with one to three outputs a task, repeated edges, edges within a layer, dead ends."""
    build = GraphBuilder(first_task, first_slot)
    slots = list(outer_slots)
    made: list[int] = []
    for number in range(draw(st.integers(1, max_layers))):
        width = draw(st.integers(1, max_width))
        noutputs = draw(st.integers(1, 3))
        reads: list[list[int]] = []
        known = list(slots)
        for _ in range(width):
            pick = st.lists(st.sampled_from(known), max_size=4) if known else st.just([])
            reads.append(draw(pick))
            if draw(st.booleans()):  # later tasks of the layer may read this one
                at = first_slot + len(made) + noutputs * (len(reads) - 1)
                known.extend(range(at, at + noutputs))
        layer = Layer(
            f"layer-{number}",
            "op",
            kernel,
            (width,),
            noutputs=noutputs,
            scratch_bytes=draw(st.sampled_from([0, 0, 7, 30])),
        )
        ptr = np.cumsum([0] + [len(r) for r in reads])
        edges = Ragged(ptr.astype(np.int64), np.array([s for r in reads for s in r], dtype=np.int64))
        sizes = draw(st.lists(st.integers(0, 20), min_size=width * noutputs, max_size=width * noutputs))
        shape = (width, noutputs) if noutputs > 1 else (width,)
        new = build.add(layer, edges, nbytes=np.array(sizes, dtype=np.int64).reshape(shape))
        fresh = [int(s) for s in np.stack(new, axis=-1).reshape(-1)]
        made.extend(fresh)
        slots.extend(fresh)
    outputs = draw(st.lists(st.sampled_from(made), min_size=1, max_size=5))
    return build.freeze(np.array(outputs, dtype=np.int64))


def small_graphs(ntasks: int) -> Iterator[Graph]:
    """Every graph of `ntasks` tasks with one slot each and no repeated edge, with every single output."""
    earlier = [[set(c) for k in range(t + 1) for c in combinations(range(t), k)] for t in range(ntasks)]
    for reads in product(*earlier):
        for output in range(ntasks):
            yield table([sorted(r) for r in reads], [output])


def table(reads: list[list[int]], outputs: list[int], nbytes: int | list[int] = 1, scratch: int = 0) -> Graph:
    """A graph of one layer: task `t` makes slot `t` and reads the slots `reads[t]`."""
    build = GraphBuilder()
    ptr = np.cumsum([0] + [len(r) for r in reads])
    edges = Ragged(ptr.astype(np.int64), np.array([s for r in reads for s in r], dtype=np.int64))
    layer = Layer("call", "call", kernel, (len(reads),), scratch_bytes=scratch)
    build.add(layer, edges, nbytes=np.asarray(nbytes, dtype=np.int64))
    return build.freeze(np.array(outputs, dtype=np.int64))


def tree(width: int, arity: int = 2, nbytes: int = 8) -> Graph:
    """A tree of reductions over `width` sources."""
    build = GraphBuilder()
    (slots,) = build.add(Layer("x", "x", kernel, (width,)), nbytes=nbytes)
    while len(slots) > 1:
        count = -(-len(slots) // arity)
        ptr = np.minimum(np.arange(count + 1) * arity, len(slots))
        (slots,) = build.add(Layer("", "sum", kernel, (count,)), Ragged(ptr, slots), nbytes=nbytes)
    return build.freeze(slots)


def makers(graph: Graph) -> list[list[int]]:
    """The tasks of this segment that each task reads from, once for each edge, local numbers."""
    return [
        [int(graph.slot_task[s - graph.first_slot]) for s in graph.inputs_of(t) if s >= graph.first_slot]
        for t in range(graph.first_task, graph.first_task + graph.ntasks)
    ]


def readers(graph: Graph) -> dict[int, set[int]]:
    """The tasks that read each slot of this segment."""
    found: dict[int, set[int]] = {slot: set() for slot in range(graph.nslots)}
    for task in range(graph.ntasks):
        for slot in graph.inputs_of(task):
            found[slot].add(task)
    return found
