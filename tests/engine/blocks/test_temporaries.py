"""Temporaries: what a kernel tells of them, and what is put down."""

from __future__ import annotations

import pytest

from chunkscope.blocks import Measured, note


def test_the_largest_number_told_counts() -> None:
    noted: dict[int, int] = {}

    def kernel(block: int, *told: int) -> int:
        for nbytes in told:
            note(nbytes)
        return block

    measured = Measured(kernel, 10, 50, noted)
    assert [measured(0), measured(1, 3, 9, 4), measured(2, 0)] == [0, 1, 2]
    assert noted == {10: 50, 11: 9, 12: 0}


def test_a_task_inside_a_task_keeps_its_own_account() -> None:
    noted: dict[int, int] = {}
    inner = Measured(lambda block: note(1000), 5, 0, noted)

    def kernel(block: int) -> None:
        note(10)
        inner(0)
        note(20)

    Measured(kernel, 0, 0, noted)(0)
    assert noted == {5: 1000, 0: 20}


def test_a_task_that_raises_is_put_down_too() -> None:
    noted: dict[int, int] = {}

    def kernel(block: int) -> None:
        note(30)
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        Measured(kernel, 0, 99, noted)(0)
    note(7)  # outside a task: nobody's
    assert noted == {0: 30}
