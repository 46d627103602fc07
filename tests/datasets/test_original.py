"""The download: on request only, whole or not at all, checked, and the same bytes every time."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

import chunkscope_datasets as datasets
from chunkscope_datasets import original, trust
from chunkscope_datasets.download import download
from tests.datasets.archives import archive, entry, served, table, tables

NAME = "nycflights-original"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHUNKSCOPE_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(original, "MIN_ROWS", 30)
    return tmp_path / "cache"


@contextmanager
def publisher(
    monkeypatch: pytest.MonkeyPatch, content: bytes, status: int = 200, **headers: str
) -> Iterator[None]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with served(content, status, named) as url:
        monkeypatch.setattr(original, "URL", url)
        yield


def nothing_left(cache: Path) -> bool:
    return [path.name for path in cache.iterdir() if not path.name.endswith(".lock")] == []


def test_ten_files_come_and_stay(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = archive(tables())
    with publisher(monkeypatch, content):
        paths = datasets.flights(source="original")
    assert [path.name for path in paths] == [f"{year}.csv" for year in range(1990, 2000)]
    assert paths[3].read_bytes() == table(1993)
    assert pd.concat(pd.read_csv(path) for path in paths).shape == (30, 23)
    assert sorted(path.name for path in paths[0].parent.iterdir())[10:] == ["_ABOUT.txt", "_MANIFEST.json"]
    # Nobody is there any more; nobody is asked.
    assert datasets.flights(source="original") == paths
    assert "nycflights-original: 10 files" in repr(datasets.list())
    assert datasets.verify().ok
    assert trust.trusted(NAME) == hashlib.sha256(content).hexdigest()


def test_without_a_network_it_says_so_and_what_else_there_is(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(original, "URL", f"http://127.0.0.1:{port}/nycflights.tar.gz")
    with pytest.raises(datasets.DatasetError, match="cannot reach http:") as raised:
        datasets.flights(source="original")
    assert raised.value.__notes__ == [original.INSTEAD]
    assert nothing_left(own_cache)


def test_an_answer_that_is_not_the_file(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        publisher(monkeypatch, b"gone", 404),
        pytest.raises(datasets.DatasetError, match="answered 404 Not Found"),
    ):
        datasets.flights(source="original")
    with (
        publisher(monkeypatch, b"half", Content_Length="1000"),
        pytest.raises(datasets.DatasetError, match="broke off after"),
    ):
        datasets.flights(source="original")
    monkeypatch.setattr(original, "MAX_DOWNLOAD", 1_000)
    with (
        publisher(monkeypatch, bytes(5_000)),
        pytest.raises(datasets.DatasetError, match="is larger than the 0 MB"),
    ):
        datasets.flights(source="original")
    assert nothing_left(own_cache)


@pytest.mark.parametrize("url", ["http://example.org/x", "ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_only_https_and_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(datasets.DatasetError, match="comes over https"):
        download(url, tmp_path / "x", 10)
    with (
        served(b"", 302, {"Location": url}) as redirecting,
        pytest.raises(datasets.DatasetError, match=r"comes over https|answered 302 .* is not allowed"),
    ):
        download(redirecting, tmp_path / "x", 10)
    assert not (tmp_path / "x").exists()


def test_a_hostile_archive_leaves_nothing(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = own_cache.parent / "evil.csv"
    for member in (
        entry("../evil.csv"),
        entry(str(outside)),
        entry("nycflights/1990.csv", type=b"2", linkname=str(outside)),
        entry("nycflights/2000.csv"),
    ):
        with (
            publisher(monkeypatch, archive(tables(), member, before=True)),
            pytest.raises(datasets.DatasetError, match="holds"),
        ):
            datasets.flights(source="original")
    assert nothing_left(own_cache)
    assert not outside.exists()
    assert trust.trusted(NAME) is None


@pytest.mark.parametrize(
    ("year", "text", "message"),
    [
        (1994, b"a,b\n1,2\n", r"1994\.csv .* its header is b'a,b', not the 23 known columns"),
        (1994, table(1994)[:-1], "its last line is cut off"),
        (1994, table(1994) + table(1995).split(b"\n")[1] + b"\n", "not every line begins with 1994"),
        (1994, table(1994, 0), "not every line begins with 1994"),
        (1994, table(1994) + b"1994,1\n", r"line 5 is b'1994,1'"),
        (1994, table(1994).replace(b"EWR", b"SFO"), r"line 2 is b'1994,1,2,3,"),
        (1990, table(1990, tail=b"N14228"), r"tail number b'N14228'; in 1990 there were none"),
    ],
)
def test_the_content_is_checked(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch, year: int, text: bytes, message: str
) -> None:
    content = archive({**tables(), f"nycflights/{year}.csv": text})
    with publisher(monkeypatch, content), pytest.raises(datasets.DatasetError, match=message):
        datasets.flights(source="original")
    assert nothing_left(own_cache)


def test_too_few_rows(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(original, "MIN_ROWS", 31)
    with (
        publisher(monkeypatch, archive(tables())),
        pytest.raises(datasets.DatasetError, match="holds 30 rows; more than 31"),
    ):
        datasets.flights(source="original")
    assert nothing_left(own_cache)


def test_the_first_download_is_trusted_and_another_is_not(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = archive(tables()), archive({**tables(), "nycflights/1999.csv": table(1999, 4)})
    with publisher(monkeypatch, first):
        datasets.flights(source="original")
    assert datasets.clear(confirm=True) > 0
    with (
        publisher(monkeypatch, other),
        pytest.raises(datasets.DatasetError, match=r"is trusted \(first use\)"),
    ):
        datasets.flights(source="original")
    sha256 = hashlib.sha256(other).hexdigest()
    assert datasets.pin(NAME, sha256) == sha256
    with publisher(monkeypatch, other):
        assert len(datasets.flights(source="original")) == 10
    datasets.clear(confirm=True)
    with publisher(monkeypatch, first), pytest.raises(datasets.DatasetError, match=r"is trusted \(pinned\)"):
        datasets.flights(source="original")


def test_pin_takes_what_is_on_the_disk(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(datasets.DatasetError, match="nothing to pin"):
        datasets.pin()
    content = archive(tables())
    with publisher(monkeypatch, content):
        datasets.flights(source="original")
    assert datasets.pin() == hashlib.sha256(content).hexdigest()
    assert '"since": "pinned"' in (own_cache / "trusted.json").read_text()
    datasets.pin(NAME, "0" * 64)
    assert "trusted is 000" in repr(datasets.verify())
    with pytest.raises(ValueError, match="unknown download 'x'; there is 'nycflights-original'"):
        datasets.pin("x")
    with pytest.raises(ValueError, match="is no sha256"):
        datasets.pin(NAME, "abc")


def test_a_damaged_record_of_trust_is_no_trust(own_cache: Path) -> None:
    own_cache.mkdir()
    (own_cache / "trusted.json").write_text("[")
    with pytest.raises(datasets.DatasetError, match=r"trusted\.json cannot be read .* remove it"):
        trust.check(NAME, "0" * 64)


def test_importing_makes_nothing_ready_for_a_connection() -> None:
    program = (
        "import sys, chunkscope_datasets\n"
        "print(sorted({'socket', 'ssl', 'http.client', 'urllib.request', 'tarfile', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
