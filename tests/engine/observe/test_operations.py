"""What the wire tells of operations: what was fused into each, who made it, who reads it, what equals it elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from chunkscope import array as ca
from chunkscope import compute, delayed
from chunkscope.observe import last_run
from chunkscope.observe import operations as operations_module
from chunkscope.observe.feed import Feed
from chunkscope.observe.wire import RunHeader


def header_of(*values: object, **options: object) -> RunHeader:
    compute(*values, scheduler="sync", **options)  # type: ignore[arg-type]
    run = last_run()
    assert run is not None
    return Feed(run).header()


def test_parts_are_what_was_fused_each_with_its_line() -> None:
    x = ca.random.default_rng(0).random((8, 8), chunks=4)
    y = x + 1
    z = (y * 2).sum()
    head = header_of(z)
    first, last = head.layers
    assert {part.op for part in first.parts} == {"multiply", "add", "random"}
    assert last.parts == ()
    texts = {part.op: part.origin.text for part in first.parts if part.origin is not None}
    assert texts["add"] == "y = x + 1" and texts["random"].startswith("x = ca.random")
    assert (head.written, head.planned) == (4, 2)
    assert {step.rule for step in head.rewrites} >= {"fuse-blockwise"}
    assert all(step.refused == bool(step.reason) for step in head.rewrites)


def test_without_rules_nothing_is_a_part_and_nothing_was_rewritten() -> None:
    head = header_of((ca.ones((4, 4), chunks=2) + 1).sum(), rules=False)
    assert all(layer.parts == () for layer in head.layers) and head.rewrites == ()
    assert head.written == head.planned
    assert all(layer.origin is not None for layer in head.layers)


def test_equal_operations_of_two_runs_have_equal_tokens_and_others_have_not() -> None:
    def tokens(rows: int) -> list[str]:
        return [layer.token for layer in header_of((ca.ones((rows, 4), chunks=2) + 1).sum(axis=0)).layers]

    assert tokens(4) == tokens(4)
    assert all(tokens(4)) and not set(tokens(4)) & set(tokens(8))


def test_uses_count_readers_and_the_caller() -> None:
    x = ca.random.default_rng(0).random((8, 8), chunks=4)
    head = header_of(x, x.sum(axis=0), x.sum(axis=1), rules=False)
    uses = {layer.op: layer.uses for layer in head.layers}
    assert uses["random"] == 3 and uses["sum"] == 1


def test_calls_of_one_function_from_several_lines_are_told_apart_task_by_task() -> None:
    first = [delayed(abs)(i) for i in range(3)]
    second = delayed(abs)(7)
    head = header_of(first, second)
    (layer,) = head.layers
    assert [part.origin.text[:6] for part in layer.parts if part.origin is not None] == ["first ", "second"]
    assert head.part.tolist() == [0, 0, 0, 1]
    assert header_of([delayed(abs)(i) for i in range(3)]).part.tolist() == []


def test_very_many_calls_are_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations_module, "MOST_CALLS", 3)
    first = [delayed(abs)(i) for i in range(3)]
    head = header_of(first, delayed(abs)(7))
    assert head.part.tolist() == [] and head.layers[0].parts == ()
    monkeypatch.setattr(operations_module, "MOST_CALLS", 10)
    monkeypatch.setattr(operations_module, "MOST_PARTS", 1)
    head = header_of(first, delayed(abs)(7), delayed(abs)(8))
    assert len(head.layers[0].parts) <= 1
    assert np.unique(head.part).tolist() in ([], [-1, 0])
