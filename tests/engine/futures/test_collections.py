"""Collections, datasets and graphs on a client's cluster, and futures in them."""

from __future__ import annotations

import numpy as np
import pytest

import chunkscope.array as ca
from chunkscope import compute, delayed, last_run
from chunkscope.errors import ConfigError
from chunkscope.futures import Client, default_client, futures_of


def inc(x: int) -> int:
    return x + 1


def test_scattered_values(any_client: Client) -> None:
    x = np.arange(10)
    one = any_client.scatter(x)
    assert any_client.submit(np.sum, one).result() == 45
    assert any_client.scatter(x).key == one.key
    parts = any_client.scatter([1, 2]), any_client.scatter({"a": 1})
    assert [future.result() for future in parts[0]] == [1, 2] and parts[1]["a"].result() == 1
    found = one.result()
    found[0] = 100
    assert any_client.submit(np.sum, one, pure=False).result() == 45


def test_collections_run_on_the_cluster(any_client: Client) -> None:
    x = ca.ones((100, 100), chunks=50)
    assert x.sum().compute() == 10_000
    assert last_run().executor == "cluster"  # type: ignore[union-attr]
    assert x.sum().compute(scheduler="sync") == 10_000
    assert last_run().executor == "sync"  # type: ignore[union-attr]
    total, mean = any_client.compute([x.sum(), x.mean()])
    assert (total.result(), mean.result()) == (10_000.0, 1.0)
    assert any_client.compute(x.sum(), sync=True) == 10_000
    kept = any_client.persist(x + 1)
    assert kept.sum().compute() == 20_000
    assert any_client.submit(np.mean, x).result() == 1.0
    failing = any_client.compute(x.map_blocks(lambda block: 1 / 0, dtype=float))
    with pytest.raises(ZeroDivisionError):
        failing.result()


def test_a_client_that_is_not_the_default_one() -> None:
    with Client(processes=False, n_workers=1, threads_per_worker=1, set_as_default=False) as client:
        assert client.persist(ca.ones(3)).sum().compute() == 3
        assert last_run().executor == "threads"  # type: ignore[union-attr]
        with client.as_current():
            assert default_client() is client and ca.ones(3).sum().compute() == 3
            assert last_run().executor == "cluster"  # type: ignore[union-attr]
        with pytest.raises(ConfigError, match="no client is open"):
            default_client()


def test_futures_in_collections(any_client: Client) -> None:
    x = any_client.submit(inc, 1)
    assert delayed(sum)([x, 1]).compute() == 3
    assert compute(x, {"again": x}) == (2, {"again": 2})
    assert futures_of([x, {"y": x}]) == [x, x]


def test_published(any_client: Client) -> None:
    x = any_client.submit(inc, 1)
    any_client.publish_dataset(x=x)
    any_client.publish_dataset([1, 2], name="list")
    assert any_client.list_datasets() == ("x", "list") and any_client.get_dataset("x").result() == 2
    assert any_client.get_dataset("nothing", default=None) is None
    with pytest.raises(KeyError, match="published: 'x', 'list'"):
        any_client.get_dataset("y")
    with pytest.raises(KeyError, match="published already"):
        any_client.publish_dataset(x=1)
    any_client.publish_dataset(x=1, override=True)
    other = any_client.cluster.get_client()
    assert other.datasets["x"] == 1
    other.close()
    any_client.unpublish_dataset("x")
    assert list(any_client.datasets) == ["list"]


def test_a_graph_as_a_dictionary(any_client: Client) -> None:
    graph = {"x": 1, "y": (inc, "x"), "z": (sum, ["x", "y", 10]), ("p", 0): "y"}
    assert any_client.get(graph, ["z", ["y", ("p", 0)]]) == [13, [2, 2]]
