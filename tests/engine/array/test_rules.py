"""Chains of many kinds, in tiles of a few elements, under every subset of the rules."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope.array import program, tiles
from chunkscope.array.ops import statistical
from chunkscope.array.rules import ARRAY_RULES
from chunkscope.expr import postorder, rewrite
from tests.engine.array.naive import graph_of, run, same
from tests.engine.array.strategies import chunked, rules, values

STEPS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda xp, x: x + 1,
    "square": lambda xp, x: x**2,
    "double": lambda xp, x: x + x,
    "less": lambda xp, x: x < 3,
    "where": lambda xp, x: xp.where(x > 1, x, -x),
    "cast": lambda xp, x: x.astype("float32").astype("float64"),
    "centre": lambda xp, x: x - x.mean(axis=0),
    "scale": lambda xp, x: x / (1 + abs(x).sum(axis=-1, keepdims=True)),
    "transpose": lambda xp, x: x.T,
    "symmetric": lambda xp, x: x[:3, :3] + x[:3, :3].T,
    "outer": lambda xp, x: x[:, :1] * x[:1, :],
    "slice": lambda xp, x: x[::-2, 1:],
    "flip": lambda xp, x: xp.flip(x, 1),
    "reshape": lambda xp, x: x.reshape(x.shape[1], x.shape[0]),
    "rows": lambda xp, x: xp.broadcast_to(x.sum(axis=1, keepdims=True), x.shape),
    "join": lambda xp, x: xp.concatenate([x, x * 2]),
    "product": lambda xp, x: x @ x.T,
    "roll": lambda xp, x: xp.roll(x, 2, 1),
    "pick": lambda xp, x: x + x[0],
}

ENDS: dict[str, Callable[[Any], Any]] = {
    "none": lambda x: x,
    "sum": lambda x: x.sum(),
    "mean": lambda x: x.mean(axis=0),
    "std": lambda x: x.std(axis=1),
    "max": lambda x: x.max(axis=(0, 1)),
    "argmin": lambda x: x.argmin(axis=1),
    "inner": lambda x: ((x**2).sum(axis=1) < 30).mean(),
}


@pytest.fixture(scope="module", autouse=True)
def tiny_tiles() -> Iterator[None]:
    """Tiles of 7 elements: blocks of a few rows take several."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (program, tiles, statistical):
            patch.setattr(module, "TILE_ELEMENTS", 7)
        yield


@given(
    st.data(),
    st.lists(st.sampled_from(sorted(STEPS)), max_size=4),
    st.sampled_from(sorted(ENDS)),
    rules,
)
def test_any_subset_of_rules_gives_numpys_values(
    data: st.DataObject, names: list[str], end: str, some: Any
) -> None:
    x = data.draw(
        values(
            shape=(data.draw(st.integers(4, 9)), data.draw(st.integers(4, 9))), dtypes=["float64"], nan=False
        )
    )
    y = data.draw(chunked(x))
    for name in names:
        if min(x.shape) < 4 or x.size > 400:
            break
        x, y = STEPS[name](np, x), STEPS[name](ca, y)
        if x.dtype == bool:
            x, y = x * 1.0, y * 1.0
    if end == "argmin":  # rounding may break ties another way
        x, y = np.round(x, 3), ca.round(y, 3)
        np.testing.assert_allclose(
            np.take_along_axis(x, run(y.argmin(axis=1), some)[:, None], 1)[:, 0], x.min(axis=1), atol=2e-3
        )
        return
    same(ENDS[end](y), np.asarray(ENDS[end](x)), rtol=1e-6, rules=some)


@given(st.data(), rules)
def test_random_numbers_are_the_same_in_any_tiles(data: st.DataObject, some: Any) -> None:
    name = data.draw(st.sampled_from(["random", "normal", "poisson", "standard_exponential"]))
    size = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    x = getattr(ca.random.default_rng(1), name)(size=size, chunks=data.draw(st.integers(1, 9)))
    plain = run(x, rules=())
    same(x * 2 + 1, plain * 2 + 1, rules=some)
    same(x.sum(axis=1), plain.sum(axis=1), rules=some)
    same(x.T[1:] - x.mean(), plain.T[1:] - plain.mean(), rules=some)


def test_rules_have_names_and_say_what_they_do() -> None:
    assert len({rule.name for rule in ARRAY_RULES}) == len(ARRAY_RULES)
    assert all(rule.about for rule in ARRAY_RULES)


def test_refusals_say_why() -> None:
    x = ca.random.default_rng(0).random((8, 8), chunks=4)
    done = rewrite([(x + 1).sum().__chunkscope_expr__(), (x * 2).sum().__chunkscope_expr__()], ARRAY_RULES)
    assert "random has 2 readers: made once and kept" in {firing.reason for firing in done.record}


def test_what_is_kept_for_one_reader_is_not_said_to_have_many() -> None:
    x = ca.random.default_rng(0).random((8, 8), chunks=4)
    done = rewrite([x[:3, 1:6].sum().__chunkscope_expr__()], ARRAY_RULES)
    reasons = [firing.reason for firing in done.record if firing.reason]
    assert reasons == ["random is read in other pieces than it is made in: made once and kept"]


def test_what_no_rule_changes_comes_back_as_it_is() -> None:
    x = ca.random.default_rng(0).random(8, chunks=4).__chunkscope_expr__()
    assert rewrite([x], ARRAY_RULES).roots[0] is x


def test_rules_merge_and_drop() -> None:
    x = ca.random.default_rng(0).random((8, 8), chunks=4)
    (root,) = rewrite([x.rechunk(2).rechunk(8).__chunkscope_expr__()], ARRAY_RULES).roots
    assert [node.op for node in postorder([root])] == ["random", "rechunk"]
    (root,) = rewrite([x.T.T.__chunkscope_expr__()], ARRAY_RULES).roots
    assert root is x.__chunkscope_expr__()
    assert [layer.op for layer in graph_of((x + 1).T).layers] == ["random", "add"]


def test_long_chains_are_cut_into_kernels() -> None:
    x = ca.ones(4, chunks=2)
    for _ in range(500):
        x = x + 1
    graph = graph_of(x)
    assert len(graph.layers) == 8
    same(x, np.full(4, 501.0))
