"""A run as one HTML file: the views, the recording and nothing else. It opens anywhere, also without a network.

Found through the entry point `chunkscope.viewers`, for `run.save("x.html")`. The page holds the same bundle as cells;
its policy forbids it to load anything, and what it shows of the user's is text, never markup.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from pathlib import Path

from chunkscope.observe import RunLog
from chunkscope.observe.recording import Recording, record
from chunkscope.observe.wire import AccountOf, RunHeader

__all__ = ["LARGEST", "VIEWS", "page"]

STATIC = Path(__file__).parent / "static"
LARGEST = 256 * 1024**2
"""Bytes of the largest page."""
VIEWS = ("replay", "progress", "chunks", "graph", "timeline", "memory", "profile", "explain", "table")
"""What a page without a kernel can show."""

_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"

_STYLE = """
:root { color-scheme: light dark; --jp-ui-font-color0: #1b1f24; --jp-ui-font-color2: #5a626b;
  --jp-layout-color1: #ffffff; --jp-layout-color2: #f2f4f6; --jp-border-color2: #d5dae0; --jp-brand-color1: #1668b8; }
@media (prefers-color-scheme: dark) {
  :root { --jp-ui-font-color0: #e6e9ec; --jp-ui-font-color2: #a3abb4; --jp-layout-color1: #14171a;
    --jp-layout-color2: #1f2428; --jp-border-color2: #3a4148; --jp-brand-color1: #6cb2f5; }
}
html, body { height: 100%; margin: 0; background: var(--jp-layout-color1); color: var(--jp-ui-font-color0);
  font: 13px/1.5 system-ui, sans-serif; }
#run { height: 100vh; min-height: 480px; max-width: 1100px; margin: 0 auto; }
noscript pre { padding: 1em; white-space: pre-wrap; }
"""

_START = """
const text = id => document.getElementById(id).textContent;
const dark = matchMedia('(prefers-color-scheme: dark)');
const dress = () => document.body.setAttribute('data-jp-theme-light', String(!dark.matches));
dark.addEventListener('change', dress);
dress();
const packed = Uint8Array.from(atob(text('recording')), letter => letter.charCodeAt(0));
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
new Response(stream).arrayBuffer().then(bytes => {
  const store = new chunkscope.Store();
  store.receive(chunkscope.decodeRecording(bytes));
  chunkscope.mountExplorer(document.getElementById('run'), store, JSON.parse(text('options')));
  globalThis.chunkscope = { store };
  document.body.dataset.ready = 'true';
});
"""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="run"></div>
<noscript><h1>{title}</h1><pre>{words}</pre></noscript>
<script type="text/plain" id="recording">{recording}</script>
<script type="application/json" id="options">{options}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def page(run: RunLog | Recording) -> str:
    """The page, as text. Raises RuntimeError where the views are not built, ValueError for a run that is too large."""
    recorded = run if isinstance(run, Recording) else record(run)
    data = base64.b64encode(gzip.compress(recorded.to_bytes(), 6, mtime=0)).decode("ascii")
    if len(data) > LARGEST:
        raise ValueError(
            f"run {recorded.header.run} takes {len(data):,} bytes in a page, at most {LARGEST:,} are written; "
            "save it as a recording: run.save('x.chunkscope')"
        )
    return _PAGE.format(
        policy=html.escape(_POLICY),
        title=html.escape(_title(recorded.header)),
        style=_built("cell.css").replace("</", "<\\/") + _STYLE,
        words=html.escape(_words(recorded)),
        recording=data,
        options=_inside(json.dumps({"views": VIEWS})),
        script=_inside(_module(_built("cell.js")) + _START),
    )


def _built(name: str) -> str:
    """A file of the built views."""
    path = STATIC / name
    if not path.exists():
        raise RuntimeError(
            "the views are not built, so a run cannot be saved as HTML: run `jlpm install && jlpm build:prod` in the "
            "folder labextension, or install chunkscope from a wheel; run.save('x.chunkscope') works without them"
        )
    return path.read_text(encoding="utf-8")


def _module(code: str) -> str:
    """The bundle with its exports as the properties of `chunkscope`: a page's own script cannot be imported from.

    >>> _module("var a=1,b=2;export{a as Store,b as default};")
    'var a=1,b=2;const chunkscope={Store:a,default:b};'
    """
    found = re.search(r"export\s*\{([^{}]*)\};?\s*$", code)
    if found is None:
        raise RuntimeError("the views are built in a form that a page cannot hold: build them anew")
    pairs = [part.split(" as ") for part in found.group(1).split(",") if part.strip()]
    exports = ",".join(f"{pair[-1].strip()}:{pair[0].strip()}" for pair in pairs)
    return f"{code[: found.start()]}const chunkscope={{{exports}}};"


def _inside(script: str) -> str:
    """A script that cannot end its element: the added backslashes mean nothing inside its texts."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _title(header: RunHeader) -> str:
    return f"Run {header.run}" + (f" · {header.label[:80]}" if header.label else "") + " · chunkscope"


def _words(recorded: Recording) -> str:
    """The run in words, for browsers that run no scripts."""
    told = [message for message in recorded.messages if isinstance(message, AccountOf)]
    chapters = told[-1].chapters if told else ()
    parts = [
        chapter.title + "\n" + "\n".join(f"  {one.text}" for one in chapter.remarks) for chapter in chapters
    ]
    head = f"{recorded.state}: {recorded.nrows:,} of {recorded.header.ntasks:,} tasks on {recorded.header.executor}"
    return "\n\n".join([head, *parts])
