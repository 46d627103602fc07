"""What this machine has, and what size of examples that means."""

import platform
import shutil
import tempfile

import psutil

from chunkscope.executors import default_workers
from chunkscope_datasets import data_dir

from .outcome import Note
from .sizes import GB, VARIABLE, Sizes


def machine(sizes: Sizes) -> Note:
    """Returns Python, cores, memory and disk in words, and the size of the examples."""
    memory = psutil.virtual_memory()
    free = shutil.disk_usage(tempfile.gettempdir()).free
    cores = default_workers()
    return Note(
        "This machine",
        (
            f"Python {platform.python_version()} on {platform.system()}; {cores} core{'s' * (cores > 1)} for this "
            f"notebook; {memory.total / GB:.0f} GB of memory, {memory.available / GB:.0f} of them free; "
            f"{free / GB:.0f} GB of disk free.",
            f"Examples of the size `{sizes.mode}` (`{VARIABLE}` in the environment chooses another). "
            f"Data files are kept in {data_dir()}.",
        ),
    )
