"""What a front end gets of a lazy value beside its static picture."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import chunkscope.array as ca
import chunkscope.dataframe as cd
from chunkscope import config, delayed
from chunkscope.display import objects
from chunkscope.display.objects import MIME, stretches
from chunkscope.observe import last_run


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook's kernel, as far as displays look."""
    shell = SimpleNamespace(kernel=object(), user_ns={})
    monkeypatch.setitem(sys.modules, "ipykernel", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))


FRAME = cd.from_pandas(pd.DataFrame({"a": range(10), "b": 1.0}), npartitions=3)
VALUES: dict[str, Any] = {
    "array": ca.ones((10, 4), chunks=(4, 4)),
    "DataFrame": FRAME,
    "Series": FRAME.b,
    "Index": FRAME.index,
    "delayed": delayed(sum)([delayed(abs)(-1), 2]),
}


@pytest.mark.parametrize("kind", VALUES)
def test_front_ends_without_us_show_what_they_always_did(kind: str) -> None:
    x = VALUES[kind]
    assert x._repr_mimebundle_() == {"text/plain": repr(x), "text/html": x._repr_html_()}


@pytest.mark.parametrize("kind", VALUES)
def test_in_a_notebook_the_facts_stand_beside_the_picture(kind: str, notebook: None) -> None:
    x, before = VALUES[kind], last_run()
    bundle = x._repr_mimebundle_()
    assert set(bundle) == {MIME, "text/html", "text/plain"}
    assert bundle["text/html"] == x._repr_html_()
    facts = bundle[MIME]
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert (facts["version"], facts["kind"]) == (1, kind)
    assert facts["token"] == x._repr_mimebundle_()[MIME]["token"]
    assert facts["describe"]
    assert last_run() is before  # nothing was computed


def test_the_geometry_is_the_value_s_own(notebook: None) -> None:
    array = VALUES["array"]._repr_mimebundle_()[MIME]
    assert (array["grid"], array["sizes"]) == ([3, 1], [[[4, 2], [2, 1]], [[4, 1]]])
    frame = FRAME._repr_mimebundle_()[MIME]
    assert (frame["grid"], frame["sizes"], frame["exact"]) == ([3], [[[4, 2], [2, 1]]], True)


def test_sizes_that_are_not_known_and_irregular_ones_are_bounded() -> None:
    assert stretches((float("nan"), float("nan"), 3)) == [[None, 2], [3, 1]]
    assert stretches(range(objects.MOST_STRETCHES + 1)) == []


def test_a_million_chunks_are_few_bytes(notebook: None) -> None:
    x = ca.ones((10_000, 10_000), chunks=(10, 10))
    assert len(json.dumps(x._repr_mimebundle_()[MIME])) < 1_000


def test_mime_types_can_be_chosen(notebook: None) -> None:
    x = VALUES["array"]
    assert set(x._repr_mimebundle_(include=["text/plain"])) == {"text/plain"}
    assert set(x._repr_mimebundle_(exclude=[MIME])) == {"text/plain", "text/html"}


def test_viewers_can_be_switched_off(notebook: None) -> None:
    with config.set(viewers=False):
        assert MIME not in VALUES["array"]._repr_mimebundle_()


def test_a_persisted_frame_says_so() -> None:
    assert "nothing computed yet" in FRAME._repr_html_()
    kept = FRAME.persist(scheduler="sync")
    assert "persisted" in kept._repr_html_() and "nothing computed yet" not in kept._repr_html_()
