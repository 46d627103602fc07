"""Recomputes the facts and writes them: `python -m chunkscope_lessons.facts [FILE]`."""

import json
import sys
from pathlib import Path

from . import facts


def main(arguments: list[str]) -> None:
    """Writes the facts to the file named, or to `lessons/facts.json` of the project."""
    target = Path(arguments[0]) if arguments else Path(__file__).parents[2] / "facts.json"
    target.write_text(json.dumps(facts(), indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
