"""Delayed calls against calling the functions right away."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope import Delayed, compute, delayed, last_run, plan
from chunkscope.errors import ConfigError, LazyValueError

BINARY = [
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "and_",
    "or_",
    "xor",
]


def value(x: Any) -> Any:
    return x.compute(scheduler="sync")


@given(st.integers(-9, 9), st.integers(1, 9), st.sampled_from(BINARY))
def test_operators_both_ways(x: int, y: int, name: str) -> None:
    function = getattr(operator, name)
    assert value(function(delayed(x), y)) == function(x, y)
    assert value(function(x, delayed(y))) == function(x, y)
    assert value(function(delayed(x), delayed(y))) == function(x, y)


def test_unary_divmod_pow_shift_matmul() -> None:
    x = delayed(-5)
    assert (value(-x), value(+x), value(abs(x)), value(~x)) == (5, -5, 5, 4)
    assert value(divmod(x, 3)) == divmod(-5, 3) and value(divmod(7, delayed(3))) == (2, 1)
    assert (value(x**2), value(2 ** delayed(3)), value(1 << delayed(3)), value(delayed(8) >> 1)) == (
        25,
        8,
        8,
        4,
    )
    y = np.arange(4.0).reshape(2, 2)
    assert value(delayed(y) @ y).tolist() == (y @ y).tolist()
    assert value(y + delayed(1)).tolist() == (y + 1).tolist()


ARGUMENTS = st.recursive(
    st.integers(0, 9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=2)
        | st.integers(0, 9).map(lambda n: delayed(abs)(-n))
        | inner.map(lambda x: delayed(lambda y: [y])(x))
    ),
    max_leaves=8,
)


def plain(x: Any) -> Any:
    """The argument with every lazy value in it computed, by plain recursion."""
    if isinstance(x, Delayed):
        return value(x)
    if isinstance(x, dict):
        return {key: plain(item) for key, item in x.items()}
    return type(x)(map(plain, x)) if isinstance(x, list | tuple) else x


def both(*args: Any, **kwargs: Any) -> Any:
    return args, kwargs


@given(st.lists(ARGUMENTS, max_size=3), st.dictionaries(st.sampled_from("xyz"), ARGUMENTS, max_size=2))
def test_arguments_of_every_shape(args: list[Any], kwargs: dict[str, Any]) -> None:
    expected = both(*plain(args), **plain(kwargs))
    assert value(delayed(both)(*args, **kwargs)) == expected
    assert value(delayed([args, kwargs])) == [list(expected[0]), expected[1]]


def test_nothing_runs_before_compute_and_each_call_once() -> None:
    calls: list[int] = []

    def note(x: int) -> int:
        calls.append(x)
        return x

    x = delayed(note)(1)
    total = delayed(operator.add)(x, x) + x
    assert calls == []
    assert value(total) == 3 and calls == [1]


def test_attributes_methods_and_items() -> None:
    x = delayed({"a": [1, 2, 3]})
    assert value(x["a"][1]) == 2
    assert value(delayed("abc").upper()) == "ABC"
    assert value(delayed("a,b").split(",", maxsplit=delayed(1))) == ["a", "b"]
    assert value(delayed(3 + 4j).imag) == 4.0
    with pytest.raises(AttributeError, match="_secret"):
        _ = x._secret


def test_nout_unpacks() -> None:
    split = delayed(lambda x: divmod(x, 10), nout=2)
    tens, ones = split(42)
    assert compute(tens, ones) == (4, 2)
    assert len(split(42)) == 2


def test_pure_calls_are_shared_and_impure_ones_are_not() -> None:
    def twice(x: int) -> int:
        return 2 * x

    pure, impure = delayed(twice, pure=True), delayed(twice)
    assert pure(1).key == pure(1).key != pure(2).key
    assert impure(1).key != impure(1).key
    assert plan(pure(1), pure(1), pure(2)).ntasks == 2
    assert plan(impure(1), impure(1)).ntasks == 2
    assert impure(1, pure=True).key == impure(1, pure=True).key


def test_names_are_labels_for_people() -> None:
    x = delayed(sum, name="total")([1, 2])
    value(x)
    assert [row.op for row in last_run().by_operation()] == ["total"]  # type: ignore[union-attr]
    assert repr(x) == "Delayed(total)"
    assert x.key.startswith("total-")
    assert repr(delayed(sum)([1], dask_key_name="mine")) == "Delayed(mine)"


def test_calls_of_one_function_at_one_depth_are_one_operation() -> None:
    inc, add = delayed(lambda x: x + 1, name="inc"), delayed(operator.add, name="add")
    x = [inc(i) for i in range(4)]
    y = add(add(x[0], x[1]), add(x[2], x[3]))
    assert [(row.op, row.ntasks) for row in plan(y).operations] == [("inc", 4), ("add", 2), ("add", 1)]
    chain: Any = 0
    for i in range(100):
        chain = inc(chain) if i % 2 else add(chain, 1)
    assert plan(chain).nlayers == 1 and value(chain) == 100


def test_a_decorated_method_binds() -> None:
    class Shop:
        price = 3

        @delayed
        def cost(self, n: int) -> int:
            return self.price * n

    assert value(Shop().cost(delayed(4))) == 12
    assert isinstance(Shop.cost, Delayed)


def test_a_wrapped_function_is_also_a_value() -> None:
    def apply(f: Any, x: Any) -> Any:
        return f(x)

    assert value(delayed(apply)(delayed(abs), -3)) == 3
    assert delayed(apply).__name__ == "apply"
    assert value(delayed(apply)(lambda x: x, 5)) == 5
    assert value(delayed(lambda: abs)()(-4)) == 4


def test_traverse_false_leaves_lazy_values_alone() -> None:
    x = delayed(1)
    kept = value(delayed([x], traverse=False))
    assert kept[0] is x
    assert delayed(x) is x


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (bool, "the truth of Delayed.* is not known before it is computed; keep the `if`"),
        (len, "has no length yet; say nout="),
        (list, "cannot iterate over a lazy value.*say nout="),
        (lambda x: x.__setitem__(0, 1), "setting an item would be lost"),
        (lambda x: setattr(x, "name", 1), "setting .name would be lost"),
        (lambda x: 1 if x > 0 else 2, "the truth of"),
    ],
)
def test_what_a_lazy_value_cannot_do_says_what_would_work(use: Any, message: str) -> None:
    with pytest.raises(LazyValueError, match=message):
        use(delayed(abs)(1))


@pytest.mark.parametrize("bad", [-1, 1.5, True, "2"])
def test_bad_nout(bad: Any) -> None:
    with pytest.raises(ConfigError, match=r"nout=.* is not a number of results"):
        delayed(abs, nout=bad)


def test_delayed_inside_delayed_is_found_by_its_error() -> None:
    inc = delayed(lambda x: x + 1)
    nested = delayed(lambda x: inc(x) + 1)(1)
    assert isinstance(value(nested), Delayed)  # a lazy value came back: the inner call was never computed


def test_ten_thousand_calls_deep_and_wide() -> None:
    inc = delayed(lambda x: x + 1)
    x = inc(0)
    for _ in range(10_000):
        x = inc(x)
    assert value(x) == 10_001
    assert value(delayed(sum)([inc(i) for i in range(10_000)])) == sum(range(1, 10_001))


def test_arrays_as_arguments_arrive_whole() -> None:
    x = ca.ones((6, 6), chunks=2)
    assert value(delayed(np.sum)(x)) == 36.0
    assert value(delayed(lambda pair: (*pair[0].shape, pair[1]))([x[:, 1:], 7])) == (6, 5, 7)
    assert (delayed(x) + 1).compute(scheduler="sync").shape == (6, 6)
    found = plan(delayed(np.sum)(x))
    assert [row.strategy.value for row in found.operations if row.op == "gather"] == ["gathers"]
    assert "whole collection" in found.describe()
