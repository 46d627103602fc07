"""The flights as Parquet files, one for each month.

The same version of PyArrow writes the same bytes everywhere; another one may write others (its version is part of each
file), so their checksums are those of when they were written, not recorded with the package.
"""

from typing import Any

import numpy as np

from .bundle import MISSING, NROWS, load
from .columns import COLUMNS, YEAR, dates, fate, month_of_row, numbers_of
from .store import Recipe, Writer
from .yearly import about

YEAR_NBYTES = 8_000_000
VERSION = "flights-2013-parquet-1"


def recipe(scale: int, jitter: bool) -> Recipe:
    """Returns names, size and writer of the Parquet files."""
    years = range(YEAR, YEAR + scale)

    def write(writer: Writer) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        order = np.argsort(month_of_row(), kind="stable")
        edges = np.searchsorted(month_of_row()[order], np.arange(1, 14)).tolist()
        table = None
        for year in years:
            if jitter or table is None:
                table = _table(year, jitter, order)
            table = table.set_column(0, "Year", pa.array(np.full(NROWS, year)))
            for m in range(12):
                sink = pa.BufferOutputStream()
                month = table.slice(edges[m], edges[m + 1] - edges[m])
                pq.write_table(month, sink, compression="zstd")
                writer.write(f"{year}-{m + 1:02d}.parquet", memoryview(sink.getvalue()))

    return Recipe(
        title=f"flights, parquet, scale {scale}",
        version=f"{VERSION}-{scale}{'-jitter' if jitter else ''}",
        names=tuple(f"{year}-{month:02d}.parquet" for year in years for month in range(1, 13)),
        nbytes=YEAR_NBYTES * scale,
        write=write,
        about=about(scale, jitter),
    )


def _table(year: int, jitter: bool, order: "np.typing.NDArray[np.int64]") -> Any:
    """Returns all columns as an Arrow table: 64-bit integers and strings, missing values as nulls."""
    import pyarrow as pa

    bundle, numbers = load(), numbers_of(year, jitter)
    day = dates(YEAR)
    day_of_row = numbers["day_of_year"][order]
    derived = {
        "Year": np.full(NROWS, year),
        "Month": np.array([d.month for d in day])[day_of_row],
        "DayofMonth": np.array([d.day for d in day])[day_of_row],
        "DayOfWeek": np.array([d.isoweekday() for d in day])[day_of_row],
        "Distance": np.array([int(name) for name in bundle.names["Distance"]])[bundle.codes["Distance"]][
            order
        ],
        "Cancelled": (fate()[order] == 1).astype(np.int64),
        "Diverted": (fate()[order] == 2).astype(np.int64),
    }

    def column(name: str) -> Any:
        if name in ("TaxiIn", "TaxiOut"):
            return pa.nulls(NROWS, pa.int64())
        if name in derived:
            return pa.array(derived[name], pa.int64())
        if name in numbers:
            values = numbers[name][order].astype(np.int64)
            return pa.array(values, pa.int64(), mask=values == MISSING)
        codes = bundle.codes[name][order].astype(np.int32)
        names = pa.array([text.decode() for text in bundle.names[name]])
        return pa.DictionaryArray.from_arrays(
            pa.array(codes, mask=codes == MISSING), names
        ).dictionary_decode()

    return pa.table({name: column(name) for name in COLUMNS})
