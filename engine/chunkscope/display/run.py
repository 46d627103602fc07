"""The page of a run: how it went, what each operation cost, memory against its forecast, a time line."""

from __future__ import annotations

from chunkscope.display.costs import costs_of
from chunkscope.display.curve import Level, curve
from chunkscope.display.failure import failure_body
from chunkscope.display.markup import Markup, element, fragment, shorten
from chunkscope.display.tables import Bar, fact_table, foldable, row_table, swatch
from chunkscope.display.theme import wrap
from chunkscope.display.timeline import timeline_svg
from chunkscope.observe import RunLog, RunState
from chunkscope.observe.recording import Recording
from chunkscope.units import format_bytes, format_count, format_seconds

__all__ = ["recording_html", "run_html", "run_text"]

GLYPHS = {RunState.RUNNING: "◐", RunState.FINISHED: "●", RunState.FAILED: "✖", RunState.CANCELLED: "⊘"}


def run_text(run: RunLog) -> str:
    """The run in words; the twin of `run_html`."""
    return run.describe()


def run_html(run: RunLog) -> str:
    """A run as HTML: state and figures, operations with bars, memory against the forecast, time line.

    At most 120 kB, whatever the number of tasks. A run that goes on is shown as it is now.
    """
    title = f"Run {run.number}" + (f" · {shorten(run.label, 60)}" if run.label else "")
    glyph = element("span", GLYPHS[run.state] + " ", aria_hidden="true")
    state = element("span", f" {run.state.value}", class_="dim", style="font-weight:400")
    head = element("p", glyph, title, state, class_="head")
    body = [head]
    if run.error is not None:
        body.append(failure_body(run.error))
    body.append(element("div", fact_table(_facts(run)), _memory(run), class_="row"))
    if run.nfinished:
        body.append(element("div", timeline_svg(run), style="margin:8px 10px"))
        body.append(_operations(run))
    return str(wrap(fragment(body)))


def recording_html(recording: Recording) -> str:
    """A recording as HTML: what it holds in a few figures, the words that came with it, and how to look at it."""
    header = recording.header
    label = f" · {shorten(header.label, 60)}" if header.label else ""
    state = element("span", f" {recording.state}, recorded", class_="dim", style="font-weight:400")
    head = element("p", f"Run {header.run}{label}", state, class_="head")
    all_tasks = f"{recording.nrows:,} of {header.ntasks:,}"
    facts: list[tuple[str, object]] = [
        ("Tasks", f"{header.ntasks:,}" if recording.nrows == header.ntasks else all_tasks),
        ("On", f"{header.executor}, {format_count(len(header.lanes), 'lane')}"),
    ]
    if header.origin is not None and header.origin.text:
        facts.append(("Started by", element("code", shorten(header.origin.text, 80))))
    how = element(
        "p", "Look at it with ", element("code", ".replay()"), ", ", element("code", ".timeline()"), " …"
    )
    words = element("pre", recording.describe(), style="white-space:pre-wrap")
    return str(wrap(fragment([head, fact_table(facts), foldable("In words", words, open_=False), how])))


def _facts(run: RunLog) -> list[tuple[str, object]]:
    lanes = len(set(run.rows.lane.tolist()))
    peak = format_bytes(run.peak_bytes)
    forecast = run.forecast
    if forecast is not None and forecast.peak_bytes:
        peak += f" of a forecast {format_bytes(forecast.peak_bytes)}"
    facts: list[tuple[str, object]] = [
        ("Took", format_seconds(run.seconds) + (" (virtual)" if run.executor == "simulated" else "")),
        (
            "Tasks",
            f"{run.nfinished:,} of {run.ntasks:,}" if run.nfinished != run.ntasks else f"{run.ntasks:,}",
        ),
        ("On", f"{run.executor}, {format_count(lanes, 'lane')}, {run.concurrency:.1f} busy on average"),
        ("Overhead", f"{run.overhead_share:.0%} of the lanes' time"),
        ("Peak", peak),
    ]
    if run.budget is not None:
        facts.append(("Budget", format_bytes(run.budget)))
    span = run.origin.span if run.origin is not None else None
    if span is not None and span.text:
        facts.append(("Started by", element("code", shorten(span.text, 80))))
    return facts


def _memory(run: RunLog) -> Markup:
    """Bytes in use when each task ended, with their forecast, its peak and the budget as lines."""
    held = run.held
    if not len(held) or not run.peak_bytes:
        return Markup()
    levels = [Level(float(run.peak_bytes), f"peak {format_bytes(run.peak_bytes)}")]
    forecast = run.forecast
    about = (
        f"{format_bytes(run.peak_bytes)} at the peak, {format_bytes(int(held[-1]))} when the last task ended"
    )
    if forecast is not None:
        about += f"; forecast {format_bytes(forecast.peak_bytes)} at the peak"
        if abs(forecast.peak_bytes - run.peak_bytes) > 0.15 * run.peak_bytes:
            levels.append(Level(float(forecast.peak_bytes), f"forecast {format_bytes(forecast.peak_bytes)}"))
    if run.budget is not None and run.budget < 4 * max(level.value for level in levels):
        levels.append(Level(float(run.budget), f"budget {format_bytes(run.budget)}"))
    expected = forecast.during if forecast is not None and len(forecast.during) == run.ntasks else None
    ends = ("first task", f"task {run.ntasks:,}" + ("" if expected is None else ", dashed: forecast"))
    title = "Bytes in use, task by task"
    return curve(held, title, about, forecast=expected, total=run.ntasks, levels=levels, ends=ends)


def _operations(run: RunLog) -> Markup:
    figures = costs_of(run)
    most = max((row.seconds for row in figures), default=0.0)
    rows = [
        (
            fragment([swatch(row.number), shorten(row.title, 40)]),
            row.ntasks if row.finished == row.ntasks else f"{row.finished:,} of {row.ntasks:,}",
            Bar(row.seconds / most if most else 0.0, format_seconds(row.seconds)),
            format_seconds(row.longest),
            format_bytes(row.bytes_out),
        )
        for row in figures
    ]
    return row_table(("Operation", "Tasks", "Seconds in kernels", "Longest task", "Bytes made"), rows)
