"""`chunkscope doctor` tells what is there from what is missing."""

from __future__ import annotations

import pytest

from chunkscope.cli import doctor, main
from chunkscope.cli.doctor import Finding, examine


def test_everything_that_the_engine_needs_is_found() -> None:
    found = {finding.what: finding for finding in examine()}
    assert set(doctor.ENGINE) <= set(found)
    assert all(found[package].good for package in doctor.ENGINE)


@pytest.mark.parametrize(
    ("finding", "status", "said"),
    [
        (Finding("x", "1.2"), 0, "ok       x"),
        (Finding("x", "", "pip install x"), 1, "MISSING  x"),
        (Finding("x", "", "only y needs it", needed=False), 0, "absent   x"),
    ],
)
def test_only_what_is_needed_counts(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    finding: Finding,
    status: int,
    said: str,
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: iter([finding]))
    assert main(["doctor"]) == status
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(said)
    assert line.endswith(finding.found or finding.remedy)


def test_a_missing_package_comes_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ENGINE", ("no-such-package",))
    (missing,) = [finding for finding in examine() if finding.what == "no-such-package"]
    assert (missing.good, missing.remedy) == (False, "pip install chunkscope")
