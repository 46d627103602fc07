"""The static time line of a run: a lane for each thread or worker, its tasks as bars over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chunkscope.display.costs import titles_of
from chunkscope.display.markup import Markup, element, fragment, number, shorten
from chunkscope.display.theme import category, paper_of
from chunkscope.observe import RunLog
from chunkscope.units import format_count, format_seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["timeline_svg"]

WIDTH, LANE, LEFT = 560.0, 16.0, 84.0
MAX_LANES = 16
MAX_BARS = 400
BINS = 200
LETTER = 5.8


def timeline_svg(run: RunLog) -> Markup:
    """The time line of the finished tasks; a busy one shows how full each lane was, not each task."""
    rows = run.rows
    span = max(run.seconds, float((rows.stop - run.started).max()) if len(rows.stop) else 0.0, 1e-12)
    names = {
        lane: run.lanes[lane] if lane < len(run.lanes) else f"lane {lane}" for lane in set(rows.lane.tolist())
    }
    lanes = sorted(names, key=lambda lane: (len(names[lane]), names[lane]))
    shown = lanes[:MAX_LANES]
    titles, of = titles_of(run)
    single = len(rows.task) <= MAX_BARS
    body = []
    for place, lane in enumerate(shown):
        y = place * (LANE + 4.0)
        mine = rows.lane == lane
        start, stop = rows.start[mine] - run.started, rows.stop[mine] - run.started
        body.append(
            element(
                "text",
                shorten(names[lane], 13),
                x=LEFT - 8,
                y=y + 12,
                class_="sub",
                fill="#59636e",
                text_anchor="end",
            )
        )
        body.append(element("rect", x=LEFT, y=y, width=WIDTH, height=LANE, class_="soft", fill="#eef1f4"))
        bars = (
            _bars(run, rows.task[mine], start, stop, span, y, titles, of)
            if single
            else _fill(start, stop, span, y)
        )
        body.append(bars)
    height = len(shown) * (LANE + 4.0) + 18
    about = f"{format_count(len(rows.task), 'task')} on {format_count(len(lanes), 'lane')} in "
    about += f"{format_seconds(run.seconds)}, {run.concurrency:.1f} lanes busy on average"
    notes = "" if single else "the darker, the busier"
    if len(lanes) > len(shown):
        notes += f"{'; ' if notes else ''}{len(lanes) - len(shown)} more lanes"
    foot = {"y": height - 4, "class_": "sub", "fill": "#59636e"}
    return element(
        "svg",
        element("title", "Time line"),
        element("desc", about),
        *body,
        element("text", "0 s", x=LEFT, **foot),
        element("text", notes, x=LEFT + WIDTH / 2, text_anchor="middle", **foot),
        element("text", format_seconds(span), x=LEFT + WIDTH, text_anchor="end", **foot),
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=f"Time line: {about}",
        width=LEFT + WIDTH + 2,
        height=height,
        viewBox=f"0 0 {number(LEFT + WIDTH + 2)} {number(height)}",
        font_size="10",
    )


def _bars(
    run: RunLog,
    tasks: NDArray[np.int64],
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
    span: float,
    y: float,
    titles: list[str],
    of: NDArray[np.int64],
) -> Markup:
    """A bar for each task, with its key and duration on hover."""
    bars = []
    for task, begin, end in zip(tasks.tolist(), start.tolist(), stop.tolist(), strict=True):
        block = run.graph_at(task).key(task).block
        name = f"{titles[of[task]]} {list(block)}"
        tip = f"{shorten(name, 80)}, {format_seconds(end - begin)} from {format_seconds(begin)}"
        title = int(of[task])
        x, width = LEFT + WIDTH * begin / span, max(WIDTH * (end - begin) / span, 0.7)
        bar = element("rect", x=x, y=y, width=width, height=LANE, fill=category(title), class_="hot")
        parts = [element("title", tip), bar]
        if width > LETTER * len(titles[title]) + 6:  # colour alone says nothing: a wide bar has its name
            parts.append(
                element(
                    "text", titles[title], x=x + 4, y=y + 12, fill=paper_of(category(title)), stroke="none"
                )
            )
        bars.append(element("g", *parts))
    return element("g", *bars, class_="gap", stroke="#ffffff", stroke_width="0.4")


def _fill(start: NDArray[np.float64], stop: NDArray[np.float64], span: float, y: float) -> Markup:
    """How full a lane was: stretches of the time with the share of it that tasks ran, darker where they ran more."""
    edges = np.linspace(0.0, span, BINS + 1)
    busy = np.interp(edges, *_busy_until(start, stop))
    share = np.clip(np.diff(busy) / (span / BINS), 0.0, 1.0)
    level = np.ceil(share * 4 - 1e-9).astype(int)  # five levels: idle, then quarters
    cuts = np.flatnonzero(np.diff(level, prepend=-1, append=-1))
    parts = [
        element(
            "rect",
            x=LEFT + WIDTH * a / BINS,
            y=y,
            width=WIDTH * (b - a) / BINS,
            height=LANE,
            fill_opacity=f"{level[a] / 4:.2f}",
        )
        for a, b in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
        if level[a]
    ]
    return element("g", *parts, fill=category(0)) if parts else fragment(parts)


def _busy_until(
    start: NDArray[np.float64], stop: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The seconds that a lane had worked by each moment, as a curve."""
    order = np.argsort(start, kind="stable")
    begin, end = start[order], stop[order]
    worked = np.cumsum(end - begin)
    times = np.stack([begin, end], axis=1).reshape(-1)
    done = np.stack([worked - (end - begin), worked], axis=1).reshape(-1)
    return np.maximum.accumulate(times), done
