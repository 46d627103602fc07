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

    def apply(self) -> None:
        """Have all of them, after the paths and variables of the parent were taken over."""
        sys.path[:0] = [path for path in self.paths if path not in sys.path]
        os.environ.update(self.variables)


ADDITIONS = Additions()
"""Those of this process."""
