"""Checks of lesson 08: what was alive at once, by the record of the run; how the data were cut; what came back."""

from pathlib import Path
from typing import Any

import numpy as np

from chunkscope import plan

from ..attempt import Attempt, Wrong, close, is_lazy
from ..calls import settle
from ..plans import sources
from ..registry import check

LESSON = "08_memory"
ALIVE = ("990fa932c4c5", "2c0309a8191c", "17d461170fb4", "6b75b20f1e57", "a0c7ea0720b0")
TEMPORARIES = ("1580e8c79765", "572d2c3c38e1", "0e5617ca5bd9")
"""Fingerprints of the sums of what is alive, and of the megabytes of three arrays."""
TOTAL = "e583a8f431f1"
"""Fingerprint of the sum of the numbers that do not fit."""
FEW_BYTES = 10_000
MOST_TASKS = 1_000
LEAST_ON_DISK = 7
CHUNK_BYTES = 8_000_000
FEW_CHUNKS = 6
"""So many may come and go while their sum is taken."""


@check(LESSON, "ex1")
def arithmetic(attempt: Attempt) -> str:
    """Five sums: threads times what each of them holds."""
    alive = attempt.plain("alive", dict)
    attempt.expect(len(alive) == len(ALIVE), f"`alive` has {len(alive)} entries; {len(ALIVE)} are asked")
    open_ones = [name for name, value in alive.items() if value is ...]
    attempt.expect(not open_ones, f"Still open: {'; '.join(open_ones)}")
    first = next(iter(alive.values()))
    for (name, value), known in zip(alive.items(), ALIVE, strict=True):
        if attempt.is_known("alive", value, known, 0):
            continue
        if name.startswith("GiB"):
            raise Wrong(f"{name}: {value:g}? A GiB is 2³⁰ bytes, 7 % more than a GB")
        if first == 100:
            raise Wrong(
                f"{name}: {value:g} MB are one chunk for each thread. Its temporary and its output are alive as well",
                "M12",
            )
        raise Wrong(f"{name}: {value:g} MB are what one thread holds, if at all. How many threads are there")
    return "Threads times (inputs + temporaries + output): the size of the data is not in it."


@check(LESSON, "ex2")
def temporaries(attempt: Attempt) -> str:
    """The bytes of three arrays that a function makes on its way."""
    given = attempt.plain("temporaries", dict)
    names = ("squares", "distances", "hits")
    attempt.expect(tuple(given) == names, f"`temporaries` is about {', '.join(given)}")
    what = {
        "squares": "it has the shape and the type of `xy`",
        "distances": "it has one number of 8 bytes for each point",
        "hits": "truth values take one byte each",
    }
    for name, known in zip(names, TEMPORARIES, strict=True):
        value = given[name]
        attempt.expect(value is not ..., f"`{name}` is still open")
        attempt.expect(
            attempt.is_known("temporaries", f"{name} {float(value):g}", known),
            f"`{name}` has not {value:g} MB: {what[name]}",
            "M12" if value == 0 else None,
        )
    return "25 MB beside the 16 MB of the points: temporaries are as real as data."


@check(LESSON, "ex3")
def cut(attempt: Attempt) -> str:
    """The three largest of each column, with less than half of the data alive, in a reasonable number of tasks."""
    better = attempt.lazy("better")
    side = int(attempt.number("SIDE"))
    attempt.expect(
        better.shape == (side, side), f"`better` has the shape {better.shape}; {(side, side)} is wanted"
    )
    largest = attempt.plain("largest", np.ndarray)
    attempt.expect(
        largest.shape == (3, side), f"`largest` has the shape {largest.shape}; {(3, side)} is wanted"
    )
    attempt.expect(
        bool((np.diff(largest, axis=0) >= 0).all() and (largest > 0.5).all()),
        "`largest` does not hold the three largest values of each column",
    )
    trace = attempt.run
    attempt.expect(bool(trace.runs), "Nothing was computed in this cell")
    attempt.expect(
        trace.ntasks <= MOST_TASKS,
        f"{trace.ntasks:,} tasks: crumbs of chunks. At most {MOST_TASKS:,}",
        "M04",
    )
    half = better.nbytes // 2
    if trace.peak_bytes >= half:
        made = [numblocks for shape, numblocks in sources(better) if shape == better.shape]
        whole = bool(made) and made[0] == (1, 1)
        raise Wrong(
            f"{trace.peak_bytes / 1e6:.1f} MB were alive at once, of {better.nbytes / 1e6:.1f} MB of data: "
            + (
                "there is one chunk, and it is everything"
                if whole
                else "cutting anew needs the old chunks beside the new ones. Make the data in other chunks at once"
            ),
            "M10" if whole else "M21",
        )
    return "Less than half of the data was alive: a column no longer waits for all rows."


