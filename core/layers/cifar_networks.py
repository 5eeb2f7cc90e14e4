"""Networks for CIFAR-10's 32 x 32 color pictures, from the course's exercise to the speed records.

The speed networks follow D. Page, "How to train your ResNet" (2018), and K. Jordan, "94 % on CIFAR-10 in 3.29 seconds
on a single GPU" (2024): a first convolution that is not trained but computed from the pictures (`whitening` in
core.training.experiment), groups of convolutions, and global max pooling. Because of the global pooling they accept
pictures of any size from 24 x 24.
"""

from collections.abc import Sequence

from core.layers.reference_networks import REFERENCE_NETWORKS, residual_blocks
from core.layers.specs import (
    Activation,
    ActivationKind,
    BatchNorm,
    Conv,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Network,
    Pool,
    Size,
)

CLASSES = 10


def speed_network(
    first: tuple[int, Size, Size],
    widths: Sequence[int],
    convolutions: Sequence[int],
    activation: ActivationKind = "relu",
    classes: int = CLASSES,
    first_bias: bool = False,
) -> Network:
    """Return a network in the style of the speed records.

    Args:
        first: (filters, kernel, stride) of the first convolution, which is to be whitened.
        widths: Filters of each group.
        convolutions: Number of 3 x 3 convolutions of each group, at least 1; the picture is halved after the first.
        activation: Activation function.
        classes: Number of classes.
        first_bias: Give the first layer a bias. Without one, and with fixed filters, it needs no gradient.

    Returns:
        The layers.
    """
    filters, kernel, stride = first
    layers: list[Layer] = [Conv(filters, kernel, stride, bias=first_bias), Activation(activation)]
    for width, count in zip(widths, convolutions, strict=True):
        for place in range(count):
            halved: Network = (Pool("max", 2),) if place == 0 else ()
            # without biases: batch norm takes any constant away again
            layers += [Conv(width, 3, padding="same", bias=False), *halved, BatchNorm(), Activation(activation)]
    return (*layers, GlobalPool("max"), Flatten(), Linear(classes, bias=False))


def resnet_18(classes: int = CLASSES) -> Network:
    """Return ResNet-18 (He, Zhang, Ren and Sun 2015) with a 3 x 3 stem, as it is commonly trained on 32 x 32 pictures.

    It has 11,173,962 parameters and 555,422,720 MACs for 10 classes.
    """
    stem = (Conv(64, 3, padding=1, bias=False), BatchNorm(), Activation())
    return (*stem, *residual_blocks(), GlobalPool(), Flatten(), Linear(classes))


EXERCISE = REFERENCE_NETWORKS["cifar-exercise"].layers
SMALL = speed_network((32, 4, 2), (32, 64, 64), (1, 1, 1))
MID = speed_network((48, 4, 2), (48, 96, 192), (1, 1, 1))
LARGE = speed_network((24, 2, 1), (32, 128, 256), (1, 2, 2))
RECORD = speed_network((24, 2, 1), (64, 256, 256), (2, 2, 2), "gelu", first_bias=True)
RESNET_18 = resnet_18()

NETWORKS: dict[str, tuple[str, Network]] = {  # by name: a title, and the layers
    "exercise": ("The course notes' exercise", EXERCISE),
    "small": ("Small", SMALL),
    "mid": ("Mid", MID),
    "large": ("Large", LARGE),
    "record": ("94 % speed record", RECORD),
    "resnet-18": ("ResNet-18", RESNET_18),
}
