"""Random jobs while workers are killed, stopped, slowed down, restarted and too small: right, or cleanly failed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chunkscope.executors.cluster import stops
from tests.engine.executors.left_behind import nothing_is_left
from tests.engine.executors.sessions import Session

SESSIONS = {"quick": 2, "default": 8, "full": 120}[os.environ.get("CHUNKSCOPE_PROFILE", "default")]
"""Of three to six jobs each: more than five hundred in the longest profile."""


@pytest.mark.parametrize("seed", range(SESSIONS))
def test_a_session_of_random_jobs(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that fails is run again alone by `CHUNKSCOPE_PROFILE=full pytest -k "random_jobs and SEED]"`."""
    monkeypatch.setattr(stops, "STOPPED_SECONDS", 0.3)
    session = Session(seed)
    with nothing_is_left(tmp_path):
        session.run()
    assert session.trouble == [], session.describe()
    assert session.right + session.failed == len(session.jobs)
    print(f"{session.describe()}; {session.right} right, {session.failed} failed")
