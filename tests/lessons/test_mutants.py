"""The checks, checked: no solution with one thing wrong may pass, unless it is right in another way."""

import pytest

from chunkscope_lessons import build
from tests.lessons.classroom import Classroom
from tests.lessons.mutants import mutants
from tests.lessons.places import LESSONS, NAMES

SOURCES = {source.name: source for source in build.read_all(LESSONS)}

RIGHT_IN_ANOTHER_WAY: dict[str, set[str]] = {}


@pytest.mark.parametrize("name", NAMES)
def test_mutants_of_solutions_do_not_pass(name: str) -> None:
    exercises = SOURCES[name].content.exercises
    survivors = []
    with Classroom() as room:
        for cell in build.notebook(SOURCES[name], solved=True)["cells"]:
            id = cell["id"]
            if cell["cell_type"] != "code" or id.startswith("check-") or cell["source"].startswith("L.re"):
                continue
            if id in exercises:
                heading, _, solution = exercises[id].solution.partition("\n")
                for mutant in mutants(solution):
                    if room.attempt(id, f"{heading}\n{mutant}").passed:
                        survivors.append(f"{id}: {mutant}")
            room.run(cell["source"])
    print("\n".join(survivors))
    assert set(survivors) == RIGHT_IN_ANOTHER_WAY.get(name, set())
