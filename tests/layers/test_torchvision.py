"""Every classifier of torchvision: written in layers and compared, layer by layer, or excluded with the reason."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn
from torchvision import models
from torchvision.models.mnasnet import MNASNet, _InvertedResidual
from torchvision.models.mobilenetv2 import InvertedResidual, MobileNetV2
from torchvision.models.regnet import BlockParams, ResBottleneckBlock
from torchvision.models.resnet import BasicBlock, Bottleneck

from core.layers.calculator import Row, analyze, totals
from core.layers.reference_networks import REFERENCE_NETWORKS
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
    Pool,
    Residual,
    Size,
)

NAMES = models.list_models(module=models)
COMPARED = re.compile(r"alexnet|vgg.*|resnet\d+|resnext.*|wide_resnet.*|mobilenet_v2|mnasnet.*|regnet_x_.*")
# What cannot be written in our layers, by the module in it that says why.
EXCLUDED = {
    r"densenet.*": ("_DenseLayer", "each layer reads the planes of all before it, joined"),
    r"googlenet": ("Inception", "the planes of four branches are joined"),
    r"inception_v3": ("InceptionA", "the planes of four branches are joined"),
    r"squeezenet.*": ("Fire", "the planes of two branches are joined"),
    r"shufflenet.*": ("InvertedResidual", "planes are split, joined and shuffled"),
    r"efficientnet_.*": ("SqueezeExcitation", "planes are multiplied by weights computed from them"),
    r"mobilenet_v3_.*": ("SqueezeExcitation", "planes are multiplied by weights computed from them"),
    r"regnet_y_.*": ("SqueezeExcitation", "planes are multiplied by weights computed from them"),
    r"convnext_.*": ("LayerNorm2d", "it is normalized over the planes of each place, and blocks are scaled"),
    r"vit_.*": ("MultiheadAttention", "places attend to each other"),
    r"swin_[tsb]": ("ShiftedWindowAttention", "places attend to each other"),
    r"swin_v2_.*": ("ShiftedWindowAttentionV2", "places attend to each other"),
    r"maxvit_.*": ("RelativePositionalMultiHeadAttention", "places attend to each other"),
}
SHAPE = (3, 224, 224)


class Part(NamedTuple):
    """One layer of a model: its spec, the module, and of a block the parts of its two ways."""

    layer: Layer
    module: nn.Module | None  # None for what the model calls as a function
    body: tuple["Part", ...] = ()
    shortcut: tuple["Part", ...] = ()


class Told(NamedTuple):
    """What is compared: on one side told by the calculator, on the other by torch's hooks."""

    shape: tuple[int, ...]
    parameters: int
    macs: int
    body: tuple["Told", ...] = ()
    shortcut: tuple["Told", ...] = ()


