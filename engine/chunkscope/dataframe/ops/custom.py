"""The user's own functions: over partitions, over rows, over values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from chunkscope.dataframe.expr import FrameExpr, Geometry
from chunkscope.dataframe.meta import empty, is_scalar, kind_of, meta_nonempty
from chunkscope.dataframe.ops.elementwise import literal
from chunkscope.dataframe.ops.promise import found_meta, made_up_result, promised
from chunkscope.dataframe.partitionwise import Apply, Literal, PartitionWise, shared_geometry
from chunkscope.dataframe.program import Step
from chunkscope.errors import FrameError

__all__ = ["MapPartitions", "as_promised", "each", "map_partitions", "name_of", "own_copy"]


def own_copy(value: Any) -> Any:
    """The same rows as an object that the user's function may change: copied only where it does."""
    return value.copy(deep=False) if isinstance(value, (pd.DataFrame, pd.Series)) else value


def name_of(function: Any) -> str:
    """The name of a function, for people."""
    return str(getattr(function, "__name__", type(function).__name__)).strip("<>")


@dataclass(frozen=True, eq=False)
class MapPartitions(PartitionWise):
    """`function` called once for each partition, with the partitions of the arguments at the same place."""

    function: Callable[..., Any]
    args: tuple[FrameExpr | Literal, ...]
    keywords: tuple[str, ...]
    """The names of the last arguments, which are given by keyword."""
    promised: Any
    scalar: bool
    """Whether the function gives one value: the result is a series with a row for each partition."""
    keeps_divisions: bool
    informed: bool
    """Whether the function takes partition_info."""
    enforced: bool
    op: ClassVar[str] = "map_partitions"
    keeps_labels: ClassVar[bool] = True
    """Its rows are matched with those of its inputs, partition by partition: who calls it answers for the index."""

    @property
    def title(self) -> str:
        return name_of(self.function)

    @property
    def movable(self) -> bool:  # type: ignore[override]
        return not (self.informed or self.scalar)

    @property
    def runs_user_code(self) -> bool:
        return True

    @cached_property
    def geometry(self) -> Geometry:
        shape = shared_geometry([arg for arg in self.args if isinstance(arg, FrameExpr)], self.title)
        found = shape.with_meta(self.promised)
        if self.scalar:
            found = replace(found, rows=np.ones_like(found.rows), exact=True)
            return replace(found, divisions=(*range(found.npartitions), found.npartitions - 1))
        return found.at_most() if self.keeps_divisions else found.unindexed().at_most()

    def step(self) -> Step:
        literals = tuple(arg if isinstance(arg, Literal) else None for arg in self.args)
        divisions = None
        if self.informed:
            divisions = shared_geometry(
                [x for x in self.args if isinstance(x, FrameExpr)], self.title
            ).divisions
        call = _CallUser(self.function, literals, self.keywords, divisions)
        return _OneRow(call) if self.scalar else _Checked(call, self.promised if self.enforced else None)


@dataclass(frozen=True, slots=True)
class _CallUser:
    function: Callable[..., Any]
    literals: tuple[Literal | None, ...]
    keywords: tuple[str, ...]
    divisions: tuple[Any, ...] | None
    """Given where the function takes partition_info."""

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        rest = map(own_copy, inputs)
        values = [next(rest) if literal is None else literal.value for literal in self.literals]
        cut = len(values) - len(self.keywords)
        named = dict(zip(self.keywords, values[cut:], strict=True))
        if self.divisions is not None:
            named["partition_info"] = {"number": block, "division": self.divisions[block]}
        return self.function(*values[:cut], **named)


@dataclass(frozen=True, slots=True)
class _OneRow:
    call: _CallUser

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        return pd.Series([self.call(block, *inputs)], index=[block])


@dataclass(frozen=True, slots=True)
class _Checked:
    """The user's result, columns in the order that was promised. Raises FrameError for something else."""

    call: _CallUser
    promised: Any
    """None where nothing is checked."""

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        value = self.call(block, *inputs)
        if self.promised is None:
            return value
        return as_promised(value, self.promised, name_of(self.call.function), block)


def as_promised(value: Any, meta: Any, name: str, block: int) -> Any:
    """What the user's function gave, its columns in the order promised. Raises FrameError for anything else."""

    def differs(found: str, asked: str) -> FrameError:
        return FrameError(
            f"{name} gave {found} for partition {block}, promised was {asked}; give meta= as the function gives it"
        )

    if kind_of(value) != kind_of(meta):
        raise differs(f"a {type(value).__name__}", f"a {kind_of(meta)}")
    if isinstance(meta, pd.DataFrame):
        if list(value.columns) == list(meta.columns):
            return value
        if sorted(map(str, value.columns)) != sorted(map(str, meta.columns)):
            raise differs(_named(value), _named(meta))
        return value[list(meta.columns)]
    return value if value.name == meta.name else value.rename(meta.name)


