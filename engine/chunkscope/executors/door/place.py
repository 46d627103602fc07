"""Where a door is: a directory of the user's own with the socket and the key, gone with its owner."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chunkscope.blocks.folders import lives
from chunkscope.errors import ClusterError

__all__ = ["SCHEME", "Place", "find", "read_key", "sweep"]

SCHEME = "unix://"
KEY_BYTES = 32
LONGEST_PATH = 100
"""The system takes socket paths of up to 104 to 108 bytes."""


@dataclass(frozen=True, slots=True)
class Place:
    """The directory of one door."""

    folder: Path

    @property
    def socket_file(self) -> Path:
        """The socket."""
        return self.folder / "socket"

    @property
    def key_file(self) -> Path:
        """The file that holds the key."""
        return self.folder / "key"

    @property
    def address(self) -> str:
        """What others are told: unix:///…/socket."""
        return f"{SCHEME}{self.socket_file}"

    @classmethod
    def make(cls) -> tuple[Place, bytes, socket.socket]:
        """A new place with its key, and the socket that listens there. What dead owners have left is removed first."""
        parent = _parent()
        sweep(parent)
        place = cls(parent / f"{os.getpid()}-{secrets.token_hex(4)}")
        place.folder.mkdir(mode=0o700)
        try:
            key = secrets.token_bytes(KEY_BYTES)
            file = os.open(place.key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(file, "w") as text:
                text.write(key.hex())
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                early = place.folder / "new"  # under its name once it listens: whoever finds it can connect
                listener.bind(str(early))
                early.chmod(0o600)
                listener.listen(16)
                early.rename(place.socket_file)
            except BaseException:
                listener.close()
                raise
        except BaseException:
            place.remove()
            raise
        return place, key, listener

    def remove(self) -> None:
        """Take it away; twice is like once."""
        shutil.rmtree(self.folder, ignore_errors=True)


def find(address: str) -> Place:
    """The place of an address. Raises ClusterError where nothing is there, or it is not this user's."""
    path = Path(address.removeprefix(SCHEME))
    place = Place(path.parent)
    if not path.is_absolute() or path != place.socket_file:
        raise ClusterError(
            f"{address!r} is not an address of a cluster; one looks like unix:///…/socket: "
            "print(cluster.scheduler_address) in the process that made the cluster"
        )
    try:
        _check(place.folder, stat.S_ISDIR, "the directory of the address")
    except FileNotFoundError:
        raise ClusterError(
            f"no cluster is at {address!r}: it was closed, or its process has ended; ask a running one for its "
            "scheduler_address"
        ) from None
    except PermissionError:
        raise _not_ours(place.folder, "the directory of the address") from None
    return place


def read_key(place: Place) -> bytes:
    """The key of a door. Raises ClusterError where it is not there, or others could have written or read it."""
    try:
        _check(place.key_file, stat.S_ISREG, "the key of the cluster")
        with open(os.open(place.key_file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)) as file:
            return bytes.fromhex(file.read(4 * KEY_BYTES).strip())
    except FileNotFoundError:
        raise ClusterError(
            f"the key of the cluster is not at {place.key_file}: the cluster was closed"
        ) from None
    except PermissionError:
        raise _not_ours(place.key_file, "the key of the cluster") from None
    except ValueError:
        raise ClusterError(f"{place.key_file} holds no key; make a new cluster") from None


def sweep(parent: Path) -> list[Path]:
    """Remove what owners have left who are dead: sockets that nobody listens at. Returns what was removed."""
    removed = []
    for folder in parent.iterdir():
        if folder.is_dir() and not folder.is_symlink() and _is_deserted(Place(folder)):
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed


def _is_deserted(place: Place) -> bool:
    """Whether nobody listens. One that is being made at this moment has no socket yet, but a living maker."""
    if not place.socket_file.exists():
        pid, _, rest = place.folder.name.partition("-")
        return bool(rest) and pid.isdigit() and not lives(int(pid))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(place.socket_file))
        except (ConnectionRefusedError, FileNotFoundError):
            return True
        except OSError:
            return False
    return False


def _parent() -> Path:
    """The directory of all doors of this user, closed to all others. Raises ClusterError where there can be none."""
    reasons = []
    for candidate in _candidates():
        if len(os.fsencode(candidate)) + len("/1234567-12345678/socket") > LONGEST_PATH:
            reasons.append(f"{candidate}: a socket there would have too long a name")
            continue
        try:
            candidate.mkdir(mode=0o700, exist_ok=True)
            _check(candidate, stat.S_ISDIR, "it")
            return candidate
        except (OSError, ClusterError) as error:
            reasons.append(f"{candidate}: {error}")
    raise ClusterError(
        "there is no directory for the cluster's address that only you can read: "
        + "; ".join(reasons)
        + "; set TMPDIR to a short path of your own"
    )


def _candidates() -> Iterator[Path]:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and os.path.isabs(runtime):
        with contextlib.suppress(OSError, ClusterError):
            _check(Path(runtime), stat.S_ISDIR, "it")
            yield Path(runtime) / "chunkscope"
    for folder in dict.fromkeys((tempfile.gettempdir(), "/tmp")):
        yield Path(folder) / f"chunkscope-{os.getuid()}"


def _check(path: Path, is_kind: Callable[[int], bool], what: str) -> None:
    """Raise ClusterError unless `path` is of that kind, this user's, and closed to all others."""
    found = path.lstat()
    if not is_kind(found.st_mode):
        raise ClusterError(f"{what}, {path}, is not what it should be (a link, perhaps); make a new cluster")
    if found.st_uid != os.getuid():
        raise _not_ours(path, what)
    if found.st_mode & 0o077:
        raise ClusterError(
            f"{what}, {path}, can be read or changed by others (mode {found.st_mode & 0o777:o}); it is not used: "
            f"chmod go= {path}"
        )


def _not_ours(path: Path, what: str) -> ClusterError:
    return ClusterError(
        f"{what}, {path}, belongs to another user; a cluster can be joined only by processes of the user who made it"
    )
