"""Exceptions on their way from a worker: the user's own type, text, notes and attributes, and where it was raised.

A traceback cannot be pickled. The places in it are sent, and made into a traceback again whose frames are empty: what
prints or opens the lines of the user's files finds them as it would have found them in this process.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Sequence
from types import CodeType, TracebackType
from typing import Any, NamedTuple

import cloudpickle

from chunkscope.errors import TransferError

__all__ = ["Place", "carried", "packed_error"]

MOST_PLACES = 60


class Place(NamedTuple):
    """One frame of a traceback."""

    filename: str
    name: str
    line: int
    module: str


def packed_error(error: BaseException) -> bytes:
    """The exception as bytes. What cannot be pickled of it is left out; one that cannot go at all is described."""
    places = _places(error.__traceback__)
    state: dict[str, bytes] = {}
    for name, value in list(getattr(error, "__dict__", {}).items()):
        try:
            state[name] = cloudpickle.dumps(value)
        except Exception:
            continue
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    try:
        body = cloudpickle.dumps(error)
        cloudpickle.loads(body)  # a class whose own reduction is wrong shows it only here
    except Exception as reason:
        body = cloudpickle.dumps(
            TransferError(
                f"a task raised {type(error).__module__}.{type(error).__qualname__}: {_text(error)}; the exception "
                f"itself cannot be sent to another process ({type(reason).__name__}: {_text(reason)}): give its "
                "class a __reduce__ that returns what its __init__ takes"
            )
        )
    chained = packed_error(cause) if cause is not None and cause is not error else None
    return pickle.dumps((body, state, places, chained, error.__cause__ is not None))


def carried(data: bytes) -> BaseException:
    """The exception as it was raised in the worker."""
    body, state, places, chained, is_cause = pickle.loads(data)
    try:
        error: BaseException = pickle.loads(body)
    except Exception as reason:
        return TransferError(
            f"a task raised an exception that cannot be read in this process ({type(reason).__name__}: "
            f"{_text(reason)}): its module must be importable here, too"
        )
    for name, value in state.items():
        try:
            error.__dict__[name] = pickle.loads(value)
        except Exception:
            continue
    if chained is not None:
        other = carried(chained)
        if is_cause:
            error.__cause__ = other
        else:
            error.__context__ = other
    error.__traceback__ = _traceback(places)
    return error


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "it has no text"


def _places(trace: TracebackType | None) -> list[Place]:
    """The frames of the traceback, without those of the engine above the user's; the last ones of a long one."""
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        found.append(Place(code.co_filename, code.co_name, trace.tb_lineno, module))
        trace = trace.tb_next
    first = next((i for i, place in enumerate(found) if not place.module.startswith("chunkscope.")), 0)
    return found[first:][-MOST_PLACES:]


def _traceback(places: Sequence[Place]) -> TracebackType | None:
    """A traceback over the places."""
    trace: TracebackType | None = None
    for place in reversed(places):
        frame = _frame(place)
        if frame is not None:
            trace = TracebackType(trace, frame, 0, place.line)
    return trace


def _frame(place: Place) -> Any:
    """An empty frame of a function with that name in that file."""
    space: dict[str, Any] = {"__name__": place.module, "__file__": place.filename}
    code: CodeType = compile("raise ZeroDivisionError", place.filename, "exec")
    try:
        code = code.replace(co_name=place.name, co_qualname=place.name, co_firstlineno=max(place.line, 1))
        exec(code, space)
    except ZeroDivisionError:
        trace = sys.exc_info()[2]
        assert trace is not None and trace.tb_next is not None
        return trace.tb_next.tb_frame
    except (ValueError, TypeError):
        pass
    return None
