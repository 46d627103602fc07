"""`memory_owners`: who owns, right now, the bytes that chunkscope keeps account of."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import CO_OPTIMIZED
from typing import Any, NamedTuple

from chunkscope.blocks import LEDGER, RECYCLER, claims
from chunkscope.compute import is_collection
from chunkscope.display.markup import element, fragment, shorten
from chunkscope.display.tables import Bar, row_table
from chunkscope.display.theme import wrap
from chunkscope.expr import Stored, postorder
from chunkscope.observe import runs
from chunkscope.units import format_bytes, format_count

__all__ = ["MemoryOwners", "Owner", "memory_owners"]


class Owner(NamedTuple):
    """One who holds bytes."""

    kind: str
    """"run", "persisted", "spare" (memory of dropped blocks, kept for the next ones) or "other"."""
    name: str
    """The variables of a persisted collection, or its label; a run's number."""
    detail: str
    nbytes: int
    nblocks: int


@dataclass(frozen=True)
class MemoryOwners:
    """The owners of the accounted bytes, the largest first."""

    owners: tuple[Owner, ...]
    held: int
    """Bytes in the account: those of all owners but the spare."""

    def describe(self) -> str:
        """The table in words."""
        lines = [f"{format_bytes(self.held)} held by chunkscope in this process"]
        for row in self.owners:
            words = f"  {row.kind} {row.name}: {format_bytes(row.nbytes)}"
            if row.nblocks:
                words += f" in {format_count(row.nblocks, 'block')}"
            lines.append(words + (f" ({row.detail})" if row.detail else ""))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.describe()

    def _repr_html_(self) -> str:
        most = max((row.nbytes for row in self.owners), default=0)
        rows = [
            (
                row.kind,
                element("code", shorten(row.name, 60)),
                Bar(row.nbytes / most if most else 0.0, format_bytes(row.nbytes)),
                row.nblocks,
                shorten(row.detail, 100),
            )
            for row in self.owners
        ]
        head = element("p", f"{format_bytes(self.held)} held by chunkscope in this process", class_="head")
        table = row_table(("Owner", "Name", "Bytes", "Blocks", ""), rows)
        return str(wrap(fragment([head, table])))


def memory_owners(namespace: Mapping[str, Any] | None = None) -> MemoryOwners:
    """Who owns the bytes of blocks now: runs that go on, persisted collections by variable, and the rest.

    `namespace`: where variables are looked for; by default the caller's, and the notebook's. A persisted collection
    that no variable there holds is named by its label, or by the line that persisted it.

    >>> import chunkscope.array as ca
    >>> x = ca.ones((1000, 100), chunks=(100, 100)).persist(scheduler="sync")
    >>> [(row.name, row.nbytes, row.nblocks) for row in memory_owners().owners if row.name == "x"]
    [('x', 800000, 10)]
    """
    names = _names_of_blocks(_namespaces() if namespace is None else [namespace])
    owners = []
    for one in claims():
        blocks = one.blocks
        nbytes = one.nbytes
        found = list(dict.fromkeys(name for block in blocks for name in names.get(id(block), ())))
        span = one.origin.span if one.origin is not None else None
        place = f"{span.place}, line {span.line}" if span is not None else "an unknown line"
        pending = sum(not block.done for block in blocks)
        detail = f"{one.operation}, persisted in {place}"
        detail += f"; {pending} of {format_count(len(blocks), 'block')} still to come" if pending else ""
        variable = span.variable if span is not None and not found and not one.label else ""
        name = ", ".join(found) or one.label or (f"{variable} (gone)" if variable else "no variable")
        owners.append(Owner("persisted", name, detail, nbytes, len(blocks)))
    held = LEDGER.held
    left = held - sum(row.nbytes for row in owners)
    for run in runs():
        if run.stopped is None:
            last = run.columns.since(max(len(run.columns) - 1, 0)).stored
            # An output that was handed on is the persisted collection's, although the last row still counts it here.
            nbytes = max(min(int(last[0]) if len(last) else 0, left), 0)
            left -= nbytes
            words = f"{run.nfinished:,} of {format_count(run.ntasks, 'task')} done on {run.executor}"
            name = f"{run.number}" + (f" {run.label}" if run.label else "")
            owners.append(Owner("run", name, words, nbytes, 0))
    held = LEDGER.held
    rest = held - sum(row.nbytes for row in owners)
    if rest > 0:
        owners.append(
            Owner("other", "not attributed", "blocks that a run is about to drop, or futures", rest, 0)
        )
    if RECYCLER.kept_bytes:
        words = "memory of dropped blocks, kept for the next ones of its size until the run ends"
        owners.append(Owner("spare", "recycler", words, RECYCLER.kept_bytes, 0))
    return MemoryOwners(tuple(sorted(owners, key=lambda row: -row.nbytes)), held)


def _namespaces() -> list[Mapping[str, Any]]:
    """The variables of the caller of `memory_owners`, and those of the notebook."""
    frame = sys._getframe(2)
    variables = frame.f_locals
    found: list[Mapping[str, Any]] = [frame.f_globals, dict(variables)]
    if type(variables) is dict and frame.f_code.co_flags & CO_OPTIMIZED:
        variables.clear()  # a function's copy of its variables, which Python would keep alive with all that they hold
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        found.append(shell.user_ns)
    return found


def _names_of_blocks(namespaces: list[Mapping[str, Any]]) -> dict[int, list[str]]:
    """For each stored block, by identity, the variables whose collections read it."""
    found: dict[int, list[str]] = {}
    seen: set[tuple[str, int]] = set()
    for space in namespaces:
        for name, value in list(space.items()):
            if (name.startswith("_") and not name.strip("_").isalpha()) or (name, id(value)) in seen:
                continue
            if not is_collection(value):
                continue
            seen.add((name, id(value)))
            for node in postorder([value.__chunkscope_expr__()]):
                for ref in node.refs if isinstance(node, Stored) else ():
                    found.setdefault(id(ref), []).append(name)
    return found
