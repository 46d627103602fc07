"""Every benchmark, by name, in the order of the table."""

from tests.benchmarks.cases.arrays import ARRAYS
from tests.benchmarks.cases.cluster import CLUSTER
from tests.benchmarks.cases.engine import ENGINE
from tests.benchmarks.cases.frames import FRAMES
from tests.benchmarks.cases.observing import OBSERVING
from tests.benchmarks.cases.scheduler import SCHEDULER
from tests.benchmarks.cases.sessions import SESSIONS
from tests.benchmarks.cases.what_if import WHAT_IF

_ALL = (*ENGINE, *CLUSTER, *SESSIONS, *ARRAYS, *FRAMES, *OBSERVING, *SCHEDULER, *WHAT_IF)

CASES = {case.name: case for case in _ALL}

__all__ = ["CASES"]
