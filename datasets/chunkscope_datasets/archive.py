"""Reads the files of a compressed tar archive that nobody vouches for.

Nothing is written here and no name from the archive is ever used as a path: the caller gets the bytes of those members
that it named, and anything unexpected ends the reading.
"""

import gzip
import io
import tarfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from .store import DatasetError

MAX_ENTRIES = 1_000


def read_members(
    path: Path, names: Collection[str], max_bytes: int, max_total_bytes: int
) -> Iterator[tuple[str, bytes]]:
    """Yields name and content of each of the files `names`, in the order of the archive.

    Folders on the way to a wanted file are passed over, and so are the `._name` companions that macOS adds. No file
    may be larger than `max_bytes`, and all that is unpacked, headers included, not larger than `max_total_bytes`.

    Raises DatasetError for any other member (a link, a device, a path that leads elsewhere, a name that is not wanted
    or comes twice), for a damaged archive, and when a wanted file is missing at the end.
    """
    folders = {str(parent) for name in names for parent in PurePosixPath(name).parents}
    missing = set(names)
    try:
        with (
            gzip.open(path) as unpacked,
            tarfile.open(fileobj=(bounded := _Bounded(unpacked, max_total_bytes)), mode="r|") as archive,
        ):
            for count, member in enumerate(archive):
                if count == MAX_ENTRIES:
                    raise DatasetError(f"{path.name} has more than {MAX_ENTRIES} members")
                name = member.name.removeprefix("./")
                if member.isdir() and name in folders:
                    continue
                if member.isreg() and not member.sparse and _companion(name, names):
                    continue
                if not member.isreg() or member.sparse:
                    raise DatasetError(f"{path.name} holds {member.name!r}, which is no plain file")
                if name not in missing:
                    again = "a second time" if name in names else "which is none of the files it should hold"
                    raise DatasetError(f"{path.name} holds {member.name!r}, {again}")
                if member.size > max_bytes:
                    raise DatasetError(
                        f"{path.name} holds {member.name!r} with {member.size:,} bytes; "
                        f"no more than {max_bytes:,} are expected"
                    )
                missing.discard(name)
                stream = archive.extractfile(member)
                assert stream is not None  # a regular file has content
                yield name, stream.read()
            while bounded.read(2**16):  # to the end, where the checksum is
                pass
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DatasetError(f"{path.name} is damaged or no compressed tar archive: {error}") from error
    if missing:
        raise DatasetError(f"{path.name} lacks {', '.join(sorted(missing))}")


def _companion(name: str, names: Collection[str]) -> bool:
    parent, _, last = name.rpartition("/")
    return last.startswith("._") and f"{parent}/{last[2:]}".lstrip("/") in names


class _Bounded(io.RawIOBase):
    """A stream that ends with an error after so many bytes: a small archive may unpack to a very large one."""

    def __init__(self, stream: gzip.GzipFile, limit: int) -> None:
        self._stream = stream
        self._left = limit
        self._limit = limit

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise DatasetError(
                f"the archive unpacks to more than the {self._limit / 1e6:,.0f} MB that are expected"
            )
        return data
