"""The letters of the formulas, the numbers in them, and how their lines are put together.

K filters, F size, S stride, P padding, D_in depth, W_in and H_in width and height; D dilation and G groups where they
are not 1. Subscripts h and w appear where height and width differ. Capsules: T types; I of D numbers come in, J of E
numbers go out. The text is for KaTeX's display mode.
"""

from collections.abc import Sequence
from typing import NamedTuple

from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import Size, pair

MAX_LINE_LENGTH = 80  # characters of LaTeX
BEGIN = r"\begin{aligned} "
# KaTeX's block of lines reaches 2 px out of its own box, which then scrolls: the thin space makes room for them.
END = r" \end{aligned} \,"


def aligned(lines: Sequence[str]) -> str:
    """Return lines as one block, aligned at their signs &=; a line that is too long is split in two."""
    return BEGIN + r" \\ ".join(_broken(line) for line in lines) + END


def _broken(line: str) -> str:
    """Split a long line in two, the letters and below them the numbers, so that it fits."""
    return line if len(line) <= MAX_LINE_LENGTH else line.replace(" = ", r" \\ &= ", 1)


class Letter(NamedTuple):
    """A setting on one axis: its letter and its value there."""

    symbol: str
    value: int


def letter_of(symbol: str, size: Size, axis: int) -> Letter:
    """Return the letter of `size` on an axis (0 height, 1 width), with a subscript if the two differ."""
    subscript = f"_{'hw'[axis]}" if isinstance(size, tuple) else ""
    return Letter(symbol + subscript, pair(size)[axis])


def depth(input_shape: Shape) -> str:
    """Return the formula of an output that is as deep as its input."""
    return rf"D_{{\text{{out}}}} &= D_{{\text{{in}}}} = {tex(input_shape[0])}"


def equals(expression: str, value: int) -> str:
    """Return "expression = value", or the value alone if they are the same text."""
    return expression if expression == tex(value) else f"{expression} = {tex(value)}"


def tex(value: int) -> str:
    """Return a number with thousands separators, without the space that TeX puts after a comma."""
    return f"{value:,}".replace(",", "{,}")
