"""The two families the course compares, from a few numbers each: multilayer perceptrons and small CNNs."""

from bisect import bisect_left
from collections.abc import Sequence

from core.layers.specs import (
    Activation,
    BatchNorm,
    BlurPool,
    Conv,
    Dropout,
    Flatten,
    Layer,
    Linear,
    Network,
    Padding,
    Pool,
    PoolKind,
)
from core.layers.validation import MAX_CHANNELS


def mlp(hidden: Sequence[int], dropout: float = 0.0, classes: int = 10) -> Network:
    """A multilayer perceptron: the picture as one list of numbers, `hidden` fully connected layers, one unit a class.

    `hidden` holds the units of each hidden layer; with none it is the linear classifier. `dropout` is the probability p
    of the Dropout after each hidden layer, 0 for none.
    """
    drop: tuple[Layer, ...] = (Dropout(dropout),) if dropout else ()
    body = [layer for units in hidden for layer in (Linear(units), Activation("relu"), *drop)]
    return (Flatten(), *body, Linear(classes))


def cnn(
    blocks: int = 2,
    filters: int = 24,
    kernel: int = 5,
    pool: PoolKind = "max",
    dropout: float = 0.0,
    dense: int = 256,
    batch_norm: bool = False,
    classes: int = 10,
) -> Network:
    """A CNN whose blocks halve the picture and double the depth: `filters`, 2 `filters`, 4 `filters`, ...

    See `cnn_of_blocks`, to which it gives the same kernel for every block and padding that keeps the size.
    """
    shapes = [(filters * 2**block, kernel) for block in range(blocks)]
    return cnn_of_blocks(shapes, pool=pool, dropout=dropout, dense=dense, batch_norm=batch_norm, classes=classes)


def cnn_of_blocks(
    blocks: Sequence[tuple[int, int]],
    *,
    padded: bool = True,
    pool: PoolKind = "max",
    dropout: float = 0.0,
    dense: int = 256,
    batch_norm: bool = False,
    classes: int = 10,
) -> Network:
    """A CNN of blocks (filters, kernel), each a convolution, 2 x 2 pooling, batch norm if asked for, and ReLU.

    Pooling comes first after the convolution: three quarters of the numbers need then be neither normalized nor
    rectified, and for max pooling and ReLU the order changes nothing. `padded` keeps the convolution's output as large
    as its input. Behind the blocks come a hidden fully connected layer of `dense` units (0 for none) with `dropout`
    after it, and one unit a class.
    """
    norm: tuple[Layer, ...] = (BatchNorm(),) if batch_norm else ()
    trunk: list[Layer] = []
    for filters, kernel in blocks:
        keep: Padding = kernel // 2 if kernel % 2 else "same"  # an even kernel needs one pixel more on one side
        trunk += [Conv(filters, kernel, padding=keep if padded else 0), Pool(pool, 2), *norm, Activation("relu")]
    hidden: tuple[Layer, ...] = (Linear(dense), Activation("relu")) if dense else ()
    drop: tuple[Layer, ...] = (Dropout(dropout),) if dropout else ()
    return (*trunk, Flatten(), *hidden, *drop, Linear(classes))


def with_blur_pooling(layers: Sequence[Layer], blur: int = 3) -> Network:
    """The same network with each max pooling made blur pooling: its windows everywhere, blurred, every S-th kept.

    Zhang 2019. No parameter comes or goes, and a square pooling of 2 x 2 without padding leaves as many values, one
    more where the side was odd. Raises ValueError for a padded pooling, which has no blurred twin.
    """
    made: list[Layer] = []
    for layer in layers:
        if isinstance(layer, Pool) and layer.kind == "max":
            if layer.padding != 0 or layer.ceil:
                raise ValueError(f"A padded pooling has no blurred twin; got {layer}.")
            stride = layer.kernel if layer.stride is None else layer.stride
            made += [Pool("max", layer.kernel, stride=1), BlurPool(blur, stride)]
        else:
            made.append(layer)
    return tuple(made)


def width_for_parameters(target: int, depth: int, inputs: int = 784, classes: int = 10) -> int:
    """The units of each of `depth` equal hidden layers (1 or more) whose MLP has nearest to `target` parameters.

    At least 1. Raises ValueError for a depth below 1: a network without hidden layers has no width.
    """
    if depth < 1:
        raise ValueError(f"An MLP needs at least 1 hidden layer to have a width; got {depth}.")

    def parameters(width: int) -> int:
        return (inputs + 1) * width + (depth - 1) * (width + 1) * width + (width + 1) * classes

    widths = range(1, MAX_CHANNELS + 1)
    above = bisect_left(widths, target, key=parameters)  # the first that has as many
    nearest = widths[max(above - 1, 0) : above + 1]
    return min(nearest, key=lambda width: abs(parameters(width) - target))
