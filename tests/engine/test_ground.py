"""Layer 0: units, tokens, config, origins."""

from __future__ import annotations

import functools
import operator
import os
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope import config, errors
from chunkscope.tokens import tokenise, unique_token
from chunkscope.types import Origin
from chunkscope.units import format_bytes, format_seconds, parse_bytes


@given(st.integers(0, 10**15))
def test_a_plain_number_is_bytes(n: int) -> None:
    assert parse_bytes(n) == parse_bytes(str(n)) == parse_bytes(f"{n}B") == n


@pytest.mark.parametrize(
    ("text", "nbytes"),
    [
        ("1kB", 1000),
        ("1 KiB", 1024),
        ("2GB", 2 * 10**9),
        ("0.5 MiB", 2**19),
        ("1_000", 1000),
        ("3g", 3 * 10**9),
    ],
)
def test_parse_bytes(text: str, nbytes: int) -> None:
    assert parse_bytes(text) == nbytes


@pytest.mark.parametrize("bad", ["", "many", "12 parsecs", "-1", "1.2.3MB", None, [], True])
def test_what_is_no_size_is_refused_with_examples(bad: Any) -> None:
    with pytest.raises(errors.ConfigError, match=r"not a size.*'64MiB'"):
        parse_bytes(bad)


def test_negative_size() -> None:
    with pytest.raises(errors.ConfigError, match="negative"):
        parse_bytes(-1)


@given(st.integers(0, 2**50))
def test_format_bytes_keeps_three_digits(n: int) -> None:
    text = format_bytes(n)
    number, unit = text.split()
    factor = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}[unit]
    assert float(number) * factor == pytest.approx(n, rel=0.01)
    assert len(number) <= 5


@given(st.floats(1e-9, 1e6))
def test_format_seconds_reads_back(x: float) -> None:
    text = format_seconds(x)
    scale = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}
    parts = text.split()
    if len(parts) == 2:
        assert float(parts[0]) * scale[parts[1]] == pytest.approx(x, rel=0.06)
    else:
        assert x >= 119.5


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.sampled_from([np.dtype("f4"), np.dtype("i8"), slice(1, 2), ..., range(3), len, np.add]),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def _same(x: Any, y: Any) -> bool:
    """Equal in value and in type, all the way down."""
    if type(x) is not type(y):
        return False
    if isinstance(x, list | tuple):
        return len(x) == len(y) and all(map(_same, x, y))
    if isinstance(x, dict):
        return list(x) == list(y) and all(_same(x[k], y[k]) for k in x)
    if isinstance(x, float):
        return repr(x) == repr(y)
    return bool(x == y)


@given(VALUES, VALUES)
def test_tokens_are_equal_exactly_when_content_is(x: Any, y: Any) -> None:
    assert tokenise(x) == tokenise(x)
    assert (tokenise(x) == tokenise(y)) == _same(x, y)


def test_tokens_of_functions_follow_code_defaults_and_closure() -> None:
    def make(n: int, m: int = 1) -> Any:
        return lambda x, k=m: x + n + k

    assert tokenise(make(1)) == tokenise(make(1))
    assert tokenise(make(1)) != tokenise(make(2))
    assert tokenise(make(1, 2)) != tokenise(make(1, 3))
    assert tokenise(functools.partial(operator.add, 1)) != tokenise(functools.partial(operator.add, 2))
    assert tokenise([].append) != tokenise([1].append)


def test_tokens_of_arrays_follow_dtype_shape_and_bytes() -> None:
    x = np.arange(6)
    assert tokenise(x) == tokenise(x.copy())
    assert tokenise(x) != tokenise(x.reshape(2, 3))
    assert tokenise(x) != tokenise(x.astype("f8"))
    assert tokenise(np.array(["a", None], dtype=object)) != tokenise(np.array(["b", None], dtype=object))
    assert tokenise(x[::2]) == tokenise(x[::2].copy())


