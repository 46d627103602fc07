"""`read_csv` gives what `pandas.read_csv` gives of the whole text, wherever the file is cut."""

from __future__ import annotations

import gzip
import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chunkscope
import chunkscope.dataframe as cd
from chunkscope.errors import FrameError

CASES: dict[str, bytes] = {
    "plain": b"a,b,c\n1,x,1.5\n2,y,2.5\n3,,3.5\n",
    "no final line end": b"a,b,c\n1,x,1.5\n2,y,2.5",
    "line ends of two bytes": b"a,b,c\r\n1,x,1.5\r\n2,y,2.5\r\n",
    "line ends of old": b"a,b,c\r1,x,1.5\r2,y,2.5\r",
    "byte order mark": b"\xef\xbb\xbfa,b,c\n1,x,1.5\n2,y,2.5\n",
    "blank lines": b"\n\na,b,c\n\n1,x,1.5\n\n\n2,y,2.5\n   \n\n3,z,1\n\n",
    "quotes": b'a,b,c\n1,"x, y",1.5\n2,"y\nz",2.5\n3,"""q""\n\n",3.5\n4,"",1\n"5",5" pipe,2\n',
    "quotes, line ends of two bytes": b'a,b,c\r\n1,"x\r\ny",1.5\r\n2,"\r\n",2.5\r\n',
    "quotes in the header": b'"a\nb","b""",c\n1,"x",1.5\n2,y,2.5\n',
    "quotes that are text": b'a,b,c\n1,5" x,1\n2,"y",2\n3,a"b"c,3\n4,"x"y"z,4\n',
    "header only": b"a,b,c\n",
    "header only, no line end": b"a,b,c",
    "too few fields": b"a,b,c\n1,x\n2,y,2.5\n3\n",
    "a line longer than a block": b"a,b,c\n1," + b"x" * 90 + b",1.5\n2,y,2.5\n",
    "letters of several bytes": "a,ü,c\n1,é,1.5\n2,ñ€,2.5\n".encode(),
    "one column": b"a\n1\n\n2\n \n3\n",
    "names twice": b"a,a,\n1,2,3\n",
    "numbers in many spellings": b"a,b\n+1, 1.5 \n 2,1e3\n-0,-inf\n007,.5\n",
    "dates, booleans": b"a,b,c\n2013-01-01,True,1\n2013-01-02,False,2\n",
    "missing in many spellings": b"a,b\n1.5,x\nNA,NA\nnull,N/A\n,None\n-nan,y\n",
}


