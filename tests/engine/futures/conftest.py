"""A client of each kind of cluster; none may leave a thread, a process or a block behind."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from chunkscope import delayed
from chunkscope.blocks import LEDGER
from chunkscope.futures import Client
from tests.engine.engine_threads import no_thread_left
from tests.engine.futures.second_process import Second, second


@pytest.fixture
def client() -> Iterator[Client]:
    """On threads: what tasks share with the test is really shared."""
    with Client(processes=False, n_workers=2, threads_per_worker=2, resources={"licence": 1}) as one:
        yield one


@pytest.fixture(params=["threads", "processes"])
def any_client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """On workers of either kind."""
    processes = request.param == "processes"
    with Client(processes=processes, n_workers=2, threads_per_worker=2) as one:
        yield one


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    held = held_bytes()
    with no_thread_left():
        yield
    assert held_bytes() <= held


def held_bytes() -> int:
    """Bytes of blocks, without those of the run that failed last: it keeps its data, to be debugged."""
    with pytest.raises(ZeroDivisionError):
        delayed(divmod)(1, 0).compute(scheduler="sync")
    gc.collect()
    return LEDGER.held


@pytest.fixture
def other() -> Iterator[Second]:
    """A second process of one test's own, to be killed."""
    with second() as one:
        yield one


@pytest.fixture(scope="module")
def lasting() -> Iterator[Second]:
    """A second process for all tests that leave it alive."""
    with second() as one:
        yield one


@pytest.fixture
def processes() -> Iterator[Client]:
    with Client(n_workers=2, threads_per_worker=1) as one:
        yield one


@pytest.fixture
def joined(client: Client, lasting: Second) -> Iterator[Second]:
    """A second process with a client `c` of a cluster on threads."""
    yield from _joined(client, lasting)


@pytest.fixture
def joined_processes(processes: Client, lasting: Second) -> Iterator[Second]:
    """A second process with a client `c` of a cluster of processes."""
    yield from _joined(processes, lasting)


@pytest.fixture
def doomed(any_client: Client, other: Second) -> Second:
    """The same in a process that may be killed, on either."""
    return next(_joined(any_client, other))


def _joined(client: Client, process: Second) -> Iterator[Second]:
    address = client.cluster.scheduler_address
    assert process(f"from chunkscope import Client; c = Client({address!r})\nc.status") == "'running'"
    yield process
    process("c.close()\nfor name in [name for name in globals() if name[:2] != '__']: del globals()[name]")
