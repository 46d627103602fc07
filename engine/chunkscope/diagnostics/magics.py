"""The IPython magics `%%chunkscope` and `%chunkmem`. Imported by `%load_ext chunkscope` alone."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from IPython.display import display

from chunkscope import config
from chunkscope.diagnostics.cell_summary import CellSummary
from chunkscope.diagnostics.line_memory import profile_lines

__all__ = ["ChunkscopeMagics"]

_display: Callable[..., Any] = display


@magics_class
class ChunkscopeMagics(Magics):
    """What `%load_ext chunkscope` adds to IPython."""

    shell: Any

    @cell_magic
    def chunkscope(self, line: str, cell: str) -> Any:
        """Runs the cell, then shows what its runs did: time, tasks, peak of memory, time line, operations.

            %%chunkscope [-m] [-s SCHEDULER]

        -m measures the real peak of each task with tracemalloc, one task at a time (slow). -s names the executor for
        the cell: sync, threads. The value of the last line is shown as usual. An exception goes on as usual, after the
        summary.
        """
        __tracebackhide__ = True  # a traceback of the cell shows the cell
        options, rest = self.parse_options(line, "ms:")
        if rest.strip():
            raise UsageError(f"%%chunkscope takes -m and -s SCHEDULER on its line, not {rest.strip()!r}")
        settings = {"scheduler": options["s"]} if "s" in options else {}
        summary = CellSummary("tracemalloc" if "m" in options else "tracked")
        try:
            with summary, config.set(**settings):
                return self._run(cell, line)
        finally:
            _display(summary)

    @line_magic
    def chunkmem(self, line: str) -> Any:
        """Runs a statement and shows line by line what functions did to the memory of this process.

            %chunkmem [-r] [-f FUNCTION] ... STATEMENT

        Without -f, the functions that the statement calls by name are watched. They may be defined in cells. Runs of
        chunkscope use one thread meanwhile ("sync"), so that functions inside tasks are seen. -r returns the report.
        """
        options, statement = self.parse_options(line, "rf:", list_all=True)
        if not statement.strip():
            raise UsageError("%chunkmem needs a statement to run, like %chunkmem work(10_000_000)")
        names = options.get("f") or _called(statement)
        functions = [self._function(name) for name in names]
        if not functions:
            raise UsageError(
                f"%chunkmem finds no function of yours in {statement.strip()!r}; name it: %chunkmem -f work "
                f"{statement.strip()}"
            )
        code = self.shell.transform_cell(statement)
        with config.set(scheduler="sync"):
            frame = _cell_frame(self.shell)
            name, at = ("<chunkmem>", 1) if frame is None else (frame.f_code.co_filename, frame.f_lineno)
            report = profile_lines(functions, lambda: self._execute(code, name, at))
        if "r" in options:
            return report
        _display(report)
        return None

    def _function(self, name: str) -> Callable[..., Any]:
        try:
            found = eval(name, self.shell.user_global_ns, self.shell.user_ns)  # noqa: S307 - what the user typed
        except Exception as error:
            raise UsageError(f"there is no function {name!r} here: {error}") from error
        if not callable(found):
            raise UsageError(f"{name!r} is a {type(found).__name__}, not a function")
        function: Callable[..., Any] = found
        return function

    def _run(self, cell: str, line: str) -> Any:
        """Run the cell under its own name, so that origins, tracebacks and the panel know it as the cell it is."""
        __tracebackhide__ = True
        source = f"# %%chunkscope {line}\n{cell}"
        code = self.shell.transform_cell(source)
        frame = _cell_frame(self.shell)
        if frame is None:
            name = self.shell.compile.cache(code, self.shell.execution_count, raw_code=source)
        else:
            name = frame.f_code.co_filename
            linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
        return self._execute(code, name)

    def _execute(self, code: str, name: str, line: int = 1) -> Any:
        """Run statements; returns the value of a last expression that is not ended by a semicolon.

        `name` and `line`: the file and its line where they stand.
        """
        __tracebackhide__ = True
        tree = self.shell.transform_ast(self.shell.compile.ast_parse(code, filename=name))
        if line > 1:
            ast.increment_lineno(tree, line - 1)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        namespace, variables = self.shell.user_global_ns, self.shell.user_ns
        exec(self.shell.compile(tree, name, "exec"), namespace, variables)
        if last is None:
            return None
        ending = self.shell.compile(ast.Expression(last.value), name, "eval")
        value = eval(ending, namespace, variables)  # noqa: S307 - the user's own cell
        return None if code.rstrip().endswith(";") else value


def _cell_frame(shell: Any) -> FrameType | None:
    """The frame of the running cell, or None where the magic was called from code."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_globals is shell.user_global_ns and frame.f_code.co_name == "<module>":
            return frame
        frame = frame.f_back
    return None


def _called(statement: str) -> list[str]:
    """The names of the functions that a statement calls, outermost first."""
    try:
        tree = ast.parse(statement)
    except SyntaxError:
        return []
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return list(dict.fromkeys(func.id for func in calls if isinstance(func, ast.Name)))
