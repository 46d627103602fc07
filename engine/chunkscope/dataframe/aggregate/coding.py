"""Keys of text read as codes: where a column of strings only tells groups apart, its reader need not make the strings.

Parquet files have such a column as a dictionary already. A reader that was asked to (`Source.encoded`) hands these
columns on as categories. Nobody sees them: every reader of the column is a filter, a choice of columns, or the partial
of an aggregation that has it as a key, and that one gives the strings back.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import pandas as pd

from chunkscope.dataframe.aggregate.tree import Partial
from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.ops.selection import Filter, Projection
from chunkscope.dataframe.partitionwise import Source
from chunkscope.expr import Expr, Firing, postorder

__all__ = ["RULE", "decoded", "keys_as_codes"]

RULE = "keys-as-codes"


@runtime_checkable
class Coded(Protocol):
    """A reducer whose keys may come as categories."""

    @property
    def keys_only(self) -> tuple[frozenset[Hashable], ...]:
        """Of each input the columns that are keys and nothing else."""


def keys_as_codes(roots: Sequence[Expr], record: list[Firing]) -> Sequence[Expr]:
    """The roots over readers that make codes of the strings that only serve as keys."""
    nodes = postorder(roots)
    if not any(isinstance(node, Partial) and isinstance(node.reducer, Coded) for node in nodes):
        return roots
    readers: dict[int, list[Expr]] = {}
    for node in nodes:
        for child in node.inputs():
            readers.setdefault(id(child), []).append(node)
    exits = {id(root) for root in roots}
    final: dict[int, Expr] = {}
    for node in nodes:
        if isinstance(node, Source) and isinstance(node.meta, pd.DataFrame):
            names = [name for name, dtype in node.meta.dtypes.items() if _is_text(dtype)]
            keys = frozenset(name for name in names if _only_keys(node, name, readers, exits))
            coded = node.encoded(keys) if keys else None
            if coded is not None:
                coded.stamped(node)
                record.append(Firing(RULE, node, coded))
                final[id(node)] = coded
                continue
        inputs = node.inputs()
        better = [final[id(child)] for child in inputs]
        changed = any(a is not b for a, b in zip(better, inputs, strict=True))
        final[id(node)] = node.replace_inputs(better) if changed else node
    return [final[id(root)] for root in roots]


def _is_text(dtype: Any) -> bool:
    return isinstance(dtype, pd.StringDtype) and dtype.storage == "pyarrow"


def _only_keys(
    source: FrameExpr, column: Hashable, readers: Mapping[int, Sequence[Expr]], exits: set[int]
) -> bool:
    """Whether a column is read by somebody, and by all as a key."""
    used = False
    carriers: list[Expr] = [source]
    while carriers:
        node = carriers.pop()
        if id(node) in exits:
            return False
        for reader in readers.get(id(node), ()):
            if isinstance(reader, Projection):
                if column in reader.names:
                    carriers.append(reader)
            elif isinstance(reader, Filter) and reader.mask is not node:
                carriers.append(reader)
            elif isinstance(reader, Partial):
                for place, arg in enumerate(reader.args):
                    if arg is node:
                        wanted = reader.reducer.wanted[place]
                        key = isinstance(reader.reducer, Coded) and column in reader.reducer.keys_only[place]
                        if not key and (wanted is None or column in wanted):
                            return False
                        used = used or key
            else:
                return False
    return used


def decoded(key: pd.Series[Any], dtype: Any) -> pd.Series[Any]:
    """A key as the strings that it stands for, where `dtype` is text and it came as categories."""
    if isinstance(key.dtype, pd.CategoricalDtype) and isinstance(dtype, pd.StringDtype):
        return key.astype(dtype)
    return key
