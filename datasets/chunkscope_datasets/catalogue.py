"""What there is, what of it is on this disk, whether that is whole, and how to remove it."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from . import bundle, nineties, original, tables
from .cards import CARDS, Card
from .places import data_dir, locked
from .store import MANIFEST, read_manifest, sha256_of

AGAIN = "clear(confirm=True) and ask for it again"
FOLDERS = ("flights-*", original.FOLDER, *tables.TABLES)
"""What this package calls its folders in the cache; nothing else in there is looked at or removed."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A folder of generated files in the cache."""

    folder: Path
    nfiles: int
    nbytes: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The cards, and the folders that are on this disk."""

    cards: tuple[Card, ...]
    stored: tuple[Stored, ...]
    folder: Path

    def __repr__(self) -> str:
        lines = [f"{card.name:<10}{card.shape}; {card.size}; {card.licence}" for card in self.cards]
        lines.append(f"in {self.folder}:" if self.stored else f"nothing written yet in {self.folder}")
        lines += [f"  {s.folder.name}: {s.nfiles} files, {s.nbytes / 1e6:,.1f} MB" for s in self.stored]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of `verify`: what was read, and one line for each file that is not what it should be."""

    nfiles: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every file has the bytes it was written with."""
        return not self.problems

    def __repr__(self) -> str:
        head = f"{self.nfiles} files checked, {'all whole' if self.ok else f'{len(self.problems)} not whole'}"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


def catalogue() -> Catalogue:
    """Returns the data sets with licence and size, and which files are in the cache."""
    return Catalogue(tuple(CARDS.values()), tuple(_stored()), data_dir())


def verify() -> Verification:
    """Reads everything on disk again and compares sha256 with what was recorded when it was written.

    The bundle, a year of flights (scale 1) and the tables are compared with the checksums that come with the package,
    so that the same bytes are there on every machine; Parquet files and downloads with those of when they came.
    """
    known = checksums()
    problems = []
    for name, raw in bundled().items():
        found = hashlib.sha256(raw).hexdigest()
        if found != known[name]:
            problems.append(f"{name}: sha256 {found}, recorded {known[name]}; reinstall the package")
    nfiles = len(bundled())
    for stored in _stored():
        for name, entry in (read_manifest(stored.folder) or {}).items():
            nfiles += 1
            path = stored.folder / name
            recorded = known.get(f"{stored.folder.name}/{name}", entry["sha256"])
            if not path.is_file():
                problems.append(f"{path}: missing; {AGAIN}")
            elif sha256_of(path) != recorded:
                problems.append(f"{path}: changed since it was written; {AGAIN}")
        if wrong := original.mistrusted(stored.folder):
            problems.append(f"{wrong}; {AGAIN}")
    return Verification(nfiles, tuple(problems))


def clear(confirm: bool = False) -> int:
    """Removes all generated and downloaded files from the cache and returns the bytes freed; the bundle stays.

    Folders that were written to a `dest` of your own are left alone, and what is known about the checksum of a
    download is kept.

    Raises ValueError without `confirm=True`.
    """
    stored = _stored()
    if not confirm:
        total = sum(s.nbytes for s in stored)
        raise ValueError(
            f"this would remove {len(stored)} folders ({total / 1e6:,.1f} MB) from {data_dir()}; "
            "say clear(confirm=True)"
        )
    freed = 0
    for entry in stored:
        with locked(entry.folder.parent / f".{entry.folder.name}.lock"):
            shutil.rmtree(entry.folder)
            freed += entry.nbytes
    for pattern in FOLDERS:
        for leftover in (*data_dir().glob(f"{pattern}.part"), *data_dir().glob(f".{pattern}.lock")):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    return freed


def bundled() -> dict[str, bytes]:
    """Returns the files that come with the package, by name."""
    return {
        bundle.FILE: bundle.raw_bundle(),
        nineties.DRAWN: nineties.raw_drawn(),
        **{tables.bundled(name): tables.raw_table(name) for name in tables.TABLES},
    }


def checksums() -> dict[str, str]:
    """Returns the recorded sha256 of the bundled files by name, and of the generated ones by `folder/file`."""
    recorded: dict[str, str] = json.loads((files(__package__) / "data" / "checksums.json").read_text("utf-8"))
    return recorded


def _stored() -> list[Stored]:
    out = []
    for pattern in FOLDERS:
        for path in sorted(data_dir().glob(f"{pattern}/{MANIFEST}")):
            manifest = read_manifest(path.parent)
            if manifest is not None and path.parent.suffix != ".part":
                nbytes = sum(int(entry["bytes"]) for entry in manifest.values())
                out.append(Stored(path.parent, len(manifest), nbytes))
    return out
