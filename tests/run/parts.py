"""The parts of the test suite: what each one runs, in which order, at which length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Where Python code, with its doctests and its tests, is; the rest of tests/ are parts of their own.
CODE = ("engine", "widgets", "labextension/chunkscope_lab", "datasets", "lessons/chunkscope_lessons", "tests")
APART = ("tests/repo", "tests/browser", "tests/lessons/reference")
REFERENCE = "tests/lessons/reference"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: commands that run one after the other until one fails."""

    name: str
    about: str
    commands: Sequence[Sequence[str]]
    folder: str = "."
    """Where the commands run."""
    browser: bool = False
    """Whether a browser is needed."""
    environment: Mapping[str, str] = field(default_factory=dict)
    again: Sequence[str] = ()
    """The command that runs files of tests by themselves, without their names; empty where nothing is tried again."""


def _pytest(*arguments: str) -> list[str]:
    return ["python", "-m", "pytest", "-q", "-p", "tests.run.failures", *arguments]


# Much of the time is waiting, for sleeps and for processes; more than four at once only get into each other's way.
SIDE_BY_SIDE = ("--numprocesses=logical", "--maxprocesses=4", "--dist=loadfile")


# Without the project's own options: doctests belong to the part `python`.
_NBVAL = _pytest("-o", "addopts=", "--nbval", f"--nbval-sanitize-with={REFERENCE}/sanitize.cfg")


def _notebooks(about: str, *notebooks: str) -> Part:
    return Part("notebooks", about, [[*_NBVAL, *SIDE_BY_SIDE, *notebooks]], again=_NBVAL)


BOUNDED = ("-m", "not slow")


def _python(profile: str, options: Sequence[str], *paths: str) -> Part:
    about = f"laws, stories, doctests ({profile})"
    command = _pytest("--durations=10", *SIDE_BY_SIDE, *options, *paths)
    return Part(
        "python", about, [command], environment={"CHUNKSCOPE_PROFILE": profile}, again=_pytest(*options)
    )


LINT = Part("lint", "ruff: rules, format", [["ruff", "check", "."], ["ruff", "format", "--check", "."]])
TYPES = Part("types", "mypy, strict", [["mypy"]])
ALL_CODE = [*CODE, *(f"--ignore={folder}" for folder in APART)]
REPO = Part("repo", "layers and files", [_pytest("tests/repo")])
TYPECHECK = ["jlpm", "run", "typecheck"]
UNIT_TESTS = ["jlpm", "run", "test"]
TYPESCRIPT = Part("typescript", "types, unit tests", [TYPECHECK, UNIT_TESTS], folder="labextension")
TYPESCRIPT_TYPES = Part("typescript", "types", [TYPECHECK], folder="labextension")
NOTEBOOKS = _notebooks("solved lessons, outputs compared", REFERENCE)
ONE_NOTEBOOK = _notebooks("one solved lesson", f"{REFERENCE}/00_start_here.ipynb")
BROWSER = Part(
    "browser", "JupyterLab in a browser", [_pytest("tests/browser")], browser=True, again=_pytest()
)

SUITES: Mapping[str, Sequence[Part]] = {
    "quick": (
        LINT,
        TYPES,
        REPO,
        TYPESCRIPT_TYPES,
        _python("quick", BOUNDED, "tests/engine", "tests/datasets"),
        ONE_NOTEBOOK,
    ),
    "default": (
        LINT,
        TYPES,
        REPO,
        TYPESCRIPT,
        _python("default", BOUNDED, *ALL_CODE),
        NOTEBOOKS,
        BROWSER,
    ),
    "full": (LINT, TYPES, REPO, TYPESCRIPT, _python("full", (), *ALL_CODE), NOTEBOOKS, BROWSER),
}
"""The suites by name: `make quick`, `make test`, `make test-full`."""
