"""What an account says of each side of a run, sentence by sentence: a method for each chapter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.graph import Layer
from chunkscope.observe.chapters import Remark
from chunkscope.observe.facts import Facts
from chunkscope.observe.findings import Finding
from chunkscope.observe.phrases import DOES, in_line, line_of, name_of, shape_of, where
from chunkscope.units import format_bytes, format_count, format_seconds

if TYPE_CHECKING:
    from chunkscope.observe.runlog import RunLog, Step

__all__ = ["Teller"]

MOST_OPERATIONS = 12
MOST_STEPS = 8
MOST_FILES = 5
MOST_LANES = 8
MOST_NAMED = 4
MOST_LOSSES = 3
LEAST_SEEN = 20
"""Looks at the lanes that it takes to name functions."""


class Teller:
    """Tells of one run: a method for each chapter."""

    def __init__(self, run: RunLog, facts: Facts, found: tuple[Finding, ...]) -> None:
        self.run, self.facts, self.found = run, facts, found
        self.layers: list[Layer] = [layer for graph in run.graphs for layer in graph.layers]

    def short(self) -> Iterator[Remark]:
        """The run in two sentences."""
        facts, run = self.facts, self.run
        if facts.refusal:
            who = where(run.origin)
            what = f"What {who[:1].lower()}{who[1:]} asked for" if run.origin else "It"
            planned = format_count(facts.ntasks, "planned task")
            yield Remark(f"{what} was refused: none of its {planned} was started.")
            return
        who = "The model ran" if facts.modelled else f"{where(run.origin)} ran" if run.origin else "It ran"
        tasks = format_count(facts.finished, "task")
        if facts.finished != facts.ntasks:
            tasks = f"{facts.finished:,} of {format_count(facts.ntasks, 'task')}"
        on = f"on {format_count(facts.lanes, 'lane')}"
        named = format_count(len(self.layers), "operation") if len(self.layers) != 1 else "one operation"
        how = {"finished": "", "running": ", and goes on", "failed": ", then it failed"}
        ended = how.get(facts.state, f", then it was {facts.state}")
        begun = (
            facts.finished > 0 or facts.state != "running"
        )  # its time is told up to the last task that finished
        took = f": {format_seconds(facts.wall)}{ended}" if begun else " so far, and goes on"
        yield Remark(f"{who} {tasks} in {named} {on}{took}.")
        if not facts.modelled and self.layers and facts.finished:
            yield Remark(
                "A task is one operation on one block of the data; tasks whose inputs are there can run side by side.",
                reader="learner",
            )

    def bound(self) -> Iterator[Remark]:
        """What the findings say, and which workers were lost on the way."""
        for finding in self.found:
            yield Remark(finding.text, finding.layer, finding.task)
        yield from self._losses()
        facts = self.facts
        if facts.lanes > 1 and facts.path_seconds > 0 and facts.finished:
            yield Remark(
                f"Bounds: {format_seconds(facts.spent.kernels / facts.lanes)} if the kernels' time were shared out "
                f"evenly over {facts.lanes} lanes, {format_seconds(facts.path_seconds)} for the longest chain "
                f"({format_count(len(facts.path), 'task')}); it took {format_seconds(facts.wall)}.",
                reader="expert",
            )

    def _losses(self) -> Iterator[Remark]:
        """Workers that died: what they had begun is no part of the kernels' time, and was done again."""
        lost = [notice for notice in self.run.notices if notice.topic == "lost"]
        for notice in lost[:MOST_LOSSES]:
            when = format_seconds(max(notice.seconds - self.run.started, 0.0))
            yield Remark(f"After {when}: {notice.text}.", task=notice.task)
        if len(lost) > MOST_LOSSES:
            yield Remark(
                f"And {format_count(len(lost) - MOST_LOSSES, 'more loss', 'more losses')} of workers."
            )

    def advice(self) -> Iterator[Remark]:
        """What would help, in the order of what it is worth."""
        for finding in self.found:
            if finding.advice:
                yield Remark(finding.advice, finding.layer, finding.task)

    def asked(self) -> Iterator[Remark]:
        """The line that computed, and what came out."""
        span = self.run.origin.span if self.run.origin is not None else None
        if span is not None and span.text:
            yield Remark(f"Line {span.line} of {span.place}: `{in_line(span.text)}`")
        for layer_number in self._outputs():
            layer = self.layers[layer_number]
            shape = shape_of(layer, made=self.facts.state == "finished")
            yield Remark(f"Its result: {shape}, made by `{name_of(layer)}`.", layer_number)

    def _outputs(self) -> list[int]:
        graph = self.run.graphs[-1]
        if not len(graph.outputs) or not graph.ntasks:
            return []
        inside = graph.outputs[graph.outputs >= graph.first_slot] - graph.first_slot
        before = sum(len(other.layers) for other in self.run.graphs[:-1])
        return [before + int(i) for i in np.unique(graph.layer_of[graph.slot_task[inside]])[:3]]

    def _result_layers(self) -> set[int]:
        """The operations that made what was handed out, by their numbers in the run."""
        found: set[int] = set()
        before = 0
        for graph in self.run.graphs:
            inside = graph.outputs[graph.outputs >= graph.first_slot] - graph.first_slot
            found.update((before + np.unique(graph.layer_of[graph.slot_task[inside]])).tolist())
            before += len(graph.layers)
        return found

    def steps(self) -> Iterator[Remark]:
        """Each operation in graph order: what it does, on how many blocks, at what cost."""
        rows = self.facts.operations
        said = ""
        for row in rows[:MOST_OPERATIONS]:
            layer = self.layers[row.layer]
            does = "reads its blocks" if row.read_bytes else DOES[row.strategy]
            tasks = format_count(row.ntasks, "task")
            if row.finished != row.ntasks:
                tasks = f"{row.finished:,} of {tasks}"
            cost = f"{format_seconds(row.seconds)} in kernels, {format_bytes(row.bytes_out)} made"
            line = line_of(layer.origin)
            code = f" From `{line}`." if line and line != said else ""
            said = line or said
            yield Remark(f"`{row.name}` {does}: {tasks}, {cost}.{code}", row.layer)
        if len(rows) > MOST_OPERATIONS:
            rest = rows[MOST_OPERATIONS:]
            seconds = format_seconds(sum(row.seconds for row in rest))
            yield Remark(f"And {format_count(len(rest), 'more operation')}: {seconds} in kernels.")

    def rewritten(self) -> Iterator[Remark]:
        """The rules that fired, each with an example, and those that refused, with their reasons."""
        fired: dict[str, list[Step]] = {}
        refused: dict[tuple[str, str], list[Step]] = {}
        for step in self.run.record:
            if step.after:
                fired.setdefault(step.rule, []).append(step)
            else:
                refused.setdefault((step.rule, step.reason), []).append(step)
        if not self.run.record:
            yield Remark("Nothing was rewritten: it ran as it was written.", reader="learner")
        for rule, steps in list(fired.items())[:MOST_STEPS]:
            one = steps[0]
            times = "" if len(steps) == 1 else f" ({len(steps)} times)"
            about = "joins operations into one kernel, so that nothing is kept between them"
            purpose = f", which {about}," if rule.startswith("fuse") else ""
            if one.after == one.before:
                what = f"found a cheaper way to make `{in_line(one.before)}`"
            else:
                what = f"made `{in_line(one.before)}` into `{in_line(one.after)}`"
            yield Remark(f"`{rule}`{times}{purpose} {what}.", self._layer_of(one))
        for (rule, reason), steps in list(refused.items())[:MOST_STEPS]:
            yield Remark(
                f"`{rule}` left `{in_line(steps[0].op or steps[0].before)}` as it is: {reason}.",
                self._layer_of(steps[0]),
            )

    def _layer_of(self, step: Step) -> int:
        """The operation that a step led to, or concerns; -1 where it cannot be told."""
        if step.origin is None:
            return -1
        for number, layer in enumerate(self.layers):
            if layer.origin is step.origin and (layer.op == step.op or layer.op.endswith(f"→ {step.op}")):
                return number
        return next((i for i, layer in enumerate(self.layers) if layer.origin is step.origin), -1)

    def read(self) -> Iterator[Remark]:
        """Files, how often each was read, and what several operations used."""
        found = self.run.reads()
        for path, read in list(found.items())[:MOST_FILES]:
            name = path.replace("\\", "/").rsplit("/", 1)[-1]
            often = "once" if read.count == 1 else f"{read.count} times"
            tasks = format_count(read.tasks, "task")
            yield Remark(f"`{name}` was read {often}: {format_bytes(read.nbytes)} by {tasks}.")
        if len(found) > MOST_FILES:
            rest = list(found.values())[MOST_FILES:]
            more = max(read.count for read in rest)
            often = "each once" if more <= 1 else f"up to {more} times each"
            yield Remark(f"And {format_count(len(rest), 'more file')}, {often}.")
        if not found:
            nbytes = sum(graph.read_bytes for graph in self.run.graphs)
            if nbytes:
                yield Remark(
                    f"{format_bytes(nbytes)} came from outside: files, or arrays that you had already."
                )
        for number, users in self._shared()[:3]:
            name = name_of(self.layers[number])
            yield Remark(
                f"`{name}` is used by {users} operations and was made once, for all of them.", number
            )

    def _shared(self) -> list[tuple[int, int]]:
        found = []
        before = 0
        for graph in self.run.graphs:
            users = Counter(a for a, b in graph.layer_edges() if a != b)
            found += [(before + layer, n) for layer, n in sorted(users.items()) if n > 1]
            before += len(graph.layers)
        return found

    def spread(self) -> Iterator[Remark]:
        """Tasks and busy time of the lanes."""
        facts, run = self.facts, self.run
        rows = run.rows
        if not len(rows.task):
            return
        size = max(facts.lanes, int(rows.lane.max()) + 1)
        tasks = np.bincount(rows.lane, minlength=size)
        busy = np.bincount(rows.lane, weights=rows.stop - rows.start, minlength=size) / max(
            run.seconds, 1e-12
        )
        used = np.flatnonzero(tasks)
        most = f"{run.concurrency:.1f} tasks ran at a time on average, {run.peak_concurrency} at most."
        if facts.lanes == 1:
            yield Remark(f"One lane ran everything, one task after the other: busy {busy.max():.0%}.")
            return
        if len(used) <= MOST_LANES:
            named = {i: run.lanes[i] if i < len(run.lanes) else f"lane {i}" for i in used.tolist()}
            each = "; ".join(
                f"{named[i]}: {format_count(int(tasks[i]), 'task')}, busy {busy[i]:.0%}" for i in named
            )
            yield Remark(f"{most} {each}.")
        else:
            yield Remark(
                f"{most} {len(used)} lanes ran {tasks[used].min():,} to {tasks[used].max():,} tasks each and were busy "
                f"{busy[used].min():.0%} to {busy[used].max():.0%} of the time."
            )
        if len(used) < facts.lanes:
            idle = format_count(facts.lanes - len(used), "lane")
            yield Remark(f"{idle} of {facts.lanes} got nothing to do.")

    def time(self) -> Iterator[Remark]:
        """Shares of the lanes' time, and what is outside it."""
        facts, went = self.facts, self.facts.spent
        if not facts.finished or facts.inside <= 0:
            return
        parts = [
            ("in kernels", went.kernels - facts.reading),
            ("in kernels that read", facts.reading),
            ("waiting for inputs", went.waiting),
            ("held back for memory", went.held - went.kept_out),
            ("handing tasks over", went.overhead),
            ("before the first task and after the last", facts.outside),
        ]
        said = ", ".join(
            f"{facts.told_share(seconds):.0%} {name}"
            for name, seconds in parts
            if facts.told_share(seconds) >= 0.005
        )
        lanes = "the lane" if facts.used == 1 else f"the {facts.used} lanes"
        lanes += " that took part" if facts.used < facts.lanes else ""
        yield Remark(f"Of the time of {lanes}: {said}.")
        if went.kernels:
            of_name: dict[str, float] = {}
            for row in facts.operations:
                of_name[row.name] = of_name.get(row.name, 0.0) + row.seconds
            named = ", ".join(
                f"`{name}` {seconds / went.kernels:.0%}"
                for name, seconds in sorted(of_name.items(), key=lambda item: -item[1])[:3]
                if seconds >= 0.005 * went.kernels
            )
            heaviest = facts.heaviest
            yield Remark(f"Of the kernels' time: {named}.", -1 if heaviest is None else heaviest.layer)
        yield from self._functions()
        if facts.cpu_seconds is not None and facts.wall >= 0.02:
            yield Remark(
                f"{_users(facts)} used {format_seconds(facts.cpu_seconds)} of processor in "
                f"{format_seconds(facts.wall)}.",
                reader="expert",
            )
        if facts.before + facts.after >= 0.05 * facts.wall:
            yield Remark(
                f"{format_seconds(facts.before)} went by before the first task, {format_seconds(facts.after)} after "
                "the last.",
                reader="expert",
            )

    def _functions(self) -> Iterator[Remark]:
        """The functions that the lanes were seen in most often, where they were looked at often enough."""
        stacks = self.run.stacks()
        if stacks.samples < LEAST_SEEN:
            return
        named = [(frame, own) for frame, own, _ in stacks.functions() if frame.line][:3]
        told = [
            f"`{frame.function}` {own / stacks.seconds:.0%} ({frame.file}, line {frame.line})"
            for frame, own in named
            if own >= 0.05 * stacks.seconds
        ]
        if told:
            yield Remark(
                f"Of {stacks.samples} looks at the lanes, functions of yours or of libraries: {', '.join(told)}."
            )

    def memory(self) -> Iterator[Remark]:
        """The peak, who held it, the forecast and the budget."""
        if not self.facts.finished:
            return
        use = self.run.memory()
        rows = sorted((row for row in use.operations if row.measured), key=lambda row: -row.measured)[:3]
        held = ", ".join(f"`{row.op}` {format_bytes(row.measured)}" for row in rows)
        when = f"{format_seconds(use.peak_at)} after the start"
        number = next((i for i, one in enumerate(self.layers) if rows and one.op == rows[0].op), -1)
        yield Remark(
            f"At most {format_bytes(use.peak_bytes)} were held at once, {when}"
            + (f": {held}." if held else "."),
            number,
        )
        forecast = self.facts.forecast_peak
        if forecast:
            kept = "and it kept to that" if use.peak_bytes <= forecast else "and it took more"
            yield Remark(f"The plan had foretold at most {format_bytes(forecast)}, {kept}.")
        if self.facts.budget is not None:
            share = use.peak_bytes / self.facts.budget if self.facts.budget else 0.0
            yield Remark(f"That is {share:.0%} of its budget of {format_bytes(self.facts.budget)}.")
        if self.run.spilled_bytes:
            back = self.run.read_back_bytes
            yield Remark(
                f"{format_count(self.run.moved_blocks, 'block')} of {format_bytes(self.run.spilled_bytes)} in all went "
                "to disk to make room in shared memory"
                + (f", and {format_bytes(back)} were read from there again." if back else ".")
            )
        elif self.run.read_back_bytes:
            yield Remark(
                f"{format_bytes(self.run.read_back_bytes)} of blocks were read from disk: they had gone there in an "
                "earlier run, to make room."
            )
        if use.workers:
            each = "; ".join(f"{one.name} {one.words}" for one in use.workers[:MOST_NAMED])
            more = ", and others less" if len(use.workers) > MOST_NAMED else ""
            yield Remark(
                f"By themselves, without the blocks that all of them read, worker processes held at most: {each}{more}."
            )
        last = self._result_layers()
        results = int(sum(row.bytes_out for row in self.facts.operations if row.layer in last))
        if results > use.peak_bytes:
            yield Remark(
                f"Its results, {format_bytes(results)}, are not counted: each was handed out as soon as it was there."
            )
        made = int(sum(row.bytes_out for row in self.facts.operations if row.layer not in last))
        if made > 2 * use.peak_bytes > 0:
            yield Remark(
                f"All blocks on the way to it are {format_bytes(made)} together: each was dropped as soon as its last "
                "reader was done.",
                reader="learner",
            )


def _users(facts: Facts) -> str:
    """Whose processor time is told of."""
    workers = format_count(facts.processes, "worker process", "worker processes")
    return f"This process and {workers}" if facts.processes else "The process"
