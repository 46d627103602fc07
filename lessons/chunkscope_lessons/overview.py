"""A lesson's card and its table of progress, as text and as an HTML table with a caption."""

from dataclasses import dataclass
from html import escape

from .content import Content
from .outcome import _LOOK, Status, marked
from .standing import Row


def header(content: Content) -> list[str]:
    """Returns the card: title, time, what you will be able to do, how it works."""
    return [
        content.title,
        f"{content.minutes} minutes. After this lesson you can:",
        *(f"• {objective}" for objective in content.objectives),
        HOW,
    ]


HOW = (
    "Predict before you run: put your answer in place of `...` in `L.predict(...)`, or run it and use the form; "
    "then `L.reveal(...)`. Exercises: `L.check(...)`, `L.hint(...)`, `L.solution(...)`. Where you are: "
    "`L.progress()`. What you do stays on this machine."
)


@dataclass(frozen=True, slots=True)
class Overview:
    """The items of a lesson with their state."""

    title: str
    rows: tuple[Row, ...]

    @property
    def passed(self) -> int:
        """Number of items that are solved or rightly predicted."""
        return sum(row.status is Status.PASSED for row in self.rows)

    def _summary(self) -> str:
        return f"{self.title}: {self.passed} of {len(self.rows)}"

    def __repr__(self) -> str:
        lines = [self._summary()]
        for row in self.rows:
            glyph, word, _ = _LOOK[row.status]
            used = f", {row.hints} hints" if row.hints else ""
            lines.append(f"  {glyph} {row.item:<4} {row.title} ({word}{used})")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><th scope="row" style="text-align:left">{escape(row.item)}</th>'
            f'<td style="text-align:left">{marked(row.title)}</td>'
            f'<td style="text-align:left">{_LOOK[row.status][0]} {_LOOK[row.status][1]}</td><td>{row.hints}</td></tr>'
            for row in self.rows
        )
        head = "".join(f'<th scope="col">{name}</th>' for name in ("", "what", "state", "hints"))
        caption = f'<caption style="text-align:left"><b>{escape(self._summary())}</b></caption>'
        return f'<table role="status">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
