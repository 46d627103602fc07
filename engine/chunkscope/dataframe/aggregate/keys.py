"""From the values of the keys to group numbers: one pass over the keys, however many aggregations follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.types import union_categoricals

from chunkscope.dataframe.aggregate.packing import factorised

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Grouping", "encoded", "in_one_piece", "joined"]

HEAD = 1 << 14
"""Where the first row of each group is looked for before all rows are."""
DIRECT = 1 << 16
"""Pairs of group numbers are looked up in a table of at most this many places, else hashed."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Rows put into groups, numbered in the order in which they first appear."""

    codes: NDArray[np.intp]
    """The group of each row; -1 where a key is missing and such rows are dropped."""
    keys: tuple[pd.Series[Any], ...]
    """The keys of each group, one series for each key."""

    @property
    def ngroups(self) -> int:
        """Number of groups."""
        return len(self.keys[0])

    @property
    def complete(self) -> bool:
        """Whether every row is in a group."""
        return not len(self.codes) or bool(self.codes.min() >= 0)

    @classmethod
    def of(cls, keys: Sequence[pd.Series[Any]], dropna: bool = True) -> Grouping:
        """The groups of rows that are equal in every key.

        >>> x = pd.Series(["b", "a", "b", None])
        >>> Grouping.of([x]).codes.tolist(), Grouping.of([x]).keys[0].tolist()
        ([0, 1, 0, -1], ['b', 'a'])
        """
        if len(keys) == 1:
            codes, values = encoded(keys[0], dropna)
            return cls(codes, (values,))
        each = [encoded(key, dropna) for key in keys]
        codes, missing = each[0][0], each[0][0] < 0
        size = len(each[0][1])
        for more, values in each[1:]:
            codes, missing = codes * max(len(values), 1) + more, missing | (more < 0)
            codes[missing] = 0
            size *= max(len(values), 1)
            if size > 1 << 31:  # keep the numbers small
                codes = pd.factorize(codes)[0]
                size = int(codes.max(initial=0)) + 1
        codes[missing] = -1
        codes, first = _first_places(codes, size)
        found = tuple(values.take(part[first]).reset_index(drop=True) for part, values in each)
        return cls(codes, found)

    def only(self, rows: NDArray[np.bool_]) -> Grouping:
        """The groups that some of the rows are in; the other rows are in none.

        >>> x = Grouping.of([pd.Series(["b", "a", "b"])]).only(np.array([False, True, False]))
        >>> x.codes.tolist(), x.keys[0].tolist()
        ([-1, 0, -1], ['a'])
        """
        codes, first = _first_places(np.where(rows, self.codes, np.intp(-1)), self.ngroups)
        old = self.codes[first]
        return Grouping(codes, tuple(key.take(old).reset_index(drop=True) for key in self.keys))


def encoded(key: pd.Series[Any], dropna: bool = True) -> tuple[NDArray[np.intp], pd.Series[Any]]:
    """The number of each row's value in order of first appearance, -1 for a missing one, and the values.

    With `dropna` False a missing value has a number too. Strings are encoded by Arrow, without the interpreter lock.
    """
    values = key.array
    if isinstance(key.dtype, pd.StringDtype) and key.dtype.storage == "pyarrow":
        return _encoded_strings(key, dropna)
    if isinstance(key.dtype, pd.CategoricalDtype):
        raw = np.asarray(key.cat.codes)
        if len(key.cat.categories) <= DIRECT and (dropna or not len(raw) or raw.min() >= 0):
            codes, first = _first_places(raw.astype(np.intp), len(key.cat.categories))
            return codes, pd.Series(pd.Categorical.from_codes(raw[first], dtype=key.dtype))
        codes, present = pd.factorize(raw, use_na_sentinel=False)
        found = pd.Series(pd.Categorical.from_codes(present.astype(np.intp), dtype=key.dtype))
        if dropna and (present < 0).any():
            return _without(codes, int(np.flatnonzero(present < 0)[0]), found)
        return codes.astype(np.intp, copy=False), found
    codes, uniques = pd.factorize(values, use_na_sentinel=dropna)
    return codes.astype(np.intp, copy=False), pd.Series(uniques, dtype=key.dtype)


def in_one_piece(x: pd.Series[Any]) -> pa.Array:
    """The values of an Arrow-backed column as one array of Arrow."""
    array = pa.array(x.array)
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()
        if isinstance(array, pa.ChunkedArray):  # of no chunks
            array = pa.array([], array.type)
    return array


def _encoded_strings(key: pd.Series[Any], dropna: bool) -> tuple[NDArray[np.intp], pd.Series[Any]]:
    array = in_one_piece(key)
    short = factorised(array)
    if short is not None:
        return short[0], pd.Series(short[1], dtype=key.dtype)
    encoded_array = array.dictionary_encode(null_encoding="mask" if dropna else "encode")
    indices = encoded_array.indices
    if indices.null_count:
        indices = indices.fill_null(-1)
    codes = indices.to_numpy(zero_copy_only=False).astype(np.intp)
    return codes, pd.Series(encoded_array.dictionary, dtype=key.dtype)


def _without(
    codes: NDArray[Any], number: int, values: pd.Series[Any]
) -> tuple[NDArray[np.intp], pd.Series[Any]]:
    """The same without one value: its rows get -1."""
    codes = np.where(codes == number, -1, codes - (codes > number)).astype(np.intp, copy=False)
    return codes, values.drop(index=number).reset_index(drop=True)


def _first_places(codes: NDArray[np.intp], size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The codes renumbered in the order of first appearance, and the row where each appears first."""
    if size <= DIRECT and len(codes) > size // 8:
        rows = _firsts(codes[:HEAD], size)  # all groups mostly show up early on
        if len(rows) < size and len(codes) > HEAD:
            present = int(np.count_nonzero(np.bincount(codes + 1, minlength=size + 1)[1:]))
            rows = rows if len(rows) == present else _firsts(codes, size)
        found = codes[rows]
        if len(rows) == size and np.array_equal(found, np.arange(size)):
            return codes, rows
        number = np.full(size + 1, -1, dtype=np.intp)  # the last place is for -1
        number[found] = np.arange(len(rows))
        return number[codes], rows
    numbers, uniques = pd.factorize(np.where(codes < 0, np.intp(-1), codes))
    where = np.flatnonzero(uniques < 0)
    rows = np.full(len(uniques), -1, dtype=np.intp)
    rows[numbers[::-1]] = np.arange(len(numbers) - 1, -1, -1)
    if len(where):
        gone = int(where[0])
        numbers = np.where(numbers == gone, -1, numbers - (numbers > gone))
        rows = np.delete(rows, gone)
    return numbers.astype(np.intp, copy=False), rows


def _firsts(codes: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    """The rows where a group appears first, in order."""
    first = np.full(size + 1, -1, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # the last one written stays
    return np.sort(first[:size][first[:size] >= 0])


def joined(parts: Sequence[pd.Series[Any]]) -> pd.Series[Any]:
    """The parts one after the other, of the dtype that all have; categories are united where they differ."""
    if len(parts) == 1:
        return parts[0]
    full = [part for part in parts if len(part)] or [parts[0]]
    dtypes = {part.dtype for part in full}
    if len(dtypes) > 1 and all(isinstance(dtype, pd.CategoricalDtype) for dtype in dtypes):
        return pd.Series(union_categoricals([part.array for part in full]))
    return pd.concat(full, ignore_index=True) if len(full) > 1 else full[0]
