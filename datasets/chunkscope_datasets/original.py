"""The flights of 1990–1999 that many tutorials use: downloaded on request, extracted safely, checked by content.

No checksum of the archive has been published. What it must hold is known, and that is checked: ten files with the 23
columns, every line in the year of its file, from the three airports, no tail number in 1990, over two million rows.
"""

import string
from pathlib import Path

from . import trust
from .columns import COLUMNS, HEADER
from .nineties import YEARS
from .places import data_dir
from .store import DatasetError, Recipe, Writer, read_origin

NAME = "nycflights-original"
FOLDER = NAME
URL = "https://storage.googleapis.com/dask-tutorial-data/nycflights.tar.gz"
MIN_ROWS = 2_000_000
MAX_DOWNLOAD = 150_000_000
MAX_MEMBER = 100_000_000
MAX_TOTAL = 600_000_000
NBYTES = 400_000_000  # on the disk while it is built: the archive and its files
AIRPORTS = {b"EWR", b"JFK", b"LGA"}
INSTEAD = "flights(layout='bts1990s') has the same shape and needs no network"


def recipe() -> Recipe:
    """Returns names, size and writer of the ten files."""

    def write(writer: Writer) -> None:
        from .archive import read_members
        from .download import download

        archive = writer.folder / "nycflights.tar.gz"
        try:
            sha256 = download(URL, archive, MAX_DOWNLOAD)
            trust.check(NAME, sha256)
            wanted = [f"nycflights/{year}.csv" for year in YEARS]
            nrows = 0
            for member, text in read_members(archive, wanted, MAX_MEMBER, MAX_TOTAL):
                name = member.rpartition("/")[2]
                nrows += _checked(name, text)
                writer.write(name, text)
        except DatasetError as error:
            error.add_note(INSTEAD)
            raise
        finally:
            archive.unlink(missing_ok=True)
        if nrows < MIN_ROWS:
            raise DatasetError(f"{URL} holds {nrows:,} rows; more than {MIN_ROWS:,} are expected; {INSTEAD}")
        trust.remember(NAME, sha256)
        writer.origin = {"url": URL, "sha256": sha256}

    return Recipe(
        title="the original flights of 1990-1999",
        version=f"{NAME}-1",
        names=tuple(f"{year}.csv" for year in YEARS),
        nbytes=NBYTES,
        write=write,
        about=f"Downloaded from {URL} and extracted; see _MANIFEST.json for its checksum.\n",
    )


def pin(name: str = NAME, sha256: str | None = None) -> str:
    """Returns the sha256 that every later download of `name` must have, and records it as pinned.

    Without `sha256` it is that of the files on this disk: say so once you have made sure that they are the right ones.

    Raises DatasetError when nothing was downloaded yet, ValueError for another name or for what is no sha256.
    """
    if name != NAME:
        raise ValueError(f"unknown download {name!r}; there is {NAME!r}")
    if sha256 is None:
        sha256 = read_origin(data_dir() / FOLDER).get("sha256") or trust.trusted(NAME)
        if sha256 is None:
            raise DatasetError(
                f"nothing to pin: {NAME!r} was not downloaded yet; say flights(source='original') first, "
                "or give its sha256"
            )
    if len(sha256) != 64 or not set(sha256) <= set(string.hexdigits.lower()):
        raise ValueError(f"{sha256!r} is no sha256: 64 of the digits 0-9 and a-f are needed")
    trust.remember(NAME, sha256, trust.PINNED)
    return sha256


def mistrusted(folder: Path) -> str | None:
    """Returns what is wrong with where a folder's files came from, or None."""
    found, expected = read_origin(folder).get("sha256"), trust.trusted(NAME)
    if found is not None and expected is not None and found != expected:
        return f"{folder}: came from an archive with sha256 {found}, trusted is {expected}"
    return None


def _checked(name: str, text: bytes) -> int:
    """Returns the number of rows of one file, or raises DatasetError when it cannot be what it claims to be."""

    def wrong(what: str) -> DatasetError:
        return DatasetError(f"{name} in {URL} is not the file that is expected: {what}")

    header, _, body = text.partition(b"\n")
    if header.rstrip(b"\r") != HEADER.rstrip():
        raise wrong(f"its header is {header[:200]!r}, not the {len(COLUMNS)} known columns")
    if body and not body.endswith(b"\n"):
        raise wrong("its last line is cut off")
    year = name.partition(".")[0].encode()
    nrows = body.count(b"\n")
    if nrows == 0 or (b"\n" + body).count(b"\n%s," % year) != nrows:
        raise wrong(f"not every line begins with {year.decode()}")
    origin, tail = COLUMNS.index("Origin"), COLUMNS.index("TailNum")
    for number, line in enumerate(body.splitlines(), start=2):
        fields = line.split(b",")
        if len(fields) != len(COLUMNS) or fields[origin] not in AIRPORTS:
            raise wrong(f"line {number} is {line[:200]!r}")
        if year == b"1990" and fields[tail] not in (b"", b"NA", b"NaN"):
            raise wrong(f"line {number} has the tail number {fields[tail][:20]!r}; in 1990 there were none")
    return nrows
