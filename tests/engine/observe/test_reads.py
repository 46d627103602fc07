"""What was read of which file, as the kernels tell it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from chunkscope.graph import GraphBuilder, Layer, Strategy
from chunkscope.observe import FileRead, RunLog, RunState

Parts = tuple[tuple[tuple[str, int, int], ...], ...]


class Reader:
    """A kernel that tells which parts of which files each of its tasks reads."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def __call__(self, block: int) -> int:
        return block

    def reads_of(self, block: int) -> tuple[tuple[str, int, int], ...]:
        return self.parts[block]

    def stripped(self) -> Reader:
        return self


def run_with(*layers: Parts, finished: int | None = None) -> RunLog:
    build = GraphBuilder()
    for parts in layers:
        (x,) = build.add(Layer("", "read", Reader(parts), (len(parts),), Strategy.SOURCE), nbytes=8)
    log = RunLog(1, build.freeze(x), executor="sync")
    for task in range(log.ntasks if finished is None else finished):
        log.columns.append(task, 0, 0.0, 0.0, 1.0, 8, 8)
    log.close(RunState.FINISHED, 1.0)
    return log


def test_each_part_once_and_all_twice() -> None:
    parts: Parts = ((("/x/a.csv", 0, 10),), (("/x/a.csv", 10, 25),), (("/x/b.csv", 0, 5), ("/x/b.csv", 5, 7)))
    assert run_with(parts).reads() == {"/x/a.csv": FileRead(1, 25, 2), "/x/b.csv": FileRead(1, 7, 1)}
    assert run_with(parts, parts).reads("/x/a.csv") == FileRead(2, 50, 4)
    assert run_with(parts, parts, finished=4).reads("/x/a.csv") == FileRead(2, 35, 3)
    assert run_with(parts, finished=0).reads() == {}


def test_a_file_is_found_by_path_or_by_a_name_that_only_one_has() -> None:
    run = run_with(((("/x/a.csv", 0, 1),), (("/y/a.csv", 0, 2),), (("/y/b.csv", 0, 3),)))
    assert run.reads(Path("/y/a.csv")).nbytes == 2 and run.reads("b.csv").nbytes == 3
    assert run.reads("a.csv") == run.reads("none.csv") == FileRead(0, 0, 0)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9)), min_size=1, max_size=12))
def test_the_count_is_that_of_the_byte_read_most(spans: list[tuple[int, int]]) -> None:
    parts = tuple((("f", start, start + length),) for start, length in spans)
    byte = [sum(start <= i < start + length for start, length in spans) for i in range(30)]
    assert run_with(parts).reads("f") == FileRead(max(byte), sum(n for _, n in spans), len(spans))
