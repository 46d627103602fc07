"""Covariance and correlation over any cuts are those of pandas."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.dataframe as cd
from chunkscope.dataframe.aggregate.comoments import pairwise
from chunkscope.errors import FrameError
from tests.engine.dataframe.aggregate.cuts import assert_same, by_tree, cuts, frames, leaf, outcome, parts_of


@given(
    x=frames(("int64", "float64", "bool", "str"), least_columns=2),
    where=cuts(),
    min_periods=st.sampled_from([None, 1, 3]),
    name=st.sampled_from(["cov", "corr"]),
)
def test_of_a_frame(x: pd.DataFrame, where: list[float], min_periods: Any, name: str) -> None:
    options = {"numeric_only": True} | ({} if min_periods is None else {"min_periods": min_periods})
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = outcome(lambda: getattr(x, name)(**options))
    if isinstance(expected, pd.DataFrame) and not expected.size:
        return
    assert_same(
        outcome(lambda: by_tree(pairwise(name, leaf(x), **options).reducer, parts_of(x, where))), expected
    )


def test_a_large_mean_costs_no_digits() -> None:
    rng = np.random.default_rng(2)
    small = pd.DataFrame(rng.normal(size=(1000, 3)), columns=list("abc"))
    x = cd.from_pandas(small + 1e9, npartitions=9)
    np.testing.assert_allclose(x.cov().compute(), small.cov(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(x.corr().compute(), small.corr(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(x.a.corr(x.b).compute(), small.a.corr(small.b), atol=1e-6)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda x: x.a.corr(x.s), "corr needs two series of numbers, found str"),
        (lambda x: x.corr(method="kendall"), r"corr\(method='kendall'\): only \"pearson\""),
        (lambda x: x.a.cov(), r"a series needs one, x.a.cov\(x.b\)"),
    ],
)
def test_refusals(ask: Any, message: str) -> None:
    x = cd.from_pandas(pd.DataFrame({"a": [1, 2], "s": ["u", "v"]}), npartitions=2)
    with pytest.raises(FrameError, match=message):
        ask(x)
