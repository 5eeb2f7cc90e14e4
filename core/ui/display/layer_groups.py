"""Group a network's layers into the few stages that a drawing of it shows, and name them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.layers import specs
from core.layers.calculator import Row, analyze
from core.layers.specs import Layer, pair
from core.size_text import format_shape

ACTIVATIONS = {
    "relu": "ReLU",
    "relu6": "ReLU6",
    "leaky_relu": "leaky ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "softmax": "softmax",
    "selu": "SELU",
    "celu": "CELU",
    "mish": "Mish",
    "softplus": "softplus",
    "softsign": "softsign",
    "tanhshrink": "tanhshrink",
    "hardswish": "hard swish",
    "hardsigmoid": "hard sigmoid",
    "hardtanh": "hard tanh",
    "logsigmoid": "log sigmoid",
    "log_softmax": "log softmax",
}
POOLS = {"max": "max", "average": "mean"}
MAX_STAGES = 16  # in a drawing, before stages are merged


@dataclass(frozen=True, slots=True)
class Stage:
    """The data at one point of a network (picture, planes, capsules or a list), and the layers that made it."""

    shape: tuple[int, ...]  # (C, H, W), (capsules, dimensions), or (N,) after a Flatten
    layer: Layer | None  # None for the picture that goes in
    made_by: tuple[str, ...]  # lines: the layer, and what was folded into it ("ReLU", "norm", ...)
    parameters: int = 0
    repeats: int = 1  # how many equal convolutions or blocks in a row it stands for
    mixed: bool = False  # whether those layers are of several kinds, all named in `made_by`

    @property
    def heading(self) -> str:
        """Return a short name: "conv 3×3", "3 × conv 3×3" for equal layers, "12 layers" for several kinds."""
        between = " " if self.mixed else " × "
        return self.made_by[0] if self.repeats == 1 else f"{self.repeats}{between}{self.made_by[0]}"

    @property
    def is_pooled(self) -> bool:
        """Return whether a pooling layer made it: nothing learned, the same planes, smaller."""
        return isinstance(
            self.layer, specs.Pool | specs.BlurPool | specs.LPPool | specs.AdaptivePool | specs.GlobalPool
        )


def stages(layers: Sequence[Layer], input_shape: Sequence[int]) -> list[Stage]:
    """Return the input picture, then one stage for each layer that changes the shape or the meaning of its input.

    Activations, batch norm, dropout and a decoder belong to the stage of the layer before them. Equal convolutions or
    blocks in a row are one stage with the sum of their parameters.

    Raises:
        LayerError: For an invalid network.
    """
    grouped = [Stage(tuple(input_shape), None, ("picture",))]
    for row in analyze(layers, input_shape):
        last = grouped[-1]
        folded = _folded(row.layer)
        parameters = last.parameters + row.parameters
        if folded is not None:
            lines = last.made_by if folded in last.made_by else (*last.made_by, folded)
            grouped[-1] = replace(last, made_by=lines, parameters=parameters)
        elif (
            isinstance(row.layer, specs.Conv | specs.Residual)
            and row.layer == last.layer
            and row.output_shape == last.shape
        ):
            grouped[-1] = replace(last, repeats=last.repeats + 1, parameters=parameters)
        else:
            grouped.append(Stage(row.output_shape, row.layer, layer_words(row), row.parameters))
    return grouped


def merge_stages(stages: Sequence[Stage]) -> list[Stage]:
    """Merge consecutive learned stages whose planes have the same size, in a network of more than MAX_STAGES stages."""
    if len(stages) <= MAX_STAGES:
        return list(stages)
    merged = list(stages[:1])
    for stage in stages[1:]:
        last = merged[-1]
        learned = all(len(part.shape) == 3 and part.layer and not part.is_pooled for part in (last, stage))
        merged[-1:] = [_joined(last, stage)] if learned and last.shape[1:] == stage.shape[1:] else [last, stage]
    return merged


def _joined(a: Stage, b: Stage) -> Stage:
    """Return two consecutive stages as one, with the planes of the later one."""
    names = a.made_by[1:] if a.mixed else a.made_by[:1]
    names = names if b.made_by[0] in names else (*names, b.made_by[0])
    repeats = a.repeats + b.repeats
    parameters = a.parameters + b.parameters
    return replace(b, made_by=("layers", *names), parameters=parameters, repeats=repeats, mixed=True)


def describe_stages(stages: Sequence[Stage]) -> str:
    """Return the stages as one sentence, for screen readers."""
    parts = []
    for stage in stages:
        times = f"{stage.repeats}{'' if stage.mixed else ' times'}"
        made_by = " ".join([*([times] if stage.repeats > 1 else []), ", ".join(stage.made_by)])
        parameters = f", {stage.parameters:,} parameters" if stage.parameters else ""
        parts.append(f"{made_by}: {' by '.join(f'{size:,}' for size in stage.shape)}{parameters}")
    return "; ".join(parts) + "."


def layer_words(row: Row) -> tuple[str, ...]:
    """Return one layer as short lines: "conv 3 × 3" and "16 filters", "ReLU", "norm", ..."""
    return describe_layer(row.layer, row.input_shape[0])


def describe_layer(layer: Layer, channels: int | None = None) -> tuple[str, ...]:
    """Return a layer as short lines; its input's `channels` decide whether a grouped convolution is depthwise."""
    folded = _folded(layer)
    return _words(layer, channels) if folded is None else (folded,)


