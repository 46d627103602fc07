"""The command line: what can be asked for, and who does it.

Each subcommand is a module beside this one with `add(subparsers)`, which describes its arguments and names
the function that carries them out. That function returns the exit status; a `CannotRun` that it raises
becomes one message on standard error and status 2.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from chunkscope.cli import doctor, lab, lessons
from chunkscope.cli.refusal import CannotRun


def build_parser() -> argparse.ArgumentParser:
    """The parser of `chunkscope`.

    >>> build_parser().parse_args(["lessons", "copy", "here"]).target
    PosixPath('here')
    """
    parser = argparse.ArgumentParser(
        prog="chunkscope", description="See how chunked, parallel computing works, in JupyterLab."
    )
    parser.add_argument("--version", action="version", version=f"chunkscope {version('chunkscope')}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    lab.add(subparsers)
    lessons.add(subparsers)
    doctor.add(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status of `chunkscope ARGV` (by default the arguments of this process)."""
    arguments = build_parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
    except CannotRun as refusal:
        print(f"chunkscope: {refusal}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return status
