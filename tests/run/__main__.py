"""`python -m tests.run SUITE [PART ...]`: runs the parts one by one, then says which passed.

The exit status is 0 when none failed. A part that needs a browser where there is none is not run and says so;
with `CI=true` it has failed.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.run import chromium
from tests.run.parts import SUITES, Part

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one part ended."""

    part: Part
    verdict: str
    """`passed`, `failed` or `not run`."""
    seconds: float = 0.0
    reason: str = ""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs what is asked for and prints the summary; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.run", description=__doc__)
    parser.add_argument("suite", choices=sorted(SUITES))
    parser.add_argument("parts", nargs="*", metavar="PART", help="only these parts of the suite")
    arguments = parser.parse_args(argv)
    suite = SUITES[arguments.suite]
    known = {part.name for part in suite}
    if unknown := set(arguments.parts) - known:
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
    # A shell that starts us in the background has Ctrl-C ignored, and so would the tests that press it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    chosen = [part for part in suite if not arguments.parts or part.name in arguments.parts]
    outcomes = [run(part, in_ci=os.environ.get("CI") == "true") for part in chosen]
    print(summary(outcomes), flush=True)
    return 1 if any(outcome.verdict == "failed" for outcome in outcomes) else 0


def run(part: Part, *, in_ci: bool) -> Outcome:
    """How `part` ended; its output goes where this process's goes."""
    print(f"\n=== {part.name}: {part.about}", flush=True)
    # The tools of the environment that runs this, whatever PATH says.
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": tools, **part.environment}
    if part.browser:
        browser = chromium.find_or_install()
        if browser is None:
            return Outcome(part, "failed" if in_ci else "not run", reason=chromium.REMEDY)
        environment[chromium.VARIABLE] = browser
    begin = time.monotonic()
    for command in part.commands:
        status = _status(command, part.folder, environment)
        if status != 0:
            reason = f"`{shlex.join(command)}` in {part.folder} ended with status {status}"
            return Outcome(part, "failed", time.monotonic() - begin, reason)
    return Outcome(part, "passed", time.monotonic() - begin)


def summary(outcomes: Sequence[Outcome]) -> str:
    """A table of the parts, and a last line that counts them."""
    lines = ["", "part         result    seconds  what"]
    for outcome in outcomes:
        part = outcome.part
        lines.append(f"{part.name:<12} {outcome.verdict:<8} {outcome.seconds:>8.1f}  {part.about}")
    lines.extend(f"{outcome.part.name}: {outcome.reason}" for outcome in outcomes if outcome.reason)
    count = dict.fromkeys(("passed", "failed", "not run"), 0)
    for outcome in outcomes:
        count[outcome.verdict] += 1
    lines.append(f"parts: {count['passed']} passed, {count['failed']} failed, {count['not run']} skipped")
    return "\n".join(lines)


def _status(command: Sequence[str], folder: str, environment: Mapping[str, str]) -> int:
    try:
        finished = subprocess.run(
            command, cwd=ROOT / folder, env=dict(environment), stdin=subprocess.DEVNULL, check=False
        )
    except FileNotFoundError as problem:
        print(problem, flush=True)
        return 127
    return finished.returncode


if __name__ == "__main__":
    sys.exit(main())
