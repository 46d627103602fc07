"""`read_parquet` gives what pandas reads, from the row groups and columns that are needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chunkscope
import chunkscope.dataframe as cd
from chunkscope.dataframe.io.parquet import ReadParquet
from chunkscope.dataframe.predicate import Condition, Predicate
from chunkscope.errors import FrameError
from chunkscope.expr import Refusal

NROWS = 40


def sample() -> pd.DataFrame:
    """Columns of every kind, missing values in some."""
    i = np.arange(NROWS)
    return pd.DataFrame(
        {
            "i": i,
            "small": i.astype("int8"),
            "f": np.where(i % 7 == 0, np.nan, i * 1.5),
            "s": [None if k % 5 == 0 else f"w{k % 3}" for k in i],
            "b": i % 2 == 0,
            "d": pd.date_range("2013-01-01", periods=NROWS, freq="D"),
            "tz": pd.date_range("2013-01-01", periods=NROWS, freq="h", tz="UTC"),
            "I": pd.array([None if k % 3 == 0 else k for k in i], dtype="Int64"),
            "c": pd.Categorical(["x", "y"] * (NROWS // 2)),
            "nb": [None if k == 20 else True for k in i],
        }
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "x.parquet"
    sample().to_parquet(found, row_group_size=10)
    return found


def parts(found: Any) -> list[pd.DataFrame]:
    return list(chunkscope.compute(*found.to_delayed(optimize_graph=False), scheduler="sync"))


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, expected, check_categorical=False, check_index_type=False)


@pytest.mark.parametrize(("split", "rows"), [("infer", [40]), (True, [10] * 4), (3, [30, 10]), (False, [40])])
def test_whole_files_and_row_groups(split: Any, rows: list[int], path: Path) -> None:
    found = cd.read_parquet(path, split_row_groups=split)
    assert found.partition_rows == rows
    assert found.partition_rows_exact
    values = parts(found)
    assert [len(part) for part in values] == rows
    for part in values:
        assert list(part.index) == list(range(len(part)))
        assert list(part.dtypes.drop("c")) == list(found.dtypes.drop("c"))
    same(pd.concat(values, ignore_index=True), pd.read_parquet(path))


def test_row_groups_together_up_to_a_size(path: Path) -> None:
    sizes = [pq.read_metadata(path).row_group(i).total_byte_size for i in range(4)]
    assert cd.read_parquet(path, blocksize=2 * max(sizes)).partition_rows == [20, 20]
    assert cd.read_parquet(path, blocksize=1).npartitions == 4


INDEXES: dict[str, Any] = {
    "range": lambda df: df,
    "named range": lambda df: df.set_index(pd.RangeIndex(0, 2 * NROWS, 2, name="r")),
    "range backwards": lambda df: df.set_index(pd.RangeIndex(NROWS, 0, -1)),
    "column": lambda df: df.set_index("s"),
    "numbers without a name": lambda df: df.set_index(pd.Index(np.arange(NROWS) ** 2)),
    "dates": lambda df: df.set_index("d"),
    "two levels": lambda df: df.set_index(["i", "s"]),
}


@pytest.mark.parametrize("kind", INDEXES)
def test_the_index_is_as_pandas_wrote_it(kind: str, tmp_path: Path) -> None:
    frame = INDEXES[kind](sample())
    frame.to_parquet(tmp_path / "x.parquet", row_group_size=15)
    found = cd.read_parquet(tmp_path / "x.parquet", split_row_groups=True)
    assert found.npartitions == 3
    value = pd.concat(parts(found))
    if kind == "range":
        value = value.reset_index(drop=True)
    same(value, pd.read_parquet(tmp_path / "x.parquet"))
    assert value.index.names == found._meta.index.names


def test_an_index_by_argument(path: Path) -> None:
    expected = pd.read_parquet(path)
    same(cd.read_parquet(path, index="i").compute(scheduler="sync"), expected.set_index("i"))
    same(cd.read_parquet(path, index=["i", "s"]).compute(scheduler="sync"), expected.set_index(["i", "s"]))
    expected.set_index("d").to_parquet(path)
    same(cd.read_parquet(path, index=False)[list(expected)].compute(scheduler="sync"), expected)


def test_divisions_from_statistics(path: Path) -> None:
    found = cd.read_parquet(path, index="i", calculate_divisions=True, split_row_groups=True)
    assert found.divisions == (0, 10, 20, 30, 39)
    assert not cd.read_parquet(path, index="i", split_row_groups=True).known_divisions
    assert not cd.read_parquet(
        path, index="s", calculate_divisions=True, split_row_groups=True
    ).known_divisions


def test_one_column_is_a_series(path: Path) -> None:
    found = cd.read_parquet(path, columns="f").compute(scheduler="sync")
    pd.testing.assert_series_equal(found, pd.read_parquet(path).f)
    assert list(cd.read_parquet(path, columns=["s", "i"]).columns) == ["s", "i"]


def test_only_the_columns_that_are_used_are_read(path: Path) -> None:
    found = cd.read_parquet(path)
    whole, one = found.plan().read_bytes, found.i.sum().plan().read_bytes
    assert 0 < one < whole / 4
    columns = [pq.read_metadata(path).row_group(g).column(0) for g in range(4)]
    assert one == sum(column.total_compressed_size for column in columns)


def test_rows_are_counted_without_data(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = cd.read_parquet(path)

    def never(*args: Any, **options: Any) -> None:
        raise AssertionError("data was read")

    monkeypatch.setattr(pq, "ParquetFile", never)
    assert len(found) == NROWS


def test_whole_numbers_with_missing_values_somewhere(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1, 2], "y": [True, False]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [3, None], "y": [None, True]}), tmp_path / "b.parquet")
    found = cd.read_parquet(tmp_path)
    assert found.dtypes.astype(str).tolist() == ["float64", "object"]
    for part in parts(found):
        assert part.dtypes.astype(str).tolist() == ["float64", "object"]
    same(pd.concat(parts(found), ignore_index=True), pd.read_parquet(tmp_path))
    assert cd.read_parquet(tmp_path / "a.parquet").dtypes.astype(str).tolist() == ["int64", "bool"]


CONDITIONS = [
    ("i", "<", 15),
    ("i", "==", 33),
    ("i", "in", (1, 39)),
    ("i", ">=", 100),
    ("s", "==", "w1"),
    ("s", "!=", "w1"),
    ("f", ">", 50.0),
    ("f", "!=", 3.0),
    ("f", "isnull", None),
    ("f", "notnull", None),
    ("d", ">", pd.Timestamp("2013-02-01")),
    ("d", "<=", "2013-01-05"),
    ("tz", "<", pd.Timestamp("2013-01-01T05", tz="UTC")),
    ("I", ">=", 36),
    ("b", "==", True),
    ("c", "==", "x"),
    ("nb", "isnull", None),
    ("s", "in", ("w0", "w2")),
]


def kept(frame: pd.DataFrame, column: str, op: str, value: Any) -> pd.DataFrame:
    """The rows that pandas keeps."""
    x = frame[column]
    match op:
        case "isnull":
            mask = x.isna()
        case "notnull":
            mask = x.notna()
        case "in":
            mask = x.isin(value)
        case "not in":
            mask = ~x.isin(value)
        case _:
            name = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}[op]
            mask = getattr(x, name)(value)
    return frame[mask.fillna(op == "!=").astype(bool)]


@pytest.mark.parametrize(("column", "op", "value"), CONDITIONS)
def test_filters_keep_what_pandas_keeps(column: str, op: str, value: Any, path: Path) -> None:
    asked = (column, {"isnull": "is", "notnull": "is not"}.get(op, op), value)
    found = cd.read_parquet(path, filters=[asked], split_row_groups=True).compute(scheduler="sync")
    same(found.reset_index(drop=True), kept(pd.read_parquet(path), column, op, value).reset_index(drop=True))


def test_filters_with_and_and_or(path: Path) -> None:
    whole = pd.read_parquet(path)
    found = cd.read_parquet(
        path, filters=[[("i", "<", 5), ("b", "==", True)], [("i", ">", 37)]], columns=["f"]
    )
    same(found.compute(scheduler="sync"), whole[((whole.i < 5) & whole.b) | (whole.i > 37)][["f"]])
    assert len(cd.read_parquet(path, filters=[("i", "not in", [1, 2])])) == NROWS - 2


@pytest.mark.parametrize(("column", "op", "value"), CONDITIONS)
def test_row_groups_are_left_out_only_where_no_row_passes(
    column: str, op: str, value: Any, path: Path
) -> None:
    whole = cd.read_parquet(path, split_row_groups=3)._expr
    less = whole.filtered(Predicate((Condition(column, op, value),)))
    if isinstance(less, Refusal):
        assert "every row group may hold rows" in less.reason
        return
    assert isinstance(less, ReadParquet)
    assert less.layer_read_bytes() < whole.layer_read_bytes()
    assert less.npartitions == whole.npartitions
    for block in range(2):
        before, after = (kept(x.step()(block), column, op, value) for x in (whole, less))
        same(after, before)
        assert list(after.index) == list(before.index)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.one_of(st.none(), st.integers(-3, 3)), min_size=1, max_size=20),
    size=st.integers(1, 6),
    op=st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "isnull", "notnull", "in"]),
    value=st.one_of(st.integers(-4, 4), st.sampled_from([0.5, float("nan")])),
    kind=st.sampled_from(["Int64", "float64"]),
)
def test_statistics_never_hide_a_row(
    tmp_path: Path, values: list[Any], size: int, op: str, value: Any, kind: str
) -> None:
    frame = pd.DataFrame({"x": pd.array(values, dtype="Int64")})
    frame = frame if kind == "Int64" else frame.astype(kind)
    target = tmp_path / "x.parquet"
    pq.write_table(pa.Table.from_pandas(frame), target, row_group_size=size)
    sought = (value, 0) if op == "in" else value
    lazy = cd.read_parquet(target, split_row_groups=2)
    less = lazy._expr.filtered(Predicate((Condition("x", op, sought),)))
    if isinstance(less, Refusal):
        return
    for block in range(lazy.npartitions):
        same(kept(less.step()(block), "x", op, sought), kept(lazy._expr.step()(block), "x", op, sought))


def test_the_filter_of_the_user_reaches_the_reader(path: Path) -> None:
    found = cd.read_parquet(path, split_row_groups=True)
    lazy = found[found.i < 5]
    assert lazy.plan().read_bytes < found.plan().read_bytes / 2
    same(lazy.compute(scheduler="sync"), pd.read_parquet(path).iloc[:5])


def test_the_first_rows_read_one_row_group(path: Path) -> None:
    found = cd.read_parquet(path)
    same(found.head(3), pd.read_parquet(path).head(3))
    less = found._expr.head_of(3)
    assert isinstance(less, ReadParquet)
    assert less.pieces[0].groups == (0,)


def test_folders_and_patterns(tmp_path: Path) -> None:
    for i in (10, 9):
        pd.DataFrame({"x": [i]}).to_parquet(tmp_path / f"p{i}.parquet")
    (tmp_path / "_metadata").write_text("")
    (tmp_path / ".p.parquet.part").write_text("")
    for where in (tmp_path, tmp_path / "*.parquet", [tmp_path / "p9.parquet", tmp_path / "p10.parquet"]):
        assert cd.read_parquet(where).x.compute(scheduler="sync").tolist() == [9, 10]


def test_labels_that_are_numbers(tmp_path: Path) -> None:
    table = pa.table({"0": [1, 2]})
    pq.write_table(table, tmp_path / "x.parquet")
    assert list(cd.read_parquet(tmp_path / "x.parquet").columns) == ["0"]


def test_files_of_different_schemas(tmp_path: Path) -> None:
    sample().to_parquet(tmp_path / "a.parquet")
    sample().drop(columns="s").assign(i=1.5, z=1).to_parquet(tmp_path / "b.parquet")
    words = r"b.parquet has another schema than .*: it lacks s and has z besides and has i as double and not int64"
    with pytest.raises(FrameError, match=words):
        cd.read_parquet(tmp_path)


def test_a_file_where_all_is_missing_fits(tmp_path: Path) -> None:
    pd.DataFrame({"x": [None, None], "y": ["a", "b"]}).to_parquet(tmp_path / "a.parquet")
    pd.DataFrame({"x": ["p", "q"], "y": ["a", "b"]}).to_parquet(tmp_path / "b.parquet")
    found = cd.read_parquet(tmp_path).compute(scheduler="sync")
    assert found.x.isna().tolist() == [True, True, False, False]
    assert found.x.dtype == "str"


def test_what_is_no_parquet(tmp_path: Path) -> None:
    target = tmp_path / "x.parquet"
    target.write_bytes(b"hello world" * 10)
    with pytest.raises(
        FrameError, match=r"x\.parquet is not a whole Parquet file \(.*\); leave it out, or write it again"
    ):
        cd.read_parquet(target)
    target.write_bytes(b"")
    with pytest.raises(FrameError, match=r"x\.parquet is empty; leave it out"):
        cd.read_parquet(target)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        cd.read_parquet(tmp_path / "y.parquet")
    target.unlink()
    with pytest.raises(FileNotFoundError, match="holds no file that ends with"):
        cd.read_parquet(tmp_path)


def test_a_file_that_vanishes_or_is_cut_off(path: Path) -> None:
    found = cd.read_parquet(path)
    data = path.read_bytes()
    path.write_bytes(data[:500])
    with pytest.raises(FrameError, match="may have changed since the frame was made"):
        found.compute(scheduler="sync")
    path.unlink()
    with pytest.raises(FileNotFoundError, match="is gone: it was there when the frame was made"):
        found.compute(scheduler="sync")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"columns": ["i", "nope"]}, r"columns= names \['nope'\], which the files do not have"),
        ({"index": "nope"}, r"index= names \['nope'\]"),
        ({"filters": [("nope", "<", 1)]}, "filters= names 'nope'"),
        ({"filters": [("i", "~", 1)]}, "filters= has the operator '~'; use one of =="),
        ({"filters": [("i", 1)]}, "a condition is"),
        ({"split_row_groups": "some"}, "split_row_groups='some' is not known"),
        ({"split_row_groups": 0}, "split_row_groups=0 is not known"),
        ({"engine": "fastparquet"}, "engine='fastparquet' is not there"),
        ({"dtype_backend": "pyarrow"}, "use astype"),
        ({"aggregate_files": True}, "use repartition"),
    ],
)
def test_arguments_that_cannot_be(options: dict[str, Any], words: str, path: Path) -> None:
    with pytest.raises(FrameError, match=words):
        cd.read_parquet(path, **options)


def test_nullable_dtypes_keep_dtype_and_every_digit(tmp_path: Path) -> None:
    big = 2**53 + 1  # no float64 has it
    frame = pd.DataFrame(
        {
            "I": pd.array([big, None, 3], dtype="Int64"),
            "U": pd.array([2**64 - 1, None, 3], dtype="UInt64"),
            "B": pd.array([True, None, False], dtype="boolean"),
            "a": pd.array([big, None, 3], dtype="int64[pyarrow]"),
            "5": pd.array([None, None, True], dtype="bool[pyarrow]"),
        }
    )
    frame.to_parquet(tmp_path / "x.parquet")
    x = cd.read_parquet(tmp_path / "x.parquet")
    pd.testing.assert_frame_equal(x.compute(), pd.read_parquet(tmp_path / "x.parquet"))
    pd.testing.assert_series_equal(x.dtypes, frame.dtypes.set_axis(x.columns))
    frame.set_index("I")[["B"]].to_parquet(tmp_path / "y.parquet")
    y = cd.read_parquet(tmp_path / "y.parquet").compute()
    assert y.index.tolist()[::2] == [big, 3]
