"""Exceptions on their way from a worker: the user's own type, text, notes and attributes, and where it was raised.

A traceback cannot be pickled. The places in it are sent, and made into a traceback again whose frames are empty: what
prints or opens the lines of the user's files finds them as it would have found them in this process.
"""

from __future__ import annotations

import ast
import pickle
from collections.abc import Sequence
from itertools import islice
from types import TracebackType
from typing import Any, NamedTuple

import cloudpickle

from chunkscope.errors import TransferError

__all__ = ["Place", "carried", "packed_error"]

MOST_PLACES = 60


class Place(NamedTuple):
    """One frame of a traceback."""

    filename: str
    name: str
    module: str
    span: tuple[int, int, int, int]
    """First and last line, first and last column of the instruction."""


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
    body = _body(error)
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


def _body(error: BaseException) -> bytes:
    """The exception without what is in its `__dict__`; as a report of it where even its class cannot go."""
    try:
        body: bytes = cloudpickle.dumps(error)
        if _text(cloudpickle.loads(body)) == _text(error):
            return body
    except Exception:
        pass
    # pickle calls the class with `args`: most that have an __init__ of their own take something else
    try:
        body = cloudpickle.dumps(_Bare(error))
        cloudpickle.loads(body)  # a class whose own reduction is wrong shows it only here
        return body
    except Exception as reason:
        report = TransferError(
            f"a task raised {type(error).__module__}.{type(error).__qualname__}: {_text(error)}; the exception itself "
            f"cannot be sent to another process ({type(reason).__name__}: {_text(reason)}): define its class in a "
            "module, or without what cannot be pickled"
        )
    return bytes(cloudpickle.dumps(report))


class _Bare:
    """Stands for an exception: class and `args`, as text what cannot be pickled of them. The class is not called."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __reduce__(self) -> tuple[Any, ...]:
        return _made_bare, (type(self._error), tuple(map(_sendable, self._error.args)))


def _made_bare(kind: type[BaseException], args: tuple[Any, ...]) -> BaseException:
    builtin = next(base for base in kind.__mro__ if base.__module__ == "builtins")
    error = builtin.__new__(kind, *args)
    error.args = args
    return error


def _sendable(value: Any) -> Any:
    try:
        cloudpickle.loads(cloudpickle.dumps(value))
    except Exception:
        return repr(value)
    return value


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
        span = next(islice(code.co_positions(), trace.tb_lasti // 2, None), (None,) * 4)
        line, end, column, last = span
        lines = (line or trace.tb_lineno, end or line or trace.tb_lineno, column or 0, last or 0)
        found.append(Place(code.co_filename, code.co_name, module, lines))
        trace = trace.tb_next
    first = next((i for i, place in enumerate(found) if not place.module.startswith("chunkscope.")), 0)
    return found[first:][-MOST_PLACES:]


def _traceback(places: Sequence[Place]) -> TracebackType | None:
    """A traceback over the places."""
    trace: TracebackType | None = None
    for place in reversed(places):
        here = _raised(place)
        if here is not None:
            trace = TracebackType(trace, here.tb_frame, here.tb_lasti, here.tb_lineno)
    return trace


def _raised(place: Place) -> TracebackType | None:
    """The traceback of an empty function of that name and file, whose one instruction lies where the real one did."""
    line, end, column, last = place.span
    where = {"lineno": line, "end_lineno": end, "col_offset": column, "end_col_offset": last}
    kind = ast.Name("ZeroDivisionError", ast.Load(), **where)
    tree = ast.Module([ast.Raise(kind, None, **where)], [])
    try:
        code = compile(tree, place.filename, "exec")
        code = code.replace(co_name=place.name, co_qualname=place.name)
        exec(code, {"__name__": place.module, "__file__": place.filename})
    except ZeroDivisionError as error:
        assert error.__traceback__ is not None
        return error.__traceback__.tb_next
    except (ValueError, TypeError, SystemError):  # the last: other threads were parsing, Python 3.11
        pass
    return None
