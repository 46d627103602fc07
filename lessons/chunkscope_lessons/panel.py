"""The lesson in the panel: its state as JSON, and the answers to the panel's questions.

Everything works without a panel: then nobody reads the state, and nobody asks.
"""

from collections.abc import Callable
from typing import Any, Protocol

from chunkscope_widgets.topics import topic

from .content import Exercise, Prediction, Step, load, names
from .form import Question, read
from .outcome import Note, Outcome, Status, plain
from .progress import Progress
from .standing import Standing, tally

BUSY = "A cell is running. Check again when it has ended."


class Answers(Protocol):
    """What the panel asks of a lesson."""

    def predict(self, item: str, answer: Any = None) -> Note | Question: ...

    def reveal(self, item: str) -> Outcome: ...

    def check(self, item: str) -> Outcome: ...

    def hint(self, item: str) -> Note: ...

    def solution(self, item: str, confirm: bool = False) -> Note: ...


class Panel:
    """One lesson on the panel's page."""

    def __init__(self, lesson: Answers, standing: Standing) -> None:
        self._lesson = lesson
        self._standing = standing
        self._topic = topic("lesson")
        self._others = {
            name: (load(name).title, *tally(load(name), Progress(name)))
            for name in names()
            if name != standing.content.name
        }
        asks: dict[str, Callable[[dict[str, Any]], str]] = {
            "lesson.predict": self._predict,
            "lesson.reveal": lambda question: _words(lesson.reveal(question["item"])),
            "lesson.check": self._check,
            "lesson.hint": lambda question: _words(lesson.hint(question["item"])),
            "lesson.solution": lambda question: _words(
                lesson.solution(question["item"], question.get("confirm") is True)
            ),
            "lesson.state": lambda question: "",
        }
        for ask, function in asks.items():
            self._topic.handle(ask, self._answering(function))

    def show(self) -> None:
        """Shows the lesson as it is now."""
        self._topic.publish(self.state())

    def state(self) -> dict[str, Any]:
        """Returns the whole lesson as JSON: steps, progress, and the other lessons."""
        content = self._standing.content
        rows = self._standing.rows()
        done = sum(row.status is Status.PASSED for row in rows)
        here = (content.title, done, len(rows))
        overall = sorted([*self._others.items(), (content.name, here)])
        return {
            "lesson": content.name,
            "title": content.title,
            "number": int(content.name.partition("_")[0]),
            "minutes": content.minutes,
            "objectives": list(content.objectives),
            "steps": self._steps(),
            "done": done,
            "total": len(rows),
            "overall": [
                {"lesson": name, "title": title, "done": done, "total": total}
                for name, (title, done, total) in overall
            ],
        }

    def _answering(
        self, function: Callable[[dict[str, Any]], str]
    ) -> Callable[[dict[str, Any]], dict[str, Any]]:
        def answer(question: dict[str, Any]) -> dict[str, Any]:
            message = function(question)
            return {"state": self.state(), "message": message}

        return answer

    def _predict(self, question: dict[str, Any]) -> str:
        item, answer = question["item"], question.get("answer")
        prediction = self._standing.content.predictions.get(item)
        if prediction is not None and isinstance(answer, str):
            answer = read(prediction, answer)
        kept = self._lesson.predict(item, answer)
        return _words(kept if isinstance(kept, Note) else kept.note)

    def _check(self, question: dict[str, Any]) -> str:
        if self._standing.journal.current is not None:
            return BUSY
        return _words(self._lesson.check(question["item"]))

    def _steps(self) -> list[dict[str, Any]]:
        content = self._standing.content
        steps: list[dict[str, Any]] = []
        for step in content.steps:
            if step.kind == "section":
                steps.append(_section(step))
            elif step.kind == "predict":
                steps.append(self._prediction(step, content.predictions[step.id]))
            else:
                steps.append(self._exercise(step, content.exercises[step.id]))
        return steps

    def _prediction(self, step: Step, prediction: Prediction) -> dict[str, Any]:
        standing = self._standing
        last = standing.progress.latest(step.id, ("prediction", "revealed"))
        state = {"prediction": "answered", "revealed": standing.status(step.id).value}.get(last or "", "open")
        choices = [
            {"value": letter, "label": plain(f"{letter}) {text}")}
            for letter, text in prediction.options.items()
        ]
        return {
            **_section(step),
            "title": standing.title(step.id),
            "state": state,
            "question": plain(prediction.ask),
            "question_kind": {"choice": "choice", "number": "number"}.get(prediction.kind, "text"),
            "choices": choices or None,
            "placeholder": "numbers, with commas between" if prediction.kind == "numbers" else "a number",
            "answer": standing.answer(step.id),
            "message": standing.said.get(step.id, ""),
        }

    def _exercise(self, step: Step, exercise: Exercise) -> dict[str, Any]:
        standing = self._standing
        given = min(standing.progress.count(step.id, "hint"), len(exercise.hints))
        opened = standing.progress.count(step.id, "solution") > 0
        return {
            **_section(step),
            "state": standing.status(step.id).value,
            "question": task(exercise),
            "message": standing.said.get(step.id, ""),
            "hints": [plain(hint) for hint in exercise.hints[:given]],
            "hints_left": len(exercise.hints) - given,
            "solution_open": opened,
            "solution": exercise.solution if opened else None,
        }


def task(exercise: Exercise) -> str:
    """Returns what an exercise asks for: the comment lines of its cell after the heading, joined."""
    lines = []
    for line in exercise.starter.splitlines()[1:]:
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return " ".join(lines)


def _section(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "kind": step.kind,
        "title": step.title,
        "state": "open",
        "question": "",
        "choices": None,
        "answer": None,
        "message": "",
        "hints": [],
        "hints_left": 0,
        "solution_open": False,
        "views": list(step.views),
        "cell": step.cell,
    }


def _words(said: Note | Outcome) -> str:
    return repr(said)
