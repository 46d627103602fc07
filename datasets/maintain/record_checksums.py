"""Writes `data/checksums.json`: the sha256 of what is bundled and of every generated file at scale 1.

Run as `python datasets/maintain/record_checksums.py`, after another maintainer script or a change to the rendering.
Parquet files are not recorded: their bytes depend on the version of PyArrow.
"""

import hashlib
import json
import tempfile
from pathlib import Path

from chunkscope_datasets import LAYOUTS, flights
from chunkscope_datasets.catalogue import bundled
from chunkscope_datasets.store import build_once, sha256_of
from chunkscope_datasets.tables import TABLES, recipe

DATA = Path(__file__).parents[1] / "chunkscope_datasets" / "data"


def main() -> None:
    """Writes everything to a temporary folder and records what came out."""
    recorded = {name: hashlib.sha256(raw).hexdigest() for name, raw in bundled().items()}
    with tempfile.TemporaryDirectory() as folder:
        written = {
            f"flights-{layout}-x1": flights(layout, dest=Path(folder) / layout)
            for layout in LAYOUTS
            if layout != "parquet"
        }
        written |= {name: build_once(Path(folder) / name, recipe(name)) for name in TABLES}
        for name, paths in written.items():
            recorded |= {f"{name}/{path.name}": sha256_of(path) for path in paths}
    text = json.dumps(recorded, indent=1, sort_keys=True) + "\n"
    (DATA / "checksums.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
