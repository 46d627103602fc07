import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.chunks import AUTO_BYTES, ChunkGrid, normalize_chunks
from chunkscope.errors import ChunkError


@pytest.mark.parametrize(
    ("chunks", "shape", "want"),
    [
        (5, (17,), ((5, 5, 5, 2),)),
        ((5,), (17,), ((5, 5, 5, 2),)),
        ((10, 5), (15, 15), ((10, 5), (5, 5, 5))),
        (((4, 4, 2), 3), (10, 3), ((4, 4, 2), (3,))),
        ((4, 4, 2), (10,), ((4, 4, 2),)),
        (-1, (4, 6), ((4,), (6,))),
        (None, (4, 6), ((4,), (6,))),
        ((2, None), (4, 6), ((2, 2), (6,))),
        ({0: 2}, (4, 6), ((2, 2), (6,))),
        ({-1: (1, 5)}, (4, 6), ((4,), (1, 5))),
        (100, (4, 6), ((4,), (6,))),
        (5, (), ()),
        ((), (), ()),
        (3, (0, 4), ((0,), (3, 1))),
        ("auto", (4, 6), ((4,), (6,))),
        ("64B", (16,), ((8, 8),)),
        (("64B", 2), (8, 4), ((4, 4), (2, 2))),
    ],
)
def test_every_spelling(chunks: object, shape: tuple[int, ...], want: tuple[tuple[int, ...], ...]) -> None:
    assert normalize_chunks(chunks, shape).chunks == want


def test_none_keeps_what_was() -> None:
    before = ChunkGrid([(2, 2), (3, 3)])
    assert normalize_chunks((None, 6), (4, 6), previous=before).chunks == ((2, 2), (6,))
    assert normalize_chunks({1: -1}, (4, 6), previous=before).chunks == ((2, 2), (6,))


@pytest.mark.parametrize(
    ("chunks", "message"),
    [
        (
            (4, 4),
            r"cannot split axis 0 of length 10 into chunks \(4, 4\): they sum to 8; use \(4, 4, 2\) or -1",
        ),
        (((6, 6),), r"they sum to 12; use -1"),
        ((4, (1,)), "name 2 axes"),
        ({2: 1}, "name axis 2, the array has 1 axes"),
        ("many", "cannot be 'many'"),
        (0, "cannot be 0"),
        (-2, "cannot be -2"),
        (1.5, "cannot be 1.5"),
        (((10, 0),), "size 0"),
        (((4.5, 5.5),), "whole numbers"),
    ],
)
def test_what_does_not_fit_says_why(chunks: object, message: str) -> None:
    with pytest.raises(ChunkError, match=message):
        normalize_chunks(chunks, (10,))


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=4),
    st.sampled_from([1, 4, 8, 16]),
    st.sampled_from(["auto", "1MiB", "64kB"]),
)
def test_auto_chunks_keep_the_limit_and_are_even(shape: list[int], itemsize: int, spelling: str) -> None:
    limit = {"auto": AUTO_BYTES, "1MiB": 2**20, "64kB": 64000}[spelling]
    if max(shape) ** len(shape) > 10**12:
        shape = [min(n, 1000) for n in shape]
    grid = normalize_chunks(spelling, shape, itemsize=itemsize)
    assert grid.shape == tuple(shape)
    assert grid.max_elements * itemsize <= limit
    for sizes in grid.sizes:
        assert len(sizes) == 1 or int(sizes[-1]) > 0
        assert len(set(sizes[:-1].tolist())) <= 1


def test_auto_makes_no_more_chunks_than_it_needs() -> None:
    assert normalize_chunks("auto", (10**8, 2)).numblocks == (96, 1)
    assert normalize_chunks("auto", (12000, 12000)).numblocks == (9, 9)