def _folded(layer: Layer) -> str | None:
    """Return the word for a layer that belongs to the stage before it; None for other layers."""
    match layer:
        case specs.Activation():
            return ACTIVATIONS[layer.kind]
        case specs.PReLU():
            return "PReLU"
        case specs.BatchNorm():
            return "norm"
        case specs.GroupNorm():
            return "group norm"
        case specs.InstanceNorm():
            return "instance norm"
        case specs.LayerNorm():
            return "layer norm"
        case specs.Dropout():
            return f"drop {layer.p:.0%}"
        case specs.CapsuleDecoder():
            return "decoder"
    return None


def _words(layer: Layer, channels: int | None) -> tuple[str, ...]:
    """Return a layer that is a stage of its own as short lines."""
    match layer:
        case specs.Conv() | specs.ConvTranspose():
            name = f"{'conv' if isinstance(layer, specs.Conv) else 'up-conv'} {format_shape(pair(layer.kernel))}"
            lines = [name, f"{layer.filters:,} filter{'s' * (layer.filters != 1)}"]
            if layer.stride != 1:
                lines.append(f"stride {_short(layer.stride)}")
            if layer.groups > 1:
                lines.append("depthwise" if layer.groups == channels else f"{layer.groups} groups")
            return tuple(lines)
        case specs.Pool():
            name = f"{POOLS[layer.kind]} {format_shape(pair(layer.kernel))}"
            return (name,) if layer.stride is None else (name, f"stride {_short(layer.stride)}")
        case specs.LPPool():
            return (f"L{layer.norm:g} pool {format_shape(pair(layer.kernel))}",)
        case specs.Upsample():
            return f"{_short(layer.scale)} × larger", layer.kind
        case specs.PixelShuffle():
            return (f"shuffle {layer.factor} × {layer.factor}",)
        case specs.Pad():
            return "pad", layer.kind
        case specs.Unflatten():
            return ("unflatten",)
        case specs.BlurPool():
            return f"blur {format_shape(pair(layer.kernel))}", f"stride {_short(layer.stride)}"
        case specs.AdaptivePool():
            return (f"{POOLS[layer.kind]} to {_short(layer.size)}",)
        case specs.GlobalPool():
            return (f"{POOLS[layer.kind]} of all",)
        case specs.Flatten():
            return ("flatten",)
        case specs.Linear():
            return ("dense",)
        case specs.PrimaryCapsules():
            name = f"capsules {format_shape(pair(layer.kernel))}"
            types = f"{layer.types:,} type{'s' * (layer.types != 1)}"
            return name, types, *((f"stride {_short(layer.stride)}",) if layer.stride != 1 else ())
        case specs.RoutedCapsules():
            routing = f"{layer.iterations} iterations" if layer.iterations > 1 else "all alike"
            return "routing", routing, *(("shared",) if layer.shared else ())
        case specs.CapsuleLengths():
            return ("lengths",)
        case specs.Residual():
            convolutions = [inner for inner in layer.body if isinstance(inner, specs.Conv)]
            lines = [f"{len(layer.body)} layer{'s' * (len(layer.body) != 1)}"]
            if convolutions:
                sizes = {format_shape(pair(inner.kernel)) for inner in convolutions}
                lines = [f"{len(convolutions)} conv {sizes.pop()}" if len(sizes) == 1 else f"{len(convolutions)} convs"]
                lines.append(f"{convolutions[-1].filters:,} filters")
            return ("block", *lines, "+ shortcut")
    raise AssertionError(f"{layer} belongs to the stage before it")


def _short(size: specs.Size) -> str:
    """Return a size as one number where height and width are equal."""
    return format_shape(size) if isinstance(size, tuple) else str(size)


NAMES: dict[str, str] = {
    "Conv": "Convolution",
    "Pool": "Pooling",
    "BlurPool": "Blur pooling",
    "LPPool": "Lp pooling",
    "Upsample": "Upsampling",
    "PixelShuffle": "Pixel shuffle",
    "Pad": "Padding",
    "Unflatten": "Unflatten",
    "PReLU": "PReLU",
    "GroupNorm": "Group norm",
    "InstanceNorm": "Instance norm",
    "LayerNorm": "Layer norm",
    "Linear": "Fully connected",
    "Activation": "Activation",
    "BatchNorm": "Batch norm",
    "Dropout": "Dropout",
    "Flatten": "Flatten",
    "GlobalPool": "Global pooling",
    "AdaptivePool": "Adaptive pooling",
    "ConvTranspose": "Transposed conv.",
    "PrimaryCapsules": "Primary capsules",
    "RoutedCapsules": "Routed capsules",
    "CapsuleDecoder": "Capsule decoder",
    "CapsuleLengths": "Capsule lengths",
    "Residual": "Residual block",
}
GROUPS: dict[str, tuple[str, ...]] = {  # of the kinds that a row can be, as lists of kinds show them
    "Planes": ("Conv", "Pool", "BlurPool", "LPPool", "GlobalPool", "AdaptivePool", "ConvTranspose"),
    "The size of planes": ("Upsample", "PixelShuffle", "Pad"),
    "Lists of numbers": ("Flatten", "Linear", "Unflatten"),
    "Each number": ("Activation", "PReLU", "Dropout"),
    "Normalization": ("BatchNorm", "GroupNorm", "InstanceNorm", "LayerNorm"),
    "Capsules": ("PrimaryCapsules", "RoutedCapsules", "CapsuleDecoder", "CapsuleLengths"),
}
