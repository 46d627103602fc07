"""Messages of any size arrive whole and in order; the end of one side is told to the other."""

from __future__ import annotations

import os
import socket
import sys
import threading
from types import CodeType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.executors.cluster import channel
from chunkscope.executors.cluster.channel import Channel, ChannelClosed, in_message, pair
from tests.engine.executors.interrupting import interrupted_when, runs
from tests.engine.patience import becomes


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


def test_an_interrupt_in_the_midst_of_a_message_ends_the_channel_at_both_ends() -> None:
    here, there = pair()
    body = b"m" * 1000
    here._socket.sendall(channel._HEAD.pack(b"m", 2000) + body)
    with pytest.raises(KeyboardInterrupt), interrupted_when(in_message):
        there.receive()
    with pytest.raises(ChannelClosed):
        here.send(b"m", body)  # the rest would be taken for a message
    with pytest.raises(ChannelClosed):
        there.receive()
    assert there.ready(None) and there.hung_up and here.hung_up
    here.close()
    there.close()


def test_an_interrupt_while_a_message_is_sent_ends_the_channel_at_both_ends() -> None:
    here, there = pair()
    with pytest.raises(KeyboardInterrupt), interrupted_when(in_message):
        here.send(b"m", bytes(50_000_000))
    with pytest.raises(ChannelClosed):
        here.send(b"m", b"x")
    with pytest.raises(ChannelClosed):
        there.receive()
    here.close()
    there.close()


def test_an_interrupt_before_a_message_costs_nothing() -> None:
    here, there = pair()
    with pytest.raises(KeyboardInterrupt), interrupted_when(runs(Channel.receive.__code__)):
        there.receive()
    here.send(b"m", b"x" * 100_000)
    assert there.receive() == (b"m", b"x" * 100_000, [])
    here.close()
    there.close()


def test_a_thread_is_in_a_message_from_its_first_byte_to_its_last() -> None:
    here, there = pair()
    found: list[object] = []
    reader = threading.Thread(target=lambda: found.append(there.receive()))
    reader.start()

    def is_in(code: CodeType) -> bool:
        return runs(code)(sys._current_frames().get(reader.ident or 0))

    assert becomes(lambda: is_in(Channel.receive.__code__))
    assert not in_message(sys._current_frames()[reader.ident or 0])
    here._socket.sendall(channel._HEAD.pack(b"m", 2)[:3])
    assert becomes(lambda: in_message(sys._current_frames()[reader.ident or 0]))
    here._socket.sendall(channel._HEAD.pack(b"m", 2)[3:] + b"xy")
    reader.join(20)
    assert found == [(b"m", b"xy", [])] and not in_message(sys._getframe())
    here.close()
    there.close()


def test_messages_of_several_threads_are_not_mixed() -> None:
    here, there = pair()
    bodies = [bytes([number]) * 300_000 for number in range(8)]
    senders = [threading.Thread(target=here.send, args=(b"m", body)) for body in bodies]
    for sender in senders:
        sender.start()
    found = [there.receive()[1] for _ in bodies]
    for sender in senders:
        sender.join()
    assert sorted(map(bytes, found)) == bodies
    here.close()
    there.close()


def test_descriptors_of_a_message_that_is_broken_off_are_closed() -> None:
    here, there = pair()
    read, write = os.pipe()
    socket.send_fds(here._socket, [channel._HEAD.pack(b"d", 100)], [write])
    os.close(write)
    here.close()
    with pytest.raises(ChannelClosed):
        there.receive()
    assert os.read(read, 1) == b""  # nobody has the other end
    os.close(read)
    there.close()


def test_a_channel_that_is_closed_here_is_waited_for_by_nobody() -> None:
    here, there = pair()
    here.close()
    others = pair()  # they have the numbers of those that were closed
    assert here.ready(None)
    with pytest.raises(ChannelClosed):
        here.receive()
    for end in (*others, there):
        end.close()


def test_who_is_patient_with_a_channel_that_is_closed_waits_no_longer() -> None:
    here, there = pair()
    looked: list[int] = []

    def look() -> None:
        looked.append(1)
        there.close()

    there.patience = look
    here._socket.sendall(channel._HEAD.pack(b"m", 2))
    with pytest.raises(ChannelClosed):
        there.receive()
    assert looked
    here.close()
