"""`python -m tests.run SUITE [PART ...]`: runs the parts one by one, then says which passed.

The exit status is 0 when none failed. A part that needs a browser where there is none is not run and says so;
with `CI=true` it has failed.

Many tests start processes, kill them and wait for them, several tests at once on few cores. Where a few fail, their
files run once more with nothing beside them: what fails again has failed, what passes then is called unsteady, by
name, in the last lines.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.run import chromium, failures
from tests.run.failures import Failure, files
from tests.run.parts import SUITES, Part

ROOT = Path(__file__).parents[2]
SOME_TESTS_FAILED = 1
"""The status of pytest; others mean that it could not do its work."""
FEW = 8
"""Files that are worth a second try; where more fail, something is broken."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one part ended."""

    part: Part
    verdict: str
    """`passed`, `failed` or `not run`."""
    seconds: float = 0.0
    reason: str = ""
    unsteady: Sequence[Failure] = ()
    """Tests that failed beside others and passed by themselves."""
    failures: Sequence[Failure] = ()
    """Tests that failed, also by themselves where they were tried again."""


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
    unsteady: list[Failure] = []
    for command in part.commands:
        status, failed = _try(command, part.folder, environment)
        if status == SOME_TESTS_FAILED and part.again and 0 < len(files(failed)) <= FEW:
            print(f"\n=== {part.name}: what failed, once more and by itself", flush=True)
            unsteady += failed
            status, failed = _try([*part.again, *files(failed)], part.folder, environment)
        if status != 0:
            reason = f"`{shlex.join(command[:4])} …` ended with status {status}; `make {part.name}` runs it"
            return Outcome(part, "failed", time.monotonic() - begin, reason, failures=failed)
    return Outcome(part, "passed", time.monotonic() - begin, unsteady=unsteady)


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
    # Last, so that whoever sees only the end of a long output sees the names.
    lines.extend(f"unsteady, passed by itself: {test}" for outcome in outcomes for test in outcome.unsteady)
    lines.extend(f"failed: {test}" for outcome in outcomes for test in outcome.failures[:FEW])
    return "\n".join(lines)


def _try(command: Sequence[str], folder: str, environment: Mapping[str, str]) -> tuple[int, list[Failure]]:
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "failures"
        status = _status(command, folder, {**environment, failures.VARIABLE: str(path)})
        return status, failures.read(path)


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
