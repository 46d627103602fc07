"""Progress bars: one line for each run, in place on a terminal, and never in the way of a run."""

from __future__ import annotations

import io
import threading

import pytest

from chunkscope import compute, delayed, last_run, simulate
from chunkscope.diagnostics import ProgressBar
from chunkscope.diagnostics.pace import Pace
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
    assert [line.split(" | ")[3] for line in lines] == ["5 tasks", "1 task"]
    assert all(line.split(" | ")[4].endswith("tasks/s") and line.endswith("B made") for line in lines)
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


def test_a_label_in_any_letters_goes_to_any_stream() -> None:
    out = Ascii()
    with ProgressBar(width=10, out=out):
        compute(delayed(inc)(1), label="合計 µ")
        compute(delayed(inc)(1))
    lines = out.getvalue().splitlines()
    assert len(lines) == 2 and lines[0].startswith("?? u [##########] | 100% Completed")
    assert out.getvalue().isascii()


def test_the_rest_takes_what_each_operation_takes() -> None:
    x, y = delayed(inc, name="quick"), delayed(inc, name="slow")
    total = delayed(sum)([*(x(i) for i in range(8)), *(y(i) for i in range(4))])
    run = simulate(total, workers=1, cost={"quick": 1.0, "slow": 10.0, "sum": 4.0})
    pace = Pace()
    pace.take(run, run.columns.since(0, 0))
    assert pace.left(1.0) is None and pace.words(1.0) == ()
    rows = run.columns.since(0, 10)  # 8 quick ones and 2 slow ones
    assert rows.stop[-1] == 28.0
    for part in (run.columns.since(0, 3), run.columns.since(3, 10)):
        pace.take(run, part)
    assert pace.left(28.0) == pytest.approx(20.0 + 2.8)  # two slow ones, and a sum of which nothing is known
    assert pace.left(14.0) == pytest.approx(22.8 / 2)  # two lanes were busy
    assert pace.words(28.0)[:2] == ("0.36 tasks/s", "slow 2/4")
