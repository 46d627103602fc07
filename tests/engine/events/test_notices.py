"""Notices are bounded, keep how a run began and how it ended, and are read by cursor without loss of what is kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chunkscope.events import TOPICS, Notice, NoticeList


@given(st.integers(1, 10), st.integers(1, 5), st.integers(0, 40), st.integers(1, 7))
def test_the_first_and_the_last_are_kept_and_read_by_cursor(
    limit: int, last: int, count: int, step: int
) -> None:
    notices = NoticeList(limit=limit, last=last)
    read: dict[int, str] = {}
    cursor = 0
    for number in range(count):
        notices.add(Notice("lane", str(number), float(number)))
        if number % step == 0:  # a reader that looks now and then
            first, some = notices.since(cursor)
            while some:
                read.update((first + i, one.text) for i, one in enumerate(some))
                cursor = first + len(some)
                first, some = notices.since(cursor)
    kept = [one.text for one in notices]
    numbers = [*range(min(limit, count)), *range(max(limit, count - last), count)]
    assert kept == [str(number) for number in numbers]
    assert len(notices) == len(numbers) and notices.total == count
    assert all(text == str(number) for number, text in read.items())
    assert set(read) >= {number for number in numbers if number < min(limit, (count - 1) // step * step + 1)}


def test_they_can_be_printed() -> None:
    notices = NoticeList(limit=2, last=1)
    assert repr(notices) == "no notices"
    for number in range(5):
        notices.add(Notice("lane", f"lane {number}", 0.0))
    assert repr(notices).splitlines() == [
        "lane: lane 0",
        "lane: lane 1",
        "(2 notices not kept)",
        "lane: lane 4",
    ]


def test_every_topic_is_explained() -> None:
    assert all(words and words[0].islower() for words in TOPICS.values())
