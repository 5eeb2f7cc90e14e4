"""Networks of torchvision by their names, and why the others cannot be written in this app's layers."""

import re

from core.layers.reference_networks import REFERENCE_NETWORKS, mobilenet_v2, residual_network, vgg
from core.layers.specs import Network

PICTURE = (3, 224, 224)
RESNETS: dict[str, tuple[tuple[int, ...], int]] = {  # blocks of each stage, and 4 for bottlenecks
    "resnet18": ((2, 2, 2, 2), 1),
    "resnet34": ((3, 4, 6, 3), 1),
    "resnet50": ((3, 4, 6, 3), 4),
    "resnet101": ((3, 4, 23, 3), 4),
    "resnet152": ((3, 8, 36, 3), 4),
}
VGGS: dict[str, tuple[int, ...]] = {  # convolutions before each pooling
    "vgg11": (1, 1, 2, 2, 2),
    "vgg13": (2, 2, 2, 2, 2),
    "vgg16": (2, 2, 3, 3, 3),
    "vgg19": (2, 2, 4, 4, 4),
}
NAMES = ("alexnet", "mobilenet_v2", *RESNETS, *(name + norm for name in VGGS for norm in ("", "_bn")))
REASONS = {  # by what a name begins with
    "densenet": "each of its layers reads the planes of all before it, joined",
    "googlenet": "the planes of four branches are joined",
    "inception": "the planes of several branches are joined",
    "squeezenet": "the planes of two branches are joined",
    "shufflenet": "planes are split, joined and shuffled",
    "efficientnet": "planes are multiplied by weights that are computed from them",
    "mobilenet_v3": "planes are multiplied by weights that are computed from them",
    "regnet_y": "planes are multiplied by weights that are computed from them",
    "convnext": "its blocks are scaled, and normalized over the planes at each place",
    "vit": "places attend to each other",
    "swin": "places attend to each other",
    "maxvit": "places attend to each other",
    "mnasnet": "its list of blocks is not kept here; what print(model) writes can be pasted",
    "resnext": "its list of blocks is not kept here; what print(model) writes can be pasted",
    "wide_resnet": "its list of blocks is not kept here; what print(model) writes can be pasted",
    "regnet_x": "its list of blocks is not kept here; what print(model) writes can be pasted",
}


def network(name: str) -> Network | None:
    """Return a network of torchvision, for 3 x 224 x 224 and 1000 classes; None for other names.

    Examples:
        >>> from core.layers.calculator import analyze, totals
        >>> totals(analyze(network("vgg11_bn"), PICTURE)).parameters
        132868840
    """
    if name in RESNETS:
        return residual_network(*RESNETS[name])
    if name == "alexnet":
        return REFERENCE_NETWORKS[name].layers
    if name == "mobilenet_v2":
        return mobilenet_v2()
    plain = name.removesuffix("_bn")
    return vgg(VGGS[plain], norm=name != plain) if plain in VGGS else None


def reason(name: str) -> str | None:
    """Return why a network of torchvision is not here, as the end of a sentence; None for other names."""
    found = (text for start, text in REASONS.items() if re.match(rf"{start}(_|\d|$)", name))
    return next(found, None)
