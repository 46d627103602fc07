"""A notebook's cells run in this process, by an IPython shell of their own: quick, with all the hooks of a kernel."""

import contextlib
import gc
import sys
from types import TracebackType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import chunkscope
from chunkscope.futures import clusters
from chunkscope_lessons import Lesson, Outcome

RAISES = "raises-exception"


class Classroom:
    """A shell for one lesson. As a context manager it stops following the shell at the end."""

    def __init__(self) -> None:
        quiet = Config()
        quiet.HistoryManager.enabled = False
        self.shell = InteractiveShell(config=quiet)
        self._workers = chunkscope.config.get("num_workers")

    def __enter__(self) -> "Classroom":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(self.shell.user_ns.get("L"), Lesson):
            self.L.close()
        for cluster in clusters():  # of a lesson that was not run to its end
            cluster.close()
        chunkscope.config.set(num_workers=self._workers)
        for name in (
            "last_type",
            "last_value",
            "last_traceback",
            "last_exc",
        ):  # they keep frames, and those keep data
            vars(sys).pop(name, None)
        with contextlib.suppress(
            ZeroDivisionError
        ):  # the run that failed last keeps its data: let it have none
            chunkscope.delayed(divmod)(1, 0).compute(scheduler="sync")
        self.shell.reset(new_session=False)
        gc.collect()
        self.shell.restore_sys_module_state()  # a shell takes the place of __main__

    @property
    def L(self) -> Lesson:
        found: Lesson = self.shell.user_ns["L"]
        return found

    def run(self, source: str) -> Any:
        """Runs a cell; returns what its last expression gave, or raises what it raised."""
        result = self.shell.run_cell(source, store_history=False)
        result.raise_error()
        return result.result

    def run_cell(self, cell: dict[str, Any]) -> Any:
        """Runs a cell of a notebook; one that is meant to fail has to, and gives its exception."""
        if RAISES not in cell["metadata"].get("tags", ()):
            return self.run(cell["source"])
        result = self.shell.run_cell(cell["source"], store_history=False)
        assert result.error_in_exec is not None, f"{cell['id']} is meant to fail, and did not"
        return result.error_in_exec

    def attempt(self, exercise: str, source: str) -> Outcome:
        """Runs an exercise's cell, whether or not it raises, and checks it."""
        self.shell.run_cell(source, store_history=False)
        return self.L.check(exercise)
