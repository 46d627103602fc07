"""Fetches one file over https, up to a size, and hashes it on the way. Nothing here runs unless a user asks for it."""

import hashlib
import http.client
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from .store import DatasetError

PIECE = 2**18
TIMEOUT_S = 30


def download(url: str, target: Path, max_bytes: int) -> str:
    """Writes what `url` serves to `target` and returns its sha256.

    Raises DatasetError when there is no network, the server answers something else than the file, or it is larger
    than `max_bytes`.
    """
    _refuse_unsafe(url)
    digest, nbytes = hashlib.sha256(), 0
    try:
        opener = urllib.request.build_opener(_SafeRedirects)
        with opener.open(url, timeout=TIMEOUT_S) as answer, target.open("wb") as handle:
            while piece := answer.read(PIECE):
                nbytes += len(piece)
                if nbytes > max_bytes:
                    raise DatasetError(
                        f"{url} is larger than the {max_bytes / 1e6:,.0f} MB that are expected"
                    )
                digest.update(piece)
                handle.write(piece)
            announced = answer.headers.get("Content-Length")
    except urllib.error.HTTPError as error:
        with error:
            raise DatasetError(f"{url} answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise DatasetError(f"cannot reach {url}: {error.reason}; is there a network?") from error
    except (http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise DatasetError(f"the download of {url} broke off after {nbytes:,} bytes: {error}") from error
    if announced is not None and announced.isdecimal() and nbytes != int(announced):
        raise DatasetError(f"the download of {url} broke off after {nbytes:,} of {int(announced):,} bytes")
    return digest.hexdigest()


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https only."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage | Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        _refuse_unsafe(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _refuse_unsafe(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname == "127.0.0.1"):
        raise DatasetError(f"{url}: a download comes over https, or over http from this machine")
