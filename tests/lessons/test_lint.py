"""Gate T1: what every lesson must have, and must not."""

import ast
import json
import re
from typing import Any

import pytest

from chunkscope_lessons import build
from chunkscope_lessons.content import Exercise, load, names
from chunkscope_lessons.misconceptions import MISCONCEPTIONS
from chunkscope_lessons.source import Source
from tests.lessons.places import LESSONS, NAMES, PACKAGE

SOURCES = {source.name: source for source in build.read_all(LESSONS)}
SECTIONS = {
    "short": ["Start", "Predict", "Run", "Investigate", "Modify", "Key points", "Clean up"],
    "full": [
        "Start",
        "Predict",
        "Run",
        "Investigate",
        "Modify",
        "Make",
        "Key points",
        "Check yourself",
        "Clean up",
    ],
}
WORDS_A_MINUTE = 130
VISIBLE_LINES = 25


@pytest.fixture(params=NAMES)
def source(request: pytest.FixtureRequest) -> Source:
    return SOURCES[request.param]


@pytest.fixture
def notebook(source: Source) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((PACKAGE / "notebooks" / f"{source.name}.ipynb").read_text("utf-8"))
    return document


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_the_lessons_are_there() -> None:
    assert names() == list(NAMES)
    assert {"00_start_here", "01_cut_it_up", "02_delayed", "07_pi"} < set(names())
    assert {
        "08_memory",
        "09_dataframes",
        "10_groupby_and_sharing",
        "12_schedulers",
        "13_cluster",
        "14_futures",
    } < set(names())


def test_notebooks_and_content_are_what_the_sources_give(source: Source) -> None:
    built = build.to_json(build.notebook(source))
    assert (PACKAGE / "notebooks" / f"{source.name}.ipynb").read_text("utf-8") == built
    assert load(source.name).to_json() == source.content.to_json()


def test_shipped_notebooks_hold_no_outputs_and_have_stable_ids(notebook: dict[str, Any]) -> None:
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9-]{1,64}", id) for id in ids)
    for cell in code_cells(notebook):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


def test_no_solution_is_in_the_shipped_notebook(source: Source, notebook: dict[str, Any]) -> None:
    text = json.dumps(notebook)
    for exercise in source.content.exercises.values():
        assert json.dumps(exercise.solution)[1:-1] not in text
    predictions = [
        cell["source"] for cell in code_cells(notebook) if cell["id"] in source.content.predictions
    ]
    assert all(text.endswith(", ...)") for text in predictions)


def test_the_skeleton(source: Source, notebook: dict[str, Any]) -> None:
    headings = [
        line.removeprefix("## ")
        for cell in notebook["cells"]
        if cell["cell_type"] == "markdown"
        for line in cell["source"].splitlines()
        if line.startswith("## ")
    ]
    wanted = SECTIONS[source.meta["skeleton"]]
    assert [heading for heading in headings if heading in wanted] == wanted


def test_heading_levels_never_skip(notebook: dict[str, Any]) -> None:
    level = 0
    for cell in notebook["cells"]:
        if cell["cell_type"] != "markdown":
            continue
        prose = re.sub(r"```.*?```", "", cell["source"], flags=re.DOTALL)
        for found in re.finditer(r"^(#+) ", prose, re.MULTILINE):
            assert len(found.group(1)) <= level + 1, found.string
            level = len(found.group(1))
    assert level


def test_exercises_are_complete(source: Source) -> None:
    for exercise in source.content.exercises.values():
        wrongs = [wrong for wrong in source.wrongs if wrong.exercise == exercise.id]
        assert 2 <= len(exercise.hints) <= 3, exercise.id
        assert len(wrongs) >= 2, exercise.id
        assert "..." in exercise.starter, exercise.id
        assert exercise.starter.startswith(f"# Exercise {exercise.id}: ")
        for code in (exercise.starter, exercise.solution, *(wrong.code for wrong in wrongs)):
            ast.parse(code)


