"""Text stays text, and numbers stay short."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from chunkscope.display.markup import Markup, element, fragment, number, shorten


def legal(c: str) -> bool:
    """Whether XML can hold a character at all."""
    return c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"


@given(st.text())
def test_any_text_survives_as_the_text_of_an_element_and_an_attribute(text: str) -> None:
    parsed = ElementTree.fromstring(element("p", text, title=text))
    readable = "".join(c if legal(c) else "\ufffd" for c in text)
    lines = readable.replace("\r\n", "\n").replace("\r", "\n")  # as every XML parser reads line ends
    assert (parsed.text or "") == lines
    assert parsed.get("title") == lines.replace("\n", " ").replace("\t", " ")
    assert len(parsed) == 0


def test_markup_is_not_escaped_twice_and_other_text_always_is() -> None:
    inner = element("b", "x < y")
    assert element("p", inner, " & z") == "<p><b>x &lt; y</b> &amp; z</p>"
    assert fragment([Markup("<br/>"), "<br/>"]) == "<br/>&lt;br/&gt;"


def test_attributes_are_named_as_in_html_and_none_is_left_out() -> None:
    assert element("path", class_="a", stroke_width=1.25, d=None) == '<path class="a" stroke-width="1.2"/>'


@given(st.floats(-1e6, 1e6))
def test_numbers_have_at_most_one_decimal(value: float) -> None:
    text = number(value)
    assert abs(float(text) - value) <= 0.0501
    assert text != "-0" and not text.endswith(".0")


@given(st.text(), st.integers(3, 60))
def test_shortened_text_fits_on_one_line(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == " ".join(short.split())


def test_what_fits_is_left_as_it_is() -> None:
    assert shorten("mean  delay\nby airport", 40) == "mean delay by airport"
