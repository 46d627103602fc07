"""The source of a lesson: a Python file in percent format, whose cells carry tags. Read by `build` and the tests.

    # %% [markdown]                      prose; `{fact:flights.rows}` is filled in from facts.json
    # %%                                 code that is given (tags: # %% [code timed] for outputs that differ each time,
                                         # %% [code raises] for a cell that is meant to fail,
                                         # %% [code magics] for one in which `# %x` becomes the magic `%x`)
    # %% [predict p1] number             the question, the truth and the feedback, as `# key: value` lines
    # %% [exercise ex1] A title          the starter cell, with `...` where the learner has to write
    # %% [hint ex1]                      two or three, from a nudge to nearly the code
    # %% [solution ex1]
    # %% [right ex1]                     another solution, which has to pass as well
    # %% [wrong ex1 M09]                 a known wrong answer and the misconception its feedback must name
    # %% [wrong ex1 error]               one that raises ("error M07": and names a misconception)
    # %% [instructor]                    stays out of the notebook

Further tags of sections, predictions and exercises name the panel's views that help there: `[predict p1 timeline]`.

Keys of a prediction: `ask`, `truth`, `why`, `tolerance` (relative), `option a`, `wrong 4` or `wrong *`
(with a misconception's id in front where there is one). Lines indented by two more spaces continue a value.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .content import Content, Exercise, Prediction, Step

CELL = re.compile(r"^# %%(?: \[(?P<tags>[^\]]*)\])?(?P<rest>.*)$")
HEADING = re.compile(r"^(##+) (.+)$", re.MULTILINE)
VIEWS = ("chunks", "graph", "timeline", "memory", "workers", "replay")
FACT = re.compile(r"\{fact:([\w.]+)(?::([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its tags ("exercise", "ex1"), what follows them on the line, and its text without comment signs."""

    tags: tuple[str, ...]
    rest: str
    text: str
    line: int

    @property
    def kind(self) -> str:
        """Returns "code" where there is no tag."""
        return self.tags[0] if self.tags else "code"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A known wrong answer and what the check must say to it."""

    exercise: str
    code: str
    status: str
    misconception: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Source:
    """A lesson as its author wrote it, with the facts filled in."""

    name: str
    meta: dict[str, str]
    cells: tuple[Cell, ...]
    content: Content
    wrongs: tuple[Wrong, ...]
    rights: tuple[tuple[str, str], ...]
    """Exercise and code of each further solution."""


def read_source(path: Path, facts: Mapping[str, Any]) -> Source:
    """Returns the lesson in a source file.

    Raises ValueError, naming file and line, for a tag, key or fact that is not known.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    meta, cells = _cells(lines, path.name)
    cells = [Cell(c.tags, c.rest, fill(c.text, facts, f"{path.name}:{c.line}"), c.line) for c in cells]
    objectives = tuple(part.strip() for part in meta["objectives"].split(";"))
    content = Content(
        path.stem,
        meta["title"],
        int(meta["minutes"]),
        objectives,
        _predictions(cells),
        _exercises(cells),
        _steps(cells),
    )
    wrongs = tuple(_wrong(cell) for cell in cells if cell.kind == "wrong")
    rights = tuple((cell.tags[1], cell.text) for cell in cells if cell.kind == "right")
    return Source(path.stem, meta, tuple(cells), content, wrongs, rights)


def fill(text: str, facts: Mapping[str, Any], where: str) -> str:
    """Returns the text with its facts; whole numbers get thousands commas unless a format follows the name.

    >>> fill("{fact:rows} rows, {fact:mean:.1f}, {fact:rows:d}", {"rows": 1234, "mean": 2.55}, "x")
    '1,234 rows, 2.5, 1234'
    """

    def one(found: re.Match[str]) -> str:
        name, form = found.group(1), found.group(2)
        if name not in facts:
            raise ValueError(f"{where}: no fact is named {name!r}; add it to facts.py")
        value = facts[name]
        return format(value, form if form is not None else "," if isinstance(value, int) else "")

    return FACT.sub(one, text)


