"""Decides what runs when, and does nothing itself: no threads, clock or data. Told what happened, it says what to do.

Four tasks, step by step. Tasks 0 and 1 make blocks, 2 adds them, 3 doubles the sum; each makes the slot of its number:

>>> from chunkscope.graph import GraphBuilder, Layer
>>> build = GraphBuilder()
>>> (x,) = build.add(Layer("x", "ones", lambda i: 1, (2,)), nbytes=100)
>>> (y,) = build.add(Layer("y", "add", lambda i, a, b: a + b, ()), [x], nbytes=100)
>>> (z,) = build.add(Layer("z", "double", lambda i, a: 2 * a, ()), [y], nbytes=10)
>>> graph = build.freeze(outputs=z)

Which first? Depth first from the outputs. The order is static, so the memory that it will take is known beforehand:

>>> ranks = order(graph)
>>> ranks.tolist()
[0, 1, 2, 3]
>>> memory = forecast(graph, ranks)
>>> memory.curve.tolist(), memory.peak_bytes
([100, 200, 100, 10], 300)

The run is a state and a function: a message in; actions and events out.

>>> run = Reference(graph, ranks)
>>> print(run.state)
task 0: ready
task 1: ready
task 2: waiting for 0 1
task 3: waiting for 2

Two lanes ask for work. Both sources can start; task 2 has to wait for both.

>>> actions, events = run.handle(Asked(want=2), now=0.0)
>>> actions
(Run(task=0), Run(task=1))
>>> actions, events = run.handle(Done((1,)), now=1.0)
>>> actions, events
((), (Moved(task=1, stimulus=<Stimulus.DONE: 'its kernel returned'>, before=<TaskState.RUNNING: 'running'>,
      after=<TaskState.FINISHED: 'finished'>, seconds=1.0),))
>>> print(run.state)
task 0: running
task 1: finished
task 2: waiting for 0
task 3: waiting for 2
slot 1: stored for task 2

With the last input there, task 2 is ready, and the lane that asks gets it.

>>> run.handle(Done((0,)), now=2.0)[0], run.handle(Asked(want=1), now=2.0)[0]
((), (Run(task=2),))
>>> print(run.state)
task 0: finished
task 1: finished
task 2: running
task 3: waiting for 2
slot 0: stored for task 2
slot 1: stored for task 2

Data goes with its last reader: when task 2 is done, nobody will read slots 0 and 1 again.

>>> run.handle(Done((2,)), now=3.0)[0]
(Drop(slot=0), Drop(slot=1))
>>> run.handle(Asked(want=1), now=3.0)[0], run.handle(Done((3,)), now=4.0)[0]
((Run(task=3),), (Drop(slot=2),))
>>> print(run.state)
task 0: finished
task 1: finished
task 2: finished
task 3: finished
slot 3: stored for the caller

What the table does not allow raises, and changes nothing:

>>> run.handle(Done((3,)), now=5.0)
Traceback (most recent call last):
chunkscope.errors.IllegalTransition: task 3 is finished: DONE is not possible there, it is final
>>> run.handle(Taken((3,)), now=5.0)[0], run.state.stored
((Drop(slot=3),), frozenset())

`Machine` is the same in integers and arrays, for real runs. It takes reports and requests together:

>>> machine = Machine(graph, ranks, lanes=2)
>>> machine.advance([], 0.0, want=2)
[0, 1]
>>> machine.advance([1, 0], 2.0, want=2)
[2]
>>> machine.advance([2], 3.0, want=1), machine.freed
([3], [0, 1])
>>> machine.why(3)
'z runs: it came first of all that was ready (number 4 of 4 in the order); it is an output.'

And with a clock that only counts, it foretells a run: four lanes, one second a task.

>>> simulate(graph, ranks, lanes=4, durations=[1.0, 1.0, 1.0, 1.0]).makespan
3.0

Where to read on: `order.py`, `forecast.py`, `states.py` (the table), `reference.py`, then `machine.py` and
`flow.py`.
"""

from chunkscope.scheduler.forecast import Forecast, forecast
from chunkscope.scheduler.machine import Machine
from chunkscope.scheduler.order import order
from chunkscope.scheduler.reference import Reference, State
from chunkscope.scheduler.simulator import Schedule, simulate
from chunkscope.scheduler.states import TRANSITIONS, Stimulus, TaskState
from chunkscope.scheduler.stimuli import (
    Asked,
    Cancelled,
    Done,
    Drop,
    Failed,
    Follow,
    Followed,
    Held,
    LetGo,
    Longer,
    Lost,
    Moved,
    Run,
    Taken,
)

__all__ = [
    "order", "forecast", "Forecast",
    "Machine", "Reference", "State", "TaskState", "Stimulus", "TRANSITIONS",
    "Asked", "Cancelled", "Done", "Failed", "Followed", "Held", "LetGo", "Longer", "Lost", "Taken",
    "Run", "Follow", "Drop", "Moved",
    "simulate", "Schedule",
]  # fmt: skip
