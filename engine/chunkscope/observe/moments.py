"""A recorded run in words, as it was at a moment: how far each operation was, what ran, what was decided last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chunkscope.observe.chapters import lines_of
from chunkscope.observe.fold import Shown, fold
from chunkscope.observe.steps import REFUSED
from chunkscope.observe.wire import AccountOf, Notices, RunEnded
from chunkscope.units import format_bytes, format_count, format_seconds

if TYPE_CHECKING:
    from chunkscope.observe.recording import Recording

__all__ = ["describe"]


def describe(recording: Recording, time: float | None) -> str:
    """See `Recording.describe`."""
    header = recording.header
    ended = next((one for one in recording.messages if isinstance(one, RunEnded)), None)
    name = f"recorded run {header.run}" + (f" ({header.label})" if header.label else "")
    tasks = format_count(header.ntasks, "task")
    if time is None:
        state = REFUSED if _is_refused(recording) else recording.state
        head = f"{name}: {state} on {header.executor}, {recording.nrows:,} of {tasks}"
        lines = [head + ("" if ended is None else f" in {format_seconds(ended.seconds)}")]
        if ended is not None:
            lines.append(f"  memory: {format_bytes(int(ended.peak_bytes))} at the peak")
    else:
        lines = [f"{name} at {format_seconds(time)}: {tasks} on {header.executor}"]
    (found,) = fold(recording.messages).values()
    states = found.states(time)
    for layer in header.layers:
        counts = np.bincount(states[layer.first_task : layer.first_task + layer.ntasks], minlength=len(Shown))
        said = [
            f"{count:,} {state.name.lower()}" for state, count in zip(Shown, counts, strict=True) if count
        ]
        lines.append(f"  {layer.op}: {format_count(layer.ntasks, 'task')}: {', '.join(said)}")
    told = _notice_before(recording, time)
    if told:
        lines.append(f"  decided last: {told}")
    accounts = [one for one in recording.messages if isinstance(one, AccountOf)]
    if accounts and time is None:
        lines += lines_of(accounts[-1].chapters)
    return "\n".join(lines)


def _is_refused(recording: Recording) -> bool:
    return any("refused" in one.topics for one in recording.messages if isinstance(one, Notices))


def _notice_before(recording: Recording, time: float | None) -> str:
    """The last decision up to a moment."""
    said = [
        (float(at), text)
        for one in recording.messages
        if isinstance(one, Notices)
        for at, text in zip(one.time, one.texts, strict=True)
        if time is None or at <= time
    ]
    return max(said)[1] if said else ""
