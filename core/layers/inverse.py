"""Solve the calculator's formulas backward: which padding, which window, how many filters."""

from collections.abc import Iterable
from typing import NamedTuple


class Window(NamedTuple):
    """A window that turns one width into another."""

    kernel: int  # F
    stride: int  # S
    padding: int  # P
    remainder: int  # columns of the padded input, on the right, that no window reaches: 0 where it comes out even


def output_width(width: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Return (W - D(F - 1) - 1 + 2P) / S + 1, rounded down; less than 1 if the window does not fit.

    Args:
        width: W, pixels of the input.
        kernel: F.
        stride: S.
        padding: P, on each side.
        dilation: D.

    Returns:
        Pixels of the output.

    References:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Examples:
        >>> output_width(32, kernel=5), output_width(32, kernel=3, stride=2, padding=1)
        (28, 16)
    """
    return (width + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def paddings_that_keep(width: int, kernel: int, stride: int = 1, dilation: int = 1) -> range:
    """Return every padding P for which the output is as wide as the input.

    With stride 1 it is D(F - 1) / 2, for odd kernels only. A larger stride needs so much padding that most outputs see
    nothing else.

    Args:
        width: W, pixels of the input.
        kernel: F.
        stride: S.
        dilation: D.

    Returns:
        The paddings, empty if there is none.

    Examples:
        >>> list(paddings_that_keep(28, kernel=5)), list(paddings_that_keep(28, kernel=4))
        ([2], [])
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
    """Return all windows within bounds that turn one width into another.

    Paddings as wide as the window are left out: the outermost output would see nothing but padding.

    Args:
        width_in: Pixels of the input.
        width_out: Pixels of the output.
        kernels: Kernel sizes to try.
        strides: Strides to try.
        paddings: Paddings to try.
        dilation: Dilation of the window.

    Returns:
        The windows: first those without a remainder, then by kernel, stride and padding.

    Examples:
        >>> windows(32, 16, kernels=(2, 3))
        [Window(kernel=2, stride=2, padding=0, remainder=0), Window(kernel=3, stride=2, padding=1, remainder=1)]
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
    """Return the largest number of filters K whose F x F convolution stays within a budget of parameters.

    Args:
        budget: Parameters.
        channels: Input channels.
        kernel: F.
        groups: Groups, which must divide `channels`.
        bias: Count one bias per filter.

    Returns:
        K, a multiple of `groups`; 0 if not even one group fits.

    Raises:
        ValueError: `groups` does not divide `channels`.

    Examples:
        >>> filters_within(1_000, channels=3, kernel=5)
        13
    """
    if channels % groups:
        raise ValueError(f"groups must divide the {channels} input channels; {groups} does not.")
    each = kernel * kernel * (channels // groups) + bias
    return budget // each // groups * groups
