"""The numbers that the lessons state: `python -m chunkscope_lessons.facts` writes them to `lessons/facts.json`.

All follow from the data, from arithmetic, or from the simulator's own clock: the same on every machine.
"""

from typing import Any

from .blocks import block_facts
from .cluster import cluster_facts
from .delayed import delayed_facts
from .flights import flight_facts
from .frames import frame_facts
from .memory import memory_facts
from .pi import pi_facts
from .schedulers import scheduler_facts
from .start import start_facts


def facts() -> dict[str, Any]:
    """Returns all facts by name."""
    parts = (
        flight_facts,
        start_facts,
        block_facts,
        delayed_facts,
        pi_facts,
        frame_facts,
        scheduler_facts,
        cluster_facts,
        memory_facts,
    )
    return {name: value for part in parts for name, value in part().items()}
