"""The calculator's questions asked backwards: which padding, which window, how many filters."""

from collections.abc import Iterable
from typing import NamedTuple


class Window(NamedTuple):
    """A window that turns one width into another."""

    kernel: int  # F
    stride: int  # S
    padding: int  # P
    remainder: int  # columns of the padded input, on the right, that no window reaches: 0 where it comes out even


def output_width(width: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """(W - D(F - 1) - 1 + 2P) / S + 1, rounded down; less than 1 where the window does not fit."""
    return (width + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def paddings_that_keep(width: int, kernel: int, stride: int = 1, dilation: int = 1) -> range:
    """Every padding P for which a picture `width` pixels wide comes out as wide as it was; empty where there is none.

    With stride 1 it is D(F - 1) / 2, for an odd kernel only. A larger stride needs so much of it that most of what
    comes out has seen nothing but padding.
    """
    span = dilation * (kernel - 1) + 1
    least = (width - 1) * stride + span - width  # 2P lies from here ...
    most = least + stride - 1  # ... to here
    return range(max(0, -(-least // 2)), most // 2 + 1)


def windows(
    width_in: int,
    width_out: int,
    *,
    kernels: Iterable[int] = range(1, 12),
    strides: Iterable[int] = range(1, 5),
    paddings: Iterable[int] = range(6),
    dilation: int = 1,
) -> list[Window]:
    """All windows within the bounds that turn `width_in` pixels into `width_out`: those that come out even first.

    Among equals the smallest kernel comes first, then the smallest stride, then the smallest padding. Paddings as wide
    as the window are left out: the outermost output would see nothing but padding.
    """
    strides, paddings = list(strides), list(paddings)
    found = []
    for kernel in kernels:
        span = dilation * (kernel - 1) + 1
        for stride in strides:
            for padding in paddings:
                room = width_in + 2 * padding - span
                if padding < span and room >= 0 and room // stride + 1 == width_out:
                    found.append(Window(kernel, stride, padding, room % stride))
    return sorted(found, key=lambda window: (window.remainder > 0, window))


def filters_within(budget: int, channels: int, kernel: int, *, groups: int = 1, bias: bool = True) -> int:
    """The most filters K whose F x F convolution on `channels` planes has at most `budget` parameters; 0 if none has.

    K is a multiple of `groups`, which must divide `channels`. Raises ValueError where it does not.
    """
    if channels % groups:
        raise ValueError(f"groups must divide the {channels} channels that come in; {groups} does not.")
    each = kernel * kernel * (channels // groups) + bias
    return budget // each // groups * groups
