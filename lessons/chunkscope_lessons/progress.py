"""What a learner has done, kept as lines of JSON on this machine and nowhere else."""

import json
import os
import sys
import time
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VARIABLE = "CHUNKSCOPE_PROGRESS"


def progress_file() -> Path:
    """Returns $CHUNKSCOPE_PROGRESS, or `chunkscope/progress.jsonl` in the platform's data folder."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "chunkscope" / "progress.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: a check's outcome, a prediction's answer, a hint, a reset."""

    lesson: str
    item: str
    kind: str
    value: Any
    t: float


class Progress:
    """The append-only record of one lesson.

    A disk that cannot be written is borne: the record then ends with the kernel.
    """

    def __init__(self, lesson: str, file: Path | None = None) -> None:
        self.lesson = lesson
        self.file = file or progress_file()
        self._entries = [entry for entry in read(self.file) if entry.lesson == lesson]

    def add(self, item: str, kind: str, value: Any) -> None:
        """Records that `kind` happened to `item`."""
        entry = Entry(self.lesson, item, kind, value, round(time.time(), 3))
        self._entries.append(entry)
        line = json.dumps({name: getattr(entry, name) for name in Entry.__slots__}) + "\n"
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with open(self.file, "a", encoding="utf-8") as handle:
                handle.write(line)
        except OSError:
            return

    def last(self, item: str, kind: str) -> Any:
        """Returns the value recorded last since the item was reset, or None."""
        return next((entry.value for entry in reversed(self._since_reset(item)) if entry.kind == kind), None)

    def latest(self, item: str, kinds: Container[str]) -> str | None:
        """Returns which of these kinds was recorded last since the item was reset, or None."""
        return next((entry.kind for entry in reversed(self._since_reset(item)) if entry.kind in kinds), None)

    def count(self, item: str, kind: str) -> int:
        """Returns how often `kind` happened to `item` since it was reset."""
        return sum(entry.kind == kind for entry in self._since_reset(item))

    def _since_reset(self, item: str) -> list[Entry]:
        mine = [entry for entry in self._entries if entry.item == item]
        resets = [place for place, entry in enumerate(mine) if entry.kind == "reset"]
        return mine[resets[-1] + 1 :] if resets else mine


def read(file: Path) -> list[Entry]:
    """Returns the entries of a progress file; a line that is damaged is passed over."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    entries = []
    for line in lines:
        try:
            raw = json.loads(line)
            entries.append(Entry(*(raw[name] for name in Entry.__slots__)))
        except (ValueError, KeyError, TypeError):
            continue
    return entries
