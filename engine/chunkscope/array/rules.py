"""The rewrites of arrays, by name. Any subset of them gives the same values, up to the order of floating-point sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from chunkscope.array.blockwise import Fused, Source, Tiled
from chunkscope.array.expr import ArrayExpr, Composite
from chunkscope.array.ops.elementwise import Elementwise, Ufunc
from chunkscope.array.ops.indexing import cut
from chunkscope.array.ops.rechunk import Rechunk, rechunked
from chunkscope.array.program import Load, Program, Scalar, inline, renumbered
from chunkscope.array.views import BlockView, Cut, Permute
from chunkscope.chunks import AxisCut
from chunkscope.expr import Context, Expr, Phase, Refusal, Rule

__all__ = ["ARRAY_RULES"]


def merge_rechunks(x: Expr, context: Context) -> Expr | None:
    assert isinstance(x, Rechunk)
    if isinstance(x.x, (Rechunk, Source)):
        better = rechunked(x.x, x.grid)
        return None if isinstance(better, Rechunk) and better.x is x.x else better
    return None


def merge_transposes(x: Expr, context: Context) -> Expr | None:
    assert isinstance(x, BlockView)
    below = x.x
    if not (isinstance(x.how, Permute) and isinstance(below, BlockView) and isinstance(below.how, Permute)):
        return None
    axes = tuple(below.how.axes[axis] for axis in x.how.axes)
    return below.x if axes == tuple(range(len(axes))) else BlockView(below.x, Permute(axes))


def simpler_powers(x: Expr, context: Context) -> Expr | None:
    assert isinstance(x, Elementwise)
    if not (isinstance(x.how, Ufunc) and x.how.ufunc is np.power and isinstance(x.args[1], Scalar)):
        return None
    base, exponent = x.args[0], x.args[1].value
    if not isinstance(base, ArrayExpr) or type(exponent) not in (int, float) or exponent != 2:
        return None
    if x.dtype.kind not in "iufc" or base.dtype != x.dtype:
        return None
    return Elementwise(Ufunc(np.square, "square"), (base,), x.grid, x.dtype)


def cut_before_computing(x: Expr, context: Context) -> Expr | Refusal | None:
    assert isinstance(x, BlockView)
    below = x.x
    if not isinstance(x.how, Cut) or not isinstance(below, Elementwise):
        return None
    if context.consumers_of(below) > 1:
        return Refusal(f"{below.layer_op()} has other readers, which need all of it")
    args: list[ArrayExpr | Scalar] = []
    for arg in below.args:
        if isinstance(arg, Scalar):
            args.append(arg)
            continue
        pad = below.ndim - arg.ndim
        cuts = tuple(
            None if n == 1 != below.shape[axis + pad] else x.how.cuts[axis + pad]
            for axis, n in enumerate(arg.shape)
        )
        args.append(cut(arg, cuts))
    return Elementwise(below.how, tuple(args), x.grid, x.dtype)


def make_only_what_is_read(x: Expr, context: Context) -> Expr | None:
    assert isinstance(x, BlockView)
    below, how = x.x, x.how
    if not isinstance(how, Cut) or not isinstance(below, Source):
        return None
    whole = below.sliced(how.cuts, how.result)
    if whole is not None:
        return whole.stamped(below)
    needed = []
    cuts = []
    for axis, one in enumerate(how.cuts):
        count = below.grid.numblocks[axis]
        blocks = np.arange(count) if one is None else np.unique(one.blocks)
        needed.append(blocks)
        cuts.append(None if one is None else replace(one, blocks=np.searchsorted(blocks, one.blocks)))
    if all(len(part) == n for part, n in zip(needed, below.grid.numblocks, strict=True)):
        return None
    source = below.taken(tuple(needed))
    if source is None:
        return None
    source = source.stamped(below)
    return (
        source
        if source.grid == how.result and all_in_place(cuts)
        else BlockView(source, Cut(tuple(cuts), how.result))
    )


def all_in_place(cuts: Sequence[AxisCut | None]) -> bool:
    """Whether the cuts take every block whole, in order."""
    return all(
        one is None or (one.whole and np.array_equal(one.blocks, np.arange(len(one.blocks)))) for one in cuts
    )


def transpose_before_computing(x: Expr, context: Context) -> Expr | Refusal | None:
    assert isinstance(x, BlockView)
    below = x.x
    if not isinstance(x.how, Permute) or not isinstance(below, Elementwise):
        return None
    if any(isinstance(arg, ArrayExpr) and arg.ndim != below.ndim for arg in below.args):
        return Refusal("an argument has fewer axes")
    if context.consumers_of(below) > 1:
        return Refusal(f"{below.layer_op()} has other readers")
    how = x.how
    args = tuple(arg if isinstance(arg, Scalar) else BlockView(arg, how) for arg in below.args)
    return Elementwise(below.how, args, x.grid, x.dtype)


def split(x: Expr, context: Context) -> Expr:
    assert isinstance(x, Composite)
    return x.expand()


def fuse(x: Expr, context: Context) -> Expr | Refusal | None:
    """Take in, one after the other, every input that can be made inside this node's kernel."""
    assert isinstance(x, Tiled)
    sources = [node for node in x.inputs() if isinstance(node, ArrayExpr)]
    program = x.program()
    read = x.layer_read_bytes()
    fused = False
    reason = ""
    changed = True
    while changed:
        changed = False
        for number, load in enumerate(program.loads):
            source = sources[load.source]
            if isinstance(source, BlockView):
                if source.how.moves_only:
                    continue
                program = _through_view(program, number, source.how)
                sources[load.source : load.source + 1] = [source.x]
                program, sources = _tidied(program, sources)
                changed = fused = True
                break
            if not isinstance(source, Tiled):
                continue
            readers = context.consumers_of(source)
            inside = sum(one.refs for one in program.loads if sources[one.source] is source and not one.views)
            if readers > inside and not source.free:
                how = (
                    f"has {readers} readers" if readers > 1 else "is read in other pieces than it is made in"
                )
                reason = f"{source.layer_op()} {how}: made once and kept"
                continue
            joined = inline(program, number, source.program(), len(sources))
            if isinstance(joined, str):
                reason = f"{source.layer_op()} is not made inside: {joined}"
                continue
            read += source.layer_read_bytes()
            program, sources = _tidied(
                joined, [*sources, *(n for n in source.inputs() if isinstance(n, ArrayExpr))]
            )
            changed = fused = True
            break
    if not fused:
        return Refusal(reason) if reason else None
    return Fused(tuple(sources), program, x.grid, x.dtype, x.layer_op(), read)


