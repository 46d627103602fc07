"""A second process of the same user, that is told line by line what to do and says what came of it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator

from tests.engine.patience import becomes

__all__ = ["Second", "second", "soon"]

_LOOP = """
import ast, json, sys
names = {"__name__": "__main__"}
for line in sys.stdin:
    body = ast.parse(json.loads(line)).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else ast.Expr(ast.Constant(None, lineno=1, col_offset=0))
    try:
        exec(compile(ast.Module(body, []), "<second>", "exec"), names)
        told = repr(eval(compile(ast.Expression(last.value), "<second>", "eval"), names))
    except BaseException as error:
        told = f"{type(error).__name__}: {error}"
    print(json.dumps(told), flush=True)
"""


class Second:
    """Such a process."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _LOOP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, code: str) -> None:
        """Have it do this; `told` is what came of it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()

    def told(self) -> str:
        """The repr of the last line's value, or the exception."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the second process has ended"
        return str(json.loads(line))

    def __call__(self, code: str) -> str:
        """Have it do this: what came of it."""
        self.begin(code)
        return self.told()

    def kill(self) -> None:
        """Kill -9."""
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def second() -> Iterator[Second]:
    """One for a `with` block."""
    one = Second()
    try:
        yield one
    finally:
        one.kill()
        for stream in (one.process.stdin, one.process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


def soon(true: Callable[[], bool]) -> bool:
    """Whether it comes to be true, while what nobody refers to any more is collected."""
    return becomes(true, 20, collect=True)
