"""Build the kinds of networks that the course compares: multilayer perceptrons, small CNNs and capsule networks."""

from collections.abc import Sequence

from core.layers.specs import (
    Activation,
    BatchNorm,
    BlurPool,
    CapsuleDecoder,
    CapsuleLengths,
    Conv,
    Dropout,
    Flatten,
    Layer,
    Linear,
    Network,
    Padding,
    Pool,
    PoolKind,
    PrimaryCapsules,
    RoutedCapsules,
)


def mlp(hidden: Sequence[int], dropout: float = 0.0, classes: int = 10) -> Network:
    """Return a multilayer perceptron: the flattened picture, hidden fully connected layers, one unit per class.

    Args:
        hidden: Units of each hidden layer; empty for a linear classifier.
        dropout: Probability p of the Dropout after each hidden layer; 0 for none.
        classes: Number of classes.

    Returns:
        The layers.

    Examples:
        >>> mlp([32])
        (Flatten(), Linear(units=32, bias=True), Activation(kind='relu'), Linear(units=10, bias=True))
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
    """Return a CNN whose blocks halve the picture and double the depth: `filters`, 2 `filters`, 4 `filters`, ...

    Args:
        blocks: Number of blocks.
        filters: Filters of the first block.
        kernel: Kernel size of every block, with padding that keeps the size.
        pool: Kind of pooling.
        dropout: As in `cnn_of_blocks`.
        dense: As in `cnn_of_blocks`.
        batch_norm: As in `cnn_of_blocks`.
        classes: Number of classes.

    Returns:
        The layers.
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
    """Return a CNN of blocks: each a convolution, 2 x 2 pooling, optional batch norm, and ReLU.

    Pooling comes right after the convolution: only a quarter of the values is then normalized and rectified, and with
    max pooling the order of pooling and ReLU makes no difference.

    Args:
        blocks: (filters, kernel size) of each block.
        padded: Pad so that the convolution keeps the size.
        pool: Kind of pooling.
        dropout: Probability of the Dropout before the last layer; 0 for none.
        dense: Units of the hidden fully connected layer after the blocks; 0 for none.
        batch_norm: Add batch normalization to each block.
        classes: Number of classes.

    Returns:
        The layers.
    """
    norm: tuple[Layer, ...] = (BatchNorm(),) if batch_norm else ()
    trunk: list[Layer] = []
    for filters, kernel in blocks:
        keep: Padding = kernel // 2 if kernel % 2 else "same"  # an even kernel needs one pixel more on one side
        trunk += [Conv(filters, kernel, padding=keep if padded else 0), Pool(pool, 2), *norm, Activation("relu")]
    hidden: tuple[Layer, ...] = (Linear(dense), Activation("relu")) if dense else ()
    drop: tuple[Layer, ...] = (Dropout(dropout),) if dropout else ()
    return (*trunk, Flatten(), *hidden, *drop, Linear(classes))


def capsule_network(
    filters: int = 48,
    kernel: int = 5,
    stride: int = 2,
    *,
    types: int = 8,
    pose: int = 8,
    primary_kernel: int = 5,
    capsules: int = 10,
    dimensions: int = 16,
    iterations: int = 3,
    through: bool = False,
    shared: bool = False,
    decoder: tuple[int, int] | None = None,
) -> Network:
    """Return a capsule network: a convolution, primary capsules, one routed capsule per class, and their lengths.

    Args:
        filters: Filters of the convolution.
        kernel: Their size.
        stride: Their stride.
        types: Types of primary capsules.
        pose: Numbers of a primary capsule.
        primary_kernel: Filter size of the primary capsules, whose stride is 2.
        capsules: Number of classes.
        dimensions: Numbers of a class's capsule.
        iterations: Iterations of routing; 0 and 1 weigh all capsules the same.
        through: As in `RoutedCapsules`.
        shared: As in `RoutedCapsules`.
        decoder: Units of a decoder's two hidden layers; None for no decoder.

    Returns:
        The layers.
    """
    drawing: tuple[Layer, ...] = (CapsuleDecoder(*decoder),) if decoder else ()
    return (
        Conv(filters, kernel, stride=stride),
        Activation("relu"),
        PrimaryCapsules(types, pose, kernel=primary_kernel, stride=2),
        RoutedCapsules(capsules, dimensions, iterations=iterations, through=through, shared=shared),
        *drawing,
        CapsuleLengths(),
    )


# Sabour, Frosst and Hinton, "Dynamic routing between capsules", 2017: 8,215,568 parameters for 28 x 28 pixels.
CAPSNET = capsule_network(256, 9, 1, types=32, primary_kernel=9, decoder=(512, 1024))


def with_blur_pooling(layers: Sequence[Layer], blur: int = 3) -> Network:
    """Return a network with each max pooling replaced by blur pooling (Zhang 2019).

    The windows are evaluated at every position, blurred, and every S-th result is kept. The parameters stay the same. A
    2 x 2 pooling without padding keeps its output size, plus one where the input size is odd.

    Args:
        layers: The network.
        blur: Rows of the binomial kernel.

    Returns:
        The layers.

    Raises:
        ValueError: A max pooling has padding or ceil mode; there is no equivalent with blur.
    """
    made: list[Layer] = []
    for layer in layers:
        if isinstance(layer, Pool) and layer.kind == "max":
            if layer.padding != 0 or layer.ceil:
                raise ValueError(f"A padded pooling cannot be replaced by blur pooling; got {layer}.")
            stride = layer.kernel if layer.stride is None else layer.stride
            made += [Pool("max", layer.kernel, stride=1), BlurPool(blur, stride)]
        else:
            made.append(layer)
    return tuple(made)
