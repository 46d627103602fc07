"""The card of a task that failed: whose line it was, which block or partition, what it was given."""

from __future__ import annotations

from textwrap import dedent

from chunkscope.compute import Debug
from chunkscope.display.markup import Markup, element, fragment, shorten
from chunkscope.display.tables import fact_table, foldable, row_table
from chunkscope.display.theme import wrap
from chunkscope.events import DEBUG, Failure

__all__ = ["debug_html", "failure_body", "failure_html", "failure_text"]

MAX_ERROR = 300
MAX_PREVIEWS = 6
MAX_PREVIEW = 1_200
MAX_ROWS = 30

_HEADS = {
    "column": "Column",
    "found": "Found",
    "expected": "Expected",
    "file": "File",
    "line": "Line",
    "value": "Value",
}


def failure_text(failure: Failure) -> str:
    """The failure in words; the twin of `failure_html`."""
    return failure.describe(interactive=True)


def failure_html(failure: Failure) -> str:
    """A failed task as a card, under 60 kB whatever its inputs."""
    return str(wrap(failure_body(failure)))


def failure_body(failure: Failure) -> Markup:
    """The card without its style sheet, for pages that have one already."""
    kind, _, text = failure.error.partition(": ")
    message = text.splitlines()[0] if text else ""
    title = element("span", element("span", "✖ ", aria_hidden="true"), kind, class_="bad")
    body = [element("p", title, f": {shorten(message, MAX_ERROR)}" if message else "", class_="head")]
    if failure.origin is not None:
        body.append(_source(failure))
    body.append(fact_table(_facts(failure)))
    if failure.post_mortem:
        body.append(_post_mortem(failure))
    if failure.table:
        body.append(_errors(failure))
    if failure.hint:
        body.append(_paste("Paste this argument where the frame is read", failure.hint))
    if failure.remedy:
        body.append(element("p", *_code(failure.remedy)))
    body += _inputs(failure)
    body.append(_paste("Run only this task here", DEBUG))
    return element("div", fragment(body), class_="card", role="group", aria_label="Failed task")


def _source(failure: Failure) -> Markup:
    """Cell, line and the code that stands there."""
    assert failure.origin is not None
    text = failure.origin.text
    place = element("p", f"{failure.cell}, line {failure.origin.line}", class_="dim")
    return place if not text else fragment([place, element("pre", shorten(text, 160), class_="code")])


def _facts(failure: Failure) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = []
    if failure.variable:
        facts.append(("Variable", element("code", shorten(failure.variable, 60))))
    operation: object = shorten(failure.operation, 80)
    if failure.detail and failure.detail != failure.operation:
        operation = fragment(
            [operation, element("span", f" in {shorten(failure.detail, 120)}", class_="dim")]
        )
    facts.append(("Operation", operation))
    if failure.partition:
        facts.append(("Partition", shorten(failure.partition.removeprefix("partition "), 160)))
    elif failure.region or len(failure.key.block) > 1:  # the number of a delayed call says nothing
        facts.append(("Block", str(failure.key.block)))
    if failure.region:
        facts.append(("Elements", failure.region))
    if failure.file:
        facts.append(("Read from", shorten(failure.file, 160)))
    facts.append(("Task", shorten(str(failure.key), 80)))
    return facts


def _post_mortem(failure: Failure) -> Markup:
    """How the process ended that ran it, what it was given, and what it said last."""
    rows: list[tuple[str, object]] = []
    for name, text in failure.post_mortem:
        long = "\n" in text or name.startswith("Last")
        rows.append(
            (name, element("pre", text[-MAX_PREVIEW:], class_="code") if long else shorten(text, 300))
        )
    return fact_table(rows)


def _errors(failure: Failure) -> Markup:
    """The error table: columns that say nothing are left out."""
    head, *rows = failure.table
    shown = [i for i in range(len(head)) if any(row[i] not in ("", "0") for row in rows)]
    titles = [_HEADS.get(head[i], head[i]) for i in shown]
    cells = [[_cell(head[i], row[i]) for i in shown] for row in rows]
    return element("div", row_table(titles, cells, MAX_ROWS), class_="errors")


def _cell(name: str, text: str) -> object:
    if name == "line" and text.isdigit():
        return int(text)
    return element("code", shorten(text, 80)) if name in ("value", "column") else shorten(text, 80)


def _inputs(failure: Failure) -> list[Markup]:
    if not failure.inputs:
        return []
    parts: list[Markup] = []
    for number, about in enumerate(failure.inputs[:MAX_PREVIEWS]):
        text = failure.previews[number] if number < len(failure.previews) else ""
        parts.append(
            element(
                "p", f"{number}: {shorten(about, 120)}" if len(failure.inputs) > 1 else shorten(about, 120)
            )
        )
        if text:
            parts.append(element("pre", text[:MAX_PREVIEW], class_="code"))
    if len(failure.inputs) > MAX_PREVIEWS:
        parts.append(element("p", "and more", class_="dim"))
    title = "Its input" if len(failure.inputs) == 1 else "Its inputs"
    return [foldable(title, element("div", *parts, class_="inset"), open_=True)]


def _code(text: str) -> list[Markup | str]:
    """A text in which `code` is set as code."""
    parts = " ".join(text.split()).split("`")
    return [element("code", part) if i % 2 else part for i, part in enumerate(parts)]


def _paste(title: str, code: str) -> Markup:
    """Code that one click selects."""
    return element(
        "div",
        element("p", title, element("span", " (a click selects it)", class_="dim"), class_="ask"),
        element("pre", code, class_="code pick"),
    )


def debug_html(debug: Debug) -> str:
    """A task to be debugged, as HTML: what it is, what it reads, how to run it."""
    head, _, rest = debug.describe().partition("\n")
    return str(
        wrap(fragment([element("p", head, class_="head"), element("pre", dedent(rest), class_="code")]))
    )
