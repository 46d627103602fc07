"""The magics in a real IPython, and line-by-line memory of functions that are in no file."""

from __future__ import annotations

import atexit
import ctypes
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from chunkscope import last_run
from chunkscope.diagnostics.line_memory import LineReport, profile_lines
from chunkscope.errors import ConfigError
from tests.engine.display.samples import safe_page


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    shell = InteractiveShell.instance()
    try:
        shell.run_line_magic("load_ext", "chunkscope")
        yield shell
    finally:
        atexit.unregister(shell.atexit_operations)
        finish: Callable[[], None] = shell.atexit_operations
        finish()
        shell.restore_sys_module_state()  # a shell takes the place of __main__, which subprocesses look for
        InteractiveShell.clear_instance()


def cell(shell: InteractiveShell, text: str) -> tuple[Any, Any]:
    """Run a cell: its result, and what it displayed."""
    with capture_output() as captured:
        run: Callable[..., Any] = shell.run_cell
        result = run(text, store_history=True)
    return result, captured


def summary_of(captured: Any) -> dict[str, str]:
    (output,) = [out for out in captured.outputs if "this cell" in out.data.get("text/plain", "")]
    found: dict[str, str] = output.data
    return found


def test_a_cell_is_run_and_summed_up(shell: InteractiveShell) -> None:
    result, shown = cell(
        shell,
        "%%chunkscope -s sync\n"
        "import chunkscope.array as ca\n"
        "x = ca.ones((100, 100), chunks=50)\n"
        "y = (x + 1).sum().compute()\n"
        "y * 2",
    )
    assert result.success and result.result == 40_000 and shell.user_ns["y"] == 20_000
    run = last_run()
    assert run is not None and run.executor == "sync"
    data = summary_of(shown)
    assert f"run {run.number}: {run.ntasks} of {run.ntasks} tasks" in data["text/plain"]
    safe_page(data["text/html"])
    assert "Time line" in data["text/html"] and "Bytes in use by operation" in data["text/html"]
    spans = [layer.origin.span for layer in run.graph.layers if layer.origin]
    assert {span.text for span in spans if span} == {"y = (x + 1).sum().compute()"}
    assert {span.line for span in spans if span} == {4}


def test_a_statement_whose_memory_is_profiled_stands_where_it_is(shell: InteractiveShell) -> None:
    source = (
        "import chunkscope.array as ca\ndef twice(block):\n    return block * 2\n\n"
        "x = ca.ones(40, chunks=10).map_blocks(twice)\n%chunkmem -f twice x.sum().compute()"
    )
    result, _ = cell(shell, source)
    assert result.success
    run = last_run()
    assert run is not None and run.origin is not None and run.origin.span is not None
    span = run.origin.span
    assert (span.line, span.place) == (6, f"cell In[{shell.execution_count - 1}]")
    assert "x.sum().compute()" in span.text


def test_an_exception_comes_after_the_summary(shell: InteractiveShell) -> None:
    result, shown = cell(shell, "%%chunkscope\nfrom chunkscope import delayed\ndelayed(int)('x').compute()")
    assert isinstance(result.error_in_exec, ValueError)
    assert "failed" in summary_of(shown)["text/plain"]


def test_a_cell_without_runs_and_a_semicolon(shell: InteractiveShell) -> None:
    result, shown = cell(shell, "%%chunkscope\nz = 5\nz;")
    assert result.result is None and shell.user_ns["z"] == 5
    assert "none: nothing was computed" in summary_of(shown)["text/html"]


def test_tasks_are_measured_one_by_one(shell: InteractiveShell) -> None:
    _, shown = cell(
        shell, "%%chunkscope -m\nfrom chunkscope import delayed\ndelayed(bytes)(5_000_000).compute();"
    )
    assert "measured 4.77 MiB by tracemalloc" in summary_of(shown)["text/plain"]


def test_lines_of_a_function_in_a_cell(shell: InteractiveShell) -> None:
    cell(
        shell,
        "def work(n):\n    x = bytearray(n)\n    if n < 0:\n        x = b''\n    size = len(x)\n    return size",
    )
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)  # what earlier tests let go of would be used again, and the process would not grow
    result, _ = cell(shell, "%chunkmem -r work(60_000_000)")
    report = result.result
    assert isinstance(report, LineReport) and report.value == 60_000_000
    ((name, rows),) = report.functions
    assert name.startswith("work in ")
    assert [row.text for row in rows][1] == "    x = bytearray(n)"
    assert rows[1].increment is not None and rows[1].increment > 50_000_000
    assert rows[3].memory is None and rows[3].times == 0
    assert report.highest >= 60_000_000
    safe_page(report._repr_html_())
    _, shown = cell(shell, "%chunkmem -f work total = work(10)")
    assert shell.user_ns["total"] == 10 and "x = bytearray(n)" in shown.outputs[0].data["text/plain"]


def test_lines_of_a_function_inside_tasks(shell: InteractiveShell) -> None:
    cell(
        shell,
        "import chunkscope.array as ca\n"
        "def double(block):\n    out = block * 2\n    return out\n"
        "x = ca.ones(6, chunks=2).map_blocks(double, dtype=float)",
    )
    result, _ = cell(shell, "%chunkmem -r -f double x.compute()")
    ((_, rows),) = result.result.functions
    assert rows[1].times >= 3


def test_wrong_uses_say_what_would_work(shell: InteractiveShell) -> None:
    for line, words in {
        "": "needs a statement",
        "1 + 1": "finds no function",
        "-f nothing 1 + 1": "no function 'nothing'",
    }.items():
        with pytest.raises(UsageError, match=words):
            shell.run_line_magic("chunkmem", line)
    magic: Callable[..., Any] = shell.run_cell_magic
    with pytest.raises(UsageError, match="takes -m and -s"):
        magic("chunkscope", "fast", "1")
    with pytest.raises(ConfigError, match="no Python source"):
        profile_lines([len], lambda: 1)


def test_the_extension_is_imported_only_when_it_is_loaded() -> None:
    code = (
        "import sys, chunkscope, chunkscope.diagnostics; chunkscope.load_ipython_extension; "
        "print([name for name in ('IPython', 'bokeh', 'memory_profiler', 'psutil', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
