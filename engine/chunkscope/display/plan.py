"""The page of a plan: what computing would cost, where the memory goes, and what would make it better."""

from __future__ import annotations

from chunkscope.compute import Plan
from chunkscope.display.curve import Level, curve
from chunkscope.display.markup import Markup, element, fragment, shorten
from chunkscope.display.tables import Bar, fact_table, foldable, row_table
from chunkscope.display.theme import wrap
from chunkscope.units import format_bytes, format_count

__all__ = ["plan_html", "plan_text"]

MAX_ADVICE = 6


def plan_text(plan: Plan) -> str:
    """The plan in words; the twin of `plan_html`."""
    return plan.describe()


def plan_html(plan: Plan) -> str:
    """A plan as HTML: its figures, its memory over time, its operations, its advice. Under 60 kB for any plan."""
    exact = "" if plan.exact else f", {plan.doubt}"
    facts: list[tuple[str, object]] = [
        ("Tasks", f"{plan.ntasks:,} in {format_count(plan.nlayers, 'operation')}"),
        ("Workers", plan.lanes),
        ("Reads", format_bytes(plan.read_bytes)),
        ("Result", format_bytes(plan.output_bytes) + exact),
        ("Peak", format_bytes(plan.peak_bytes) + _against(plan)),
    ]
    head = element(
        "p", "Plan", element("span", " nothing has run", class_="dim", style="font-weight:400"), class_="head"
    )
    body = [
        element("div", element("div", head, fact_table(facts)), _memory(plan), class_="row"),
        _advice(plan),
    ]
    return str(wrap(fragment([*body, foldable("Operations", _operations(plan), open_=plan.nlayers <= 8)])))


def _against(plan: Plan) -> str:
    if plan.budget is None:
        return ""
    verdict = "fits" if plan.peak_bytes <= plan.budget else "is above"
    return f", {verdict} the budget of {format_bytes(plan.budget)}"


def _memory(plan: Plan) -> Markup:
    """The forecast of memory over the tasks in their order."""
    forecast = plan.forecast
    peak = format_bytes(plan.peak_bytes)
    about = f"highest {peak} over {format_count(plan.ntasks, 'task')}, {format_bytes(plan.output_bytes)} at the end"
    levels = [Level(plan.peak_bytes, f"peak {peak}")]
    if plan.budget is not None and plan.budget < 4 * plan.peak_bytes:
        levels.append(Level(plan.budget, f"budget {format_bytes(plan.budget)}"))
    ends = ("first task", f"task {plan.ntasks:,}")
    return curve(forecast.during, "Forecast of memory, task by task", about, levels=levels, ends=ends)


def _operations(plan: Plan) -> Markup:
    most = max((row.total_bytes for row in plan.operations), default=0)
    rows = [
        (
            shorten(row.op, 40),
            row.ntasks,
            row.strategy.value,
            format_bytes(row.block_bytes),
            Bar(
                row.total_bytes / most if most else 0.0,
                ("" if row.exact else "≤ ") + format_bytes(row.total_bytes),
            ),
            shorten(row.detail, 80),
        )
        for row in plan.operations
    ]
    return row_table(("Operation", "Tasks", "Runs", "Largest block", "All blocks", ""), rows)


def _advice(plan: Plan) -> Markup:
    if not plan.advice:
        return Markup()
    shown = [
        element(
            "p", element("span", "Advice ", class_="dim"), f"{advice.reason}: ", element("code", advice.code)
        )
        for advice in plan.advice[:MAX_ADVICE]
    ]
    if len(plan.advice) > MAX_ADVICE:
        shown.append(element("p", f"and {len(plan.advice) - MAX_ADVICE} more, in .advice", class_="dim"))
    return element("div", *shown, style="margin:8px 10px")
