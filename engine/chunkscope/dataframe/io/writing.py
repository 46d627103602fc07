"""The functions that write: `to_parquet`, `to_csv`. One file for each partition, complete or not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chunkscope.dataframe.io.parquet import SUFFIXES
from chunkscope.dataframe.io.staging import Stage
from chunkscope.dataframe.io.targets import (
    and_more,
    file_names,
    files_inside,
    pattern_files,
    target_folder,
    target_path,
)
from chunkscope.dataframe.io.write_kernels import (
    AsCSV,
    AsParquet,
    Publish,
    Published,
    Writer,
    Written,
    parquet_schema,
)
from chunkscope.dataframe.wrapping import as_frame_expr, wrap
from chunkscope.errors import FrameError

__all__ = ["to_csv", "to_parquet"]


def to_parquet(
    df: Any,
    path: Any,
    compression: Any = "snappy",
    write_index: bool = True,
    append: bool = False,
    overwrite: bool = False,
    ignore_divisions: bool = False,
    partition_on: Any = None,
    storage_options: Any = None,
    custom_metadata: Any = None,
    write_metadata_file: Any = None,
    compute: bool = True,
    compute_kwargs: Any = None,
    schema: Any = "infer",
    name_function: Callable[[int], str] | None = None,
    filesystem: Any = None,
    engine: Any = None,
    **kwargs: Any,
) -> Any:
    """Write each partition to a Parquet file in the folder `path`: part.0.parquet, part.1.parquet …

    Parameters
    ----------
    compression : "snappy", "zstd", "gzip", "lz4", "brotli", "none", or a dict of them by column
    write_index : whether the index is kept
    append : add files to those in the folder, which must have the same columns
    overwrite : take the place of the Parquet files in the folder; they go when all new ones are complete
    custom_metadata : texts to keep in every file, a dict
    compute : False returns a lazy value that writes when it is computed
    compute_kwargs : arguments for `compute`, such as {"scheduler": "sync"}
    schema : "infer", or a pyarrow schema that every file will have
    name_function : the name of the file of a partition, from its number
    **kwargs : for `pyarrow.parquet.write_table`, such as row_group_size

    Files get their names when all of them are complete: a write that fails or is interrupted leaves nothing behind.

    Raises FrameError where the folder has files already and neither `append` nor `overwrite` is asked.

    Examples
    --------
    >>> import tempfile, pandas as pd, chunkscope.dataframe as cd
    >>> folder = tempfile.mkdtemp() + "/x"
    >>> cd.from_pandas(pd.DataFrame({"x": [1, 2, 3]}), npartitions=2).to_parquet(folder)
    >>> len(cd.read_parquet(folder))
    3
    """
    expr = as_frame_expr(df)
    _refuse(
        "to_parquet",
        partition_on=partition_on,
        storage_options=storage_options,
        write_metadata_file=write_metadata_file,
    )
    if append and overwrite:
        raise FrameError("to_parquet: append=True and overwrite=True contradict each other; ask for one")
    if engine not in (None, "auto", "pyarrow") or filesystem not in (None, "fsspec", "arrow", "pyarrow"):
        raise FrameError(
            "to_parquet writes with pyarrow to files of this machine; leave engine= and filesystem= out"
        )
    folder = target_folder(path, "to_parquet")
    found = files_inside(folder, SUFFIXES)
    if found and not append and not overwrite:
        raise FrameError(
            f"to_parquet: {str(folder)!r} holds {len(found)} Parquet files already; say overwrite=True to replace "
            "them, append=True to add to them, or another folder"
        )
    first = _number_after(found) if append and found else 0
    names = file_names(
        name_function or (lambda i: f"part.{i}.parquet"),
        range(first, first + expr.npartitions),
        found if append else [],
    )
    target = parquet_schema(expr.meta, schema, write_index, custom_metadata)
    if append and found:
        _check_columns(folder / found[0], target)
    stage = Stage(folder)
    writer = AsParquet(
        stage,
        tuple(names),
        "none" if compression is None else compression,
        write_index,
        target,
        tuple(sorted(kwargs.items())),
    )
    stale = tuple(name for name in found if overwrite and name not in names)
    lazy = _lazily(expr, writer, Publish(stage, tuple(names), stale))
    return _result(lazy, stage, compute, compute_kwargs, None)


def to_csv(
    df: Any,
    filename: Any,
    single_file: bool = False,
    encoding: str = "utf-8",
    mode: str = "wt",
    name_function: Callable[[int], str] | None = None,
    compression: Any = None,
    compute: bool = True,
    scheduler: str | None = None,
    storage_options: Any = None,
    header_first_partition_only: bool | None = None,
    compute_kwargs: Any = None,
    *,
    overwrite: bool = False,
    **kwargs: Any,
) -> Any:
    r"""Write each partition to a CSV file, and return the paths.

    Parameters
    ----------
    filename : a pattern such as "x-*.csv", in which the star becomes the number of the partition, or a folder; with
        `single_file` the path of the file
    single_file : all partitions in one file, in order
    mode : "wt" for new files; "at" adds to the one of `single_file`
    name_function : what takes the place of the star, from the number of the partition
    compression : as in pandas: "gzip", "bz2", "xz", "zstd"; "zip" only for several files
    header_first_partition_only : whether only the first file has a header; default: with `single_file`
    compute, scheduler, compute_kwargs : False returns a lazy value; where and how to run
    overwrite : replace files that are there
    **kwargs : as in `pandas.DataFrame.to_csv`, such as index, sep, na_rep, float_format

    Files get their names when all of them are complete: a write that fails or is interrupted leaves nothing behind.

    Raises FrameError where a file is there already and neither `overwrite` nor `mode="at"` is asked.

    Examples
    --------
    >>> import pathlib, tempfile, pandas as pd, chunkscope.dataframe as cd
    >>> folder = tempfile.mkdtemp()
    >>> x = cd.from_pandas(pd.DataFrame({"x": [1, 2, 3]}), npartitions=2)
    >>> paths = x.to_csv(folder + "/x-*.csv", index=False)
    >>> [pathlib.Path(path).read_text() for path in paths]
    ['x\n1\n2\n', 'x\n3\n']
    """
    expr = as_frame_expr(df)
    _refuse("to_csv", storage_options=storage_options)
    if mode not in ("w", "wt", "a", "at"):
        raise FrameError(f"to_csv: mode={mode!r} is not supported; use 'wt', or 'at' with single_file=True")
    append = mode.startswith("a")
    if append and not single_file:
        raise FrameError("to_csv: mode='at' adds to one file; say single_file=True, or write to other names")
    once = single_file if header_first_partition_only is None else header_first_partition_only
    if single_file:
        folder, final = _one_file(filename, compression)
        names = [f"{final}.{i}" for i in range(expr.npartitions)]
        existing = [final] if (folder / final).exists() and not append else []
    else:
        folder, names = pattern_files(target_path(filename, "to_csv"), name_function, expr.npartitions)
        final, existing = "", [name for name in names if (folder / name).exists()]
    if existing and not overwrite:
        raise FrameError(
            f"to_csv: {str(folder / existing[0])!r} is there already{and_more(existing)}; say overwrite=True to "
            "replace, or write to another name"
        )
    stage = Stage(folder)
    writer = AsCSV(
        stage,
        tuple(names),
        encoding,
        compression,
        bool(once),
        append and (folder / final).exists(),
        tuple(sorted(kwargs.items())),
    )
    lazy = _lazily(expr, writer, Publish(stage, tuple(names), (), final, append))
    options = dict(compute_kwargs or {})
    if scheduler is not None:
        options["scheduler"] = scheduler
    return _result(lazy, stage, compute, options, list)


def _refuse(caller: str, **options: Any) -> None:
    """Refuse what Dask has and this has not, rather than pass over it."""
    for name, value in options.items():
        if value:
            raise FrameError(f"{caller}: {name}={value!r} is not supported; leave it out")


def _number_after(names: Sequence[str]) -> int:
    """The first number that no file of these names has."""
    numbers = [int(found[0]) for name in names if (found := re.findall(r"\d+", name))]
    return 1 + max(numbers, default=len(names) - 1)


def _one_file(filename: Any, compression: Any) -> tuple[Path, str]:
    """Folder and name of the one file that holds all partitions."""
    if compression == "zip":
        raise FrameError(
            "to_csv: compression='zip' cannot hold one file in parts; use 'gzip', or single_file=False"
        )
    target = Path(target_path(filename, "to_csv"))
    return target.parent, target.name


def _lazily(expr: Any, writer: Writer, publish: Publish) -> Any:
    return wrap(Published(Written(expr, writer), publish))


def _result(lazy: Any, stage: Stage, compute: bool, options: Any, shown: Callable[[Any], Any] | None) -> Any:
    if not compute:
        return lazy
    try:
        paths = lazy.compute(**dict(options or {}))
    except BaseException:
        stage.abort()
        raise
    return None if shown is None else shown(paths)


def _check_columns(path: Path, target: Any) -> None:
    import pyarrow.parquet as pq

    there, new = pq.read_schema(path), target
    if new is not None and there.names != new.names:
        raise FrameError(
            f"append=True: {path} has the columns {', '.join(there.names)}, the new files have {', '.join(new.names)}"
        )
