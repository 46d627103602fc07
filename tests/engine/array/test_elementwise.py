from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope.array.names import ELEMENTWISE
from chunkscope.array.ops.elementwise import UFUNCS
from chunkscope.errors import ChunkError, DTypeError, ShapeError
from tests.engine.array.naive import graph_of, run, same
from tests.engine.array.strategies import DTYPES, chunked, pairs, rules, values

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize("name", UFUNCS)
@given(data=st.data())
def test_ufuncs_are_numpys(name: str, data: st.DataObject) -> None:
    ufunc = UFUNCS[name]
    xs = [data.draw(values(shape=(3, 4))) for _ in range(ufunc.nin)]
    try:
        want = ufunc(*xs)
    except (TypeError, ValueError):
        with pytest.raises((DTypeError, ValueError)):
            run(getattr(ca, name)(*[data.draw(chunked(x)) for x in xs]))
        return
    same(getattr(ca, name)(*[data.draw(chunked(x)) for x in xs]), want)


@given(st.data(), pairs(), st.sampled_from([2, -3, 0.5, True, 1j, np.float32(2), np.int64(3), np.uint8(7)]))
def test_numbers_promote_as_in_numpy(
    data: st.DataObject, pair: tuple[np.ndarray, ca.Array], number: Any
) -> None:
    x, y = pair
    for operator in ("__add__", "__rmul__", "__rsub__", "__lt__"):
        try:
            want = getattr(x, operator)(number)
        except (TypeError, OverflowError) as error:
            with pytest.raises((TypeError, OverflowError)):
                getattr(y, operator)(number)
            assert not isinstance(error, ChunkError)
            continue
        if want is not NotImplemented:
            same(getattr(y, operator)(number), want)


@given(st.data(), rules)
def test_broadcasting_over_any_chunks(data: st.DataObject, some: Any) -> None:
    full = data.draw(st.lists(st.integers(0, 5), max_size=3))
    xs = []
    for _ in range(3):
        shape = [data.draw(st.sampled_from([n, 1])) for n in full][data.draw(st.integers(0, len(full))) :]
        xs.append(data.draw(values(shape=tuple(shape), dtypes=["float64", "int64"], nan=False)))
    ys = [data.draw(chunked(x)) for x in xs]
    want = np.where(xs[0] > 2, xs[1] * 2 + xs[2], xs[0] - xs[2]) ** 2
    same(ca.where(ys[0] > 2, ys[1] * 2 + ys[2], ys[0] - ys[2]) ** 2, want, rules=some)


@given(pairs(dtypes=["float64", "complex128", "int64", "float32"]))
def test_functions_that_are_no_ufuncs(pair: tuple[np.ndarray, ca.Array]) -> None:
    x, y = pair
    for name in ELEMENTWISE:
        if name in ("where", "clip", "isclose") or (
            x.dtype.kind == "c" and name in ("fix", "i0", "isneginf", "isposinf")
        ):
            continue
        same(getattr(ca, name)(y), np.trunc(x) if name == "fix" else getattr(np, name)(x))
    same(ca.isclose(y, y + 1e-9), np.isclose(x, x + 1e-9))
    if x.dtype.kind != "c":
        same(ca.clip(y, 0, 3), np.clip(x, 0, 3))
        same(y.clip(None, 3), np.clip(x, None, 3))
    same(ca.round(y, 1), np.round(x, 1))


@given(pairs(), st.sampled_from(DTYPES))
def test_astype(pair: tuple[np.ndarray, ca.Array], dtype: str) -> None:
    x, y = pair
    if x.dtype.kind in "fc" and np.dtype(dtype).kind not in "fc":
        x, y = np.nan_to_num(x), ca.nan_to_num(y)
    with np.errstate(all="ignore"):
        same(
            y.astype(dtype),
            x.astype(dtype) if np.dtype(dtype).kind == "c" or x.dtype.kind != "c" else x.real.astype(dtype),
        )


