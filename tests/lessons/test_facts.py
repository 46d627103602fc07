"""Gate T7: every number that the lessons state is what the data, the arithmetic and the simulator give."""

import json

from chunkscope_lessons.facts import facts
from tests.lessons.places import LESSONS


def test_facts_are_up_to_date() -> None:
    recorded = json.loads((LESSONS / "facts.json").read_text("utf-8"))
    assert json.loads(json.dumps(facts())) == recorded


def test_facts_that_people_know() -> None:
    recorded = json.loads((LESSONS / "facts.json").read_text("utf-8"))
    assert recorded["flights.rows"] == 336_776
    assert recorded["flights.january"] == 27_004
    assert recorded["flights.first_quarter"] == 80_789
    assert [recorded[f"flights.mean_{airport}"] for airport in ("EWR", "JFK", "LGA")] == [
        15.108,
        12.112,
        10.347,
    ]
    assert [recorded[f"flights.mean_of_means_{a}"] for a in ("EWR", "JFK", "LGA")] == [15.043, 11.981, 10.365]
    assert [recorded[f"delayed.{k}"] for k in ("sequential", "two_workers", "loop_two", "loop_eight")] == [
        3,
        2,
        4,
        1,
    ]
    assert (recorded["pi.best_speedup"], recorded["pi.rising"], recorded["pi.falling"]) == (3, 9, 8)
