"""The card of a failed task: what it says, that it stays small, that nothing of the user's becomes markup."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import chunkscope.array as ca
from chunkscope import compute, delayed, last_run
from chunkscope.display import failure_html, failure_text
from chunkscope.errors import Mismatch, SchemaError
from chunkscope.events import Failure
from chunkscope.graph import FrameShape, GraphBuilder, Layer, Strategy
from tests.engine.display.samples import HOSTILE, safe_page


def failure(*values: Any, **options: Any) -> Failure:
    with pytest.raises(BaseException):  # noqa: B017 - the samples raise all kinds
        compute(*values, scheduler="sync", **options)
    run = last_run()
    assert run is not None and run.error is not None
    return run.error


def test_the_card_of_an_array_says_line_block_elements_and_input() -> None:
    def scale(block: Any) -> Any:
        block -= 1
        return block

    x = ca.ones((6, 8), chunks=(3, 4))
    spoiled = x.map_blocks(scale)
    found = failure(spoiled)
    words = safe_page(failure_html(found))
    for said in ("spoiled = x.map_blocks(scale)", "test_failure.py", "spoiled", "(0, 0)", "[0:3, 0:4]"):
        assert said in words
    assert "ndarray of shape (3, 4), float64" in words and "[[1. 1. 1. 1.]" in words
    assert "work on a copy" in words and "chunkscope.last_run().debug()" in words
    text = failure_text(found)
    assert "elements [0:3, 0:4]" in text and "[[1. 1. 1. 1.]" in text and ".debug()" in text


def test_the_card_of_a_call_shows_the_beginning_of_its_frame() -> None:
    frame = pd.DataFrame({"a": range(1000), "city": [HOSTILE] * 1000})
    found = failure(delayed(lambda x: x["b"])(delayed(lambda: frame)()))
    words = safe_page(failure_html(found))
    assert "DataFrame of shape (1000, 2)" in words and "… 997 more rows" in words and "KeyError: 'b'" in words
    assert "Block" not in words


def test_the_table_of_a_schema_error_and_what_to_paste() -> None:
    table = (
        Mismatch("DepDelay", "float64", "int64", "1991.csv", 17, "NA"),
        Mismatch(HOSTILE, "str", "float64", "1992.csv", 0, HOSTILE),
    )

    def fail() -> None:
        raise SchemaError("mismatched dtypes found\nmore", table, "dtype={'DepDelay': 'float64'}")

    words = safe_page(failure_html(failure(delayed(fail)())))
    for said in (
        "Column",
        "Expected",
        "DepDelay",
        "1991.csv",
        "17",
        "dtype={'DepDelay': 'float64'}",
        HOSTILE,
    ):
        assert said in words
    assert (
        "SchemaError: mismatched dtypes found" in words.replace("\xa0", " ")
        and "Paste this argument" in words
    )


class Placed:
    """A kernel that knows what it reads."""

    def __call__(self, block: int) -> Any:
        raise OSError("cannot read")

    def place_of(self, block: int) -> str:
        return f"part{block}.csv, bytes 0 to 99"


def test_a_partition_and_its_file() -> None:
    from chunkscope.executors.failure import explain_failure

    frame = FrameShape((("x", "int64"),), (10, 20, 30), exact=True, divisions=("a", "b", "c", "d"))
    build = GraphBuilder()
    layer = Layer("", "read", Placed(), (3,), Strategy.SOURCE, frame=frame, detail="read → sum")
    (x,) = build.add(layer, nbytes=8)
    error = OSError("cannot read")
    found = explain_failure(build.freeze(x), 1, error, [])
    assert found.partition == "partition 1 of 3, rows 10 to 30, index b to c"
    assert found.where == "partition 1 of 3, rows 10 to 30, index b to c, from part1.csv, bytes 0 to 99"
    (note,) = error.__notes__
    assert found.where in note and "(read → sum)" in note
    words = safe_page(failure_html(found))
    assert "1 of 3, rows 10 to 30" in words and "part1.csv, bytes 0 to 99" in words and "read → sum" in words


def test_cards_stay_small() -> None:
    texts = [delayed(lambda i: f"{i}" * 5000)(i) for i in range(40)]
    frame = delayed(lambda: pd.DataFrame({f"column {i}": ["z" * 900] * 9 for i in range(500)}))()

    def fail(*_: Any) -> None:
        raise SchemaError(
            "long " * 5000, (Mismatch("c" * 999, "f" * 999, "e", "p", 3, "v" * 9999),) * 500, "d"
        )

    html = failure_html(failure(delayed(fail)(frame, *texts)))
    assert len(html) < 60_000 and "and more" in safe_page(html)
