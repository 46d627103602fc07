"""Threads without work end soon: a test that ends with the last of them need not wait for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chunkscope.executors import pool
from chunkscope.observe import sampling


@pytest.fixture(scope="session", autouse=True)
def idle_threads_end_soon() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "IDLE_SECONDS", 0.01)
        patch.setattr(sampling, "IDLE_SECONDS", 0.01)
        yield