def written(folder: Path, text: bytes, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_bytes(text)
    return path


def partitions(found: Any) -> list[pd.DataFrame]:
    """The value of each partition."""
    return list(chunkscope.compute(*found.to_delayed(optimize_graph=False), scheduler="sync"))


def check(found: Any, expected: pd.DataFrame) -> None:
    """Values, dtypes, columns and order of a lazy frame, and that each partition counts its rows from 0."""
    if len(expected):
        assert list(found.dtypes) == list(expected.dtypes)
    parts = partitions(found)
    for part in parts:
        assert list(part.index) == list(range(len(part)))
        assert list(part.columns) == list(expected.columns)
    filled = [part for part in parts if len(part)] or parts[:1]
    pd.testing.assert_frame_equal(pd.concat(filled, ignore_index=True), expected, check_index_type=False)


@pytest.mark.parametrize("name", CASES)
def test_every_way_to_cut(name: str, tmp_path: Path) -> None:
    text = CASES[name]
    path = written(tmp_path, text)
    expected = pd.read_csv(io.BytesIO(text))
    sizes = {*range(1, 12), *range(12, len(text), 5), len(text), len(text) + 1}
    for blocksize in (None, *sorted(sizes)):
        found = cd.read_csv(path, blocksize=blocksize)
        assert found.npartitions == (1 if blocksize is None else max(1, len(text) // blocksize))
        check(found, expected)


def random_text(seed: int) -> bytes:
    """Some records of random fields: quotes, commas and line ends in quotes, missing values, blank lines."""
    draw = random.Random(seed)
    end = draw.choice(["\n", "\r\n"])
    words = ["x", "", "NA", "é", '"a,b"', f'"c{end}d"', '""', '"e""f"', "5 g", f'"{end}"', "7"]
    lines = ["i,f,s,t"]
    for number in range(draw.randrange(8)):
        lines.append(f"{number},{draw.choice(['', '1.5', '2'])},{draw.choice(words)},{draw.choice(words)}")
        lines += [""] * draw.choice([0, 0, 0, 1])
    return (end.join(lines) + draw.choice(["", end])).encode()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), blocksize=st.one_of(st.none(), st.integers(1, 60)))
def test_random_text(tmp_path: Path, seed: int, blocksize: int | None) -> None:
    text = random_text(seed)
    path = written(tmp_path, text, f"{seed}-{blocksize}.csv")
    expected = pd.read_csv(io.BytesIO(text), dtype={"f": "float64", "s": "str", "t": "str"})
    found = cd.read_csv(path, blocksize=blocksize, dtype={"f": "float64", "s": "str", "t": "str"})
    check(found, expected)


OPTIONS: list[dict[str, Any]] = [
    {"sep": ";"},
    {"header": None},
    {"header": None, "names": ["p", "q", "r"]},
    {"header": 0, "names": ["p", "q", "r"]},
    {"header": 1},
    {"skiprows": 1},
    {"skiprows": 1, "header": None},
    {"usecols": ["c", "a"]},
    {"usecols": [2, 0]},
    {"usecols": lambda name: name != "b"},
    {"na_values": ["x", "2"]},
    {"na_values": "x", "keep_default_na": False},
    {"na_values": {"b": ["x"]}},
    {"na_filter": False},
    {"dtype": {"a": "float32", "b": "category", "c": "Int64"}},
    {"dtype": {"a": "int8", "b": "string", "c": "int64[pyarrow]"}},
    {"dtype": str},
    {"dtype": {"b": pd.CategoricalDtype(["x", "y", "z"], ordered=True)}},
    {"converters": {"b": str.upper}},
    {"comment": "#"},
    {"thousands": "_"},
    {"skipinitialspace": True},
    {"true_values": ["x"], "false_values": ["y"]},
    {"quoting": 3},
    {"quotechar": "'"},
    {"escapechar": "\\"},
    {"skip_blank_lines": False, "dtype": "object"},
    {"on_bad_lines": "skip"},
    {"encoding": "latin-1"},
]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: ",".join(map(str, options)))
@pytest.mark.parametrize("blocksize", [None, 7])
def test_keywords_mean_what_they_mean_to_pandas(
    options: dict[str, Any], blocksize: int | None, tmp_path: Path
) -> None:
    text = b"a,b,c\n1,x,3\n2,y,4\n\n1,x,5\n"
    if options.get("sep") == ";":
        text = text.replace(b",", b";")
    whole = {"comment", "escapechar"} & set(options)
    found = cd.read_csv(written(tmp_path, text), blocksize=None if whole else blocksize, **options)
    check_values(found, pd.read_csv(io.BytesIO(text), **options))


def check_values(found: Any, expected: pd.DataFrame) -> None:
    """As `check`, for dtypes that partitions may differ in: the categories that are there."""
    parts = partitions(found)
    filled = [part for part in parts if len(part)] or parts[:1]
    for name, dtype in expected.dtypes.items():
        if isinstance(dtype, pd.CategoricalDtype):
            assert all(isinstance(part[name].dtype, pd.CategoricalDtype) for part in parts)
            filled = [part.assign(**{str(name): part[name].astype(dtype)}) for part in filled]
    pd.testing.assert_frame_equal(pd.concat(filled, ignore_index=True), expected, check_index_type=False)


