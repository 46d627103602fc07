"""Folders of one process among the system's temporary files, and what killed processes have left there.

A process that is killed removes nothing. The names tell whose a folder was, so that the next process of the same user
can: `chunkscope-lesson-4711`, `chunkscope-workers-4711-1f3b`.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
import tempfile
from pathlib import Path

__all__ = ["lives", "own_folder", "sweep_folders"]


def lives(pid: int) -> bool:
    """Whether a process of this number is there, whoever's it is.

    >>> lives(os.getpid())
    True
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def own_folder(kind: str) -> Path:
    """A new folder of this process that only its user can read. What dead processes have left is removed first.

    >>> x = own_folder("x")
    >>> x.name.startswith(f"chunkscope-x-{os.getpid()}-"), x.rmdir()
    (True, None)
    """
    sweep_folders(kind)
    folder = Path(tempfile.gettempdir()) / f"chunkscope-{kind}-{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    return folder


def sweep_folders(kind: str) -> list[Path]:
    """Remove the folders of a kind that this user's processes have left which are dead. Returns what was removed.

    Links are left alone, and what belongs to others, and names that tell of no process.
    """
    name = re.compile(rf"chunkscope-{re.escape(kind)}-(\d+)(?:-[0-9a-f]+)?")
    removed = []
    try:
        found = [
            (entry, match)
            for entry in os.scandir(tempfile.gettempdir())
            if (match := name.fullmatch(entry.name))
        ]
    except OSError:
        return []
    for entry, match in found:
        try:
            facts = entry.stat(follow_symlinks=False)
        except OSError:  # another process was faster
            continue
        if stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid() and not lives(int(match[1])):
            shutil.rmtree(entry.path, ignore_errors=True)
            removed.append(Path(entry.path))
    return removed
