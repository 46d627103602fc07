"""The repr of frames: what it says, in the page and in words, for few and for very many partitions and columns."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.dataframe as cd
from chunkscope.display import describe_frame, frame_html
from chunkscope.display.partitions import MAX_BARS, Partitions, partition_strip
from tests.engine.display.samples import HOSTILE, pictures, safe_page


def sample(count: int, **options: Any) -> SimpleNamespace:
    values: dict[str, Any] = {
        "columns": ["Year", HOSTILE],
        "dtypes": ["int64", "str"],
        "npartitions": count,
        "divisions": (None,) * (count + 1),
        "known_divisions": False,
        "partition_rows": list(range(1, count + 1)),
        "partition_rows_exact": False,
        "partition_places": [f"{i}.csv" for i in range(count)],
        "nbytes_estimate": 1000,
    }
    return SimpleNamespace(**(values | options))


def test_a_frame_tells_rows_bytes_partitions_files_columns() -> None:
    x = sample(105)
    words, text = safe_page(frame_html(x)), describe_frame(x)
    for said in (
        "2 columns",
        "nothing computed yet",
        "about 5,565",
        "about 1000 B",
        "0.csv to 104.csv, 105 files",
    ):
        assert said in words and said in text
    assert HOSTILE in words and "Year int64" in text
    assert "105 of about 1 to 105 rows" in words and "105 of about 1 to 105 rows" in text


def test_every_partition_has_a_bar_that_says_where_it_comes_from() -> None:
    x = sample(3, divisions=("a", "k", "q", "z"), known_divisions=True, partition_rows_exact=True)
    (picture,) = pictures(frame_html(x))
    titles = [node.text for node in picture.iter() if node.tag.endswith("title")][1:]
    assert titles == [
        "partition 0 · 1 row · 0.csv · index a to k",
        "partition 1 · 2 rows · 1.csv · index k to q",
        "partition 2 · 3 rows · 2.csv · index q to z",
    ]
    assert "a to z, known between partitions" in describe_frame(x)


@given(
    st.integers(1, 30_000),
    st.booleans(),
    st.sampled_from(["none", "zero", "equal", "rising"]),
    st.integers(0, 3),
)
def test_any_number_of_partitions_fits(count: int, exact: bool, kind: str, files: int) -> None:
    rows = {"none": None, "zero": (0,) * count, "equal": (7,) * count, "rising": tuple(range(count))}[kind]
    places = tuple(f"{i * files // count}.csv" for i in range(count)) if files else ()
    parts = Partitions(count, rows, exact, places, ())
    drawn = str(partition_strip(parts, "about"))
    assert 1 <= drawn.count("<rect") <= MAX_BARS and len(drawn) < 45_000
    assert f"{count:,}" in parts.words()


def test_partitions_of_one_file_share_a_shade() -> None:
    places = [f"{1990 + i // 3}.csv" for i in range(9)]
    (picture,) = pictures(frame_html(sample(9, partition_places=places)))
    shades = [rect.get("class") for rect in picture.iter() if rect.tag.endswith("rect")]
    assert shades == ["hot bar"] * 3 + ["hot deep"] * 3 + ["hot bar"] * 3


def test_many_columns_are_cut() -> None:
    names = [f"column {i} {HOSTILE}" for i in range(900)]
    x = sample(10_000, columns=names, dtypes=["float64"] * 900)
    html = frame_html(x)
    assert len(html) < 60_000 and "and 840 more" in safe_page(html) and "and 888 more" in describe_frame(x)


@pytest.mark.parametrize("kind", ["frame", "series", "index", "scalar", "empty"])
def test_real_ones(kind: str) -> None:
    frame = cd.from_pandas(pd.DataFrame({"x": range(10), "y": ["a"] * 10}), npartitions=3)
    value: Any = {
        "frame": frame,
        "series": frame.x,
        "index": frame.index,
        "scalar": frame.x.sum(),
        "empty": frame[[]],
    }[kind]
    words = safe_page(frame_html(value))
    assert "nothing computed yet" in words and "nothing computed yet" in describe_frame(value)
    title = {"frame": "DataFrame of 2 columns", "series": "Series x int64", "scalar": "Scalar int64"}
    assert title.get(kind, "") in describe_frame(value)
