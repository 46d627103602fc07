"""How far a learner is in one lesson: the state of each item, from what was recorded and what the cells say now."""

import textwrap
from dataclasses import dataclass

from . import scoring
from .content import Content
from .journal import Journal
from .outcome import Status, plain
from .progress import Progress


@dataclass(frozen=True, slots=True)
class Row:
    """One prediction or exercise: its id, its title, its state, and how many hints were taken."""

    item: str
    title: str
    status: Status
    hints: int


class Standing:
    """The state of every prediction and exercise of a lesson."""

    def __init__(self, content: Content, progress: Progress, journal: Journal) -> None:
        self.content = content
        self.progress = progress
        self.journal = journal
        self.passed_source: dict[str, str] = {}
        """The text of each exercise's cell when it passed."""
        self.said: dict[str, str] = {}
        """The last feedback on each item, in plain text."""

    def rows(self) -> tuple[Row, ...]:
        """Returns all predictions and exercises, in the order of the notebook."""
        items = [step.id for step in self.content.steps if step.kind != "section"]
        return tuple(
            Row(item, self.title(item), self.status(item), self.progress.count(item, "hint"))
            for item in items
        )

    def status(self, item: str) -> Status:
        """Returns how the last attempt at an item went."""
        if item in self.content.predictions:
            right = self.progress.last(item, "revealed")
            if right is None:
                return Status.NOT_ATTEMPTED
            return Status.PASSED if right else Status.INCORRECT
        kept = self.progress.last(item, "outcome")
        if kept is None:
            return Status.NOT_ATTEMPTED
        cell = self.journal.last.get(item)
        changed = cell is not None and cell.source != self.passed_source.get(item, cell.source)
        return Status.STALE if kept == Status.PASSED and changed else Status(kept)

    def title(self, item: str) -> str:
        """Returns an exercise's title, or the beginning of a question."""
        if item in self.content.predictions:
            return textwrap.shorten(plain(self.content.predictions[item].ask), 60, placeholder=" …")
        return self.content.exercises[item].title

    def answer(self, item: str) -> str | None:
        """Returns the learner's answer to a prediction, as it is printed, or None."""
        kept = self.progress.last(item, "prediction")
        return None if kept is None else scoring.shown(kept)


def tally(content: Content, progress: Progress) -> tuple[int, int]:
    """Returns how many items of a lesson are done, and how many there are, by the record alone."""
    right = sum(progress.last(item, "revealed") is True for item in content.predictions)
    passed = sum(progress.last(item, "outcome") == Status.PASSED for item in content.exercises)
    return right + passed, len(content.predictions) + len(content.exercises)
