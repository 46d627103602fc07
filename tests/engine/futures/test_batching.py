"""Calls that begin together: what goes wrong before anything runs is told to all who wait."""

from __future__ import annotations

from typing import Any

import pytest

from chunkscope.futures import Client, batching


def test_calls_that_cannot_begin_fail_and_the_next_ones_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise MemoryError("no room for a plan")

    with Client(processes=False, n_workers=1) as client:
        with monkeypatch.context() as patched:
            patched.setattr(batching, "enter", refuse)
            futures = client.map(abs, [-1, -2])
            for future in futures:
                with pytest.raises(MemoryError, match="no room for a plan"):
                    future.result(timeout=20)
        assert client.gather(client.map(abs, [-3, -4])) == [3, 4]
