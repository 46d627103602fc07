"""Writes `data/checksums.json`: the sha256 of the bundle and of every file of one year, in every layout.

Run as `python datasets/maintain/record_checksums.py`, after `derive_flights.py` or a change to the rendering.
"""

import json
import tempfile
from pathlib import Path

from chunkscope_datasets import LAYOUTS, flights
from chunkscope_datasets.bundle import FILE
from chunkscope_datasets.store import sha256_of

DATA = Path(__file__).parents[1] / "chunkscope_datasets" / "data"


def main() -> None:
    """Writes each layout to a temporary folder and records what came out."""
    recorded = {FILE: sha256_of(DATA / FILE)}
    with tempfile.TemporaryDirectory() as folder:
        for layout in LAYOUTS:
            for path in flights(layout, dest=Path(folder) / layout):
                recorded[f"flights-{layout}-x1/{path.name}"] = sha256_of(path)
    text = json.dumps(recorded, indent=1, sort_keys=True) + "\n"
    (DATA / "checksums.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
