"""Puts Bokeh charts where people see them: in a file, a browser or a notebook. BokehJS is always written inline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Any

from chunkscope.diagnostics.notebook import in_notebook
from chunkscope.display.markup import Markup, element, fragment

__all__ = ["bokehjs", "embedded", "page_of", "show_in_browser", "show_in_notebook"]

PAGE_STYLE = Markup(
    "<style>html{color-scheme:light}body{margin:0 auto;padding:16px 20px;max-width:1180px;background:#fff;"
    "color:#1f2328;font:14px/1.5 system-ui,sans-serif}h1{font-size:20px;margin:4px 0 12px}"
    "h2{font-size:16px;margin:28px 0 6px;border-bottom:1px solid #d1d9e0}"
    "nav a{margin-right:14px}pre{white-space:pre-wrap;overflow-wrap:anywhere}</style>"
)
DARK_FRAME = Markup(
    '<style>[data-jp-theme-light="false"] .ck-chart,.vscode-dark .ck-chart'
    "{filter:invert(0.9) hue-rotate(180deg)}</style>"
)
"""Charts are drawn light: on a dark page their lightness is turned round, and the colours keep their hues."""


@lru_cache
def bokehjs() -> Markup:
    """The script elements of the installed Bokeh's BokehJS, about 1 MB."""
    from bokeh.resources import Resources

    return Markup(Resources(mode="inline", components=["bokeh"]).render())


def embedded(charts: Sequence[Any]) -> tuple[Markup, list[Markup]]:
    """One script that draws all charts, and for each chart the element it is drawn into."""
    from bokeh.embed import components

    if not charts:
        return Markup(), []
    script, places = components(tuple(charts))
    return Markup(script), [Markup(place) for place in places]


def page_of(title: str, *parts: object, scripts: Sequence[Markup] = ()) -> str:
    """A whole HTML page, light, that needs nothing from anywhere else."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width"),
        element("title", title),
        element("link", rel="icon", href="data:,"),
        PAGE_STYLE,
        bokehjs(),
    )
    body = element("body", element("main", fragment(parts)), *scripts)
    return "<!DOCTYPE html>\n" + element("html", head, body, lang="en", data_theme="light")


def chart_page(chart: Any, title: str = "chunkscope profile") -> str:
    """A page with one chart, or a layout of several."""
    script, places = embedded([chart])
    return page_of(title, *places, scripts=[script])


def show_in_notebook(chart: Any) -> None:
    """Show a chart below the running cell; does nothing outside a notebook.

    The page goes into a frame of its own, so that it shows in every front end, also in a saved notebook, offline.
    """
    if not in_notebook():
        return
    page = chart_page(chart)
    height = _height(chart) + 60
    frame = (
        f'{DARK_FRAME}<iframe class="ck-chart" srcdoc="{escape(page, quote=True)}" '
        f'style="width:100%;height:{height}px;border:0" title="chunkscope profile"></iframe>'
    )
    display: Callable[..., Any] = import_module("IPython.display").display
    display({"text/html": frame, "text/plain": "a Bokeh chart"}, raw=True)


def show_in_browser(path: Path) -> None:
    """Open a written page in the reader's browser, where there is one."""
    import webbrowser

    webbrowser.open(path.resolve().as_uri())


def _height(chart: Any) -> int:
    children = getattr(chart, "children", None)
    if children:
        return sum(_height(child[0] if isinstance(child, tuple) else child) for child in children)
    return int(getattr(chart, "height", None) or 300)
