"""Checks of lesson 14: which calls ran as tasks, what they were given, and when the notebook had which result."""

import itertools
import math
from collections import Counter
from typing import Any

from chunkscope.futures import Future

from ..attempt import Attempt, NotAttempted, Wrong, is_lazy
from ..calls import CallSeen, calls_in, overlap
from ..registry import check

LESSON = "14_futures"
KNOWN = {"late": "51feb6df5dfd", "total": "827bc9c09924", "found": "c1333bbc925b"}
"""Fingerprints of the year's late flights, of the sum of the four fields and of the count of palindromes."""
SPARE = 6
"""Calls that may be on their way when the last one that is needed has been counted."""
_fresh = itertools.count(1_000, 10)


@check(LESSON, "ex1")
def rebuild(attempt: Attempt) -> str:
    """Three submitted calls, of which the third takes the futures of the others."""
    build = attempt.value("rebuild")
    x = next(_fresh)  # a call that was submitted before would not run again

    def work() -> tuple[Any, Any]:
        given = build(x)
        return given, given.result() if isinstance(given, Future) else None

    (given, value), trace = attempt.watch(work)
    if given is ...:
        raise NotAttempted("`rebuild` returns `...`: write its body")
    attempt.expect(
        not is_lazy(given) or isinstance(given, Future),
        "`rebuild` returns a plan, of which nothing runs yet. Submit the calls",
        "M28",
    )
    attempt.expect(
        isinstance(given, Future),
        f"`rebuild({x})` returns {given!r}: it waited for the result. It should return the future of it",
    )
    calls = calls_in(trace.runs)
    names = Counter(call.name for call in calls)
    attempt.expect(
        names["inc"] == 2,
        f"The workers ran {_said(names)}; two of inc and one of add are wanted. "
        "What is missing ran in the notebook, before it was submitted",
        "M01",
    )
    attempt.expect(
        names == Counter(inc=2, add=1), f"The workers ran {_said(names)}; expected two of inc, one of add"
    )
    took = next(call.took for call in calls if call.name == "add")
    attempt.expect(
        len(took) == 2,
        "`add` was given plain numbers: the notebook waited for the two results and handed them back. "
        "Hand on the futures",
        "M27",
    )
    attempt.expect(
        value == 2 * x + 3, f"The result for x = {x} is {value}; inc(x) + inc(x + 1) is {2 * x + 3}"
    )
    attempt.expect(
        overlap([c for c in calls if c.name == "inc"]) == 2, "The two calls of inc did not overlap"
    )
    return "Three calls; both of inc at the same time, and add took their futures."


@check(LESSON, "ex2")
def dice(attempt: Attempt) -> str:
    """Twenty throws by twenty tasks, submitted before any was waited for."""
    throws = attempt.plain("throws", (list, tuple))
    attempt.expect(len(throws) == 20, f"`throws` has {len(throws)} entries; twenty are wanted")
    attempt.expect(
        not any(isinstance(throw, Future) for throw in throws),
        "`throws` holds futures, not numbers: ask for their results",
        "M27",
    )
    calls = [call for call in _calls(attempt) if call.name == "throw"]
    attempt.expect(bool(calls), "All twenty were thrown in the notebook, none of them by a task")
    attempt.expect(
        len(calls) == 20,
        f"Twenty submits, but {len(calls)} task ran, and its number is there twenty times: the calls are equal, so the "
        "client takes them to be one. Tell it that `throw` is not pure",
    )
    attempt.expect(
        all(isinstance(throw, int) and 1 <= throw <= 6 for throw in throws), "These are not throws of a dice"
    )
    attempt.expect(
        len({call.run for call in calls}) < 20,
        "Each task was waited for before the next one was submitted. Submit all, then gather",
        "M02",
    )
    return "Twenty tasks, twenty throws."


@check(LESSON, "ex3")
def flaky(attempt: Attempt) -> str:
    """Six calls that the client tried three times each, and one that failed at its only try."""
    answers = attempt.plain("answers", (list, tuple))
    alone = attempt.value("alone")
    calls = [call for call in _calls(attempt) if call.name == "flaky"]
    attempt.expect(
        list(answers) == [1, 2, 3, 4, 5, 6],
        f"`answers` has {len(answers)} results; six are wanted, of flaky(0) to flaky(5)",
    )
    attempt.expect(isinstance(alone, Future), "`alone` is not a future: submit flaky(99)")
    tries = attempt.plain("tries", dict)
    attempt.expect(
        alone.status == "error" and tries[99] == 1,
        f"`alone` was tried {tries[99]} times and is {alone.status}: it should be tried once only",
    )
    attempt.expect(
        len(calls) == 7,
        f"{len(calls)} calls were submitted, the failed ones again and again by your loop, and meanwhile nothing else "
        "was. Seven suffice: let the client try again",
        "M02",
    )
    attempt.expect(
        all(tries[i] == 3 for i in range(6)),
        f"The six were tried {[tries[i] for i in range(6)]} times, not 3 each",
    )
    return "Seven calls: six came through at the third try, one failed at its first, and harmed nobody."


