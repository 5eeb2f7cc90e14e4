"""How windows lie on the axes of a plane: what they span, how many there are, and which pixels none of them reads."""

import math

from core.layers.shape_inference.reach import Step


def window_spans(kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    """Return the pixels from a window's first tap to its last on each axis: D(F - 1) + 1.

    Args:
        kernel: F, (height, width).
        dilation: D, (height, width).

    Returns:
        Pixels, (height, width).

    Examples:
        >>> window_spans((3, 5), (2, 1))
        (5, 5)
    """
    return dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1


def window_count(n: int, kernel: int, stride: int, padding: int, ceil: bool) -> int:
    """Return the number of windows along one axis, as PyTorch counts them; less than 1 if none fits.

    Args:
        n: Pixels on the axis.
        kernel: F, in pixels, with its dilation.
        stride: S, in pixels.
        padding: P, on each side, in pixels.
        ceil: Whether a last window that is only partly on the plane counts.

    Returns:
        The number of windows.

    Examples:
        >>> window_count(7, 2, 2, 0, ceil=False), window_count(7, 2, 2, 0, ceil=True)
        (3, 4)
    """
    count = (n + 2 * padding - kernel + (stride - 1 if ceil else 0)) // stride + 1
    if ceil and (count - 1) * stride >= n + padding:
        count -= 1  # a last window that would start in the right padding is dropped
    return count


def unread_pixels(n: int, count: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """Return the pixels at the far end of one axis that no window reads.

    Args:
        n: Pixels on the axis.
        count: Number of windows.
        kernel: F, without its dilation.
        stride: S, in pixels.
        padding: P, on each side, in pixels; it does not count.
        dilation: D, in pixels.

    Returns:
        The number of pixels.

    Examples:
        >>> unread_pixels(7, 3, 2, 2, 0, 1)
        1
    """
    if dilation == 1 and stride <= kernel:  # windows without gaps: the last one's last tap is the last pixel read
        last = (count - 1) * stride + kernel - 1 - padding
    else:
        offsets = (dilation * tap - padding for tap in range(kernel))
        reads = (min(count - 1, (n - 1 - offset) // stride) * stride + offset for offset in offsets if offset < n)
        last = max(reads, default=-1)
    return n - 1 - min(max(last, -1), n - 1)


def cropped_pixels(n: int, count: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """Return the inputs at the far end of one axis of a transposed convolution that reach none of its outputs.

    All copies of the filter that they add lie in what the padding crops.

    Args:
        n: Inputs on the axis.
        count: Outputs on the axis.
        kernel: F, without its dilation.
        stride: S, in outputs.
        padding: P, on each side, in outputs.
        dilation: D, in outputs.

    Returns:
        The number of inputs.

    Examples:
        >>> cropped_pixels(4, 1, 1, 1, 0, 1)
        3
    """
    last = -1
    for offset in (dilation * tap - padding for tap in range(kernel)):  # input i adds to the output i S + offset
        place = min((count - 1 - offset) // stride, n - 1)
        if place >= 0 and place * stride + offset >= 0:
            last = max(last, place)
    return n - 1 - last


def adaptive_step(n: int, count: int) -> Step:
    """Return the reach of the widest of `count` windows, from floor(i n / count) to ceil((i + 1) n / count).

    Examples:
        >>> adaptive_step(6, 3)
        Step(multiply=2, add=1, divide=1)
    """
    common = math.gcd(n, count)
    n, count = n // common, count // common
    return Step(n, n + count - 2, count)


def blur_padding(kernel: int) -> tuple[int, int]:
    """Return the pixels mirrored before and after a plane, so that a blur of `kernel` rows keeps its size.

    Examples:
        >>> blur_padding(4)
        (1, 2)
    """
    return (kernel - 1) // 2, kernel // 2
