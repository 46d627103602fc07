"""The pictures of small results and the measured crossover: what they show is there as text."""

import time
from collections.abc import Callable

import pandas as pd

from chunkscope_lessons.crossover import Crossover, crossover
from chunkscope_lessons.outcome import Note
from chunkscope_lessons.pictures import INK_TURNS, _colour, _luminance, bars, heat_map


def test_bars_and_heat_maps_have_their_numbers_as_text_and_escape_labels() -> None:
    series = pd.Series([1.0, float("nan"), -3.0], index=["a", "<script>", "c"])
    assert repr(bars(series, "T")).splitlines()[3] == "c         -3.00  ████████████████████"
    table = pd.DataFrame({"<b>": [1.0, float("nan")], "y": [2.0, 3.0]})
    for page in (bars(series, "<i>")._repr_html_(), heat_map(table, "<i>")._repr_html_()):
        assert "<script>" not in page
        assert "<b><i>" not in page
        assert "<th scope" in page
        assert "<caption" in page
    assert "2.0" in repr(heat_map(table, "T"))
    assert "rgb(255,233,69)" in heat_map(table, "T")._repr_html_()


def test_every_number_of_a_heat_map_can_be_read_on_its_colour() -> None:
    for step in range(101):
        red, green, blue = _colour(step / 100)
        ground = _luminance(red, green, blue)
        ink = 0.0 if ground > INK_TURNS else 1.0
        light, dark = max(ground, ink), min(ground, ink)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_what_is_not_computed_yet_is_told_and_not_drawn() -> None:
    for found in (bars(..., "T"), heat_map(..., "T"), heat_map(3, "T")):
        assert isinstance(found, Note)
        assert "Nothing to draw yet" in repr(found)
    assert repr(bars(pd.Series([], dtype=float), "T")) == "T"


def test_the_answer_of_a_crossover_follows_from_its_numbers() -> None:
    sizes = (("100 rows", 9_000), ("a month", 2_200_000), ("a year", 27_000_000))

    def answer(*seconds: tuple[float, float]) -> str:
        return Crossover(("pandas", "frame"), sizes, seconds).answer

    assert answer((1, 2), (3, 2), (5, 2)) == "the frame was fastest from a month on (2.2 MB)"
    assert answer((1, 2), (3, 2), (1, 2)) == "the frame was not the fastest up to a year: pandas won"
    assert answer((3, 2), (1, 2), (5, 2)) == "the frame was fastest from a year on (27.0 MB)"
    assert "at every size, from 100 rows on" in answer((3, 2), (3, 2), (3, 2))


def test_a_crossover_measures_every_way_at_every_size() -> None:
    calls: list[tuple[str, int]] = []

    def way(name: str) -> Callable[[list[str]], None]:
        def work(paths: list[str]) -> None:
            calls.append((name, len(paths)))
            time.sleep(0)

        return work

    measured = crossover({"x": way("x"), "y": way("y")}, years=1)
    assert [name for name, _ in measured.sizes] == ["100 rows", "a month", "a quarter", "a year"]
    assert set(calls) == {(name, count) for name in "xy" for count in (1, 3, 12)}
    assert "On your machine, this time: the y was" in repr(measured)
    assert "<table>" in measured._repr_html_()
