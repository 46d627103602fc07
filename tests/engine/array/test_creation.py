from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope.errors import ChunkError, DTypeError, ShapeError
from tests.engine.array.naive import run, same
from tests.engine.array.strategies import DTYPES, rules


@given(st.lists(st.integers(0, 5), max_size=3), st.sampled_from(DTYPES), st.integers(1, 3))
def test_constants(shape: list[int], dtype: str, chunks: int) -> None:
    same(ca.ones(shape, dtype, chunks=chunks), np.ones(shape, dtype))
    same(ca.zeros(tuple(shape), dtype=dtype, chunks=chunks), np.zeros(shape, dtype))
    same(ca.full(shape, 3, dtype=dtype, chunks=chunks), np.full(shape, 3, dtype))
    x = ca.ones(shape, dtype, chunks=chunks)
    for name, value in (("ones_like", 1), ("zeros_like", 0)):
        y = getattr(ca, name)(x)
        assert y.chunks == x.chunks
        same(y, np.full(shape, value, dtype))
    same(ca.full_like(x, 2, dtype="int16"), np.full(shape, 2, "int16"))
    assert ca.empty(shape, dtype).shape == ca.empty_like(x).shape == tuple(shape)


@given(
    st.integers(-20, 20),
    st.integers(-20, 40),
    st.sampled_from([1, 2, 7, -1, -3, 0.5, 0.1, -0.3]),
    st.integers(1, 7),
    st.sampled_from([None, "float32", "int16"]),
    rules,
)
def test_arange(start: int, stop: int, step: float, chunks: int, dtype: Any, some: Any) -> None:
    if isinstance(step, float) and dtype == "int16":
        dtype = None
    x = ca.arange(start, stop, step, dtype=dtype, chunks=chunks)
    same(x, np.arange(start, stop, step, dtype=dtype), rules=some)
    same(x[2:-1], np.arange(start, stop, step, dtype=dtype)[2:-1], rules=some)


@given(
    st.floats(-5, 5),
    st.floats(-5, 5),
    st.integers(0, 20),
    st.booleans(),
    st.integers(1, 9),
    st.sampled_from([None, int]),
)
def test_linspace(start: float, stop: float, num: int, endpoint: bool, chunks: int, dtype: Any) -> None:
    want = np.linspace(start, stop, num, endpoint=endpoint, dtype=dtype)
    same(ca.linspace(start, stop, num, endpoint=endpoint, chunks=chunks, dtype=dtype), want)


@given(st.integers(0, 6), st.none() | st.integers(0, 6), st.integers(-7, 7), st.integers(1, 4))
def test_eye(n: int, m: int | None, k: int, chunks: int) -> None:
    same(ca.eye(n, m, k, chunks=chunks), np.eye(n, m, k))


def test_long_ranges_run_in_tiles() -> None:
    n = 200_001
    same(ca.arange(n, chunks=150_000), np.arange(n))
    same(ca.linspace(0, 1, n, chunks=-1), np.linspace(0, 1, n))
    same(ca.eye(600, chunks=500).sum(axis=0), np.ones(600))


def test_from_array_reads_anything_that_slices() -> None:
    class Reader:
        shape, dtype, reads = (200_000,), np.dtype("int64"), 0

        def __getitem__(self, index: Any) -> Any:
            Reader.reads += 1
            return np.arange(200_000)[index]

    same((ca.from_array(Reader(), chunks=100_000) * 2).sum(), np.asarray(np.arange(200_000).sum() * 2))
    assert Reader.reads == 2, "each block is read once, not tile by tile"


def test_from_array_never_hands_out_the_users_memory() -> None:
    x = np.arange(4)
    y = ca.from_array(x, chunks=2)
    found = run(y)
    found[0] = 7
    assert x[0] == 0


def test_lists_and_numbers_become_arrays() -> None:
    same(ca.asarray([[1, 2], [3, 4]], chunks=1), np.array([[1, 2], [3, 4]]))
    same(ca.asarray(3.5), np.asarray(3.5))
    x = ca.ones(3)
    assert ca.asarray(x) is x


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ca.ones((3, -1)), ShapeError, "negative lengths"),
        (lambda: ca.ones("ab"), ShapeError, "a shape is a length or a tuple"),
        (lambda: ca.ones(10, chunks=((4, 4),)), ChunkError, "they sum to 8; use"),
        (lambda: ca.full(3, [1, 2]), ShapeError, "fill_value is one number"),
        (lambda: ca.arange(0, 5, 0), ShapeError, "step cannot be 0"),
        (lambda: ca.arange(5, dtype=complex), DTypeError, "arange cannot make complex128"),
        (lambda: ca.linspace(0, 1, -1), ShapeError, "num is a count"),
        (lambda: ca.from_array(ca.ones(3)), DTypeError, "use x.rechunk"),
        (lambda: ca.from_array([[1], [2, 3]]), DTypeError, "cannot make an array of list"),
        (lambda: ca.from_array([object()]), DTypeError, "no common dtype"),
    ],
)
def test_errors_say_what_was_asked(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
