"""What a task prints, warns and logs, told to the parent as it comes."""

from __future__ import annotations

import io
import logging
import os
import pickle
import struct
import sys
import warnings
from collections.abc import Callable, Iterable
from typing import Any, TextIO

__all__ = ["LOG", "SAYING", "TASK", "TEXT", "WARNING", "Habits", "adopt", "habits", "install", "tell_again"]

TEXT, WARNING, LOG = b"t", b"v", b"l"
"""Kinds of messages from a worker."""
SAYING = {TEXT: "printed", WARNING: "warned", LOG: "logged"}
TASK = struct.Struct("=q")
"""Before each such message: the task that runs where it comes from, -1 for none."""

FORWARDED: dict[str, int | None] = {}
"""From which level on the records of a logger, or of those below it, are sent; None: none. Others all are."""

Send = Callable[[bytes, bytes], None]
Habits = tuple[list[Any], dict[str, int]]
"""Filters of warnings, levels of loggers."""


def habits() -> Habits:
    """Which warnings and log records this process wants."""
    levels = {
        name: logger.level
        for name, logger in list(logging.root.manager.loggerDict.items())
        if isinstance(logger, logging.Logger) and logger.level
    }
    return list(warnings.filters), {"": logging.root.level, **levels}


def adopt(wanted: Habits) -> None:
    """In the worker: want the same."""
    filters, levels = wanted
    if list(warnings.filters) != filters:
        warnings.filters[:] = filters  # type: ignore[index]
        warnings._filters_mutated()  # type: ignore[attr-defined]
    for name, level in levels.items():
        logging.getLogger(name or None).setLevel(level)


def install(send: Send) -> None:
    """In the worker: from now on text, warnings and log records go to the parent."""
    sys.stdout = _Stream("stdout", send, sys.__stdout__)
    sys.stderr = _Stream("stderr", send, sys.__stderr__)
    logging.root.handlers[:] = [_Handler(send)]
    pid = os.getpid()
    show = warnings.showwarning

    def showwarning(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if file is not None or os.getpid() != pid:
            show(message, category, filename, lineno, file, line)
            return
        try:
            body = pickle.dumps((message, category, filename, lineno))
        except Exception:
            body = pickle.dumps((f"{category.__name__}: {message}", UserWarning, filename, lineno))
        send(WARNING, body)

    warnings.showwarning = showwarning


def _wanted(record: logging.LogRecord) -> bool:
    """Whether a record is to be sent: what was said of the nearest logger counts."""
    name = record.name
    while True:
        if name in FORWARDED:
            level = FORWARDED[name]
            return level is not None and record.levelno >= level
        if not name:
            return True
        name = name.rpartition(".")[0]


class _Stream(io.TextIOBase):
    """Text that is sent line by line."""

    def __init__(self, name: str, send: Send, fallback: TextIO | None) -> None:
        self._name = name
        self._send = send
        self._fallback = fallback
        self._pid = os.getpid()
        self._rest: list[str] = []

    @property
    def name(self) -> str:
        """The stream's name, as Python's own streams have one."""
        return f"<{self._name}>"

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Text is sent as text; this is what it would be written in."""
        return "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() takes text, not {type(text).__name__}")
        if os.getpid() != self._pid:  # a task has forked: the channel is not this process's
            return self._fallback.write(text) if self._fallback is not None else len(text)
        self._rest.append(text)
        if "\n" in text or len(self._rest) > 100:
            self.flush()
        return len(text)

    def flush(self) -> None:
        if self._rest and os.getpid() == self._pid:
            text = "".join(self._rest)
            self._rest.clear()
            self._send(TEXT, pickle.dumps((self._name, text)))

    def fileno(self) -> int:
        if self._fallback is None:
            raise io.UnsupportedOperation("this process has no such stream")
        return self._fallback.fileno()


class _Handler(logging.Handler):
    """Sends records, with their text made here."""

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send
        self._pid = os.getpid()

    def emit(self, record: logging.LogRecord) -> None:
        if os.getpid() != self._pid:  # a task has forked: the channel is not this process's
            if sys.__stderr__ is not None:
                sys.__stderr__.write(f"{self.format(record)}\n")
                sys.__stderr__.flush()
            return
        if FORWARDED and not _wanted(record):
            return
        try:
            fields = dict(record.__dict__)
            fields["msg"], fields["args"] = record.getMessage(), None
            if record.exc_info:
                fields["exc_text"] = logging.Formatter().formatException(record.exc_info)
                fields["exc_info"] = None
            try:
                body = pickle.dumps(fields)
            except Exception:
                plain = {k: v for k, v in fields.items() if isinstance(v, str | int | float | type(None))}
                body = pickle.dumps(plain)
            self._send(LOG, body)
        except Exception:
            self.handleError(record)


def flush_streams(streams: Iterable[Any] = ()) -> None:
    """In the worker: send what has no line end yet."""
    for stream in streams or (sys.stdout, sys.stderr):
        if isinstance(stream, _Stream):
            stream.flush()


def tell_again(kind: bytes, body: bytes | bytearray) -> str:
    """In the parent: print, warn or log what a worker has sent; returns it as text. Never raises."""
    try:
        return _tell_again(kind, body)
    except Exception as error:  # what is said in a task must not end the run
        return f"(output that could not be shown: {type(error).__name__})\n"


def _tell_again(kind: bytes, body: bytes | bytearray) -> str:
    if kind == TEXT:
        name, text = pickle.loads(body)
        stream = sys.stdout if name == "stdout" else sys.stderr
        if stream is not None:
            stream.write(text)
            stream.flush()
        return str(text)
    if kind == WARNING:
        message, category, filename, lineno = pickle.loads(body)
        warnings.showwarning(message, category, filename, lineno)
        return f"{category.__name__}: {message}\n"
    record = logging.makeLogRecord(pickle.loads(body))
    logger = logging.getLogger(record.name)
    if logger.isEnabledFor(record.levelno):
        logger.handle(record)
    return f"{record.levelname}: {record.getMessage()}\n"
