"""Every layer of an array's graph knows the line that made it, also after rules have taken it apart and fused it."""

from __future__ import annotations

import chunkscope.array as ca
from chunkscope import plan


def test_layers_name_the_line_that_made_them() -> None:
    x = ca.random.default_rng(0).normal(size=(60, 40), chunks=(20, 20))
    centred = x - x.mean(axis=0)
    spread = centred.std()
    table = {}
    for layer in plan(spread).graph.layers:
        assert layer.origin is not None and layer.origin.span is not None, layer.op
        table[layer.op] = layer.origin.span.text
    assert table["normal"].startswith("x = ")
    assert table["mean"].startswith("centred = ") and table["mean-partial"].startswith("centred = ")
    assert table["std-partial"].startswith("spread = ") and table["std"].startswith("spread = ")