def test_there_are_notes_for_instructors_and_they_stay_out_of_the_notebook(
    source: Source, notebook: dict[str, Any]
) -> None:
    (notes,) = [cell.text for cell in source.cells if cell.kind == "instructor"]
    assert "Exit ticket" in notes
    assert "Exit ticket" not in json.dumps(notebook)


def test_wrong_answers_name_known_misconceptions(source: Source) -> None:
    assert {wrong.misconception for wrong in source.wrongs} <= {None, *MISCONCEPTIONS}
    assert {wrong.exercise for wrong in source.wrongs} == set(source.content.exercises)


def test_what_is_told_has_no_signs_but_those_for_code_and_bold(source: Source) -> None:
    texts = [text for one in source.content.exercises.values() for text in (*one.hints, one.title)]
    texts += [text for one in source.content.predictions.values() for text in (one.ask, one.why)]
    for text in texts:
        prose = re.sub(r"`[^`]*`|\*\*[^*]+\*\*", "", text)
        assert not re.search(r"(?<!\*)\*\w[^*]*\*|\b_\w+_\b|\]\(", prose), text


def test_every_prediction_is_revealed_after_it_is_asked(source: Source, notebook: dict[str, Any]) -> None:
    cells = [cell["source"] for cell in code_cells(notebook)]
    for id, prediction in source.content.predictions.items():
        asked = cells.index(f'L.predict("{id}", ...)')
        assert cells.index(f'L.reveal("{id}")') > asked
        assert prediction.why
        if prediction.kind == "choice":
            assert set(prediction.wrong) == set(prediction.options) - {prediction.truth}
        else:
            assert "*" in prediction.wrong


def test_questions_at_the_end_diagnose_misconceptions(source: Source) -> None:
    if source.meta["skeleton"] == "short":
        return
    questions = [p for id, p in source.content.predictions.items() if id.startswith("q")]
    assert len(questions) == 3
    for question in questions:
        assert all(text.split()[0] in MISCONCEPTIONS for text in question.wrong.values()), question.id


def test_code_cells_ask_nothing_of_the_network(notebook: dict[str, Any]) -> None:
    for cell in code_cells(notebook):
        shell = r"^\s*(!|%(?!load_ext chunkscope$|chunkmem ))"
        assert not re.search(rf"https?://|{shell}|urllib|requests|socket", cell["source"], re.MULTILINE), (
            cell["id"]
        )


def test_images_have_a_text(notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        assert not re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=\"[^\"]+\")", cell["source"]), cell["id"]


def test_cells_are_short_and_the_time_suffices(source: Source, notebook: dict[str, Any]) -> None:
    assert max(cell["source"].count("\n") + 1 for cell in code_cells(notebook)) <= VISIBLE_LINES
    words = sum(len(cell["source"].split()) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    assert words / WORDS_A_MINUTE <= source.content.minutes


def test_prose_states_no_number_that_is_a_fact_by_hand() -> None:
    facts = json.loads((LESSONS / "facts.json").read_text("utf-8"))
    large = {f"{value:,}" for value in facts.values() if isinstance(value, int) and value >= 10_000}
    for path in sorted((LESSONS / "src").glob("*.py")):
        text = path.read_text("utf-8")
        assert not [number for number in large if number in text], path.name


def test_the_forty_misconceptions_have_texts() -> None:
    assert list(MISCONCEPTIONS) == [f"M{number:02d}" for number in range(1, 41)]
    assert all(m.belief and m.truth for m in MISCONCEPTIONS.values())


def test_a_starter_and_its_solution_share_the_heading(source: Source) -> None:
    def heading(exercise: Exercise) -> tuple[str, str]:
        return exercise.starter.splitlines()[0], exercise.solution.splitlines()[0]

    assert all(len(set(heading(exercise))) == 1 for exercise in source.content.exercises.values())
