"""The small parts: sizes, fingerprints, comparisons, and what a source may not say."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope_lessons import build
from chunkscope_lessons.attempt import close
from chunkscope_lessons.fingerprint import fingerprint, matches
from chunkscope_lessons.outcome import Note, Outcome, Status
from chunkscope_lessons.sizes import MODES, sizes
from chunkscope_lessons.source import read_source

HEAD = "# title: T\n# minutes: 5\n# needs: nothing\n# skeleton: short\n# objectives: one; two\n"


def test_sizes_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in MODES:
        monkeypatch.setenv("CHUNKSCOPE_LEARN_SIZE", mode)
        assert sizes().mode == mode
    monkeypatch.setenv("CHUNKSCOPE_LEARN_SIZE", "huge")
    with pytest.raises(ValueError, match="use one of ci, small, class, big"):
        sizes()
    monkeypatch.delenv("CHUNKSCOPE_LEARN_SIZE")
    assert sizes().mode in ("small", "class")


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_a_number_matches_its_own_fingerprint_and_not_its_neighbours(value: float, digits: int) -> None:
    expected = fingerprint("x", value, digits)
    assert matches("x", value, expected, digits)
    assert matches("x", value * (1 + 1e-15), expected, digits)
    assert not matches("x", value + 2 * 10**-digits, expected, digits)
    assert not matches("y", value, expected, digits)


def test_what_is_no_number_matches_nothing() -> None:
    expected = fingerprint("x", 1.0, 2)
    assert not any(
        matches("x", value, expected, 2) for value in (None, "one", float("nan"), float("inf"), [1])
    )


def test_close_compares_by_shape_and_by_value() -> None:
    assert close({"a": [1.0, 2.0]}, {"a": (1.0, 2.0 + 1e-12)})
    assert close(np.ones(3), np.ones(3))
    assert close("x", "x")
    assert not close({"a": 1}, {"b": 1})
    assert not close([1, 2], [1])
    assert not close(np.ones(3), np.ones(4))
    assert not close(1, 1.001)


def test_a_status_is_a_glyph_and_a_word() -> None:
    texts = {repr(Outcome("x", status, "m")).splitlines()[0] for status in Status}
    assert len(texts) == len(Status)
    assert len({text[0] for text in texts}) == len(Status)


def test_backquotes_become_code_and_stars_bold() -> None:
    assert "<b>bold</b>" in Note("h", ("a **bold** word, a **k",))._repr_html_()
    assert repr(Note("h", ("a **bold** word",))) == "h\na bold word"
    assert "<code>a &lt; b</code>" in Note("h", ("say `a < b`",))._repr_html_()
    assert "a ` b" in Note("h", ("a ` b",))._repr_html_()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("# %% [exercize ex1]\n", "x.py:6: unknown tag 'exercize'; use one of code, exercise"),
        ("# %% [markdown]\n# {fact:no.such}\n", "x.py:6: no fact is named 'no.such'"),
    ],
)
def test_a_source_with_a_slip_is_told_where(tmp_path: Path, body: str, message: str) -> None:
    (tmp_path / "x.py").write_text(HEAD + body)
    with pytest.raises(ValueError, match=message):
        read_source(tmp_path / "x.py", {})


def test_building_writes_the_same_bytes_again(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "chunkscope_lessons").mkdir()
    (tmp_path / "facts.json").write_text('{"n": 1234}')
    (tmp_path / "src" / "01_x.py").write_text(HEAD + "# %% [markdown]\n# ## Start\n# {fact:n}\n# %%\nx = 1\n")
    written = build.build(tmp_path)
    first = [path.read_bytes() for path in written]
    assert b"1,234" in first[0]
    assert [path.read_bytes() for path in build.build(tmp_path)] == first
