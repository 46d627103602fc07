"""`chunkscope lessons`: a writable copy of the lessons.

The lessons are a package above this one, so they are found through the entry point `copy` of the group
`chunkscope.lessons`: a function that takes a folder and returns the notebooks in it, in order.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from chunkscope.cli.refusal import CannotRun

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

GROUP = "chunkscope.lessons"


def add(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Describes `chunkscope lessons`."""
    parser = subparsers.add_parser("lessons", help="copy the lessons to a folder of your own")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    copy = actions.add_parser("copy", help="write a copy; a file that is there already is left as it is")
    copy.add_argument("target", type=Path, metavar="DIR", help="the folder, made if it is missing")
    copy.set_defaults(run=_copy)


def copy_lessons(target: Path) -> list[Path]:
    """The lesson notebooks in `target`, in order, after the missing ones were written there.

    Nothing that is there is overwritten.

    Raises
    ------
    CannotRun
        If no lessons are installed, or `target` cannot be written.
    """
    copier = _copier()
    if target.exists() and not target.is_dir():
        raise CannotRun(f"cannot copy the lessons to {target}: it is a file; name a folder")
    try:
        notebooks = copier(target)
    except OSError as problem:
        raise CannotRun(f"cannot write the lessons to {target}: {problem}; name another folder") from problem
    if not notebooks:
        raise CannotRun("the installed lessons hold no notebook; install chunkscope again")
    return notebooks


def _copier() -> Callable[[Path], list[Path]]:
    for entry in entry_points(group=GROUP, name="copy"):
        copier: Callable[[Path], list[Path]] = entry.load()
        return copier
    raise CannotRun(f"no lessons are installed (no entry point in {GROUP!r}); install chunkscope again")


def _copy(arguments: argparse.Namespace) -> int:
    before = set(arguments.target.rglob("*.ipynb")) if arguments.target.is_dir() else set()
    for notebook in copy_lessons(arguments.target):
        print(f"{'kept ' if notebook in before else 'wrote'} {notebook}")
    return 0
