"""The functions that read: `read_csv`, `read_table`, `read_parquet`."""

from __future__ import annotations

from typing import Any

from chunkscope.dataframe.io.csv import read_csv_expr
from chunkscope.dataframe.io.csv_choice import Asked
from chunkscope.dataframe.io.parquet import SUFFIXES, read_parquet_expr
from chunkscope.dataframe.ops.selection import projection
from chunkscope.dataframe.wrapping import wrap
from chunkscope.errors import FrameError

__all__ = ["read_csv", "read_parquet", "read_table"]


def read_csv(
    urlpath: Any,
    blocksize: Any = "default",
    lineterminator: str | None = None,
    compression: str | None = "infer",
    sample: Any = 256000,
    sample_rows: int = 10,
    enforce: bool = False,
    assume_missing: bool = False,
    storage_options: Any = None,
    include_path_column: bool | str = False,
    *,
    dtype: Any = None,
    usecols: Any = None,
    parse_dates: Any = None,
    **kwargs: Any,
) -> Any:
    r"""Returns a DataFrame of the CSV files, in partitions that are read when they are needed.

    Parameters
    ----------
    urlpath : a path, a pattern such as "x-*.csv", or a list of them; a pattern's files come in natural order
    blocksize : files larger than this are cut at line ends ("64MB", or a number of bytes); None: one partition for each
        file; default: about 32 MiB. Compressed files are never cut
    lineterminator : as in pandas; a file with one of its own is never cut
    compression : "infer" by the name, "gzip", "bz2", "zip", "xz", "zstd", or None
    sample : how many bytes at the start of the first file tell columns and dtypes
    sample_rows, enforce : taken for the sake of other code; the whole sample is used, headers are always compared
    assume_missing : make whole numbers without a `dtype` float64, so that values may be missing
    storage_options : must be empty, files are on this machine
    include_path_column : add a categorical column with the file's path, named "path" or as given
    dtype, usecols, parse_dates, **kwargs : as in `pandas.read_csv`

    Dtypes are told by the sample, by pandas' rules, and every partition is held to them: where one reads as something
    else, SchemaError has a table with column, file, line and value, and the `dtype=` to give. A dtype of yours is
    enforced likewise. Each partition has its own index from 0. A line with too few fields has missing values at its
    end, as in pandas; one with too many is an error. Floats are rounded correctly, as pandas does with
    `float_precision="round_trip"`.

    Where the sample has a quote and a file is cut, a layer "find lines" looks through it first, so that a line end
    within quotes is never taken for the end of a record. Where the sample has none, each block looks at its own quotes
    and raises FrameError where they do not come in pairs.

    Raises FileNotFoundError, PermissionError, and FrameError for arguments that do not fit the files.

    Examples
    --------
    >>> import tempfile, pathlib, chunkscope.dataframe as cd
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> for i in (1, 2):
    ...     _ = (folder / f"x-{i}.csv").write_text(f"x,y\n{i},a\n{i},b\n")
    >>> df = cd.read_csv(folder / "x-*.csv")
    >>> df.npartitions, int(df.x.sum().compute())
    (2, 6)
    """
    if storage_options:
        raise FrameError(
            f"read_csv: storage_options={storage_options!r}: files are on this machine and need none; leave it out"
        )
    if lineterminator is not None:
        kwargs["lineterminator"] = lineterminator
    asked = Asked(dtype, usecols, parse_dates, bool(assume_missing))
    return wrap(read_csv_expr(urlpath, blocksize, compression, sample, include_path_column, asked, kwargs))


def read_table(urlpath: Any, *args: Any, **kwargs: Any) -> Any:
    r"""Returns a DataFrame of text files with tabs between the fields: `read_csv` with `sep="\t"`.

    Examples
    --------
    >>> import tempfile, pathlib, chunkscope.dataframe as cd
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "x.tsv"
    >>> _ = path.write_text("x\ty\n1\ta\n")
    >>> list(cd.read_table(path).columns)
    ['x', 'y']
    """
    if "delimiter" not in kwargs:
        kwargs.setdefault("sep", "\t")
    return read_csv(urlpath, *args, **kwargs)


