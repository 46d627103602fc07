"""Bad input is refused in words that say what was asked, what was found and what would work."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

import chunkscope.dataframe as cd
from chunkscope.errors import FrameError, SchemaError


def put(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


GOOD = "a,b\n1,2\n3,4\n"


def refused(kind: type[BaseException], words: str, *args: Any, **options: Any) -> None:
    """The call itself raises, with these words."""
    with pytest.raises(kind, match=re.escape(words)):
        cd.read_csv(*args, **options)


def test_no_such_file(tmp_path: Path) -> None:
    put(tmp_path, "x.csv", GOOD)
    refused(
        FileNotFoundError,
        f"there is no file '{tmp_path}/y.csv'; '{tmp_path}' holds x.csv",
        tmp_path / "y.csv",
    )
    refused(FileNotFoundError, f"no file matches '{tmp_path}/y-*.csv'", tmp_path / "y-*.csv")
    refused(FileNotFoundError, f"the folder '{tmp_path}/gone' does not exist", tmp_path / "gone" / "*.csv")
    refused(IsADirectoryError, "is a folder; say which files", tmp_path)


@pytest.mark.parametrize("text", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_empty_file(text: bytes, tmp_path: Path) -> None:
    empty = put(tmp_path, "empty.csv", text)
    refused(FrameError, "empty.csv is empty: no header and no columns", empty)


def test_an_empty_file_among_others(tmp_path: Path) -> None:
    paths = [put(tmp_path, "a.csv", GOOD), put(tmp_path, "b.csv", "")]
    refused(FrameError, "b.csv is empty: no header and no columns; leave the file out", paths)


@pytest.mark.parametrize("blocksize", [None, 6])
def test_too_many_fields(blocksize: int | None, tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", GOOD + "\n5,6,7\n8,9\n")
    found = cd.read_csv(path, sample=8, blocksize=blocksize)
    with pytest.raises(
        FrameError, match=r"x\.csv, line 5 has 3 fields, expected 2 as in the header: '5,6,7'"
    ):
        found.compute(scheduler="sync")
    with pytest.raises(FrameError, match="line 5 has 3 fields"):
        found.b.sum().compute(scheduler="sync")


def test_too_many_fields_in_the_sample(tmp_path: Path) -> None:
    refused(FrameError, "x.csv, line 4 has 3 fields, expected 2", put(tmp_path, "x.csv", GOOD + "5,6,7\n"))
    refused(FrameError, "line 2 has 3 fields, expected 2", put(tmp_path, "y.csv", "a,b\n1,2,3\n4,5,6\n"))


@pytest.mark.parametrize("sep", ["::", r"\s+"])
def test_too_many_fields_between_long_separators(sep: str, tmp_path: Path) -> None:
    text = GOOD.replace(",", "::" if sep == "::" else "  ")
    found = cd.read_csv(put(tmp_path, "x.csv", text), sep=sep)
    assert found.compute(scheduler="sync").values.tolist() == [[1, 2], [3, 4]]
    bad = put(tmp_path, "y.csv", text + text.splitlines()[1] + ("::5\n" if sep == "::" else " 5\n"))
    refused(FrameError, "y.csv cannot be parsed", bad, sep=sep)


@pytest.mark.parametrize("blocksize", [None, *range(4, 12)])
def test_leaving_bad_lines_out(blocksize: int | None, tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", "a,b\n0,1,2\n1,2\n3,4,5\n6\n3,4,5,6\n7,8\n")
    found = cd.read_csv(path, on_bad_lines="skip", blocksize=blocksize, dtype={"b": "float64"})
    assert found.fillna(0).compute(scheduler="sync").values.tolist() == [[1, 2], [6, 0], [7, 8]]
    with pytest.warns(UserWarning, match=r"x\.csv: 3 lines with too many fields are left out"):
        cd.read_csv(path, on_bad_lines="warn")


def test_wrong_encoding(tmp_path: Path) -> None:
    text = b"a,b\n1,x\n" + "2,ü\n".encode("latin-1")
    path = put(tmp_path, "x.csv", text)
    refused(FrameError, "x.csv is not utf-8: byte 0xfc at position 10 does not fit; say encoding=", path)
    found = cd.read_csv(path, sample=8)
    with pytest.raises(FrameError, match=r"x.csv is not utf-8: byte 0xfc at position 10"):
        found.compute(scheduler="sync")
    assert cd.read_csv(path, encoding="latin-1").b.compute(scheduler="sync").tolist() == ["x", "ü"]
    refused(FrameError, "encoding='klingon' is not known to Python", path, encoding="klingon")


@pytest.mark.parametrize("argument", ["usecols", "parse_dates"])
def test_columns_that_are_not_there(argument: str, tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", GOOD)
    refused(FrameError, f"{argument}= names 'c'", path, **{argument: ["a", "c"]})


def test_dtypes_of_columns_that_are_not_there(tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", GOOD)
    refused(
        FrameError,
        "dtype= names 'c', which the header does not have; it has 'a', 'b'",
        path,
        dtype={"c": "str"},
    )
    refused(FrameError, "dtype='number' of column 'a' is not a dtype", path, dtype={"a": "number"})


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("a,c", "it lacks b and has c besides"),
        ("b,a", "it has the same columns in another order"),
        ("a", "it lacks b"),
        ("a,b,c", "it has c besides"),
    ],
)
def test_another_header_in_a_later_file(header: str, words: str, tmp_path: Path) -> None:
    paths = [put(tmp_path, "x.csv", GOOD), put(tmp_path, "y.csv", f"{header}\n")]
    with pytest.raises(FrameError, match=f"y.csv has another header than .*x.csv: {words}"):
        cd.read_csv(paths).compute(scheduler="sync")


def test_a_file_that_vanishes_or_changes(tmp_path: Path) -> None:
    paths = [put(tmp_path, f"x{i}.csv", GOOD) for i in range(3)]
    found = cd.read_csv(paths)
    paths[1].write_text(GOOD * 2)
    with pytest.raises(
        FrameError, match=r"x1.csv has changed: it had 12 bytes when the frame was made, and has 24 now"
    ):
        found.compute(scheduler="sync")
    paths[1].unlink()
    with pytest.raises(FileNotFoundError, match=r"x1.csv is gone: it was there when the frame was made"):
        found.compute(scheduler="sync")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [put(tmp_path, f"x{i}.csv", GOOD) for i in range(3)]
    found = cd.read_csv(paths)
    real = os.open

    def denied(path: Any, *args: Any) -> int:  # permissions mean nothing to a superuser
        if str(path).endswith("x1.csv"):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *args)

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(PermissionError, match=r"x1.csv may not be read: its permissions do not allow it"):
        found.compute(scheduler="sync")
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("x2.csv"))
    refused(PermissionError, "x2.csv may not be read", paths)


def test_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", 'a,b\n1,2\n3,"4\n5,6\n')
    with pytest.raises(
        FrameError, match=r"opens in the record at line 3 is never closed; mend the file, or say quoting=3"
    ):
        cd.read_csv(path, dtype={"b": "str"}).compute(scheduler="sync")


def test_quotes_that_the_sample_does_not_show(tmp_path: Path) -> None:
    text = "a,b\n" + "1,w\n" * 20 + '2,"x\ny"\n' + "3,z\n" * 20
    path = put(tmp_path, "x.csv", text)
    outcomes = set()
    for blocksize in range(4, 80):
        found = cd.read_csv(path, sample=20, blocksize=blocksize)
        try:
            assert found.compute(scheduler="sync").b.tolist() == ["w"] * 20 + ["x\ny"] + ["z"] * 20
            outcomes.add("right")
        except FrameError as error:
            assert "has quotes that its first bytes did not show" in str(error)
            assert "blocksize=None" in str(error)
            outcomes.add("refused")
    assert outcomes == {"right", "refused"}
    assert len(cd.read_csv(path, sample=20, blocksize=None).compute(scheduler="sync")) == 41


def test_sizes_that_cannot_be(tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", GOOD)
    refused(FrameError, "blocksize=0 holds no line", path, blocksize=0)
    refused(ValueError, "not a size: 'many'", path, blocksize="many")
    refused(FrameError, "sample=False is not a size", path, sample=False)
    refused(FrameError, "escapechar='\\\\' can hide a line end", path, blocksize=10, escapechar="\\")
    refused(
        FrameError,
        "encoding='utf-16' has line ends of more than one byte",
        path,
        blocksize=10,
        encoding="utf-16",
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"index_col": 0}, "read it as a column"),
        ({"nrows": 5}, "use read_csv(...).head(n)"),
        ({"chunksize": 5}, "a frame is read in partitions anyway"),
        ({"skipfooter": 1}, "drop them after reading"),
        ({"skiprows": [1]}, "give a number of lines to skip in each file"),
        ({"header": [0, 1]}, "give the number of the one header line, or None"),
        ({"sep": ";", "delimiter": ","}, "give sep= or delimiter=, not both"),
        ({"names": ["a", "a"]}, "names= has a name twice"),
        ({"usecols": "ab"}, "give a list: usecols=['ab']"),
        ({"seperator": ";"}, "has no keyword 'seperator'"),
        ({"compression": "rar"}, "compression='rar' is not one of 'gzip'"),
        ({"storage_options": {"key": 1}}, "files are on this machine"),
        ({"include_path_column": "a"}, "would make a second column 'a'"),
        ({"parse_dates": True}, "give a list of columns"),
        (
            {"parse_dates": ["a"], "date_format": "%Y/%m"},
            "column 'a' does not hold dates, the first value is '1'",
        ),
    ],
)
def test_arguments_that_cannot_be(options: dict[str, Any], words: str, tmp_path: Path) -> None:
    refused(FrameError, words, put(tmp_path, "x.csv", GOOD), **options)


def test_what_is_no_path(tmp_path: Path) -> None:
    refused(FrameError, "reads files of this machine, found 's3://bucket/x.csv'", "s3://bucket/x.csv")
    refused(FrameError, "needs at least one path, found an empty list", [])
    refused(FrameError, "needs a path, a pattern such as 'x-*.csv' or a list of them, found 5", 5)


def test_a_file_that_is_not_compressed_as_its_name_says(tmp_path: Path) -> None:
    refused(FrameError, "x.csv.gz is not a whole gzip file", put(tmp_path, "x.csv.gz", GOOD))


def test_an_error_in_one_column_does_not_hide_behind_another(tmp_path: Path) -> None:
    paths = [put(tmp_path, "x.csv", GOOD), put(tmp_path, "y.csv", "a,b\nx,\n")]
    with pytest.raises(SchemaError) as caught:
        cd.read_csv(paths).compute(scheduler="sync")
    assert [row.column for row in caught.value.table] == ["a", "b"]
