"""Random lengths cut into random chunks."""

import itertools

from hypothesis import strategies as st

from chunkscope.chunks import ChunkGrid


@st.composite
def cuts(draw: st.DrawFn, n: int) -> tuple[int, ...]:
    """Chunk sizes that sum to `n`."""
    if n == 0:
        return (0,)
    ends = draw(st.sets(st.integers(1, n - 1), max_size=5)) if n > 1 else set()
    edges = [0, *sorted(ends), n]
    return tuple(b - a for a, b in itertools.pairwise(edges))


@st.composite
def grids(draw: st.DrawFn, max_ndim: int = 4, max_length: int = 9, min_length: int = 0) -> ChunkGrid:
    """A grid of up to `max_ndim` axes."""
    shape = draw(st.lists(st.integers(min_length, max_length), max_size=max_ndim))
    return ChunkGrid([draw(cuts(n)) for n in shape])


@st.composite
def factorisations(draw: st.DrawFn, size: int) -> tuple[int, ...]:
    """A shape that holds `size` elements, lengths of 1 among it."""
    found = []
    while size > 1:
        divisor = draw(st.sampled_from([d for d in range(1, size + 1) if size % d == 0]))
        found.append(divisor)
        size //= divisor
    return tuple(draw(st.permutations(found)))
