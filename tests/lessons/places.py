"""Where the lessons lie, and the settings under which tests run them: the smallest sizes, nothing of the user's."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
LESSONS = ROOT / "lessons"
PACKAGE = LESSONS / "chunkscope_lessons"
REFERENCE = Path(__file__).parent / "reference"
HEAVY = ("09_dataframes", "10_groupby_and_sharing")
"""Lessons that read all the flights again and again: some of their tests are for the long run."""
NAMES = tuple(sorted(path.stem for path in (LESSONS / "src").glob("[0-9]*.py")))


def settings(folder: Path) -> dict[str, str]:
    """Environment variables for lessons that run in tests."""
    return {
        "CHUNKSCOPE_LEARN_SIZE": "ci",
        "CHUNKSCOPE_DATA": str(folder / "data"),
        "CHUNKSCOPE_PROGRESS": str(folder / "progress.jsonl"),
    }


UNFOLLOWED = {"CHUNKSCOPE_VIEWERS": "0"}
"""For outputs that are compared: what a page follows has a token of the process that made it."""
