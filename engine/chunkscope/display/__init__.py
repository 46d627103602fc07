"""What people see in a notebook or a terminal: HTML, SVG and text. Pure functions, no state."""

from chunkscope.display.array import array_html, array_text
from chunkscope.display.axes import describe_array
from chunkscope.display.delayed import delayed_html, delayed_text, describe_delayed
from chunkscope.display.diagram import outline
from chunkscope.display.dot import to_dot
from chunkscope.display.explanation import explanation_html, explanation_text
from chunkscope.display.expressions import describe_expressions, expression_diagram
from chunkscope.display.failure import failure_html, failure_text
from chunkscope.display.frame import describe_frame, frame_html
from chunkscope.display.graph_svg import draw
from chunkscope.display.layout import Layout, layout
from chunkscope.display.objects import bundle
from chunkscope.display.picture import Picture
from chunkscope.display.plan import plan_html, plan_text
from chunkscope.display.run import run_html, run_text
from chunkscope.display.tasks import describe_graph, task_diagram
from chunkscope.display.visualize import visualize

__all__ = [
    "Layout",
    "Picture",
    "array_html",
    "array_text",
    "bundle",
    "delayed_html",
    "delayed_text",
    "describe_array",
    "describe_delayed",
    "describe_expressions",
    "describe_frame",
    "describe_graph",
    "draw",
    "explanation_html",
    "explanation_text",
    "expression_diagram",
    "failure_html",
    "failure_text",
    "frame_html",
    "layout",
    "outline",
    "plan_html",
    "plan_text",
    "run_html",
    "run_text",
    "task_diagram",
    "to_dot",
    "visualize",
]
