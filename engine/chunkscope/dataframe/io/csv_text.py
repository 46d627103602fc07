"""The bytes of a CSV file as its reader wants them: UTF-8, decompressed, read in pieces without holding all of it."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from chunkscope.dataframe.io.csv_format import CSVFormat
from chunkscope.dataframe.io.csv_records import NEWLINE, State, Syntax, flips, split_records
from chunkscope.dataframe.io.files import DataFile
from chunkscope.errors import FrameError

__all__ = [
    "BOM",
    "Glance",
    "Text",
    "compression_of",
    "decompressed",
    "head_end",
    "header_names",
    "open_text",
    "recoded",
]

NEAR = 1 << 13
"""Bytes among which a header usually ends."""

Tile = np.ndarray[tuple[int], np.dtype[np.uint8]]
BOM = b"\xef\xbb\xbf"
TILE = 1 << 18
_SUFFIXES = {".gz": "gzip", ".bz2": "bz2", ".zip": "zip", ".xz": "xz", ".zst": "zstd"}

ZERO, LETTER = ord("0"), ord("X")


class Glance(NamedTuple):
    """What a quick look at some bytes shows."""

    quoted: bool
    """Whether there is any quote."""
    inside: bool
    """Whether they end within quotes."""
    plain: bool
    """Whether a quote is an ordinary character."""
    hexadecimal: bool
    """Whether a value may begin with "0x", which Arrow takes for the beginning of a number and pandas does not."""


class Text:
    """The bytes of one file: of the file itself, or held in memory where they had to be made."""

    def __init__(
        self, file: DataFile, stream: io.FileIO, held: bytes | None = None, utf8: bool = True
    ) -> None:
        self.file = file
        self.utf8 = utf8
        """Whether the bytes are UTF-8 already."""
        self._stream = stream
        self._held = held
        self.size = file.size if held is None else len(held)

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` to `stop`, fewer at the end."""
        if self._held is not None:
            return self._held[start:stop]
        parts = []
        while start < stop:
            self._stream.seek(start)
            part = self._stream.read(stop - start)
            if not part:
                break
            parts.append(part)
            start += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    @contextmanager
    def stream(self, start: int, stop: int) -> Iterator[pa.NativeFile]:
        """The same bytes for Arrow, which reads them piece by piece."""
        if self._held is not None:
            yield pa.BufferReader(pa.py_buffer(self._held).slice(start, max(stop - start, 0)))
            return
        with pa.OSFile(self.file.path) as whole:
            yield whole.get_stream(start, max(stop - start, 0))

    def tiles(self, start: int, stop: int) -> Iterator[Tile]:
        """The same bytes in pieces that fit a cache; each is overwritten by the next."""
        if self._held is not None:
            for a in range(start, stop, TILE):
                yield np.frombuffer(self._held, np.uint8, min(TILE, stop - a), a)
            return
        space = bytearray(min(TILE, max(stop - start, 0)))
        data = np.frombuffer(space, np.uint8)
        while start < stop:
            self._stream.seek(start)
            found = self._stream.readinto(memoryview(space)[: stop - start])
            if not found:
                return
            yield data[:found]
            start += found

    def line_start(self, place: int) -> int:
        """The first place at or behind `place` that follows a line end, quotes not considered; at most the size."""
        if place <= 0:
            return 0
        place -= 1
        while place < self.size:
            part = self.read(place, place + 65536)
            found = part.find(b"\n")
            if found >= 0:
                return place + found + 1
            if not part:
                break
            place += len(part)
        return self.size

    def glance(self, start: int, stop: int, syntax: Syntax, numbers: bool) -> Glance:
        """A quick look at the bytes; for "0x" only where `numbers`."""
        state, quoted, plain, hexadecimal = State(), False, False, False
        last = b"\n\n"
        for tile in self.tiles(start, stop):
            if syntax.quote and (tile == syntax.quote).any():
                quoted = True
                _, state, strange = flips(tile, state, syntax)
                plain = plain or strange
            elif quoted:
                _, state, _ = flips(tile, state, syntax)
            else:
                state = State(False, int(tile[-1]) in (syntax.delimiter[-1], NEWLINE, 13))
            if numbers and not hexadecimal:
                hexadecimal = _hexadecimal(tile, last)
                last = (last + tile[-2:].tobytes())[-2:]
        return Glance(quoted, state.inside, plain, hexadecimal)

    def lines_before(self, place: int) -> int:
        """Line ends before `place`: reads the file up to there."""
        return sum(int(np.count_nonzero(tile == NEWLINE)) for tile in self.tiles(0, place))


def _hexadecimal(tile: Tile, before: bytes) -> bool:
    """Whether a value may begin with "0x": not within a word, as in the tail number N910XJ. `before`: two bytes.

    >>> [_hexadecimal(np.frombuffer(text, np.uint8), b"1,") for text in (b"0xFF", b"N910XJ")]
    [True, False]
    """
    places = np.flatnonzero((tile & 0xDF) == LETTER)
    early = before + tile[:2].tobytes()
    if any(early[p + 1] == ZERO and not early[p : p + 1].isalnum() for p in places[:2].tolist() if p < 2):
        return True
    places = places[places >= 2]
    places = places[tile[places - 1] == ZERO]
    return any(not bytes([byte]).isalnum() for byte in np.unique(tile[places - 2]).tolist())


