"""The methods of frames and series that write files."""

from __future__ import annotations

from typing import Any

__all__ = ["FrameWriting", "Writing"]


class Writing:
    """`to_csv` and `to_parquet` as methods; see the functions of the same names."""

    __slots__ = ()

    def to_csv(self, filename: Any, **kwargs: Any) -> Any:
        """Write each partition to a CSV file, and return the paths; see `chunkscope.dataframe.to_csv`."""
        from chunkscope.dataframe.io.writing import to_csv

        return to_csv(self, filename, **kwargs)


class FrameWriting(Writing):
    """And those that need columns."""

    __slots__ = ()

    def to_parquet(self, path: Any, **kwargs: Any) -> Any:
        """Write each partition to a Parquet file in a folder; see `chunkscope.dataframe.to_parquet`."""
        from chunkscope.dataframe.io.writing import to_parquet

        return to_parquet(self, path, **kwargs)
