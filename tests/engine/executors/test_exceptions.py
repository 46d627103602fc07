"""The user's own exceptions, as they come back from wherever the task ran."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from chunkscope import compute, delayed
from chunkscope.errors import TransferError
from chunkscope.executors.failure import explain_failure
from chunkscope.expr import lower


@pytest.fixture(params=["processes", "cluster"])
def kind(request: pytest.FixtureRequest) -> str:
    """The executors whose tasks run in other processes."""
    if request.param == "cluster":
        request.getfixturevalue("cluster")
    return str(request.param)


class Grudge(Exception):
    """It goes, but nobody can receive it."""

    def __reduce__(self) -> Any:
        return (_refuse, ())


class Choosy(Exception):
    """Made of other things than its text."""

    def __init__(self, code: int, *, lock: Any = None) -> None:
        super().__init__(f"code {code}", lock)
        self.code = code
        self.lock = lock

    def __str__(self) -> str:
        return str(self.args[0])


class Stutterer(Exception):
    """Called with its own text, it has another."""

    def __init__(self, text: str) -> None:
        super().__init__(f"so, {text}")


def _refuse() -> None:
    raise LookupError("no way in")


def _throw(kind: str) -> None:
    class Hermit(Exception):
        lock = threading.Lock()

    if kind == "choosy":
        raise Choosy(3, lock=threading.Lock())
    raise {"grudge": Grudge, "stutterer": Stutterer, "hermit": Hermit}[kind]("from far away")


def test_an_exception_comes_as_itself_though_its_class_cannot_be_called_with_its_text(kind: str) -> None:
    with pytest.raises(Choosy, match=r"^code 3\n") as found:
        compute(delayed(_throw)("choosy"), scheduler=kind)
    assert found.value.code == 3 and found.value.args[0] == "code 3"
    with pytest.raises(Stutterer, match=r"^so, from far away\n"):
        compute(delayed(_throw)("stutterer"), scheduler=kind)
    with pytest.raises(Grudge, match=r"^from far away\n"):
        compute(delayed(_throw)("grudge"), scheduler=kind)


def test_an_exception_whose_class_cannot_travel_is_described(kind: str) -> None:
    with pytest.raises(TransferError, match=r"Hermit: from far away.*cannot pickle '_thread.lock'"):
        compute(delayed(_throw)("hermit"), scheduler=kind)


def _no_parser(*_: Any) -> None:
    raise SystemError(
        "AST constructor recursion depth mismatch"
    )  # Python 3.11, where other threads are parsing


def test_what_is_told_of_an_exception_never_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("ast.parse", _no_parser)
        with pytest.raises(ZeroDivisionError, match="failed in operation 'divmod'"):
            compute(delayed(divmod)(1, 0), scheduler="threads")

    def lost() -> Iterator[Any]:
        raise OSError("the block is gone")
        yield

    graph = lower((delayed(divmod)(1, 0).__chunkscope_expr__(),))[0]
    error = ZeroDivisionError("by nothing")
    failure = explain_failure(graph, 0, error, lost())
    assert (failure.operation, failure.error) == ("divmod", "ZeroDivisionError: by nothing")
    assert "less is told of this than is known (OSError: the block is gone)" in error.__notes__[0]
    assert "failed in operation 'divmod'" in error.__notes__[1]
