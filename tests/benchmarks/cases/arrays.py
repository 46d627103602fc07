"""What users compute with arrays, beside NumPy, numexpr and Dask on the same two threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from tests.benchmarks.case import OURS, Case, Goal, Kind, Variant

ROWS = 1_000_000  # of a chunk of points: 16 MB
LENGTH = 100_000_000
TALL = (100_000, 400)
WORKERS = 2


def _compute(name: str, *lazy: Any) -> Sequence[Any]:
    """The values, on two threads."""
    import importlib

    module = importlib.import_module(name)
    values: Sequence[Any] = module.compute(*lazy, scheduler="threads", num_workers=WORKERS)
    return values


def _lazy(name: str, build: Callable[[Any, Any], Any]) -> Variant:
    """The work of `build(module of arrays, random generator)` in a library of chunked arrays."""

    def prepare() -> Callable[[], Any]:
        import importlib

        xp = importlib.import_module(f"{name}.array")
        _compute(name, (xp.random.default_rng(1).random((10, 10), chunks=5) + 1).sum())  # imports, threads
        return lambda: _compute(name, build(xp, xp.random.default_rng(1))) and None

    return prepare


def _numpy(build: Callable[[Any, Any], Any]) -> Variant:
    """The same at once."""
    return lambda: lambda: build(_Numpy(), np.random.default_rng(1)) is None


class _Numpy:
    """NumPy's functions, for programs that give `chunks` to those that make arrays."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def _random(xp: Any, rng: Any, shape: tuple[int, ...], chunks: tuple[int, ...]) -> Any:
    return rng.random(shape) if isinstance(xp, _Numpy) else rng.random(shape, chunks=chunks)


def _pi(n: int, xp: Any, rng: Any) -> Any:
    xy = _random(xp, rng, (n, 2), (ROWS, 2))
    return 4 * ((xy**2).sum(axis=1) < 1).mean()


def _symmetric(xp: Any, rng: Any) -> Any:
    x = _random(xp, rng, (12_000, 12_000), (2_000, 2_000))
    return (x + x.T).sum()


def _anomaly(xp: Any, rng: Any) -> Any:
    x = _random(xp, rng, (20_000, 5_000), (2_000, 5_000))
    return (x - x.mean(axis=0)).std(axis=0)


def _values() -> Any:
    return np.random.default_rng(1).random(LENGTH)


def _chain(xp: Any, x: Any) -> Any:
    return (xp.sqrt(x + 1) * 2 - xp.exp(-x) + x / 3 - x * x).sum()


def _numpy_chain() -> Callable[[], Any]:
    x = _values()
    return lambda: float(_chain(np, x)) and None


def _numexpr_chain() -> Callable[[], Any]:
    import numexpr

    numexpr.set_num_threads(WORKERS)
    x = _values()
    text = "sum(sqrt(x + 1) * 2 - exp(-x) + x / 3 - x * x)"
    numexpr.evaluate(text, {"x": x[:1000]})
    return lambda: float(numexpr.evaluate(text, {"x": x})) and None


def _from_array(name: str, x: Any, chunks: Any) -> Any:
    import importlib

    xp = importlib.import_module(f"{name}.array")
    # Dask's hash of the data would take longer than the work.
    return xp, xp.from_array(x, chunks=chunks, **({"name": False} if name == "dask" else {}))


def _lazy_chain(name: str) -> Callable[[], Any]:
    x = _values()

    def work(values: Any) -> None:
        xp, lazy = _from_array(name, values, 2 * ROWS)
        _compute(name, _chain(xp, lazy))

    work(x[:1000])
    return lambda: work(x)


def _tall() -> Any:
    return np.random.default_rng(1).random(TALL)


def _right(x: Any, u: Any, s: Any, v: Any) -> None:
    assert u.shape == x.shape and np.allclose((u[:50] * s) @ v, x[:50])


def _numpy_svd() -> Callable[[], Any]:
    x = _tall()
    return lambda: _right(x, *np.linalg.svd(x, full_matrices=False))


def _lazy_svd(name: str) -> Callable[[], Any]:
    x = _tall()

    def work() -> None:
        xp, lazy = _from_array(name, x, (10_000, -1))
        _right(x, *_compute(name, *xp.linalg.svd(lazy)))

    return work


def _programs(build: Callable[[Any, Any], Any]) -> dict[str, Variant]:
    return {OURS: _lazy("chunkscope", build), "Dask": _lazy("dask", build), "NumPy": _numpy(build)}


def _faster(than: str, times: float) -> Goal:
    return Goal(Kind.FASTER, times, peer=than)


PEAK = Goal(Kind.AT_MOST, 150e6, "MB", figure="peak_bytes")
_LARGE = _programs(partial(_pi, 10 * LENGTH))
ARRAYS = (
    Case(
        "pi-1e8",
        "Monte Carlo π, 10⁸ points",
        _programs(partial(_pi, LENGTH)),
        (_faster("Dask", 3), _faster("NumPy", 10), PEAK),
    ),
    Case(
        "pi-1e9",
        "Monte Carlo π, 10⁹ points (NumPy would take 38 GB)",
        {name: _LARGE[name] for name in (OURS, "Dask")},
        (_faster("Dask", 3), PEAK),
        repeats=1,
    ),
    Case(
        "chain",
        "an element-wise chain with a sum over 10⁸ numbers in memory",
        {
            OURS: partial(_lazy_chain, "chunkscope"),
            "Dask": partial(_lazy_chain, "dask"),
            "numexpr": _numexpr_chain,
            "NumPy": _numpy_chain,
        },
        (_faster("Dask", 1.8), _faster("numexpr", 2.5)),
    ),
    Case(
        "svd",
        "SVD of 100,000 × 400 in memory, all three factors",
        {OURS: partial(_lazy_svd, "chunkscope"), "NumPy": _numpy_svd, "Dask": partial(_lazy_svd, "dask")},
        (Goal(Kind.RATIO, 1.0, peer="NumPy"),),
        repeats=1,
        slow=frozenset({"Dask"}),
    ),
    Case("symmetric", "(x + x.T).sum() at 12,000²", _programs(_symmetric), (_faster("Dask", 1.5),)),
    Case(
        "anomaly",
        "(x - x.mean(axis=0)).std(axis=0) at 20,000 × 5,000",
        _programs(_anomaly),
        (_faster("Dask", 1.5),),
    ),
)
