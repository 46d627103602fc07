"""Progress bars: one line for each run, in place on a terminal, and never in the way of a run."""

from __future__ import annotations

import io
import threading

import pytest

from chunkscope import compute, delayed, last_run
from chunkscope.diagnostics import ProgressBar
from chunkscope.observe import subscribe


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Ascii(io.StringIO):
    """A stream that can write ASCII only."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "ascii"


def inc(x: int) -> int:
    """One more."""
    return x + 1


def test_a_pipe_gets_one_whole_line_for_each_run() -> None:
    out = io.StringIO()
    with ProgressBar(width=10, out=out) as bar:
        compute([delayed(inc)(i) for i in range(5)])
        first = bar.last_duration
        compute(delayed(inc)(1), scheduler="sync")
    lines = out.getvalue().splitlines()
    assert [line.split(" | ")[0] for line in lines] == ["[██████████]"] * 2
    assert [line.rsplit(" | ", 1)[1] for line in lines] == ["5 tasks", "1 task"]
    assert first > 0 and last_run().seconds == bar.last_duration  # type: ignore[union-attr]


def test_a_terminal_is_redrawn_in_place_and_ends_with_a_new_line() -> None:
    out = Terminal()
    gate = threading.Event()
    with ProgressBar(width=10, dt=0.001, out=out):
        started = subscribe(lambda run, moment: None)
        timer = threading.Timer(0.1, gate.set)
        timer.start()
        compute([delayed(inc)(1), delayed(gate.wait)(30)], num_workers=2)
        timer.join()
        started.close()
    text = out.getvalue()
    assert text.startswith("\r[") and text.endswith("\n") and text.count("\n") == 1
    drawn = [line.rstrip() for line in text.strip().split("\r") if line]
    assert len(drawn) >= 2
    assert "100% Completed" not in drawn[0] and "100% Completed" in drawn[-1]


def test_a_failed_run_is_shown_as_it_ended() -> None:
    def fail(x: int) -> None:
        raise ValueError("no")

    out = io.StringIO()
    with ProgressBar(width=10, out=out), pytest.raises(ValueError, match="no"):
        compute(delayed(fail)(delayed(inc)(1)), scheduler="sync")
    assert " 50% Failed | " in out.getvalue()


def test_short_runs_are_not_shown_below_the_minimum() -> None:
    out = io.StringIO()
    with ProgressBar(minimum=60, out=out) as bar:
        compute(delayed(inc)(1))
    assert out.getvalue() == ""
    assert bar.last_duration > 0


def test_registered_bars_show_until_they_are_unregistered() -> None:
    out = io.StringIO()
    bar = ProgressBar(out=out)
    compute(delayed(inc)(1))
    bar.register()
    bar.register()
    compute(delayed(inc)(1))
    bar.unregister()
    bar.unregister()
    compute(delayed(inc)(1))
    assert out.getvalue().count("\n") == 1


def test_a_stream_without_block_characters_gets_plain_ones() -> None:
    out = Ascii()
    with ProgressBar(width=10, out=out):
        compute(delayed(inc)(1))
    assert out.getvalue().startswith("[##########] | 100% Completed")


def test_a_stream_that_closes_does_not_disturb_the_run() -> None:
    out = Terminal()
    with ProgressBar(out=out):
        out.close()
        assert compute(delayed(inc)(1)) == (2,)


def test_no_thread_is_left() -> None:
    with ProgressBar(out=io.StringIO()):
        compute([delayed(inc)(i) for i in range(3)])
    assert not [thread for thread in threading.enumerate() if thread.name == "chunkscope-watcher"]
