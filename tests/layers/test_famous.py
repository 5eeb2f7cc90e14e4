"""The famous networks against their published totals, and against torchvision layer by layer."""

import re

import pytest
import torch
from torch import nn
from torchvision import models

from core.layers.calculator import Row, analyse, check_buildable, totals
from core.layers.famous import FAMOUS
from core.layers.specs import (
    Activation,
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
    Size,
)
from core.ui.diagram import network_svg

# Published by others than torchvision: Howard et al. 2017 give 4.2 million parameters and 569 million mult-adds.
HOWARD_ET_AL = (4.2e6, 569e6)

# torchvision's classifiers that are a plain trunk, but for shortcuts around its layers. The others join planes
# (DenseNet, GoogLeNet, ShuffleNet, SqueezeNet), weigh them (EfficientNet, MobileNetV3, RegNet Y) or attend.
PLAIN = re.compile(r"alexnet|vgg.*|resnet\d+|resnext.*|wide_resnet.*|mobilenet_v2|mnasnet.*|regnet_x_(?!8|16|32).*")
SHORTCUT = re.compile(r"downsample|\bproj\b")


@pytest.mark.parametrize("name", FAMOUS)
def test_the_published_totals(name: str) -> None:
    famous = FAMOUS[name]
    sums = totals(analyse(famous.layers, famous.input_shape))
    if famous.published is not None:
        assert (sums.parameters + famous.shortcuts[0], sums.macs + famous.shortcuts[1]) == famous.published


@pytest.mark.parametrize("name", FAMOUS)
def test_each_can_be_built_and_drawn(name: str) -> None:
    famous = FAMOUS[name]
    check_buildable(analyse(famous.layers, famous.input_shape))
    assert network_svg(famous.layers, famous.input_shape, color="#0072B2", title=famous.title).endswith("</svg>")


def test_mobilenet_is_what_its_paper_says() -> None:
    parameters, macs = FAMOUS["mobilenet-v1"].published or (0, 0)
    assert (round(parameters, -5), round(macs, -6)) == HOWARD_ET_AL


def size(value: int | tuple[int, ...]) -> Size:
    return value if isinstance(value, int) else (value[0], value[1])


def spec(module: nn.Module) -> Layer | None:
    """The spec of one of torchvision's layers, read off the module; None for containers."""
    match module:
        case nn.Conv2d():
            return Conv(
                module.out_channels,
                size(module.kernel_size),
                size(module.stride),
                size(module.padding),
                size(module.dilation),
                module.groups,
                module.bias is not None,
            )
        case nn.MaxPool2d():
            return Pool("max", size(module.kernel_size), size(module.stride), size(module.padding), module.ceil_mode)
        case nn.AvgPool2d():
            return Pool("average", size(module.kernel_size), size(module.stride), size(module.padding))
        case nn.AdaptiveAvgPool2d():
            return AdaptivePool("average", size(module.output_size))
        case nn.BatchNorm2d():
            return BatchNorm()
        case nn.ReLU():
            return Activation("relu")
        case nn.ReLU6():
            return Activation("relu6")
        case nn.Linear():
            return Linear(module.out_features, module.bias is not None)
    return None


Entry = tuple[tuple[int, ...], int, int]  # output shape, parameters, MACs


def trunk(name: str) -> tuple[Network, list[Entry]]:
    """A torchvision model's layers but for dropout in the order they run, with what hooks say of each."""
    with torch.device("cpu" if name.startswith("regnet") else "meta"):  # RegNet computes its widths with tensors
        model = models.get_model(name).to("meta")
    layers: list[Layer] = []
    seen: list[Entry] = []

    def hook(module: nn.Module, _: object, output: torch.Tensor) -> None:
        layer = spec(module)
        assert layer is not None, module
        if isinstance(layer, Linear) and Flatten() not in layers:  # what the models call as functions, without hooks
            channels, *plane = seen[-1][0]
            if channels * plane[0] * plane[1] != module.in_features:
                layers.append(GlobalPool())
                seen.append(((channels, 1, 1), 0, 0))
            layers.append(Flatten())
            seen.append(((module.in_features,), 0, 0))
        parameters = sum(p.numel() for p in module.parameters())
        weights = module.weight.numel() if isinstance(module, nn.Conv2d | nn.Linear) else 0
        positions = output.shape[2] * output.shape[3] if isinstance(module, nn.Conv2d) else 1
        layers.append(layer)
        seen.append((tuple(output.shape[1:]), parameters, weights * positions))

    for path, module in model.named_modules():
        if not list(module.children()) and not isinstance(module, nn.Dropout) and not SHORTCUT.search(path):
            module.register_forward_hook(hook)
    model.eval()(torch.empty(1, 3, 224, 224, device="meta"))
    return tuple(layers), seen


def read(rows: list[Row]) -> list[tuple[tuple[int, ...], int, int]]:
    return [(row.output_shape, row.parameters, row.macs) for row in rows]


@pytest.mark.parametrize("name", [name for name in models.list_models(module=models) if PLAIN.fullmatch(name)])
def test_torchvisions_models_layer_by_layer(name: str) -> None:
    layers, seen = trunk(name)
    assert read(analyse(layers, (3, 224, 224))) == seen


@pytest.mark.parametrize(
    ("name", "torchvision"),
    [("alexnet", "alexnet"), ("vgg-16", "vgg16"), ("resnet-18", "resnet18"), ("mobilenet-v2", "mobilenet_v2")],
)
def test_the_famous_are_torchvisions(name: str, torchvision: str) -> None:
    rows = analyse(FAMOUS[name].layers, (3, 224, 224))
    assert read([row for row in rows if not isinstance(row.layer, Dropout)]) == trunk(torchvision)[1]
