"""Where generated files live, and the lock that lets one process at a time build them."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "CHUNKSCOPE_DATA"


def data_dir() -> Path:
    """Returns the cache folder: $CHUNKSCOPE_DATA, or `chunkscope/datasets` in the platform's data folder.

    It is not created here.
    """
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return _platform_data_dir(sys.platform, Path.home(), os.environ) / "chunkscope" / "datasets"


def _platform_data_dir(platform: str, home: Path, environment: "os._Environ[str] | dict[str, str]") -> Path:
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    if platform == "darwin":
        return home / "Library" / "Application Support"
    return Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds an exclusive lock on the file `path` (made when absent) until the block ends; waits for it.

    The lock belongs to the open file, so it is gone when its holder ends, however that happens.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+b") as handle:
        if sys.platform == "win32":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
            try:
                yield
            finally:
                handle.seek(0)
                msvcrt.locking(handle.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
