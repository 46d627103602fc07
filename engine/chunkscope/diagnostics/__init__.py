"""Watching runs from code: progress bars and callbacks. They read the run log and can neither slow nor stop a run."""

from chunkscope.diagnostics.callback import Callback
from chunkscope.diagnostics.progress import progress
from chunkscope.diagnostics.progress_bar import ProgressBar

__all__ = ["Callback", "ProgressBar", "progress"]
