"""The lesson's state as the panel gets it, and the panel's questions: the same answers as in the notebook."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from chunkscope_lessons.content import load, names
from chunkscope_widgets import bridge
from chunkscope_widgets.topics import topic
from tests.lessons.classroom import Classroom

START = 'from chunkscope_lessons import lesson\nL = lesson("01_cut_it_up")'
RIGHT = """# Exercise ex1: a mean in pieces
def blocked_mean(chunks):
    return sum(chunk.sum() for chunk in chunks) / sum(len(chunk) for chunk in chunks)
"""
KEYS = {
    "id", "kind", "title", "state", "question", "choices", "answer", "message", "hints", "hints_left",
    "solution_open", "views", "cell",
}  # fmt: skip


@pytest.fixture
def room() -> Iterator[Classroom]:
    with Classroom() as room:
        room.run(START)
        yield room


def shown() -> dict[str, Any]:
    state = topic("lesson").latest
    assert state is not None
    return state


def step(id: str) -> dict[str, Any]:
    (found,) = [step for step in shown()["steps"] if step["id"] == id]
    return found


def ask(kind: str, **question: Any) -> str:
    """What the panel is told; it asks from another thread than the cells'."""
    told: dict[str, Any] = {}
    handler = bridge.board().handler(f"lesson.{kind}")
    assert handler is not None
    asking = threading.Thread(target=lambda: told.update(handler({"ask": f"lesson.{kind}", **question})))
    asking.start()
    asking.join()
    return str(told["message"])


def test_the_state_at_the_start(room: Classroom) -> None:
    state = shown()
    content = load("01_cut_it_up")
    assert (state["lesson"], state["number"], state["minutes"]) == ("01_cut_it_up", 1, 20)
    assert (state["title"], state["objectives"]) == (content.title, list(content.objectives))
    assert (state["done"], state["total"]) == (0, len(content.predictions) + len(content.exercises))
    assert [entry["lesson"] for entry in state["overall"]] == names()
    assert all(entry["total"] and not entry["done"] for entry in state["overall"])
    assert all(set(step) >= KEYS for step in state["steps"])
    assert [step["title"] for step in state["steps"] if step["kind"] == "section"][:3] == [
        "Start",
        "Predict",
        "Run",
    ]


def test_every_step_of_every_lesson_has_its_cell() -> None:
    for name in names():
        with Classroom() as room:
            room.run(START.replace("01_cut_it_up", name))
            from chunkscope_lessons.build import notebook, read_all
            from tests.lessons.places import LESSONS

            (source,) = [source for source in read_all(LESSONS) if source.name == name]
            cells = [cell["id"] for cell in notebook(source)["cells"]]
            places = [cells.index(step["cell"]) for step in shown()["steps"]]
            assert places == sorted(places)


def test_a_prediction_from_open_to_told(room: Classroom) -> None:
    assert (step("p2")["state"], step("p2")["answer"], step("p2")["choices"]) == ("open", None, None)
    assert "give 3 numbers" in ask("predict", item="p2", answer="39, many")
    assert "You say 39, 19.5, 13" in ask("predict", item="p2", answer="39, 19.5, 13")
    assert (step("p2")["state"], step("p2")["answer"]) == ("answered", "39, 19.5, 13")
    assert "it is 39, 26, 24" in ask("reveal", item="p2")
    assert step("p2")["state"] == "incorrect"
    assert "longest chain" in step("p2")["message"]
    ask("predict", item="p2", answer="39, 26, 24")
    assert (step("p2")["state"], step("p2")["message"]) == ("answered", "")
    ask("reveal", item="p2")
    assert (step("p2")["state"], shown()["done"]) == ("passed", 1)


def test_choices_are_read_aloud_with_their_letters(room: Classroom) -> None:
    assert step("p1")["question_kind"] == "choice"
    assert [choice["value"] for choice in step("p1")["choices"]] == ["a", "b", "c"]
    assert step("p1")["choices"][0]["label"] == "a) yes"
    assert "Commit yourself first" in ask("reveal", item="p1")
    ask("predict", item="p1", answer="c")
    assert "✔ p1" in ask("reveal", item="p1")


def test_an_exercise_with_its_hints_and_solution(room: Classroom) -> None:
    assert step("ex1")["state"] == "not_attempted"
    assert "exactly the mean of all numbers" in step("ex1")["question"]
    assert "Run the cell that begins with" in ask("check", item="ex1")
    for given in (1, 2, 3, 3):
        ask("hint", item="ex1")
        assert (len(step("ex1")["hints"]), step("ex1")["hints_left"]) == (given, 3 - given)
    assert "not tried yet" in ask("solution", item="ex1")
    assert not step("ex1")["solution_open"]
    assert "def blocked_mean" in ask("solution", item="ex1", confirm=True)
    assert step("ex1")["solution_open"]
    room.run(RIGHT)
    assert "✔ ex1" in ask("check", item="ex1")
    assert (step("ex1")["state"], shown()["done"]) == ("passed", 1)


def test_the_state_follows_what_is_done_in_the_notebook(room: Classroom) -> None:
    room.run('L.predict("p1", "a")')
    assert step("p1")["state"] == "answered"
    assert room.attempt("ex1", RIGHT).passed
    assert step("ex1")["state"] == "passed"
    room.run(RIGHT + "# tidied")
    assert step("ex1")["state"] == "stale"
    room.run('L.reset("ex1")')
    assert step("ex1")["state"] == "not_attempted"


def test_while_a_cell_runs_nothing_is_checked(room: Classroom) -> None:
    room.shell.user_ns["ask"] = ask
    assert "A cell is running" in room.run('ask("check", item="ex1")')
    assert room.attempt("ex1", RIGHT).passed


def test_the_record_of_other_lessons_is_counted(room: Classroom) -> None:
    room.run('L.predict("p1", "c")\nL.reveal("p1")')
    with Classroom() as later:
        later.run(START.replace("01_cut_it_up", "02_delayed"))
        done = {entry["lesson"]: entry["done"] for entry in shown()["overall"]}
        assert (done["01_cut_it_up"], done["02_delayed"]) == (1, 0)
