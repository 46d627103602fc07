"""Lessons that look at what your computation did: predict, run, reveal, check."""

from .content import names
from .lesson import Lesson, lesson
from .outcome import Outcome, Status
from .shelf import copy_lessons

__all__ = ["lesson", "Lesson", "names", "Outcome", "Status", "copy_lessons"]
