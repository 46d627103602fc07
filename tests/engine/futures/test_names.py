"""Every public name is offered, or refused with the reason and what to use."""

from __future__ import annotations

from typing import Any

import pytest

import chunkscope
import chunkscope.futures
from chunkscope.errors import ConfigError
from chunkscope.futures import Client, LocalCluster
from chunkscope.futures.unoffered import UNOFFERED
from tests.engine.futures.public_names import MEMBERS, PLUGINS, TOP

INSTANCE = {"asynchronous", "name", "minimum", "maximum"}
"""Attributes that an object gets when it is made."""


def test_names_at_the_top() -> None:
    assert [name for name in TOP if not hasattr(chunkscope, name)] == []
    unclear = [name for name in TOP if (name in UNOFFERED) == (name in chunkscope.__all__)]
    assert unclear == [], "each is offered, or refused"


def test_names_of_plugins_and_extensions() -> None:
    assert [name for name in PLUGINS if not hasattr(chunkscope.futures, name)] == []


@pytest.mark.parametrize("owner", MEMBERS)
def test_members_are_there_and_documented(owner: str) -> None:
    kind = getattr(chunkscope, owner)
    names = [name for name in MEMBERS[owner] if name not in INSTANCE]
    assert [name for name in names if not hasattr(kind, name)] == []
    public = [name for name in names if not name.startswith("__")]
    assert [name for name in public if not getattr(kind, name).__doc__] == []


def test_members_that_objects_have() -> None:
    with Client(processes=False, n_workers=1) as client:
        adaptive = client.cluster.adapt(minimum=1, maximum=2)
        found: list[Any] = [client.asynchronous, client.cluster.name, client.cluster.asynchronous]
        assert [*found, adaptive.minimum, adaptive.maximum] == [False, client.cluster.name, False, 1, 2]


def test_refused_names_say_why() -> None:
    for name in UNOFFERED:
        found = getattr(chunkscope.futures, name)
        assert name not in chunkscope.futures.__all__ and found.__doc__.startswith("Not offered: ")
        with pytest.raises(ConfigError, match=f"^{name} is not offered: .{{20}}"):
            found("tcp://127.0.0.1:8786")
        with pytest.raises(ConfigError, match=rf"^{name}\.temporary is not offered"):
            found.temporary()
        assert not hasattr(found, "__wrapped__")


def test_unknown_names_are_unknown() -> None:
    for module in (chunkscope, chunkscope.futures):
        with pytest.raises(AttributeError):
            module.nothing_of_the_kind  # noqa: B018


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"host": "0.0.0.0"}, "nothing listens on a network"),
        ({"protocol": "tls"}, "nothing listens on a network"),
        ({"security": True}, "there is nothing to encrypt"),
        ({"worker_class": dict}, "workers are worker processes"),
        ({"local_directory": "x"}, "go to a private folder"),
        ({"interface": "eth0"}, "nothing listens"),
        ({"workers": 3}, "LocalCluster takes no workers"),
        ({"name": 4}, "the first argument is a name; say n_workers=4"),
    ],
)
def test_options_of_other_clusters_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        LocalCluster(processes=False, **options)


def test_options_that_ask_for_nothing_are_taken() -> None:
    usual = {
        "loop": None,
        "scheduler_port": 0,
        "security": None,
        "dashboard_address": ":0",
        "silence_logs": False,
    }
    with LocalCluster("x", processes=False, n_workers=1, **usual) as cluster:
        assert cluster.name == "x" and cluster.dashboard_link == ""
    with Client(processes=False, n_workers=1, loop=None, security=None, direct_to_workers=False) as client:
        assert client.dashboard_link == ""
    for option in ({"security": "x"}, {"serializers": ["dask"]}):
        with pytest.raises(ConfigError, match="Client"):
            Client(processes=False, **option)
