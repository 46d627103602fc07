"""What `Apply` does to the values of one partition: operators, methods and attributes of pandas, by name."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

__all__ = ["Attribute", "Method", "Operator", "Ufunc"]


@dataclass(frozen=True, slots=True)
class Operator:
    """A function of the module `operator`: "add", "lt", "and_"."""

    name: str

    def __call__(self, *values: Any) -> Any:
        return getattr(operator, self.name)(*values)


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the first value; the other values are its arguments. `accessor`: "str", "dt" or "cat"."""

    name: str
    options: tuple[tuple[str, Any], ...] = ()
    accessor: str = ""

    def __call__(self, *values: Any) -> Any:
        x, *args = values
        if self.accessor:
            x = getattr(x, self.accessor)
        return getattr(x, self.name)(*args, **dict(self.options))


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the value, of its accessor where one is named."""

    name: str
    accessor: str = ""

    def __call__(self, *values: Any) -> Any:
        x = values[0]
        return getattr(getattr(x, self.accessor) if self.accessor else x, self.name)


@dataclass(frozen=True, slots=True)
class Ufunc:
    """A universal function of NumPy, such as `np.sqrt`."""

    function: Any
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """The function's own name."""
        return str(self.function.__name__)

    def __call__(self, *values: Any) -> Any:
        return self.function(*values, **dict(self.options))
