"""What people see in a notebook or a terminal: HTML, SVG and text. Pure functions, no state."""

from chunkscope.display.array import array_html, array_text
from chunkscope.display.axes import describe_array

__all__ = ["array_html", "array_text", "describe_array"]
