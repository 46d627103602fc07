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
from chunkscope.display import array_html, objects
from chunkscope.display.objects import MIME, stretches
from chunkscope.observe import last_run
from tests.engine.display.samples import SVG, chunked, pictures


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


@pytest.mark.parametrize("chunks", [((3, 7), (2, 4, 14)), ((3, 3, 4),), ((2,), (9_000_000,))])
def test_a_front_end_finds_the_chunks_where_the_picture_has_them(chunks: Any) -> None:
    x = chunked(*chunks)
    (picture,) = pictures(array_html(x))
    places = objects.array_facts(x)["places"]
    cells = [cell for cell in picture.iter(f"{SVG}rect") if cell.find(f"{SVG}title") is not None]
    shift = max((float(g.get("transform", "")[10:].split()[0]) for g in shifted(picture)), default=0.0)
    left = min(float(cell.get("x", 0)) for cell in cells) + shift
    right = max(float(cell.get("x", 0)) + float(cell.get("width", 0)) for cell in cells) + shift
    top = min(float(cell.get("y", 0)) for cell in cells)
    bottom = max(float(cell.get("y", 0)) + float(cell.get("height", 0)) for cell in cells)
    assert places["form"] == "flat"
    assert places["box"] == pytest.approx([left, top, right - left, bottom - top], abs=0.2)
    (marked,) = [i for i, cell in enumerate(cells) if "mark" in (cell.get("class") or "").split()]
    assert places["mark"] == marked


def shifted(picture: Any) -> list[Any]:
    """The groups that a narrow picture moves to the right."""
    return [g for g in picture.iter(f"{SVG}g") if (g.get("transform") or "").startswith("translate(")]


def test_the_faces_of_a_block_and_the_bars_of_a_strip_are_where_they_are_drawn() -> None:
    x = chunked((5, 5), (6, 3), (7,))
    (picture,) = pictures(array_html(x))
    left, top, width, height, dx, dy, _ = objects.array_facts(x)["places"]["box"]
    front = next(path for path in picture.iter(f"{SVG}path") if (path.get("d") or "").endswith("z"))
    corners = [tuple(map(float, part.split())) for part in (front.get("d") or "")[1:-1].split("L")]
    assert corners[0] == pytest.approx((left, top), abs=0.1)
    assert corners[2] == pytest.approx((left + width, top + height), abs=0.1)
    assert dx > 0 and dy > 0
    assert objects.array_facts(chunked((5,) * 3, (6,) * 3, (7,), (2,) * 9))["places"]["blocks"] == 3
    assert objects.array_facts(chunked(*[(1,) * 2] * 5))["places"] is None
    strip = objects.frame_facts(FRAME)["places"]
    bars = list(pictures(FRAME._repr_html_())[0].iter(f"{SVG}rect"))
    assert [float(bar.get("height", 0)) for bar in bars] == pytest.approx(strip["heights"], abs=0.06)
    at = [i * strip["step"] + strip["gap"] / 2 for i in range(3)]
    assert [float(bar.get("x", 0)) for bar in bars] == pytest.approx(at, abs=0.06)


def test_a_front_end_finds_the_calls_of_each_box(notebook: None) -> None:
    x = delayed(sum)([delayed(abs)(i) for i in range(40)])
    places = x._repr_mimebundle_()[MIME]["places"]
    assert places == {"form": "calls", "groups": [list(range(40)), [40]]}
    few = delayed(max)(delayed(abs)(-1), delayed(abs)(-2))
    groups = few._repr_mimebundle_()[MIME]["places"]["groups"]
    html = few._repr_html_()
    assert groups == [[0], [1], [2]] and html.count('class="node"') == 3
    many = delayed(sum)([delayed(abs)(i) for i in range(2_000)])
    assert many._repr_mimebundle_()[MIME]["places"] is None
