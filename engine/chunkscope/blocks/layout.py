"""How the places of an array lie in memory: the order of its axes, their directions, gaps, and what is repeated.

A sum over the same numbers in another layout may differ in its last bits, so a block has one layout wherever it is made
and however it gets to where it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["compact", "has_gaps", "laid_out", "parts"]

Parts = tuple["NDArray[Any]", tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def has_gaps(value: NDArray[Any]) -> bool:
    """Whether other things lie between the places of an array.

    >>> x = np.zeros((4, 6))
    >>> has_gaps(x.T), has_gaps(x[::-1]), has_gaps(x[:, 1:]), has_gaps(np.broadcast_to(x, (2, 4, 6)))
    (False, False, True, False)
    """
    if value.flags.forc:
        return False
    nbytes = value.itemsize
    steps = sorted(
        (abs(step), n) for step, n in zip(value.strides, value.shape, strict=True) if n > 1 and step
    )
    for step, n in steps:
        if step != nbytes:
            return True
        nbytes *= n
    return False


def parts(value: NDArray[Any]) -> Parts:
    """An array in C order with each place once and no gaps, and what makes `value` of it: axes, directions, shape.

    The array is a copy where it has to be.
    """
    once = _cut(value, [slice(0, 1) if step == 0 else slice(None) for step in value.strides])
    steps = tuple(-1 if step < 0 else 1 for step in once.strides)
    forward = _cut(once, [slice(None, None, step) for step in steps])
    axes = tuple(sorted(range(value.ndim), key=lambda axis: -forward.strides[axis]))
    return np.asarray(forward.transpose(axes), order="C"), axes, steps, value.shape


def _cut(value: NDArray[Any], slices: list[slice]) -> NDArray[Any]:
    place: Any = (*slices, ...)  # without the dots, an array without axes gives its item
    found: NDArray[Any] = value[place]
    return found


def laid_out(
    base: NDArray[Any], axes: tuple[int, ...], steps: tuple[int, ...], shape: tuple[int, ...]
) -> NDArray[Any]:
    """What `parts` has taken apart, over the memory of `base`."""
    back = tuple(int(axis) for axis in np.argsort(axes))
    found = _cut(base.transpose(back), [slice(None, None, step) for step in steps])
    return found if found.shape == shape else np.broadcast_to(found, shape)


def compact(value: NDArray[Any]) -> NDArray[Any]:
    """A copy without gaps, in the layout of `value`; what is repeated stays so.

    >>> x = np.zeros((4, 6))[1:, ::2]
    >>> compact(x).strides, compact(x.T).strides, compact(np.broadcast_to(x[0], (4, 3))).strides
    ((24, 8), (8, 24), (0, 8))
    """
    if min(value.strides, default=1) > 0:
        return value.copy(order="K")  # owns its memory, which can be used again
    base, *how = parts(value)
    return laid_out(base.copy() if np.may_share_memory(base, value) else base, *how)
