"""Expected values kept as fingerprints, so that reading a check does not give the answer away."""

import hashlib
import math

SCALE_OF_DOUBT = 1e-6


def fingerprint(item: str, value: object, digits: int | None = None) -> str:
    """Returns twelve hex digits of `value` as the answer to `item`; numbers are rounded to `digits` decimals.

    >>> fingerprint("ex1", 3.14159, 3) == fingerprint("ex1", 3.1421, 3)
    True
    >>> fingerprint("ex1", 4) == fingerprint("ex2", 4)
    False
    """
    return _digest(item, value if digits is None else math.floor(float(str(value)) * 10**digits + 0.5))


def matches(item: str, value: object, expected: str, digits: int | None = None) -> bool:
    """Tells whether `value` has the fingerprint `expected`.

    With `digits`, a value within a millionth of a rounding edge may be rounded either way: two correct sums in
    different orders may lie on its two sides.
    """
    if digits is None:
        return _digest(item, value) == expected
    try:
        scaled = float(value) * 10**digits + 0.5  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    if not math.isfinite(scaled):
        return False
    candidates = {math.floor(scaled - SCALE_OF_DOUBT), math.floor(scaled + SCALE_OF_DOUBT)}
    return any(_digest(item, candidate) == expected for candidate in candidates)


def _digest(item: str, value: object) -> str:
    return hashlib.sha256(f"{item}={value!r}".encode()).hexdigest()[:12]
