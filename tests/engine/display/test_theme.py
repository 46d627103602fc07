"""Text and outlines stand out from what they lie on, in both themes; categories are told apart by every eye."""

from __future__ import annotations

import itertools

import pytest

from chunkscope.display.theme import CATEGORIES, DIM, EDGE, INKS, STYLE, WASH, category, paper_of

EYES = {  # Machado, Oliveira, Fernandes 2009, severity 1, for linear RGB
    "every cone": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def rgb(colour: str) -> list[float]:
    """Red, green and blue, 0 to 1."""
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def mixed(colour: list[float], percent: float, other: list[float]) -> list[float]:
    """As `color-mix(in srgb, colour percent, other)`."""
    return [percent / 100 * a + (1 - percent / 100) * b for a, b in zip(colour, other, strict=True)]


def linear(colour: list[float]) -> list[float]:
    """Light, from sRGB values."""
    return [((c + 0.055) / 1.055) ** 2.4 if c > 0.04045 else c / 12.92 for c in colour]


def contrast(a: list[float], b: list[float]) -> float:
    """The contrast ratio of WCAG 2."""
    lights = sorted(
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) for x in (a, b)
    )
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def lab(light: list[float]) -> list[float]:
    """CIE L*a*b* of linear RGB, white D65."""
    r, g, b = light
    xyz = [
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    ]
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_the_page_and_from_every_node(theme: str) -> None:
    text, page = (rgb(colour) for colour in INKS[theme][:2])
    second = mixed(text, DIM, page)
    fills = [page, *(mixed(rgb(colour), WASH[theme], page) for colour in CATEGORIES)]
    assert min(contrast(text, fill) for fill in fills) >= 7
    assert min(contrast(second, fill) for fill in fills) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_outlines_stand_out_from_the_page(theme: str) -> None:
    text, page = (rgb(colour) for colour in INKS[theme][:2])
    assert min(contrast(mixed(rgb(colour), EDGE, text), page) for colour in CATEGORIES) >= 3


@pytest.mark.parametrize("eye", EYES)
def test_the_categories_are_told_apart_by_every_eye(eye: str) -> None:
    seen = []
    for colour in CATEGORIES[:6]:
        light = linear(rgb(colour))
        seen.append(
            lab([min(max(sum(m * c for m, c in zip(row, light, strict=True)), 0), 1) for row in EYES[eye]])
        )
    apart = [
        sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
        for a, b in itertools.combinations(seen, 2)
    ]
    assert min(apart) > 10  # CIE76; about 2 is just noticeable


@pytest.mark.parametrize("colour", CATEGORIES)
def test_words_on_a_colour_are_read(colour: str) -> None:
    assert contrast(rgb(paper_of(colour)), rgb(colour)) >= 4.5


def test_categories_go_round() -> None:
    assert category(len(CATEGORIES) + 2) == CATEGORIES[2]


def test_the_style_sheet_touches_nothing_but_our_own_outputs() -> None:
    rules = STYLE.removeprefix("<style>").removesuffix("</style>")
    rules = rules.replace("@media(prefers-color-scheme:dark){", "").replace("}}", "}")
    selectors = [part for rule in rules.split("}") if rule for part in rule.partition("{")[0].split(",")]
    assert len(selectors) > 40
    assert [selector for selector in selectors if ".ck" not in selector] == []
    assert "http" not in STYLE and "url(" not in STYLE and "<" not in rules