@contextmanager
def open_text(file: DataFile, compression: str | None, form: CSVFormat) -> Iterator[Text]:
    """The text of a file, as long as the block runs. Raises OSError for a file that cannot be read or has changed."""
    try:
        stream = io.FileIO(file.path, opener=lambda path, flags: os.open(path, flags))
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise FileNotFoundError(
                f"{file.path} is gone: it was there when the frame was made; call read_csv again"
            ) from None
        if error.errno == errno.EACCES:
            raise PermissionError(
                f"{file.path} may not be read: its permissions do not allow it to this user"
            ) from None
        raise
    try:
        size = os.fstat(stream.fileno()).st_size
        if size != file.size:
            raise FrameError(
                f"{file.path} has changed: it had {file.size:,} bytes when the frame was made, and has {size:,} now; "
                "call read_csv again"
            )
        held = None
        if compression is not None:
            held = decompressed(_all_of(stream), compression, file.path)
        utf8 = form.is_utf8
        if form.seen_as != form.encoding:
            held = recoded(
                _all_of(stream) if held is None else held, form.encoding, file.path, 0, form.errors
            )
            utf8 = True
        yield Text(file, stream, held, utf8)
    finally:
        stream.close()


def _all_of(stream: io.FileIO) -> bytes:
    stream.seek(0)
    return stream.readall()


def compression_of(path: str, given: str | None) -> str | None:
    """The compression of a file: by its name where `given` is "infer". Raises FrameError for one that is not known."""
    if given == "infer":
        return _SUFFIXES.get(os.path.splitext(path)[1].lower())
    if given is not None and given not in _SUFFIXES.values():
        raise FrameError(
            f"read_csv: compression={given!r} is not one of {', '.join(map(repr, _SUFFIXES.values()))}, 'infer' or None"
        )
    return given


def decompressed(data: bytes, compression: str, path: str, limit: int | None = None) -> bytes:
    """The bytes as they were before compression; only the first `limit` where given."""
    try:
        if compression == "zip":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = [name for name in archive.namelist() if not name.endswith("/")]
                if len(names) != 1:
                    raise FrameError(f"{path} holds {len(names)} files; read_csv needs zip archives with one")
                with archive.open(names[0]) as member:
                    return member.read(-1 if limit is None else limit)
        if compression == "zstd":
            with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
                return bytes(stream.read(limit))
        kinds: dict[str, Any] = {"gzip": gzip.open, "bz2": bz2.open, "xz": lzma.open}
        with kinds[compression](io.BytesIO(data), "rb") as found:
            return bytes(found.read(-1 if limit is None else limit))
    except (OSError, EOFError, lzma.LZMAError, zipfile.BadZipFile, pa.ArrowInvalid) as error:
        raise FrameError(
            f"{path} is not a whole {compression} file: {error}; if it is plain text, say compression=None"
        ) from None


def recoded(data: bytes, encoding: str, path: str, before: int, errors: str = "strict") -> bytes:
    """The bytes as UTF-8; `before`: where they begin in the file. Raises FrameError for the first that do not fit."""
    try:
        return data.decode(encoding, errors).encode("utf-8", errors)
    except UnicodeDecodeError as error:
        raise FrameError(
            f"{path} is not {encoding}: byte 0x{data[error.start]:02x} at position {before + error.start:,} "
            "does not fit; say encoding= as the file was written, such as 'latin-1' or 'cp1252'"
        ) from None


def head_end(data: bytes, form: CSVFormat) -> int | None:
    r"""Where the first record of data begins, behind skipped lines and the header; None where `data` ends before.

    >>> head_end(b"x,y\n1,2\n", CSVFormat())
    4
    """
    begin = len(BOM) if data.startswith(BOM) else 0
    if form.skiprows:
        plain = Syntax(form.syntax.delimiter, form.syntax.quote, form.syntax.doubled, 0, False)
        records = split_records(data[begin:], plain)
        if len(records) < form.skiprows:
            return None
        begin += int(records.stops[form.skiprows - 1])
    if form.header is None:
        return begin
    records = split_records(data[begin : begin + NEAR], form.syntax)
    if (
        len(records) > form.header + 1
    ):  # records are found from left to right: what comes later changes nothing
        return begin + int(records.stops[form.header])
    records = split_records(data[begin:], form.syntax)
    if len(records) <= form.header or not (records.closed or len(records) > form.header + 1):
        return None
    return begin + int(records.stops[form.header])


def header_names(raw: bytes, form: CSVFormat, path: str) -> tuple[Any, ...]:
    """The names of the columns as pandas makes them from the header in `raw`."""
    options = form.pandas_options()
    if len(form.sep) > 1 and form.sep != r"\s+":
        options["engine"] = "python"
        options.pop("low_memory")
    data = recoded(raw, form.seen_as, path, 0)
    return tuple(
        pd.read_csv(io.BytesIO(data), header=form.header, skiprows=form.skiprows, nrows=0, **options).columns
    )
