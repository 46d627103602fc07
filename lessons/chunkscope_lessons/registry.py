"""The checks, by lesson and exercise. A lesson's checks are in `checks/`, imported when the lesson opens."""

from collections.abc import Callable
from importlib import import_module

from .attempt import Attempt

Check = Callable[[Attempt], str]
"""Returns what was seen, as a sentence, or raises what is wrong."""
_checks: dict[tuple[str, str], Check] = {}


def check(lesson: str, exercise: str) -> Callable[[Check], Check]:
    """Makes a function the check of an exercise."""

    def enter(function: Check) -> Check:
        _checks[lesson, exercise] = function
        return function

    return enter


def checks_of(lesson: str) -> dict[str, Check]:
    """Returns the checks of a lesson by exercise."""
    import_module(f".checks.lesson_{lesson}", __package__)
    return {exercise: function for (name, exercise), function in _checks.items() if name == lesson}
