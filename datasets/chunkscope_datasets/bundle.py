"""The bundled columns of the 2013 flights, as integers and codes.

`datasets/maintain/derive_flights.py` makes the file.
"""

import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

MISSING = -32768
FILE = "flights_2013.npz"
NROWS = 336_776


@dataclass(frozen=True, slots=True)
class Bundle:
    """Columns of equal length: `numbers` hold values or MISSING, `codes` index into `names`."""

    numbers: dict[str, npt.NDArray[np.int16]]
    codes: dict[str, npt.NDArray[np.int16]]
    names: dict[str, list[bytes]]

    def __post_init__(self) -> None:
        lengths = {len(column) for column in (*self.numbers.values(), *self.codes.values())}
        if lengths != {NROWS}:
            raise ValueError(f"{FILE} has {sorted(lengths)} rows, expected {NROWS}; reinstall the package")


def raw_bundle() -> bytes:
    """Returns the bundled file as it is on disk."""
    return (files(__package__) / "data" / FILE).read_bytes()


@cache
def load() -> Bundle:
    """Returns the bundle, read once (0.1 s, 12 MB)."""
    with np.load(io.BytesIO(raw_bundle()), allow_pickle=False) as file:
        raw = {name: file[name] for name in file.files}
    tables = [name for name in raw if name.endswith("_names")]
    names = {table.removesuffix("_names"): raw.pop(table).tolist() for table in tables}
    columns = {name: _words(array) for name, array in raw.items()}
    return Bundle(
        numbers={name: column for name, column in columns.items() if name not in names},
        codes={name: columns[name] for name in names},
        names=names,
    )


def _words(array: npt.NDArray[np.uint8]) -> npt.NDArray[np.int16]:
    """Returns int16 from two rows of low and high bytes; one row of codes is widened."""
    if array.ndim == 1:
        return array.astype(np.int16)
    return np.ascontiguousarray(array.T).view("<i2")[:, 0].astype(np.int16)
