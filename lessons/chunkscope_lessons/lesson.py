"""`lesson("02_delayed")` gives `L`: predict, reveal, check, hint, solution, explain, progress, reset."""

import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from chunkscope.blocks.folders import sweep_folders
from chunkscope.observe import RunLog

from . import scoring
from .attempt import Attempt, NotAttempted, Raised, Wrong
from .content import Content, Exercise, Prediction, load
from .form import Question
from .journal import Journal
from .machine import machine
from .outcome import Note, Outcome, Status, plain
from .overview import HOW, Overview, header
from .panel import Panel
from .progress import Progress
from .registry import checks_of
from .reset import find_notebook, restore
from .sizes import sizes
from .standing import Standing

T = TypeVar("T")


def lesson(name: str, notebook: str | Path | None = None) -> "Lesson":
    """Opens a lesson for the notebook that calls this, and returns its helper.

    `notebook` names the file for `reset`, where it cannot be found by itself. Opening a lesson again in the same
    kernel continues it.

    Raises KeyError for a lesson that does not exist.
    """
    namespace = sys._getframe(1).f_globals
    present = namespace.get("L")
    if isinstance(present, Lesson) and present.name == name:
        present.close()
    sweep_folders("lesson")  # of kernels that were killed in the middle of one
    opened = Lesson(load(name), namespace, notebook)
    opened.show_header()
    return opened


