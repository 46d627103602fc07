"""The form in a cell's output: it keeps answers as `predict` does, and has a text beside it."""

from collections.abc import Iterator
from typing import Any

import pytest

from chunkscope_lessons.form import Question, read
from tests.lessons.classroom import Classroom


@pytest.fixture
def room() -> Iterator[Classroom]:
    with Classroom() as room:
        room.run('from chunkscope_lessons import lesson\nL = lesson("02_delayed")')
        yield room


def parts(question: Question) -> tuple[Any, Any, Any, Any]:
    ask, entry, button, said = question.form().children
    return ask, entry, button, said


def test_a_choice_is_kept_by_the_button(room: Classroom) -> None:
    ask, entry, button, said = parts(room.run('L.predict("q1", ...)'))
    assert "Which line makes a plan" in ask.value
    assert [value for _, value in entry.options] == ["a", "b", "c"]
    button.click()
    assert "choose one of" in said.value
    entry.value = "b"
    button.click()
    assert "You say b." in said.value
    assert 'role="status"' in said.value
    assert room.run('L.reveal("q1")').passed


def test_numbers_are_typed(room: Classroom) -> None:
    _, entry, button, said = parts(room.run('L.predict("p3")'))
    for typed, answer in (("four", "give 2 numbers"), ("4", "give 2 numbers"), ("4, 1", "You say 4, 1.")):
        entry.value = typed
        button.click()
        assert answer in said.value
    assert room.run('L.reveal("p3")').passed
    _, entry, button, said = parts(room.run('L.predict("p2")'))
    entry.value = " 2.0 "
    button.click()
    assert "You say 2." in said.value


def test_the_question_is_there_as_text_too(room: Classroom) -> None:
    question = room.run('L.predict("p2")')
    bundle = question._repr_mimebundle_()
    assert "How many seconds?" in bundle["text/plain"]
    assert "How many seconds?" in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_without_widgets_the_text_is_all(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chunkscope_lessons.form.find_spec", lambda name: None)
    assert set(room.run('L.predict("p2")')._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_what_cannot_be_read_stays_text(room: Classroom) -> None:
    prediction = room.L._content.predictions["p2"]
    assert read(prediction, "two") == "two"
    assert read(prediction, "") == ""
    assert read(prediction, "[2]") == 2.0
