"""Which files a path, a glob or a list of them means, and what is known of each before anybody reads it."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chunkscope.errors import FrameError

__all__ = ["DataFile", "find_files", "natural_key", "shown"]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file as it was when the frame was made; another size or time makes another token."""

    path: str
    size: int
    modified: int
    """Nanoseconds, as the file system says."""

    @classmethod
    def at(cls, path: str) -> DataFile:
        """The file at `path` as it is now."""
        found = os.stat(path)
        return cls(path, found.st_size, found.st_mtime_ns)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return os.path.basename(self.path)


def natural_key(path: str) -> list[Any]:
    """Sorts numbers inside names by value.

    >>> sorted(["x10.csv", "x9.csv"], key=natural_key)
    ['x9.csv', 'x10.csv']
    """
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path)]


def find_files(given: Any, caller: str, *, folder_suffixes: tuple[str, ...] = ()) -> tuple[DataFile, ...]:
    """The files that `given` means: one path or pattern, or several; a pattern's files in natural order.

    With `folder_suffixes` a folder means the files below it that end so, without hidden ones. Raises FileNotFoundError
    where there is none, FrameError for what is no path of this machine.
    """
    several = isinstance(given, (list, tuple, set, frozenset))
    wanted: Sequence[Any] = (
        sorted(given, key=str) if isinstance(given, (set, frozenset)) else given if several else [given]
    )
    if not wanted:
        raise FrameError(f"{caller} needs at least one path, found an empty {type(given).__name__}")
    paths = [path for one in wanted for path in _expand(one, caller, folder_suffixes)]
    return tuple(DataFile.at(path) for path in paths)


def _expand(one: Any, caller: str, folder_suffixes: tuple[str, ...]) -> list[str]:
    if not isinstance(one, (str, os.PathLike)):
        raise FrameError(
            f"{caller} needs a path, a pattern such as 'x-*.csv' or a list of them, found {one!r}"
        )
    text = os.fspath(one)
    if not isinstance(text, str):
        raise FrameError(f"{caller} needs paths as text, found bytes: {text!r}")
    text = text.removeprefix("file://")
    if re.match(r"[a-z][a-z0-9+]+://", text):
        raise FrameError(
            f"{caller} reads files of this machine, found {text!r}; download it first and give its path"
        )
    text = os.path.expanduser(text)
    if os.path.isdir(text):
        if not folder_suffixes:
            raise IsADirectoryError(
                f"{caller}: {text!r} is a folder; say which files, {text.rstrip('/') + '/*.csv'!r}"
            )
        return _inside(text, caller, folder_suffixes)
    if not os.path.exists(text) and glob.has_magic(text):
        found = sorted((path for path in glob.glob(text) if os.path.isfile(path)), key=natural_key)
        if not found:
            raise FileNotFoundError(f"{caller}: no file matches {text!r}{_nearby(text)}")
        return found
    if not os.path.exists(text):
        raise FileNotFoundError(f"{caller}: there is no file {text!r}{_nearby(text)}")
    return [text]


def _inside(folder: str, caller: str, suffixes: tuple[str, ...]) -> list[str]:
    found = []
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        found += [
            os.path.join(base, n) for n in names if n.endswith(suffixes) and not n.startswith((".", "_"))
        ]
    if not found:
        raise FileNotFoundError(
            f"{caller}: the folder {folder!r} holds no file that ends with {' or '.join(suffixes)}"
        )
    return sorted(found, key=natural_key)


def _nearby(text: str) -> str:
    """What there is instead: the nearest folder that exists, and some of its files."""
    folder = Path(text).parent
    missing = ""
    while not folder.is_dir():
        missing, folder = str(folder), folder.parent
    if missing:
        return f"; the folder {missing!r} does not exist"
    try:
        names = sorted(
            (p.name for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")), key=natural_key
        )
    except OSError:
        return ""
    if not names:
        return f"; the folder {str(folder)!r} holds no files"
    return f"; {str(folder)!r} holds {', '.join(names[:5])}{f' and {len(names) - 5:,} more' if len(names) > 5 else ''}"


def shown(path: str) -> str:
    """A path for people: its name."""
    return os.path.basename(path) or path
