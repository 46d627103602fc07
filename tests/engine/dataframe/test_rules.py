"""The rewrites of frames: what is read, what is shared, what is fused."""

from typing import Any

import pandas as pd

import chunkscope
import chunkscope.dataframe as cd
from chunkscope.compute import prepare
from chunkscope.dataframe.meta import emulate, meta_nonempty
from tests.engine.dataframe.strategies import VALUES, in_partitions


def frame() -> Any:
    return in_partitions(pd.DataFrame({c: range(6) for c in "abcd"}), (0, 3, 6))


def layers(*lazy: Any) -> list[tuple[str, int]]:
    return [(layer.op, layer.ntasks) for layer in prepare(lazy).graph.layers]


def test_a_chain_is_one_task_for_each_partition() -> None:
    x = frame()
    assert layers((x[x.a > 1].b + 1) * 2) == [("from_pandas → mul", 2)]


def test_what_two_read_is_made_once_with_the_columns_of_both() -> None:
    x = frame()
    prepared = prepare([x.a + 1, x.b * 2])
    assert [layer.op for layer in prepared.graph.layers] == ["from_pandas", "add", "mul"]
    shape = prepared.graph.layers[0].frame
    assert shape is not None
    assert [name for name, _ in shape.columns] == ["a", "b"]


def test_equal_reads_are_one() -> None:
    data = pd.DataFrame({"a": range(4)})
    source = cd.from_pandas(data, 2)
    first, second = type(source)(source._expr.replace_inputs([])), source
    assert first._expr is not second._expr
    assert layers(first.a + 1, second.a + 2) == [("from_pandas → [a]", 2), ("add", 2), ("add", 2)]


def test_a_value_is_dropped_after_its_last_reader() -> None:
    x = frame()
    prepared = prepare([((x.a + 1) * (x.a + 2)) - x.b])
    (layer,) = prepared.graph.layers
    program = layer.kernel
    live, most = set(), 0
    for number, line in enumerate(program.lines):  # type: ignore[attr-defined]
        live.add(number)
        live -= set(line.dead)
        most = max(most, len(live))
    assert live == {len(program.lines) - 1}  # type: ignore[attr-defined]
    assert most <= 4


def test_a_step_that_fails_names_its_own_operation_and_line() -> None:
    x = in_partitions(pd.DataFrame({"a": ["1", "2", "x"]}), (0, 1, 3))
    lazy = x.a + "0"
    program = prepare([lazy + "1"]).graph.layers[0].kernel
    broken = program.lines[1].step  # type: ignore[attr-defined]
    try:
        broken(0, object())
    except TypeError as error:
        assert program.blame(error) is None  # type: ignore[attr-defined]


def test_explain_tells_of_columns_and_of_what_is_kept() -> None:
    x = frame()
    told = str(chunkscope.explain(x.a + 1, x.a * 2).describe())
    assert "read-columns-used" in told
    assert "made once and kept" in told


def test_metas_have_two_plausible_rows_of_every_dtype() -> None:
    for dtype in VALUES:
        series = pd.Series([], dtype=dtype, name="x", index=pd.Index([], dtype="str", name="key"))
        two = meta_nonempty(series)
        assert len(two) == 2
        assert (two.dtype, two.name, two.index.name) == (series.dtype, "x", "key")
        pd.testing.assert_series_equal(emulate(lambda x: x, series), series)