class Lesson:
    """One lesson in one notebook. Its methods return small texts that Jupyter shows; none of them raises.

    (A call that cannot be understood, such as an unknown exercise, does raise, and says what there is.)
    """

    def __init__(
        self, content: Content, namespace: dict[str, Any], notebook: str | Path | None = None
    ) -> None:
        self.name = content.name
        self.sizes = sizes()
        self.journal = Journal()
        self._content = content
        self._namespace = namespace
        self._notebook = notebook
        self._progress = Progress(content.name)
        self._checks = checks_of(content.name)
        self._standing = Standing(content, self._progress, self.journal)
        self._panel = Panel(self, self._standing)
        shell = namespace.get("get_ipython")
        if callable(shell):
            self.journal.follow(shell(), self._panel.show)
        self._panel.show()

    def close(self) -> None:
        """Stops following the notebook's cells."""
        self.journal.stop()

    def __repr__(self) -> str:
        return "\n".join(header(self._content))

    def show_header(self) -> None:
        """Shows the lesson's card where there is a notebook to show it in."""
        if "get_ipython" in self._namespace:
            import_module("IPython.display").display(Note(f"{self._content.title}: open", (HOW,)))

    # -- predictions ----------------------------------------------------------------------------------------

    def predict(self, item: str, answer: Any = None) -> Note | Question:
        """Keeps your answer to a question; without one, asks it. Answering again replaces it."""
        prediction = self._prediction(item)
        if answer is None or answer is ...:
            return Question(prediction, lambda given: self._keep(prediction, given))
        return self._keep(prediction, answer)

    def reveal(self, item: str) -> Outcome:
        """Compares your answer with what is so, and says why. Refuses, politely, until you have predicted."""
        prediction = self._prediction(item)
        answer = self._progress.last(item, "prediction")
        if answer is None:
            text = "Commit yourself first: a wrong guess teaches more than a look at the answer."
            return Outcome(item, Status.NOT_ATTEMPTED, f'{text} `L.predict("{item}", ...)`')
        right = scoring.is_right(prediction, answer)
        self._progress.add(item, "revealed", right)
        said = scoring.shown(answer)
        truth = scoring.shown(prediction.truth)
        if right:
            return self._told(Outcome(item, Status.PASSED, f"You said {said}.\n{prediction.why}"))
        misconception, text = scoring.feedback(prediction, answer)
        lines = [f"You said {said}; it is {truth}.", *([text] if text else []), prediction.why]
        return self._told(Outcome(item, Status.INCORRECT, "\n".join(lines), misconception))

    # -- exercises ------------------------------------------------------------------------------------------

    def check(self, item: str) -> Outcome:
        """Looks at what your cell for an exercise made and did, and tells you."""
        exercise = self._exercise(item)
        outcome = self._judge(exercise)
        if outcome.status is not Status.NOT_ATTEMPTED:
            self._progress.add(item, "outcome", outcome.status.value)
        if outcome.passed:
            self._standing.passed_source[item] = self.journal.last[item].source
        return self._told(outcome)

    def hint(self, item: str) -> Note:
        """Gives the next hint for an exercise, from a nudge to nearly the code; after the last, the last again."""
        exercise = self._exercise(item)
        number = min(self._progress.count(item, "hint") + 1, len(exercise.hints))
        self._progress.add(item, "hint", number)
        self._panel.show()
        return Note(f"{item}, hint {number} of {len(exercise.hints)}", (exercise.hints[number - 1],))

    def solution(self, item: str, confirm: bool = False) -> Note:
        """Shows a solution, folded. Before the first attempt it has to be asked for with `confirm=True`."""
        exercise = self._exercise(item)
        if not confirm and not self._progress.count(item, "outcome"):
            ask = f'Try once and check it, or say `L.solution("{item}", confirm=True)`.'
            return Note(f"{item}: not tried yet", (ask,))
        self._progress.add(item, "solution", True)
        self._panel.show()
        return Note(f"{item}: one solution", (), exercise.solution)

    def explain(self, item: str) -> Note:
        """Tells in words what the last run of your cell for an exercise did."""
        exercise = self._exercise(item)
        cell = self.journal.last.get(item)
        if cell is None:
            return Note(f"{item}: nothing to explain yet", ("Its cell has not run in this session.",))
        if not cell.runs:
            return Note(
                f"{item}: no computation", ("Your cell made plans or plain values; it computed nothing.",)
            )
        count = "one computation" if len(cell.runs) == 1 else f"{len(cell.runs)} computations"
        words = [line for run in cell.runs for line in _words(run)]
        return Note(f"{item} ({exercise.title}): {count}", tuple(words))

    def reset(self, item: str | None = None) -> Note:
        """Restores the cell of an exercise (or of all) in the notebook's file, and forgets its outcome.

        The file as it was is kept beside it, as `.bak`. Where the file cannot be found, the cell's text is shown.
        """
        items = [item] if item is not None else list(self._content.exercises)
        cells = {name: self._exercise(name).starter for name in items}
        for name in items:
            self._progress.add(name, "reset", True)
            self._standing.passed_source.pop(name, None)
            self._standing.said.pop(name, None)
            self.journal.last.pop(name, None)
        self._panel.show()
        path = find_notebook(self.name, self._notebook)
        if path is None:
            text = "The notebook's file was not found. Put this back into the cell yourself:"
            return Note(f"Reset {', '.join(items)}", (text,), "\n\n".join(cells.values()))
        backup = restore(path, cells)
        text = f"{path.name} on disk has the first text again; what was there is in {backup.name}."
        advice = "Choose File ▸ Reload Notebook from Disk to see it."
        return Note(f"Reset {', '.join(items)}", (text, advice))

    def progress(self) -> Overview:
        """Shows what you have predicted and solved in this lesson."""
        return Overview(self._content.title, self._standing.rows())

    def record(self, name: str, value: Any) -> Note:
        """Keeps something that you have measured with your progress, and shows what you measured before."""
        said = str(value)
        before = self._progress.last(name, "measured")
        self._progress.add(name, "measured", said)
        earlier = (f"The time before: {before}.",) if before is not None else ()
        return Note(f"Kept: {name}", (f"On your machine: {said}.", *earlier))

    def machine(self) -> Note:
        """Tells what this machine has and what size of examples that means."""
        return machine(self.sizes)

    # -- inside ---------------------------------------------------------------------------------------------

    def _keep(self, prediction: Prediction, answer: Any) -> Note:
        try:
            kept = scoring.normalise(prediction, answer)
        except ValueError as error:
            return Note(f"{prediction.id}: that is not an answer yet", (str(error),))
        self._progress.add(prediction.id, "prediction", kept)
        self._standing.said.pop(prediction.id, None)
        self._panel.show()
        return Note(
            f"{prediction.id}: kept",
            (f'You say {scoring.shown(kept)}. Now run on, then `L.reveal("{prediction.id}")`.',),
        )

    def _told(self, outcome: Outcome) -> Outcome:
        """Keeps the feedback for the panel, shows it there, and returns it."""
        self._standing.said[outcome.item] = "\n".join(map(plain, outcome.lines()[1:]))
        self._panel.show()
        return outcome

    def _judge(self, exercise: Exercise) -> Outcome:
        item = exercise.id
        following = min(self._progress.count(item, "hint") + 1, len(exercise.hints))
        cell = self.journal.last.get(item)
        if cell is None:
            text = f'Run the cell that begins with "# Exercise {item}" first.'
            return Outcome(item, Status.NOT_ATTEMPTED, text)
        if cell.source.strip() == exercise.starter.strip():
            return Outcome(
                item, Status.NOT_ATTEMPTED, "The cell is as it came: fill in what is missing, then run it."
            )
        try:
            if cell.error is not None:
                raise Raised(cell.error)
            seen = self._checks[item](Attempt(item, self._namespace, cell, self.journal))
        except NotAttempted as missing:
            return Outcome(item, Status.NOT_ATTEMPTED, f"{missing}.")
        except Wrong as wrong:
            return Outcome(item, Status.INCORRECT, f"{wrong}.", wrong.misconception, following)
        except Raised as raised:
            return Outcome(
                item, Status.ERROR, _their_error(raised.error), _error_belief(raised.error), following
            )
        except Exception as error:
            text = f"The check could not make sense of what it found: {type(error).__name__}: {error}."
            return Outcome(item, Status.INCORRECT, text, next_hint=following)
        return Outcome(item, Status.PASSED, seen)

    def _prediction(self, item: str) -> Prediction:
        return _one(self._content.predictions, item, "prediction")

    def _exercise(self, item: str) -> Exercise:
        return _one(self._content.exercises, item, "exercise")


def _one(among: dict[str, T], item: str, noun: str) -> T:
    try:
        return among[item]
    except KeyError:
        raise KeyError(f"this lesson has no {noun} {item!r}; it has {', '.join(among)}") from None


def _their_error(error: BaseException) -> str:
    """Returns the exception and the learner's own line that led to it."""
    text = "".join(traceback.format_exception_only(error)).strip()
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_cell(f.filename)]
    if not frames or not frames[-1].line:
        return text
    return f"{text}\nIn your cell, line {frames[-1].lineno}: `{frames[-1].line}`"


def _is_cell(filename: str) -> bool:
    return "ipykernel_" in filename or filename.startswith(("<ipython-input", "<cell"))


def _error_belief(error: BaseException) -> str | None:
    """Returns the misconception behind an exception that names one: the truth of a lazy value."""
    return "M07" if getattr(error, "misconception", None) == "M07" or "truth" in str(error) else None


def _words(run: RunLog) -> list[str]:
    return run.describe().splitlines()
