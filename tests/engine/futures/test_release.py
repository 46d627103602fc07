"""Chunks go with the last reference to them, at once: no collector has to come by."""

from __future__ import annotations

import gc
import time

import chunkscope.array as ca
from chunkscope.blocks import LEDGER
from chunkscope.futures import Client, wait


def test_persisted_chunks_go_with_their_array(any_client: Client) -> None:
    gc.collect()
    before = LEDGER.held
    gc.disable()
    try:
        x = ca.ones((400, 400), chunks=200).persist()
        wait(x)
        assert LEDGER.held - before == x.nbytes
        del x
        deadline = time.monotonic() + 10
        while LEDGER.held != before and time.monotonic() < deadline:
            time.sleep(0.002)  # the thread that ended the run may hold it for a moment
        assert LEDGER.held == before
    finally:
        gc.enable()
