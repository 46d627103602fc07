"""Messages of any size arrive whole and in order; the end of one side is told to the other."""

from __future__ import annotations

import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.executors.cluster.channel import ChannelClosed, pair


@given(st.lists(st.integers(0, 300_000), max_size=6))
def test_messages_arrive_whole_and_in_order(sizes: list[int]) -> None:
    here, there = pair()
    bodies = [bytes([number]) * size for number, size in enumerate(sizes)]
    sender = threading.Thread(target=lambda: [here.send(b"m", body) for body in bodies])
    sender.start()
    try:
        assert [there.receive()[1] for _ in bodies] == bodies
    finally:
        sender.join()
        here.close()
        there.close()


def test_descriptors_travel_with_their_message() -> None:
    here, there = pair()
    read, write = os.pipe()
    here.send(b"a", b"first")
    here.send(b"d", b"x" * 100_000, (write,))
    here.send(b"b", b"last")
    os.close(write)
    assert there.receive() == (b"a", b"first", [])
    kind, body, (found,) = there.receive()
    assert (kind, len(body)) == (b"d", 100_000)
    assert there.receive() == (b"b", b"last", [])
    os.write(found, b"through")
    os.close(found)
    assert os.read(read, 20) == b"through"
    os.close(read)
    here.close()
    there.close()


def test_the_end_is_told() -> None:
    here, there = pair()
    assert not there.ready(0)
    here.send(b"m", b"x" * 1000)
    here.close()
    assert there.ready(0)
    assert there.receive()[0] == b"m"
    with pytest.raises(ChannelClosed):
        there.receive()
    with pytest.raises(ChannelClosed):
        for _ in range(100):
            there.send(b"m", b"x" * 100_000)
    there.close()


def test_one_thread_may_look_for_the_end_while_another_waits() -> None:
    here, there = pair()
    waiter = threading.Thread(target=here.ready, args=(None,))
    waiter.start()
    try:
        assert not any(here.hung_up for _ in range(1000))
    finally:
        there.close()
        waiter.join()
    assert here.hung_up
    here.close()
    assert here.hung_up
