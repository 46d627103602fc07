"""Dtypes told by the sample, or given, are held in every partition; the error table says where they do not."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chunkscope.dataframe as cd
from chunkscope.errors import Mismatch, SchemaError


def failing(found: Any) -> SchemaError:
    """The error of computing it."""
    with pytest.raises(SchemaError) as caught:
        found.compute(scheduler="sync")
    return caught.value


def files(folder: Path, *texts: str) -> list[Path]:
    paths = [folder / f"x{i}.csv" for i in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


def test_all_columns_that_differ_are_in_the_table(tmp_path: Path) -> None:
    paths = files(tmp_path, "a,b,c,d\n1,2,,x\n3,4,,y\n", "a,b,c,d\n5,6,t,z\n,7.5,8,w\n")
    error = failing(cd.read_csv(paths))
    assert error.table == (
        Mismatch("a", "float64", "int64", "x1.csv", 3, "missing"),
        Mismatch("b", "float64", "int64", "x1.csv", 3, "'7.5'"),
        Mismatch("c", "str", "float64", "x1.csv", 2, "'t'"),
    )
    assert error.dtype_hint == "dtype={'a': 'float64', 'b': 'float64', 'c': 'str'}"
    text = str(error)
    assert "x1.csv: 3 columns do not hold the dtype that the sample of x0.csv showed" in text
    assert error.dtype_hint in text
    assert "assume_missing" not in text
    options = eval(f"dict({error.dtype_hint})")
    pd.testing.assert_frame_equal(
        cd.read_csv(paths, **options).compute(scheduler="sync"),
        pd.concat([pd.read_csv(path, **options) for path in paths]),
    )


def test_assume_missing_is_offered_where_it_is_enough(tmp_path: Path) -> None:
    paths = files(tmp_path, "a,b\n1,2\n", "a,b\n,2\n")
    error = failing(cd.read_csv(paths))
    assert "assume_missing=True" in str(error)
    assert cd.read_csv(paths, assume_missing=True).a.sum().compute(scheduler="sync") == 1
    assert "assume_missing" not in str(failing(cd.read_csv(paths, dtype={"a": "int64"})))


def test_columns_that_nobody_reads_are_not_in_the_table(tmp_path: Path) -> None:
    paths = files(tmp_path, "a,b\n1,2\n", "a,b\n,x\n")
    error = failing(cd.read_csv(paths).b.max())
    assert [row.column for row in error.table] == ["b"]


def test_counting_reads_all_columns_that_the_sample_told(tmp_path: Path) -> None:
    paths = files(tmp_path, "a,b\n1,2\n", "a,b\n1,x\n")
    with pytest.raises(SchemaError):
        len(cd.read_csv(paths))
    assert len(cd.read_csv(paths, dtype={"a": "int64", "b": "str"})) == 2


def test_the_error_can_be_pickled(tmp_path: Path) -> None:
    error = failing(cd.read_csv(files(tmp_path, "a,b\n1,2\n", "a,b\n,2\n")))
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.table, again.dtype_hint) == (str(error), error.table, error.dtype_hint)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    good=st.integers(1, 12),
    after=st.integers(0, 6),
    blanks=st.sets(st.integers(0, 10)),
    quoted=st.sets(st.integers(0, 10)),
    blocksize=st.one_of(st.none(), st.integers(5, 80)),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_the_line_is_as_an_editor_counts(
    tmp_path: Path, good: int, after: int, blanks: set[int], quoted: set[int], blocksize: int | None, end: str
) -> None:
    lines = ["a,b"]
    for number in range(good):
        lines += [""] * (number in blanks)
        lines.append(f'{number},"p{end}q"' if number in quoted else f"{number},w")
    first = end.join(lines) + end
    text = first + f"oops,w{end}" + f"1,w{end}" * after
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    found = cd.read_csv(path, blocksize=blocksize, dtype={"a": "int64", "b": "str"})
    (row,) = failing(found).table
    assert row == Mismatch("a", "str", "int64", "x.csv", first.count("\n") + 1, "'oops'")


@pytest.mark.parametrize(
    ("dtype", "good", "bad", "found"),
    [
        ("int64", "1", "1.5", "float64"),
        ("int64", "1", "0x1F", "str"),
        ("int64", "1", "9223372036854775808", "uint64"),
        ("int8", "1", "300", "int64"),
        ("uint8", "1", "-1", "int64"),
        ("float64", "1", "NAN", "str"),
        ("float64", "1", "x", "str"),
        ("float32", "1", "x", "str"),
        ("bool", "True", "", "object"),
        ("bool", "True", "1", "str"),
        ("Int64", "1", "x", "str"),
        ("Int64", "1", "1.5", "float64"),
        ("Float64", "1", "x", "str"),
        ("boolean", "True", "x", "str"),
        ("datetime64[ns]", "2013-01-01", "x", "str"),
        (pd.CategoricalDtype(["p", "q"]), "p", "r", "str"),
        ("int64[pyarrow]", "1", "x", "str"),
    ],
)
def test_dtypes_that_are_given_are_held(dtype: Any, good: str, bad: str, found: str, tmp_path: Path) -> None:
    paths = files(tmp_path, f"a,b\n{good},1\n{good},2\n", f"a,b\n{good},1\n{good},2\n{bad},3\n")
    assert len(cd.read_csv(paths[0], dtype={"a": dtype}).compute(scheduler="sync")) == 2
    (row,) = failing(cd.read_csv(paths, dtype={"a": dtype})).table
    assert (row.column, row.found, row.file, row.line) == ("a", found, "x1.csv", 4)
    assert row.value == (repr(bad) if bad else "missing")


@pytest.mark.parametrize("before", ["", "w" * 30, "w" * 31, "w" * 32, "w" * 33])
@pytest.mark.parametrize("value", ["0x1F", "0X1f", "-0x1"])
def test_numbers_to_the_base_of_sixteen_are_text(
    before: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chunkscope.dataframe.io.csv_text.TILE", 36)
    paths = files(tmp_path, "a,b\n1,N90XJ\n", f"a,b\n1,{before}\n{value},0\n")
    assert failing(cd.read_csv(paths)).table == (Mismatch("a", "str", "int64", "x1.csv", 3, repr(value)),)
    with open(paths[1], "a") as stream:
        stream.write("x0,0x\n" * 3)
    assert cd.read_csv(paths).b.compute(scheduler="sync").iloc[-1] == "0x"


@pytest.mark.parametrize(
    ("sample", "later"),
    [("1.5", "2"), ("x", "2"), ("x", ""), ("1.5", ""), ("", "3"), ("x", "True"), ("", "")],
)
def test_what_fits_without_loss_is_no_error(sample: str, later: str, tmp_path: Path) -> None:
    paths = files(tmp_path, f"a,b\n{sample},1\n", f"a,b\n{later},1\n")
    found = cd.read_csv(paths)
    value = found.compute(scheduler="sync")
    assert value.a.dtype == found.a.dtype == pd.read_csv(paths[0]).a.dtype
    expected = pd.read_csv(paths[1], dtype={"a": found.a.dtype}).a
    pd.testing.assert_series_equal(value.a.iloc[1:].reset_index(drop=True), expected)


def test_a_short_line_says_so(tmp_path: Path) -> None:
    paths = files(tmp_path, "a,b\n1,2\n", "a,b\n1,2\n3\n")
    (row,) = failing(cd.read_csv(paths)).table
    assert (row.column, row.line, row.value) == ("b", 3, "missing: the line ends after 1 field")


def test_the_value_is_one_that_makes_the_dtype(tmp_path: Path) -> None:
    paths = files(tmp_path, "a,b\n1,True\n", "a,b\n,\n1.5,True\nx,7\n")
    rows = failing(cd.read_csv(paths)).table
    assert [(row.found, row.line, row.value) for row in rows] == [("str", 4, "'x'"), ("str", 4, "'7'")]


def test_dates_that_are_none(tmp_path: Path) -> None:
    paths = files(tmp_path, "a,b\n2013-01-01,2\n", "a,b\n2013-01-02,2\nsoon,1\n")
    error = failing(cd.read_csv(paths, parse_dates=["a"]))
    assert (error.table[0].line, error.table[0].value) == (3, "'soon'")
    assert "parse_dates" in str(error)


def test_the_sample_may_be_contradicted_by_its_own_partition(tmp_path: Path) -> None:
    (path,) = files(tmp_path, "a,b\n" + "1,2\n" * 100 + ",2\n")
    assert cd.read_csv(path, sample=40).head().shape == (5, 2)
    (row,) = failing(cd.read_csv(path, sample=40)).table
    assert row.line == 102
    assert cd.read_csv(path).a.dtype == "float64"


def test_the_dtypes_are_those_of_pandas(tmp_path: Path) -> None:
    text = "i,f,s,b,e,m,d\n1,1.5,x,True,,1,2013-01-01\n2,,,False,,,2013-01-02\n"
    (path,) = files(tmp_path, text)
    expected = pd.read_csv(io.StringIO(text)).dtypes
    pd.testing.assert_series_equal(cd.read_csv(path).dtypes, expected)
    assert expected.astype(str).tolist() == ["int64", "float64", "str", "bool", "float64", "float64", "str"]


def test_a_header_alone_tells_nothing_so_the_next_file_does(tmp_path: Path) -> None:
    paths = files(tmp_path, "a,b\n", "a,b\n1,x\n")
    found = cd.read_csv(paths)
    assert found.dtypes.astype(str).tolist() == ["int64", "str"]
    assert found.compute(scheduler="sync").values.tolist() == [[1, "x"]]
