"""What every lazy frame, series, index and scalar can do: tell what it is, be computed, be looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from chunkscope.compute.lazy import Lazy
from chunkscope.dataframe.assembler import FrameAssembler
from chunkscope.dataframe.expr import FrameExpr, StoredFrame
from chunkscope.dataframe.ops.selection import Head, Partitions, Tail
from chunkscope.dataframe.rules import FRAME_RULES
from chunkscope.dataframe.wrapping import wrap
from chunkscope.errors import FrameError, LazyValueError
from chunkscope.expr import Expr, Rewrite, Stored

if TYPE_CHECKING:
    from chunkscope.compute import Assembler
    from chunkscope.delayed import Delayed

__all__ = ["Frame", "Rowed"]


class Frame(Lazy):
    """A lazy value with pandas' meaning: an expression, and nothing computed."""

    __slots__ = ("__weakref__", "_expr")

    def __init__(self, expr: FrameExpr) -> None:
        object.__setattr__(self, "_expr", expr)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._expr,))  # setting attributes one by one would set columns

    if TYPE_CHECKING:
        _expr: FrameExpr

    # the engine's protocol

    def __chunkscope_expr__(self) -> Expr:
        return self._expr

    def __chunkscope_rules__(self) -> tuple[Rewrite, ...]:
        return FRAME_RULES

    def __chunkscope_assembler__(self, grid: tuple[int, ...]) -> Assembler:
        return FrameAssembler(self._expr.meta, int(np.prod(grid, dtype=np.int64)))

    def __chunkscope_rebuild__(self, expr: Expr) -> Self:
        if isinstance(expr, Stored):
            expr = StoredFrame(expr, self._expr.geometry).stamped(self._expr)
        assert isinstance(expr, FrameExpr)
        return type(self)(expr)

    def __chunkscope_token__(self) -> str:
        return self._expr.token

    # what it is

    @property
    def _meta(self) -> Any:
        return self._expr.meta

    @property
    def npartitions(self) -> int:
        """Number of partitions."""
        return self._expr.npartitions

    @property
    def name(self) -> Any:
        """The user's name for it, else its operation and token."""
        return self._expr.label or f"{self._expr.title}-{self._expr.token}"

    # looking at it

    def visualize(self, filename: str | None = None, **options: Any) -> Any:
        """A picture of its expression, or of its tasks with `tasks=True`."""
        from chunkscope.display import visualize

        return visualize(self, filename=filename, **options)

    def __bool__(self) -> bool:
        raise LazyValueError(
            f"if needs a value, and this {type(self).__name__} is not computed yet; use bool(x.compute())"
        )

    def __iter__(self) -> Any:
        raise LazyValueError(
            f"for needs values, and this {type(self).__name__} is not computed yet; use x.compute(), "
            "or x.partitions for one partition at a time"
        )

    def pipe(self, function: Any, *args: Any, **options: Any) -> Any:
        """`function(self, *args, **options)`."""
        return function(self, *args, **options)

    def to_delayed(self, optimize_graph: bool = True) -> list[Delayed]:
        """One delayed value for each partition, after the rewrites where `optimize_graph`."""
        from chunkscope.compute import optimize
        from chunkscope.dataframe.ops.making import Partition
        from chunkscope.delayed import Delayed

        expr = optimize(self)[0]._expr if optimize_graph else self._expr
        return [Delayed(Partition(expr, i)) for i in range(self.npartitions)]


class Rowed(Frame):
    """What has rows in partitions: frames, series, indexes."""

    __slots__ = ()

    @property
    def divisions(self) -> tuple[Any, ...]:
        """Index values between partitions, one more than there are partitions; all None where not known."""
        return self._expr.divisions

    @property
    def known_divisions(self) -> bool:
        """Whether the index values between partitions are known."""
        return self._expr.known_divisions

    @property
    def partition_rows(self) -> list[int]:
        """Rows of each partition: counted if `partition_rows_exact`, else at most or about as many."""
        found: list[int] = self._expr.rows.tolist()
        return found

    @property
    def partition_rows_exact(self) -> bool:
        """Whether `partition_rows` are counted."""
        return self._expr.exact_rows

    @property
    def partition_places(self) -> list[str]:
        """Where each partition comes from, such as a file's name; empty where that says nothing."""
        return list(self._expr.geometry.places)

    @property
    def nbytes_estimate(self) -> int:
        """Bytes of all partitions in memory, as predicted."""
        return int(self._expr.block_bytes().sum())

    @property
    def partitions(self) -> PartitionIndexer:
        """Some of the partitions, lazily: `x.partitions[0]`, `x.partitions[2:5]`."""
        return PartitionIndexer(self._expr)

    def get_partition(self, n: int) -> Self:
        """Partition number `n`, lazily."""
        found: Self = self.partitions[n]
        return found

    def head(self, n: int = 5, npartitions: int = 1, compute: bool = True) -> Any:
        """The first `n` rows of the first `npartitions` partitions (-1: of all), as pandas has them.

        Computes at once, unless `compute=False`. Fewer rows come back where those partitions hold fewer.
        """
        __tracebackhide__ = True
        many = self.npartitions if npartitions == -1 else npartitions
        if not 1 <= many <= self.npartitions:
            raise FrameError(
                f"npartitions={npartitions!r}: there are {self.npartitions}; use 1 to that, or -1 for all"
            )
        first = self._expr if many == self.npartitions else Partitions(self._expr, tuple(range(many)))
        if many == 1:
            lazy = wrap(Head(first, n))
            return lazy.compute() if compute else lazy
        lazy = wrap(Head(first, n))
        if not compute:
            return lazy
        return lazy.compute().head(n)

    def tail(self, n: int = 5, compute: bool = True) -> Any:
        """The last `n` rows of the last partition, as pandas has them. Computes at once, unless `compute=False`."""
        __tracebackhide__ = True
        last = self._expr
        if self.npartitions > 1:
            last = Partitions(self._expr, (self.npartitions - 1,))
        lazy = wrap(Tail(last, n))
        return lazy.compute() if compute else lazy

    def describe_partitions(self) -> str:
        """Rows and origin of each partition, in words: the text twin of the strip in its repr."""
        sign = "" if self.partition_rows_exact else "about "
        places = self.partition_places or [""] * self.npartitions
        lines = [
            f"partition {i}: {sign}{rows:,} rows" + (f", {place}" if place else "")
            for i, (rows, place) in enumerate(zip(self.partition_rows, places, strict=True))
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from chunkscope.display import frame_html

        return frame_html(self)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, Any]:
        from chunkscope.display import bundle, describe_frame, frame_html

        return bundle(self, frame_html, describe_frame, include, exclude)


class PartitionIndexer:
    """Picks partitions by number, slice or list."""

    def __init__(self, expr: FrameExpr) -> None:
        self._expr = expr

    def __len__(self) -> int:
        return self._expr.npartitions

    def __getitem__(self, key: Any) -> Any:
        count = self._expr.npartitions
        try:
            picked = np.atleast_1d(np.arange(count)[key])
        except (IndexError, TypeError) as error:
            raise FrameError(
                f"partitions[{key!r}]: there are {count}, numbered 0 to {count - 1}; use a number, slice or list"
            ) from error
        if not len(picked):
            raise FrameError(f"partitions[{key!r}] picks none of the {count} partitions")
        return wrap(Partitions(self._expr, tuple(picked.tolist())))
