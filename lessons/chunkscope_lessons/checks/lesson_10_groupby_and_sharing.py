"""Checks of lesson 10: the answers, and how often the runs read each file for them."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ..attempt import Attempt, Trace, is_lazy
from ..calls import side_by_side
from ..registry import check

LESSON = "10_groupby_and_sharing"
AIRPORTS = ("EWR", "JFK", "LGA")
SMALL_BYTES = 500_000
"""An answer is smaller than this; a whole column of the flights is larger."""
KNOWN: dict[str, str] = {
    "ex1 longest": "4d39a8742638",
    "ex2 all": "d6f1d54cf713",
    "ex2 cancelled": "d9a996a8d522",
    "ex2 arrived": "3a1d7eadbcb4",
    "ex2 left": "5ff89f57404c",
    "ex3 EWR": "dfe74345dce2",
    "ex3 JFK": "a84d25b79d8d",
    "ex3 LGA": "a02eef33c622",
    "ex4 ORD": "a636514a93f6",
    "ex4 ATL": "e44aa5b4dde6",
    "ex4 LAX": "8293ab8b59b4",
    "ex4 BOS": "a3ebe57fb00a",
    "ex4 MCO": "fc2344222ac9",
    "ex5 EWR": "2ae4f804bb3c",
    "ex5 monthly EWR": "db9941772cfe",
    "ex5 JFK": "f19bc17ca2bc",
    "ex5 monthly JFK": "7aa1ea4b4325",
    "ex5 LGA": "f9bea2b3f55e",
    "ex5 monthly LGA": "0cd6edebbc6a",
    "ex6 mean": "62a1d20d65f8",
    "ex6 spread": "5f232573e1bb",
    "ex6 count": "ff31da41979c",
    "ex7 late EWR": "5568674deffd",
    "ex7 late JFK": "4f63e815e2b8",
    "ex7 late LGA": "ceacdd2ed05b",
    "ex7 distance": "682eb5a14ed9",
    "ex7 distances": "5e1ebb17a22c",
    "ex7 month 1": "08bff66d1115",
    "ex7 month 2": "221e6feef355",
    "ex7 month 3": "0f917972e622",
    "ex7 month 4": "9eb13756e94c",
    "ex7 month 5": "dcf417b54472",
    "ex7 month 6": "e123f68a4d9c",
    "ex7 month 7": "93b5b0ac4852",
    "ex7 month 8": "05599055f6c6",
    "ex7 month 9": "611c143972b8",
    "ex7 month 10": "7b1a29cf1298",
    "ex7 month 11": "36eead089b07",
    "ex7 month 12": "62d1b1633736",
    "ex8 hours": "b14d04a53555",
    "ex8 mean 0": "512670500365",
    "ex8 mean 1": "3a821b8f5fb8",
    "ex8 mean 2": "0b6b921cf432",
    "ex8 monthly 0": "47402ef67d24",
    "ex8 monthly 1": "2c85cb6492c1",
    "ex8 monthly 2": "ecd6208818d5",
}
"""Fingerprints of the answers, by exercise and name; means to three decimals."""


@check(LESSON, "ex1")
def longest_delay(attempt: Attempt) -> str:
    """The longest departure delay, by one run."""
    longest = attempt.number("longest")
    attempt.expect(
        _known(attempt, "longest", int(longest)),
        f"`longest` is {longest:,.0f}; that is not the longest departure delay",
    )
    _by_one_run(attempt, "longest")
    return f"{int(longest):,} minutes: nearly a day. {_read(attempt.run)}"


@check(LESSON, "ex2")
def how_many_left(attempt: Attempt) -> str:
    """The flights that were not cancelled."""
    left = int(attempt.number("left"))
    attempt.expect(
        not _known(attempt, "all", left), f"`left` is {left:,}: all flights, the cancelled ones with them"
    )
    attempt.expect(
        not _known(attempt, "cancelled", left), f"`left` is {left:,}: those are the cancelled ones"
    )
    attempt.expect(
        not _known(attempt, "arrived", left),
        f"`left` is {left:,}: diverted flights are left out, but they did leave",
    )
    attempt.expect(
        _known(attempt, "left", left), f"`left` is {left:,}; that is not the number of flights that left"
    )
    _by_one_run(attempt, "left")
    return f"{left:,} flights left. {_read(attempt.run)}"


@check(LESSON, "ex3")
def departures(attempt: Attempt) -> str:
    """The flights that were not cancelled, by airport."""
    found = _series(attempt, "departures", list(AIRPORTS))
    said = ", ".join(f"{name} {int(count):,}" for name, count in found.items())
    attempt.expect(
        all(_known(attempt, str(name), int(count)) for name, count in found.items()),
        f"{said}: these are not the flights that left. Are the cancelled ones among them",
    )
    _by_one_run(attempt, "departures")
    return f"{said}. {_read(attempt.run)}"


@check(LESSON, "ex4")
def busiest(attempt: Attempt) -> str:
    """The five destinations with most flights, cancelled ones included."""
    top = attempt.plain("top", pd.Series)
    attempt.expect(len(top) == 5, f"`top` has {len(top)} entries; five are wanted")
    attempt.expect(
        str(top.index[0]) not in AIRPORTS, f"`top` begins with {top.index[0]}: an airport of departure"
    )
    numbers = [int(number) for number in top]
    attempt.expect(numbers == sorted(numbers, reverse=True), "`top` is not in order: the largest first")
    said = ", ".join(f"{name} {number:,}" for name, number in zip(top.index, numbers, strict=True))
    attempt.expect(
        all(_known(attempt, str(name), number) for name, number in zip(top.index, numbers, strict=True)),
        f"{said}: not all flights are counted",
        "M14" if not attempt.run.reads or len(attempt.run.reads) < 12 else None,
    )
    _by_one_run(attempt, "top")
    return f"{said}. {_read(attempt.run)}"


@check(LESSON, "ex5")
def two_tools(attempt: Attempt) -> str:
    """The mean delay of each airport, by tasks and by a frame."""
    by_tasks, by_frame = _series(attempt, "by_tasks", AIRPORTS), _series(attempt, "by_frame", AIRPORTS)
    for name, found in (("by_tasks", by_tasks), ("by_frame", by_frame)):
        said = ", ".join(f"{airport} {mean:.3f}" for airport, mean in found.items())
        attempt.expect(
            not all(_known(attempt, f"monthly {a}", m, 3) for a, m in found.items()),
            f"`{name}` is {said}: means of the monthly means",
            "M06",
        )
        attempt.expect(
            all(_known(attempt, str(a), m, 3) for a, m in found.items()),
            f"`{name}` is {said}: these are not the mean departure delays",
        )
    run = attempt.run
    calls = run.computes
    attempt.expect(calls > 1, "One computation: the same result under two names. Work it out in both ways")
    attempt.expect(
        calls == 2, f"{calls} computations, most of them of a single task. Collect the tasks first", "M02"
    )
    which = (
        0 if not run.runs[0].reads() else 1
    )  # the other run is the frame's, whose reader tells what it read
    opened = run.opened_in[which]
    attempt.expect(
        len(opened) >= 12, f"The tasks opened {len(opened)} files; there are 12, to be read by tasks"
    )
    most = max(opened.values())
    attempt.expect(most == 1, f"The tasks opened a file {most} times", "M16")
    attempt.expect(side_by_side(run.runs[which]) >= 2, "No two of the tasks ran at the same time")
    said = ", ".join(f"{airport} {mean:.3f}" for airport, mean in by_frame.items())
    return f"{said}, twice the same."


@check(LESSON, "ex6")
def three_figures(attempt: Attempt) -> str:
    """Mean, standard deviation and count of the delays, from one pass."""
    values = {name: attempt.value(name) for name in ("mean", "spread", "count")}
    for name, value in values.items():
        attempt.expect(not is_lazy(value), f"`{name}` is still a plan: nothing has been computed", "M08")
        attempt.expect(
            _known(attempt, name, value, 3),
            f"`{name}` is {float(value):,.3f}; that is not what the program above gives",
        )
    _one_pass(attempt, "spread")
    return f"{values['mean']:.3f}, {values['spread']:.3f} and {int(values['count']):,}. {_read(attempt.run)}"


@check(LESSON, "ex7")
def three_groupings(attempt: Attempt) -> str:
    """Three group-bys, from one pass."""
    late = _series(attempt, "late", list(AIRPORTS))
    distance = attempt.plain("distance", pd.Series)
    cancelled = _series(attempt, "cancelled", list(range(1, 13)))
    attempt.expect(
        all(_known(attempt, f"late {name}", int(count)) for name, count in late.items()),
        f"`late` is {', '.join(f'{name} {count:,}' for name, count in late.items())}: not the flights that left more "
        "than 60 minutes late",
    )
    attempt.expect(len(distance) == 16, f"`distance` has {len(distance)} entries; there are 16 airlines")
    distance = distance.sort_index()
    attempt.expect(
        _known(attempt, "distance", float(distance.iloc[0]), 3)
        and _known(attempt, "distances", float(distance.sum()), 3),
        f"`distance` of {distance.index[0]} is {distance.iloc[0]:,.1f}; that is not the mean distance",
    )
    attempt.expect(
        all(_known(attempt, f"month {month}", int(count)) for month, count in cancelled.items()),
        "`cancelled` does not count the cancelled flights of each month",
    )
    _one_pass(attempt, "late")
    return f"Three group-bys at once. {_read(attempt.run)}"


@check(LESSON, "ex8")
def report(attempt: Attempt) -> str:
    """The mean delay by planned hour and airport, in one pass at most."""
    found = attempt.plain("report", pd.DataFrame)
    attempt.expect(
        list(map(str, found.columns)) == list(AIRPORTS),
        f"`report` has the columns {', '.join(map(str, list(found.columns)[:6]))}; a column for each airport is wanted",
    )
    hours = [int(hour) for hour in found.index]
    attempt.expect(
        _known(attempt, "hours", hours),
        f"`report` has {len(hours)} rows, for {hours[0]} to {hours[-1]}: not the hours of the planned departures",
    )
    means = [round(float(mean), 3) for mean in found.loc[17]]
    said = ", ".join(f"{mean:.3f}" for mean in means)
    attempt.expect(
        not all(_known(attempt, f"monthly {k}", mean, 3) for k, mean in enumerate(means)),
        f"At 17 hours it has {said}: means of the means of each month",
        "M06",
    )
    attempt.expect(
        all(_known(attempt, f"mean {k}", mean, 3) for k, mean in enumerate(means)),
        f"At 17 hours it has {said}: these are not the mean departure delays",
    )
    _one_pass(attempt, "report")
    early, evening = found.loc[6].mean(), found.loc[20].mean()
    return f"{early:.1f} minutes at 6 in the morning, {evening:.1f} at 8 in the evening. {_read(attempt.run)}"


def _known(attempt: Attempt, name: str, value: Any, digits: int | None = None) -> bool:
    expected = KNOWN.get(f"{attempt.item} {name}")
    return expected is not None and attempt.is_known(name, value, expected, digits)


def _series(attempt: Attempt, name: str, labels: Sequence[object]) -> pd.Series:
    found = attempt.plain(name, (pd.Series, dict))
    series = pd.Series(found).sort_index()
    attempt.expect(
        list(series.index) == list(labels),
        f"`{name}` is about {', '.join(map(str, list(series.index)[:4]))}; expected {labels[0]} to {labels[-1]}",
    )
    return series


def _by_one_run(attempt: Attempt, name: str) -> None:
    """Raises Wrong unless one run of the frame made a small result, with each file read once."""
    run = attempt.run
    attempt.expect(
        run.computes > 0,
        f"`{name}` is right, but no computation of the frame made it: it comes from a loop over files",
    )
    attempt.expect(
        run.result_bytes < SMALL_BYTES,
        f"`{name}` is right, but {run.result_bytes / 1e6:,.1f} MB came into the notebook for it. Ask the frame for the "
        "answer, not for the rows",
        "M12",
    )
    _read_once(attempt)


def _one_pass(attempt: Attempt, name: str) -> None:
    """Raises Wrong unless everything came from one pass over the files."""
    run = attempt.run
    attempt.expect(run.computes > 0, "The values are there, but no computation in this cell made them")
    attempt.expect(
        run.result_bytes < SMALL_BYTES,
        f"{run.result_bytes / 1e6:,.1f} MB came into the notebook, to be worked on by one thread. Let the frame do it",
        "M12",
    )
    _read_once(attempt)


def _read_once(attempt: Attempt) -> None:
    reads = attempt.run.reads
    most = max(reads.values(), default=0)
    attempt.expect(
        most <= 1,
        f"Right, but CSV files were read {reads.total()} times in all, {most} times each: what the computations have "
        "in common was done again",
        "M16",
    )
    attempt.expect(len(reads) == 12, f"{len(reads)} files were read; there are 12")


def _read(run: Trace) -> str:
    total = run.reads.total()
    return f"{total} files read, each once, in one run of {run.ntasks} tasks."
