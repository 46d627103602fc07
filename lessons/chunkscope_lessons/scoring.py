"""Predictions: what form an answer has, whether it is right, and what to say to a wrong one."""

from collections.abc import Sequence
from typing import Any

from .content import Prediction
from .misconceptions import MISCONCEPTIONS


def normalise(prediction: Prediction, answer: Any) -> Any:
    """Returns the answer in the form it is kept in.

    Raises ValueError, saying what form is needed.
    """
    if prediction.kind == "choice":
        letter = str(answer).strip().lower()
        if letter not in prediction.options:
            raise ValueError(f"choose one of {', '.join(map(repr, prediction.options))}, not {answer!r}")
        return letter
    if prediction.kind == "numbers":
        wanted = len(prediction.truth)
        if isinstance(answer, str) or not isinstance(answer, Sequence) or len(answer) != wanted:
            raise ValueError(f"give {wanted} numbers in brackets, such as {list(range(1, wanted + 1))}")
        return [_number(part) for part in answer]
    return _number(answer)


def is_right(prediction: Prediction, answer: Any) -> bool:
    """Tells whether a normalised answer is the truth, within the prediction's relative tolerance."""
    if prediction.kind == "choice":
        return bool(answer == prediction.truth)
    truths = prediction.truth if prediction.kind == "numbers" else [prediction.truth]
    answers = answer if prediction.kind == "numbers" else [answer]
    room = prediction.tolerance
    return all(abs(a - t) <= room * abs(t) + 1e-12 for a, t in zip(answers, truths, strict=True))


def feedback(prediction: Prediction, answer: Any) -> tuple[str | None, str]:
    """Returns misconception id and text for a wrong answer."""
    text = prediction.wrong.get(shown(answer)) or prediction.wrong.get("*", "")
    first, _, rest = text.partition(" ")
    return (first, rest) if first in MISCONCEPTIONS else (None, text)


def shown(answer: Any) -> str:
    """Returns an answer as it is printed."""
    return ", ".join(map(_spelling, answer)) if isinstance(answer, list) else _spelling(answer)


def question(prediction: Prediction) -> tuple[str, ...]:
    """Returns the question as lines, with its options and how to answer."""
    options = tuple(f"{letter}) {text}" for letter, text in prediction.options.items())
    form = {
        "choice": f'L.predict("{prediction.id}", "{next(iter(prediction.options), "a")}")',
        "number": f'L.predict("{prediction.id}", 0)',
        "numbers": f'L.predict("{prediction.id}", {[0] * len(_listed(prediction.truth))})',
    }[prediction.kind]
    return (prediction.ask, *options, f"Answer in a cell like this, with your own value: `{form}`")


def _listed(truth: Any) -> list[Any]:
    return truth if isinstance(truth, list) else [truth]


def _spelling(answer: Any) -> str:
    if isinstance(answer, float) and answer.is_integer():
        return f"{answer:.0f}"
    return f"{answer:g}" if isinstance(answer, float) else str(answer)


def _number(answer: Any) -> float:
    if isinstance(answer, bool) or not isinstance(answer, (int, float)):
        raise ValueError(f"give a number, not {answer!r}")
    return float(answer)
