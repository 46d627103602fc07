"""The command `chunkscope`: start JupyterLab on the lessons, copy the lessons, check the installation."""

from chunkscope.cli.command import main

__all__ = ["main"]
