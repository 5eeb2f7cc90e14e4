"""Make residual blocks, and layers of a block."""

from collections.abc import Sequence

from core.layers.calculator import analyze
from core.layers.setting_checks import LayerError
from core.layers.specs import Activation, BatchNorm, Conv, Layer, Linear, Network, Residual
from core.size_text import format_shape


def wrap(layers: Sequence[Layer], input_shape: Sequence[int], first: int, last: int) -> Network:
    """Return the network with some layers as the body of one residual block.

    Where their output has another shape than their input, the shortcut is a 1 x 1 convolution with the body's filters
    and stride, as in He, Zhang, Ren and Sun 2015, followed by a batch norm if the body has one.

    Args:
        layers: The network.
        input_shape: Shape of one picture, (C, H, W).
        first: Index of the body's first layer.
        last: Index of its last layer, at least `first`.

    Returns:
        The network, with one block instead of the layers.

    Raises:
        LayerError: The layers do not fit, or no stride brings the input's planes to the output's size.

    Examples:
        >>> wrap([Conv(8, 3, padding=1), Conv(8, 3, padding=1)], (1, 8, 8), 1, 1)[1].shortcut
        ()
        >>> wrap([Conv(8, 3, stride=2, padding=1)], (1, 8, 8), 0, 0)[0].shortcut
        (Conv(filters=8, kernel=1, stride=2, padding=0, dilation=1, groups=1, bias=True),)
    """
    body = tuple(layers[first : last + 1])
    rows = analyze(layers[: last + 1], input_shape)
    before, after = rows[first].input_shape, rows[last].output_shape
    wrapped = (*layers[:first], Residual(body, _shortcut(body, before, after, first)), *layers[last + 1 :])
    analyze(wrapped[: first + 1], input_shape)  # blocks within blocks have a limit
    return wrapped


def unwrap(layers: Sequence[Layer], place: int) -> Network:
    """Return the network with the layers of a block's body instead of the block; its shortcut is left out.

    Args:
        layers: The network.
        place: Index of the block.

    Returns:
        The network. `wrap` makes the block again.

    Examples:
        >>> unwrap([Residual([Conv(8, 3, padding=1), BatchNorm()])], 0)[1]
        BatchNorm(affine=True)
    """
    block = layers[place]
    return (*layers[:place], *(block.body if isinstance(block, Residual) else (block,)), *layers[place + 1 :])


def make(before: Sequence[Layer], input_shape: Sequence[int], body: Sequence[Layer] = ()) -> Residual:
    """Return a new residual block for a place in a network, with the shortcut that fits.

    Args:
        before: The layers before it.
        input_shape: Shape of one picture, (C, H, W).
        body: Its layers. Without them, the basic block of He, Zhang, Ren and Sun 2015 with as many filters as its input
            has planes; two fully connected layers for a list of numbers.

    Returns:
        The block. Its shortcut is the identity where the layers before it or its own do not fit.

    Examples:
        >>> [type(layer).__name__ for layer in make([], (3, 8, 8)).body]
        ['Conv', 'BatchNorm', 'Activation', 'Conv', 'BatchNorm']
        >>> make([], (3, 8, 8), [Conv(4, 3, padding=1)]).shortcut
        (Conv(filters=4, kernel=1, stride=1, padding=0, dilation=1, groups=1, bias=True),)
    """
    body = tuple(body) or _basic_body(before, input_shape)
    try:
        block = wrap((*before, *body), input_shape, len(before), len(before) + len(body) - 1)[len(before)]
    except LayerError:
        return Residual(body)
    assert isinstance(block, Residual)
    return block


def _basic_body(before: Sequence[Layer], input_shape: Sequence[int]) -> Network:
    try:
        rows = analyze(before, input_shape)
        shape: Sequence[int] = rows[-1].output_shape if rows else input_shape
    except LayerError:
        shape = (16, 0, 0)
    if len(shape) == 3:
        conv = Conv(shape[0], 3, padding=1, bias=False)
        return (conv, BatchNorm(), Activation(), conv, BatchNorm())
    linear = Linear(shape[-1])
    return (linear, Activation(), linear)


def _shortcut(body: Network, before: Sequence[int], after: Sequence[int], place: int) -> Network:
    """Return the shortcut that brings an input to the shape of the body's output."""
    if tuple(before) == tuple(after):
        return ()
    strides = [_stride(n, m) for n, m in zip(before[1:], after[1:], strict=False)]
    if len(before) != 3 or len(after) != 3 or 0 in strides:
        raise LayerError(
            place,
            f"these layers turn {format_shape(before)} into {format_shape(after)}, and no 1 × 1 convolution as a "
            "shortcut does the same: keep the planes' size with padding, or halve it with a stride.",
        )
    normed = any(isinstance(layer, BatchNorm) for layer in body)
    projection = Conv(after[0], 1, stride=(strides[0], strides[1]), bias=not normed)
    return (projection, BatchNorm()) if normed else (projection,)


def _stride(n: int, count: int) -> int:
    """Return the smallest stride that takes `count` of n pixels; 0 if there is none."""
    stride = -(-n // count)
    return stride if count <= n and (n - 1) // stride + 1 == count else 0
