"""What L does, told as a learner meets it: by the texts that it gives back."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chunkscope_lessons import copy_lessons, names
from chunkscope_lessons.attempt import Attempt, Wrong
from chunkscope_lessons.content import load
from chunkscope_lessons.journal import CellRun, Journal
from chunkscope_lessons.progress import progress_file
from tests.lessons.classroom import Classroom

START = 'from chunkscope_lessons import lesson\nL = lesson("02_delayed")'
SETUP = """
import time
from chunkscope import compute, delayed
MOMENT = 0.01
def inc(x):
    time.sleep(MOMENT)
    return x + 1
def add(x, y):
    time.sleep(MOMENT)
    return x + y
"""
RIGHT = "# Exercise ex1: three tasks\nlater = delayed(add)(delayed(inc)(10), delayed(inc)(20))"
WRONG = "# Exercise ex1: three tasks\nlater = add(inc(10), inc(20))"


@pytest.fixture
def room() -> Iterator[Classroom]:
    with Classroom() as room:
        room.run(START)
        room.run(SETUP)
        yield room


def test_an_unknown_lesson_names_those_there_are(room: Classroom) -> None:
    with pytest.raises(KeyError, match="there are 00_start_here, 01_cut_it_up, 02_delayed"):
        room.run('lesson("99_never")')
    with pytest.raises(KeyError, match="no exercise 'ex9'; it has ex1"):
        room.run('L.check("ex9")')


def test_the_header_says_what_one_will_be_able_to_do(room: Classroom) -> None:
    for objective in load("02_delayed").objectives:
        assert objective in repr(room.L)


def test_a_prediction_is_kept_then_compared(room: Classroom) -> None:
    assert "Commit yourself first" in repr(room.run('L.reveal("p2")'))
    assert "How many seconds?" in repr(room.run('L.predict("p2")'))
    assert "give a number, not 'two'" in repr(room.run('L.predict("p2", "two")'))
    assert "You say 1." in repr(room.run('L.predict("p2", 1)'))
    wrong = room.run('L.reveal("p2")')
    assert "You said 1; it is 2." in repr(wrong)
    assert (wrong.misconception, wrong.passed) == ("M05", False)
    room.run('L.predict("p2", 2)')
    assert room.run('L.reveal("p2")').passed


def test_predictions_of_several_numbers_and_choices(room: Classroom) -> None:
    assert "give 2 numbers in brackets" in repr(room.run('L.predict("p3", 4)'))
    assert "choose one of 'a', 'b', 'c'" in repr(room.run('L.predict("q1", "z")'))
    room.run('L.predict("p3", [4, 1])')
    room.run('L.predict("q1", "B")')
    assert room.run('L.reveal("p3")').passed
    assert room.run('L.reveal("q1")').passed


def test_a_prediction_outlives_the_kernel(room: Classroom) -> None:
    room.run('L.predict("p2", 2)')
    with Classroom() as later:
        later.run(START)
        assert later.run('L.reveal("p2")').passed


def test_not_attempted_is_not_incorrect(room: Classroom) -> None:
    assert "Run the cell that begins with" in repr(room.run('L.check("ex1")'))
    starter = load("02_delayed").exercises["ex1"].starter
    assert room.attempt("ex1", starter).status == "not_attempted"
    assert room.attempt("ex1", starter + "  # hm").status == "not_attempted"
    assert room.L.progress().passed == 0


def test_an_error_is_shown_with_the_learners_own_line(room: Classroom) -> None:
    outcome = room.attempt("ex1", "# Exercise ex1: three tasks\nlater = delayed(add)(inc(10) / 0, 1)")
    assert outcome.status == "error"
    assert "ZeroDivisionError: division by zero" in repr(outcome)
    assert "line 2: `later = delayed(add)(inc(10) / 0, 1)`" in repr(outcome)


def test_an_error_inside_a_task_is_an_error_too(room: Classroom) -> None:
    code = "# Exercise ex1: three tasks\nlater = delayed(add)(delayed(inc)('a'), delayed(inc)(20))"
    outcome = room.attempt("ex1", code)
    assert outcome.status == "error"
    assert "TypeError" in repr(outcome)


def test_hints_come_one_by_one_and_the_last_stays(room: Classroom) -> None:
    hints = [repr(room.run('L.hint("ex1")')) for _ in range(4)]
    assert [hint.splitlines()[0] for hint in hints] == [f"ex1, hint {n} of 3" for n in (1, 2, 3, 3)]
    assert room.attempt("ex1", WRONG).next_hint == 3


def test_a_solution_is_given_after_one_attempt(room: Classroom) -> None:
    assert "not tried yet" in repr(room.run('L.solution("ex1")'))
    assert "delayed(add)" in repr(room.run('L.solution("ex1", confirm=True)'))
    room.attempt("ex2", "# Exercise ex2: two loops\ngrand = 3")
    shown = room.run('L.solution("ex2")')
    assert "grand = delayed(sum)(sums)" in repr(shown)
    assert "<details>" in shown._repr_html_()


def test_a_cell_changed_after_it_passed_is_stale(room: Classroom) -> None:
    assert room.attempt("ex1", RIGHT).passed
    assert "✔ ex1" in repr(room.L.progress())
    room.run(RIGHT + "  # tidied")
    assert "↻ ex1" in repr(room.L.progress())
    assert room.run('L.check("ex1")').passed
    assert "✔ ex1" in repr(room.L.progress())


def test_explain_tells_what_ran(room: Classroom) -> None:
    assert "has not run" in repr(room.run('L.explain("ex3")'))
    room.attempt("ex1", RIGHT)
    assert "it computed nothing" in repr(room.run('L.explain("ex1")'))
    room.attempt("ex3", "# Exercise ex3: loop and sum\nanswer = delayed(sum)([1, 2]).compute()")
    told = repr(room.run('L.explain("ex3")'))
    assert "one computation" in told
    assert "1 of 1 task" in told


def test_progress_is_kept_as_lines_on_this_machine(room: Classroom) -> None:
    room.attempt("ex1", WRONG)
    room.attempt("ex1", RIGHT)
    room.run('L.predict("p1", 3)')
    with open(progress_file(), "a") as handle:
        handle.write("not json\n[1]\n")
    lines = [json.loads(line) for line in progress_file().read_text().splitlines()[:-2]]
    assert [(line["item"], line["kind"], line["value"]) for line in lines] == [
        ("ex1", "outcome", "incorrect"),
        ("ex1", "outcome", "passed"),
        ("p1", "prediction", 3.0),
    ]
    with Classroom() as later:
        later.run(START)
        assert "✔ ex1" in repr(later.L.progress())


def test_a_disk_that_refuses_does_not_stop_the_lesson(
    room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CHUNKSCOPE_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    room.run(START)
    assert room.attempt("ex1", RIGHT).passed
    assert "✔ ex1" in repr(room.L.progress())


def test_reset_restores_the_cell_and_keeps_a_backup(room: Classroom, tmp_path: Path) -> None:
    (path,) = [copy for copy in copy_lessons(tmp_path) if copy.stem == "02_delayed"]
    notebook = json.loads(path.read_text())
    (cell,) = [cell for cell in notebook["cells"] if cell["id"] == "ex1"]
    starter, cell["source"] = cell["source"], RIGHT
    path.write_text(json.dumps(notebook))
    room.attempt("ex1", RIGHT)
    assert "02_delayed.ipynb.bak" in repr(room.run('L.reset("ex1")'))
    restored = {cell["id"]: cell for cell in json.loads(path.read_text())["cells"]}
    assert restored["ex1"]["source"] == starter
    backup = {
        cell["id"]: cell for cell in json.loads((tmp_path / "02_delayed.ipynb.bak").read_text())["cells"]
    }
    assert backup["ex1"]["source"] == RIGHT
    assert "… ex1" in repr(room.L.progress())


def test_reset_without_a_file_shows_the_text(room: Classroom) -> None:
    shown = room.run("L.reset()")
    assert "Put this back into the cell yourself" in repr(shown)
    assert "# Exercise ex1: three tasks" in repr(shown)
    assert "# Exercise ex6" in repr(shown)


def test_opening_a_lesson_again_follows_the_cells_once(room: Classroom) -> None:
    room.run(START)
    room.run(START)
    room.attempt("ex3", "# Exercise ex3: loop and sum\nanswer = delayed(sum)([1, 2]).compute()")
    assert len(room.L.journal.last["ex3"].runs) == 1


def test_texts_for_the_browser_are_escaped_and_announced(room: Classroom) -> None:
    outcome = room.attempt("ex1", "# Exercise ex1: three tasks\nlater = delayed(add)('<script>', inc)")
    page = outcome._repr_html_()
    assert 'role="status"' in page
    assert "<script>" not in page
    assert "<table" in room.L.progress()._repr_html_()
    assert "<script>" not in room.run('L.predict("p2", "<script>")')._repr_html_()


def test_files_opened_by_a_cell_are_counted(room: Classroom, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n")
    room.run(f"# Exercise ex5: files\nfor _ in range(3):\n    open({str(path)!r}).close()")
    assert room.L.journal.last["ex5"].opened == {os.path.abspath(path): 3}


def test_the_machine_is_told_in_words(room: Classroom) -> None:
    told = repr(room.run("L.machine()"))
    assert "GB of memory" in told
    assert "size `ci`" in told
    assert os.environ["CHUNKSCOPE_DATA"] in told


def test_what_was_measured_is_kept_and_compared(room: Classroom) -> None:
    first = repr(room.run('L.record("crossover", "from a month on")'))
    assert "On your machine: from a month on." in first
    assert "The time before" not in first
    with Classroom() as later:
        later.run(START)
        assert "The time before: from a month on." in repr(later.run('L.record("crossover", 3)'))


def test_what_killed_kernels_have_left_is_removed(
    room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    child = subprocess.Popen([sys.executable, "-S", "-c", ""])
    child.wait()
    left, mine = (tmp_path / f"chunkscope-lesson-{pid}" for pid in (child.pid, os.getpid()))
    for folder in (left, mine):
        folder.mkdir()
        (folder / "0-0.npy").write_bytes(b"data")
    room.run(START)
    assert list(tmp_path.iterdir()) == [mine]


def test_numbers_are_pythons_or_numpys_and_nothing_else(room: Classroom) -> None:
    room.run("import numpy as np\na, b, c = np.int64(3), 2.5, 'four'")
    attempt = Attempt("ex1", room.shell.user_ns, CellRun("", None), Journal())
    assert (attempt.number("a"), attempt.number("b")) == (3.0, 2.5)
    with pytest.raises(Wrong, match="`c` is a str, expected a number"):
        attempt.number("c")
    room.run("d = delayed(len)([1])")
    with pytest.raises(Wrong, match="`d` is still a plan"):
        attempt.number("d")


def test_what_a_run_brought_to_the_notebook_is_weighed(room: Classroom) -> None:
    room.run("import numpy as np")
    room.attempt(
        "ex1", "# Exercise ex1: x\ndelayed(np.ones)(1000).compute()\ndelayed(np.ones)(10).sum().compute()"
    )
    attempt = Attempt("ex1", room.shell.user_ns, room.L.journal.last["ex1"], Journal())
    assert 8_000 <= attempt.run.result_bytes < 9_000


def test_names_are_sorted() -> None:
    assert names() == sorted(names())
