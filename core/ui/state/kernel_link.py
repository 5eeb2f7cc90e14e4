"""The kernel page's edited kernel as short text for its link: "-1,0,1,-2,0,2,-1,0,-3".

Weights stand row by row; the three grids of a color filter are separated by semicolons; a kernel that is not square
begins with its rows and columns, as in "1x2:0.5,0.5".
"""

import math
import re
from collections.abc import Sequence

from core.images.filter_chain import Chain, Filter, Grid
from core.images.kernels import MAX_KERNEL_SIZE, KernelError

WEIGHTS = "k"  # the only key without an underscore: people read and write it
STRIDE, PADDING, DILATION = "k_stride", "k_padding", "k_dilation"
EDIT = "k_edit"  # what once held all of them, as JSON
_SIZE = re.compile(r"(?:(\d{1,2})x(\d{1,2}):)?(.*)", re.DOTALL)
_MOST = 3 * MAX_KERNEL_SIZE**2 * 25  # characters


def write_weights(grids: Sequence[Grid]) -> str:
    """Return the weights as text."""
    rows, columns = len(grids[0]), len(grids[0][0])
    size = "" if rows == columns else f"{rows}x{columns}:"
    return size + ";".join(",".join(_short(weight) for row in grid for weight in row) for grid in grids)


def read_weights(text: str) -> tuple[Grid, ...]:
    """Return the weights of a text. Raises KernelError for any other text."""
    match = _SIZE.fullmatch(text)
    if match is None or len(text) > _MOST:
        raise KernelError("The kernel in the link is too long to come from this page.")
    try:
        planes = [[float(weight) for weight in plane.split(",")] for plane in match[3].replace("−", "-").split(";")]
    except ValueError:
        raise KernelError("The kernel in the link is not a list of numbers.") from None
    side = math.isqrt(len(planes[0]))
    rows, columns = (int(match[1]), int(match[2])) if match[1] else (side, side)
    if rows * columns == 0 or any(len(plane) != rows * columns for plane in planes):
        raise KernelError(
            f"The kernel in the link has {len(planes[0])} weights, which are not {rows} rows of {columns}."
        )
    grids = tuple(tuple(tuple(plane[row * columns : (row + 1) * columns]) for row in range(rows)) for plane in planes)
    return Filter(grids).grids


def from_edit(text: str) -> dict[str, str]:
    """Return today's parameters of an old link's filter; one that cannot be read is refused as weights are."""
    if not text:
        return {}
    try:
        filters = Chain.from_json(text).filters
    except KernelError:
        return {WEIGHTS: text}
    if not filters:
        return {WEIGHTS: text}
    first = filters[0]
    return {
        WEIGHTS: write_weights(first.grids),
        STRIDE: str(first.stride),
        PADDING: first.padding,
        DILATION: str(first.dilation),
    }


def _short(weight: float) -> str:
    """Return a weight with all its digits: "-1", "0.1111111111111111"."""
    return str(int(weight)) if weight.is_integer() else repr(weight)
