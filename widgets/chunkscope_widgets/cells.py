"""The panel's views in a cell's output: `run.timeline()`, `run.replay()`, `run.explain_view()` and others: see `VIEWS`.

The widget carries the run as a recording, so it works wherever anywidgets do; of a run that is still going it hears the
same packets as the panel. Where there are no widgets, the output is a static picture of the run.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from chunkscope.display import run_html
from chunkscope.display.markup import element
from chunkscope.display.theme import wrap
from chunkscope.observe import RunLog
from chunkscope.observe.recording import Recording, record
from chunkscope_widgets import questions
from chunkscope_widgets.bridge import board, sender
from chunkscope_widgets.requests import answer

__all__ = ["VIEWS", "RunView", "show"]

STATIC = Path(__file__).parent / "static"

VIEWS: dict[str, tuple[tuple[str, ...], int]] = {
    "timeline": (("timeline",), 300),
    "graph_view": (("replay", "graph"), 480),
    "chunks_view": (("replay", "chunks"), 480),
    "memory_view": (("replay", "memory"), 440),
    "profile_view": (("profile",), 420),
    "explain_view": (("explain",), 560),
    "whatif_view": (("whatif",), 560),
    "compare_view": (("compare",), 560),
    "replay": (("replay", "chunks", "graph", "timeline", "memory", "table"), 860),
}
"""The views of each method, and the height of the cell in CSS pixels."""


class RunView(anywidget.AnyWidget):
    """A run in a cell. `describe()` says the same in words."""

    _esm = STATIC / "cell.js"
    _css = STATIC / "cell.css"
    recording = traitlets.Bytes().tag(sync=True)
    beside = traitlets.Bytes().tag(sync=True)
    """Another run to compare with; empty for none."""
    answers = traitlets.Bool(False).tag(sync=True)
    """Whether the kernel answers questions about the run."""
    views = traitlets.List(traitlets.Unicode()).tag(sync=True)
    height = traitlets.Int(480).tag(sync=True)

    def __init__(
        self,
        run: RunLog | Recording,
        views: tuple[str, ...],
        height: int,
        other: RunLog | Recording | None = None,
    ) -> None:
        log = run if isinstance(run, RunLog) else None
        live = log is not None and log.stopped is None
        session = sender().session if live else ""
        recorded = run if isinstance(run, Recording) else record(run, session)
        second = b"" if other is None else _recorded(other, recorded.header.session).to_bytes()
        super().__init__(
            recording=recorded.to_bytes(),
            beside=second,
            answers=log is not None,
            views=list(views),
            height=height,
        )
        self._log = log
        self._text = run.describe() if isinstance(run, RunLog) else _describe(recorded)
        if log is not None:
            self._number = log.number
            questions.register(board())
            self.on_msg(self._asked)
        if log is not None and live:
            self._leave = sender().add(self._take)
            sender().watch(log)

    def describe(self) -> str:
        """The run in words."""
        return self._text

    def _asked(self, _: Any, content: Any, __: Any) -> None:
        """Answer a question of the page: about this run, whatever it says."""
        if isinstance(content, dict) and "ask" in content:
            header, buffers = answer({**content, "run": self._number}, sender().session, board())
            self.send({"answer": header["id"], **header}, buffers)

    def _take(self, header: dict[str, Any], buffers: list[bytes]) -> None:
        """Pass a packet on; the last one that this run needs is the one that ends it."""
        self.send(header, buffers)
        if any(m["kind"] == "ended" and m["run"] == self._number for m in header["messages"]):
            self._leave()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The widget; for front ends without widgets, and pages made of notebooks, the run as a picture and words."""
        bundle = super()._repr_mimebundle_(**options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data["text/plain"] = self._text
            data["text/html"] = self._page()
        return bundle

    def _page(self) -> str:
        """The static picture of the run as it is now."""
        if self._log is not None:
            return run_html(self._log)
        return str(wrap(element("pre", self._text)))


def show(
    run: RunLog | Recording,
    view: str,
    other: RunLog | Recording | None = None,
    *,
    height: int | None = None,
) -> RunView:
    """The cell widget of a run (or of a recording) for one of the methods in `VIEWS`; `other`: the run beside it."""
    if view not in VIEWS:
        raise ValueError(f"no view {view!r}; the views are {', '.join(sorted(VIEWS))}")
    if not (STATIC / "cell.js").exists():
        raise RuntimeError(
            "the views are not built: run `jlpm install && jlpm build:prod` in the folder labextension, or install"
            " chunkscope from a wheel; describe() gives the same content in words"
        )
    views, usual = VIEWS[view]
    return RunView(run, views, usual if height is None else height, other)


def _recorded(run: RunLog | Recording, session: str) -> Recording:
    """A run as a recording of the same session, so that both belong together."""
    recorded = run if isinstance(run, Recording) else record(run, session)
    return Recording(tuple(replace(message, session=session) for message in recorded.messages))


def _describe(recording: Recording) -> str:
    header = recording.header
    return f"recorded run {header.run}: {recording.state}, {recording.nrows:,} of {header.ntasks:,} tasks"
