"""Decides what runs when: the static order, the forecast, and the pure machine."""

from chunkscope.scheduler.forecast import Forecast, forecast
from chunkscope.scheduler.machine import Machine
from chunkscope.scheduler.order import order
from chunkscope.scheduler.states import TRANSITIONS, Stimulus, TaskState

__all__ = ["TRANSITIONS", "Forecast", "Machine", "Stimulus", "TaskState", "forecast", "order"]