def _named(frame: pd.DataFrame) -> str:
    names = ", ".join(map(repr, list(frame.columns)[:20]))
    return f"columns {names}{', …' if frame.shape[1] > 20 else ''}"


def map_partitions(
    function: Callable[..., Any],
    args: Sequence[Any],
    options: Mapping[str, Any],
    *,
    meta: Any = None,
    enforce_metadata: bool = True,
    clear_divisions: bool | None = None,
) -> FrameExpr:
    """`function(*args, **options)` for each partition; see the function of this name among the public ones."""
    if not callable(function):
        raise FrameError(f"map_partitions needs a function, found {type(function).__name__}")
    given = tuple(map(_argument, (*args, *options.values())))
    frames = [arg for arg in given if isinstance(arg, FrameExpr)]
    rowed = [x for x in frames if not x.is_scalar]
    if not rowed:
        raise FrameError("map_partitions needs a lazy frame, series or index among its arguments")
    counts = {x.npartitions for x in rowed} - {1}
    if len(counts) > 1:
        raise FrameError(
            f"map_partitions: the frames have {' and '.join(map(str, sorted(counts)))} partitions; "
            "give them as many, by repartition(npartitions=...), or one"
        )
    name, informed = name_of(function), _takes_partition_info(function) and "partition_info" not in options
    literals = tuple(arg if isinstance(arg, Literal) else None for arg in given)
    first = next(x for x in rowed if not counts or x.npartitions > 1)
    samples = [_sample(x.meta) for x in frames]
    keeps = clear_divisions is False
    if meta is None:
        call = _CallUser(function, literals, tuple(options), (None, None) if informed else None)
        made = made_up_result(lambda: call(0, *samples), name, "map_partitions")
        known = empty(made)
        if clear_divisions is None:
            index = getattr(made, "index", None)
            sample = samples[frames.index(first)]
            keeps = index is not None and index.equals(
                sample if isinstance(sample, pd.Index) else sample.index
            )
    else:
        known = promised(meta, getattr(first.meta, "index", None))
    scalar = is_scalar(known)
    if scalar:
        if np.ndim(known):
            raise FrameError(
                f"{name} gives an array of {np.ndim(known)} axes for each partition, which no frame can hold; "
                "let it give a pandas Series or DataFrame"
            )
        known = pd.Series([known], index=[0])[:0]
    return MapPartitions(function, given, tuple(options), known, scalar, keeps, informed, enforce_metadata)


def _argument(value: Any) -> FrameExpr | Literal:
    found = literal(value)
    if isinstance(found, Literal) and hasattr(value, "__chunkscope_expr__"):
        raise FrameError(
            f"map_partitions cannot take a {type(value).__name__} among its arguments; compute it first, "
            "or make it a frame with from_delayed"
        )
    return found


def _takes_partition_info(function: Callable[..., Any]) -> bool:
    try:
        return "partition_info" in inspect.signature(function).parameters
    except (TypeError, ValueError):  # a builtin without a signature
        return False


def _sample(meta: Any) -> Any:
    """Two made-up rows, whose index no function makes by itself."""
    sample = meta_nonempty(meta)
    if isinstance(getattr(sample, "index", None), pd.RangeIndex):
        sample.index = pd.RangeIndex(5, 13, 4, name=sample.index.name)
    return sample


@dataclass(frozen=True, slots=True)
class _Each:
    """A method that calls the user's function for each value or row: `map` and `apply`."""

    name: str
    function: Any
    args: tuple[Any, ...]
    options: tuple[tuple[str, Any], ...]
    promised: Any = None

    def __call__(self, *values: Any) -> Any:
        (x,) = values
        if not len(x) and self.promised is not None:
            nothing = self.promised.copy()  # pandas would call the function to see what it gives
            nothing.index = x.index
            return nothing
        return getattr(own_copy(x), self.name)(self.function, *self.args, **dict(self.options))


def each(
    x: FrameExpr, name: str, function: Any, args: Sequence[Any], options: Mapping[str, Any], meta: Any
) -> FrameExpr:
    """`x.<name>(function, *args, **options)` for each partition, where the function sees one value or row."""
    how = _Each(name, function, tuple(args), tuple(options.items()))
    if meta is None:
        known = found_meta(lambda: how(meta_nonempty(x.meta)), name_of(function), name)
    else:
        known = promised(meta, x.meta if isinstance(x.meta, pd.Index) else x.meta.index)
    if isinstance(x.meta, pd.Index):
        return Apply(how, (x,), known, keeps_index=False, user=True)
    return Apply(replace(how, promised=known), (x,), known, user=True)
