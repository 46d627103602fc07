"""The widget of a run in a cell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter

import chunkscope.array as ca
from chunkscope.display.objects import MIME
from chunkscope.graph import GraphBuilder, Layer
from chunkscope.observe import RunLog, RunState, last_run, next_number
from chunkscope.observe.recording import Recording, record
from chunkscope_widgets import cells
from chunkscope_widgets.cells import VIEWS, RunView, show


def kernel(block: int) -> int:
    return block


def a_run(*, ended: bool = True) -> RunLog:
    build = GraphBuilder()
    (x,) = build.add(Layer("", "x", kernel, (3,)), nbytes=8)
    run = RunLog(next_number(), build.freeze(x), executor="threads", lanes=["a"])
    for task in range(3):
        run.columns.append(task, 0, run.started, run.started, run.started + 1, 8, 8)
    if ended:
        run.close(RunState.FINISHED, run.started + 2)
    return run


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The views' script, without the TypeScript build."""
    (tmp_path / "cell.js").write_text("export default {}")
    (tmp_path / "cell.css").write_text("")
    monkeypatch.setattr(cells, "STATIC", tmp_path)


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_every_view_carries_the_whole_run(view: str) -> None:
    log = a_run()
    widget = show(log, view)
    assert isinstance(widget, RunView)
    assert tuple(widget.views) == VIEWS[view][0]
    carried = Recording.from_bytes(widget.recording)
    assert (carried.header.run, carried.nrows, carried.state) == (log.number, 3, "finished")
    widget.close()


def test_the_words_stand_beside_the_picture() -> None:
    log = a_run()
    widget = show(log, "timeline", height=123)
    bundle: Any = widget._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"] == log.describe() == widget.describe()
    assert widget.height == 123
    widget.close()


def test_front_ends_without_widgets_get_a_picture_of_the_run() -> None:
    log = a_run()
    widget, recorded = show(log, "chunks_view"), show(record(log), "replay")
    for one in (widget, recorded):
        bundle: Any = one._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        html = data["text/html"]
        assert "application/vnd.jupyter.widget-view+json" in data
        assert ("<svg" in html) == (one is widget) and "3 of 3 tasks" in html + data["text/plain"]
        one.close()
    assert data["text/plain"] in html


def test_saved_notebooks_become_pages_with_static_pictures() -> None:
    log, x = a_run(), ca.ones((4, 4), chunks=2)
    widget = show(log, "timeline")
    bundle: Any = widget._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    outputs = [
        nbformat.v4.new_output("display_data", data=one)
        for one in (data, {**x._repr_mimebundle_(), MIME: {"version": 1, "token": "x-1"}})
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=outputs)])
    page, _ = HTMLExporter(template_name="lab").from_notebook_node(book)
    widget.close()
    assert page.count('<div class="ck">') == 2
    assert "Chunks of the array" in page and f"Run {log.number}" in page
    assert MIME not in page and "widget-view+json" not in page


def test_the_views_need_nothing_of_jupyterlab() -> None:
    sources = list((Path(__file__).parents[2] / "widgets" / "src").rglob("*.ts"))
    assert len(sources) > 30
    foreign = re.compile(
        r"""^import\b[^;'"]*['"](?!\.)|^export[^;'"=(]*\bfrom\s*['"](?!\.)|\bimport\(['"](?!\.)""",
        re.MULTILINE,
    )
    assert foreign.search("import type { X } from '@jupyterlab/x';") and not foreign.search(
        "import x from './x';"
    )
    assert [source.name for source in sources if foreign.search(source.read_text(encoding="utf-8"))] == []


def test_a_recording_can_be_shown_too() -> None:
    widget = show(record(a_run()), "replay")
    assert "3 of 3 tasks" in widget.describe()
    widget.close()
    recording = record(a_run())
    assert {"replay", "timeline", "why"} <= set(dir(recording))
    widget = recording.replay(height=300)
    assert (widget.height, widget.views) == (300, list(VIEWS["replay"][0]))
    widget.close()
    with pytest.raises(AttributeError, match="a Recording has no attribute 'pie'"):
        recording.pie()


def test_a_run_that_goes_on_is_followed_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(RunView, "send", lambda self, header, buffers: sent.append(header))
    log = a_run(ended=False)
    widget = show(log, "replay")
    log.close(RunState.FINISHED, log.started + 2)
    from tests.widgets.test_sender import wait_for

    wait_for(lambda: any(m["kind"] == "ended" for header in sent for m in header["messages"]))
    widget.close()


def test_a_cell_asks_about_its_own_run(monkeypatch: pytest.MonkeyPatch) -> None:
    (ca.ones((40, 40), chunks=(10, 40)) + 1).sum().compute(scheduler="sync")
    log = last_run()
    assert log is not None
    widget = show(log, "explain_view")
    assert widget.answers
    sent: list[Any] = []
    monkeypatch.setattr(widget, "send", lambda content, buffers=None: sent.append(content))
    widget._asked(widget, {"ask": "explain", "id": 7, "run": 10**6}, [])
    widget._asked(widget, {"ask": "nothing", "id": 8}, [])
    widget._asked(widget, "something else", [])
    assert [content["answer"] for content in sent] == [7, 8]
    assert sent[0]["reply"]["run"] == log.number
    assert "cannot answer 'nothing'" in sent[1]["error"]
    assert not show(record(log), "explain_view").answers
    widget.close()


def test_two_runs_beside_each_other_are_of_one_session() -> None:
    one, two = a_run(), a_run()
    widget = show(two, "compare_view", other=one)
    carried = [Recording.from_bytes(data).header for data in (widget.recording, widget.beside)]
    assert [header.run for header in carried] == [two.number, one.number]
    assert len({header.session for header in carried}) == 1
    assert two.compare_view(one).beside == widget.beside
    assert show(two, "timeline").beside == b""
    widget.close()


def test_unknown_views_and_missing_builds_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no view 'pie'; the views are chunks_view, compare_view"):
        show(a_run(), "pie")
    (tmp_path / "cell.js").unlink()
    with pytest.raises(RuntimeError, match="jlpm build:prod"):
        show(a_run(), "timeline")
