"""Packed strings get the numbers that pandas gives them; what does not fit is left to Arrow."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.dataframe.aggregate import packing
from chunkscope.dataframe.aggregate.keys import encoded

WORDS = st.sampled_from(["aa", "bb", "ü", "\0\0", "a\0", "€", "abcdefgh", "abcdefgi", ""])


@pytest.fixture(autouse=True)
def every_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "FEWEST", 1)


@given(
    words=st.one_of(
        st.lists(st.one_of(WORDS, st.none()), max_size=20),
        st.lists(st.sampled_from(["aa", "bb", "ü", "\0\0", "a\0"]), max_size=20),
        st.lists(st.sampled_from(["abcdefgh", "abcdefgi", "€€ü"]), max_size=20),
    ),
    skip=st.integers(0, 3),
    large=st.booleans(),
    dropna=st.booleans(),
)
def test_numbers_are_those_of_pandas(words: list[str | None], skip: int, large: bool, dropna: bool) -> None:
    kind = pa.large_string() if large else pa.string()
    array = pa.array(words, kind)[skip:]
    found = packing.factorised(array)
    expected, values = pd.factorize(pd.Series(array.to_pylist(), dtype=object), use_na_sentinel=False)
    if found is not None:
        assert found[0].tolist() == expected.tolist()
        assert found[1].to_pylist() == list(values)
    x = pd.Series(words, dtype="str")
    codes, keys = encoded(x, dropna)
    expected, values = pd.factorize(x, use_na_sentinel=dropna)
    assert codes.tolist() == expected.tolist()
    pd.testing.assert_series_equal(keys, pd.Series(values, dtype="str"))


@pytest.mark.parametrize("word", ["EWR", "12345678", "é", "\0\0"])
def test_words_of_one_length(word: str) -> None:
    array = pa.array([word, word[::-1], word], pa.large_string())
    found = packing.factorised(array)
    assert found is not None
    assert found[1].take(pa.array(found[0])).to_pylist() == array.to_pylist()


@pytest.mark.parametrize("words", [["123456789"], ["12345678", "1"], ["ab", None], ["", ""], []])
def test_what_does_not_fit(words: list[str | None]) -> None:
    assert packing.factorised(pa.array(words, pa.large_string())) is None
