"""What nodes of frame expressions say: their plain arguments, their columns; never data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import chunkscope.dataframe as cd
from chunkscope import explain, plan, visualize
from chunkscope.display import explanation_html
from chunkscope.display.frame_nodes import frame_arguments, frame_columns


def frame() -> Any:
    data = pd.DataFrame({"a": range(8), "b": ["x", "y"] * 4, "c": 1.5, "d": 2})
    return cd.from_pandas(data, npartitions=2)


@pytest.mark.parametrize(
    ("make", "said", "columns"),
    [
        (lambda x: x.a > 3, "x > 3", "a"),
        (lambda x: 3 + x.a, "3 + x", "a"),
        (lambda x: x.a + x.c, "", ""),
        (lambda x: x.b.isin(["x"]), "['x']", "b"),
        (lambda x: x.c.fillna(0), "0", "c"),
        (lambda x: x.c.fillna(x.c.mean()), "", "c"),
        (lambda x: x[["a", "b"]], "", "a, b"),
        (lambda x: x, "", "4 columns"),
    ],
)
def test_arguments_and_columns(make: Any, said: str, columns: str) -> None:
    expr = make(frame())._expr
    assert (frame_arguments(expr), frame_columns(expr)) == (said, columns)


def test_pictures_plans_and_explanations_of_a_query_read_well() -> None:
    x = frame()
    query = x[x.a > 3].groupby("b")["c"].mean()
    assert "1. from_pandas · 4 columns, 2 partitions" in repr(visualize(query))
    assert "x &gt; 3" in explanation_html(explain(query))
    told = explain(query).describe()
    assert "from_pandas of 3 of 4 columns: a, b, c" in told
    words = plan(query).describe()
    assert "upper bounds or estimates" in words and "delayed" not in words
    assert "→ groupby-mean-partial" in words


def test_tasks_that_read_files_say_which(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.csv").write_text("a,b\n1,2\n")
    x = cd.read_csv(str(tmp_path / "*.csv"))
    for optimised in (False, True):
        words = repr(visualize(x.a.sum(), tasks=True, optimize_graph=optimised))
        assert "0 · 0.csv" in words and "2 · 2.csv" in words
