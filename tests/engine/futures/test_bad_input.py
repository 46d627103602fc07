"""What a client cannot do is said at once: what was asked, and what would work."""

from __future__ import annotations

from typing import Any

import pytest

import chunkscope.array as ca
from chunkscope import delayed
from chunkscope.errors import ConfigError
from chunkscope.futures import Client, wait


def inc(x: int) -> int:
    return x + 1


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda client: client.submit(3), r"submit needs a function and its arguments, submit\(f, x\)"),
        (lambda client: client.map(inc), "map needs something to map over"),
        (
            lambda client: client.compute(delayed(inc)(1), actors=True),
            r"compute\(actors=True\): only submit and map",
        ),
        (
            lambda client: client.map(inc, [1], workers=["a"]),
            r"map\(workers=\['a'\]\): any worker may run any",
        ),
        (
            lambda client: client.compute(delayed(inc)(1), retries=2),
            r"compute\(retries=2\): only submit and map",
        ),
        (lambda client: client.persist(ca.ones(3), colour="red"), "there is no such option"),
        (lambda client: wait(3), "nothing to wait for in int"),
        (lambda client: wait([], return_when="SOON"), "'ALL_COMPLETED' or 'FIRST_COMPLETED'"),
        (
            lambda client: Client("tcp://host:8786"),
            r"Client\('tcp://host:8786'\): nothing is reached over a network",
        ),
        (lambda client: Client(client.cluster, n_workers=3), r"Client\(cluster\) takes no n_workers"),
        (lambda client: Client(workers=3), "LocalCluster takes no workers"),
        (lambda client: Client(n_workers=-1), "n_workers=-1 is not a number"),
        (lambda client: client.cluster.scale(-1), r"scale\(-1\) is not a number of workers"),
        (lambda client: client.submit(inc, 1).result(timeout="soon"), "not a duration: 'soon'"),
    ],
)
def test_bad_input_is_named(client: Client, ask: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ask(client)
