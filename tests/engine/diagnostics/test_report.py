"""The performance report: one file with everything, which nothing from the user can break."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import chunkscope.array as ca
from chunkscope import compute, delayed, last_run
from chunkscope.diagnostics import performance_report
from chunkscope.diagnostics.code_lines import code_costs
from chunkscope.errors import ConfigError
from tests.engine.display.samples import HOSTILE


class Outside(HTMLParser):
    """Collects what a page would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "href", "srcset") and value and not value.startswith(("#", "data:")):
                self.found.append(value)
            if name == "id" and value:
                self.ids.append(value)


def report(path: Path) -> str:
    x = ca.ones((300, 200), chunks=(100, 100))
    with performance_report(filename=path):
        (x + 1).sum().compute(label=HOSTILE)
        compute([delayed(abs)(i) for i in range(3)])
    return path.read_text()


def test_it_has_every_part_and_loads_nothing(tmp_path: Path) -> None:
    text = report(tmp_path / "report.html")
    page = Outside()
    page.feed(re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))
    assert page.found == []
    parts = ["summary", "words", "timeline", "operations", "memory", "graph", "code"]
    assert [name for name in page.ids if name in parts] == parts
    assert "What happened in run" in text and "What bound it" in text
    assert "sum-partial" in text and "abs" in text and "test_report.py, line" in text
    assert "(x + 1).sum().compute(label=HOSTILE)" in text
    assert HOSTILE not in text and "<script>alert" not in text


def test_a_block_that_raises_is_reported_too(tmp_path: Path) -> None:
    def fail() -> None:
        raise ValueError(HOSTILE)

    with pytest.raises(ValueError, match="alert"), performance_report(tmp_path / "report.html"):
        compute(delayed(fail)(), scheduler="sync")
    text = (tmp_path / "report.html").read_text()
    assert "ValueError: &lt;script&gt;" in text and "failed" in text and "<script>alert" not in text


def test_a_block_without_runs_is_reported(tmp_path: Path) -> None:
    with performance_report(tmp_path / "report.html"):
        pass
    assert "none has finished" in (tmp_path / "report.html").read_text()


def test_scripts_from_elsewhere_are_refused() -> None:
    with pytest.raises(ConfigError, match="mode='cdn'"):
        performance_report(mode="cdn")


def test_costs_by_line_add_up_to_the_run() -> None:
    x = ca.ones((300, 200), chunks=(100, 100))
    y = x + 1
    y.sum().compute(rules=False)
    run = last_run()
    assert run is not None
    costs = code_costs([run])
    assert sum(cost.ntasks for cost in costs) == run.ntasks
    assert sum(cost.seconds for cost in costs) == pytest.approx(run.busy_seconds)
    assert sum(cost.bytes_out for cost in costs) == run.rows.bytes_out.sum()
    assert {cost.text for cost in costs} >= {"y = x + 1", "y.sum().compute(rules=False)"}