def _through_view(program: Program, number: int, how: object) -> Program:
    load = program.loads[number]
    better = replace(load, views=(how, *load.views))  # type: ignore[arg-type]
    return replace(program, loads=(*program.loads[:number], better, *program.loads[number + 1 :]))


def _tidied(program: Program, sources: list[ArrayExpr]) -> tuple[Program, list[ArrayExpr]]:
    """Each source once, without those that no load reads; loads that read alike become one."""
    numbers: dict[int, int] = {}
    kept: list[ArrayExpr] = []
    loads: list[Load] = []
    seen: dict[tuple[object, ...], int] = {}
    register: list[int] = []
    for load in program.loads:
        source = sources[load.source]
        if id(source) not in numbers:
            numbers[id(source)] = len(kept)
            kept.append(source)
        key = (numbers[id(source)], load.pad, load.stretched, tuple(id(view) for view in load.views))
        if key in seen:
            k = seen[key]
            loads[k] = replace(
                loads[k], refs=loads[k].refs + load.refs, width=max(loads[k].width, load.width)
            )
        else:
            k = seen[key] = len(loads)
            loads.append(replace(load, source=numbers[id(source)]))
        register.append(k)
    if len(loads) == len(program.loads):
        return Program(program.prefix, tuple(loads), program.steps, program.ending), kept
    shift = len(program.loads) - len(loads)
    numbers_of = dict(enumerate(register)) | {
        len(program.loads) + i: len(program.loads) + i - shift for i in range(len(program.steps))
    }
    return Program(program.prefix, tuple(loads), renumbered(program.steps, numbers_of), program.ending), kept


ARRAY_RULES: tuple[Rule, ...] = (
    Rule(
        "merge-rechunks",
        "two rechunks are one; a source by a rule is made in the chunks wanted",
        Phase.SIMPLIFY,
        (Rechunk,),
        merge_rechunks,
    ),
    Rule(
        "merge-transposes", "two transposes are one, or none", Phase.SIMPLIFY, (BlockView,), merge_transposes
    ),
    Rule(
        "simpler-powers",
        "x**2 is square(x): a multiplication, not a call of pow",
        Phase.SIMPLIFY,
        (Elementwise,),
        simpler_powers,
    ),
    Rule(
        "slice-before-computing",
        "slices go before element-wise operations: fewer elements are computed",
        Phase.PUSH,
        (BlockView,),
        cut_before_computing,
    ),
    Rule(
        "make-only-what-is-read",
        "a source makes only the blocks that a slice touches",
        Phase.PUSH,
        (BlockView,),
        make_only_what_is_read,
    ),
    Rule(
        "transpose-before-computing",
        "transposes go before element-wise operations, where they cost nothing",
        Phase.PUSH,
        (BlockView,),
        transpose_before_computing,
    ),
    Rule(
        "split-reductions",
        "a reduction is partials for each block and a tree that merges them",
        Phase.SPLIT,
        (Composite,),
        split,
    ),
    Rule(
        "fuse-blockwise",
        "a chain of block-wise operations is one kernel that runs in tiles",
        Phase.FUSE,
        (Tiled,),
        fuse,
    ),
)
"""The rules in the order in which they are tried, phase by phase."""
