"""What a check, a prediction or a hint answers: a small text that can be read, heard and stored."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from html import escape

from .misconceptions import MISCONCEPTIONS

CODE = re.compile(r"`([^`]+)`")
BOLD = re.compile(r"\*\*([^*]+)\*\*")


class Status(str, Enum):
    """How an attempt went."""

    PASSED = "passed"
    NOT_ATTEMPTED = "not_attempted"
    INCORRECT = "incorrect"
    ERROR = "error"
    STALE = "stale"


_LOOK = {  # glyph, word and colour of the rule at the left: never colour alone
    Status.PASSED: ("✔", "passed", "#009e73"),
    Status.NOT_ATTEMPTED: ("…", "not attempted", "#767676"),
    Status.INCORRECT: ("✎", "not yet", "#b85c00"),
    Status.ERROR: ("✖", "your code raised an error", "#c23b22"),
    Status.STALE: ("↻", "changed since it passed", "#767676"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of a check: never an exception."""

    item: str
    status: Status
    message: str
    misconception: str | None = None
    next_hint: int | None = None

    @property
    def passed(self) -> bool:
        """Whether the exercise is solved."""
        return self.status is Status.PASSED

    def lines(self) -> list[str]:
        """Returns the text, line by line: what was seen, why it matters, what can be asked for next."""
        glyph, word, _ = _LOOK[self.status]
        lines = [f"{glyph} {self.item}: {word}", *self.message.splitlines()]
        if self.misconception is not None:
            lines.append(f"Remember ({self.misconception}): {MISCONCEPTIONS[self.misconception].truth}")
        if self.next_hint is not None and self.status in (Status.INCORRECT, Status.ERROR):
            lines.append(f'Stuck? `L.hint("{self.item}")` gives hint {self.next_hint}.')
        return lines

    def __repr__(self) -> str:
        return plain("\n".join(self.lines()))

    def _repr_html_(self) -> str:
        return card(self.lines(), _LOOK[self.status][2])


@dataclass(frozen=True, slots=True)
class Note:
    """A text with a heading: a hint, a solution, a prediction's answer."""

    heading: str
    body: tuple[str, ...]
    code: str | None = None

    def __repr__(self) -> str:
        return "\n".join([self.heading, *map(plain, self.body), *([self.code] if self.code else [])])

    def _repr_html_(self) -> str:
        if self.code is None:
            return card([self.heading, *self.body], "#0072b2")
        return (
            f"<details><summary><b>{escape(self.heading)}</b></summary>{''.join(map(_paragraph, self.body))}"
            f'<pre style="white-space:pre-wrap">{escape(self.code)}</pre></details>'
        )


def card(lines: Sequence[str], colour: str) -> str:
    """Returns a box with the first line in bold, announced politely by screen readers."""
    head, *rest = lines
    return (
        f'<div role="status" style="border-left:4px solid {colour};padding:4px 12px;margin:4px 0">'
        f"<b>{escape(head)}</b>{''.join(map(_paragraph, rest))}</div>"
    )


def _paragraph(text: str) -> str:
    return f'<p style="margin:4px 0">{marked(text)}</p>'


def marked(text: str) -> str:
    """Returns escaped HTML, in which `x` between backquotes is code and **x** is bold."""
    return BOLD.sub(r"<b>\1</b>", CODE.sub(r"<code>\1</code>", escape(text)))


def plain(text: str) -> str:
    """Returns a text without the signs for bold; backquotes stay."""
    return BOLD.sub(r"\1", text)