def test_unique_tokens_differ() -> None:
    assert unique_token("x") != unique_token("x")


def test_config_call_context_and_global() -> None:
    before = config.get("num_workers")
    with config.set(num_workers=3):
        assert config.get("num_workers") == 3
        with config.set(num_workers=5, scheduler="sync"):
            assert (config.get("num_workers"), config.get("scheduler")) == (5, "sync")
            assert config.get("num_workers", 7) == 7
        assert config.get("num_workers") == 3
    assert config.get("num_workers") == before
    try:
        config.set(num_workers=2)
        assert config.get("num_workers") == 2
        with config.set(num_workers=4):
            assert config.get("num_workers") == 4
        assert config.get("num_workers") == 2
    finally:
        config.set(num_workers=None)


def test_config_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHUNKSCOPE_MEMORY", "2GB")
    assert config.get("memory") == 2 * 10**9
    for text, value in (("0", False), ("false", False), ("1", True), ("", True)):
        monkeypatch.setenv("CHUNKSCOPE_VIEWERS", text)
        assert config.get("viewers") is value
    monkeypatch.setenv("CHUNKSCOPE_VIEWERS", "perhaps")
    with pytest.raises(errors.ConfigError, match="viewers='perhaps' is not a switch"):
        config.get("viewers")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"colour": "red"}, "no option is named 'colour'; the options are scheduler"),
        ({"scheduler": "dragons"}, "scheduler='dragons' is not known; use one of 'sync', 'threads'"),
        ({"num_workers": 0}, "num_workers=0 is not a number of workers"),
        ({"num_workers": True}, "num_workers=True"),
        ({"memory": "lots"}, "not a size: 'lots'"),
        ({"optimize": 1}, "optimize=1 is not a switch"),
    ],
)
def test_bad_options_say_what_would_work_and_set_nothing(values: dict[str, Any], message: str) -> None:
    before = {option.name: config.get(option.name) for option in config.options()}
    with pytest.raises(errors.ConfigError, match=message):
        config.set(num_workers=9, **values) if "num_workers" not in values else config.set(**values)
    assert {option.name: config.get(option.name) for option in config.options()} == before


def test_every_option_is_documented() -> None:
    assert all(option.about and option.check(option.default) == option.default for option in config.options())


def test_origin_names_line_and_variable() -> None:
    def made() -> Origin:
        found = Origin.here()
        assert found is not None
        return found

    origin = made()
    span = origin.span
    assert span is not None
    assert "found = Origin.here()" in span.text and span.variable == "found"
    assert span.place == "test_ground.py"
    again = pickle.loads(pickle.dumps(origin))
    assert again.span == span
    assert str(again).endswith(f"test_ground.py:{span.line}")


def test_errors_are_also_builtin_errors() -> None:
    pairs = [
        (errors.ChunkError, ValueError),
        (errors.DTypeError, TypeError),
        (errors.AxisError, IndexError),
        (errors.FrameError, ValueError),
        (errors.SchemaError, ValueError),
        (errors.LazyValueError, TypeError),
        (errors.MemoryBudgetError, MemoryError),
        (errors.BlockLostError, LookupError),
    ]
    for ours, builtin in pairs:
        assert issubclass(ours, builtin) and issubclass(ours, errors.ChunkscopeError)
    own = {n for n, v in vars(errors).items() if getattr(v, "__module__", "") == errors.__name__}
    assert set(errors.__all__) == own


def test_made_up_tokens_are_those_of_no_other_process() -> None:
    """A process that was forked counts on from where this one is."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writer, unique_token("x").encode())
        os._exit(0)
    os.waitpid(pid, 0)
    there = os.read(reader, 100).decode()
    os.close(reader)
    os.close(writer)
    here = [unique_token("x") for _ in range(3)]
    assert there.startswith("x-") and there not in here and len(set(here)) == 3
    assert there[:10] != here[0][:10]