@check(LESSON, "ex4")
def to_disk(attempt: Attempt) -> str:
    """A file for each chunk, written by its task, and next to nothing handed to the notebook."""
    written = attempt.number("written") if not is_lazy(attempt.value("written")) else None
    if written is None:
        raise Wrong("`written` is still a plan: no task has run, and no file was written. Compute it", "M08")
    mirrored, tile = attempt.value("mirrored"), int(attempt.number("TILE"))
    folder: Path = attempt.plain("FOLDER", Path)
    trace = attempt.run
    attempt.expect(
        trace.result_bytes < FEW_BYTES,
        f"{trace.result_bytes / 1e6:.1f} MB came into the notebook, all of `mirrored`: with ten times the data this "
        "would be the end. Have the tasks write",
        "M27",
    )
    files = {path.stem: path for path in folder.glob("*.npy")}
    wanted = {f"{i}-{j}" for i in range(8) for j in range(8)}
    attempt.expect(bool(files), "FOLDER is empty: `save` writes nothing")
    attempt.expect(
        wanted <= files.keys(),
        f"FOLDER holds {', '.join(sorted(files)[:3])}: {mirrored.npartitions} chunks need a file each, and a name each",
    )
    attempt.expect(
        written == mirrored.nbytes, f"`written` is {written:,.0f}; the chunks have {mirrored.nbytes:,} bytes"
    )
    one, other = np.load(files["1-2"]), np.load(files["2-1"])
    attempt.expect(
        one.shape == (tile, tile) and close(one, other.T), "1-2.npy is not the mirror image of 2-1.npy"
    )
    return "Every chunk went to the disk by itself; what came to you was a number."


@check(LESSON, "ex5")
def spill(attempt: Attempt) -> str:
    """Chunks persisted in too little memory: some of them on disk, all of them right."""
    y = attempt.value("y")
    attempt.expect(
        is_lazy(y),
        f"`y` is a {type(y).__name__}: `compute` has brought all 200 MB into your notebook. Persist them",
        "M18",
    )
    on_disk, total = attempt.number("on_disk"), attempt.number("total")
    wide = attempt.value("wide")
    runs = attempt.run.runs
    for run in runs:
        settle(run)
    attempt.expect(
        len(runs) == 2, f"{len(runs)} computations; one for the chunks and one for the sum are wanted"
    )
    attempt.expect(
        attempt.run.operations["stored"] == wide.npartitions,
        "The sum was that of `wide`: all its numbers were drawn again, and not one chunk was read from the disk",
        "M16",
    )
    written = sum(notice.topic == "spilled" and "went to disk" in notice.text for notice in runs[0].notices)
    attempt.expect(written > 0, "Nothing was written to disk: was it the small cluster that worked")
    attempt.expect(
        on_disk >= LEAST_ON_DISK,
        f"`on_disk` is {on_disk:g}; {LEAST_ON_DISK} chunks at least do not fit. "
        "You looked before the chunks were there: wait",
        "M19",
    )
    now = attempt.value("client").cluster.spilled / CHUNK_BYTES
    attempt.expect(
        abs(on_disk - now) <= FEW_CHUNKS,
        f"`on_disk` is {on_disk:,.0f}; the cluster has {now:.0f} chunks on disk, of {CHUNK_BYTES:,} bytes each",
    )
    attempt.expect(
        attempt.is_known("total", total, TOTAL, 2),
        f"`total` is {total:,.1f}; that is not the sum of `wide`",
    )
    return "What did not fit went to the disk, came back for the sum, and the sum is right."


@check(LESSON, "ex6")
def fit(attempt: Attempt) -> str:
    """The same array in half the bytes, persisted where nothing may go to disk."""
    kept, mean = attempt.lazy("kept", "M18"), attempt.number("mean")
    wide = attempt.value("wide")
    attempt.expect(
        kept.shape == wide.shape,
        f"`kept` has the shape {kept.shape}: some of the numbers of `wide` are missing",
    )
    runs = attempt.run.runs
    for run in runs:
        settle(run)
    attempt.expect(
        not any(notice.topic == "spilled" for run in runs for notice in run.notices)
        and kept.nbytes < wide.nbytes,
        f"{kept.nbytes / 1e6:.0f} MB do not fit: they were kept with the help of the disk",
    )
    attempt.expect(
        all(layer.op == "stored" for layer in plan(kept).graph.layers),
        "`kept` is a plan: no chunk was kept anywhere. Persist it",
        "M08",
    )
    attempt.expect(close(mean, 0.5, 1e-3), f"`mean` is {mean:.4f}; that of these numbers is close to 0.5")
    return "Half the bytes, all of the numbers, no disk."


@check(LESSON, "ex7")
def pipeline(attempt: Attempt) -> str:
    """Three numbers about the same data, drawn once, with less than a third of them alive."""
    report = attempt.plain("report", dict)
    side = int(attempt.number("SIDE"))
    nbytes = side * side * 8
    attempt.expect(
        set(report) == {"mean", "spread", "asymmetry"}, f"`report` is about {', '.join(map(str, report))}"
    )
    trace = attempt.run
    drawn = trace.operations["random"]
    attempt.expect(
        trace.result_bytes < FEW_BYTES,
        f"{trace.result_bytes / 1e6:.1f} MB came into the notebook: all of the data",
        "M27",
    )
    attempt.expect(
        trace.computes == 1,
        f"{trace.computes} computations: the numbers were drawn in each of them. One `compute` with three values",
        "M16",
    )
    peak = trace.peak_bytes
    if peak >= nbytes // 3:
        raise Wrong(
            f"{peak / 1e6:.1f} MB were alive at once, the limit is {nbytes / 3e6:.1f} MB: "
            + (
                "the data are one chunk"
                if drawn <= 1
                else "each piece of a row waits for a column, and the reverse"
            ),
            "M10" if drawn <= 1 else "M21",
        )
    values: dict[str, Any] = {name: float(value) for name, value in report.items()}
    attempt.expect(
        abs(values["mean"] - 0.5) < 5 * 0.2887 / side
        and abs(values["spread"] - 0.2887) < 5 * 0.2 / side
        and close(values["asymmetry"], side * side / 3, 5e-3),
        f"These are not the mean, the spread and the asymmetry of {side:,} × {side:,} random numbers",
    )
    return "Three numbers, drawn once, and less than a third of the data alive at any time."
