"""Every benchmark, by name, in the order of the table."""

from tests.benchmarks.cases.arrays import ARRAYS
from tests.benchmarks.cases.engine import ENGINE
from tests.benchmarks.cases.frames import FRAMES
from tests.benchmarks.cases.observing import OBSERVING
from tests.benchmarks.cases.scheduler import SCHEDULER

CASES = {case.name: case for case in (*ENGINE, *ARRAYS, *FRAMES, *OBSERVING, *SCHEDULER)}

__all__ = ["CASES"]
