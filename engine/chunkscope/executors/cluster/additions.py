"""What plugins have added to this process: paths to import from and variables, which stay whatever the parent has."""

from __future__ import annotations

import os
import sys

__all__ = ["ADDITIONS", "Additions"]


class Additions:
    """Paths and environment variables beside those of the parent."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.variables: dict[str, str] = {}

    def add_path(self, path: str) -> None:
        """Import from this folder before all others."""
        if path not in self.paths:
            self.paths.insert(0, path)
        self.apply()

    def set(self, name: str, value: str | None) -> None:
        """Have an environment variable; None takes it back."""
        if value is None:
            self.variables.pop(name, None)
            os.environ.pop(name, None)
        else:
            self.variables[name] = value
            os.environ[name] = value

    def apply(self, paths: list[str] | None = None, variables: dict[str, str] | None = None) -> None:
        """Have all of them, beside the paths and variables of the parent where those are given.

        No moment without one that is to stay: tasks of other threads may be looking.
        """
        kept = sys.path if paths is None else paths
        sys.path[:] = [*(path for path in self.paths if path not in kept), *kept]
        if variables is not None:
            wanted = {**variables, **self.variables}
            os.environ.update(wanted)
            for name in os.environ.keys() - wanted.keys():
                del os.environ[name]
        else:
            os.environ.update(self.variables)


ADDITIONS = Additions()
"""Those of this process."""
