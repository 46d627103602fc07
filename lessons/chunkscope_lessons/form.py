"""A question with a place for the answer, in the cell's output: ipywidgets where there are any, else the text.

The widget is made when the question is shown. Screen readers meet labelled inputs, one button, and an answer that
is announced politely.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from . import scoring
from .content import Prediction
from .outcome import Note


@dataclass(frozen=True, slots=True)
class Question:
    """A question; in a notebook with widgets, a form whose button hands the answer to `keep`."""

    prediction: Prediction
    keep: Callable[[Any], Note]

    @property
    def note(self) -> Note:
        """The question as a text, with how to answer it in code."""
        return Note(f"Your prediction {self.prediction.id}", scoring.question(self.prediction))

    def __repr__(self) -> str:
        return repr(self.note)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": repr(self.note), "text/html": self.note._repr_html_()}
        if find_spec("ipywidgets") is not None:
            bundle |= {k: v for k, v in self.form()._repr_mimebundle_().items() if k not in bundle}
        return bundle

    def form(self) -> Any:
        """Returns the form as a widget."""
        widgets: Any = import_module("ipywidgets")
        prediction = self.prediction
        wide = {"width": "auto"}
        question = widgets.HTML(Note(f"Predict {prediction.id}", (prediction.ask,))._repr_html_())
        if prediction.kind == "choice":
            options = [(f"{letter}) {text}", letter) for letter, text in prediction.options.items()]
            entry = widgets.RadioButtons(options=options, value=None, layout=wide)
        else:
            several = prediction.kind == "numbers"
            hint = "numbers, with commas between" if several else "a number"
            entry = widgets.Text(description="Answer:", placeholder=hint)
        button = widgets.Button(description="Keep my answer", tooltip=f"Keep my answer to {prediction.id}")
        said = widgets.HTML()

        def keep(_: Any) -> None:
            said.value = self.keep(read(prediction, entry.value))._repr_html_()

        button.on_click(keep)
        return widgets.VBox([question, entry, button, said])


def read(prediction: Prediction, typed: Any) -> Any:
    """Returns what was typed or chosen in the form that `predict` takes; what cannot be read stays text.

    >>> read(Prediction("p", "?", "numbers", [4.0, 1.0], ""), "4; 1e0")
    [4.0, 1.0]
    """
    if prediction.kind == "choice":
        return "" if typed is None else typed
    parts = typed.replace(";", ",").strip("[] ").split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return typed
    return numbers if prediction.kind == "numbers" else numbers[0]
