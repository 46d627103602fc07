"""Colours and the one style sheet of every picture and table, for light and dark pages.

Pictures carry their colours twice: as plain attributes, for viewers that drop style sheets, and as classes
that take JupyterLab's variables. A page says that it is dark by JupyterLab's `data-jp-theme-light`, VS
Code's body class, the `data-theme` of documentation themes, or the reader's own preference. Nothing here is
named by an id, so any number of outputs can stand on one page.
"""

from __future__ import annotations

from chunkscope.display.markup import Markup

__all__ = ["CATEGORIES", "STYLE", "category", "paper_of", "wrap"]

# Okabe and Ito's colours, told apart in every common form of colour blindness; yellow and black are left out
# as they vanish on a light and on a dark page.
CATEGORIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8a8a8a")

WASH = {"light": 16, "dark": 30}
"""Percent of a category's colour in the fill of a node; the rest is the page's."""
EDGE = 70
"""Percent of a category's colour in the outline of a node; the rest is the text's, so that it stands out."""
DIM = 72
"""Percent of the text's colour in secondary text; the rest is the page's."""
INKS = {"light": ("#1f2328", "#ffffff", "#d1d9e0"), "dark": ("#e6edf3", "#0d1117", "#3d444d")}
"""Text, page and rules where the page has no variables of its own."""

_SHADES = {
    "light": "--ck-critical:#a3336f;"
    "--ck-line:#5d7f97;--ck-fill:#dbe8f1;--ck-mark:#f0b440;--ck-soft:#eef1f4;--ck-bad:#b42318",
    "dark": "--ck-critical:#f09ccb;"
    "--ck-line:#8fb3cc;--ck-fill:#2b4254;--ck-mark:#c98a1b;--ck-soft:#2a2e33;--ck-bad:#ff8a80",
}
_DARK_PAGES = (
    '[data-jp-theme-light="false"]',
    ".vscode-dark",
    '[data-theme="dark"]',
    '[theme="dark"]',
)
_LIGHT_PAGES = ('[data-jp-theme-light="true"]', ".vscode-light", '[data-theme="light"]', '[theme="light"]')


def _page(pages: tuple[str, ...], rule: str) -> str:
    return ",".join(f"{page} .ck" for page in pages) + "{" + rule + "}"


def _theme(name: str) -> str:
    fg, bg, rule = INKS[name]
    return (
        f"{_SHADES[name]};--ck-wash:{WASH[name]}%;"
        f"--ck-fg:var(--jp-content-font-color1,var(--vscode-foreground,{fg}));"
        f"--ck-bg:var(--jp-layout-color1,var(--vscode-editor-background,{bg}));"
        f"--ck-dim:color-mix(in srgb,var(--ck-fg) {DIM}%,var(--ck-bg));"
        f"--ck-rule:var(--jp-border-color2,var(--vscode-panel-border,{rule}))"
    )


