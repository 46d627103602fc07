"""A block has one layout: in the thread that made it, over shared memory, and where it was sent to."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.blocks import own
from chunkscope.blocks.layout import compact, has_gaps
from chunkscope.blocks.packing import pack

SLICES = [slice(None), slice(None, None, 2), slice(1, -1), slice(None, None, -1), slice(-2, 0, -3)]


def walk(x: np.ndarray) -> list[int]:
    """The strides that matter."""
    return [step for step, n in zip(x.strides, x.shape, strict=True) if n > 1] if x.size else []


@given(
    st.integers(0, 2**32),
    st.lists(st.integers(1, 40), min_size=1, max_size=3),
    st.permutations(range(3)),
    st.lists(st.sampled_from(SLICES), min_size=3, max_size=3),
    st.sampled_from([None, 0, -1]),
)
def test_blocks_add_up_to_the_same_bits_wherever_they_are_made(
    seed: int, shape: list[int], axes: list[int], cuts: list[slice], repeated: int | None
) -> None:
    def part(x: np.ndarray) -> np.ndarray:
        x = x.transpose([axis for axis in axes if axis < x.ndim])[tuple(cuts[: x.ndim])]
        if repeated is None or not x.shape[repeated]:
            return x
        return np.broadcast_to(x[:1] if repeated == 0 else x[..., :1], x.shape)

    x = np.random.default_rng(seed).random(shape)
    here = own(part(x))
    np.testing.assert_array_equal(here, part(x))
    assert not has_gaps(here) and not here.flags.writeable
    for other in (pack(here).load(), own(part(pack(x).load())), pack(own(part(pack(x).load()))).load()):
        np.testing.assert_array_equal(here, other)
        assert walk(other) == walk(here)
        for axis in (None, *range(here.ndim)):
            assert np.array_equal(here.sum(axis=axis), other.sum(axis=axis))


def test_what_is_compact_holds_nothing_else() -> None:
    x = np.arange(24.0).reshape(4, 6)
    for part in (x, x[1:], x.T[1:], x[::-2, ::-1], np.broadcast_to(x[0], (4, 6)), x[:0], x[0, 0, ...]):
        y = compact(part)
        np.testing.assert_array_equal(y, part)
        assert not np.may_share_memory(y, x) and not has_gaps(y)
