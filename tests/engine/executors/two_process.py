"""A throwaway executor over two child processes: it proves that graphs, kernels, blocks and errors pickle.

It shares the machine, the exchange and the log with the real executors; only how a batch is performed differs. Inputs
are copied to the child with each task and results copied back: no memory is shared, so nothing may assume one process.
"""

from __future__ import annotations

import multiprocessing
import threading
from time import perf_counter
from typing import Any

import cloudpickle

from chunkscope.executors import Run
from chunkscope.executors.report import Report
from chunkscope.observe import registry


def _serve(connection: Any) -> None:
    """The child: unpickle kernels once, run tasks, send results or errors back."""
    kernels: list[Any] = cloudpickle.loads(connection.recv_bytes())
    while True:
        message = connection.recv_bytes()
        if not message:
            return
        number, index, inputs = cloudpickle.loads(message)
        try:
            reply = (True, kernels[number](index, *inputs))
        except BaseException as error:
            reply = (False, error)
        connection.send_bytes(cloudpickle.dumps(reply))


def _perform(run: Run, lane: int, batch: list[int], connection: Any) -> Report:
    report = Report(batch)
    for task in batch:
        if run.stopping:
            break
        start = perf_counter()
        run.current[lane], run.since[lane] = task, start
        number = run.table.layer_of[task]
        _, first_task, first_slot, noutputs, protect, weigh = run.table.layers[number]
        a, b = run.table.dep_ptr[task], run.table.dep_ptr[task + 1]
        inputs = [run.data[slot] for slot in run.table.deps[a:b]]
        connection.send_bytes(cloudpickle.dumps((number, task - first_task, inputs)))
        ok, value = cloudpickle.loads(connection.recv_bytes())
        if not ok:
            report.fail(task, value)
            break
        slot = first_slot + (task - first_task) * noutputs
        for part in (value,) if noutputs == 1 else value:
            run.data[slot] = part = protect(part)
            run.table.slot_bytes[slot] = weigh(part)
            if run.table.output_at[slot]:
                run.deliver(slot, part)
            slot += 1
        report.starts.append(start)
        report.stops.append(perf_counter())
        report.sizes.append(weigh(part))
    run.current[lane] = -1
    return report


def start(run: Run, wait: bool) -> None:
    """Run it on two children; always waits."""
    run.on_end.append(lambda run: registry.end(run.log))
    graph = run.log.graph
    payload = cloudpickle.dumps([layer.kernel for layer in graph.layers])
    cloudpickle.loads(cloudpickle.dumps(graph))  # the whole graph pickles, too
    context = multiprocessing.get_context("fork")

    def lane(name: str) -> None:
        here, there = context.Pipe()
        child = context.Process(target=_serve, args=(there,))
        child.start()
        try:
            here.send_bytes(payload)
            number = run.add_lane(name)
            while not run.done.is_set():
                batch = run.exchange(number, None)
                while batch is not None:
                    batch = run.exchange(number, _perform(run, number, batch, here))
                if not run.done.is_set():
                    with run.wake:
                        run.wake.wait(0.005)
            here.send_bytes(b"")
        finally:
            child.join(10)
            child.kill()
            here.close()
            there.close()

    threads = [threading.Thread(target=lane, args=(f"process-{i}",)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
