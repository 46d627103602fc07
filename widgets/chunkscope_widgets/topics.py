"""Other things than runs for the panel to show: a lesson's steps, for one.

A topic has a state, a JSON object whose latest version every page gets, and questions that pages may ask about it.
Outside a notebook's kernel all of this works and nobody listens.

>>> x = topic("x")
>>> x.publish({"done": 1})
>>> x.handle("x.more", lambda question: {"state": {"done": question["by"] + 1}, "message": "well done"})
>>> x.latest
{'done': 1}
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from chunkscope import config
from chunkscope_widgets import bridge
from chunkscope_widgets.board import Handler

__all__ = ["Topic", "topic"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing on show. Two with the same name are the same."""

    name: str

    @property
    def latest(self) -> dict[str, Any] | None:
        """The state that was published last, or None."""
        return bridge.board().latest(self.name)

    def publish(self, state: dict[str, Any]) -> None:
        """Show `state` (JSON, copied) in place of the one before, on pages that are open and those that join later.

        Returns at once. States that follow each other faster than the page is told are skipped, all but the last.
        """
        bridge.board().post(self.name, state)
        _attach()
        bridge.tell()

    def handle(self, ask: str, function: Handler) -> None:
        """Have `function(question)` answer the page's questions `{"ask": ask, …}`, on the thread of the request.

        That is another thread than the cells', while they run. A `"state"` in the answer is published; an exception
        goes to the page as its text.
        """

        def answer(question: dict[str, Any]) -> dict[str, Any]:
            reply = dict(function(question))
            state = reply.pop("state", None)
            if state is not None:
                self.publish(state)
            return reply

        bridge.board().handle(ask, answer)


def topic(name: str) -> Topic:
    """The topic of this name.

    >>> topic("x") == topic("x")
    True
    """
    return Topic(name)


def _attach() -> None:
    """Attach the panel if this is a notebook's kernel, which may not have computed anything yet."""
    if "ipykernel" not in sys.modules or not config.get("viewers"):
        return
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if getattr(shell, "kernel", None) is not None:
        bridge.attach()
