"""Operations that need one partition at a time: what the rule `fuse-partitions` joins into one kernel."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from chunkscope.dataframe.expr import FrameExpr, Geometry, Wanted, unknown_divisions
from chunkscope.dataframe.meta import emulate
from chunkscope.dataframe.program import Program, Step
from chunkscope.errors import FrameError
from chunkscope.expr import Refusal, Slots
from chunkscope.graph import Strategy

if TYPE_CHECKING:
    from chunkscope.dataframe.predicate import Predicate
    from chunkscope.graph import GraphBuilder

__all__ = ["Apply", "Fused", "How", "Literal", "PartitionWise", "Source", "edges_for", "shared_geometry"]


class PartitionWise(FrameExpr):
    """One task for each partition. Inputs have as many partitions, or one, or are scalars: those go to every task."""

    movable: ClassVar[bool] = True
    """Whether the step does the same whatever the partition's number is; one that writes file number i does not."""

    def step(self) -> Step:
        """What one task does: `step(block, *inputs)`, inputs in the order of `inputs()`."""
        raise NotImplementedError

    @property
    def runs_user_code(self) -> bool:
        """Whether the step calls a function of the user's."""
        return False

    def layer_read_bytes(self) -> int:
        """Bytes that all its tasks together read from files."""
        return 0

    def scratch_bytes(self) -> int:
        """Temporaries that one task needs at most beside its inputs and outputs."""
        return 0

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return self.add_layer(
            build,
            self.step(),
            edges_for(self.grid, [slots for slots, *_ in inputs]),
            strategy=Strategy.BLOCKWISE if inputs else Strategy.SOURCE,
            read_bytes=self.layer_read_bytes(),
            scratch_bytes=self.scratch_bytes(),
            user=self.runs_user_code,
            exact=self.exact_rows,
        )


def edges_for(grid: tuple[int, ...], inputs: Sequence[Slots]) -> list[Slots]:
    """Each input's slots for every task: its own partition's, or the only one."""
    return [slots if slots.shape == grid else np.broadcast_to(slots.reshape(()), grid) for slots in inputs]


class Source(PartitionWise):
    """Partitions from nothing: files, or a frame of the user's."""

    def projected(self, columns: list[Any]) -> FrameExpr | Refusal | None:
        """The same source that makes only these columns, in this order; None where it cannot."""
        return None

    def filtered(self, predicate: Predicate) -> FrameExpr | Refusal | None:
        """The same source without some rows that fail the predicate; the filter above it stays. None: cannot."""
        return None

    def encoded(self, columns: frozenset[Hashable]) -> FrameExpr | None:
        """The same source that may make categories of these columns of text; its `meta` stays. None: cannot."""
        return None

    def taken(self, partitions: tuple[int, ...]) -> FrameExpr | None:
        """The same source that makes only these partitions; None where it cannot."""
        return None

    def head_of(self, nrows: int) -> FrameExpr | None:
        """The first partition with no more than its first rows, at least `nrows` of them where it has as many."""
        return None


@dataclass(frozen=True, slots=True)
class Literal:
    """A plain value among the arguments of an operation."""

    value: Any


class How(Protocol):
    """What `Apply` does to the values of one partition: a frozen, picklable callable with a name for people."""

    @property
    def name(self) -> str:
        """The operation in one word."""

    def __call__(self, *values: Any) -> Any: ...


@dataclass(frozen=True, eq=False)
class Apply(PartitionWise):
    """`how(*values)` for each partition: nearly all of pandas' row-wise operations.

    `meta` is asked of pandas unless it is given. `keeps_index`: rows and index stay as they are.
    `columnwise`: each column of the result follows from the columns of the same name alone.
    """

    how: How
    args: tuple[FrameExpr | Literal, ...]
    given_meta: Any = None
    keeps_index: bool = True
    columnwise: bool = False
    user: bool = False
    op: ClassVar[str] = "apply"

    @property
    def title(self) -> str:
        return self.how.name

    @property
    def runs_user_code(self) -> bool:
        return self.user

    @cached_property
    def geometry(self) -> Geometry:
        frames = [arg for arg in self.args if isinstance(arg, FrameExpr)]
        shape = shared_geometry(frames, self.how.name)
        meta = self.given_meta
        if meta is None:
            meta = emulate(self.how, *(a.meta if isinstance(a, FrameExpr) else a.value for a in self.args))
        found = shape.with_meta(meta)
        return found if self.keeps_index else found.unindexed().at_most()

    def step(self) -> Step:
        return _Call(self.how, tuple(None if isinstance(arg, FrameExpr) else arg for arg in self.args))

    def scratch_bytes(self) -> int:
        return 0

    def needs(self, wanted: Wanted) -> tuple[Wanted, ...]:
        frames = [arg for arg in self.args if isinstance(arg, FrameExpr)]
        return tuple(wanted if self.columnwise else None for _ in frames)


def shared_geometry(frames: Sequence[FrameExpr], name: str) -> Geometry:
    """The partitions that all have in common, those with one partition and scalars aside.

    Raises FrameError where they cannot be paired one to one.
    """
    many = [x for x in frames if x.npartitions > 1 and not x.is_scalar]
    if not many:
        rowed = [x for x in frames if not x.is_scalar]
        return rowed[0].geometry if rowed else Geometry(frames[0].meta)
    first = many[0]
    for other in many[1:]:
        if other.npartitions != first.npartitions or (
            other.known_divisions and first.known_divisions and other.divisions != first.divisions
        ):
            raise FrameError(
                f"{name} needs partitions that belong together: one operand has {first.npartitions}, the other "
                f"{other.npartitions}, and where they are cut differs; repartition one like the other first, "
                "or compute the smaller one"
            )
    return first.geometry


@dataclass(frozen=True, slots=True)
class _Call:
    """The step of `Apply`: the arguments of the call, literals in their places."""

    how: How
    literals: tuple[Literal | None, ...]

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        rest = iter(inputs)
        return self.how(*[next(rest) if literal is None else literal.value for literal in self.literals])


@dataclass(frozen=True, eq=False)
class Fused(PartitionWise):
    """Several partition-wise operations as one kernel: what the rule `fuse-partitions` makes."""

    args: tuple[FrameExpr, ...]
    program: Program
    known: Geometry
    name: str
    identity: str
    """The token of the operation that it ends with: the same values."""
    read: int = 0
    scratch: int = 0
    user: bool = False
    inside: tuple[str, ...] = ()
    op: ClassVar[str] = "fused"

    def make_token(self) -> str:
        return f"fused-{self.identity}"

    @property
    def title(self) -> str:
        return self.name

    @property
    def geometry(self) -> Geometry:
        return self.known

    @property
    def runs_user_code(self) -> bool:
        return self.user

    def layer_read_bytes(self) -> int:
        return self.read

    def scratch_bytes(self) -> int:
        return self.scratch

    def step(self) -> Step:
        return self.program

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return self.add_layer(
            build,
            self.program,
            edges_for(self.grid, [slots for slots, *_ in inputs]),
            strategy=Strategy.BLOCKWISE if inputs else Strategy.SOURCE,
            read_bytes=self.read,
            scratch_bytes=self.scratch,
            user=self.user,
            exact=self.exact_rows,
            detail=" → ".join(self.inside),
        )


def single_partition(geometry: Geometry, meta: Any, rows: int) -> Geometry:
    """One partition of at most `rows` rows."""
    return Geometry(meta, unknown_divisions(1), np.array([rows], dtype=np.int64), False, geometry.widths)
