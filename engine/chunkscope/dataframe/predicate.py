"""What a filter asks of columns, in a form that readers understand: `Month == 1` and `DepDelay > 15`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Condition", "Predicate"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a column with a value: op is one of == != < <= > >= in isnull notnull."""

    column: Any
    op: str
    value: Any = None

    def __str__(self) -> str:
        return f"{self.column} {self.op}" + ("" if self.op in ("isnull", "notnull") else f" {self.value!r}")


@dataclass(frozen=True, slots=True)
class Predicate:
    """Conditions that must all hold. A missing value fails each of them but `!=` and isnull, as in pandas."""

    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return " and ".join(map(str, self.conditions))
