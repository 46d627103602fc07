"""What a lesson knows beside its notebook: predictions, exercises, hints, solutions. Read from generated JSON."""

import json
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

FOLDER = "content"


@dataclass(frozen=True, slots=True)
class Prediction:
    """A question to be answered before the cell runs. `kind` is number, numbers, or choice."""

    id: str
    ask: str
    kind: str
    truth: Any
    why: str
    tolerance: float = 0.0
    options: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    """Feedback by wrong answer ("*" for any other); it may begin with a misconception's id."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """A task with its pristine cell, graded hints and solution."""

    id: str
    title: str
    starter: str
    hints: tuple[str, ...]
    solution: str


@dataclass(frozen=True, slots=True)
class Step:
    """A place in the notebook: a section, a prediction or an exercise, in the order of the cells."""

    id: str
    kind: str
    """section, predict, or exercise."""
    title: str
    cell: str
    """The id of its cell."""
    views: tuple[str, ...] = ()
    """The panel's views that help here."""


@dataclass(frozen=True, slots=True)
class Content:
    """One lesson."""

    name: str
    title: str
    minutes: int
    objectives: tuple[str, ...]
    predictions: dict[str, Prediction]
    exercises: dict[str, Exercise]
    steps: tuple[Step, ...] = ()

    def to_json(self) -> str:
        """Returns the text of the content file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def from_json(text: str) -> Content:
    """Returns the lesson that `to_json` wrote."""
    raw = json.loads(text)
    return Content(
        name=raw["name"],
        title=raw["title"],
        minutes=raw["minutes"],
        objectives=tuple(raw["objectives"]),
        predictions={id: Prediction(**entry) for id, entry in raw["predictions"].items()},
        exercises={id: Exercise(**{**e, "hints": tuple(e["hints"])}) for id, e in raw["exercises"].items()},
        steps=tuple(Step(**{**step, "views": tuple(step["views"])}) for step in raw["steps"]),
    )


@cache
def load(name: str) -> Content:
    """Returns the content of the lesson `name`.

    Raises KeyError for a lesson that does not exist, naming those that do.
    """
    file = files(__package__) / FOLDER / f"{name}.json"
    if not file.is_file():
        raise KeyError(f"no lesson is named {name!r}; there are {', '.join(names())}")
    return from_json(file.read_text(encoding="utf-8"))


def names() -> list[str]:
    """Returns the lessons that are installed, in order."""
    folder = files(__package__) / FOLDER
    return sorted(
        entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json")
    )
