"""Sixty programs of several cells that fail in one block: each is told by cell, line, block and slice."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chunkscope import config
from chunkscope.events import FAILURE, Failure

MARK = "  # here"

TOOLS = """
import numpy as np, pandas as pd
import chunkscope.array as ca, chunkscope.dataframe as cd
from chunkscope import delayed, compute, persist

class Bad(ValueError):
    pass

def stumble(block, bad):
    if (block == bad).any():
        raise Bad(f"found {bad}")
    return block * 1

def stumble_at(x, bad):
    if x == bad:
        raise Bad(f"found {bad}")
    return x

class Rows:
    def __init__(self, x, bad):
        self.x, self.bad = x, bad
        self.shape, self.dtype, self.ndim = x.shape, x.dtype, x.ndim
    def __getitem__(self, key):
        part = self.x[key]
        if (part == self.bad).any():
            raise Bad(f"found {self.bad}")
        return part
"""


@dataclass(frozen=True)
class Program:
    """Source of some cells, one line of which is marked, and what has to be told of the failure."""

    cells: tuple[str, ...]
    block: tuple[int, ...]
    region: str = ""
    partition: str = ""
    file: str = ""


def _grid(rng: np.random.Generator) -> tuple[tuple[int, int], tuple[int, int], int, tuple[int, int], str]:
    """Shape, chunks, the value at a random place of `arange`, its block and that block's slice."""
    shape = (int(rng.integers(4, 12)), int(rng.integers(4, 12)))
    chunks = (int(rng.integers(2, 5)), int(rng.integers(2, 5)))
    at = (int(rng.integers(shape[0])), int(rng.integers(shape[1])))
    block = (at[0] // chunks[0], at[1] // chunks[1])
    spans = [f"{b * c}:{min(b * c + c, n)}" for b, c, n in zip(block, chunks, shape, strict=True)]
    return shape, chunks, at[0] * shape[1] + at[1], block, f"[{', '.join(spans)}]"


def _array(shape: tuple[int, int], chunks: tuple[int, int]) -> str:
    return f"x = ca.arange({shape[0] * shape[1]}).reshape({shape}).rechunk({chunks})"


def mapped(rng: np.random.Generator, folder: Path) -> Program:
    shape, chunks, bad, block, region = _grid(rng)
    use = f"y = x.map_blocks(stumble, bad={bad}, dtype='i8'){MARK}"
    return Program((_array(shape, chunks), f"k = 1\n{use}", "y.compute()"), block, region)


def fused(rng: np.random.Generator, folder: Path) -> Program:
    """Operations before and after it, which are fused where they can be."""
    shape, chunks, bad, block, region = _grid(rng)
    cells = (
        _array(shape, chunks) + "\nx = x + 0",
        f"\n\ny = (x * 1).map_blocks(stumble, bad={bad}, dtype='i8'){MARK}\nz = (y + 1).sum(axis=0)",
        "(z * 2).mean().compute()",
    )
    return Program(cells, block, region)


def two_arrays(rng: np.random.Generator, folder: Path) -> Program:
    shape, chunks, bad, block, region = _grid(rng)
    cells = (
        _array(shape, chunks),
        f"def both(x, y):\n    return stumble(x, {bad}) + y",
        f"ones = ca.ones({shape}, chunks={chunks})\ny = ca.map_blocks(both, x, ones, dtype='f8'){MARK}",
        "y[:, ::-1].compute()",
    )
    return Program(cells, block, region)


def source(rng: np.random.Generator, folder: Path) -> Program:
    """The user's own array refuses one of the slices that it is asked for."""
    shape, chunks, bad, block, region = _grid(rng)
    cells = (
        f"rows = Rows(np.arange({shape[0] * shape[1]}).reshape({shape}), {bad})",
        f"\nx = ca.from_array(rows, chunks={chunks}){MARK}",
        "x.compute()",
    )
    return Program(cells, block, region)


def persisted(rng: np.random.Generator, folder: Path) -> Program:
    """What fails in the background is told when the block is used, if not before."""
    shape, chunks, bad, block, region = _grid(rng)
    cells = (
        _array(shape, chunks),
        f"y = x.map_blocks(stumble, bad={bad}, dtype='i8'){MARK}",
        "(z,) = persist(y)\n(z + 1).sum().compute()",
    )
    return Program(cells, block, region)


def call(rng: np.random.Generator, folder: Path) -> Program:
    n = int(rng.integers(2, 20))
    bad = int(rng.integers(n))
    cells = (
        "f = delayed(stumble_at)",
        f"good = [f(i, {bad}) for i in range({bad})]\nworse = f({bad}, {bad}){MARK}",
        f"total = delayed(sum)([*good, worse, *[f(i, -1) for i in range({n - bad})]])",
        "total.compute()",
    )
    return Program(cells, ())


def partition(rng: np.random.Generator, folder: Path) -> Program:
    rows, npartitions = int(rng.integers(8, 40)), int(rng.integers(2, 6))
    size = -(-rows // npartitions)
    bad = int(rng.integers(rows))
    part = bad // size
    cells = (
        f"x = cd.from_pandas(pd.DataFrame({{'v': range({rows}), 'w': 1.0}}), chunksize={size})",
        "y = x[x.w > 0]\ny = y.assign(u=y.v + 1)",
        f"z = y.map_partitions(lambda part: part[[]].assign(v=stumble(part.v, {bad})), meta={{'v': 'i8'}}){MARK}",
        "z.v.sum().compute()",
    )
    return Program(cells, (part,), partition=f"partition {part} of {-(-rows // size)}")


def mapped_values(rng: np.random.Generator, folder: Path) -> Program:
    rows, size = int(rng.integers(8, 40)), int(rng.integers(3, 9))
    bad = int(rng.integers(rows))
    part = bad // size
    cells = (
        f"x = cd.from_pandas(pd.DataFrame({{'v': range({rows}), 'w': 1.0}}), chunksize={size})",
        f"v = x.v\ns = v.map(lambda value: stumble_at(value, {bad}), meta=('v', 'i8')){MARK}",
        "(s + 1).max().compute()",
    )
    return Program(cells, (part,), partition=f"partition {part} of {-(-rows // size)}")


def file(rng: np.random.Generator, folder: Path) -> Program:
    """One file of several holds text where the others hold numbers."""
    files = int(rng.integers(2, 7))
    bad = int(rng.integers(1, files))
    for number in range(files):
        lines = [f"{i},{i / 2}" for i in range(50)]
        if number == bad:
            lines[int(rng.integers(50))] = "7,many"
        (folder / f"f{number}.csv").write_text("a,b\n" + "\n".join(lines) + "\n")
    cells = (
        f"folder = {str(folder)!r}",
        f"x = cd.read_csv(folder + '/*.csv'){MARK}",
        "y = x[x.a > 3].b.mean()",
        "y.compute()",
    )
    return Program(cells, (bad,), partition=f"partition {bad} of {files}", file=f"f{bad}.csv")


def maker(rng: np.random.Generator, folder: Path) -> Program:
    parts = int(rng.integers(2, 9))
    bad = int(rng.integers(parts))
    cells = (
        f"def make(i):\n    return pd.DataFrame({{'v': [stumble_at(i, {bad}), 1]}})",
        f"x = cd.from_map(make, range({parts}), meta=pd.DataFrame({{'v': [1]}})[:0]){MARK}",
        "x.v.sum().compute()",
    )
    return Program(cells, (bad,), partition=f"partition {bad} of {parts}")


KINDS: tuple[Callable[[np.random.Generator, Path], Program], ...] = (
    mapped, fused, two_arrays, source, persisted, call, partition, mapped_values, file, maker,
)  # fmt: skip
SEEDS = 6


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_cell_the_line_the_block_and_the_slice(
    executor: str, kind: Callable[..., Program], seed: int, tmp_path: Path
) -> None:
    program = kind(np.random.default_rng([seed, KINDS.index(kind)]), tmp_path)
    error, marked = run(program, executor)
    failure: Failure = error.__dict__[FAILURE]
    assert failure.origin is not None
    assert (failure.cell, failure.origin.line) == marked
    assert failure.region == program.region
    assert failure.partition.startswith(program.partition) and bool(failure.partition) == bool(
        program.partition
    )
    assert failure.file.startswith(program.file)
    if program.block:
        assert failure.key.block == program.block
    note = "\n".join(error.__notes__)
    assert f"made by {marked[0]}, line {marked[1]}" in note
    assert program.region in note and program.partition in note and program.file in note


def run(program: Program, executor: str) -> tuple[BaseException, tuple[str, int]]:
    """Run the cells one after the other; the exception that the last one raised, and the marked cell and line."""
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = (TOOLS, *program.cells)
    (marked,) = [
        (f"cell-{number}.py", at)
        for number, cell in enumerate(cells)
        for at, line in enumerate(cell.splitlines(), start=1)
        if line.endswith(MARK)
    ]
    with config.set(scheduler=executor):
        for number, cell in enumerate(cells):
            name = f"cell-{number}.py"
            linecache.cache[name] = (len(cell), None, cell.splitlines(keepends=True), name)
            code = compile(cell, name, "exec")
            if number < len(cells) - 1:
                exec(code, names)
        with pytest.raises(ValueError) as caught:
            exec(code, names)
    return caught.value, marked
