"""`delayed`, and the lazy value that it gives. Thin: wraps functions, records calls, hands expressions to `compute`."""

from __future__ import annotations

import operator
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from chunkscope.compute.lazy import Lazy
from chunkscope.compute.protocol import is_collection
from chunkscope.delayed.call import Call
from chunkscope.delayed.gather import Gather
from chunkscope.delayed.recipe import describe_arguments
from chunkscope.delayed.tables import function_name
from chunkscope.delayed.value import ValueAssembler
from chunkscope.errors import ConfigError, LazyValueError
from chunkscope.expr import Expr, Rule
from chunkscope.types import Origin

__all__ = ["Delayed", "delayed"]


def delayed(
    obj: Any,
    name: str | None = None,
    pure: bool | None = None,
    nout: int | None = None,
    traverse: bool = True,
) -> Any:
    """A lazy version of `obj`: of a function, whose calls are then recorded instead of run; of any other value, itself.

    name: what the call is called in graphs and run logs. pure: whether equal arguments mean an equal result, so that
    equal calls run once (default: no). nout: number of results, to unpack them: `a, b = f(x)`. traverse: whether lazy
    values inside lists, tuples, dicts and sets of `obj` are found. Works as a decorator, also on methods.

    Building a call costs a few microseconds and one small object. Arguments are not copied and must not be changed.

    >>> from chunkscope import delayed
    >>> @delayed
    ... def add(x, y):
    ...     return x + y
    >>> z = add(1, add(2, 3))
    >>> z.compute()
    6
    """
    if nout is not None and (type(nout) is not int or nout < 0):
        raise ConfigError(f"nout={nout!r} is not a number of results; use an integer of 0 or more, or None")
    if type(obj) is Delayed:
        return obj
    if is_collection(obj):
        return Delayed(Gather(obj), nout)
    if callable(obj) and not isinstance(obj, Delayed):
        return Function(obj, name, bool(pure), nout)
    inputs: list[Expr] = []
    recipe = describe_arguments((obj,), tuple, inputs, expression_of, traverse)
    call = Call(_value, (obj,), tuple(inputs), recipe, name=name or type(obj).__name__, pure=bool(pure))
    call.origin = Origin.here()
    return Delayed(call, nout)


def expression_of(value: Any) -> Expr:
    """The expression of a lazy value, as one value."""
    if isinstance(value, Delayed) or hasattr(type(value), "__chunkscope_single__"):
        found: Expr = value.__chunkscope_expr__()
        return found
    return Gather(value)


def record(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any] | None = None,
    name: str | None = None,
    pure: bool = False,
    nout: int | None = None,
) -> Delayed:
    """The lazy result of `function(*args, **kwargs)`."""
    frame = sys._getframe(1)
    while frame.f_globals.get("__name__", "").startswith("chunkscope.") and frame.f_back is not None:
        frame = frame.f_back
    origin = Origin(frame.f_code, frame.f_lasti)
    if not kwargs:
        lazy = []
        for value in args:
            if type(value) is not Delayed:
                break
            lazy.append(value._expr)
        else:
            return Delayed(Call(function, (), tuple(lazy), None, None, None, name, pure, origin), nout)
        if not lazy and _all_plain(args):
            return Delayed(Call(function, args, (), None, None, None, name, pure, origin), nout)
    inputs: list[Expr] = []
    recipe = describe_arguments(args, tuple, inputs, expression_of) if args else None
    kwrecipe = None
    if kwargs:
        kwrecipe = describe_arguments(list(kwargs.values()), dict, inputs, expression_of)
        if kwrecipe is not None:
            kwrecipe.keys = list(kwargs)
    return Delayed(
        Call(function, args, tuple(inputs), recipe, kwargs or None, kwrecipe, name, pure, origin), nout
    )


_PLAIN = frozenset((int, float, complex, bool, str, bytes, type(None), types.FunctionType))


def _all_plain(args: tuple[Any, ...]) -> bool:
    return all(type(value) in _PLAIN for value in args)


class Delayed(Lazy):
    """A value that is not computed yet. Calls, attributes, items and operators on it are recorded too."""

    __slots__ = ("__weakref__", "_expr", "_nout")
    __array_ufunc__ = None  # so that NumPy leaves the operator to us

    def __init__(self, expr: Expr, nout: int | None = None) -> None:
        self._expr = expr
        self._nout = nout

    # -- the protocol of compute --------------------------------------------------------------------------

    def __chunkscope_expr__(self) -> Expr:
        return self._expr

    def __chunkscope_rules__(self) -> tuple[Rule, ...]:
        return ()

    def __chunkscope_assembler__(self, grid: tuple[int, ...]) -> ValueAssembler:
        return ValueAssembler()

    def __chunkscope_rebuild__(self, expr: Expr) -> Delayed:
        return Delayed(expr, self._nout)

    # -- looking at it ----------------------------------------------------------------------------------------

    def visualize(self, filename: str | None = None, **options: Any) -> Any:
        """The graph as a picture. Options as in `chunkscope.visualize`."""
        from chunkscope.display import visualize

        return visualize(self, filename=filename, **options)

    @property
    def key(self) -> str:
        """The name of the value: the operation and a token."""
        return self._expr.token

    def describe(self) -> str:
        """The value in words."""
        from chunkscope.display import describe_delayed

        return describe_delayed(self)

    def _repr_html_(self) -> str:
        from chunkscope.display import delayed_html

        return delayed_html(self)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, Any]:
        from chunkscope.display import bundle, delayed_html, describe_delayed

        return bundle(self, delayed_html, describe_delayed, include, exclude)

    def __repr__(self) -> str:
        return f"Delayed({_title(self._expr)})"

    # -- recording ------------------------------------------------------------------------------------------

    def __call__(
        self, *args: Any, pure: bool | None = None, dask_key_name: str | None = None, **kwargs: Any
    ) -> Delayed:
        return record(_apply, (self, *args), kwargs, dask_key_name, bool(pure))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(
                f"a lazy value has no attribute {name!r}; attributes that begin with _ are not recorded"
            )
        return Attribute(self, name)

    def __getitem__(self, index: Any) -> Delayed:
        return record(operator.getitem, (self, index), pure=True)

    def __iter__(self) -> Iterator[Any]:
        if self._nout is None:
            raise LazyValueError(
                "cannot iterate over a lazy value: its length is not known; say nout= when wrapping the function, "
                "or compute it first"
            )
        return iter([self[i] for i in range(self._nout)])

    def __len__(self) -> int:
        if self._nout is None:
            raise LazyValueError(
                "a lazy value has no length yet; say nout= when wrapping the function, or compute it first"
            )
        return self._nout

    def __bool__(self) -> bool:
        raise LazyValueError(
            f"the truth of {self!r} is not known before it is computed; keep the `if` on plain values, "
            "call .compute() first, or put the decision inside the delayed function"
        )

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in ("_expr", "_nout"):
            raise LazyValueError(
                f"a lazy value cannot be changed: setting .{name} would be lost; make a new value"
            )
        object.__setattr__(self, name, value)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise LazyValueError(
            "a lazy value cannot be changed: setting an item would be lost; make a new value"
        )

    __hash__ = object.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        return (Delayed, (self._expr, self._nout))


