"""Checks of lesson 01: functions are tried on pieces of many lengths, graphs are read and run."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from ..attempt import Attempt, NotAttempted, Raised, Wrong, close
from ..by_hand import critical_path, from_dict, is_task, needs
from ..registry import check

LESSON = "01_cut_it_up"
Floats = NDArray[np.float64]
LENGTHS = (5, 1, 0, 17, 400)
KINDS = ("piecewise", "tree", "shuffle", "not exact")
LINES = {
    "A": "while len(level) > 1:",
    "B": "    level = pairs",
    "C": "level = [piece.sum() for piece in pieces]",
    "D": "    pairs = []",
    "E": "total = level[0]",
    "F": "    for k in range(0, len(level), 2):",
    "G": "        pairs.append(sum(level[k : k + 2]))",
}
ANSWERS: dict[str, tuple[str, str, str | None]] = {
    "square root of each number": (
        "e492929095de",
        "A helper is done with its piece and has nothing to join",
        None,
    ),
    "keep the numbers above 3": (
        "b6fda7304da1",
        "A helper is done with its piece and has nothing to join",
        None,
    ),
    "largest number": ("81f2d886540a", "The largest of the largest is the largest", None),
    "mean": ("9a4444eefeab", "Sums and counts are small, and give it exactly", None),
    "variance": ("7e7f6b99f5d3", "Counts, means and squared distances can be joined exactly", None),
    "sort all numbers": ("adf7b8f5258d", "Any number may have to move to any piece", "M33"),
    "median": (
        "2b98dd9fcc89",
        "No small result of a piece tells where the middle of all numbers lies",
        "M33",
    ),
    "median of the pieces' medians": (
        "350e618fdad5",
        "It is a number near the median, and not the median",
        "M06",
    ),
}


class Pieces(Sequence[Floats]):
    """Chunks that are made when they are asked for; it counts how many are alive at once."""

    def __init__(self, lengths: Sequence[int], offset: float = 0.0) -> None:
        self._lengths = lengths
        self._offset = offset
        self._count = 0
        self.most = 0

    def __len__(self) -> int:
        return len(self._lengths)

    def __getitem__(self, k: Any) -> Any:
        if isinstance(k, slice):
            return [self[number] for number in range(*k.indices(len(self)))]
        length = self._lengths[k]
        piece = np.random.default_rng(k % len(self)).normal(k, 2, length) + self._offset
        self._count += 1
        self.most = max(self.most, self._count)
        finalize(piece, self._released)
        return piece

    def __iter__(self) -> Iterator[Floats]:
        return map(self.__getitem__, range(len(self)))

    def _released(self) -> None:
        self._count -= 1

    def together(self) -> Floats:
        """All numbers in one array."""
        return np.concatenate([self[k] for k in range(len(self))])


@check(LESSON, "ex1")
def blocked_mean(attempt: Attempt) -> str:
    """The mean of pieces of different lengths, without keeping them."""
    function = _function(attempt, "blocked_mean")
    value = _tried(attempt, function, Pieces(LENGTHS))
    truth = Pieces(LENGTHS).together()
    means = [Pieces(LENGTHS)[k].mean() for k, length in enumerate(LENGTHS) if length]
    attempt.expect(
        not close(value, np.mean(means)),
        f"For pieces of {_listed(LENGTHS)} numbers it gives {value:.4f}, the mean of their means; "
        f"the mean of all is {truth.mean():.4f}",
        "M06",
    )
    attempt.expect(
        not close(value, truth.sum() / len(LENGTHS)),
        f"It gives {value:.4f}: the sum of all numbers divided by the number of chunks, {len(LENGTHS)}, "
        f"and not by the number of numbers, {len(truth)}",
    )
    attempt.expect(
        close(value, truth.mean()),
        f"For pieces of {_listed(LENGTHS)} numbers it gives {value:.6g}; the mean of all is {truth.mean():.6g}",
    )
    most = _keeps_few(attempt, function)
    return f"Exact on pieces of {_listed(LENGTHS)} numbers. Of 40 chunks, {most} at most were in memory at a time."


@check(LESSON, "ex2")
def blocked_var(attempt: Attempt) -> str:
    """The variance of pieces, also of numbers far from zero."""
    function = _function(attempt, "blocked_var")
    value = _tried(attempt, function, Pieces(LENGTHS))
    pieces = [piece for piece in Pieces(LENGTHS) if len(piece)]
    truth = Pieces(LENGTHS).together()
    within = sum(piece.var() * len(piece) for piece in pieces) / len(truth)
    attempt.expect(
        not close(value, within) and not close(value, np.mean([piece.var() for piece in pieces])),
        f"It gives {value:.4f}, the mean of the pieces' variances; the pieces' means differ too, and np.var of all "
        f"is {truth.var():.4f}",
        "M06",
    )
    attempt.expect(
        not close(value, truth.var(ddof=1)),
        f"It gives {value:.5f}, which divides by one less than the count; np.var gives {truth.var():.5f}",
    )
    attempt.expect(
        close(value, truth.var()), f"It gives {value:.6g}; np.var of all the numbers is {truth.var():.6g}"
    )
    far = _tried(attempt, function, Pieces(LENGTHS, offset=1e9))
    attempt.expect(
        close(far, truth.var(), 1e-5),
        f"Near zero it is right. For the same numbers plus a billion it gives {far:.6g} instead of "
        f"{truth.var():.6g}: two numbers of 19 digits, nearly equal, were subtracted, and the digits that differ "
        "were lost",
        "M31",
    )
    _keeps_few(attempt, function)
    return f"Exact on pieces of {_listed(LENGTHS)} numbers, and also near a billion."


@check(LESSON, "ex3")
def seven_lines(attempt: Attempt) -> str:
    """The only order of seven lines that joins partial sums as a tree."""
    given = attempt.plain("order", str)
    letters = [letter for letter in given.upper() if letter.isalpha()]
    attempt.expect(
        sorted(letters) == sorted(LINES),
        f"`order` has the letters {' '.join(letters) or 'of no line'}; each of A to G is needed once",
    )
    program = "\n".join(LINES[letter] for letter in letters)
    for count in (1, 2, 7, 10):
        pieces = np.array_split(np.arange(1000.0), count)
        space: dict[str, Any] = {"pieces": pieces}
        try:
            exec(compile(program, "<your order>", "exec"), space)
        except IndentationError as error:
            letter = letters[(error.lineno or 1) - 1]
            raise Wrong(
                f"Line {letter} is indented, but the line before it opens no block it could belong to: "
                f"`{LINES[letter].strip()}`"
            ) from None
        except Exception as error:
            raise Wrong(
                f"In this order Python says, for {count} pieces: {type(error).__name__}: {error}"
            ) from None
        attempt.expect(
            space["total"] == 499_500.0,
            f"It runs, but for {count} pieces `total` is {space['total']:,.0f} and not 499,500: one partial sum, "
            "taken before the others were joined to it",
        )
    return "It joins 1, 2, 7 and 10 partial sums rightly, pair by pair."


@check(LESSON, "ex4")
def eight_operations(attempt: Attempt) -> str:
    """Which operations are piecewise, trees, shuffles, or not exact."""
    given = attempt.plain("kinds", dict)
    blanks = [name for name in ANSWERS if given.get(name, ...) is ...]
    if blanks:
        raise NotAttempted(f"Still to fill in: {', '.join(blanks)}")
    for name, (expected, advice, belief) in ANSWERS.items():
        word = given[name]
        attempt.expect(
            word in KINDS, f"{name}: {word!r} is none of the four words {', '.join(map(repr, KINDS))}"
        )
        attempt.expect(attempt.is_known(name, word, expected), f"{name}: not {word!r}. {advice}", belief)
    return "Two piecewise, three trees, two shuffles, and one that only looks like a tree."


@check(LESSON, "ex5")
def graph_of_a_sum(attempt: Attempt) -> str:
    """A dict whose pieces can be summed at the same time, run by the engine."""
    graph = attempt.plain("graph", dict)
    unwritten = [str(key) for key, value in graph.items() if value is ...]
    if unwritten or "total" not in graph:
        raise NotAttempted(f"Still to write: {', '.join(unwritten) or repr('total')}")
    quarters = attempt.value("quarters")
    try:
        lazy = from_dict(graph, "total")
    except (KeyError, ValueError) as error:
        raise Raised(error) from error
    holds = {key: sum(_inside(quarter, value) for quarter in quarters) for key, value in graph.items()}
    attempt.expect(
        max(holds.values()) <= 1,
        f"{_longest(holds)!r} is given {max(holds.values())} quarters: one task does it all, and one helper",
        "M03",
    )
    sums = [key for key, count in holds.items() if count and is_task(graph[key])]
    attempt.expect(
        len(sums) >= 4,
        f"{len(sums)} tasks read a quarter. The other sums were worked out while the dict was written: leave out "
        "the parentheses, and put function and argument into a tuple"
        if any(not is_task(value) for value in graph.values())
        else f"{len(sums)} tasks read a quarter; each of the four needs one",
    )
    waiting = [key for key in sums if needs(graph, graph[key])]
    attempt.expect(
        not waiting,
        f"{waiting[0] if waiting else ''!r} waits for another piece: a chain of {critical_path(graph)} tasks, which no "
        "number of helpers makes faster. Sum each quarter on its own, then join",
        "M05",
    )
    value, trace = attempt.compute(lazy)
    attempt.expect(
        attempt.is_known("total", int(value), "7f1266b8959c"),
        f"It runs, and gives {value:,}; that is not the sum of all four quarters",
    )
    return (
        f"{trace.ntasks} tasks, just run: {value:,}. Four of them need nobody and can run at the same time."
    )


def _function(attempt: Attempt, name: str) -> Callable[[Any], Any]:
    found = attempt.value(name)
    attempt.expect(callable(found), f"`{name}` is a {type(found).__name__}; it should be a function")
    return found  # type: ignore[no-any-return]


def _tried(attempt: Attempt, function: Callable[[Any], Any], pieces: Pieces) -> float:
    value, _ = attempt.watch(lambda: function(pieces))
    if value is None or value is ...:
        raise NotAttempted(f"`{function.__name__}` returns nothing yet")
    attempt.expect(
        isinstance(value, (int, float, np.number)),
        f"`{function.__name__}` returned a {type(value).__name__}; one number is expected",
    )
    return float(value)


def _keeps_few(attempt: Attempt, function: Callable[[Any], Any]) -> int:
    pieces = Pieces(range(1, 41))
    attempt.watch(lambda: function(pieces))
    attempt.expect(
        pieces.most <= 4,
        f"The value is right, but {pieces.most} of 40 chunks were in memory at the same time. Work on one, and keep "
        "only its small result",
        "M12",
    )
    return pieces.most


def _inside(quarter: Any, value: Any) -> int:
    """Returns how often `quarter` is among the arguments of a task, or is the value itself."""
    if isinstance(value, (tuple, list)):
        return sum(_inside(quarter, part) for part in value)
    return int(value is quarter)


def _longest(holds: dict[Hashable, int]) -> Hashable:
    return max(holds, key=lambda key: holds[key])


def _listed(lengths: Sequence[int]) -> str:
    *first, last = map(str, lengths)
    return f"{', '.join(first)} and {last}"
