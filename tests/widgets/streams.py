"""Recorded streams that Python and the page both fold: `python -m tests.widgets.streams` writes them anew.

A stream is what a page received: packets, one after the other, each laid out as a recording's file. The states that
Python finds in it, at many times, are written beside it; the page's own test finds the same or fails.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from chunkscope import compute, config, delayed
from chunkscope.errors import RunCancelled
from chunkscope.observe.compare import side_of
from chunkscope.observe.fold import Fold, fold
from chunkscope.observe.recording import MAGIC, Recording
from chunkscope.observe.wire import Message, RowWindow, RunHeader, unpack
from chunkscope_widgets.sender import Sender

__all__ = ["FOLDER", "STREAMS", "expected", "messages_of", "read", "spent_in"]

FOLDER = Path(__file__).resolve().parents[2] / "widgets" / "test" / "data"
MOST_TIMES = 25

Packet = tuple[dict[str, Any], list[bytes]]


def pause(x: float, seconds: float = 0.024) -> float:
    time.sleep(seconds)
    return x


def refuse(x: float) -> float:
    time.sleep(0.03)
    raise ValueError(f"no {x}")


def _tree(leaves: int) -> Any:
    """Pauses, and their sums by twos."""
    level = [delayed(pause)(i) for i in range(leaves)]
    while len(level) > 1:
        level = [delayed(sum)(level[i : i + 2]) for i in range(0, len(level), 2)]
    return level[0]


def _watched(work: Callable[[], None]) -> list[Packet]:
    """The packets that a page gets while `work` runs."""
    packets: list[Packet] = []
    sender = Sender("stream")
    over = threading.Event()

    def take(header: dict[str, Any], buffers: list[bytes]) -> None:
        packets.append((header, [bytes(buffer) for buffer in buffers]))
        if any(message["kind"] == "ended" for message in header["messages"]):
            over.set()

    sender.add(take)
    try:
        with config.set(viewers=False):
            work()
        assert over.wait(20)
        time.sleep(0.3)
    finally:
        sender.close()
    return packets


def whole() -> list[Packet]:
    return _watched(lambda: compute(_tree(150), scheduler="threads", num_workers=2))  # type: ignore[arg-type]


def failed() -> list[Packet]:
    def work() -> None:
        with contextlib.suppress(ValueError):
            compute([_tree(24), delayed(refuse)(1)], scheduler="threads", num_workers=2)

    return _watched(work)


def cancelled() -> list[Packet]:
    from chunkscope.executors import POOL

    def work() -> None:
        def stop() -> None:
            time.sleep(0.6)
            for run in list(POOL._runs):
                run.cancel()

        threading.Thread(target=stop).start()
        with contextlib.suppress(RunCancelled):
            compute(_tree(64), scheduler="threads", num_workers=2)

    return _watched(work)


def several() -> list[Packet]:
    """Two runs at once, of one page."""

    def work() -> None:
        other = threading.Thread(
            target=lambda: compute(_tree(80), scheduler="threads", num_workers=1, label="other")
        )
        other.start()
        compute(_tree(140), scheduler="threads", num_workers=2)
        other.join()

    return _watched(work)


def late(packets: list[Packet]) -> list[Packet]:
    """A page that joins in the middle of the run, and learns of it with a keyframe."""
    return packets[3:]


def shuffled(packets: list[Packet]) -> list[Packet]:
    """Packets in another order, some of them twice, after the first: as when answers overtake the stream."""
    rest = [*packets[1:], *packets[1::3]]
    random.Random(0).shuffle(rest)
    return [packets[0], *rest]


def cut(packets: list[Packet]) -> list[Packet]:
    """A page that was closed in the middle of the run."""
    return packets[: len(packets) // 2]


STREAMS: dict[str, tuple[Callable[[], list[Packet]], tuple[Callable[[list[Packet]], list[Packet]], ...]]] = {
    "whole": (whole, (late, shuffled, cut)),
    "failed": (failed, (shuffled,)),
    "cancelled": (cancelled, (cut,)),
    "several": (several, (late, shuffled)),
}


def to_bytes(packets: list[Packet]) -> bytes:
    """The packets as a file holds them."""
    return b"".join(map(_packed, packets))


def _packed(packet: Packet) -> bytes:
    header, buffers = packet
    text = json.dumps(
        {**header, "sizes": [len(buffer) for buffer in buffers]}, separators=(",", ":")
    ).encode()
    parts = [
        MAGIC,
        len(text).to_bytes(8, "little"),
        *(part + b"\0" * (-len(part) % 8) for part in (text, *buffers)),
    ]
    return b"".join(parts)


def read(data: bytes) -> Iterator[list[Message]]:
    """The messages of each packet of a file."""
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at + 8 : at + 16], "little")
        header = json.loads(data[at + 16 : at + 16 + length])
        at += 16 + length + -length % 8
        buffers = []
        for size in header.pop("sizes"):
            buffers.append(data[at : at + size])
            at += size + -size % 8
        yield unpack(header, buffers)


def messages_of(data: bytes) -> list[Message]:
    """All messages of a file."""
    return [message for packet in read(data) for message in packet]


def expected(data: bytes) -> dict[str, list[dict[str, Any]]]:
    """For each run of a stream the states of its tasks, a digit each, now and at moments of the run."""
    return {str(number): _states(run) for (_, number), run in fold(messages_of(data)).items()}


def spent_in(data: bytes) -> dict[str, dict[str, float]]:
    """For each run of a stream in which all rows are: where the seconds of the lanes that took part went."""
    messages = messages_of(data)
    found = {}
    for header in [message for message in messages if isinstance(message, RunHeader)]:
        rest: list[Message] = []
        rows = 0
        for one in messages:
            if getattr(one, "run", None) != header.run or isinstance(one, RunHeader):
                continue
            if isinstance(one, RowWindow):
                if one.cursor < rows:
                    continue  # an answer that overtook the stream brings rows again
                assert one.cursor == rows
                rows += len(one.task)
            rest.append(one)
        side = side_of(Recording((header, *rest)))
        went = side.spent
        inside = went.kernels + went.waiting + went.held + went.overhead
        found[str(header.run)] = {
            "lanes": side.lanes,
            "seconds": side.seconds,
            "kernels": went.kernels,
            "waiting": went.waiting,
            "held": went.held,
            "overhead": went.overhead,
            "outside": side.lanes * side.seconds - inside,
        }
    return found


def _states(run: Fold) -> list[dict[str, Any]]:
    moments = run.moments
    some = moments[:: max(1, len(moments) // MOST_TIMES)].tolist()
    between = [(a + b) / 2 for a, b in itertools.pairwise(some)]
    times: list[float | None] = [
        None,
        -1.0,
        *some,
        *between,
        (float(moments[-1]) if len(moments) else 0.0) + 1.0,
    ]
    return [{"time": at, "states": "".join(map(str, run.states(at).tolist()))} for at in times]


def write(folder: Path = FOLDER) -> None:
    """Run everything and write the streams with what they say, in the place of those before."""
    for old in [*folder.glob("*.stream"), *folder.glob("*.states.json")]:
        old.unlink()
    for name, (make, variants) in STREAMS.items():
        packets = make()
        for title, stream in (
            ("", packets),
            *((f"-{change.__name__}", change(packets)) for change in variants),
        ):
            data = to_bytes(stream)
            (folder / f"{name}{title}.stream").write_bytes(data)
            text = json.dumps(expected(data), indent=0)
            (folder / f"{name}{title}.states.json").write_text(text + "\n")
    write_spent(folder)


def write_spent(folder: Path = FOLDER) -> None:
    """Write what the lanes' time went into, of the streams with all rows in their order."""
    table = {name: spent_in((folder / f"{name}.stream").read_bytes()) for name in STREAMS}
    (folder / "spent.json").write_text(json.dumps(table, indent=1) + "\n")


def tasks_that_moved(states: list[dict[str, Any]]) -> int:
    """How many tasks are in more than one state over the times: a stream in which nothing happens proves nothing."""
    table = np.array([[int(digit) for digit in entry["states"]] for entry in states])
    return int((table.min(axis=0) < table.max(axis=0)).sum())


if __name__ == "__main__":
    write()
