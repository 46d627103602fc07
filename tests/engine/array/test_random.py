from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope.array.random import DISTRIBUTIONS
from chunkscope.errors import DTypeError, ShapeError
from tests.engine.array.naive import run
from tests.engine.array.strategies import rules

PARAMS = {
    "n": 10, "p": 0.3, "ngood": 5, "nbad": 6, "nsample": 7, "left": 0.0, "mode": 0.3, "right": 1.0, "nonc": 1.5,
}  # fmt: skip


def drawn(name: str, seed: int = 0, size: Any = (50, 3), chunks: Any = (20, 2)) -> ca.Array:
    given = [PARAMS.get(key, 2.5) if value is ... else value for key, value in DISTRIBUTIONS[name].items()]
    found: ca.Array = getattr(ca.random.default_rng(seed), name)(*given, size=size, chunks=chunks)
    return found


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_every_distribution(name: str) -> None:
    x = drawn(name)
    found = run(x)
    assert found.shape == (50, 3)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found, run(drawn(name)))
    assert not np.array_equal(found, run(drawn(name, seed=1)))
    assert x.dtype == found.dtype


@pytest.mark.parametrize("name", ["random", "normal", "integers", "poisson", "standard_exponential", "gamma"])
def test_numbers_do_not_depend_on_what_is_fused_or_cut_into_tiles(name: str) -> None:
    rng = ca.random.default_rng(5)
    params = {"integers": (0, 100), "gamma": (2.0,)}.get(name, ())
    x = getattr(rng, name)(*params, size=(70_000, 3), chunks=(50_000, 3))
    plain = run(x, rules=())
    np.testing.assert_array_equal(run(x), plain)
    np.testing.assert_allclose(run((x * 1).sum(axis=1)), plain.sum(axis=1))
    np.testing.assert_allclose(run((x[:, :1] * ca.ones((1, 40)))[:, 7]), plain[:, 0])


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int16", "uint32", "int64", "uint64"])
def test_integers_of_every_dtype(dtype: str) -> None:
    high = 2 if dtype == "bool" else 100
    x = ca.random.default_rng(0).integers(0, high, size=100_000, dtype=dtype, chunks=60_000)
    found = run(x)
    assert found.dtype == x.dtype == np.dtype(dtype)
    assert set(np.unique(found)) == set(range(high))
    np.testing.assert_array_equal(run(x.astype("int64") + 0), found.astype("int64"))


@given(st.integers(0, 3), rules)
def test_calls_and_blocks_have_streams_of_their_own(seed: int, some: Any) -> None:
    rng = ca.random.default_rng(seed)
    x, y = rng.random(8, chunks=4), rng.random(8, chunks=4)
    numbers = np.concatenate([run(x, some), run(y, some)])
    assert len(np.unique(numbers)) == 16
    again = ca.random.default_rng(seed)
    np.testing.assert_array_equal(run(again.random(8, chunks=4)), numbers[:8])


def test_moments_are_right() -> None:
    rng = ca.random.default_rng(0)
    x = run(rng.normal(3, 2, size=200_000, chunks=30_000))
    assert abs(x.mean() - 3) < 0.03
    assert abs(x.std() - 2) < 0.03
    u = run(rng.uniform(-1, 4, size=200_000, chunks=30_000))
    assert abs(u.mean() - 1.5) < 0.02
    assert -1 <= u.min() < -0.99 < 3.99 < u.max() < 4
    e = run(rng.exponential(2, size=200_000))
    assert abs(e.mean() - 2) < 0.03


def test_single_precision() -> None:
    x = ca.random.default_rng(0).random(10, dtype="float32", chunks=5)
    assert x.dtype == run(x).dtype == np.float32


def test_the_older_interface() -> None:
    rs = ca.random.RandomState(12)
    x = rs.random((6, 2), chunks=(3, 2))
    assert x.chunks == ((3, 3), (2,))
    assert run(rs.randint(0, 5, size=4)).max() < 5
    ca.random.seed(3)
    first = run(ca.random.random(5, chunks=5))
    ca.random.seed(3)
    np.testing.assert_array_equal(run(ca.random.random_sample(5, chunks=5)), first)
    assert ca.random.normal(0, 1, size=(2, 2)).shape == (2, 2)
    assert ca.random.uniform(low=0.0, high=1.0, size=(4, 2), chunks=3).chunks == ((3, 1), (2,))
    assert ca.random.random(size=(15, 15), chunks=(10, 5)).numblocks == (2, 3)


def test_no_seed_gives_other_numbers() -> None:
    assert not np.array_equal(run(ca.random.default_rng().random(5)), run(ca.random.default_rng().random(5)))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda rng: rng.normal(ca.ones(3), size=3), DTypeError, "normal: parameters are numbers here"),
        (lambda rng: rng.normal(0, -1, size=3), ValueError, "scale < 0"),
        (lambda rng: rng.poisson(-1, size=3), ValueError, "lam < 0"),
        (lambda rng: rng.integers(5, 5, size=3), ValueError, "low >= high"),
        (lambda rng: rng.random((2, -1)), ShapeError, "negative lengths"),
        (lambda rng: rng.random(3, dtype="int8"), TypeError, "int8"),
    ],
)
def test_errors_say_what_was_asked(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(ca.random.default_rng(0))
