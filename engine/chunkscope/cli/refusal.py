"""The one error of the command line."""

from __future__ import annotations

from chunkscope.errors import ChunkscopeError


class CannotRun(ChunkscopeError):
    """A command that cannot be carried out; the message says what is missing and what would help."""
