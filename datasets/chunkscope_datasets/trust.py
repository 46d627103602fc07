"""Which checksum a downloaded file must have: the one it had when it came first, or one that was pinned.

The publisher gives no checksum for the original flights. So what came first and had the right content is remembered,
in a file of the cache, and what comes later must be the same bytes.
"""

import json
import os
from pathlib import Path

from .places import data_dir, locked
from .store import DatasetError

FILE = "trusted.json"
FIRST_USE = "first use"
PINNED = "pinned"


def trusted(name: str) -> str | None:
    """Returns the sha256 that a download must have, or None when none came yet."""
    entry = _read().get(name)
    return None if entry is None else entry["sha256"]


def check(name: str, sha256: str) -> None:
    """Raises DatasetError when another checksum is trusted."""
    entry = _read().get(name)
    if entry is not None and entry["sha256"] != sha256:
        raise DatasetError(
            f"{name}: the download has sha256 {sha256}, but {entry['sha256']} is trusted ({entry['since']}); "
            f"if you know that the new one is right, say pin({name!r}, {sha256!r}) and ask again"
        )


def remember(name: str, sha256: str, since: str = FIRST_USE) -> None:
    """Records a checksum as the one to trust; the first use never replaces what is there."""
    path = data_dir() / FILE
    with locked(path.with_name(f".{FILE}.lock")):
        entries = _read()
        if since == FIRST_USE and name in entries:
            return
        entries[name] = {"sha256": sha256, "since": since}
        part = path.with_name(f"{FILE}.part")
        part.write_text(json.dumps(entries, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        os.replace(part, path)


def _read() -> dict[str, dict[str, str]]:
    path: Path = data_dir() / FILE
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: {key: str(entry[key]) for key in ("sha256", "since")} for name, entry in entries.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DatasetError(
            f"{path} cannot be read ({error}); remove it to trust the next download afresh"
        ) from error
