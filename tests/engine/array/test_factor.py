from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope.array.ops import factor
from chunkscope.errors import ChunkError, DTypeError, ShapeError
from tests.engine.array.naive import run
from tests.engine.array.strategies import rules
from tests.engine.chunks.strategies import cuts


@st.composite
def matrices(draw: st.DrawFn) -> tuple[np.ndarray, ca.Array]:
    """A matrix of any proportions, cut along its rows."""
    m, n = draw(st.integers(1, 12)), draw(st.integers(1, 5))
    x = np.random.default_rng(draw(st.integers(0, 100))).standard_normal((m, n))
    if draw(st.booleans()):
        x = x + 1j * x[::-1]
    return x, ca.from_array(x, chunks=(draw(cuts(m)), n))


@given(matrices(), st.sampled_from([2, 5, 8192]), rules)
def test_qr_multiplies_back(pair: tuple[np.ndarray, ca.Array], rows: int, some: Any) -> None:
    x, y = pair
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factor, "STACK_ROWS", rows)
        q, r = ca.linalg.qr(y)
        found_q, found_r = run(q, some), run(r, some)
    want_q, want_r = np.linalg.qr(x)
    assert (found_q.shape, found_r.shape) == (want_q.shape, want_r.shape)
    np.testing.assert_allclose(found_q @ found_r, x, atol=1e-10)
    np.testing.assert_allclose(found_q.conj().T @ found_q, np.eye(found_q.shape[1]), atol=1e-10)
    np.testing.assert_allclose(found_r, np.triu(found_r), atol=1e-10)


@given(matrices(), st.sampled_from([2, 5, 8192]), st.booleans())
def test_svd_multiplies_back(pair: tuple[np.ndarray, ca.Array], rows: int, wide: bool) -> None:
    x, y = pair
    if wide:
        x, y = x.T, y.T
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factor, "STACK_ROWS", rows)
        u, s, v = (run(part) for part in ca.linalg.svd(y))
    np.testing.assert_allclose(s, np.linalg.svd(x, compute_uv=False), atol=1e-10)
    np.testing.assert_allclose((u * s) @ v, x, atol=1e-10)
    np.testing.assert_allclose(u.conj().T @ u, np.eye(u.shape[1]), atol=1e-10)


def test_signs_make_the_factors_unique() -> None:
    x = np.random.default_rng(0).standard_normal((30, 4))
    one = ca.linalg.svd(ca.from_array(x, chunks=(30, 4)))
    many = ca.linalg.svd(ca.from_array(x, chunks=(7, 4)))
    for a, b in zip(one, many, strict=True):
        np.testing.assert_allclose(run(a), run(b), atol=1e-10)


def test_each_block_is_factorised_once() -> None:
    u, s, v = ca.linalg.svd(ca.random.default_rng(0).random((100, 3), chunks=(10, 3)))
    from chunkscope.compute import prepare

    graph = prepare([u, s, v], lanes=1).graph
    assert [(layer.op, layer.ntasks) for layer in graph.layers if layer.op == "qr-block"] == [
        ("qr-block", 10)
    ]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: ca.linalg.qr(x), ChunkError, r"axis 1 has 2 chunks; use x.rechunk\(\{1: -1\}\)"),
        (lambda x: ca.linalg.svd(x), ChunkError, "svd needs chunks along one axis only, found 2 by 2 blocks"),
        (lambda x: ca.linalg.svd(x[0]), ShapeError, "svd needs a matrix"),
        (lambda x: ca.linalg.qr(x[:0]), ShapeError, "at least one row"),
        (lambda x: ca.linalg.qr(x.rechunk(-1).astype("S1")), DTypeError, "qr cannot take"),
    ],
)
def test_errors_say_what_was_asked(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(ca.ones((3, 4), chunks=2))
