"""Real data for the lessons, bundled and written out as files on demand.

Nothing is downloaded, but for `flights(source="original")`, which says so.

    import chunkscope_datasets as datasets
    paths = datasets.flights(layout="by_month")

It imports nothing else of this project.
"""

from .cards import Card, describe
from .catalogue import Catalogue, Verification, clear, verify
from .catalogue import catalogue as list
from .columns import COLUMNS
from .flights import LAYOUTS, flights
from .original import pin
from .places import data_dir
from .store import DatasetError, NotEnoughDisk
from .tables import airlines, airports, planes, weather

__all__ = [
    "flights", "LAYOUTS", "COLUMNS", "weather", "planes", "airports", "airlines",
    "list", "describe", "verify", "clear", "pin",
    "Card", "Catalogue", "Verification", "DatasetError", "NotEnoughDisk", "data_dir",
]  # fmt: skip
