"""The base of frame expressions: what has partitions, columns and dtypes. Nodes live in `ops/`, `io/`, `aggregate/`."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from chunkscope.dataframe.meta import is_scalar
from chunkscope.expr import Expr, Slots, Stored, lower_through
from chunkscope.graph import FrameShape, Layer, Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import GraphBuilder, Ragged
    from chunkscope.types import Kernel

    Wanted = frozenset[Hashable] | None
    Restricted = tuple["FrameExpr", tuple[int, ...]]
else:
    Wanted = Restricted = Any

__all__ = [
    "Composite",
    "FrameExpr",
    "FrameOutput",
    "Geometry",
    "Restricted",
    "StoredFrame",
    "Wanted",
    "settle",
    "unknown_divisions",
]

STRING_BYTES = 24.0
"""What a string is taken to weigh where no sample tells."""
MOST_NAMES = 100
MOST_PARTITIONS = 10_000


def settle(nodes: Sequence[Expr]) -> None:
    """Work out each geometry, given inputs before their readers: asked for from the top, a long chain would recurse."""
    for node in nodes:
        if isinstance(node, FrameExpr):
            _ = node.geometry


def unknown_divisions(npartitions: int) -> tuple[Any, ...]:
    """The divisions of partitions whose index values are not known."""
    return (None,) * (npartitions + 1)


@dataclass(frozen=True, slots=True)
class Geometry:
    """What is known of a frame, series, index or scalar before it is computed."""

    meta: Any
    """pandas' own object without rows; for a scalar an example value."""
    divisions: tuple[Any, ...] = (None, None)
    """Index values between partitions, one more than there are partitions; all None where not known."""
    rows: NDArray[np.int64] = field(default_factory=lambda: np.ones(1, dtype=np.int64))
    """Rows of each partition: counted if `exact`, else at most or about as many."""
    exact: bool = False
    """Whether `rows` are counted."""
    widths: Mapping[Hashable, float] = field(default_factory=dict)
    """Bytes of one value by column name, where the dtype does not tell and somebody has looked."""
    places: tuple[str, ...] = ()
    """Where each partition comes from, for people: "ABQ.csv". Empty where that says nothing."""

    @property
    def npartitions(self) -> int:
        """Number of partitions; 1 for a scalar."""
        return len(self.divisions) - 1

    def with_meta(self, meta: Any) -> Geometry:
        """The same partitions and rows with other columns."""
        return replace(self, meta=meta)

    def at_most(self) -> Geometry:
        """The same partitions with no more rows than before: after a filter."""
        return replace(self, exact=False)

    def unindexed(self) -> Geometry:
        """The same partitions with another index, of which nothing is known."""
        return replace(self, divisions=unknown_divisions(self.npartitions))

    def taken(self, partitions: Sequence[int]) -> Geometry:
        """Some of the partitions, in the order given."""
        picked = list(partitions)
        known = self.divisions[0] is not None and picked == list(range(picked[0], picked[0] + len(picked)))
        divisions = (
            tuple(self.divisions[i] for i in (*picked, picked[-1] + 1))
            if known
            else unknown_divisions(len(picked))
        )
        places = tuple(self.places[i] for i in picked) if self.places else ()
        return replace(self, divisions=divisions, rows=self.rows[picked], places=places)


