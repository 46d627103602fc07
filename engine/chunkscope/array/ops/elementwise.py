"""Element-wise operations: every ufunc, and the few functions that are none, from one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.array import names
from chunkscope.array.blockwise import Tiled, mapped
from chunkscope.array.dtypes import checked_dtype
from chunkscope.array.expr import ArrayExpr
from chunkscope.array.ops.rechunk import rechunked
from chunkscope.array.program import Program, Scalar, TileOp
from chunkscope.chunks import ChunkGrid, unify
from chunkscope.errors import DTypeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["UFUNCS", "Astype", "Elementwise", "Function", "Ufunc", "astype", "elementwise"]

UFUNCS: dict[str, np.ufunc] = {name: getattr(np, name) for name in names.UFUNCS}
"""Every ufunc with one output, by name."""


@dataclass(frozen=True, slots=True)
class Ufunc:
    """A ufunc over tiles, in place where it can be."""

    ufunc: np.ufunc
    name: str
    inplace: ClassVar[bool] = True

    def run(self, out: NDArray[Any], *tiles: Any) -> None:
        self.ufunc(*tiles, out=out)

    def sample(self, *values: Any) -> Any:
        return self.ufunc(*values)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of NumPy with parameters beside its arrays."""

    name: str
    options: tuple[tuple[str, Any], ...] = ()
    inplace: ClassVar[bool] = False

    def run(self, out: NDArray[Any], *tiles: Any) -> None:
        if self.name == "where":
            condition, x, y = tiles
            np.copyto(out, y, casting="unsafe")
            np.copyto(out, x, casting="unsafe", where=_truth(condition))
        elif self.name == "clip":
            np.clip(*tiles, out=out)
        else:
            out[...] = self.sample(*tiles)

    def sample(self, *values: Any) -> Any:
        # NumPy 2.5 deprecates `fix`, which is `trunc`.
        function = np.trunc if self.name == "fix" else getattr(np, self.name)
        return function(*values, **dict(self.options))


@dataclass(frozen=True, slots=True)
class Astype:
    """A cast, as the step before it or after it."""

    dtype: np.dtype[Any]
    name: ClassVar[str] = "astype"
    inplace: ClassVar[bool] = False

    def run(self, out: NDArray[Any], *tiles: Any) -> None:
        np.copyto(out, tiles[0], casting="unsafe")


@dataclass(frozen=True, eq=False)
class Elementwise(Tiled):
    """One element-wise operation; inputs have the result's chunks, or length 1 where they are stretched."""

    how: TileOp
    args: tuple[ArrayExpr | Scalar, ...]
    grid: ChunkGrid
    dtype: np.dtype[Any]
    op: ClassVar[str] = "elementwise"

    def program(self) -> Program:
        return mapped(self.how, self.args, self.grid, self.dtype)

    def layer_op(self) -> str:
        return self.how.name


def elementwise(how: Ufunc | Function, args: Sequence[ArrayExpr | Scalar]) -> ArrayExpr:
    """The operation over arguments that broadcast, with the dtype that NumPy gives for the same arguments.

    Raises ShapeError where shapes do not broadcast, DTypeError where NumPy has no such operation for the dtypes.
    """
    arrays = [arg for arg in args if isinstance(arg, ArrayExpr)]
    dtype = result_dtype(how, args)
    grid, fitted = unify([x.grid for x in arrays])
    rest = iter(zip(arrays, fitted, strict=True))
    fit = tuple(arg if isinstance(arg, Scalar) else _fit(*next(rest)) for arg in args)
    return Elementwise(how, fit, grid, dtype)


def _fit(x: ArrayExpr, grid: ChunkGrid) -> ArrayExpr:
    return x if x.grid is grid else rechunked(x, grid)


def result_dtype(how: Ufunc | Function, args: Sequence[ArrayExpr | Scalar]) -> np.dtype[Any]:
    """What NumPy says for arrays of no elements: its own promotion, and its own errors with what was asked."""
    samples = [arg.value if isinstance(arg, Scalar) else np.empty(0, arg.dtype) for arg in args]
    try:
        with np.errstate(all="ignore"):
            return np.asarray(how.sample(*samples)).dtype
    except (TypeError, OverflowError) as error:
        kinds = ", ".join(
            f"{arg.value!r}" if isinstance(arg, Scalar) else f"array of {arg.dtype}" for arg in args
        )
        if isinstance(error, OverflowError):
            raise OverflowError(f"{how.name}({kinds}): {error}") from None
        raise DTypeError(f"{how.name} cannot take ({kinds}): {error}; cast with astype first") from None


def astype(x: ArrayExpr, dtype: Any, casting: str = "unsafe") -> ArrayExpr:
    """`x` cast to `dtype`; itself where it has it."""
    kind = checked_dtype(dtype)
    if kind == x.dtype:
        return x
    if not np.can_cast(x.dtype, kind, casting=casting):  # type: ignore[arg-type]
        raise DTypeError(f"cannot cast {x.dtype} to {kind} with casting={casting!r}; use casting='unsafe'")
    return Elementwise(Astype(kind), (x,), x.grid, kind)


def _truth(condition: Any) -> Any:
    return condition if np.result_type(condition).kind == "b" else np.asarray(condition).astype(bool)
