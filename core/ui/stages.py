"""A network as the few stages that a person tells apart: what a drawing of it shows, and in which words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.layers.calculator import Row, analyse
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Pool,
    Residual,
    Size,
    pair,
)

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
}
POOLS = {"max": "max", "average": "mean"}


@dataclass(frozen=True, slots=True)
class Stage:
    """What goes through the network at one place: the picture, planes, or a list of numbers; and what made it."""

    shape: tuple[int, ...]  # (C, H, W), or (N,) after a Flatten
    layer: Layer | None  # None for the picture that goes in
    made_by: tuple[str, ...]  # the layer, a few words a line, and what was folded into it: "ReLU", "norm", ...
    parameters: int = 0
    repeats: int = 1  # equal convolutions or blocks in a row are told once

    @property
    def is_pooled(self) -> bool:
        """Whether a pooling made it: nothing learned, the same planes smaller."""
        return isinstance(self.layer, Pool | BlurPool | AdaptivePool | GlobalPool)


def stages(layers: Sequence[Layer], input_shape: Sequence[int]) -> list[Stage]:
    """The picture that goes in, then one stage for each layer that gives the numbers a new place or meaning.

    Activations, batch norm and dropout are told with the layer before, and equal convolutions or blocks in a row as one
    stage with the sum of their parameters. Raises LayerError for a network that cannot be.
    """
    told = [Stage(tuple(input_shape), None, ("picture",))]
    for row in analyse(layers, input_shape):
        last = told[-1]
        folded = _folded(row.layer)
        parameters = last.parameters + row.parameters
        if folded is not None:
            lines = last.made_by if folded in last.made_by else (*last.made_by, folded)
            told[-1] = replace(last, made_by=lines, parameters=parameters)
        elif isinstance(row.layer, Conv | Residual) and row.layer == last.layer and row.output_shape == last.shape:
            told[-1] = replace(last, repeats=last.repeats + 1, parameters=parameters)
        else:
            told.append(Stage(row.output_shape, row.layer, _words(row), row.parameters))
    return told


def spoken(told: Sequence[Stage]) -> str:
    """The stages as one sentence, for those who hear the drawing."""
    parts = []
    for stage in told:
        made_by = " ".join([*([f"{stage.repeats} times"] if stage.repeats > 1 else []), ", ".join(stage.made_by)])
        parameters = f", {stage.parameters:,} parameters" if stage.parameters else ""
        parts.append(f"{made_by}: {' by '.join(f'{size:,}' for size in stage.shape)}{parameters}")
    return "; ".join(parts) + "."


def words(row: Row) -> tuple[str, ...]:
    """One layer alone in lines of a few letters: "conv 3×3" and "16 filters", "ReLU", "norm", ..."""
    folded = _folded(row.layer)
    return _words(row) if folded is None else (folded,)


def by(size: Size) -> str:
    """A window's size as it is written: 3×3."""
    return "×".join(str(n) for n in pair(size))


def _folded(layer: Layer) -> str | None:
    """The word for a layer that is told with the one before it."""
    match layer:
        case Activation():
            return ACTIVATIONS[layer.kind]
        case BatchNorm():
            return "norm"
        case Dropout():
            return f"drop {layer.p:.0%}"
    return None


def _words(row: Row) -> tuple[str, ...]:
    """The layer in lines of a few letters."""
    layer = row.layer
    match layer:
        case Conv() | ConvTranspose():
            name = f"{'conv' if isinstance(layer, Conv) else 'up-conv'} {by(layer.kernel)}"
            lines = [name, f"{layer.filters:,} filter{'s' * (layer.filters != 1)}"]
            if layer.stride != 1:
                lines.append(f"stride {_short(layer.stride)}")
            if layer.groups > 1:
                lines.append("depthwise" if layer.groups == row.input_shape[0] else f"{layer.groups} groups")
            return tuple(lines)
        case Pool():
            name = f"{POOLS[layer.kind]} {by(layer.kernel)}"
            return (name,) if layer.stride is None else (name, f"stride {_short(layer.stride)}")
        case BlurPool():
            return f"blur {by(layer.kernel)}", f"stride {_short(layer.stride)}"
        case AdaptivePool():
            return (f"{POOLS[layer.kind]} to {_short(layer.size)}",)
        case GlobalPool():
            return (f"{POOLS[layer.kind]} of all",)
        case Flatten():
            return ("flatten",)
        case Linear():
            return ("dense",)
        case Residual():
            convolutions = [inner for inner in layer.body if isinstance(inner, Conv)]
            lines = [f"block of {len(layer.body)}"]
            if convolutions:
                sizes = {by(inner.kernel) for inner in convolutions}
                lines = [f"{len(convolutions)} conv {sizes.pop()}" if len(sizes) == 1 else f"{len(convolutions)} convs"]
                lines.append(f"{convolutions[-1].filters:,} filters")
            return (*lines, "+ shortcut")
    raise AssertionError(f"{layer} is told with the layer before it")


def _short(size: Size) -> str:
    """A size as one number where height and width are alike."""
    return by(size) if isinstance(size, tuple) else str(size)
