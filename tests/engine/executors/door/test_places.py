"""Only the user can read where a door is; nothing of it stays, whoever ends it and however."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chunkscope.errors import ClusterError
from chunkscope.executors.door import place as places
from chunkscope.executors.door.host import Door
from chunkscope.executors.door.line import join
from chunkscope.executors.door.place import Place


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The directory that stands for XDG_RUNTIME_DIR, with a short name as the real one has."""
    with tempfile.TemporaryDirectory(prefix="x") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


def make() -> Place:
    place, _, listener = Place.make()
    listener.close()
    return place


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_socket_and_key_can_be_read_by_the_user_alone(home: Path) -> None:
    door = Door("x", serves=lambda: None)
    place = door.place
    assert place.folder.parent == home / "chunkscope"
    assert (mode(place.folder.parent), mode(place.folder)) == (0o700, 0o700)
    assert (mode(place.socket_file), mode(place.key_file)) == (0o600, 0o600)
    assert sorted(path.name for path in place.folder.iterdir()) == ["key", "socket"]
    assert len(places.read_key(place)) == 32
    door.close()
    assert list((home / "chunkscope").iterdir()) == []


def test_each_door_has_a_key_of_its_own(home: Path) -> None:
    (first, key, one), (second, other, two) = Place.make(), Place.make()
    assert key != other and first.folder != second.folder
    for place, listener in ((first, one), (second, two)):
        listener.close()
        place.remove()


def test_without_a_runtime_directory_it_is_one_of_the_users_own(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr(places.tempfile, "gettempdir", lambda: str(home))
    place = make()
    assert place.folder.parent == home / f"chunkscope-{os.getuid()}" and mode(place.folder.parent) == 0o700
    place.remove()


def test_a_directory_that_others_could_have_made_is_not_used(
    monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr(places.tempfile, "gettempdir", lambda: str(home))
    monkeypatch.setattr(places, "_candidates", lambda: iter([home / f"chunkscope-{os.getuid()}"]))
    mine = home / f"chunkscope-{os.getuid()}"
    mine.mkdir(mode=0o755)
    mine.chmod(0o755)
    with pytest.raises(ClusterError, match=r"can be read or changed by others \(mode 755\)"):
        make()
    mine.rmdir()
    mine.symlink_to(tmp_path)
    with pytest.raises(ClusterError, match="is not what it should be"):
        make()
    mine.unlink()
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    mine.mkdir(mode=0o700)
    with pytest.raises(ClusterError, match="belongs to another user"):
        make()


def test_a_path_that_is_too_long_for_a_socket_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    long = home / ("y" * 90)
    long.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    place = make()
    assert not str(place.folder).startswith(str(long))
    place.remove()
    monkeypatch.setattr(places, "_candidates", lambda: iter([long]))
    with pytest.raises(ClusterError, match="too long a name; set TMPDIR"):
        make()


def test_an_address_that_leads_nowhere_says_so(home: Path) -> None:
    for address in ("unix:///nowhere/at/all/socket", f"unix://{home}/1-x/socket"):
        with pytest.raises(
            ClusterError, match=r"no cluster is at .* it was closed, or its process has ended"
        ):
            join(address)
    for address in ("unix://relative/socket", "unix:///tmp/other", "unix://"):
        with pytest.raises(ClusterError, match="is not an address of a cluster"):
            join(address)


def test_a_key_or_a_directory_that_others_can_read_is_not_trusted(home: Path) -> None:
    door = Door("x", serves=lambda: None)
    key = door.place.key_file
    key.chmod(0o644)
    with pytest.raises(ClusterError, match=r"the key of the cluster, .* \(mode 644\)"):
        join(door.address)
    key.chmod(0o600)
    door.place.folder.chmod(0o750)
    with pytest.raises(ClusterError, match="the directory of the address"):
        join(door.address)
    door.place.folder.chmod(0o700)
    content = key.read_text()
    key.unlink()
    with pytest.raises(ClusterError, match="the key of the cluster is not at"):
        join(door.address)
    (home / "elsewhere").write_text(content)
    (home / "elsewhere").chmod(0o600)
    key.symlink_to(home / "elsewhere")
    with pytest.raises(ClusterError, match="a link, perhaps"):
        join(door.address)
    key.unlink()
    key.write_text("no key")
    key.chmod(0o600)
    with pytest.raises(ClusterError, match="holds no key"):
        join(door.address)
    key.write_text("00" * 32)
    with pytest.raises(ClusterError, match="has another key"):
        join(door.address)
    door.close()


def test_what_a_killed_owner_leaves_is_removed_by_the_next(home: Path) -> None:
    code = (
        "from chunkscope.executors.door.host import Door; import sys, time\n"
        "door = Door('x', serves=lambda: None); print(door.address, flush=True); time.sleep(100)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        address = owner.stdout.readline().strip()
        folder = Path(address.removeprefix("unix://")).parent
        line = join(address)
        place = make()  # the living one is left alone
        assert folder.exists()
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        with pytest.raises(ClusterError, match="is gone: its process has ended"):
            while True:
                line("echo", 1)
    assert folder.exists()
    with pytest.raises(ClusterError, match=r"nobody answers .* the process that made the cluster has ended"):
        join(address)
    place.remove()
    door = Door("y", serves=lambda: None)
    assert not folder.exists() and len(list((home / "chunkscope").iterdir())) == 1
    door.close()


def test_an_owner_that_ends_takes_it_away(home: Path) -> None:
    code = (
        "from chunkscope.futures import Client\n"
        "client = Client(processes=False, n_workers=1, threads_per_worker=1)\n"
        "print(client.cluster.scheduler_address)"
    )
    told = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    folder = Path(told.stdout.strip().removeprefix("unix://")).parent
    assert folder.parent == home / "chunkscope" and not folder.exists()


def test_a_door_that_is_being_made_is_not_swept_away(home: Path) -> None:
    (home / "chunkscope").mkdir(mode=0o700)
    half, dead = home / "chunkscope" / f"{os.getpid()}-aa", home / "chunkscope" / "4194303-bb"
    half.mkdir(mode=0o700)
    dead.mkdir(mode=0o700)
    assert places.sweep(home / "chunkscope") == [dead]
    half.rmdir()


def test_a_fork_of_the_owner_does_not_take_the_door_away(home: Path) -> None:
    door = Door("x", serves=lambda: None)
    child = os.fork()
    if not child:
        door.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert door.place.socket_file.exists()
    door.close()