class Function(Delayed):
    """A wrapped function or class: calling it records a call. As a value, it is the function itself."""

    __slots__ = ("__wrapped__", "_name", "_pure")

    def __init__(self, function: Callable[..., Any], name: str | None, pure: bool, nout: int | None) -> None:
        object.__setattr__(self, "__wrapped__", function)
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_pure", pure)
        object.__setattr__(self, "_nout", nout)

    def __chunkscope_expr__(self) -> Expr:
        return self._expr

    def __getattr__(self, name: str) -> Any:
        if name == "_expr":
            call = Call(
                _value, (self.__wrapped__,), (), None, name=self._name or function_name(self.__wrapped__)
            )
            call.pure = True
            object.__setattr__(self, "_expr", call)
            return call
        if name.startswith("__") and hasattr(self.__wrapped__, name):
            return getattr(self.__wrapped__, name)  # __name__, __doc__ and the like
        return super().__getattr__(name)

    def __call__(
        self, *args: Any, pure: bool | None = None, dask_key_name: str | None = None, **kwargs: Any
    ) -> Delayed:
        return record(
            self.__wrapped__,
            args,
            kwargs,
            dask_key_name or self._name,
            self._pure if pure is None else pure,
            self._nout,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return (Function, (self.__wrapped__, self._name, self._pure, self._nout))

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __repr__(self) -> str:
        return f"Delayed({function_name(self.__wrapped__)})"


class Attribute(Delayed):
    """`value.name`, recorded when it is used: as a value, or, when called, as one method call."""

    __slots__ = ("_name", "_owner")

    def __init__(self, owner: Delayed, name: str) -> None:
        object.__setattr__(self, "_owner", owner)
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_nout", None)

    def __chunkscope_expr__(self) -> Expr:
        return self._expr

    def __getattr__(self, name: str) -> Any:
        if name == "_expr":
            expr = record(getattr, (self._owner, self._name), name=f".{self._name}", pure=True)._expr
            object.__setattr__(self, "_expr", expr)
            return expr
        return super().__getattr__(name)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Attribute, (self._owner, self._name))

    def __call__(
        self, *args: Any, pure: bool | None = None, dask_key_name: str | None = None, **kwargs: Any
    ) -> Delayed:
        title = dask_key_name or f".{self._name}()"
        return record(_call_method, (self._owner, self._name, *args), kwargs, title, bool(pure))


def _title(expr: Expr) -> str:
    return expr.title if isinstance(expr, Call) else expr.op


def _value(value: Any) -> Any:
    return value


def _apply(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return function(*args, **kwargs)


def _call_method(owner: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    return getattr(owner, name)(*args, **kwargs)


def _binary(function: Callable[[Any, Any], Any], name: str) -> tuple[Any, Any]:
    def forward(self: Delayed, other: Any) -> Delayed:
        return record(function, (self, other), name=name, pure=True)

    def backward(self: Delayed, other: Any) -> Delayed:
        return record(function, (other, self), name=name, pure=True)

    return forward, backward


def _unary(function: Callable[[Any], Any], name: str) -> Any:
    def forward(self: Delayed) -> Delayed:
        return record(function, (self,), name=name, pure=True)

    return forward


def _install_operators() -> None:
    names = [
        "add",
        "sub",
        "mul",
        "truediv",
        "floordiv",
        "mod",
        "pow",
        "lshift",
        "rshift",
        "and_",
        "or_",
        "xor",
        "matmul",
    ]
    for name in names:
        plain = name.rstrip("_")
        forward, backward = _binary(getattr(operator, name), plain)
        setattr(Delayed, f"__{plain}__", forward)
        setattr(Delayed, f"__r{plain}__", backward)
    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        setattr(Delayed, f"__{name}__", _binary(getattr(operator, name), name)[0])
    for name in ("neg", "pos", "abs", "invert"):
        setattr(Delayed, f"__{name}__", _unary(getattr(operator, name), name))
    forward, backward = _binary(divmod, "divmod")
    setattr(Delayed, "__divmod__", forward)  # noqa: B010 - as the others
    setattr(Delayed, "__rdivmod__", backward)  # noqa: B010


_install_operators()
