"""Calls over a line: answers, errors, large values without a copy, blocks that the owner keeps, sudden ends."""

from __future__ import annotations

import gc
import os
import threading
import time
from typing import Any

import numpy as np
import pytest

from chunkscope.blocks import StoredBlock
from chunkscope.blocks.afar import Mirror
from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.packing import Packed, pack
from chunkscope.errors import ClusterError, TransferError
from chunkscope.executors.cluster import home
from chunkscope.executors.cluster.channel import ChannelClosed
from chunkscope.executors.door import greeting
from chunkscope.executors.door.host import Door
from chunkscope.executors.door.line import Line, join
from tests.engine.executors.door.intruder import let_in
from tests.engine.patience import becomes


def test_values_and_errors_come_back(line: Line, handle: Any) -> None:
    assert line("echo", {"x": [1, None, "y"]}) == {"x": [1, None, "y"]}
    assert line("echo", lambda: 7)() == 7
    handle(lambda payload: payload["x"])
    with pytest.raises(KeyError, match="x"):
        line("asked", {})
    with pytest.raises(ClusterError, match="nobody answers calls about 'nothing'"):
        line("nothing", 1)
    with pytest.raises(TransferError, match="cannot be sent to the cluster"):
        line("echo", threading.Lock())
    assert line("echo", 3) == 3


def test_a_handler_knows_who_asks(line: Line, handle: Any, door: Door) -> None:
    handle(lambda payload: home.asker().name)  # type: ignore[union-attr]
    assert line("asked", None) == "guest 1 of x" == door.guests[0].name
    assert home.asker() is None


def test_calls_of_several_threads_do_not_wait_for_each_other(line: Line, handle: Any) -> None:
    meeting = threading.Barrier(3)
    handle(lambda payload: (meeting.wait(20), payload)[1])
    found: list[int] = []
    threads = [threading.Thread(target=lambda n=n: found.append(line("asked", n))) for n in range(2)]
    for thread in threads:
        thread.start()
    meeting.wait(20)
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 1]


def test_large_values_are_read_where_they_lie(line: Line, handle: Any) -> None:
    x = np.arange(1_000_000.0)
    kept = [pack(x)]
    handle(lambda payload: kept[0])
    far = line("asked", None)
    assert type(far) is Packed and far is not kept[0]
    y = far.load()
    assert (y == x).all() and not y.flags.writeable and y.base is not None
    gc.collect()
    before = ARENAS.used_bytes
    del y, far
    gc.collect()
    assert ARENAS.used_bytes == before  # the owner still has it
    kept.clear()
    assert becomes(lambda: ARENAS.used_bytes < before)


def test_large_arguments_do_not_go_through_the_socket(line: Line, handle: Any) -> None:
    gc.collect()
    before = ARENAS.used_bytes
    handle(lambda payload: (float(payload.sum()), payload.flags.writeable, ARENAS.used_bytes - before))
    total, writeable, used = line("asked", np.ones(500_000))
    assert total == 500_000 and not writeable and used >= 4_000_000
    gc.collect()
    assert becomes(lambda: ARENAS.used_bytes == before)


def test_blocks_of_the_owner_are_the_same_ones_when_they_come_back(line: Line, handle: Any) -> None:
    block = StoredBlock()
    seen: list[Any] = []
    handle(lambda payload: seen.append(payload) or block)
    far = line("asked", None)
    assert type(far) is Mirror and not far.done and line("asked", [far]) is far
    assert seen[1][0] is block
    block.fill([1, 2])
    assert far.wait(20) and far.get() == [1, 2]


def test_news_of_a_failure_arrive(line: Line, handle: Any) -> None:
    block = StoredBlock()
    handle(lambda payload: block)
    far = line("asked", None)
    told: list[bool] = []
    far.when_done(lambda: told.append(far.failed))
    block.fail(KeyError("x"))
    with pytest.raises(KeyError, match="x"):
        far.get()
    assert becomes(lambda: told == [True])


def test_what_is_held_goes_when_nothing_stands_for_it(line: Line, handle: Any, door: Door) -> None:
    block = StoredBlock()
    block.fill(1)
    handle(lambda payload: block)
    far, again = line("asked", None), line("asked", None)
    guest = door.guests[0]
    assert far is again and guest.holds == 1
    del again
    gc.collect()
    assert line("echo", far) is far and guest.holds == 1
    del far
    gc.collect()
    assert becomes(lambda: guest.holds == 0)


def test_a_handler_that_finds_a_channel_closed_is_heard(line: Line, handle: Any) -> None:
    """It is another one than the line's."""

    def broken(payload: Any) -> None:
        raise ChannelClosed("another one")

    handle(broken)
    with pytest.raises(ChannelClosed, match="another one"):
        line("asked", None)
    assert line("echo", 1) == 1


