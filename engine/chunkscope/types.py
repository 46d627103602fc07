"""The small values that every layer shares: keys, origins, references to stored blocks.

No behaviour beyond printing lives here, and nothing here imports NumPy.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
from types import CodeType, FrameType
from typing import Any, NamedTuple, Protocol

__all__ = ["BlockRef", "Kernel", "Key", "Origin", "SourceSpan"]


class Key(NamedTuple):
    """The name of one task for people: its layer and its block index. Made on demand, never on the hot path."""

    layer: str
    block: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.layer}[{', '.join(map(str, self.block))}]" if self.block else self.layer


class SourceSpan(NamedTuple):
    """Where in the user's source an expression was made: file or cell, 1-based lines, 0-based columns."""

    filename: str
    line: int
    end_line: int
    column: int
    end_column: int

    @property
    def text(self) -> str:
        """The source line, stripped, or an empty string where the source is not to be had."""
        return linecache.getline(self.filename, self.line).strip()

    @property
    def place(self) -> str:
        """The file's name, or the notebook cell as people know it: "cell In[3]"."""
        shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        naming = getattr(getattr(shell, "compile", None), "format_code_name", None)
        found = naming(self.filename) if naming is not None else None
        if found:
            return " ".join(found).lower().replace("in[", "In[")
        if re.search(r"[/\\]ipykernel_\d+[/\\]\d+\.py$", self.filename):
            return "a cell of another notebook"  # of its number this process knows nothing
        return self.filename.replace("\\", "/").rsplit("/", 1)[-1]

    @property
    def variable(self) -> str:
        """The name that this expression is assigned to, or an empty string. Reads and parses the source file."""
        try:
            tree = ast.parse("".join(linecache.getlines(self.filename)))
        except (SyntaxError, ValueError, SystemError):  # the last: other threads were parsing, Python 3.11
            return ""
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if self._is_value(node.value):
                    return ast.unparse(target)
        return ""

    def _is_value(self, node: ast.expr) -> bool:
        """Whether this span is the value of `node`, or a part of it that is not merely an argument of a call."""
        if (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset) == self[1:]:
            return True
        if not node.lineno <= self.line <= (node.end_lineno or node.lineno):
            return False
        parts = [node.func] if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
        return any(self._is_value(part) for part in parts if isinstance(part, ast.expr))


class Origin:
    """The instruction of the user's code that made an expression: a code object and an offset, no frame.

    Keeping two references costs a tenth of a microsecond; the line and column are worked out when somebody asks.
    Pickling keeps the span and drops the code.
    """

    __slots__ = ("_code", "_lasti", "_span")

    def __init__(self, code: CodeType | None, lasti: int, span: SourceSpan | None = None) -> None:
        self._code = code
        self._lasti = lasti
        self._span = span

    @classmethod
    def here(cls) -> Origin | None:
        """The instruction of the innermost caller outside chunkscope, or None where there is none."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            name = frame.f_globals.get("__name__")
            if type(name) is not str or not name.startswith("chunkscope."):
                return cls(frame.f_code, frame.f_lasti)
            frame = frame.f_back
        return None

    @property
    def span(self) -> SourceSpan | None:
        """The place in the source, or None where the code object carries no positions."""
        if self._span is None and self._code is not None:
            for index, (line, end_line, column, end_column) in enumerate(self._code.co_positions()):
                if 2 * index == self._lasti:
                    first = line or self._code.co_firstlineno
                    self._span = SourceSpan(
                        self._code.co_filename, first, end_line or first, column or 0, end_column or 0
                    )
                    break
        return self._span

    @property
    def instruction(self) -> tuple[int, int]:
        """What two origins have in common that are the same instruction of the same piece of code."""
        return (id(self._span) if self._code is None else id(self._code), self._lasti)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Origin, (None, self._lasti, self.span))

    def __str__(self) -> str:
        span = self.span
        return "unknown origin" if span is None else f"{span.filename}:{span.line}"


class BlockRef(Protocol):
    """A handle on one stored block. `blocks` owns the bytes; everybody else holds handles."""

    @property
    def nbytes(self) -> int:
        """Size of the block in bytes; the prediction until it is stored."""

    @property
    def done(self) -> bool:
        """Whether the block is stored, or failed."""

    def get(self) -> Any:
        """The block, read-only; waits until it is stored. Raises what its task raised, or BlockLostError."""


class Kernel(Protocol):
    """What a task runs: a picklable callable over a flat block index and the task's inputs, in edge order.

    A kernel of a layer with several outputs returns a tuple with one value for each.
    """

    def __call__(self, block: int, /, *inputs: Any) -> Any: ...
