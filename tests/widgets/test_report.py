"""A run as one HTML file: whole, escaped, without a network; and what is said where it cannot be made."""

from __future__ import annotations

import base64
import gzip
import re
from pathlib import Path

import pytest

from chunkscope import compute, delayed, load
from chunkscope.errors import ConfigError
from chunkscope.observe import RunLog, last_run, recording
from chunkscope.observe.recording import Recording
from chunkscope_widgets import report

BUNDLE = "const a=1,b='</script><!--',c=2;export{a as Store,b as decodeRecording,c as default};"


@pytest.fixture(autouse=True)
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Built views, small ones."""
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "cell.js").write_text(BUNDLE)
    (folder / "cell.css").write_text(".cks { color: red }")
    monkeypatch.setattr(report, "STATIC", folder)
    monkeypatch.setattr(recording, "viewer", lambda name: report.page if name == "report" else None)
    return folder


def a_run(label: str = "") -> RunLog:
    compute(delayed(sum)([1, 2]), label=label, scheduler="sync")
    run = last_run()
    assert run is not None
    return run


def inside(page: str, kind: str, element: str = "script") -> str:
    found = re.search(rf"<{element}[^>]*{kind}[^>]*>(.*?)</{element}>", page, re.S)
    assert found is not None
    return found.group(1)


def test_the_page_holds_the_whole_recording(tmp_path: Path) -> None:
    run = a_run()
    path = run.save(tmp_path / "x.html")
    assert path == tmp_path / "x.html"
    data = gzip.decompress(base64.b64decode(inside(path.read_text(), 'id="recording"')))
    assert data == recording.record(run).to_bytes()


def test_a_loaded_recording_makes_the_same_page_as_its_run(tmp_path: Path) -> None:
    run = a_run("x")
    loaded = load(run.save(tmp_path / "x"))
    assert isinstance(loaded, Recording)
    loaded.save(tmp_path / "loaded.htm")
    run.save(tmp_path / "run.htm")
    assert (tmp_path / "loaded.htm").read_bytes() == (tmp_path / "run.htm").read_bytes()
    assert loaded.save(tmp_path / "again").read_bytes() == (tmp_path / "x.chunkscope").read_bytes()


def test_what_the_user_wrote_is_text_and_nothing_ends_a_script_early() -> None:
    page = report.page(a_run("</title><script>alert(1)</script>"))
    assert "<script>alert" not in page
    assert "&lt;/title&gt;&lt;script&gt;alert(1)" in inside(page, "", "title")
    module = inside(page, 'type="module"')
    assert module.endswith("});\n") and "<!--" not in module
    assert r"b='<\/script><\!--'" in module


def test_the_bundle_s_exports_are_named_and_nothing_is_loaded() -> None:
    page = report.page(a_run())
    assert "const chunkscope={Store:a,decodeRecording:b,default:c};" in page
    assert "default-src &#x27;none&#x27;" in page
    assert not re.search(r"(src|href)\s*=|@import|import\s*\(|url\(", page)


def test_without_scripts_the_run_is_told_in_words() -> None:
    words = inside(report.page(a_run()), "", "noscript")
    assert "finished: 1 of 1 tasks on sync" in words and "In short" in words


def test_views_that_are_not_built_are_asked_for(static: Path, tmp_path: Path) -> None:
    (static / "cell.css").unlink()
    with pytest.raises(RuntimeError, match=r"the views are not built.*jlpm build:prod.*x\.chunkscope"):
        a_run().save(tmp_path / "x.html")
    assert not (tmp_path / "x.html").exists()
    (static / "cell.css").write_text("")
    (static / "cell.js").write_text("var a = 1")
    with pytest.raises(RuntimeError, match="build them anew"):
        report.page(a_run())


def test_a_run_that_is_too_large_is_refused_with_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "LARGEST", 10)
    with pytest.raises(ValueError, match=r"bytes in a page, at most 10.*run\.save\('x\.chunkscope'\)"):
        report.page(a_run())


def test_without_the_viewers_a_recording_can_still_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "viewer", lambda name: None)
    with pytest.raises(ConfigError, match=r"chunkscope\[lab\].*'x\.chunkscope' can be written"):
        a_run().save(tmp_path / "x.html")
    assert a_run().save(tmp_path / "x").exists()
