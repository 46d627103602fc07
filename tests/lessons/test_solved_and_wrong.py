"""Gates T3 and T4: solutions pass, and each known wrong answer gets the feedback that was written for it."""

import pytest

from chunkscope_lessons import Status, build
from chunkscope_lessons.outcome import plain
from tests.lessons.classroom import Classroom
from tests.lessons.places import LESSONS, NAMES

SOURCES = {source.name: source for source in build.read_all(LESSONS)}


@pytest.mark.parametrize("name", NAMES)
def test_solutions_pass_and_wrong_answers_are_told_why(name: str) -> None:
    source = SOURCES[name]
    exercises = source.content.exercises
    feedback: dict[str, set[str]] = {id: set() for id in exercises}
    with Classroom() as room:
        for cell in build.notebook(source, solved=True)["cells"]:
            if cell["cell_type"] != "code":
                continue
            id = cell["id"]
            if id in exercises:
                for wrong in (w for w in source.wrongs if w.exercise == id):
                    code = f"{exercises[id].starter.splitlines()[0]}\n{wrong.code}"
                    outcome = room.attempt(id, code)
                    where = f"{name}:{wrong.line}: {outcome!r}"
                    assert outcome.status == wrong.status, where
                    assert outcome.misconception == wrong.misconception, where
                    assert repr(outcome) not in feedback[id], f"{where}: the same as for another wrong answer"
                    feedback[id].add(repr(outcome))
                heading = exercises[id].starter.splitlines()[0]
                for code in (code for exercise, code in source.rights if exercise == id):
                    outcome = room.attempt(id, f"{heading}\n{code}")
                    assert outcome.passed, f"{name}: {code}\n{outcome!r}"
                assert room.attempt(id, exercises[id].solution).passed
                continue
            result = room.run_cell(cell)
            if "reveal" in cell["source"] or id.startswith("check-"):
                assert result.passed, f"{name} {id}: {result!r}"
        overview = room.L.progress()
        assert overview.passed == len(overview.rows)


@pytest.mark.parametrize("name", NAMES)
def test_every_wrong_prediction_gets_an_answer(name: str) -> None:
    source = SOURCES[name]
    with Classroom() as room:
        room.run(f'from chunkscope_lessons import lesson\nL = lesson("{name}")')
        for id, prediction in source.content.predictions.items():
            for wrong, text in prediction.wrong.items():
                if wrong == "*":
                    continue
                parts = wrong.split(", ")
                answer = wrong if prediction.kind == "choice" else [float(part) for part in parts]
                room.L.predict(id, answer[0] if prediction.kind == "number" else answer)
                outcome = room.L.reveal(id)
                assert outcome.status is Status.INCORRECT, (id, wrong)
                belief, _, rest = text.partition(" ")
                assert (rest if outcome.misconception else text) in repr(outcome), (id, wrong)
                assert outcome.misconception in (None, belief), (id, wrong)
                assert plain(prediction.why) in repr(outcome)
