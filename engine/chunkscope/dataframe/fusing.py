"""Joins operations on the same partitions into one kernel, so that no value is kept between them."""

from __future__ import annotations

from collections.abc import Sequence

from chunkscope.dataframe.expr import FrameExpr, settle
from chunkscope.dataframe.partitionwise import Fused, PartitionWise, Source
from chunkscope.dataframe.program import Line, Program
from chunkscope.expr import Expr, Firing, postorder

__all__ = ["fuse_partitions"]

RULE = "fuse-partitions"


def fuse_partitions(roots: Sequence[Expr], record: list[Firing]) -> Sequence[Expr]:
    """Each group of partition-wise operations with one exit as one node.

    An operation joins its readers if they are all in one group over the same partitions: then nobody else needs its
    value, and a cycle cannot come about. Visiting readers first, one pass finds all groups.
    """
    nodes = postorder(roots)
    settle(nodes)
    group_of = _groups(roots, nodes, record)
    members: dict[int, list[PartitionWise]] = {}
    for node in nodes:
        if id(node) in group_of:
            assert isinstance(node, PartitionWise)
            members.setdefault(group_of[id(node)], []).append(node)
    final: dict[int, Expr] = {}
    for node in nodes:
        group = members.get(id(node), [])
        if len(group) > 1:
            assert isinstance(node, PartitionWise)
            final[id(node)] = _join(node, group, final)
            record.append(Firing(RULE, node, final[id(node)]))
        elif group_of.get(id(node), id(node)) == id(node):
            inputs = node.inputs()
            better = [final[id(child)] for child in inputs]
            changed = any(a is not b for a, b in zip(better, inputs, strict=True))
            final[id(node)] = node.replace_inputs(better) if changed else node
        else:
            final[id(node)] = node  # inside a group: only the group's own program refers to it
    return [final[id(root)] for root in roots]


def _groups(roots: Sequence[Expr], nodes: Sequence[Expr], record: list[Firing]) -> dict[int, int]:
    """For each partition-wise node the `id` of the last node of its group."""
    exits = {id(root) for root in roots}
    readers: dict[int, list[Expr]] = {}
    for node in nodes:
        for child in node.inputs():
            readers.setdefault(id(child), []).append(node)
    group_of: dict[int, int] = {}
    for node in reversed(nodes):
        if not isinstance(node, PartitionWise):
            continue
        group_of[id(node)] = id(node)
        mine = readers.get(id(node), [])
        if id(node) in exits or not mine:
            continue
        fits = all(isinstance(reader, PartitionWise) and reader.grid == node.grid for reader in mine)
        groups = {group_of.get(id(reader), 0) for reader in mine}
        if fits and len(groups) == 1:
            group_of[id(node)] = groups.pop()
        elif len(groups) > 1:
            reason = f"{node.title} is read by {len(groups)} kernels: made once and kept"
            record.append(Firing(RULE, node, None, reason))
    return group_of


def _join(exit_node: PartitionWise, group: Sequence[PartitionWise], final: dict[int, Expr]) -> Fused:
    """The group, inputs first, as one node with one program."""
    inside = {id(node) for node in group}
    inputs: list[FrameExpr] = []
    register: dict[int, int] = {}
    for node in group:
        for child in node.inputs():
            if id(child) not in inside and id(child) not in register:
                better = final[id(child)]
                assert isinstance(better, FrameExpr)
                register[id(child)] = len(inputs)
                inputs.append(better)
    lines: list[Line] = []
    for node in group:
        args = tuple(register[id(child)] for child in node.inputs())
        lines.append(Line(node.step(), args, title=node.title, origin=node.origin))
        register[id(node)] = len(inputs) + len(lines) - 1
    program = Program.of(len(inputs), lines)
    titles = tuple(node.title for node in group)
    sources = [node.title for node in group if isinstance(node, Source)]
    joined = Fused(
        tuple(inputs),
        program,
        exit_node.geometry,
        f"{sources[0]} → {exit_node.title}" if sources else exit_node.title,
        exit_node.token,
        sum(node.layer_read_bytes() for node in group),
        _scratch(group, program),
        any(node.runs_user_code for node in group),
        titles,
    )
    return joined.stamped(exit_node)


def _scratch(group: Sequence[PartitionWise], program: Program) -> int:
    """The most that values between the steps weigh at once, temporaries of the step that runs included."""
    weights = [int(node.block_bytes().max(initial=0)) for node in group]
    live: dict[int, int] = {}
    most = 0
    for number, (node, line) in enumerate(zip(group, program.lines, strict=True)):
        most = max(most, sum(live.values()) + node.scratch_bytes())
        if number < len(group) - 1:
            live[program.ninputs + number] = weights[number]
            most = max(most, sum(live.values()))
        for dead in line.dead:
            live.pop(dead, None)
    return most
