"""What is packed comes back equal, in its memory layout, read-only, and without a copy where it is large."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.packing import Packed, is_plain, loaded, pack

LARGE = np.arange(60_000.0)


@given(
    npst.arrays(npst.scalar_dtypes(), npst.array_shapes(max_dims=4, max_side=6)),
    st.permutations(range(4)),
    st.lists(st.sampled_from([1, -1]), min_size=4, max_size=4),
)
def test_arrays_keep_their_values_and_their_layout(x: Any, axes: list[int], steps: list[int]) -> None:
    x = x.transpose([axis for axis in axes if axis < x.ndim])
    x = x[tuple(slice(None, None, step) for step in steps[: x.ndim])]
    y = pack(x).load()
    np.testing.assert_array_equal(x, y)
    assert y.dtype == x.dtype and not y.flags.writeable
    strides = [s for s, n in zip(x.strides, x.shape, strict=True) if n > 1]
    assert [s for s, n in zip(y.strides, y.shape, strict=True) if n > 1] == strides


def test_what_is_repeated_is_sent_once() -> None:
    x = np.broadcast_to(np.arange(300.0), (400, 300))
    packed = pack(x)
    assert packed.lease is None and sum(map(len, packed.inline)) == 2400
    assert packed.load().strides == (0, 8)
    (y,) = pack([np.broadcast_to(np.float64(3), 5)]).load()
    assert y.tolist() == [3.0] * 5


@pytest.mark.parametrize(
    "value",
    [
        LARGE,
        LARGE.reshape(200, 300).T,
        LARGE.reshape(20, 30, 100).transpose(1, 0, 2),
        {"x": LARGE, "y": [LARGE[:10]]},
        "ä" * 100_000,
        b"x" * 100_000,
        [f"text {i}" for i in range(20_000)],
        np.array(["x", None, 3], dtype=object),
        np.datetime64("2024-01-01"),
        (1, "x"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_come_back(value: Any) -> None:
    before = ARENAS.used_bytes
    packed = pack(value)
    np.testing.assert_equal(packed.load(), value)
    np.testing.assert_equal(pickle.loads(pickle.dumps(packed)), value)
    del packed
    assert ARENAS.used_bytes == before


def frames() -> list[Any]:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=20_000),
            "n": rng.integers(0, 9, 20_000),
            "text": rng.choice(["Oslo", "Tromsø"], 20_000),
            "kind": pd.Categorical(rng.choice(["a", "b"], 20_000)),
            "time": pd.date_range("2024", periods=20_000, freq="s", tz="UTC"),
        }
    )
    return [frame, frame.text, frame.set_index("time"), frame.index, frame.head(3), frame.kind]


@pytest.mark.parametrize("number", range(6))
def test_frames_come_back(number: int) -> None:
    value = frames()[number]
    found = pack(value).load()
    if isinstance(value, pd.DataFrame):
        pd.testing.assert_frame_equal(found, value)
    elif isinstance(value, pd.Series):
        pd.testing.assert_series_equal(found, value)
    else:
        pd.testing.assert_index_equal(found, value)


def test_arrow_tables_come_back() -> None:
    table = pa.table({"x": np.arange(50_000), "y": ["a", "b"] * 25_000})
    assert pack(table).load().equals(table)


def test_large_blocks_are_read_without_a_copy() -> None:
    packed = pack(LARGE)
    x, y = packed.load(), packed.load()
    assert x.__array_interface__["data"][0] == y.__array_interface__["data"][0]
    del packed
    assert x.sum() == LARGE.sum()  # the memory lives as long as what was made from it


def test_what_is_the_callers_own_can_be_written_to() -> None:
    packed = pack({"x": LARGE})
    shared, own = packed.load(), packed.load(own=True)
    own["x"][0] = -1.0
    assert shared["x"][0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        shared["x"][0] = -1.0


def test_a_small_part_of_a_lease_can_be_given_memory_of_its_own() -> None:
    packed = pack(np.zeros(1_000_000))
    assert packed.compact() is packed
    shape = pack(np.zeros(10_000)).shape
    part = Packed(shape, 80_000, *packed.place())
    own = part.compact()
    assert own is not part and own.shared_bytes < 100_000
    np.testing.assert_array_equal(own.load(), np.zeros(10_000))


@pytest.mark.parametrize("value", [1, 1.5, True, None, 2j, "x", b"x", np.float32(1), np.zeros((3, 4)).T])
def test_small_values_travel_as_they_are(value: Any) -> None:
    assert is_plain(value)
    assert loaded(value) is value


@pytest.mark.parametrize(
    "value", [[1], {}, LARGE, "x" * 5000, np.array([None]), np.zeros((3, 4, 5)).transpose(1, 0, 2), object()]
)
def test_other_values_are_packed(value: Any) -> None:
    assert not is_plain(value)


def test_what_cannot_be_pickled_leaves_nothing_behind() -> None:
    before = ARENAS.used_bytes
    with pytest.raises(TypeError, match="cannot pickle"):
        pack([LARGE, (x for x in "x")])
    assert ARENAS.used_bytes == before
