"""Well-known networks as tuples of layers, with their published totals.

Networks with shortcuts (ResNet, MobileNetV2) are given as their plain trunk, the longest path through them
(`shortcuts` counts what the trunk leaves out); ResNet-18, -34 and -50 also with their blocks.
"""

from dataclasses import dataclass

from core.layers.builders import CAPSNET
from core.layers.specs import (
    Activation,
    ActivationKind,
    AdaptivePool,
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Network,
    Pool,
    Residual,
)


@dataclass(frozen=True, slots=True)
class ReferenceNetwork:
    """A well-known network: name, source, layers and published totals."""

    name: str
    title: str
    source: str  # who published it, and where this form of it is from
    layers: Network
    input_shape: tuple[int, int, int]
    published: tuple[int, int] | None  # parameters and MACs (weights only) of the whole network; None: not published
    shortcuts: tuple[int, int] = (0, 0)  # parameters and MACs of the published network that its trunk leaves out


def _conv(
    filters: int, kernel: int, stride: int = 1, groups: int = 1, activation: ActivationKind | None = "relu"
) -> Network:
    """Return a convolution without bias that keeps the size, batch norm, activation."""
    convolution = Conv(filters, kernel, stride, padding=kernel // 2, groups=groups, bias=False)
    return (convolution, BatchNorm(), *((Activation(activation),) if activation else ()))


def _lenet_5() -> Network:
    tanh = Activation("tanh")
    trunk = (Conv(6, 5), tanh, Pool("average", 2), Conv(16, 5), tanh, Pool("average", 2), Flatten())
    return (*trunk, Linear(120), tanh, Linear(84), tanh, Linear(10))


def _alexnet() -> Network:
    relu, pool = Activation(), Pool("max", 3, stride=2)
    trunk = (
        *(Conv(64, 11, stride=4, padding=2), relu, pool),
        *(Conv(192, 5, padding=2), relu, pool),
        *(Conv(384, 3, padding=1), relu, Conv(256, 3, padding=1), relu, Conv(256, 3, padding=1), relu, pool),
    )
    head = (Dropout(), Linear(4096), relu, Dropout(), Linear(4096), relu, Linear(1000))
    return (*trunk, AdaptivePool("average", 6), Flatten(), *head)


def vgg(convolutions: tuple[int, ...], norm: bool = False) -> Network:
    """Return a VGG for 224 x 224: convolutions of 64 to 512 filters, so many before each pooling."""
    trunk: list[Layer] = []
    for count, filters in zip(convolutions, (64, 128, 256, 512, 512), strict=True):
        normed = (BatchNorm(),) if norm else ()
        trunk += (*(Conv(filters, 3, padding=1), *normed, Activation()) * count, Pool("max", 2))
    head = (Linear(4096), Activation(), Dropout(), Linear(4096), Activation(), Dropout(), Linear(1000))
    return (*trunk, AdaptivePool("average", 7), Flatten(), *head)


def _resnet_18() -> Network:
    stem = (*_conv(64, 7, stride=2), Pool("max", 3, stride=2, padding=1))
    return (*stem, *_resnet_blocks(), GlobalPool(), Flatten(), Linear(1000))


def residual_network(depths: tuple[int, ...], wide: int = 1) -> Network:
    """Return a ResNet for 224 x 224 with its blocks; arguments as for `residual_blocks`."""
    stem = (*_conv(64, 7, stride=2), Pool("max", 3, stride=2, padding=1))
    return (*stem, *residual_blocks(depths, wide), GlobalPool(), Flatten(), Linear(1000))


def residual_blocks(depths: tuple[int, ...] = (2, 2, 2, 2), wide: int = 1) -> Network:
    """Return a ResNet's blocks: stages of 64, 128, 256 and 512 filters, whose first block halves the planes.

    Args:
        depths: Blocks of each stage; ResNet-18's by default.
        wide: 1 for blocks of two 3 x 3 convolutions; 4 for bottlenecks, a 3 x 3 convolution (with the stride, as in
            torchvision) between two of 1 x 1, the last with 4 times the filters.
    """
    blocks: list[Layer] = []
    channels = 64
    for filters, depth in zip((64, 128, 256, 512), depths, strict=True):
        for place in range(depth):
            stride = 2 if place == 0 and filters > 64 else 1
            body = (*_conv(filters, 3, stride), *_conv(filters, 3, activation=None))
            if wide > 1:
                body = (*_conv(filters, 1), *_conv(filters, 3, stride), *_conv(wide * filters, 1, activation=None))
            shortcut = _conv(wide * filters, 1, stride, activation=None) if channels != wide * filters else ()
            blocks += [Residual(body, shortcut), Activation()]
            channels = wide * filters
    return tuple(blocks)


def _resnet_18_cifar() -> Network:
    return (*_conv(64, 3), *_resnet_blocks(), GlobalPool(), Flatten(), Linear(10))


def _resnet_blocks() -> Network:
    blocks: list[Layer] = []
    for filters in (64, 128, 256, 512):
        blocks += [*_conv(filters, 3, stride=1 if filters == 64 else 2), *_conv(filters, 3) * 3]
    return tuple(blocks)


def _mobilenet_v1() -> Network:
    trunk: list[Layer] = [*_conv(32, 3, stride=2)]
    channels = 32
    stages = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
    for filters, stride in stages:
        trunk += [*_conv(channels, 3, stride, groups=channels), *_conv(filters, 1)]
        channels = filters
    return (*trunk, GlobalPool(), Flatten(), Linear(1000))


def mobilenet_v2(blocks: bool = True) -> Network:
    """Return MobileNetV2: with its residual blocks, or as its plain trunk."""
    trunk: list[Layer] = [*_conv(32, 3, stride=2, activation="relu6")]
    channels = 32
    stages = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
    for expansion, filters, repeats, first_stride in stages:
        for repeat in range(repeats):
            wide = channels * expansion
            body = (
                *(_conv(wide, 1, activation="relu6") if expansion > 1 else ()),
                *_conv(wide, 3, first_stride if repeat == 0 else 1, groups=wide, activation="relu6"),
                *_conv(filters, 1, activation=None),
            )
            trunk += (Residual(body),) if blocks and repeat > 0 else body
            channels = filters
    trunk += _conv(1280, 1, activation="relu6")
    return (*trunk, GlobalPool(), Flatten(), Dropout(0.2), Linear(1000))


def _cifar_exercise() -> Network:
    trunk = [
        layer for filters in (32, 64, 128) for layer in (Conv(filters, 3, padding=1), Activation(), Pool("max", 2))
    ]
    return (*trunk, Flatten(), Linear(128), Activation(), Linear(10))


_IMAGENET, _CIFAR, _MNIST = (3, 224, 224), (3, 32, 32), (1, 28, 28)
REFERENCE_NETWORKS: dict[str, ReferenceNetwork] = {
    network.name: network
    for network in (
        ReferenceNetwork(
            "lenet-5",
            "LeNet-5",
            "LeCun, Bottou, Bengio & Haffner 1998, with every filter of C3 on all planes",
            _lenet_5(),
            (1, 32, 32),
            (61_706, 416_520),
        ),
        ReferenceNetwork(
            "cifar-exercise",
            "The course notes' CIFAR exercise",
            "Course notes: three blocks of convolution and pooling, two fully connected layers",
            _cifar_exercise(),
            _CIFAR,
            None,
        ),
        ReferenceNetwork(
            "alexnet",
            "AlexNet",
            "Krizhevsky 2014 (one GPU's form of Krizhevsky, Sutskever & Hinton 2012), as in torchvision",
            _alexnet(),
            _IMAGENET,
            (61_100_840, 714_188_480),
        ),
        ReferenceNetwork(
            "vgg-16",
            "VGG-16",
            "Simonyan & Zisserman 2014, as in torchvision",
            vgg((2, 2, 3, 3, 3)),
            _IMAGENET,
            (138_357_544, 15_470_264_320),
        ),
        ReferenceNetwork(
            "resnet-18",
            "ResNet-18, plain trunk",
            "He, Zhang, Ren & Sun 2015, as in torchvision, without its shortcuts",
            _resnet_18(),
            _IMAGENET,
            (11_689_512, 1_814_073_344),
            (173_824, 19_267_584),
        ),
        ReferenceNetwork(
            "resnet-18-whole",
            "ResNet-18",
            "He, Zhang, Ren & Sun 2015, as in torchvision: a row for each block, with its shortcut",
            residual_network((2, 2, 2, 2)),
            _IMAGENET,
            (11_689_512, 1_814_073_344),
        ),
        ReferenceNetwork(
            "resnet-34",
            "ResNet-34",
            "He, Zhang, Ren & Sun 2015, as in torchvision: a row for each block, with its shortcut",
            residual_network((3, 4, 6, 3)),
            _IMAGENET,
            (21_797_672, 3_663_761_408),
        ),
        ReferenceNetwork(
            "resnet-50",
            "ResNet-50",
            "He, Zhang, Ren & Sun 2015, as in torchvision, with the stride in a bottleneck's 3 × 3 filters",
            residual_network((3, 4, 6, 3), wide=4),
            _IMAGENET,
            (25_557_032, 4_089_184_256),
        ),
        ReferenceNetwork(
            "resnet-18-cifar",
            "ResNet-18 for 32 × 32, plain trunk",
            "He, Zhang, Ren & Sun 2015 with a 3 × 3 stem and 10 classes, without its shortcuts",
            _resnet_18_cifar(),
            _CIFAR,
            (11_173_962, 555_422_720),
            (173_824, 6_291_456),
        ),
        ReferenceNetwork(
            "capsnet",
            "CapsNet",
            "Sabour, Frosst & Hinton 2017, for MNIST, with the decoder that redraws the digit",
            CAPSNET,
            _MNIST,
            None,
        ),
        ReferenceNetwork(
            "mobilenet-v1",
            "MobileNet",
            "Howard et al. 2017: depthwise 3 × 3, then 1 × 1 convolutions",
            _mobilenet_v1(),
            _IMAGENET,
            (4_231_976, 568_740_352),
        ),
        ReferenceNetwork(
            "mobilenet-v2",
            "MobileNetV2, plain trunk",
            "Sandler et al. 2018, as in torchvision, without its shortcuts, which have no parameters",
            mobilenet_v2(blocks=False),
            _IMAGENET,
            (3_504_872, 300_774_272),
        ),
    )
}
