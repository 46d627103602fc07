"""Builds the notebooks and their content files from the sources: `python -m chunkscope_lessons.build [FOLDER]`.

FOLDER is the `lessons` folder of the project. Nothing is executed here: `reference` runs the solved notebooks.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .source import Cell, Source, named, read_source, with_heading

MAGIC = re.compile(r"^# %", re.MULTILINE)
LICENCE = "*Text: [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/). Code: the project's licence.*"


def build(folder: Path) -> list[Path]:
    """Writes notebooks and content of all sources under `folder`; returns what was written."""
    package = folder / "chunkscope_lessons"
    written = []
    for source in read_all(folder):
        written.append(package / "notebooks" / f"{source.name}.ipynb")
        written[-1].parent.mkdir(exist_ok=True)
        written[-1].write_text(to_json(notebook(source)), encoding="utf-8")
        written.append(package / "content" / f"{source.name}.json")
        written[-1].parent.mkdir(exist_ok=True)
        written[-1].write_text(source.content.to_json(), encoding="utf-8")
    return written


def read_all(folder: Path) -> list[Source]:
    """Returns all lessons under `folder`, in order, with the facts of `facts.json` filled in."""
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    return [read_source(path, facts) for path in sorted((folder / "src").glob("[0-9]*.py"))]


def notebook(source: Source, solved: bool = False) -> dict[str, Any]:
    """Returns a lesson as a notebook without outputs: as shipped, or with truths and solutions filled in."""
    cells = [_title(source), *_body(source, solved), _markdown("licence", LICENCE)]
    ids = [cell["id"] for cell in cells]
    twice = {id for id in ids if ids.count(id) > 1}
    if twice:
        raise ValueError(f"{source.name}: cell ids used twice: {sorted(twice)}")
    metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "chunkscope": {"lesson": source.name},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def to_json(document: dict[str, Any]) -> str:
    """Returns the text of a notebook file, the same for the same notebook."""
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _title(source: Source) -> dict[str, Any]:
    content = source.content
    card = [f"# {content.title}", "", f"**{content.minutes} minutes** · needs: {source.meta['needs']}", ""]
    card += ["**After this lesson you can**", "", *(f"- {objective}" for objective in content.objectives)]
    return _markdown("title", "\n".join(card))


def _body(source: Source, solved: bool) -> Iterator[dict[str, Any]]:
    for cell, id in named(source.cells):
        yield from _cell(source, cell, id, solved)


def _cell(source: Source, cell: Cell, id: str, solved: bool) -> Iterator[dict[str, Any]]:
    if cell.kind == "markdown":
        yield _markdown(id, cell.text)
    elif cell.kind == "code":
        yield _code(id, MAGIC.sub("%", cell.text) if "magics" in cell.tags else cell.text, *cell.tags)
    elif cell.kind == "predict":
        prediction = source.content.predictions[cell.tags[1]]
        word = "Question" if prediction.id.startswith("q") else "Predict"
        options = [f"- **{letter}** — {text}" for letter, text in prediction.options.items()]
        yield _markdown(
            f"ask-{prediction.id}",
            "\n".join([f"**{word} {prediction.id}.** {prediction.ask}", "", *options]),
        )
        answer = json.dumps(_plain(prediction.truth)) if solved else "..."
        yield _code(prediction.id, f'L.predict("{prediction.id}", {answer})')
    elif cell.kind == "exercise":
        exercise = source.content.exercises[cell.tags[1]]
        yield _code(
            exercise.id,
            exercise.solution if solved else with_heading(cell, cell.text),
            *cell.tags,
        )
        yield _code(f"check-{exercise.id}", f'L.check("{exercise.id}")')


def _plain(truth: Any) -> Any:
    if isinstance(truth, list):
        return [_plain(part) for part in truth]
    return int(truth) if isinstance(truth, float) and truth.is_integer() else truth


def _markdown(id: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": _short(id), "metadata": {}, "source": text}


TAGS = {"timed": "nbval-ignore-output", "raises": "raises-exception"}
"""Tags of a source's cells, as tools for notebooks name them: whose outputs differ, and which are meant to fail."""


def _code(id: str, text: str, *tags: str) -> dict[str, Any]:
    known = [TAGS[tag] for tag in tags if tag in TAGS]
    metadata = {"tags": known} if known else {}
    return {
        "cell_type": "code", "execution_count": None, "id": _short(id), "metadata": metadata,
        "outputs": [], "source": text,
    }  # fmt: skip


def _short(id: str) -> str:
    return id[:64]


def main(arguments: list[str]) -> None:
    """Builds, and names what was written."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parents[1]
    for path in build(folder):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
