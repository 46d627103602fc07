"""Extents never overlap, whatever is allocated and freed in whatever order; what is free is found again."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.blocks.allocator import PAGE, Allocator, Extent, whole_pages

PAGES = 32


def check(allocator: Allocator, used: list[Extent]) -> None:
    """Used extents and holes cover every arena exactly once, and holes do not touch."""
    for arena in allocator.arenas:
        holes = allocator.holes(arena)
        spans = sorted([*holes, *[extent for extent in used if extent.arena == arena]])
        at = 0
        for extent in spans:
            assert extent.start == at and extent.size > 0
            at += extent.size
        assert at == PAGES * PAGE
        assert all(a.start + a.size < b.start for a, b in itertools.pairwise(holes))
        assert allocator.is_empty(arena) == (not any(extent.arena == arena for extent in used))
    assert allocator.used_bytes == sum(extent.size for extent in used)


@given(st.data())
def test_extents_never_overlap(data: st.DataObject) -> None:
    allocator = Allocator()
    for arena in range(data.draw(st.integers(1, 3))):
        allocator.add(arena, PAGES * PAGE)
    used: list[Extent] = []
    for _ in range(data.draw(st.integers(1, 40))):
        what = data.draw(st.sampled_from(["allocate", "allocate", "free", "part"]))
        if what == "allocate":
            nbytes = data.draw(st.integers(0, 12 * PAGE))
            extent = allocator.allocate(nbytes)
            if extent is None:
                assert all(
                    hole.size < whole_pages(nbytes) for a in allocator.arenas for hole in allocator.holes(a)
                )
            else:
                assert extent.size == whole_pages(nbytes)
                used.append(extent)
        elif used:
            extent = used.pop(data.draw(st.integers(0, len(used) - 1)))
            if what == "part" and extent.size > PAGE:
                cut = data.draw(st.integers(1, extent.size // PAGE - 1)) * PAGE
                allocator.free(Extent(extent.arena, extent.start + cut, extent.size - cut))
                used.append(Extent(extent.arena, extent.start, cut))
            else:
                allocator.free(extent)
        check(allocator, used)
    for extent in used:
        allocator.free(extent)
    check(allocator, [])
    for arena in allocator.arenas:
        allocator.remove(arena)
    assert allocator.arenas == ()


def test_low_addresses_are_used_first() -> None:
    allocator = Allocator()
    allocator.add(0, PAGES * PAGE)
    first, second, third = (allocator.allocate(PAGE) for _ in range(3))
    assert first is not None and second is not None and third is not None
    allocator.free(second)
    allocator.free(first)
    assert allocator.allocate(1) == first
    assert allocator.allocate(2 * PAGE) == Extent(0, 3 * PAGE, 2 * PAGE)


@pytest.mark.parametrize(
    "extent", [Extent(0, 0, PAGE), Extent(0, PAGE, 2 * PAGE), Extent(0, 7, PAGE), Extent(0, -PAGE, PAGE)]
)
def test_what_is_free_cannot_be_freed(extent: Extent) -> None:
    allocator = Allocator()
    allocator.add(0, PAGES * PAGE)
    allocator.allocate(PAGE)
    allocator.allocate(PAGE)
    allocator.free(Extent(0, 0, PAGE))
    before = allocator.holes(0)
    with pytest.raises(ValueError, match="is not allocated"):
        allocator.free(extent)
    assert allocator.holes(0) == before and allocator.used_bytes == PAGE


def test_an_arena_in_use_stays() -> None:
    allocator = Allocator()
    allocator.add(3, PAGE)
    allocator.allocate(1)
    with pytest.raises(ValueError, match="in use"):
        allocator.remove(3)
    with pytest.raises(ValueError, match="new number"):
        allocator.add(3, PAGE)