def _cells(lines: list[str], name: str) -> tuple[dict[str, str], list[Cell]]:
    meta: dict[str, str] = {}
    starts = [number for number, line in enumerate(lines) if line.startswith("# %%")]
    for line in lines[: starts[0]]:
        key, colon, value = line.removeprefix("# ").partition(":")
        if colon:
            meta[key.strip()] = value.strip()
    cells = []
    for first, last in zip(starts, [*starts[1:], len(lines)], strict=True):
        found = CELL.match(lines[first])
        if found is None:
            raise ValueError(f"{name}:{first + 1}: not a cell line: {lines[first]!r}")
        tags = tuple((found.group("tags") or "").split())
        body = lines[first + 1 : last]
        kind = tags[0] if tags else "code"
        if kind not in KINDS:
            raise ValueError(
                f"{name}:{first + 1}: unknown tag {kind!r}; use one of {', '.join(sorted(KINDS))}"
            )
        if kind in PROSE:
            body = [line.removeprefix("#").removeprefix(" ") if kind != "predict" else line for line in body]
        cells.append(Cell(tags, found.group("rest").strip(), "\n".join(body).strip("\n"), first + 1))
    return meta, cells


PROSE = {"markdown", "hint", "instructor", "predict"}
KINDS = {"markdown", "code", "predict", "exercise", "hint", "solution", "right", "wrong", "instructor"}


def _predictions(cells: list[Cell]) -> dict[str, Prediction]:
    found = {}
    for cell in cells:
        if cell.kind != "predict":
            continue
        keys = _keys(cell)
        options = {
            key.removeprefix("option "): value for key, value in keys.items() if key.startswith("option ")
        }
        found[cell.tags[1]] = Prediction(
            id=cell.tags[1],
            ask=keys["ask"],
            kind=cell.rest,
            truth=keys["truth"] if cell.rest == "choice" else _numbers(keys["truth"]),
            why=keys["why"],
            tolerance=float(keys.get("tolerance", 0)),
            options=options,
            wrong={
                key.removeprefix("wrong "): value for key, value in keys.items() if key.startswith("wrong ")
            },
        )
    return found


def named(cells: Iterable[Cell]) -> Iterator[tuple[Cell, str]]:
    """Yields each cell with the id of its first cell in the notebook: its item's, or its section's with a number."""
    section, number = "start", 0
    for cell in cells:
        heading = HEADING.search(cell.text) if cell.kind == "markdown" else None
        if heading is not None:
            section, number = _slug(heading.group(2)), 0
        number += cell.kind in ("markdown", "code")  # what gets its name by number
        named_by_item = cell.kind in ("predict", "exercise")
        yield cell, cell.tags[1] if named_by_item else f"{section}-{number}"


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40]


def _steps(cells: list[Cell]) -> tuple[Step, ...]:
    steps = []
    for cell, id in named(cells):
        views = tuple(tag for tag in cell.tags[1:] if tag in VIEWS)
        if cell.kind == "markdown":
            titles = re.findall(r"^## (.+)$", cell.text, re.MULTILINE)
            steps += [Step(_slug(title), "section", title, id, views) for title in titles]
        elif cell.kind == "predict":
            steps.append(Step(id, "predict", "", f"ask-{id}", views))
        elif cell.kind == "exercise":
            steps.append(Step(id, "exercise", cell.rest, id, views))
    return tuple(steps)


def _numbers(text: str) -> Any:
    value = ast.literal_eval(text)
    return [float(part) for part in value] if isinstance(value, list) else float(value)


def _keys(cell: Cell) -> dict[str, str]:
    keys: dict[str, str] = {}
    key = ""
    for line in cell.text.splitlines():
        bare = line.removeprefix("#")
        if bare.startswith("   "):
            keys[key] += " " + bare.strip()
            continue
        key, _, value = bare.strip().partition(":")
        keys[key] = value.strip()
    return keys


def _exercises(cells: list[Cell]) -> dict[str, Exercise]:
    found = {}
    for cell in cells:
        if cell.kind != "exercise":
            continue
        id = cell.tags[1]
        of = [c for c in cells if len(c.tags) > 1 and c.tags[1] == id]
        hints = tuple(" ".join(c.text.split()) for c in of if c.kind == "hint")
        (solution,) = [with_heading(cell, c.text) for c in of if c.kind == "solution"]
        found[id] = Exercise(id, cell.rest, with_heading(cell, cell.text), hints, solution)
    return found


def with_heading(exercise: Cell, code: str) -> str:
    """Returns the code under the line by which the exercise's cell is known in any front end."""
    return f"# Exercise {exercise.tags[1]}: {exercise.rest}\n{code}"


def _wrong(cell: Cell) -> Wrong:
    _, exercise, *expected = cell.tags
    status = "error" if "error" in expected else "incorrect"
    belief = next((tag for tag in expected if tag.startswith("M")), None)
    return Wrong(exercise, cell.text, status, belief, cell.line)
