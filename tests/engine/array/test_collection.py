import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import chunkscope
import chunkscope.array as ca
from chunkscope.array import families, functions, names
from chunkscope.errors import LazyValueError

EXECUTORS = ["sync", "threads"]


@pytest.fixture(params=EXECUTORS)
def scheduler(request: pytest.FixtureRequest) -> Any:
    with chunkscope.config.set(scheduler=request.param):
        yield request.param


def test_attributes() -> None:
    x = ca.ones((4, 6), dtype="float32", chunks=(3, 2), name="mine")
    assert (x.shape, x.ndim, x.size, x.nbytes, x.itemsize, len(x)) == ((4, 6), 2, 24, 96, 4, 4)
    assert (x.chunks, x.chunksize, x.numblocks, x.npartitions) == (((3, 1), (2, 2, 2)), (3, 2), (2, 3), 6)
    assert x.name == "mine"
    assert x.T.shape == x.mT.shape == (6, 4)
    assert repr(x) == "chunkscope.array<mine, shape=(4, 6), dtype=float32, chunksize=(3, 2)>"
    assert repr(x + 1).startswith("chunkscope.array<add, ")


def test_compute_and_persist(scheduler: str) -> None:
    x = ca.from_array(np.arange(12.0).reshape(3, 4), chunks=2)
    y = (x * 2).persist()
    np.testing.assert_array_equal(y.compute(), np.arange(12).reshape(3, 4) * 2)
    assert (y.shape, y.chunks, y.dtype) == (x.shape, x.chunks, x.dtype)
    assert y.sum().compute() == 132
    assert isinstance(y.sum().compute(), np.float64)
    np.testing.assert_array_equal(np.asarray(x), np.arange(12).reshape(3, 4))
    a, b = chunkscope.compute(x.sum(), x.max())
    assert (a, b) == (66, 11)


def test_results_are_writable_and_own_their_memory(scheduler: str) -> None:
    values = np.arange(6.0)
    x = ca.from_array(values, chunks=6)
    found = x.compute()
    found[0] = 9
    assert values[0] == 0
    kept = x.persist()
    first = kept.compute()
    first[:] = -1
    np.testing.assert_array_equal(kept.compute(), values)


def test_the_same_numbers_on_every_executor() -> None:
    x = ca.random.default_rng(0).random((3000, 40), chunks=(700, 13))
    y = (ca.sin(x) - x.mean(axis=0)).std(axis=1).sum()
    assert (
        len({float(y.compute(scheduler=name, num_workers=n)) for name in EXECUTORS for n in (1, 2, 5)}) == 1
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (bool, r"if needs a value.*use bool\(x.compute\(\)\), or x.any\(\) or x.all\(\) first"),
        (float, r"use float\(x.compute\(\)\)"),
        (int, r"use int\(x.compute\(\)\)"),
        (complex, r"use complex\(x.compute\(\)\)"),
        (list, r"cannot go through the elements.*x.blocks for its blocks"),
        (lambda x: 1 in x, r"\(x == 1\).any\(\).compute\(\)"),
        (lambda x: range(x), "an index needs a value"),
        (lambda x: len(x[0]), "without axes"),
    ],
)
def test_values_that_are_not_there_yet(call: Any, message: str) -> None:
    with pytest.raises(LazyValueError, match=message):
        call(ca.ones(3, chunks=2))


def test_one_value_too_is_not_there_yet() -> None:
    with pytest.raises(LazyValueError, match=r"use bool\(x.compute\(\)\)$"):
        bool(ca.ones(3).sum() > 2)


def test_every_public_name_is_there_and_documented() -> None:
    assert sorted(functions.__all__) == sorted(names.WRITTEN)
    for name in [*functions.__all__, *families.__all__]:
        found = getattr(ca, name)
        assert callable(found)
        assert found.__doc__, name
        assert name in ca.__all__
    for name in ca.__all__:
        assert hasattr(ca, name)


def test_origin_is_the_users_line() -> None:
    x = ca.ones(3) + 1  # this line
    expr = x.__chunkscope_expr__()
    assert expr.origin is not None
    assert expr.origin.span is not None
    assert expr.origin.span.text.endswith("# this line")


def test_arrays_pickle() -> None:
    x = ca.random.default_rng(0).random(10, chunks=3) + 1
    other = pickle.loads(pickle.dumps(x))
    np.testing.assert_array_equal(other.compute(), x.compute())


def test_import_is_light() -> None:
    heavy = "{'pandas', 'scipy', 'pyarrow', 'bokeh', 'IPython'}"
    code = (
        "import sys, chunkscope.array as ca; assert 'numpy' not in sys.modules; "
        f"ca.ones(3); assert not {heavy} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_equal_expressions_are_equal() -> None:
    x, y = (ca.ones((4, 4), chunks=2) * 3 for _ in range(2))
    assert x.__chunkscope_expr__().token == y.__chunkscope_expr__().token
    assert x.__chunkscope_expr__().token != (x * 3).__chunkscope_expr__().token


def test_delayed_calls_take_arrays() -> None:
    x = ca.from_array(np.arange(30.0), chunks=7)
    total = chunkscope.delayed(np.sum)(x)
    assert chunkscope.delayed(lambda a, b: a + b)(x.sum(), total).compute() == 870
