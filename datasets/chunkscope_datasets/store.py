"""Folders of generated files, built once and whole: `.part` folder, checksums, rename.

Knows nothing of what the files hold; a recipe has a function that writes them. What lies beside the files begins with
an underscore, so that readers of whole folders pass it over.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .places import data_dir, locked

MANIFEST = "_MANIFEST.json"
ABOUT = "_ABOUT.txt"
SPARE_BYTES = 64 * 2**20


class DatasetError(OSError):
    """A data set cannot be written or is not what it should be."""


class NotEnoughDisk(DatasetError):
    """The files would not fit on the disk; raised before the first byte is written."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is to be in a folder: `version` changes whenever any byte would."""

    title: str
    version: str
    names: tuple[str, ...]
    nbytes: int
    write: Callable[["Writer"], None]
    about: str = ""
    """What a person who finds the folder should know."""


class Writer:
    """Files of one folder, written piece by piece and hashed on the way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.origin: dict[str, str] = {}
        """Where downloaded files came from; kept in the manifest."""
        self._open: dict[str, BinaryIO] = {}
        self._digests: dict[str, hashlib._Hash] = {}

    def write(self, name: str, *pieces: bytes | memoryview) -> None:
        """Appends the pieces to the file `name`."""
        handle = self._open.get(name)
        if handle is None:
            handle = self._open[name] = (self.folder / name).open("wb")
            self._digests[name] = hashlib.sha256()
        for piece in pieces:
            handle.write(piece)
            self._digests[name].update(piece)

    def close(self) -> dict[str, dict[str, str | int]]:
        """Closes all files and returns size and sha256 of each."""
        for handle in self._open.values():
            handle.close()
        return {
            name: {"bytes": (self.folder / name).stat().st_size, "sha256": digest.hexdigest()}
            for name, digest in sorted(self._digests.items())
        }


def build_once(folder: Path, recipe: Recipe) -> list[Path]:
    """Returns the files of `folder`, in the recipe's order, writing them first unless they are there already.

    Two processes that ask at once: one builds, the other waits and uses the result. A folder that exists has
    all its files; one left half-written by a crash is called `.part` and is removed by the next build.

    Raises NotEnoughDisk, or DatasetError when `folder` holds files that this did not write.
    """
    if (paths := _present(folder, recipe)) is not None:
        return paths
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.parent / f".{folder.name}.lock"):
            if (paths := _present(folder, recipe)) is not None:
                return paths
            _refuse_foreign(folder)
            _preflight(folder.parent, recipe)
            _build(folder, recipe)
    except PermissionError as error:
        raise DatasetError(
            f"cannot write {recipe.title} to {folder}: {error.strerror}; "
            "set CHUNKSCOPE_DATA to a folder that you can write, or pass dest="
        ) from error
    return [folder / name for name in recipe.names]


def read_manifest(folder: Path) -> dict[str, dict[str, str | int]] | None:
    """Returns name → size and sha256 of a folder written here, or None when it has no manifest."""
    document = _document(folder)
    return None if document is None else document.files


def read_origin(folder: Path) -> dict[str, str]:
    """Returns where the files of a folder were downloaded from; nothing for those that were not."""
    document = _document(folder)
    return {} if document is None else document.origin


def sha256_of(path: Path) -> str:
    """Returns the sha256 of a file, read in pieces."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class _Document:
    version: str
    files: dict[str, dict[str, str | int]]
    origin: dict[str, str]


def _document(folder: Path) -> _Document | None:
    try:
        raw = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return _Document(raw["version"], dict(raw["files"]), dict(raw["origin"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _present(folder: Path, recipe: Recipe) -> list[Path] | None:
    document = _document(folder)
    if document is None or document.version != recipe.version:
        return None
    paths = [folder / name for name in recipe.names]
    for path in paths:
        try:
            whole = path.stat().st_size == document.files[path.name]["bytes"]
        except (OSError, KeyError):
            return None
        if not whole:
            return None
    return paths


def _refuse_foreign(folder: Path) -> None:
    # The cache is ours: what lies in one of its folders may be replaced.
    ours = folder.parent == data_dir()
    if not ours and folder.exists() and read_manifest(folder) is None and any(folder.iterdir()):
        raise DatasetError(
            f"{folder} holds files that were not written here, and replacing them would lose them; "
            "choose a new or empty folder"
        )


def _preflight(folder: Path, recipe: Recipe) -> None:
    needed = recipe.nbytes + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NotEnoughDisk(
            errno.ENOSPC,
            f"{recipe.title} needs {recipe.nbytes / 1e6:,.0f} MB (and {SPARE_BYTES / 1e6:,.0f} MB to spare), "
            f"{folder} has {free / 1e6:,.0f} MB free; use a smaller scale=, or another folder with dest=",
        )


def _build(folder: Path, recipe: Recipe) -> None:
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    writer = Writer(part)
    try:
        recipe.write(writer)
        files = writer.close()
        _check_names(files, recipe.names)
        document = {
            "title": recipe.title,
            "version": recipe.version,
            "origin": writer.origin,
            "files": files,
        }
        if recipe.about:
            (part / ABOUT).write_text(recipe.about, encoding="utf-8")
        (part / MANIFEST).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(part, folder)
    except BaseException:
        writer.close()
        shutil.rmtree(part, ignore_errors=True)
        raise


def _check_names(files: dict[str, dict[str, str | int]], names: Sequence[str]) -> None:
    if set(files) != set(names):
        raise DatasetError(f"wrote {sorted(files)}, expected {sorted(names)}")
