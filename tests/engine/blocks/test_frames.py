"""Frames as blocks: what they weigh, what a part of one holds, what user code can do to one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope import compute, delayed
from chunkscope.blocks import own_frame, size_of

N = 10_000


def deep(frame: Any) -> float:
    """What pandas says when it looks at every value."""
    usage = frame.memory_usage(deep=True)
    return float(usage if isinstance(usage, int | np.integer) else usage.sum())


COLUMNS = {
    "int": np.arange(N),
    "float32": np.arange(N, dtype="float32"),
    "bool": np.arange(N) % 2 == 0,
    "str": pd.Series([f"word {i % 90}" for i in range(N)]),
    "empty": pd.Series([""] * N),
    "object": pd.Series(["y" * (i % 90) + str(i) for i in range(N)], dtype=object),
    "category": pd.Categorical(["left", "right"] * (N // 2)),
    "time": pd.date_range("2000", periods=N, freq="min"),
    "zone": pd.date_range("2000", periods=N, freq="min", tz="UTC"),
    "Int64": pd.array([1, None] * (N // 2), dtype="Int64"),
    "arrow": pd.Series(pd.array([1.5, None] * (N // 2), dtype="float64[pyarrow]")),
}


@given(st.lists(st.sampled_from(sorted(COLUMNS)), max_size=6), st.integers(0, N), st.booleans())
def test_a_frame_weighs_what_pandas_counts(names: list[str], rows: int, keyed: bool) -> None:
    frame = pd.DataFrame({f"{name}{i}": COLUMNS[name] for i, name in enumerate(names)}).iloc[:rows]
    if keyed and names:
        frame.index = pd.Index([f"key {i}" for i in range(len(frame))])
    assert size_of(frame) == pytest.approx(deep(frame), rel=0.3, abs=400)


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_a_series_weighs_what_pandas_counts(name: str) -> None:
    series = pd.Series(COLUMNS[name])
    assert size_of(series) == pytest.approx(deep(series), rel=0.3, abs=400)
    assert size_of(pd.Index(series)) == pytest.approx(deep(pd.Index(series)), rel=0.3, abs=400)


def test_objects_that_many_places_share_are_counted_once() -> None:
    text = "z" * 10_000
    series = pd.Series([text] * 1000, dtype=object)
    assert size_of(series) < 8_000 + 2 * 10_100


def test_strings_in_arrow_are_counted_once_and_in_full() -> None:
    words = pd.Series(["abcdefgh"] * N)
    assert 16 * N <= size_of(words) <= 17 * N + 200
    table = pa.table({"x": pa.array(["abcdefgh"] * N)})
    assert size_of(table) == table.nbytes >= 12 * N


@pytest.mark.parametrize("name", sorted(set(COLUMNS) - {"category", "Int64"}))
def test_a_small_part_lets_go_of_what_it_is_part_of(name: str) -> None:
    frame = pd.DataFrame(
        {"x": pd.concat([pd.Series(COLUMNS[name])] * 5, ignore_index=True), "y": range(5 * N)}
    )
    part = frame.iloc[100:110]
    owned = own_frame(part)
    assert owned is not part
    pd.testing.assert_frame_equal(owned, part)
    assert own_frame(owned) is owned
    series = frame["y"].iloc[5:7]
    assert own_frame(series).to_numpy().base is None or len(own_frame(series).to_numpy().base) < N
    pd.testing.assert_series_equal(own_frame(series), series)


def test_duplicate_names_and_strings_survive_the_copy() -> None:
    frame = pd.DataFrame([["a" * 20, "b" * 20]] * N, columns=["x", "x"])
    part = frame.iloc[7:9]
    pd.testing.assert_frame_equal(own_frame(part), part)
    words = pd.Series(["a" * 40] * N, name="w").iloc[3:5]
    pd.testing.assert_series_equal(own_frame(words), words)


def test_what_is_whole_stays_as_it_is() -> None:
    frame = pd.DataFrame({"x": np.arange(N), "s": ["a"] * N})
    assert own_frame(frame) is frame
    assert own_frame(frame.iloc[: N // 2 + 1000]) is not None
    assert own_frame(7) == 7


@pytest.mark.parametrize("scheduler", ["sync", "threads"])
def test_a_call_that_writes_to_its_frame_leaves_the_block_alone(scheduler: str) -> None:
    def make() -> pd.DataFrame:
        return pd.DataFrame({"x": [1, 2, 3]})

    def spoil(frame: pd.DataFrame) -> int:
        frame["x"] = 0
        frame.loc[0, "y"] = 9
        frame.index = [5, 6, 7]
        return len(frame.columns)

    x = delayed(make)()
    y = delayed(spoil)(x)
    z = delayed(lambda frame, _: frame.copy())(x, y)
    columns, found = compute(y, z, scheduler=scheduler)
    assert columns == 2
    pd.testing.assert_frame_equal(found, make())
