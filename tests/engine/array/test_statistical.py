import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope.array.names import REDUCTIONS
from chunkscope.errors import AxisError, DTypeError, ShapeError
from tests.engine.array.naive import graph_of, run, same
from tests.engine.array.strategies import chunked, pairs, rules, values

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

SIMPLE = [name for name in REDUCTIONS if "arg" not in name and name != "ptp"]


@st.composite
def axes(draw: st.DrawFn, ndim: int) -> Any:
    """None, one axis, or a tuple of axes."""
    if not ndim:
        return None
    one = st.integers(-ndim, ndim - 1)
    several = st.sets(st.integers(0, ndim - 1)).map(tuple)
    return draw(st.none() | one | several)


@pytest.mark.parametrize("name", SIMPLE)
@given(
    data=st.data(),
    pair=pairs(),
    keepdims=st.booleans(),
    split_every=st.sampled_from([None, 2, 3]),
    some=rules,
)
def test_reductions_are_numpys(
    name: str,
    data: st.DataObject,
    pair: tuple[np.ndarray, ca.Array],
    keepdims: bool,
    split_every: Any,
    some: Any,
) -> None:
    x, y = pair
    axis = data.draw(axes(x.ndim))
    if axis == () and name == "count_nonzero":
        axis = None
    try:
        want = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    except (ValueError, TypeError):
        with pytest.raises((ShapeError, DTypeError)):
            getattr(ca, name)(y, axis=axis, keepdims=keepdims)
        return
    if name == "count_nonzero":
        want = np.asarray(want, dtype=np.intp)
    same(getattr(ca, name)(y, axis=axis, keepdims=keepdims, split_every=split_every), want, rules=some)


@given(
    data=st.data(),
    pair=pairs(shape=st.lists(st.integers(1, 6), min_size=1, max_size=3).map(tuple)),
    some=rules,
)
@pytest.mark.parametrize("name", ["argmin", "argmax", "nanargmin", "nanargmax"])
def test_places_of_extremes(
    name: str, data: st.DataObject, pair: tuple[np.ndarray, ca.Array], some: Any
) -> None:
    x, y = pair
    if x.dtype.kind == "c":
        x, y = x.real, y.real
    axis = data.draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    try:
        want = getattr(np, name)(x, axis=axis)
    except ValueError:
        with pytest.raises(ValueError, match="All-NaN"):
            run(getattr(ca, name)(y, axis=axis))
        return
    same(getattr(ca, name)(y, axis=axis, split_every=2), np.asarray(want, dtype=np.intp), rules=some)
    keep = getattr(ca, name)(y, axis=axis, keepdims=True)
    assert keep.shape == getattr(np, name)(x, axis=axis, keepdims=True).shape


@given(pairs(shape=st.lists(st.integers(1, 6), max_size=3).map(tuple), dtypes=["float64", "int32", "bool"]))
def test_ptp_and_methods(pair: tuple[np.ndarray, ca.Array]) -> None:
    x, y = pair
    if x.dtype != bool:
        same(ca.ptp(y), np.asarray(np.ptp(x)))
    same(y.sum(), np.asarray(x.sum()))
    same(y.any(axis=None), np.asarray(x.any()))
    same(y.std(ddof=1), np.asarray(x.std(ddof=1)))
    same(y.mean(dtype="float32"), np.asarray(x.mean(dtype="float32")))
    same(y.sum(dtype="float64"), np.asarray(x.sum(dtype="float64")))


@given(st.data(), rules)
def test_reductions_inside_chains(data: st.DataObject, some: Any) -> None:
    x = data.draw(values(shape=(5, 4), dtypes=["float64"], nan=False))
    y = data.draw(chunked(x))
    same((y - y.mean(axis=0)).std(), np.asarray((x - x.mean(axis=0)).std()), rules=some)
    same(((y**2).sum(axis=1) < 9).mean(), np.asarray(((x**2).sum(axis=1) < 9).mean()), rules=some)
    same(y / (1 + abs(y).sum(axis=1, keepdims=True)), x / (1 + abs(x).sum(axis=1, keepdims=True)), rules=some)
    same((y + y[:4].sum(axis=0)).max(axis=0), (x + x[:4].sum(axis=0)).max(axis=0), rules=some)
    same((y.T * y.sum(axis=1)).sum(axis=0), (x.T * x.sum(axis=1)).sum(axis=0), rules=some)


def test_variance_keeps_its_digits() -> None:
    x = np.random.default_rng(0).random(200_000) + 1e9
    y = ca.from_array(x, chunks=70_000)
    np.testing.assert_allclose(run(y.var()), np.var(x - 1e9), rtol=1e-6)


def test_sums_of_many_tiles() -> None:
    x = np.random.default_rng(1).random((1000, 501))
    for chunks in ((1000, 501), (999, 400), (300, -1), (-1, 77)):
        y = ca.from_array(x, chunks=chunks)
        for axis in (None, 0, 1):
            same((y * 2).sum(axis=axis), (x * 2).sum(axis=axis), rtol=1e-12)
            same(y.std(axis=axis), x.std(axis=axis), rtol=1e-10)
            same(y.max(axis=axis), x.max(axis=axis))
    z = x.astype("float32")
    np.testing.assert_allclose(run(ca.from_array(z, chunks=500).sum()), z.sum(dtype="float64"), rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: x.sum(axis=2), AxisError, "axis 2 is out of range: the array has 2 axes, use -2 to 1"),
        (lambda x: x.sum(axis=(0, 0)), AxisError, "names an axis twice"),
        (lambda x: x[:0].min(), ShapeError, "min of no elements: axis 0"),
        (lambda x: x[:0].argmax(), ShapeError, "argmax of an empty sequence"),
        (lambda x: x.argmax(axis=(0, 1)), AxisError, "argmax takes one axis or None"),
        (lambda x: x.sum(split_every=1), ShapeError, "split_every is how many partials"),
        (lambda x: ca.from_array(np.array(["a", "b"])).mean(), DTypeError, "mean cannot take"),
        (lambda x: x.max(dtype=int), DTypeError, "max takes no dtype"),
        (lambda x: np.sum(x, out=np.ones(())), DTypeError, "out= cannot be given"),
    ],
)
def test_errors_say_what_was_asked(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(ca.ones((3, 4), chunks=2))


def test_the_tree_merges_few_at_a_time() -> None:
    graph = graph_of(ca.ones(1000, chunks=1).sum(split_every=10))
    assert [layer.ntasks for layer in graph.layers] == [1000, 100, 10, 1]
    graph = graph_of(ca.ones((64, 64), chunks=1).sum())
    assert [layer.ntasks for layer in graph.layers] == [4096, 256, 16, 1]


def test_monte_carlo_is_one_layer_and_a_tree() -> None:
    x = ca.random.default_rng(0).random((1000, 2), chunks=(100, 2))
    graph = graph_of(((x**2).sum(axis=1) < 1).mean())
    assert graph.layers[0].detail == "random → square → sum → less → mean"
    assert [layer.ntasks for layer in graph.layers] == [10, 1]


def test_no_warning_is_lost_in_empty_means() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(run(ca.ones((0, 3), chunks=2).mean()))