@check(LESSON, "ex4")
def stream(attempt: Attempt) -> str:
    """Twelve results, each noted when it came, the first of them before the last call had ended."""
    board = attempt.plain("board", list)
    if not board:
        raise NotAttempted("The board is empty: note twelve results")
    attempt.expect(
        not any(isinstance(result, Future) for _, result in board),
        "The board holds futures: note what they give",
        "M27",
    )
    attempt.expect(len(board) == 12, f"The board has {len(board)} notes; there are twelve months")
    attempt.expect(
        _known(attempt, "late", sum(count for _, (_, count) in board)),
        "The twelve results are not the late flights of the twelve months",
    )
    calls = [call for call in _calls(attempt) if call.name == "late"]
    attempt.expect(bool(calls), "The files were read in the notebook, one after the other, and not by tasks")
    attempt.expect(len(calls) == 12, f"{len(calls)} tasks ran `late`; there are twelve months")
    attempt.expect(
        overlap(calls) >= 2,
        "Each month was waited for before the next was submitted: no two tasks overlapped",
        "M02",
    )
    months = [name for _, (name, _) in board]
    attempt.expect(
        months != sorted(months) and board[0][0] < max(call.stop for call in calls),
        "`gather` comes back when the last month is there: eleven had to wait for January"
        if "gather" in attempt.source
        else "The months are noted in the order of submission, so that the first note had to wait for January",
    )
    return "You had the first result in hand while other months were still on their way; January did not hold them up."


@check(LESSON, "ex5")
def hand_on(attempt: Attempt) -> str:
    """The sum of four fields, worked out where the fields are."""
    fields = attempt.plain("fields", (list, tuple)) if not isinstance(attempt.value("fields"), Future) else []
    attempt.expect(
        len(fields) == 4 and all(isinstance(one, Future) for one in fields),
        "`fields` is not a list of four futures: are they the fields themselves, 32 MB in your notebook",
    )
    total = attempt.number("total")
    attempt.expect(
        _known(attempt, "total", total, 3),
        f"`total` is {total:,.1f}; that is not the sum of all the elements of field(0) … field(3)",
    )
    calls = _calls(attempt)
    others = [call for call in calls if call.name != "field"]
    handed = sum(name in ("field", "future") for call in others for name in call.took)
    if handed < 4 and others:
        raise Wrong(
            f"{_said(Counter(call.name for call in others))} ran on arrays that had come into the notebook and went "
            "out again: 32 MB each way. Hand on the futures",
            "M34",
        )
    attempt.expect(
        handed >= 4,
        "The four fields came into the notebook, 32 MB, and were added up there by one thread",
        "M27",
    )
    return "Four fields of 8 MB stayed with the workers; one number came into the notebook."


@check(LESSON, "ex6")
def batches(attempt: Attempt) -> str:
    """The palindromes below a thousand, counted by a few tasks."""
    found = int(attempt.number("found"))
    calls = _calls(attempt)
    attempt.expect(
        _known(attempt, "found", found),
        f"`found` is {found}; that is not the number of palindromes below 1000",
    )
    if not calls:
        raise Wrong(
            "No task ran in this cell: the numbers were looked at in the notebook, or you still hold the futures of "
            "equal calls, which are not run again"
        )
    attempt.expect(len(calls) != 1, "One task did everything; the other thread had nothing to do", "M03")
    attempt.expect(
        len(calls) <= 20,
        f"{len(calls):,} tasks, and what each did costs less than its future. At most 20",
        "M04",
    )
    return f"{len(calls)} tasks instead of a thousand."


@check(LESSON, "ex7")
def adaptive(attempt: Attempt) -> str:
    """π with calls submitted until it is exact enough, at least two at a time, and not many more than needed."""
    n, inside = int(attempt.number("n")), int(attempt.number("inside"))
    points, tol = int(attempt.number("POINTS")), attempt.number("tol")
    if not n:
        raise NotAttempted("`n` is 0: nothing has been counted")
    calls = [call for call in _calls(attempt) if call.name == "darts"]
    attempt.expect(bool(calls), "No task threw a point in this cell")
    attempt.expect(
        2 * len(calls) * points >= n,
        f"{n:,} points are counted, but {len(calls)} tasks threw {len(calls) * points:,}: equal seeds are equal calls, "
        "and the same points were counted again and again",
    )
    attempt.expect(
        n % points == 0, f"`n` is {n:,}: not a multiple of the {points:,} points of a call. Count from 0"
    )
    share = inside / n
    sigma = 4 * math.sqrt(max(share * (1 - share), 0.0) / n)
    attempt.expect(
        0.7 < share < 0.9,
        f"{inside:,} of {n:,} points are inside, a share of {share:.3f}; it should be near π/4",
    )
    attempt.expect(tol == 0.002, f"`tol` is {tol}; leave it at 0.002")
    attempt.expect(
        sigma < tol,
        f"σ is {sigma:.4f} after {n:,} points, and not below {tol}: more points are needed",
        "M38",
    )
    needed = math.ceil((1.642 / tol) ** 2 / points)
    attempt.expect(
        len(calls) <= needed + SPARE,
        f"{len(calls)} calls were submitted; {needed} or so are enough. Decide after each result whether to go on",
    )
    attempt.expect(
        overlap(calls) >= 2,
        "No two calls overlapped: the next one was submitted only when the one before had been counted",
        "M02",
    )
    begun = {call.run: min(c.start for c in calls if c.run == call.run) for call in calls}
    attempt.expect(
        max(begun.values()) > min(call.stop for call in calls),
        "All calls were submitted before the first had ended: their number was a guess that came out right",
    )
    estimate = 4 * share
    attempt.expect(
        abs(estimate - math.pi) < 5 * sigma, f"{estimate:.4f} is further from π than chance allows"
    )
    return f"σ is below {tol} after {n // points} results, and you stopped there."


def _calls(attempt: Attempt) -> list[CallSeen]:
    return calls_in(attempt.run.runs)


def _known(attempt: Attempt, name: str, value: Any, digits: int | None = None) -> bool:
    return attempt.is_known(name, value, KNOWN[name], digits)


def _said(names: Counter[str]) -> str:
    return ", ".join(f"{count} of {name}" for name, count in sorted(names.items())) or "nothing"
