"""Where files are written: folders, names and patterns, checked before any work."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chunkscope.dataframe.io.files import natural_key
from chunkscope.errors import FrameError

__all__ = ["and_more", "file_names", "files_inside", "pattern_files", "target_folder", "target_path"]


def target_path(given: Any, caller: str) -> str:
    """A path of this machine as text."""
    if not isinstance(given, (str, os.PathLike)):
        raise FrameError(f"{caller} needs a path, found {given!r}")
    text = os.path.expanduser(str(os.fspath(given)).removeprefix("file://"))
    if re.match(r"[a-z][a-z0-9+]+://", text):
        raise FrameError(
            f"{caller} writes files of this machine, found {text!r}; write to a path and upload it"
        )
    return text


def target_folder(given: Any, caller: str) -> Path:
    """The folder to write to, which may not be there yet."""
    folder = Path(target_path(given, caller))
    if folder.exists() and not folder.is_dir():
        raise FrameError(
            f"{caller} writes a folder of files, but {str(folder)!r} is a file; give another path"
        )
    return folder


def files_inside(folder: Path, suffixes: tuple[str, ...]) -> list[str]:
    """Names of the files in a folder that end so, in natural order."""
    if not folder.is_dir():
        return []
    return sorted(
        (p.name for p in folder.iterdir() if p.name.endswith(suffixes) and not p.name.startswith(".")),
        key=natural_key,
    )


def file_names(function: Callable[[int], str], numbers: Sequence[int], taken: Sequence[str]) -> list[str]:
    """The names that a function gives to partitions: different, plain, and none of those taken."""
    names = [str(function(i)) for i in numbers]
    if len(set(names)) != len(names):
        raise FrameError(
            f"name_function= gives the name {max(names, key=names.count)!r} twice; it must tell partitions apart"
        )
    if any("/" in name or name.startswith(".") or not name for name in names):
        raise FrameError(f"name_function= gives {names[0]!r}, which is no plain file name")
    both = [name for name in names if name in taken]
    if both:
        raise FrameError(
            f"append=True would write over {both[0]!r}; give a name_function= that goes on where the folder ends"
        )
    return names


def pattern_files(
    text: str, function: Callable[[int], str] | None, npartitions: int
) -> tuple[Path, list[str]]:
    """The folder and the names of the files that a pattern, or a folder, means."""
    folder, last = os.path.split(text)
    if "*" in folder or last.count("*") > 1:
        raise FrameError(
            f"to_csv: {text!r} has a star outside of the file's name, or two; use one, as in 'folder/x-*.csv'"
        )
    if "*" not in last:
        path = target_folder(text, "to_csv (without a star in the name, or single_file=True,)")
        width = len(str(max(npartitions - 1, 0)))
        return path, file_names(function or (lambda i: f"{i:0{width}d}.part"), range(npartitions), [])
    width = len(str(max(npartitions - 1, 0)))
    number = function or (lambda i: f"{i:0{width}d}")
    return Path(folder or "."), file_names(
        lambda i: last.replace("*", str(number(i))), range(npartitions), []
    )


def and_more(existing: Sequence[str]) -> str:
    """How many others there are."""
    return f", and {len(existing) - 1} more" if len(existing) > 1 else ""