def model(name: str, monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    """A torchvision model on the meta device: without weights, the largest is as quick as the smallest."""
    widths = BlockParams.from_init_params.__func__

    def on_the_cpu(cls: type[BlockParams], **values: Any) -> BlockParams:
        with torch.device("cpu"):  # RegNet computes its widths with tensors
            return widths(cls, **values)

    monkeypatch.setattr(BlockParams, "from_init_params", classmethod(on_the_cpu))
    plain = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    with torch.device("meta"):
        made: nn.Module = models.get_model(name, **plain)
    return made.eval()


def size(value: int | tuple[int, ...]) -> Size:
    return value if isinstance(value, int) else (value[0], value[1])


def spec(module: nn.Module) -> Layer:
    """The spec of one of torchvision's layers, read off the module."""
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
        case nn.AdaptiveAvgPool2d():
            return AdaptivePool("average", size(module.output_size))
        case nn.BatchNorm2d():
            return BatchNorm()
        case nn.ReLU():
            return Activation("relu")
        case nn.ReLU6():
            return Activation("relu6")
        case nn.Dropout():
            return Dropout(module.p)
        case nn.Linear():
            return Linear(module.out_features, module.bias is not None)
    raise AssertionError(f"{module} has no spec")


def parts(module: nn.Module) -> list[Part]:
    """The layers of a module in the order in which its `forward` calls them; blocks are written as a Residual."""
    match module:
        case BasicBlock():
            body = [module.conv1, module.bn1, module.relu, module.conv2, module.bn2]
            return [block(module, body, module.downsample), Part(spec(module.relu), module.relu)]
        case Bottleneck():
            body = [module.conv1, module.bn1, module.relu, module.conv2, module.bn2, module.relu]
            body += [module.conv3, module.bn3]
            return [block(module, body, module.downsample), Part(spec(module.relu), module.relu)]
        case ResBottleneckBlock():
            return [block(module, [module.f], module.proj), Part(spec(module.activation), module.activation)]
        case InvertedResidual() if module.use_res_connect:
            return [block(module, [module.conv], None)]
        case _InvertedResidual() if module.apply_residual:
            return [block(module, [module.layers], None)]
        case MobileNetV2() | MNASNet():  # pooled by functions, ahead of the classifier
            trunk = module.features if isinstance(module, MobileNetV2) else module.layers
            return [*parts(trunk), Part(GlobalPool(), None), Part(Flatten(), None), *parts(module.classifier)]
    if not list(module.children()):
        return [Part(spec(module), module)]
    found = [part for child in module.children() for part in parts(child)]
    if isinstance(module, models.AlexNet | models.VGG | models.ResNet | models.RegNet):  # flattened by a function
        pooled = next(place for place, part in enumerate(found) if isinstance(part.layer, AdaptivePool))
        found.insert(pooled + 1, Part(Flatten(), None))
    return found


def block(module: nn.Module, body: Sequence[nn.Module], past: nn.Module | None) -> Part:
    ways = [tuple(part for one in way for part in parts(one)) for way in (body, [past] if past else [])]
    return Part(Residual(*(tuple(part.layer for part in way) for way in ways)), module, *ways)


def hooked(model: nn.Module) -> dict[nn.Module, list[tuple[int, ...]]]:
    """The shapes that each module of the model puts out, call by call, for one picture."""
    seen: dict[nn.Module, list[tuple[int, ...]]] = defaultdict(list)
    for module in model.modules():
        module.register_forward_hook(lambda module, _, output: seen[module].append(tuple(output.shape[1:])))
    model(torch.empty(1, *SHAPE, device="meta"))
    return seen


def told_by_torch(parts: Iterable[Part], seen: dict[nn.Module, list[tuple[int, ...]]]) -> list[Told]:
    """Each call of a module is told once, in the order of the parts."""
    found: list[Told] = []
    for part in parts:
        body, shortcut = (tuple(told_by_torch(way, seen)) for way in (part.body, part.shortcut))
        module = part.module
        if module is None:
            channels, *plane = found[-1].shape
            found.append(
                Told((channels, 1, 1) if isinstance(part.layer, GlobalPool) else (channels * math.prod(plane),), 0, 0)
            )
        elif body:
            macs = sum(one.macs for one in (*body, *shortcut))
            found.append(Told(seen[module].pop(0), sum(p.numel() for p in module.parameters()), macs, body, shortcut))
        else:
            shape = seen[module].pop(0)
            positions = math.prod(shape[1:]) if isinstance(module, nn.Conv2d) else 1
            weights = module.weight.numel() if isinstance(module, nn.Conv2d | nn.Linear) else 0
            found.append(Told(shape, sum(p.numel() for p in module.parameters()), weights * positions, body, shortcut))
    return found


def told(row: Row) -> Told:
    ways = (tuple(told(inner) for inner in way) for way in (row.body, row.shortcut))
    return Told(row.output_shape, row.parameters, row.macs, *ways)


def straight(found: Iterable[Told]) -> list[Told]:
    """The plain trunk: blocks replaced by their longest way."""
    return [one for entry in found for one in (straight(entry.body) if entry.body else [entry])]


def test_every_model_is_compared_or_excluded_for_a_reason() -> None:
    assert len(NAMES) > 70
    for name in NAMES:
        reasons = [pattern for pattern in EXCLUDED if re.fullmatch(pattern, name)]
        assert len(reasons) + bool(COMPARED.fullmatch(name)) == 1, name


@pytest.mark.parametrize("pattern", EXCLUDED)
def test_what_is_excluded_holds_what_it_is_excluded_for(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, _ = EXCLUDED[pattern]
    excluded = [name for name in NAMES if re.fullmatch(pattern, name)]
    assert excluded
    for name in excluded[:2]:
        assert kind in {type(module).__name__ for module in model(name, monkeypatch).modules()}, name


@pytest.mark.parametrize("name", [name for name in NAMES if COMPARED.fullmatch(name)])
def test_shapes_parameters_and_macs_of_a_whole_model(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = model(name, monkeypatch)
    written = parts(made)
    rows = analyze([part.layer for part in written], SHAPE)
    seen = hooked(made)
    assert [told(row) for row in rows] == told_by_torch(written, seen)
    assert totals(rows).parameters == sum(p.numel() for p in made.parameters())
    assert rows[-1].output_shape == (1000,)
    leaves = {module for module in made.modules() if not list(module.children())}
    assert not [module for module in leaves if seen[module]]  # every call of every layer was compared


@pytest.mark.parametrize(
    ("name", "torchvision"),
    [("alexnet", "alexnet"), ("vgg-16", "vgg16"), ("resnet-18", "resnet18"), ("mobilenet-v2", "mobilenet_v2")],
)
def test_the_famous_are_torchvisions(name: str, torchvision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Layer by layer; in the plain trunks each block's activation stands where the block's own did."""
    made = model(torchvision, monkeypatch)
    found = straight(told_by_torch(parts(made), hooked(made)))
    assert [told(row) for row in analyze(REFERENCE_NETWORKS[name].layers, SHAPE)] == found
