"""What users compute with tables, beside pandas, Dask, Polars and DuckDB on the same two threads.

Files are in the machine's memory when they are read (what is measured is reading, not the disk), except where they are
larger than it. Each program is the one that a user of its library would write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from tests.benchmarks import files
from tests.benchmarks.case import OURS, Case, Goal, Kind, Variant

WORKERS = 2
YEARS_310MB, YEARS_3GB, YEARS_10GB = 11, 110, 370
DELAYS = {"EWR": 15.108, "JFK": 12.112, "LGA": 10.347}
MOST_FLOWN = ("N725MQ", 575)
MEASURED = ["DepDelay", "ArrDelay", "AirTime", "Distance"]
STATISTICS = {"count": 328_521, "mean": 12.639, "min": -43.0, "max": 1_301.0}
# A sample sees no gap in some columns of whole numbers: what everybody has to say who reads this table by parts.
GAPS = ["DepTime", "ArrTime", "ActualElapsedTime", "CRSElapsedTime", "AirTime", "ArrDelay", "DepDelay"]
FLOATS = dict.fromkeys(GAPS, "float64")

Paths = Sequence[str]
Program = Callable[[Paths], Any]
Check = Callable[[Any, int], None]


# --- the answers ---------------------------------------------------------------------------------------------------


def right_delays(found: Any, years: int) -> None:
    """Mean departure delay by origin; a pandas Series or anything that makes a dict of one."""
    means = {str(origin): round(float(mean), 3) for origin, mean in dict(found).items()}
    assert means == DELAYS, means


def right_counts(found: Any, years: int) -> None:
    """How often each aircraft flew; Dask does not sort them."""
    counts = dict(found)
    most = max(counts, key=counts.__getitem__)
    assert (most, int(counts[most]), len(counts)) == (MOST_FLOWN[0], MOST_FLOWN[1] * years, 4_043), most


def right_description(found: Mapping[str, float], years: int) -> None:
    """Count, mean, least and most of the departure delays."""
    values = {name: round(float(found[name]), 3) for name in STATISTICS}
    assert values == {**STATISTICS, "count": STATISTICS["count"] * years}, values


# --- pandas, and what has its surface ------------------------------------------------------------------------------


def pandas_read(paths: Paths, columns: list[str] | None = None) -> Any:
    import pandas as pd

    if paths[0].endswith(".csv"):
        return pd.concat([pd.read_csv(path, usecols=columns) for path in paths], ignore_index=True)
    return pd.read_parquet(list(paths), columns=columns)


def lazy_read(name: str, paths: Paths) -> Any:
    import importlib

    module = importlib.import_module(f"{name}.dataframe")
    if paths[0].endswith(".csv"):
        return module.read_csv(list(paths), dtype=FLOATS)
    return module.read_parquet(list(paths))


def mean_delays(df: Any) -> Any:
    return df[df["Cancelled"] == 0].groupby("Origin")["DepDelay"].mean()


def tail_numbers(df: Any) -> Any:
    return df["TailNum"].value_counts()


def description(df: Any) -> Any:
    return df[MEASURED].describe()


def departures(table: Any) -> Any:
    return table["DepDelay"].to_dict()


def same(value: Any) -> Any:
    return value


def by_pandas(
    query: Callable[[Any], Any], finish: Callable[[Any], Any], columns: list[str] | None
) -> Program:
    return lambda paths: finish(query(pandas_read(paths, columns)))


def by_lazy(name: str, query: Callable[[Any], Any], finish: Callable[[Any], Any]) -> Program:
    """Ours and Dask: the same lines, and then `compute`."""

    def program(paths: Paths) -> Any:
        lazy = query(lazy_read(name, paths))
        return finish(lazy.compute(scheduler="threads", num_workers=WORKERS))

    return program


# --- Polars and DuckDB ---------------------------------------------------------------------------------------------


def polars_scan(paths: Paths) -> Any:
    import polars as pl

    return (pl.scan_csv if paths[0].endswith(".csv") else pl.scan_parquet)(list(paths))


def polars_delays(paths: Paths) -> Any:
    import polars as pl

    flown = polars_scan(paths).filter(pl.col("Cancelled") == 0)
    return flown.group_by("Origin").agg(pl.col("DepDelay").mean()).collect(engine="streaming").iter_rows()


def polars_counts(paths: Paths) -> Any:
    import polars as pl

    tails = polars_scan(paths).select("TailNum").filter(pl.col("TailNum").is_not_null())
    counts = tails.group_by("TailNum").len().sort("len", descending=True).collect(engine="streaming")
    return dict(counts.iter_rows())


def polars_description(paths: Paths) -> Any:
    table = polars_scan(paths).select(MEASURED).describe()
    return dict(zip(table["statistic"], table["DepDelay"], strict=True))


def duckdb_rows(query: str, paths: Paths, **settings: Any) -> list[Any]:
    import duckdb

    source = f"read_csv({list(paths)})" if paths[0].endswith(".csv") else f"read_parquet({list(paths)})"
    with duckdb.connect(config={"threads": WORKERS, **settings}) as connection:
        return connection.sql(query.format(source=source)).fetchall()


def duckdb_delays(paths: Paths, **settings: Any) -> Any:
    query = "SELECT Origin, avg(DepDelay) FROM {source} WHERE Cancelled = 0 GROUP BY Origin"
    return duckdb_rows(query, paths, **settings)


def duckdb_counts(paths: Paths) -> Any:
    query = "SELECT TailNum, count(*) AS n FROM {source} WHERE TailNum IS NOT NULL GROUP BY TailNum ORDER BY n DESC"
    return dict(duckdb_rows(query, paths))


def duckdb_description(paths: Paths) -> Any:
    statistics = (
        "count({0}), avg({0}), stddev({0}), min({0}), quantile_cont({0}, [0.25, 0.5, 0.75]), max({0})"
    )
    query = f"SELECT {', '.join(statistics.format(column) for column in MEASURED)} FROM {{source}}"
    count, mean, _, least, _, most, *_ = duckdb_rows(query, paths)[0]
    return {"count": count, "mean": mean, "min": least, "max": most}


# --- variants ------------------------------------------------------------------------------------------------------


def _variant(program: Program, check: Check, kind: str, years: int) -> Variant:
    def prepare() -> Callable[[], Any]:
        paths = _paths(kind, years)
        program(_paths(kind, 0))  # imports and threads
        return lambda: check(program(paths), years)

    return prepare


def _paths(kind: str, years: int) -> list[str]:
    return [str(path) for path in ([files.csv(years)] if kind == "csv" else files.parquet(years))]


def _variants(programs: Mapping[str, Program], check: Check, kind: str, years: int) -> dict[str, Variant]:
    return {name: _variant(program, check, kind, years) for name, program in programs.items()}


def _within_a_gigabyte() -> Callable[[], Any]:
    """Ours under a budget; tells the forecast and what the run log measured."""
    import chunkscope

    warm = mean_delays(lazy_read("chunkscope", _paths("csv", 0)))
    warm.compute(scheduler="threads", num_workers=WORKERS)
    paths = _paths("csv", YEARS_10GB)

    def work() -> dict[str, float]:
        lazy = mean_delays(lazy_read("chunkscope", paths))
        options: dict[str, Any] = {"scheduler": "threads", "num_workers": WORKERS, "memory": "1GB"}
        forecast = chunkscope.plan(lazy, **options).peak_bytes
        right_delays(lazy.compute(**options), YEARS_10GB)
        log = chunkscope.last_run()
        assert log is not None
        return {"forecast_bytes": forecast, "measured_bytes": log.peak_bytes}

    return work


GROUP_BY: dict[str, Program] = {
    OURS: by_lazy("chunkscope", mean_delays, same),
    "Dask": by_lazy("dask", mean_delays, same),
    "pandas": by_pandas(mean_delays, same, None),
    "pandas, 3 columns": by_pandas(mean_delays, same, ["Cancelled", "Origin", "DepDelay"]),
    "Polars": polars_delays,
    "DuckDB": duckdb_delays,
}
LARGE = {name: program for name, program in GROUP_BY.items() if name != "pandas"}
"""Without the one that would need 22 GB of memory."""
COUNTS: dict[str, Program] = {
    OURS: by_lazy("chunkscope", tail_numbers, same),
    "Dask": by_lazy("dask", tail_numbers, same),
    "pandas": by_pandas(tail_numbers, same, ["TailNum"]),
    "Polars": polars_counts,
    "DuckDB": duckdb_counts,
}
DESCRIPTION: dict[str, Program] = {
    OURS: by_lazy("chunkscope", description, departures),
    "Dask": by_lazy("dask", description, departures),
    "pandas": by_pandas(description, departures, MEASURED),
    "Polars": polars_description,
    "DuckDB": duckdb_description,
}


def _faster(than: str, times: float) -> Goal:
    return Goal(Kind.FASTER, times, peer=than)


def _within(peer: str, times: float) -> Goal:
    return Goal(Kind.RATIO, times, peer=peer)


def _case(
    name: str,
    about: str,
    programs: Mapping[str, Program],
    check: Check,
    kind: str,
    years: int,
    *goals: Goal,
    slow: bool = False,
) -> Case:
    variants = _variants(programs, check, kind, years)
    repeats = 1 if slow else 3
    return Case(name, about, variants, goals, repeats=repeats, slow=frozenset(variants if slow else ()))


_CSV_GOALS = (_faster("Dask", 5), _within("Polars", 2))
_PARQUET_GOALS = (_faster("Dask", 4), _within("Polars", 3))
_MEAN = "mean delay by airport of flights not cancelled"
FRAMES = (
    _case("csv", f"{_MEAN}, 300 MB of CSV", GROUP_BY, right_delays, "csv", YEARS_310MB, *_CSV_GOALS),
    _case(
        "parquet",
        f"{_MEAN}, the same as Parquet (3.7 M rows)",
        GROUP_BY,
        right_delays,
        "parquet",
        YEARS_310MB,
        *_PARQUET_GOALS,
    ),
    _case(
        "value-counts",
        "value_counts of 3.7 M strings, Parquet",
        COUNTS,
        right_counts,
        "parquet",
        YEARS_310MB,
        _faster("Dask", 4),
    ),
    _case(
        "describe",
        "describe of 4 columns of 3.7 M rows, Parquet",
        DESCRIPTION,
        right_description,
        "parquet",
        YEARS_310MB,
        _faster("Dask", 1),
    ),
    _case("csv-3gb", f"{_MEAN}, 3 GB of CSV", LARGE, right_delays, "csv", YEARS_3GB, *_CSV_GOALS, slow=True),
    _case(
        "parquet-3gb",
        f"{_MEAN}, the same as Parquet (37 M rows)",
        LARGE,
        right_delays,
        "parquet",
        YEARS_3GB,
        *_PARQUET_GOALS,
        slow=True,
    ),
    Case(
        "csv-10gb",
        f"{_MEAN}, 10 GB of CSV; ours and DuckDB within 1 GB",
        {
            OURS: _within_a_gigabyte,
            "Polars": _variant(polars_delays, right_delays, "csv", YEARS_10GB),
            "DuckDB": _variant(partial(duckdb_delays, memory_limit="1GB"), right_delays, "csv", YEARS_10GB),
        },
        (
            Goal(Kind.AT_MOST, 1e9, "MB", figure="peak_bytes"),
            Goal(Kind.AT_MOST, 1e9, "MB", figure="forecast_bytes"),
            Goal(Kind.AT_MOST, 1e9, "MB", figure="measured_bytes"),
        ),
        repeats=1,
        slow=frozenset({OURS, "Polars", "DuckDB"}),
    ),
)