class FrameExpr(Expr):
    """An expression whose value is a frame, series or index in partitions, or one scalar.

    Every subclass says its `geometry`; all else that is known before computing follows from it.
    """

    if TYPE_CHECKING:

        @property
        def geometry(self) -> Geometry:
            """Columns, dtypes, partitions and rows."""

    @property
    def title(self) -> str:
        """The operation in one word, for people."""
        return self.op

    @property
    def meta(self) -> Any:
        """Pandas' own object without rows; for a scalar an example value."""
        return self.geometry.meta

    @property
    def divisions(self) -> tuple[Any, ...]:
        """Index values between partitions; all None where not known."""
        return self.geometry.divisions

    @property
    def known_divisions(self) -> bool:
        """Whether the index values between partitions are known."""
        return self.divisions[0] is not None

    @property
    def npartitions(self) -> int:
        """Number of partitions; 1 for a scalar."""
        return self.geometry.npartitions

    @property
    def rows(self) -> NDArray[np.int64]:
        """Rows of each partition: counted if `exact_rows`, else at most or about as many."""
        return self.geometry.rows

    @property
    def exact_rows(self) -> bool:
        """Whether `rows` are counted."""
        return self.geometry.exact

    @property
    def widths(self) -> Mapping[Hashable, float]:
        """Bytes of one value by column name, where somebody has looked."""
        return self.geometry.widths

    @property
    def is_scalar(self) -> bool:
        """Whether the value is one scalar."""
        return is_scalar(self.meta)

    @property
    def grid(self) -> tuple[int, ...]:
        """The block grid: one axis of partitions; none for a scalar."""
        return () if self.is_scalar else (self.npartitions,)

    @property
    def columns(self) -> list[Any]:
        """Names of the columns; of a series or index its one name; of a scalar none."""
        meta = self.meta
        if isinstance(meta, pd.DataFrame):
            return list(meta.columns)
        return [] if self.is_scalar else [meta.name]

    @cached_property
    def row_bytes(self) -> float:
        """Bytes of one row, its index included, as estimated."""
        meta = self.meta
        if self.is_scalar:
            return 0.0
        if isinstance(meta, pd.DataFrame):
            values = sum(
                self._width(name, dtype) for name, dtype in zip(meta.columns, meta.dtypes, strict=True)
            )
            return values + self._index_width(meta.index)
        if isinstance(meta, pd.Series):
            return self._width(meta.name, meta.dtype) + self._index_width(meta.index)
        return self._index_width(meta)

    def _index_width(self, index: pd.Index[Any]) -> float:
        if isinstance(index, pd.RangeIndex):
            return 0.0
        if isinstance(index, pd.MultiIndex):
            return 2.0 * index.nlevels
        return self._width(index.name, index.dtype)

    def _width(self, name: Hashable, dtype: Any) -> float:
        if isinstance(dtype, pd.CategoricalDtype):
            return 2.0 if len(dtype.categories) < 128 else 4.0
        if isinstance(dtype, np.dtype) and dtype.kind != "O":
            return float(dtype.itemsize)
        known = self.widths.get(name)
        if known is not None:
            return known
        kind = getattr(dtype, "kind", "O")
        if kind in "iufbMm":  # nullable: values and a mask
            return float(getattr(dtype, "itemsize", 8)) + 1
        return STRING_BYTES

    def block_bytes(self) -> NDArray[np.int64]:
        """Predicted bytes of each partition, `(npartitions,)`; of a scalar one number."""
        if self.is_scalar:
            return np.array(64, dtype=np.int64)
        return np.asarray(np.ceil(self.rows * self.row_bytes) + 128, dtype=np.int64)

    def frame_shape(self) -> FrameShape | None:
        """What the layer of this node says of its partitions."""
        meta = self.meta
        if self.is_scalar:
            return None
        if isinstance(meta, pd.DataFrame):
            named = list(zip(meta.columns, meta.dtypes, strict=True))
        else:
            named = [(meta.name, meta.dtype)]
        geometry = self.geometry
        whole = geometry.npartitions <= MOST_PARTITIONS
        return FrameShape(
            columns=tuple((_shown(name), str(dtype)) for name, dtype in named[:MOST_NAMES]),
            rows=tuple(geometry.rows.tolist()) if whole else (),
            exact=geometry.exact,
            divisions=tuple(map(str, geometry.divisions)) if whole and self.known_divisions else (),
            places=geometry.places if whole else (),
            ncolumns=len(named),
        )

    def add_layer(
        self,
        build: GraphBuilder,
        kernel: Kernel,
        edges: Sequence[Slots] | Ragged = (),
        *,
        op: str | None = None,
        strategy: Strategy = Strategy.BLOCKWISE,
        nbytes: int | NDArray[np.int64] | None = None,
        **more: Any,
    ) -> tuple[Slots, ...]:
        """Add this node's layer: its grid, columns, origin and label are filled in."""
        more.setdefault("exact", False)
        layer = Layer(
            "",
            op or self.title,
            kernel,
            more.pop("grid", self.grid),
            strategy,
            frame=self.frame_shape(),
            origin=self.origin,
            label=self.label,
            **more,
        )
        return build.add(layer, edges, nbytes=self.block_bytes() if nbytes is None else nbytes)

    def reading(self, picked: tuple[int, ...]) -> tuple[tuple[int, ...], ...] | None:
        """Which partitions of each input are read when only `picked` (ascending) of this are made; None: all.

        Where the node is partition-wise nobody asks.
        """
        return None

    def restricted(self, picked: tuple[int, ...], inputs: Sequence[Expr]) -> Restricted:
        """The node over inputs that have only the partitions of `reading(picked)`, and which partitions it makes."""
        raise NotImplementedError(f"{type(self).__name__} reads all partitions of its inputs")

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        """Which columns of each input are read when only `wanted` columns of this are (None: all of them)."""
        return (None,) * len(self.inputs())

    def spared(self, wanted: Wanted) -> frozenset[int]:
        """Numbers of the inputs that nobody reads when only `wanted` columns of this are; `narrowed` drops them."""
        return frozenset()

    def narrowed(self, wanted: Wanted, inputs: Sequence[Expr]) -> Expr:
        """The same operation over inputs that may lack columns which `needs(wanted)` did not name."""
        return self.replace_inputs(inputs)


def _shown(name: Hashable) -> str:
    return "" if name is None else str(name)


class Composite(FrameExpr):
    """An operation made of simpler ones. A rule puts them in its place; without that rule they are lowered here."""

    def expand(self) -> FrameExpr:
        """The same values, from simpler nodes over the same inputs."""
        raise NotImplementedError

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        root = self.expand().traced(self.origin).stamped(self)
        return lower_through(root, self.inputs(), build, inputs)


@dataclass(frozen=True, eq=False)
class FrameOutput(FrameExpr):
    """Output number `index` of a node that has several."""

    node: Expr
    index: int
    known: Geometry
    op: ClassVar[str] = "output"

    def make_token(self) -> str:
        return f"output-{self.index}-{self.node.token}"

    @property
    def geometry(self) -> Geometry:
        return self.known

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return (inputs[0][self.index],)


@dataclass(frozen=True, eq=False)
class StoredFrame(FrameExpr):
    """Partitions that the store holds: what `persist` leaves behind."""

    stored: Stored
    known: Geometry
    op: ClassVar[str] = "stored"

    @property
    def geometry(self) -> Geometry:
        return self.known

    def make_token(self) -> str:
        return f"frame-{self.stored.token}"

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return (inputs[0][0],)
