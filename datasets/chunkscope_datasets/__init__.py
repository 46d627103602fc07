"""Real data for the lessons, bundled and written out as CSV on demand: nothing is downloaded.

    import chunkscope_datasets as datasets
    paths = datasets.flights(layout="by_month")

It imports nothing else of this project.
"""

from .cards import Card, describe
from .catalogue import Catalogue, Verification, clear, verify
from .catalogue import catalogue as list
from .flights import COLUMNS, LAYOUTS, flights
from .places import data_dir
from .store import DatasetError, NotEnoughDisk

__all__ = [
    "flights", "LAYOUTS", "COLUMNS",
    "list", "describe", "verify", "clear",
    "Card", "Catalogue", "Verification", "DatasetError", "NotEnoughDisk", "data_dir",
]  # fmt: skip
