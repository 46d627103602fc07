"""Every import of a source tree, with the packages it joins; read from the source, nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("chunkscope", "chunkscope_widgets", "chunkscope_lab", "chunkscope_datasets", "chunkscope_lessons")
ROOTS = ("engine", "widgets", "labextension", "datasets", "lessons")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module."""

    path: Path
    line: int
    source: str
    """The module that imports, dotted."""
    target: str
    """The module that is imported, dotted."""
    function: ast.FunctionDef | ast.AsyncFunctionDef | None
    """The innermost function around the import."""
    typing_only: bool
    """Whether it stands under `if TYPE_CHECKING`."""


def modules(repository: Path) -> dict[str, Path]:
    """Every module of ours, by its dotted name."""
    found = {}
    for root, package in zip(ROOTS, PACKAGES, strict=True):
        base = repository / root
        for path in sorted((base / package).rglob("*.py")):
            parts = path.relative_to(base).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, path: Path, known: dict[str, Path]) -> Iterator[Import]:
    """The imports of ours in module `name`."""
    yield from _walk(ast.parse(path.read_text(), str(path)), name, path, known, None, False)


def _walk(
    node: ast.AST,
    name: str,
    path: Path,
    known: dict[str, Path],
    function: ast.FunctionDef | ast.AsyncFunctionDef | None,
    typing_only: bool,
) -> Iterator[Import]:
    for target in _targets(node, name, path, known):
        if target.partition(".")[0] in PACKAGES:
            yield Import(path, getattr(node, "lineno", 0), name, target, function, typing_only)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        function = node
    for child in ast.iter_child_nodes(node):
        guarded = isinstance(node, ast.If) and _is_type_checking(node.test) and child in node.body
        yield from _walk(child, name, path, known, function, typing_only or guarded)


def _targets(node: ast.AST, name: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute(node, name, path)
        for alias in node.names:
            # `from package import module` imports the module; any other name comes from the package itself.
            inner = f"{base}.{alias.name}"
            yield inner if inner in known else base
    elif isinstance(node, ast.Call) and node.args:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0]
        if called in {"import_module", "__import__"} and isinstance(first, ast.Constant):
            yield str(first.value)


def _absolute(node: ast.ImportFrom, name: str, path: Path) -> str:
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    drop = node.level - (path.name == "__init__.py")
    parts = parts[: len(parts) - drop]
    return ".".join([*parts, node.module] if node.module else parts)


def _is_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name | ast.Attribute) and ast.unparse(test).endswith("TYPE_CHECKING")
