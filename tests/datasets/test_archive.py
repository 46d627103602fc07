"""What an archive that nobody vouches for may do to us: nothing."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

import chunkscope_datasets as datasets
from chunkscope_datasets.archive import read_members
from tests.datasets.archives import archive, entry

GOOD = {"x/a.csv": b"1\n" * 10, "x/b.csv": b""}


def read(folder: Path, content: bytes, **limits: int) -> dict[str, bytes]:
    path = folder / "data.tar.gz"
    path.write_bytes(content)
    return dict(read_members(path, list(GOOD), limits.get("each", 10_000), limits.get("total", 100_000)))


def test_the_wanted_files_come_with_their_content(tmp_path: Path) -> None:
    assert read(tmp_path, archive(GOOD)) == GOOD
    assert [path.name for path in tmp_path.iterdir()] == ["data.tar.gz"]


def test_folders_on_the_way_and_companions_are_passed_over(tmp_path: Path) -> None:
    extra = [entry(name, type=tarfile.DIRTYPE) for name in (".", "./x/")]
    companion = entry("x/._a.csv", type=tarfile.REGTYPE)
    assert (
        read(tmp_path, archive({f"./{name}": text for name, text in GOOD.items()}, *extra, companion)) == GOOD
    )


@pytest.mark.parametrize(
    "member",
    [
        entry("x/a.csv", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        entry("x/link", type=tarfile.SYMTYPE, linkname="../../home"),
        entry("x/a.csv", type=tarfile.LNKTYPE, linkname="/etc/passwd"),
        entry("x/pipe", type=tarfile.FIFOTYPE),
        entry("x/disk", type=tarfile.BLKTYPE, devmajor=8),
        entry("x/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
        entry("../evil", type=tarfile.DIRTYPE),
        entry("/", type=tarfile.DIRTYPE, mode=0o777),
        entry("elsewhere", type=tarfile.DIRTYPE),
    ],
    ids=lambda member: f"{member.name}-{member.type.decode()}",
)
def test_links_devices_and_foreign_folders(tmp_path: Path, member: tarfile.TarInfo) -> None:
    with pytest.raises(datasets.DatasetError, match="which is no plain file"):
        read(tmp_path, archive(GOOD, member, before=True))


@pytest.mark.parametrize(
    "name",
    ["/etc/cron.d/x", "../x/a.csv", "x/../../a.csv", "x/c.csv", "x/./a.csv", "X/a.csv", "x/a.csv\n", ""],
)
def test_names_that_are_not_wanted(tmp_path: Path, name: str) -> None:
    with pytest.raises(datasets.DatasetError, match=r"which is none of the files|which is no plain file"):
        read(tmp_path, archive({**GOOD, name: b"evil"}))


def test_a_file_that_comes_twice(tmp_path: Path) -> None:
    with pytest.raises(datasets.DatasetError, match=r"'x/a\.csv', a second time"):
        read(tmp_path, archive(GOOD, entry("x/a.csv")))


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(datasets.DatasetError, match=r"lacks x/b\.csv"):
        read(tmp_path, archive({"x/a.csv": b""}))


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(datasets.DatasetError, match="with 20,000 bytes; no more than 10,000 are expected"):
        read(tmp_path, archive({"x/a.csv": b"x" * 20_000}))


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    # A thousand to one: a header of the extended kind is read before anything of it can be looked at.
    bomb = entry("x/a.csv", type=tarfile.XHDTYPE, size=50_000_000)
    content = gzip.compress(bomb.tobuf(tarfile.GNU_FORMAT) + bytes(50_000_000), 1)
    assert len(content) < 300_000
    with pytest.raises(datasets.DatasetError, match="unpacks to more than"):
        read(tmp_path, content)


def test_more_members_than_any_good_archive_has(tmp_path: Path) -> None:
    many = [entry("x/", type=tarfile.DIRTYPE)] * 1_001
    with pytest.raises(datasets.DatasetError, match="more than 1000 members"):
        read(tmp_path, archive({}, *many), total=10_000_000)


def test_a_sparse_file_is_no_plain_one(tmp_path: Path) -> None:
    info = entry("x/a.csv", type=tarfile.GNUTYPE_SPARSE)
    with pytest.raises(datasets.DatasetError):
        read(tmp_path, archive({}, info))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no archive at all",
        b"<html>404</html>",
        gzip.compress(b"no archive inside" * 100),
        archive(GOOD)[:60],
    ],
    ids=["empty", "text", "html", "gzip", "cut"],
)
def test_damaged_archives(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(datasets.DatasetError, match=r"is damaged or no compressed tar archive|lacks"):
        read(tmp_path, content)


def test_a_flipped_byte_is_noticed(tmp_path: Path) -> None:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=0) as stream:
        stream.write(gzip.decompress(archive(GOOD)))
    content = bytearray(out.getvalue())
    content[len(content) // 2] ^= 1
    with pytest.raises(datasets.DatasetError):
        read(tmp_path, bytes(content))
