"""A door with somebody behind it who echoes; it leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chunkscope.executors.cluster import home
from chunkscope.executors.door.host import Door
from chunkscope.executors.door.line import Line, join


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    monkeypatch.setitem(home._handlers, "echo", lambda payload: payload)
    one = Door("x", serves=lambda: None)
    yield one
    one.close()
    assert not one.place.folder.exists()


@pytest.fixture
def line(door: Door) -> Iterator[Line]:
    """Joined through that door."""
    one = join(door.address)
    yield one
    one.close()


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], Any]], None]:
    """Has a function answer what is asked under "asked"."""
    return lambda function: monkeypatch.setitem(home._handlers, "asked", function)
