"""Progress in one line: never more than it may be, never wider than it may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chunkscope.display.progress import Progress, cells, progress_html, progress_line
from tests.engine.display.samples import HOSTILE, safe_page

STATES = st.builds(
    Progress,
    done=st.integers(0, 10**6),
    total=st.integers(0, 10**6),
    seconds=st.floats(0, 1e6),
    state=st.sampled_from(["running", "finished", "failed", "cancelled"]),
    label=st.text(max_size=40),
    left=st.none() | st.floats(0, 1e6),
    extras=st.lists(st.sampled_from(["412 tasks/s", "合計 1/2", "68.7 MiB made"]), max_size=3).map(tuple),
).filter(lambda progress: progress.done <= progress.total)


@given(STATES, st.integers(1, 80), st.integers(0, 200), st.booleans())
def test_the_line_fits_and_stays_one_line(
    progress: Progress, width: int, columns: int, ascii_only: bool
) -> None:
    line = progress_line(progress, width, columns, ascii_only=ascii_only)
    assert cells(line) <= columns or not columns
    assert "\n" not in line and "\r" not in line and line.isprintable()
    if ascii_only and not progress.label and not progress.extras:
        assert line.replace("µ", "u").isascii()


@given(STATES)
def test_only_the_whole_is_a_hundred_percent(progress: Progress) -> None:
    assert (progress.percent == 100) == (progress.done == progress.total)


@given(st.integers(0, 400), st.integers(1, 50))
def test_the_bar_is_as_full_as_the_share(done: int, width: int) -> None:
    line = progress_line(Progress(done, 400, 1.0), width)
    bar = line[1 : width + 1]
    assert line[0] == "[" and line[width + 1] == "]"
    eighths = sum(8 if c == "█" else " ▏▎▍▌▋▊▉".index(c) for c in bar)
    assert eighths == int(done / 400 * width * 8)


def test_what_is_left_is_told_at_the_pace_so_far() -> None:
    assert progress_line(Progress(25, 100, 2.0), 4).endswith("| 25 of 100 tasks, about 6.00 s left")
    assert progress_line(Progress(0, 100, 2.0), 4).endswith("| 0 of 100 tasks")
    assert (
        progress_line(Progress(100, 100, 2.0, "finished"), 4)
        == "[████] | 100% Completed | 2.00 s | 100 tasks"
    )


def test_an_end_that_is_no_success_says_so() -> None:
    assert "50% Failed" in progress_line(Progress(1, 2, 1.0, "failed"))
    assert "50% Cancelled" in progress_line(Progress(1, 2, 1.0, "cancelled"))


def test_in_little_room_the_least_important_goes_first() -> None:
    progress = Progress(25, 100, 2.0)
    lines = [progress_line(progress, 20, columns) for columns in (90, 66, 50, 30)]
    assert lines[0].endswith("25 of 100 tasks, about 6.00 s left")
    assert lines[1].endswith("6.00 s left")
    assert lines[2].endswith("2.00 s")
    assert len(lines[3]) == 30 and "25%" in lines[3]


def test_more_is_said_where_there_is_room() -> None:
    progress = Progress(25, 100, 2.0, left=9.0, extras=("13 tasks/s", "sum 3/40", "68.7 MiB made"))
    assert progress_line(progress, 4).endswith(
        "| 25 of 100 tasks, about 9.00 s left | 13 tasks/s | sum 3/40 | 68.7 MiB made"
    )
    assert progress_line(progress, 4, 96).endswith("about 9.00 s left | 13 tasks/s | sum 3/40")
    assert progress_line(progress, 4, 70).endswith("about 9.00 s left")


def test_the_pace_is_that_of_what_was_done_since_the_clock_began() -> None:
    assert Progress(75, 100, 2.0, before=25).remaining == 1.0
    assert Progress(75, 100, 2.0, before=75).remaining is None


def test_html_bars_are_read_out_and_escaped() -> None:
    html = progress_html([Progress(1, 4, 1.0, label=HOSTILE), Progress(0, 0, 0.0)])
    assert HOSTILE in safe_page(html)
    assert (
        html.count("<progress ") == html.count("></progress><span") == 2
    )  # the words stand beside, not in it
    assert 'aria-label="' in html and 'max="4" value="1"' in html