def test_the_end_of_a_line_is_told_to_all(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    told: list[ClusterError] = []

    def fail(error: ClusterError) -> None:
        raise RuntimeError("not now")

    line.on_end += [fail, told.append]
    line.close()
    assert len(told) == 1 and "could not be told" in caplog.text


def test_a_number_that_was_never_told_is_refused(line: Line) -> None:
    with pytest.raises(ClusterError, match="number 12345, which is not kept for it"):
        line("block", 12345)
    with pytest.raises(ClusterError, match="number 12345"):
        line("lease", 12345)


def test_all_is_let_go_when_the_guest_leaves(door: Door, handle: Any) -> None:
    gc.collect()
    before = ARENAS.used_bytes
    handle(lambda payload: pack(np.ones(100_000)))
    line = join(door.address)
    far = line("asked", None)
    assert ARENAS.used_bytes > before
    line.close()
    line.close()
    assert becomes(lambda: door.guests == [] and ARENAS.used_bytes == before)
    with pytest.raises(ClusterError, match="is gone: this client has left it"):
        far.load()
    with pytest.raises(ClusterError, match="this client has left it"):
        line("echo", 1)


def test_who_waits_is_told_when_the_owner_closes(handle: Any) -> None:
    door = Door("x", serves=lambda: None)
    entered = threading.Event()
    handle(lambda payload: (entered.set(), time.sleep(0.3)))
    line = join(door.address)
    ended: list[ClusterError] = []
    line.on_end.append(ended.append)
    block, failed = StoredBlock(), []
    home.handle("kept", lambda payload: block)
    far = line("kept", None)

    def wait() -> None:
        with pytest.raises(ClusterError, match="is gone: it was closed"):
            line("asked", None)
        failed.append(True)

    thread = threading.Thread(target=wait)
    thread.start()
    assert entered.wait(20)
    door.close()
    thread.join(20)
    assert failed == [True] and len(ended) == 1
    with pytest.raises(ClusterError, match="it was closed"):
        far.get()
    home._handlers.pop("kept")


def test_debts_are_paid_when_the_guest_is_gone(door: Door, handle: Any) -> None:
    undone: list[str] = []

    def take(payload: str) -> None:
        guest = home.asker()
        assert guest is not None
        guest.owe(payload, lambda: undone.append(payload))
        if payload == "z":
            guest.pay(payload)

    handle(take)
    line = join(door.address)
    for name in "xyz":
        line("asked", name)
    line.close()
    assert becomes(lambda: sorted(undone) == ["x", "y"])


def test_a_fork_of_the_guest_cannot_use_its_line(line: Line) -> None:
    child = os.fork()
    if not child:
        try:
            line("echo", 1)
        except ClusterError as error:
            os._exit(7 if "forked process" in str(error) else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert line("echo", 2) == 2


def test_a_guest_that_does_not_listen_does_not_hold_up_the_owner(
    door: Door, handle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(greeting, "PATIENCE_SECONDS", 1)
    end, _ = let_in(door)  # as a process that was stopped: it reads nothing
    assert becomes(lambda: len(door.guests) == 1)
    silent = door.guests[0]
    line = join(door.address)
    teller = threading.Thread(target=lambda: [silent.tell("x", "y" * 50_000) for _ in range(1_000)])
    teller.start()
    assert line("echo", 1) == 1
    teller.join(30)
    assert not teller.is_alive() and silent.gone
    line.close()
    end.close()


def test_a_door_closes_though_a_guest_does_not_listen(handle: Any) -> None:
    door = Door("x", serves=lambda: None)
    end, _ = let_in(door)
    assert becomes(lambda: len(door.guests) == 1)
    silent = door.guests[0]
    teller = threading.Thread(target=lambda: [silent.tell("x", "y" * 50_000) for _ in range(1_000)])
    teller.start()
    closer = threading.Thread(target=door.close)
    closer.start()
    closer.join(20)
    teller.join(20)
    assert not closer.is_alive() and not teller.is_alive()
    end.close()


class Stubborn(Exception):
    """One that cannot be made again from what pickle keeps of it."""

    def __init__(self, x: int, y: int) -> None:
        super().__init__(f"{x} and {y}")


def test_news_of_failures_that_cannot_be_pickled_arrive_all_the_same(line: Line, handle: Any) -> None:
    blocks = [StoredBlock() for _ in range(3)]
    handle(lambda payload: blocks)
    far = line("asked", None)
    blocks[0].fail(Stubborn(1, 2))
    blocks[1].fail(ValueError(threading.Lock()))
    blocks[2].fill(3)
    assert all(block.wait(20) for block in far)
    assert [type(block.error) for block in far] == [Stubborn, ValueError, type(None)]
    assert "1 and 2" in str(far[0].error) and far[2].get() == 3
    assert "1 and 2" in str(line("asked", None)[0].error)
    assert type(line("asked", None)) is list


def test_who_leaves_keeps_values_and_no_descriptor(door: Door, line: Line, handle: Any) -> None:
    kept = [pack(np.arange(100_000.0)), pack(np.ones(100_000))]
    handle(lambda payload: kept)
    read, unread = line("asked", None)
    x = read.load()
    lease = unread.lease
    assert x[-1] == 99_999 and lease is not None
    line.close()
    assert becomes(lambda: not line.arenas._files)
    assert x.sum() == np.arange(100_000.0).sum()
    with pytest.raises(ClusterError, match="was left"):
        unread.load()
