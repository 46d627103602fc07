"""Figures from rows: bytes held at every moment, by the definition."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.events import Columns
from chunkscope.observe.figures import held


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9), st.integers(0, 99), st.integers(0, 99))))
def test_held_is_blocks_and_the_temporaries_of_what_runs(tasks: list[tuple[int, int, int, int]]) -> None:
    tasks = sorted(tasks, key=lambda task: task[0] + task[1])
    columns = Columns()
    for number, (start, length, stored, scratch) in enumerate(tasks):
        columns.append(number, 0, 0.0, start, start + length, 0, stored, scratch)

    def at(moment: float, stored: int) -> int:
        return stored + sum(s for begin, length, _, s in tasks if begin < moment <= begin + length)

    found: Any = held(columns.since(0))
    assert found.tolist() == [at(start + length, stored) for start, length, stored, _ in tasks]


def test_rows_keep_their_temporaries_whatever_the_cursor() -> None:
    columns = Columns()
    columns.append(0, 0, 0.0, 0.0, 1.0, 8, 8, scratch=5)
    columns.extend([1, 2, 3], 0, [0.0] * 3, [0.0] * 3, [1.0] * 3, [8] * 3, [8] * 3, [0, 7, 0])
    columns.extend([4, 5], 0, [0.0] * 2, [0.0] * 2, [1.0] * 2, [8] * 2, [8] * 2)
    whole = columns.since(0).scratch
    np.testing.assert_array_equal(whole, [5, 0, 7, 0, 0, 0])
    for cursor in range(7):
        for until in range(cursor, 8):
            np.testing.assert_array_equal(columns.since(cursor, until).scratch, whole[cursor:until])
