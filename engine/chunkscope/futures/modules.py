"""Modules that were uploaded: put into a folder of the worker, and imported."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from chunkscope.errors import ConfigError
from chunkscope.executors.cluster.additions import ADDITIONS

__all__ = ["load_module"]

ARCHIVES = (".zip", ".egg", ".pyz")


def load_module(folder: str, filename: str, content: bytes, load: bool) -> None:
    """Keep a file of code in `folder`, from where this process imports then; with `load`, import it afresh."""
    target = Path(folder) / Path(filename).name
    if not (target.is_file() and target.read_bytes() == content):
        target.write_bytes(content)
    importlib.invalidate_caches()
    if target.suffix in ARCHIVES:
        ADDITIONS.add_path(str(target))
        return
    if target.suffix not in (".py", ".pyc"):
        if load and target.suffix in (".so", ".pyd"):
            raise ConfigError(f"{filename!r} cannot be imported afresh; upload it with load=False")
        return
    ADDITIONS.add_path(str(folder))
    sys.path_importer_cache.pop(str(folder), None)
    if load:
        before = sys.modules.pop(target.stem, None)
        try:
            importlib.import_module(target.stem)
        except BaseException:
            if before is not None:
                sys.modules[target.stem] = before
            raise
