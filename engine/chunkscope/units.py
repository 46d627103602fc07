"""Bytes and seconds for people, both ways."""

from __future__ import annotations

import re

from chunkscope.errors import ConfigError

__all__ = ["format_bytes", "format_count", "format_seconds", "parse_bytes", "parse_seconds"]

_FACTORS = {
    "": 1,
    "B": 1,
    **{f"{prefix}B": 1000**power for power, prefix in enumerate("KMGTP", start=1)},
    **{f"{prefix}IB": 1024**power for power, prefix in enumerate("KMGTP", start=1)},
    **{prefix: 1000**power for power, prefix in enumerate("KMGTP", start=1)},
}
_PATTERN = re.compile(r"\s*([0-9][0-9_]*(?:\.[0-9]+)?(?:e[0-9]+)?)\s*([a-z]*)\s*", re.IGNORECASE)


def parse_bytes(text: str | int | float) -> int:
    """The number of bytes that a size says: "64MiB" is 64 × 1024², "2GB" is 2 × 1000³, a bare number is bytes.

    Raises ConfigError for anything else.

    >>> parse_bytes("64MiB"), parse_bytes("2GB"), parse_bytes(100), parse_bytes("1.5 kB")
    (67108864, 2000000000, 100, 1500)
    """
    if isinstance(text, int | float) and not isinstance(text, bool):
        if text < 0:
            raise ConfigError(
                f"a size cannot be negative: found {text}; use a number of bytes or a text like '64MiB'"
            )
        return int(text)
    match = _PATTERN.fullmatch(text) if isinstance(text, str) else None
    if match is None or match[2].upper() not in _FACTORS:
        raise ConfigError(
            f"not a size: {text!r}; use a number of bytes or a text like '64MiB', '2GB' or '500 kB'"
        )
    return int(float(match[1]) * _FACTORS[match[2].upper()])


_DURATION = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-zµ]*)\s*", re.IGNORECASE)
_SECONDS = {
    "": 1.0,
    "S": 1.0,
    "MS": 1e-3,
    "US": 1e-6,
    "µS": 1e-6,
    "ΜS": 1e-6,
    "M": 60.0,
    "MIN": 60.0,
    "H": 3600.0,
}


def parse_seconds(text: str | float) -> float:
    """The seconds that a duration says: "250ms", "2 min", a bare number is seconds.

    Raises ConfigError for anything else.

    >>> parse_seconds("250ms"), parse_seconds("2 min"), parse_seconds(3)
    (0.25, 120.0, 3.0)
    """
    if isinstance(text, int | float) and not isinstance(text, bool) and text >= 0:
        return float(text)
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None or match[2].upper() not in _SECONDS:
        raise ConfigError(f"not a duration: {text!r}; use seconds or a text like '250ms', '5s' or '2 min'")
    return float(match[1]) * _SECONDS[match[2].upper()]


def format_bytes(nbytes: float) -> str:
    """A size with three digits and a binary unit.

    >>> format_bytes(0), format_bytes(1023), format_bytes(8_000_000), format_bytes(2**31)
    ('0 B', '1023 B', '7.63 MiB', '2.00 GiB')
    """
    size = float(nbytes)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if abs(size) < 1024 or unit == "TiB":
            break
        size /= 1024
    return (
        f"{size:.0f} {unit}" if unit == "B" else f"{size:.{max(0, 2 - len(str(int(abs(size)))) + 1)}f} {unit}"
    )


def format_seconds(seconds: float) -> str:
    """A duration with about three digits, from nanoseconds to hours.

    >>> format_seconds(0), format_seconds(2.5e-6), format_seconds(0.0123), format_seconds(4.56), format_seconds(3723)
    ('0 s', '2.50 µs', '12.3 ms', '4.56 s', '1 h 02 min')
    """
    magnitude = abs(seconds)
    if not magnitude:
        return "0 s"
    if magnitude >= 3600:
        return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60):02d} min"
    if magnitude >= 120:
        return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs"), (1e9, "ns")):
        if magnitude * factor >= 1 or unit == "ns":
            break
    value = seconds * factor
    return f"{value:.{max(0, 3 - len(str(int(abs(value)))))}f} {unit}"


def format_count(number: int, noun: str, plural: str | None = None) -> str:
    """A count with its noun: "1 task", "12,000 tasks".

    >>> format_count(1, "task"), format_count(12000, "task"), format_count(2, "axis", "axes")
    ('1 task', '12,000 tasks', '2 axes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
