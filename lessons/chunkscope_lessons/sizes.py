"""How large the examples of a lesson are: `CHUNKSCOPE_LEARN_SIZE`, or what this machine can take."""

import os
import shutil
import tempfile
from dataclasses import dataclass

import psutil

VARIABLE = "CHUNKSCOPE_LEARN_SIZE"
GB = 10**9


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of one mode."""

    mode: str
    sleep_s: float
    """How long a pretended computation takes."""
    side: int
    """Rows of a square array."""
    points: int
    """Random points of a Monte Carlo estimate that shall take a moment."""
    years: int
    """Years of flights to measure with, at most; 0 for some months."""


MODES = {
    "ci": Sizes("ci", 0.02, 2_000, 1_000_000, 0),
    "small": Sizes("small", 0.2, 4_000, 10_000_000, 4),
    "class": Sizes("class", 1.0, 8_000, 40_000_000, 8),
    "big": Sizes("big", 1.0, 20_000, 100_000_000, 32),
}


def sizes() -> Sizes:
    """Returns the sizes asked for by the environment, else "small", or "class" with 8 GB of memory and 20 of disk.

    Raises ValueError for a mode that does not exist.
    """
    mode = os.environ.get(VARIABLE)
    if mode is None:
        roomy = psutil.virtual_memory().total >= 8 * GB
        mode = "class" if roomy and shutil.disk_usage(tempfile.gettempdir()).free >= 20 * GB else "small"
    if mode not in MODES:
        raise ValueError(f"{VARIABLE}={mode!r} is not a size; use one of {', '.join(MODES)}")
    return MODES[mode]
