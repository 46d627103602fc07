"""Small stand-ins for the published archive, good and hostile, and a server for them on this machine."""

from __future__ import annotations

import io
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import chunkscope_datasets as datasets

LINE = b"%d,1,2,3,517,515,830,819,UA,1545,%s,253,244,227,11,2,EWR,IAH,1400,,,0,0\n"


def table(year: int, nrows: int = 3, tail: bytes | None = None) -> bytes:
    """A file of the archive."""
    tail = (b"NA" if year < 1995 else b"N14228") if tail is None else tail
    return ",".join(datasets.COLUMNS).encode() + b"\n" + LINE % (year, tail) * nrows


def tables() -> dict[str, bytes]:
    """The ten files as they should be."""
    return {f"nycflights/{year}.csv": table(year) for year in range(1990, 2000)}


def entry(name: str, **fields: object) -> tarfile.TarInfo:
    """A header of a member, with any field set."""
    info = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def archive(files: Mapping[str, bytes], *more: tarfile.TarInfo, before: bool = False) -> bytes:
    """A compressed archive of the files, and further members without content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.GNU_FORMAT, compresslevel=1) as tar:
        for info in more if before else ():
            tar.addfile(info)
        for name, content in files.items():
            tar.addfile(entry(name, size=len(content)), io.BytesIO(content))
        for info in () if before else more:
            tar.addfile(info)
    return out.getvalue()


@contextmanager
def served(content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of a server on 127.0.0.1 that answers every request with `content`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/nycflights.tar.gz"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
