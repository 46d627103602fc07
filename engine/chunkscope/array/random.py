"""`chunkscope.array.random`: NumPy's generators over chunked arrays.

Each call has a stream of its own, and in it each block: numbers depend on the seed, on the order of calls and on the
block index, never on threads or machines. Other chunks give other numbers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.array.collection import Array
from chunkscope.array.dtypes import checked_dtype
from chunkscope.array.ops.creation import checked_shape
from chunkscope.array.ops.random import Random
from chunkscope.array.wrapping import wrap
from chunkscope.chunks import normalize_chunks
from chunkscope.errors import DTypeError

__all__ = ["Generator", "RandomState", "default_rng", "seed"]

DISTRIBUTIONS: dict[str, dict[str, Any]] = {
    "beta": {"a": ..., "b": ...}, "binomial": {"n": ..., "p": ...}, "chisquare": {"df": ...},
    "exponential": {"scale": 1.0}, "f": {"dfnum": ..., "dfden": ...}, "gamma": {"shape": ..., "scale": 1.0},
    "geometric": {"p": ...}, "gumbel": {"loc": 0.0, "scale": 1.0},
    "hypergeometric": {"ngood": ..., "nbad": ..., "nsample": ...}, "laplace": {"loc": 0.0, "scale": 1.0},
    "logistic": {"loc": 0.0, "scale": 1.0}, "lognormal": {"mean": 0.0, "sigma": 1.0}, "logseries": {"p": ...},
    "negative_binomial": {"n": ..., "p": ...}, "noncentral_chisquare": {"df": ..., "nonc": ...},
    "noncentral_f": {"dfnum": ..., "dfden": ..., "nonc": ...}, "normal": {"loc": 0.0, "scale": 1.0},
    "pareto": {"a": ...}, "poisson": {"lam": 1.0}, "power": {"a": ...}, "random": {},
    "rayleigh": {"scale": 1.0}, "standard_cauchy": {},
    "standard_exponential": {}, "standard_gamma": {"shape": ...}, "standard_normal": {}, "standard_t": {"df": ...},
    "triangular": {"left": ..., "mode": ..., "right": ...}, "uniform": {"low": 0.0, "high": 1.0},
    "vonmises": {"mu": ..., "kappa": ...}, "wald": {"mean": ..., "scale": ...}, "weibull": {"a": ...},
    "zipf": {"a": ...},
}  # fmt: skip
"""Parameters of each distribution with their defaults; `...` where there is none."""

_SINGLE = ("random", "standard_normal", "standard_exponential")
"""Distributions that can be drawn in float32."""


class Generator:
    """Draws arrays from one seed. Made by `default_rng`; methods and parameters are NumPy's, with `chunks` at the end.

    >>> import chunkscope.array as ca
    >>> x = ca.random.default_rng(0).normal(5, 2, size=(1000, 3), chunks=(500, 3))
    >>> x.chunks, x.dtype
    (((500, 500), (3,)), dtype('float64'))
    """

    def __init__(self, seed: Any = None) -> None:
        self._seed = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
        self._calls = 0

    def __repr__(self) -> str:
        return f"chunkscope.random.{type(self).__name__}(calls={self._calls})"

    def _draw(self, name: str, params: tuple[Any, ...], size: Any, chunks: Any, dtype: Any = None) -> Array:
        """One call: checked by NumPy itself on no numbers, then made lazily."""
        for value in params:
            if isinstance(value, Array) or np.ndim(value) != 0:
                raise DTypeError(
                    f"{name}: parameters are numbers here; draw standard numbers and scale the array"
                )
        sample = np.random.Generator(np.random.PCG64(0))
        options = {} if dtype is None else {"dtype": checked_dtype(dtype)}
        if name == "integers":
            low, high, endpoint = params
            kind = sample.integers(low, high, size=1, endpoint=endpoint, **options).dtype
        else:
            kind = getattr(sample, name)(*params, size=0, **options).dtype
        shape = () if size is None else checked_shape(size)
        grid = normalize_chunks(chunks, shape, itemsize=kind.itemsize)
        entropy = self._seed.entropy
        words = [*np.atleast_1d(np.asarray(entropy, dtype=object)), *self._seed.spawn_key]
        number = (
            int(words[0])
            if len(words) == 1
            else int(np.random.SeedSequence(words).generate_state(2, np.uint64)[0])
        )
        expr = Random(number, self._calls, name, params, grid, kind)
        self._calls += 1
        return wrap(expr)

    def integers(
        self,
        low: int,
        high: int | None = None,
        size: Any = None,
        dtype: Any = np.int64,
        endpoint: bool = False,
        chunks: Any = "auto",
    ) -> Array:
        """Integers from `low` up to, not including, `high`; below `low` where `high` is None."""
        if high is None:
            low, high = 0, low
        return self._draw("integers", (int(low), int(high), endpoint), size, chunks, dtype)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Callable[..., Array]: ...


def _method(name: str, params: dict[str, Any]) -> Callable[..., Array]:
    kinds = inspect.Parameter
    own = [kinds("self", kinds.POSITIONAL_OR_KEYWORD)]
    own += [
        kinds(key, kinds.POSITIONAL_OR_KEYWORD, default=kinds.empty if value is ... else value)
        for key, value in params.items()
    ]
    own.append(kinds("size", kinds.POSITIONAL_OR_KEYWORD, default=None))
    if name in _SINGLE:
        own.append(kinds("dtype", kinds.POSITIONAL_OR_KEYWORD, default=np.float64))
    own.append(kinds("chunks", kinds.POSITIONAL_OR_KEYWORD, default="auto"))
    signature = inspect.Signature(own)

    def method(*args: Any, **options: Any) -> Array:
        bound = signature.bind(*args, **options)
        bound.apply_defaults()
        given = bound.arguments
        values = tuple(given[key] for key in params)
        found: Array = given["self"]._draw(name, values, given["size"], given["chunks"], given.get("dtype"))
        return found

    method.__signature__ = signature  # type: ignore[attr-defined]
    method.__name__ = name
    method.__doc__ = f"Numbers as `numpy.random.Generator.{name}` draws them, one stream for each block."
    return method


for _name, _params in DISTRIBUTIONS.items():
    setattr(Generator, _name, _method(_name, _params))


class RandomState(Generator):
    """The older interface of NumPy: the same streams under its names."""

    def random_sample(self, size: Any = None, chunks: Any = "auto") -> Array:
        """Numbers in [0, 1)."""
        return self.random(size, chunks=chunks)

    def randint(
        self, low: int, high: int | None = None, size: Any = None, chunks: Any = "auto", dtype: Any = int
    ) -> Array:
        """Integers from `low` up to, not including, `high`."""
        return self.integers(low, high, size, dtype, chunks=chunks)

    def seed(self, seed: Any = None) -> None:
        """Begin anew from this seed."""
        Generator.__init__(self, seed)


def default_rng(seed: Any = None) -> Generator:
    """A generator of chunked arrays; from fresh entropy where no seed is given.

    >>> import chunkscope.array as ca
    >>> ca.random.default_rng(1).random(3, chunks=3).compute().shape
    (3,)
    """
    return seed if isinstance(seed, Generator) else Generator(seed)


_shared = RandomState()


def seed(seed: Any = None) -> None:
    """Begin the module's own stream anew: the one behind `random.random`, `random.normal` and the others."""
    _shared.seed(seed)


def __getattr__(name: str) -> Callable[..., Array]:
    if name in DISTRIBUTIONS or name in ("random_sample", "randint", "integers"):
        return getattr(_shared, name)  # type: ignore[no-any-return]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *DISTRIBUTIONS, "random_sample", "randint"])
