"""`to_parquet` and `to_csv`: what is written is what was there; a failed write leaves nothing."""

from __future__ import annotations

import errno
import gzip
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chunkscope.dataframe as cd
from chunkscope.errors import FrameError

FRAME = pd.DataFrame({"x": range(10), "s": [*"abc,efgh", "é", None], "f": [k / 3 for k in range(10)]})


@pytest.fixture
def x() -> Any:
    return cd.from_pandas(FRAME, npartitions=3)


def everything(folder: Path) -> list[str]:
    """All files and folders below, hidden ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_parquet_there_and_back(x: Any, tmp_path: Path) -> None:
    assert x.to_parquet(tmp_path / "p") is None
    assert everything(tmp_path) == ["p", "p/part.0.parquet", "p/part.1.parquet", "p/part.2.parquet"]
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "p"), FRAME)
    pd.testing.assert_frame_equal(cd.read_parquet(tmp_path / "p").compute(scheduler="sync"), FRAME)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 10), max_size=4), index=st.sampled_from(["range", "words", "none"]))
def test_partitions_of_any_size_and_their_index(tmp_path: Path, cuts: list[int], index: str) -> None:
    from tests.engine.dataframe.strategies import in_partitions

    frame = FRAME.set_index("s") if index == "words" else FRAME
    lazy = in_partitions(frame, (0, *sorted(cuts), 10))
    cd.to_parquet(
        lazy,
        tmp_path / "p",
        overwrite=True,
        write_index=index != "none",
        compute_kwargs={"scheduler": "sync"},
    )
    found = cd.read_parquet(tmp_path / "p").compute(scheduler="sync")
    expected = frame
    if index == "none":
        found = found.reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected, check_index_type=False)


def test_folders_that_hold_files_already(x: Any, tmp_path: Path) -> None:
    x.to_parquet(tmp_path)
    with pytest.raises(FrameError, match="holds 3 Parquet files already; say overwrite=True"):
        x.to_parquet(tmp_path)
    x.to_parquet(tmp_path, append=True)
    assert len(cd.read_parquet(tmp_path)) == 20
    assert everything(tmp_path) == [f"part.{i}.parquet" for i in range(6)]
    (tmp_path / "readme.txt").write_text("mine")
    x.partitions[0].to_parquet(tmp_path, overwrite=True)
    assert everything(tmp_path) == ["part.0.parquet", "readme.txt"]
    with pytest.raises(FrameError, match="has the columns x, s, f"):
        x[["x"]].to_parquet(tmp_path, append=True)


def test_a_frame_may_take_the_place_of_its_own_files(x: Any, tmp_path: Path) -> None:
    x.to_parquet(tmp_path)
    own = cd.read_parquet(tmp_path)
    own[own.x < 5].to_parquet(tmp_path, overwrite=True)
    assert cd.read_parquet(tmp_path).x.compute(scheduler="sync").tolist() == [0, 1, 2, 3, 4]


def test_options_of_parquet(x: Any, tmp_path: Path) -> None:
    x.to_parquet(
        tmp_path,
        compression="zstd",
        name_function=lambda i: f"n{i}.parquet",
        row_group_size=2,
        custom_metadata={"k": "v"},
    )
    found = pq.ParquetFile(tmp_path / "n0.parquet").metadata
    assert found.row_group(0).column(0).compression == "ZSTD"
    assert found.row_group(0).num_rows == 2
    assert found.metadata[b"k"] == b"v"


def test_csv_as_pandas_writes_it(x: Any, tmp_path: Path) -> None:
    paths = x.to_csv(str(tmp_path / "x-*.csv"), index=False)
    assert [os.path.basename(path) for path in paths] == ["x-0.csv", "x-1.csv", "x-2.csv"]
    assert (tmp_path / "x-1.csv").read_text() == FRAME.iloc[4:8].to_csv(index=False)
    assert x.to_csv(tmp_path / "one.csv", single_file=True) == [str(tmp_path / "one.csv")]
    assert (tmp_path / "one.csv").read_text() == FRAME.to_csv()
    x.to_csv(tmp_path / "one.csv", single_file=True, mode="at")
    assert (tmp_path / "one.csv").read_text() == FRAME.to_csv() + FRAME.to_csv(header=False)
    x.to_csv(tmp_path / "one.csv.gz", single_file=True, compression="gzip", sep=";")
    assert gzip.decompress((tmp_path / "one.csv.gz").read_bytes()).decode() == FRAME.to_csv(sep=";")
    x.to_csv(tmp_path / "folder")
    assert everything(tmp_path / "folder") == ["0.part", "1.part", "2.part"]
    x.s.to_csv(str(tmp_path / "s-*.csv"), name_function=lambda i: "abc"[i], encoding="latin-1")
    assert (tmp_path / "s-c.csv").read_bytes() == FRAME.s.iloc[8:].to_csv().encode("latin-1")


def test_files_that_are_there_already(x: Any, tmp_path: Path) -> None:
    (tmp_path / "x-1.csv").write_text("mine")
    with pytest.raises(FrameError, match=r"x-1\.csv' is there already; say overwrite=True"):
        x.to_csv(str(tmp_path / "x-*.csv"))
    assert everything(tmp_path) == ["x-1.csv"]
    x.to_csv(str(tmp_path / "x-*.csv"), overwrite=True)
    assert everything(tmp_path) == ["x-0.csv", "x-1.csv", "x-2.csv"]


def failing(x: Any) -> Any:
    """The same frame, of which the last partition cannot be made."""

    def boom(part: pd.DataFrame) -> pd.DataFrame:
        if 9 in part.x.values:
            raise ValueError("boom")
        return part

    return x.map_partitions(boom)


@pytest.mark.parametrize("scheduler", ["sync", "threads"])
def test_a_failed_write_leaves_what_was_there(x: Any, scheduler: str, tmp_path: Path) -> None:
    x.to_parquet(tmp_path / "p")
    (tmp_path / "one.csv").write_text("mine")
    before = {
        name: (tmp_path / name).read_bytes() for name in everything(tmp_path) if (tmp_path / name).is_file()
    }
    names = everything(tmp_path)
    options: dict[str, Any] = {"compute_kwargs": {"scheduler": scheduler}}
    bad = failing(x)
    for write in (
        lambda: bad.to_parquet(tmp_path / "new", **options),
        lambda: bad.to_parquet(tmp_path / "p", overwrite=True, **options),
        lambda: bad.to_parquet(tmp_path / "p", append=True, **options),
        lambda: bad.to_csv(tmp_path / "one.csv", single_file=True, overwrite=True, **options),
        lambda: bad.to_csv(str(tmp_path / "sub" / "x-*.csv"), **options),
    ):
        with pytest.raises(ValueError, match="boom"):
            write()
    assert everything(tmp_path) == names
    assert all((tmp_path / name).read_bytes() == data for name, data in before.items())


def test_a_full_disk(x: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pq.write_table

    def full(table: Any, path: Any, **options: Any) -> None:
        real(table, path, **options)
        if "part.2" in str(path):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(
        OSError, match=r"no space left on the disk while writing .*part\.2\.parquet; nothing was put in"
    ) as caught:
        x.to_parquet(tmp_path / "p", compute_kwargs={"scheduler": "sync"})
    assert caught.value.errno == errno.ENOSPC
    assert everything(tmp_path) == []


def test_an_interrupted_write(x: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    real = pq.write_table

    def slow(table: Any, path: Any, **options: Any) -> None:
        real(table, path, **options)
        if "part.1" in str(path):
            os.kill(os.getpid(), signal.SIGINT)  # Ctrl-C while this task is not finished
            go_on.wait(30)

    monkeypatch.setattr(pq, "write_table", slow)
    with pytest.raises(KeyboardInterrupt):
        x.to_parquet(tmp_path / "p", compute_kwargs={"scheduler": "threads"})
    go_on.set()
    end = time.monotonic() + 30
    while everything(tmp_path) and time.monotonic() < end:
        time.sleep(0.01)  # the task that was running removes its own file
    assert [name for name in everything(tmp_path) if name != "p"] == []


def test_writing_later(x: Any, tmp_path: Path) -> None:
    lazy = x.to_parquet(tmp_path / "p", compute=False)
    assert everything(tmp_path) == []
    assert lazy.compute(scheduler="sync") == tuple(
        str(tmp_path / "p" / f"part.{i}.parquet") for i in range(3)
    )
    assert len(cd.read_parquet(tmp_path / "p")) == 10
    lazy = failing(x).to_csv(str(tmp_path / "x-*.csv"), compute=False)
    with pytest.raises(ValueError, match="boom"):
        lazy.compute(scheduler="sync")
    assert [name for name in everything(tmp_path) if name.endswith("csv")] == []


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda x, d: x.to_parquet(d / "p", append=True, overwrite=True), "contradict each other"),
        (lambda x, d: x.to_parquet(d / "p", partition_on="s"), "partition_on='s' is not supported"),
        (lambda x, d: x.to_parquet(d / "p", name_function=lambda i: "same"), "gives the name 'same' twice"),
        (lambda x, d: x.to_parquet(d / "p", name_function=lambda i: f"../{i}"), "is no plain file name"),
        (lambda x, d: x.to_parquet(5), "needs a path, found 5"),
        (lambda x, d: x.to_parquet("s3://bucket/x"), "writes files of this machine"),
        (lambda x, d: x.to_parquet(__file__), "is a file; give another path"),
        (
            lambda x, d: x.rename(columns={"x": 0}).to_parquet(d / "p"),
            "Parquet needs column names that are texts",
        ),
        (lambda x, d: x.to_csv(str(d / "*" / "x.csv")), "has a star outside of the file's name"),
        (lambda x, d: x.to_csv(str(d / "x-*.csv"), mode="at"), "say single_file=True"),
        (lambda x, d: x.to_csv(d / "x", mode="rb"), "mode='rb' is not supported"),
        (
            lambda x, d: x.to_csv(d / "x.zip", single_file=True, compression="zip"),
            "cannot hold one file in parts",
        ),
    ],
)
def test_arguments_that_cannot_be(write: Any, words: str, x: Any, tmp_path: Path) -> None:
    with pytest.raises(FrameError, match=words):
        write(x, tmp_path)
    assert everything(tmp_path) == []
