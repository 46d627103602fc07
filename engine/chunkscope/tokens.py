"""Content hashes of operations and their parameters. Nothing is pickled unless there is no other way to tell.

Tokens decide which expressions are equal. They are made only when somebody asks, in one pass over the value.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
import types
from collections.abc import Callable
from enum import Enum
from typing import Any, Protocol

__all__ = ["tokenise", "unique_token"]

_COUNTER = itertools.count()
_mark = os.urandom(4).hex()


class _Sink(Protocol):
    def update(self, data: bytes, /) -> None: ...


def unique_token(prefix: str) -> str:
    """A token that equals no other, of any process: for calls that may give another result each time."""
    return f"{prefix}-{_mark}{next(_COUNTER):x}"


def _forked() -> None:
    """In a process that was forked from this one: its tokens are its own."""
    global _mark
    _mark = os.urandom(4).hex()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def tokenise(value: Any) -> str:
    """A 16-byte content hash of `value`, as hex: the same for equal content, in any process.

    Numbers, text, containers, dtypes, slices, arrays (by bytes), functions (by code, defaults and closure), names of
    modules, enums and dataclasses are taken structurally; an object may say its own with `__chunkscope_token__()`;
    anything else is pickled with cloudpickle. Cost: reads arrays whole.

    >>> tokenise((1, "x", [2.0])) == tokenise((1, "x", [2.0])), tokenise(1) == tokenise(1.0)
    (True, False)
    """
    sink = hashlib.blake2b(digest_size=16)
    _feed(sink, value)
    return sink.hexdigest()


def _feed(sink: _Sink, value: Any) -> None:
    kind = type(value)
    writer = _WRITERS.get(kind)
    if writer is not None:
        writer(sink, value)
    elif hasattr(kind, "__chunkscope_token__"):
        sink.update(b"T" + value.__chunkscope_token__().encode() + b";")
    elif isinstance(value, Enum):
        sink.update(f"E{kind.__module__}.{kind.__qualname__}.{value.name};".encode())
    elif isinstance(value, type):
        sink.update(f"C{value.__module__}.{value.__qualname__};".encode())
    elif kind.__module__ == "numpy" or kind.__module__.startswith("numpy."):
        _feed_numpy(sink, value)
    elif isinstance(value, tuple) and hasattr(kind, "_fields"):  # a named tuple
        sink.update(f"M{kind.__module__}.{kind.__qualname__}".encode())
        _feed_sequence(sink, value)
    elif hasattr(kind, "__dataclass_fields__"):
        sink.update(f"D{kind.__module__}.{kind.__qualname__}(".encode())
        for name in kind.__dataclass_fields__:
            _feed(sink, getattr(value, name))
        sink.update(b")")
    else:
        import cloudpickle

        sink.update(b"P" + cloudpickle.dumps(value) + b";")


def _feed_numpy(sink: _Sink, value: Any) -> None:
    import numpy as np

    if isinstance(value, np.ndarray) and value.dtype != object:
        sink.update(f"A{value.dtype.str}{value.shape};".encode())
        sink.update(memoryview(np.ascontiguousarray(value).reshape(-1).view(np.uint8)))  # type: ignore[arg-type]
    elif isinstance(value, np.ndarray):
        sink.update(f"AO{value.shape};".encode())
        _feed_sequence(sink, value.reshape(-1).tolist())
    elif isinstance(value, np.dtype):
        sink.update(f"Y{value.descr if value.names else value.str};".encode())
    elif isinstance(value, np.generic):
        sink.update(f"N{value.dtype.str}".encode() + value.tobytes() + b";")
    elif isinstance(value, np.ufunc):
        sink.update(f"U{value.__name__};".encode())
    else:
        import cloudpickle

        sink.update(b"P" + cloudpickle.dumps(value) + b";")


def _feed_text(letter: str) -> Callable[[_Sink, Any], None]:
    def write(sink: _Sink, value: Any) -> None:
        sink.update(f"{letter}{value!r};".encode("utf-8", "backslashreplace"))

    return write


def _feed_sequence(sink: _Sink, value: Any) -> None:
    sink.update(f"{type(value).__name__}(".encode())
    for item in value:
        _feed(sink, item)
    sink.update(b")")


def _feed_set(sink: _Sink, value: Any) -> None:
    sink.update(f"{type(value).__name__}(".encode())
    for token in sorted(tokenise(item) for item in value):
        sink.update(token.encode())
    sink.update(b")")


def _feed_dict(sink: _Sink, value: dict[Any, Any]) -> None:
    sink.update(b"dict(")
    for key, item in value.items():
        _feed(sink, key)
        _feed(sink, item)
    sink.update(b")")


def _feed_slice(sink: _Sink, value: slice) -> None:
    sink.update(b"slice(")
    for part in (value.start, value.stop, value.step):
        _feed(sink, part)
    sink.update(b")")


def _feed_function(sink: _Sink, value: types.FunctionType) -> None:
    sink.update(f"F{value.__module__}.{value.__qualname__}(".encode())
    _feed_code(sink, value.__code__)
    for part in (value.__defaults__, value.__kwdefaults__):
        _feed(sink, part)
    for cell in value.__closure__ or ():
        try:
            _feed(sink, cell.cell_contents)
        except ValueError:  # an empty cell: the function refers to a name not bound yet
            sink.update(b"-")
    sink.update(b")")


def _feed_code(sink: _Sink, code: types.CodeType) -> None:
    sink.update(code.co_code)
    sink.update(repr(code.co_names).encode())
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            _feed_code(sink, constant)
        else:
            _feed(sink, constant)


def _feed_builtin(sink: _Sink, value: Any) -> None:
    owner = getattr(value, "__self__", None)
    sink.update(f"B{value.__module__}.{value.__qualname__}(".encode())
    if owner is not None and not isinstance(owner, types.ModuleType):
        _feed(sink, owner)
    sink.update(b")")


def _feed_method(sink: _Sink, value: types.MethodType) -> None:
    sink.update(b"M(")
    _feed(sink, value.__func__)
    _feed(sink, value.__self__)
    sink.update(b")")


def _feed_partial(sink: _Sink, value: functools.partial[Any]) -> None:
    sink.update(b"partial(")
    for part in (value.func, value.args, value.keywords):
        _feed(sink, part)
    sink.update(b")")


_WRITERS: dict[type, Callable[[_Sink, Any], None]] = {
    type(None): _feed_text("0"),
    type(...): _feed_text("."),
    bool: _feed_text("b"),
    int: _feed_text("i"),
    float: _feed_text("f"),
    complex: _feed_text("c"),
    str: _feed_text("s"),
    bytes: _feed_text("y"),
    range: _feed_text("r"),
    tuple: _feed_sequence,
    list: _feed_sequence,
    set: _feed_set,
    frozenset: _feed_set,
    dict: _feed_dict,
    slice: _feed_slice,
    types.FunctionType: _feed_function,
    types.BuiltinFunctionType: _feed_builtin,
    types.MethodType: _feed_method,
    types.ModuleType: lambda sink, value: sink.update(f"m{value.__name__};".encode()),
    functools.partial: _feed_partial,
}
