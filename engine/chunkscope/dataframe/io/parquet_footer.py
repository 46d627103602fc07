"""What the footers of Parquet files tell before any data is read: schema, rows, sizes, least and greatest values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from chunkscope.dataframe.io.files import DataFile
from chunkscope.dataframe.predicate import Condition, Predicate
from chunkscope.errors import FrameError

__all__ = ["Chunk", "Schema", "chunk_of", "common_schema", "footer", "may_hold", "may_miss"]


@lru_cache(maxsize=512)
def footer(file: DataFile) -> Any:
    """The footer of a file, parsed once. Raises FrameError for what is no Parquet file, OSError where it is gone."""
    try:
        return pq.read_metadata(file.path)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{file.path} is gone: it was there when the frame was made; call read_parquet again"
        ) from None
    except PermissionError:
        raise PermissionError(
            f"{file.path} may not be read: its permissions do not allow it to this user"
        ) from None
    except (pa.ArrowInvalid, OSError) as error:
        what = "is empty" if file.size == 0 else f"is not a whole Parquet file ({str(error).split('.')[0]})"
        raise FrameError(f"{file.path} {what}; leave it out, or write it again") from None


class Chunk(NamedTuple):
    """One column of one row group: where it lies in the file, and what it becomes."""

    start: int
    nbytes: int
    unpacked: int


@lru_cache(maxsize=1 << 15)
def chunk_of(file: DataFile, group: int, name: str) -> Chunk:
    """One top-level column of a row group, its parts together."""
    row_group = footer(file).row_group(group)
    inside = f"{name}."
    places = [place for path, place in _places(file).items() if path == name or path.startswith(inside)]
    parts = [row_group.column(place) for place in places]
    starts = [column.data_page_offset for column in parts]
    starts += [
        column.dictionary_page_offset
        for column in parts
        if column.has_dictionary_page and column.dictionary_page_offset is not None
    ]
    return Chunk(
        min(starts, default=0),
        sum(column.total_compressed_size for column in parts),
        sum(column.total_uncompressed_size for column in parts),
    )


@dataclass(frozen=True)
class Schema:
    """The columns that all files have in common, and what pandas makes of them."""

    arrow: pa.Schema
    """With pandas' notes on dtypes, without those on the index."""
    index: tuple[str, ...]
    """Fields that pandas wrote as its index."""
    labels: dict[str, Any]
    """pandas' names of the fields where they are not the fields' own: of index levels without a name."""
    ranges: tuple[tuple[int, int], ...] = ()
    """Start and step of each file's index where pandas noted it as a range, unless all count from 0 by 1."""
    range_name: Any = None

    def __chunkscope_token__(self) -> str:
        from chunkscope.tokens import tokenise

        return tokenise(
            (self.arrow.to_string(show_schema_metadata=True), self.index, self.ranges, self.range_name)
        )


def common_schema(files: Sequence[DataFile]) -> Schema:
    """The schema of the files. Raises FrameError, naming the file and the columns, where they differ."""
    first = footer(files[0]).schema.to_arrow_schema()
    nulls = [field.name for field in first if pa.types.is_null(field.type)]
    known = {field.name: field.type for field in first}
    for file in files[1:]:
        other = footer(file).schema.to_arrow_schema()
        if other.equals(first):
            continue
        theirs = {field.name: field.type for field in other}
        missing = [name for name in known if name not in theirs]
        extra = [name for name in theirs if name not in known]
        unlike = [n for n in known if n in theirs and not _alike(known[n], theirs[n])]
        if missing or extra or unlike:
            parts = [f"lacks {', '.join(missing[:8])}"] if missing else []
            parts += [f"has {', '.join(extra[:8])} besides"] if extra else []
            parts += (
                [f"has {', '.join(f'{n} as {theirs[n]} and not {known[n]}' for n in unlike[:8])}"]
                if unlike
                else []
            )
            raise FrameError(
                f"{file.path} has another schema than {files[0].path}: it {' and '.join(parts)}; "
                "read files of one schema together, and convert or join the others after"
            )
        for name in [name for name in nulls if not pa.types.is_null(theirs[name])]:
            first = first.set(first.get_field_index(name), other.field(name))
            known[name] = theirs[name]
            nulls.remove(name)
    found = _without_index(first)
    return found if found.index else _with_ranges(found, files)


def _alike(one: pa.DataType, other: pa.DataType) -> bool:
    """Whether values of both types can stand in one column: equal, all missing, or both text."""
    text = (pa.types.is_string, pa.types.is_large_string)
    both_text = any(is_text(one) for is_text in text) and any(is_text(other) for is_text in text)
    return bool(one.equals(other) or pa.types.is_null(one) or pa.types.is_null(other) or both_text)