def test_numpys_own_functions_come_here() -> None:
    x = np.arange(12.0).reshape(3, 4)
    y = ca.from_array(x, chunks=2)
    same(np.add(x, y), x + x)
    same(np.sqrt(y), np.sqrt(x))
    same(x * y - 1, x * x - 1)
    same(np.where(y > 3, y, 0), np.where(x > 3, x, 0))
    same(np.concatenate([y, y]), np.concatenate([x, x]))
    same(np.sum(y, axis=0), x.sum(axis=0))
    same(np.add.reduce(y), np.add.reduce(x))
    same(np.matmul(y, y.T), x @ x.T)
    assert np.shape(y) == (3, 4)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: x + ca.ones(7), ShapeError, r"shapes \(3, 4\) and \(7,\) do not broadcast: axis -1"),
        (lambda x: ca.sqrt(x.astype("S3")), DTypeError, "sqrt cannot take .array of |S3"),
        (lambda x: x.astype("nonsense"), DTypeError, "'nonsense' is no dtype"),
        (
            lambda x: x.astype(int, casting="safe"),
            DTypeError,
            "cannot cast float64 to int64 with casting='safe'",
        ),
        (lambda x: ca.full(3, 1, dtype="uint8") + 300, OverflowError, "300"),
        (lambda x: ~x, DTypeError, "invert cannot take"),
        (lambda x: ca.add(x), DTypeError, "add takes 2 arguments, got 1"),
        (lambda x: ca.where(x), DTypeError, "where takes 3 arrays, got 1"),
        (lambda x: np.add(x, 1, out=np.ones((3, 4))), DTypeError, "takes no out"),
        (lambda x: np.add.accumulate(x), DTypeError, "add.accumulate is not known"),
        (
            lambda x: np.median(x),
            DTypeError,
            "numpy.median is not known for chunked arrays; use it on x.compute()",
        ),
        (lambda x: x + object(), DTypeError, "cannot make an array of object"),
    ],
)
def test_errors_say_what_was_asked(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(ca.ones((3, 4), chunks=2))


def test_a_chain_is_one_layer() -> None:
    x = ca.from_array(np.ones((4, 4)), chunks=2)
    assert [layer.detail for layer in graph_of(ca.sqrt(x * 2 + 1)).layers] == [
        "from_array → multiply → add → sqrt"
    ]


def test_a_value_with_two_readers_is_made_once() -> None:
    x = ca.random.default_rng(0).random((4, 4), chunks=2)
    graph = graph_of(ca.concatenate([x + 1, x - 1]))
    assert [layer.op for layer in graph.layers] == ["random", "add", "subtract"]
    graph = graph_of(ca.sin(x) ** 2 + ca.cos(x) ** 2)
    assert len(graph.layers) == 1


def test_large_blocks_run_in_tiles() -> None:
    x = np.linspace(-1, 1, 300_000).reshape(3, 100_000)
    for chunks in ((3, 100_000), (2, 70_000), (1, 99_999)):
        y = ca.from_array(x, chunks=chunks)
        same(
            ca.sqrt(abs(y)) + y.astype("float32") * y[0] - y[:, :1],
            np.sqrt(abs(x)) + x.astype("float32") * x[0] - x[:, :1],
        )


def test_inputs_that_lack_more_axes_than_the_reader_has_left() -> None:
    """All axes inside the blocks: nothing is left to spread a smaller input over."""
    shapes = [((1, 0, 0), (0, 0, 0), (0, 0)), ((2, 3, 4), (2, 3, 4), (3, 4)), ((2, 3, 4), (2, 1, 4), (4,))]
    for three in shapes:
        xs = [np.random.default_rng(i).random(shape) for i, shape in enumerate(three)]
        ys = [ca.from_array(x, chunks=-1) for x in xs]
        want = np.where(xs[0] > 0.2, xs[1] * 2 + xs[2], xs[0] - xs[2])
        same(ca.where(ys[0] > 0.2, ys[1] * 2 + ys[2], ys[0] - ys[2]), want)
        same(ca.where(ys[0] > 0.2, ys[1] * 2 + ys[2], ys[0] - ys[2]).sum(), want.sum())
