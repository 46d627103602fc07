"""Tables in partitions with pandas' names: `import chunkscope.dataframe as cd`.

Everything is imported when it is first used, pandas included.

>>> import pandas as pd
>>> import chunkscope.dataframe as cd
>>> x = cd.from_pandas(pd.DataFrame({"a": [1, 2, 3, 4]}), npartitions=2)
>>> x.a.sum().compute()
np.int64(10)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chunkscope.dataframe.collection import DataFrame, Index, Scalar, Series
    from chunkscope.dataframe.functions import (
        concat,
        from_delayed,
        from_dict,
        from_map,
        from_pandas,
        get_dummies,
        isna,
        map_overlap,
        map_partitions,
        merge,
        repartition,
        to_datetime,
        to_numeric,
        to_timedelta,
    )
    from chunkscope.dataframe.io.reading import read_csv, read_parquet, read_table
    from chunkscope.dataframe.io.writing import to_csv, to_parquet

_HOME = {
    **dict.fromkeys(("DataFrame", "Index", "Scalar", "Series"), "chunkscope.dataframe.collection"),
    **dict.fromkeys(
        (
            "concat",
            "from_delayed",
            "from_dict",
            "from_map",
            "from_pandas",
            "get_dummies",
            "isna",
            "map_overlap",
            "map_partitions",
            "merge",
            "repartition",
            "to_datetime",
            "to_numeric",
            "to_timedelta",
        ),
        "chunkscope.dataframe.functions",
    ),
    **dict.fromkeys(("read_csv", "read_parquet", "read_table"), "chunkscope.dataframe.io.reading"),
    **dict.fromkeys(("to_csv", "to_parquet"), "chunkscope.dataframe.io.writing"),
}

__all__ = [
    "DataFrame",
    "Index",
    "Scalar",
    "Series",
    "concat",
    "from_delayed",
    "from_dict",
    "from_map",
    "from_pandas",
    "get_dummies",
    "isna",
    "map_overlap",
    "map_partitions",
    "merge",
    "read_csv",
    "read_parquet",
    "read_table",
    "repartition",
    "to_csv",
    "to_datetime",
    "to_numeric",
    "to_parquet",
    "to_timedelta",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(
            f"module 'chunkscope.dataframe' has no attribute {name!r}; pandas' own may be used on x.compute(), "
            "or partition by partition with x.map_partitions"
        )
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
