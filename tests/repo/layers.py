"""The layer table: which package may import which. The code must agree with it, not the other way round.

A package of `chunkscope` may import itself, and what its row names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.repo.imports import Import, imports, modules

GROUND = frozenset({"errors", "types", "units", "config", "tokens", "cells"})
FIRST = frozenset({"chunks", "graph", "events"})
SECOND = frozenset({"expr", "scheduler", "observe", "blocks"})
BELOW_COMPUTE = GROUND | FIRST | SECOND | {"executors"}
BELOW_COLLECTIONS = BELOW_COMPUTE | {"compute", "display"}
COLLECTIONS = frozenset({"delayed", "bag", "array", "futures", "dataframe"})
BELOW_TOP = BELOW_COLLECTIONS | COLLECTIONS

ALLOWED: dict[str, frozenset[str]] = {
    **dict.fromkeys(GROUND, frozenset({"errors"})),
    "config": frozenset({"errors", "units"}),  # options are sizes too: memory="2GB"
    **dict.fromkeys(FIRST, GROUND),
    "expr": GROUND | {"chunks", "graph"},
    "scheduler": GROUND | {"graph", "events"},
    "observe": GROUND | {"graph", "events"},
    "blocks": GROUND | {"events"},
    "executors": GROUND | FIRST | SECOND,
    "compute": BELOW_COMPUTE,
    "display": BELOW_COMPUTE | {"compute"},
    "delayed": BELOW_COLLECTIONS,
    "bag": BELOW_COLLECTIONS | {"delayed"},
    "array": BELOW_COLLECTIONS | {"delayed"},
    "futures": BELOW_COLLECTIONS | {"delayed"},
    "dataframe": BELOW_COLLECTIONS | {"delayed", "bag", "array", "futures"},
    "diagnostics": BELOW_TOP,
    "cli": BELOW_TOP,
    "": BELOW_TOP | {"diagnostics", "cli"},  # chunkscope/__init__.py
}

# The other import packages, and which of ours they may import besides themselves.
ABOVE: dict[str, frozenset[str]] = {
    "chunkscope_datasets": frozenset(),
    "chunkscope_widgets": frozenset({"chunkscope"}),
    "chunkscope_lab": frozenset({"chunkscope"}),
    "chunkscope_lessons": frozenset(
        {"chunkscope", "chunkscope_widgets", "chunkscope_lab", "chunkscope_datasets"}
    ),
}


def violations(repository: Path) -> list[str]:
    """Every import that the table does not allow, as `file:line: what`."""
    known = modules(repository)
    found = []
    for name, path in known.items():
        for one in imports(name, path, known):
            if complaint := _complaint(one):
                found.append(f"{path.relative_to(repository)}:{one.line}: {complaint}")
    return found


def cycles(repository: Path) -> list[list[str]]:
    """Groups of modules that import each other while they are being imported."""
    known = modules(repository)
    edges: dict[str, set[str]] = {name: set() for name in known}
    for name, path in known.items():
        for one in imports(name, path, known):
            # Python imports the packages around a module too, but a partly imported package is no obstacle.
            if one.function is None and not one.typing_only and one.target in known and one.target != name:
                edges[name].add(one.target)
    return [group for group in _components(edges) if len(group) > 1]


def _complaint(one: Import) -> str | None:
    source_top, source = _place(one.source)
    target_top, target = _place(one.target)
    if source_top != target_top:
        allowed = ABOVE.get(source_top, frozenset())
        return None if target_top in allowed else f"{source_top} must not import {one.target}"
    if source_top != "chunkscope" or source == target:
        return None
    if source not in ALLOWED:
        return f"chunkscope.{source} is not in the layer table"
    if target in ALLOWED[source] or _is_conversion(one, source, target):
        return None
    return f"chunkscope{'.' if source else ''}{source} must not import {one.target}"


def _place(module: str) -> tuple[str, str]:
    top, _, rest = module.partition(".")
    return top, rest.partition(".")[0]


def _is_conversion(one: Import, source: str, target: str) -> bool:
    """Whether this is the one exception: a `to_*` method of one lazy import and one line."""
    if one.function is None or not one.function.name.startswith("to_"):
        return False
    body = [statement for statement in one.function.body if not _is_docstring(statement)]
    return {source, target} <= COLLECTIONS and len(body) <= 2


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _components(edges: dict[str, set[str]]) -> Iterator[list[str]]:
    """The strongly connected components: modules that reach each other."""
    reach = {name: _reachable(name, edges) for name in edges}
    seen: set[str] = set()
    for name in edges:
        if name not in seen:
            group = sorted({name, *(other for other in reach[name] if name in reach[other])})
            seen.update(group)
            yield group


def _reachable(start: str, edges: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    open_ends: Iterable[str] = edges[start]
    while open_ends:
        found.update(open_ends)
        open_ends = {onward for name in open_ends for onward in edges[name]} - found
    return found
