"""What the tasks of `to_parquet` and `to_csv` do: write one partition, and at the end give all files their names."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from chunkscope.dataframe.expr import FrameExpr, Geometry, unknown_divisions
from chunkscope.dataframe.io.staging import Stage
from chunkscope.dataframe.partitionwise import PartitionWise
from chunkscope.dataframe.program import Step
from chunkscope.errors import FrameError
from chunkscope.expr import Slots
from chunkscope.graph import FrameShape, Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import GraphBuilder

__all__ = ["AsCSV", "AsParquet", "Publish", "Published", "Writer", "Written", "parquet_schema"]


class Writer(Protocol):
    """Writes one partition to the hidden file of its number, and returns the name that it will have."""

    @property
    def op(self) -> str:
        """The operation in one word."""

    def __call__(self, block: int, /, *inputs: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class AsParquet:
    """Writes a partition as Parquet."""

    stage: Stage
    names: tuple[str, ...]
    compression: Any
    index: bool
    schema: pa.Schema | None
    options: tuple[tuple[str, Any], ...]

    @property
    def op(self) -> str:
        return "to_parquet"

    def __call__(self, block: int, /, *inputs: Any) -> str:
        frame = inputs[0] if isinstance(inputs[0], pd.DataFrame) else inputs[0].to_frame()
        name = self.names[block]
        with self.stage.writing(name) as path:
            pq.write_table(self._table(frame, name), path, compression=self.compression, **dict(self.options))
        return name

    def _table(self, frame: pd.DataFrame, name: str) -> pa.Table:
        try:
            table = pa.Table.from_pandas(frame, preserve_index=None if self.index else False, nthreads=1)
            if self.schema is None:
                return table
            notes = {**(table.schema.metadata or {}), **(self.schema.metadata or {})}
            promised = {f.name: f for f in self.schema if not pa.types.is_null(f.type)}
            fields = [promised.get(field.name, field) for field in table.schema]
            return table.cast(pa.schema(fields, metadata=notes))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
            raise FrameError(
                f"{name} cannot be written as Parquet: {error}; convert the column with astype first"
            ) from error


def parquet_schema(meta: Any, given: Any, index: bool, custom: Any) -> pa.Schema | None:
    """The schema of every file: as given, or what the dtypes say; columns of objects follow from their values."""
    frame = meta if isinstance(meta, pd.DataFrame) else meta.to_frame()
    if not all(isinstance(name, str) for name in frame.columns):
        raise FrameError(
            f"Parquet needs column names that are texts, found {list(frame.columns)[:8]}; rename the columns"
        )
    if len(set(frame.columns)) != len(frame.columns):
        raise FrameError("Parquet needs columns with different names; rename the columns")
    schema = (
        given
        if isinstance(given, pa.Schema)
        else pa.Schema.from_pandas(frame, preserve_index=None if index else False)
    )
    if not isinstance(given, pa.Schema) and given not in ("infer", None):
        raise FrameError(f"to_parquet: schema={given!r} is not known; use 'infer' or a pyarrow schema")
    notes = {str(k).encode(): str(v).encode() for k, v in dict(custom or {}).items()}
    return schema.with_metadata(notes or None)


@dataclass(frozen=True, slots=True)
class AsCSV:
    """Writes a partition as CSV, by pandas."""

    stage: Stage
    names: tuple[str, ...]
    encoding: str
    compression: Any
    header_once: bool
    goes_on: bool
    """Whether the text is added to a file that has a header."""
    options: tuple[tuple[str, Any], ...]

    @property
    def op(self) -> str:
        return "to_csv"

    def __call__(self, block: int, /, *inputs: Any) -> str:
        name = self.names[block]
        options = dict(self.options)
        if self.header_once and (block or self.goes_on):
            options["header"] = False
        with self.stage.writing(name) as path:
            inputs[0].to_csv(path, encoding=self.encoding, compression=self.compression, **options)
        return name


@dataclass(frozen=True, eq=False)
class Written(PartitionWise):
    """Each partition of `x` in a hidden file; the value is the name that the file will have."""

    x: FrameExpr
    writer: Writer
    op: ClassVar[str] = "write"

    @property
    def title(self) -> str:
        return self.writer.op

    @cached_property
    def geometry(self) -> Geometry:
        rows = np.ones(self.x.npartitions, dtype=np.int64)
        return Geometry(pd.Series([], dtype="str"), unknown_divisions(self.x.npartitions), rows)

    def frame_shape(self) -> FrameShape | None:
        return None

    def block_bytes(self) -> NDArray[np.int64]:
        return np.full(self.npartitions, 256, dtype=np.int64)

    def scratch_bytes(self) -> int:
        return 2 * int(
            self.x.block_bytes().max(initial=0)
        )  # Arrow's or pandas' own copy, and what is encoded of it

    def step(self) -> Step:
        return self.writer


@dataclass(frozen=True, slots=True)
class Publish:
    """The last task: all files are complete, now they get their names."""

    stage: Stage
    names: tuple[str, ...]
    stale: tuple[str, ...] = ()
    """Files of before that go."""
    final: str = ""
    """The one file that all parts make together, where they do."""
    append: bool = False

    def __call__(self, block: int, /, *inputs: Any) -> tuple[str, ...]:
        names = list(self.names)
        if self.final:
            self._join()
            names = [self.final]
        paths = self.stage.publish(names)
        for name in self.stale:
            with suppress(FileNotFoundError):
                (self.stage.folder / name).unlink()
        return tuple(paths)

    def _join(self) -> None:
        with self.stage.writing(self.final) as path:
            with open(path, "wb") as whole:
                before = self.stage.folder / self.final
                if self.append and before.exists():
                    with open(before, "rb") as part:
                        shutil.copyfileobj(part, whole)
                for name in self.names:
                    with open(self.stage.hidden(name), "rb") as part:
                        shutil.copyfileobj(part, whole)
            for name in self.names:
                self.stage.hidden(name).unlink()


@dataclass(frozen=True, eq=False)
class Published(FrameExpr):
    """The paths of the files of `x`, once all are there."""

    x: Written
    publish: Publish
    op: ClassVar[str] = "publish"

    @cached_property
    def geometry(self) -> Geometry:
        return Geometry(("",))

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        names = inputs[0][0].reshape(-1)
        detail = "the files get their names when all are complete; only names come together here"
        return self.add_layer(
            build, self.publish, [names], strategy=Strategy.GATHERS, nbytes=256, detail=detail
        )