@pytest.mark.parametrize("blocksize", [None, 20])
@pytest.mark.parametrize(
    "options",
    [{"parse_dates": ["d"]}, {"parse_dates": [1]}, {"parse_dates": ["d"], "date_format": "%d.%m.%Y"}],
)
def test_dates(options: dict[str, Any], blocksize: int | None, tmp_path: Path) -> None:
    days = ["2013-01-01", "2013-02-03", "", "2013-12-31"] * 3
    if "date_format" in options:
        days = [".".join(reversed(day.split("-"))) for day in days]
    text = "x,d\n" + "".join(f"{i},{day}\n" for i, day in enumerate(days))
    found = cd.read_csv(written(tmp_path, text.encode()), blocksize=blocksize, **options)
    check(found, pd.read_csv(io.StringIO(text), **options))


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-8-sig"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    text = "ä,ö\n1,ü\n2,é\n"
    path = written(tmp_path, text.encode(encoding))
    check(cd.read_csv(path, encoding=encoding), pd.read_csv(path, encoding=encoding))


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zip", "zst"])
def test_compressed_files_are_read_whole(suffix: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": range(100), "y": list("abcde") * 20})
    path = tmp_path / f"x.csv.{suffix}"
    if suffix == "zst":
        import pyarrow as pa

        with pa.CompressedOutputStream(str(path), "zstd") as stream:
            stream.write(frame.to_csv(index=False).encode())
    else:
        frame.to_csv(path, index=False)
    found = cd.read_csv(path)
    assert found.npartitions == 1
    check(found, frame)
    with pytest.raises(FrameError, match="compressed"):
        cd.read_csv(path, blocksize=10)


def test_compression_by_argument(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(b"a,b\n1,2\n"), "x.data")
    check(cd.read_csv(path, compression="gzip"), pd.DataFrame({"a": [1], "b": [2]}))


def test_files_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for i in (10, 9, 1):
        written(tmp_path, f"x,y\n{i},a\n".encode(), f"x{i}.csv")
    found = cd.read_csv(str(tmp_path / "*.csv"))
    assert found.x.compute(scheduler="sync").tolist() == [1, 9, 10]
    assert found.partition_places == ["x1.csv", "x9.csv", "x10.csv"]
    given = [tmp_path / "x9.csv", str(tmp_path / "x10.csv")]
    assert cd.read_csv(given).x.compute(scheduler="sync").tolist() == [9, 10]


def test_the_path_as_a_column(tmp_path: Path) -> None:
    paths = [written(tmp_path, f"x\n{i}\n{i}\n".encode(), f"x{i}.csv") for i in range(2)]
    found = cd.read_csv(paths, include_path_column=True)
    value = found.compute(scheduler="sync")
    assert value.path.dtype == pd.CategoricalDtype([str(p) for p in paths])
    assert value.path.tolist() == [str(paths[0])] * 2 + [str(paths[1])] * 2
    assert cd.read_csv(paths, include_path_column="from").columns.tolist() == ["x", "from"]


def test_only_the_columns_that_are_used_are_held_to_their_dtypes(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n1,2\n3,4\n" + b"x,5\n")
    found = cd.read_csv(path, sample=12)
    assert found.b.sum().compute(scheduler="sync") == 11


def test_assume_missing(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b,c\n1,2,x\n3,4,y\n,5,z\n")
    found = cd.read_csv(path, sample=14, assume_missing=True, dtype={"b": "int64"})
    assert found.dtypes.astype(str).tolist() == ["float64", "int64", "str"]
    check(found, pd.read_csv(path))


def test_the_first_rows_are_read_alone(tmp_path: Path) -> None:
    text = "x,y\n" + "".join(f"{i},{'q' * 50}\n" for i in range(5000)) + "late,1\n"
    found = cd.read_csv(written(tmp_path, text.encode()), sample=1000)
    pd.testing.assert_frame_equal(found.head(3), pd.read_csv(io.StringIO(text), nrows=3))


def test_counting_rows_with_all_dtypes_given(tmp_path: Path) -> None:
    path = written(tmp_path, b'a,b\n1,x\n\n2,"y\nz"\n')
    assert len(cd.read_csv(path, dtype={"a": "int64", "b": "str"})) == 2


def test_rows_are_never_more_than_foreseen(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    lines = [
        f"{a},{'w' * b}\n"
        for a, b in zip(draw.integers(0, 9999, 3000), draw.integers(3, 30, 3000), strict=True)
    ]
    found = cd.read_csv(written(tmp_path, ("x,y\n" + "".join(lines)).encode()), blocksize=5000, sample=8000)
    counted = [len(part) for part in partitions(found)]
    assert not found.partition_rows_exact
    assert all(a <= b for a, b in zip(counted, found.partition_rows, strict=True))


def test_the_same_files_have_the_same_token(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n1,2\n")
    one, other = cd.read_csv(path), cd.read_csv(path)
    assert one._expr.token == other._expr.token
    assert one._expr.token != cd.read_csv(path, assume_missing=True)._expr.token


def test_tables_with_tabs(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\tb\n1\tx,y\n")
    check(cd.read_table(path), pd.read_table(path))


def test_a_layer_finds_lines_only_where_there_are_quotes(tmp_path: Path) -> None:
    plain = cd.read_csv(written(tmp_path, b"a,b\n1,2\n3,4\n"), blocksize=6)
    quoted = cd.read_csv(written(tmp_path, b'a,b\n1,"2"\n3,4\n', "q.csv"), blocksize=6)
    assert [layer.op for layer in plain.plan().graph.layers] == ["read_csv"]
    assert [layer.op for layer in quoted.plan().graph.layers] == ["find lines", "read_csv"]
    assert quoted.partitions[1].compute(scheduler="sync").values.tolist() == [[3, 4]]


def test_quotes_below_other_operations(tmp_path: Path) -> None:
    text = "k,v,t\n" + "".join(f'{i % 3},{i},"line {i}\nand, more"\n' for i in range(60))
    expected = pd.read_csv(io.StringIO(text))
    found = cd.read_csv(written(tmp_path, text.encode()), blocksize=100)
    assert found.npartitions > 10
    assert found.v.sum().compute(scheduler="sync") == expected.v.sum()
    total = found[found.v > 10].groupby("k").v.sum().compute(scheduler="threads")
    pd.testing.assert_series_equal(total, expected[expected.v > 10].groupby("k").v.sum())
    pd.testing.assert_frame_equal(found.head(2), expected.head(2))
    assert found.tail(1).t.tolist() == ["line 59\nand, more"]
    assert found.partitions[3:5].v.compute(scheduler="sync").is_monotonic_increasing


def test_each_file_is_read_once_in_one_compute(tmp_path: Path) -> None:
    paths = [written(tmp_path, b"a,b\n" + b"1,x\n2,y\n" * 20, f"x{i}.csv") for i in range(3)]
    found = cd.read_csv(paths, blocksize=60)
    again = cd.read_csv(paths, blocksize=60)
    sums = chunkscope.compute(found.a.sum(), again.b.max(), len_of(found), scheduler="sync")
    assert sums == (180, "y", 120)
    log = runs()[-1]
    for path in paths:
        read = log.reads(path)
        assert (read.count, read.nbytes, read.tasks) == (1, path.stat().st_size, path.stat().st_size // 60)
    chunkscope.compute(found.a.sum(), scheduler="sync")
    assert runs()[-1].reads(paths[0]).count == 1


def len_of(found: Any) -> Any:
    """The number of rows, lazily."""
    return found.a.count()


def runs() -> list[Any]:
    from chunkscope.observe import registry

    return list(registry.runs())
