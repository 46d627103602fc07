"""The functions that read: `read_csv`, `read_table`."""

from __future__ import annotations

from typing import Any

from chunkscope.dataframe.io.csv import read_csv_expr
from chunkscope.dataframe.io.csv_sample import Asked
from chunkscope.dataframe.wrapping import wrap
from chunkscope.errors import FrameError

__all__ = ["read_csv", "read_table"]


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