def _without_index(schema: pa.Schema) -> Schema:
    notes = (schema.metadata or {}).get(b"pandas")
    if notes is None:
        return Schema(schema.remove_metadata(), (), {})
    told = json.loads(notes)
    index = tuple(
        name for name in told.get("index_columns", ()) if isinstance(name, str) and name in schema.names
    )
    labels = {
        column["field_name"]: column["name"]
        for column in told.get("columns", ())
        if column.get("field_name") in index
    }
    told["index_columns"] = []
    kept = {
        key: value
        for key, value in told.items()
        if key in ("index_columns", "column_indexes", "columns", "pandas_version")
    }
    return Schema(schema.with_metadata({b"pandas": json.dumps(kept).encode()}), index, labels)


def _with_ranges(schema: Schema, files: Sequence[DataFile]) -> Schema:
    """The schema with the ranges that pandas noted in place of an index, where they say more than the row's number."""
    ranges, names = [], set()
    for file in files:
        notes = (footer(file).metadata or {}).get(b"pandas")
        index = (json.loads(notes).get("index_columns") or [None])[0] if notes else None
        if not isinstance(index, dict) or index.get("kind") != "range":
            return schema
        ranges.append((int(index["start"]), int(index["step"])))
        names.add(index.get("name"))
    plain = names == {None} and all(one == (0, 1) for one in ranges)
    return (
        schema
        if plain
        else replace(schema, ranges=tuple(ranges), range_name=names.pop() if len(names) == 1 else None)
    )


def may_miss(files: Sequence[DataFile], name: str) -> bool:
    """Whether a column may have missing values: where no footer says otherwise, it may."""
    for file in files:
        meta = footer(file)
        for group in range(meta.num_row_groups):
            if not meta.row_group(group).num_rows:
                continue
            statistics = _statistics(file, group, name)
            if statistics is None or not statistics.has_null_count or statistics.null_count:
                return True
    return False


def _statistics(file: DataFile, group: int, name: str) -> Any:
    place = _places(file).get(name)
    return None if place is None else footer(file).row_group(group).column(place).statistics


@lru_cache(maxsize=512)
def _places(file: DataFile) -> dict[str, int]:
    """Which column of a row group has which name: the same in all of a file's."""
    meta = footer(file)
    first = meta.row_group(0) if meta.num_row_groups else None
    return {} if first is None else {first.column(i).path_in_schema: i for i in range(first.num_columns)}


def may_hold(file: DataFile, group: int, predicate: Predicate) -> bool:
    """Whether a row group may have a row that fulfils every condition; True where its statistics do not tell."""
    nrows = footer(file).row_group(group).num_rows
    return nrows > 0 and all(_may(file, group, nrows, condition) for condition in predicate.conditions)


def _may(file: DataFile, group: int, nrows: int, condition: Condition) -> bool:
    statistics = _statistics(file, group, str(condition.column))
    if statistics is None:
        return True
    floating = statistics.physical_type in (
        "FLOAT",
        "DOUBLE",
        "FIXED_LEN_BYTE_ARRAY",
    )  # may hold NaN, which counts as a value
    nulls = statistics.null_count if statistics.has_null_count else None
    if condition.op == "isnull":
        return floating or nulls != 0
    if nulls == nrows:
        return condition.op in ("!=", "not in")
    if condition.op in ("notnull", "not in") or not statistics.has_min_max:
        return True
    try:
        least, most = _comparable(statistics.min), _comparable(statistics.max)
        value = condition.value
        if condition.op == "in":
            return any(least <= one <= most for one in map(_comparable, value))
        value = _comparable(value)
        match condition.op:
            case "==":
                return bool(least <= value <= most)
            case "<":
                return bool(least < value)
            case "<=":
                return bool(least <= value)
            case ">":
                return bool(most > value)
            case ">=":
                return bool(most >= value)
            case "!=":
                exact = statistics.physical_type in ("INT32", "INT64", "BOOLEAN")
                return not (exact and nulls == 0 and least == value == most)
    except TypeError:
        return True
    return True


def _comparable(value: Any) -> Any:
    """A value that compares with those of other types of its kind. Raises TypeError for one that compares with none."""
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, float) and np.isnan(value):
        raise TypeError("NaN compares with nothing")
    if hasattr(value, "year"):
        return pd.Timestamp(value)
    return value