def read_parquet(
    path: Any,
    columns: Any = None,
    filters: Any = None,
    categories: Any = None,
    index: Any = None,
    storage_options: Any = None,
    dtype_backend: Any = None,
    calculate_divisions: bool = False,
    ignore_metadata_file: bool = False,
    metadata_task_size: Any = None,
    split_row_groups: Any = "infer",
    blocksize: Any = "default",
    aggregate_files: Any = None,
    parquet_file_extension: Any = SUFFIXES,
    filesystem: Any = None,
    engine: Any = None,
    arrow_to_pandas: Any = None,
) -> Any:
    """Returns a DataFrame of the Parquet files, in partitions that are read when they are needed.

    Parameters
    ----------
    path : a file, a folder, a pattern such as "x-*.parquet", or a list of them
    columns : names of those to read; one name gives a Series
    filters : conditions (column, op, value) that all hold, or a list of such lists of which one holds; rows that fail
        are dropped as pandas would: a missing value fails every condition but "!=" and "is"
    index : the column that becomes the index, several in a list, or False; default: as pandas wrote it
    calculate_divisions : look whether the index is sorted, by the statistics in the footers
    split_row_groups : "infer": large files in several partitions, row groups together up to `blocksize`; True: each row
        group is one; a number of them; False: each file is one
    blocksize : see `split_row_groups`; default 16 MiB of encoded data
    parquet_file_extension : which files of a folder are read
    ignore_metadata_file, metadata_task_size : taken for the sake of other code; every file's own footer is read

    Every footer is read when the call is made: the number of rows is exact, and files whose columns differ are refused
    there. Only the columns that are used are read, and row groups whose statistics show that no row passes a filter are
    not. A column of whole numbers that has missing values anywhere is float64 everywhere, as in pandas. Unless there is
    an index, each partition numbers its rows from 0.

    Raises FileNotFoundError, PermissionError, and FrameError for files that are no Parquet or whose columns differ.

    Examples
    --------
    >>> import tempfile, pathlib, pandas as pd, chunkscope.dataframe as cd
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "x.parquet"
    >>> pd.DataFrame({"x": [1, 2, 3], "y": ["a", "b", "a"]}).to_parquet(path)
    >>> df = cd.read_parquet(path, columns=["x"])
    >>> len(df), int(df.x.sum().compute())
    (3, 6)
    """
    refused = {"categories": categories, "dtype_backend": dtype_backend, "arrow_to_pandas": arrow_to_pandas,
               "aggregate_files": aggregate_files, "storage_options": storage_options}  # fmt: skip
    for name, value in refused.items():
        if value:
            raise FrameError(
                f"read_parquet: {name}={value!r} is not supported; leave it out{_INSTEAD.get(name, '')}"
            )
    if engine not in (None, "auto", "pyarrow"):
        raise FrameError(
            f"read_parquet: engine={engine!r} is not there; files are read with pyarrow, leave it out"
        )
    if filesystem not in (None, "fsspec", "arrow", "pyarrow"):
        raise FrameError(f"read_parquet: filesystem={filesystem!r}: files are on this machine; leave it out")
    suffixes = (
        (parquet_file_extension,)
        if isinstance(parquet_file_extension, str)
        else tuple(parquet_file_extension or ("",))
    )
    expr = read_parquet_expr(
        path, columns, filters, index, split_row_groups, blocksize, bool(calculate_divisions), suffixes
    )
    return wrap(projection(expr, expr.columns[0]) if isinstance(columns, str) else expr)


_INSTEAD = {
    "categories": " and use astype('category')",
    "dtype_backend": " and use astype",
    "arrow_to_pandas": " and use map_partitions",
    "aggregate_files": " and use repartition",
    "storage_options": "; files are on this machine",
}