# Doubled classes outweigh the rules that notebook pages have for every table, code and picture in an output.
_CLASSES = "".join(
    [
        ".ck{color:var(--ck-fg);font:13px/1.45 var(--jp-ui-font-family,system-ui,sans-serif);overflow-x:auto}",
        ".ck.ck svg{font:11px var(--jp-ui-font-family,system-ui,sans-serif);vertical-align:top;max-width:none}",
        ".ck.ck table{border-collapse:collapse;border:0;margin:0;font-size:13px;color:inherit}",
        ".ck.ck th,.ck.ck td{padding:2px 10px;text-align:left;border:0;background:none;vertical-align:top;",
        "max-width:none;white-space:normal}",
        ".ck.ck tr{background:none!important}.ck.ck thead{border:0}",
        ".ck.ck thead th{border-bottom:1px solid var(--ck-rule);font-weight:600}",
        ".ck.ck tbody th{font-weight:400}.ck.ck th,.ck .dim{color:var(--ck-dim)}",
        ".ck.ck .n{text-align:right;font-variant-numeric:tabular-nums}.ck.ck .bar{white-space:nowrap}",
        ".ck .row{display:flex;flex-wrap:wrap;gap:12px 28px;align-items:flex-start}",
        ".ck.ck .head{font-weight:600;margin:0 0 4px}.ck.ck p{margin:2px 0}",
        ".ck.ck code,.ck.ck pre{font:12px/1.4 var(--jp-code-font-family,ui-monospace,monospace);",
        "background:none;padding:0;margin:0;color:inherit}",
        ".ck summary{cursor:pointer}.ck .fg{fill:var(--ck-fg)}.ck .sub{fill:var(--ck-dim)}",
        ".ck .cell{fill:var(--ck-fill)}.ck .mark{fill:var(--ck-mark)}.ck .soft{fill:var(--ck-soft)}",
        ".ck .line{stroke:var(--ck-line)}.ck .edge{stroke:var(--ck-dim)}",
        ".ck .critical{stroke:var(--ck-critical)}.ck .crit{fill:var(--ck-critical)}",
        ".ck .tip{fill:var(--ck-dim)}.ck .page{fill:var(--ck-bg)}.ck .gap{stroke:var(--ck-bg)}",
        ".ck .node{fill:color-mix(in srgb,currentColor var(--ck-wash),var(--ck-bg));",
        f"stroke:color-mix(in srgb,currentColor {EDGE}%,var(--ck-fg))}}",
        ".ck .halo{paint-order:stroke;stroke:var(--ck-bg);stroke-width:3px;stroke-linejoin:round}",
        ".ck details{margin:8px 10px}.ck details table{margin-left:-10px}",
        ".ck .hot:hover{stroke:var(--ck-fg);stroke-width:2}",
        ".ck .card{border:1px solid var(--ck-rule);border-left:3px solid var(--ck-bad);border-radius:4px;",
        "padding:8px 12px;margin:4px 0;max-width:900px}.ck .bad{color:var(--ck-bad)}",
        ".ck.ck .code{background:var(--ck-soft);padding:5px 9px;border-radius:3px;overflow-x:auto;white-space:pre}",
        ".ck .pick{user-select:all;cursor:copy}.ck.ck .ask{margin:8px 0 3px}.ck .card details{margin:8px 0}",
        ".ck rect.bar{fill:color-mix(in srgb,var(--ck-line) 45%,var(--ck-fill))}",
        ".ck rect.deep{fill:color-mix(in srgb,var(--ck-line) 85%,var(--ck-fill))}.ck .strip{margin:2px 10px}",
        ".ck .cols{columns:13em;column-gap:36px;margin:6px 10px;max-width:900px}",
        ".ck .cols div{break-inside:avoid;display:flex;justify-content:space-between;gap:10px}",
        ".ck .card table{margin:6px 0 6px -10px}.ck .errors{overflow-x:auto}",
    ]
)

STYLE = Markup(
    f"<style>.ck{{{_theme('light')}}}"
    f"@media(prefers-color-scheme:dark){{.ck{{{_theme('dark')}}}}}"
    f"{_page(_DARK_PAGES, _theme('dark'))}{_page(_LIGHT_PAGES, _theme('light'))}"
    f"{_CLASSES}</style>"
)
"""The style sheet; part of every output, as an output may be the only one on its page."""


def category(index: int) -> str:
    """The colour of the category `index`; they repeat, so a colour never says anything alone."""
    return CATEGORIES[index % len(CATEGORIES)]


def paper_of(colour: str) -> str:
    """Black or white, whichever is read better on a colour."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    light = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    return "#000000" if (light + 0.05) ** 2 > 0.05 * 1.05 else "#ffffff"


def wrap(body: Markup) -> Markup:
    """A finished HTML fragment: the style sheet and the body under it."""
    return Markup(f'{STYLE}<div class="ck">{body}</div>')
