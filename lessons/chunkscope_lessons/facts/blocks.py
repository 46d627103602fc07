"""The kitchen of lesson 01, on the simulator's clock."""

from typing import Any

from chunkscope import simulate

from ..by_hand import from_dict

MINUTES = {"knead": 8, "roll": 4, "wash": 2, "cut": 5, "sauce": 6, "grate": 3, "together": 1, "bake": 10}
WAITS = {
    "roll": ["knead"],
    "cut": ["wash"],
    "sauce": ["cut"],
    "together": ["roll", "sauce", "grate"],
    "bake": ["together"],
}


def block_facts() -> dict[str, Any]:
    """Returns the minutes that one, two and three cooks need."""
    meal = from_dict({step: (max, *WAITS.get(step, ())) for step in MINUTES}, "bake")
    return {
        f"kitchen.{name}": simulate(meal, workers=cooks, cost=MINUTES).seconds
        for name, cooks in (("one", 1), ("two", 2), ("three", 3))
    }
