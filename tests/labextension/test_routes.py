"""The server side: what it sends, to whom, and what it refuses."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tornado.httpclient import HTTPClientError

from chunkscope_lab.bokehjs import bokeh_folder
from chunkscope_lab.lessons import copy_below, list_lessons
from chunkscope_lab.processes import process_figures
from chunkscope_lab.recordings import find_recording, list_recordings

ROUTES = [
    ("chunkscope", "recordings"),
    ("chunkscope", "recordings", "x.chunkscope"),
    ("chunkscope", "lessons"),
    ("chunkscope", "processes", "0"),
    ("chunkscope", "bokehjs", "bokeh.min.js"),
]


@pytest.mark.parametrize("route", ROUTES)
async def test_strangers_get_nothing(
    route: tuple[str, ...], jp_serverapp: Any, http_server_client: Any, jp_base_url: str
) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await http_server_client.fetch(jp_base_url + "/".join(route), follow_redirects=False)
    assert caught.value.code in (302, 403)


async def test_recordings_are_listed_and_sent(jp_fetch: Any, jp_root_dir: Path) -> None:
    (jp_root_dir / "deep").mkdir()
    (jp_root_dir / "deep" / "one.chunkscope").write_bytes(b"CHNKSCP1 and so on")
    (jp_root_dir / "other.txt").write_text("no")
    listed = json.loads((await jp_fetch("chunkscope", "recordings")).body)
    assert [(entry["path"], entry["bytes"]) for entry in listed] == [("deep/one.chunkscope", 18)]
    answer = await jp_fetch("chunkscope", "recordings", "deep", "one.chunkscope")
    assert answer.body == b"CHNKSCP1 and so on"
    assert answer.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("name", ["../secret.chunkscope", "other.txt", "none.chunkscope", "link.chunkscope"])
async def test_nothing_else_is_sent(jp_fetch: Any, jp_root_dir: Path, name: str) -> None:
    (jp_root_dir.parent / "secret.chunkscope").write_bytes(b"secret")
    (jp_root_dir / "other.txt").write_text("no")
    (jp_root_dir / "link.chunkscope").symlink_to(jp_root_dir.parent / "secret.chunkscope")
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("chunkscope", "recordings", name)
    assert caught.value.code in (403, 404)
    with pytest.raises(ValueError, match="no recording"):
        find_recording(jp_root_dir, name)


async def test_bokehjs_is_that_of_the_installed_bokeh(jp_fetch: Any) -> None:
    folder = bokeh_folder()
    assert folder is not None
    answer = await jp_fetch("chunkscope", "bokehjs", "bokeh.min.js")
    assert answer.body == (folder / "bokeh.min.js").read_bytes()
    assert answer.headers["Content-Type"].startswith("text/javascript")
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("chunkscope", "bokehjs", "nothing.js")
    assert caught.value.code == 404


async def test_lessons_are_listed_in_order_with_their_titles(jp_fetch: Any, jp_root_dir: Path) -> None:
    for name, text in [
        ("02_calls.ipynb", "# Delay calls\nand more"),
        ("00_start.ipynb", "no title"),
        ("notes.ipynb", "# N"),
    ]:
        nbformat.write(
            nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)]), jp_root_dir / name
        )
    (jp_root_dir / "07_broken.ipynb").write_text("{")
    wanted = [
        {"path": "00_start.ipynb", "title": "00_start"},
        {"path": "02_calls.ipynb", "title": "Delay calls"},
        {"path": "07_broken.ipynb", "title": "07_broken"},
    ]
    assert json.loads((await jp_fetch("chunkscope", "lessons")).body) == wanted == list_lessons(jp_root_dir)


async def test_an_unknown_kernel_has_no_figures(jp_fetch: Any) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("chunkscope", "processes", "no-such-kernel")
    assert caught.value.code == 404


def test_figures_of_a_process_are_those_of_the_system() -> None:
    figures = process_figures(os.getpid())
    assert figures[0]["pid"] == os.getpid()
    assert figures[0]["resident_bytes"] > 10**6
    assert figures[0]["threads"] >= 1
    assert process_figures(2**22 + 1) == []


def test_hidden_folders_are_not_searched(tmp_path: Path) -> None:
    for folder in (".hidden", "node_modules", "seen"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.chunkscope").write_bytes(b"")
    assert [entry["path"] for entry in list_recordings(tmp_path)] == ["seen/x.chunkscope"]


async def test_lessons_are_copied_and_nothing_is_overwritten(jp_fetch: Any, jp_root_dir: Path) -> None:
    (jp_root_dir / "mine").mkdir()
    post = {"method": "POST", "body": json.dumps({"folder": "mine"})}
    rows = json.loads((await jp_fetch("chunkscope", "lessons", **post)).body)
    first = jp_root_dir / rows[0]["path"]
    assert rows[0]["path"].startswith("mine/chunkscope-lessons/00_")
    assert rows[0]["title"]
    assert [(jp_root_dir / row["path"]).is_file() for row in rows] == [True] * len(rows)
    first.write_text("mine now")
    again = json.loads((await jp_fetch("chunkscope", "lessons", **post)).body)
    assert [row["path"] for row in again] == [row["path"] for row in rows]
    assert first.read_text() == "mine now"


@pytest.mark.parametrize("folder", ["..", "x/../../y", "link"])
async def test_lessons_are_copied_nowhere_else(jp_fetch: Any, jp_root_dir: Path, folder: str) -> None:
    (jp_root_dir / "link").symlink_to(jp_root_dir.parent)
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("chunkscope", "lessons", method="POST", body=json.dumps({"folder": folder}))
    assert caught.value.code == 400
    with pytest.raises(ValueError, match="not below this server's folder"):
        copy_below(jp_root_dir, folder)
