"""A network is data: a tuple of the frozen layer specs below.

The calculator, the diagram, the generated code and the torch module are readings of that tuple. A spec holds what a
person wrote; whether it fits is for `core.layers.calculator.analyse` to say, which knows the layer's place.

Sizes are an int, or (height, width) where the two differ; (3, 3) is stored as 3, so that equal networks are equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

Size = int | tuple[int, int]


def _canonical(value: Any) -> Any:
    """A list becomes a tuple, and a pair of equal numbers one number; anything else stays."""
    if isinstance(value, list | tuple):
        pair = tuple(value)
        return pair[0] if len(pair) == 2 and pair[0] == pair[1] else pair
    return value


@dataclass(frozen=True, slots=True)
class _Spec:
    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, _canonical(getattr(self, field.name)))


Padding = Size | Literal["same"]
PoolKind = Literal["max", "average"]


@dataclass(frozen=True, slots=True)
class Conv(_Spec):
    """K filters of F x F x (D_in / groups): one plane of output each."""

    filters: int
    kernel: Size
    stride: Size = 1
    padding: Padding = 0
    dilation: Size = 1
    groups: int = 1
    bias: bool = True


@dataclass(frozen=True, slots=True)
class ConvTranspose(_Spec):
    """The transposed convolution: each input value stamps its filter on a larger output."""

    filters: int
    kernel: Size
    stride: Size = 1
    padding: Size = 0
    dilation: Size = 1
    groups: int = 1
    bias: bool = True
    output_padding: Size = 0


@dataclass(frozen=True, slots=True)
class Pool(_Spec):
    """The largest value, or the mean, of each F x F window. The stride is the window's size unless given."""

    kind: PoolKind
    kernel: Size
    stride: Size | None = None
    padding: Size = 0
    ceil: bool = False

    def __post_init__(self) -> None:
        _Spec.__post_init__(self)
        if self.stride == self.kernel:
            object.__setattr__(self, "stride", None)


@dataclass(frozen=True, slots=True)
class GlobalPool(_Spec):
    """One number a plane: its mean or its largest value. (C, H, W) -> (C, 1, 1)."""

    kind: PoolKind = "average"


@dataclass(frozen=True, slots=True)
class Flatten(_Spec):
    """(C, H, W) -> (C * H * W): the numbers stay, where they lay is lost."""


@dataclass(frozen=True, slots=True)
class Linear(_Spec):
    """A fully connected layer: every unit sees every input."""

    units: int
    bias: bool = True


@dataclass(frozen=True, slots=True)
class Activation(_Spec):
    """A function of each number alone."""

    kind: Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "softmax"] = "relu"


@dataclass(frozen=True, slots=True)
class BatchNorm(_Spec):
    """Each channel brought to mean 0 and variance 1 over the batch, then scaled and shifted by two learned numbers."""


@dataclass(frozen=True, slots=True)
class Dropout(_Spec):
    """While training, each number is dropped with probability p and the rest scaled by 1 / (1 - p)."""

    p: float = 0.5


Layer = Conv | ConvTranspose | Pool | GlobalPool | Flatten | Linear | Activation | BatchNorm | Dropout
Network = tuple[Layer, ...]
KINDS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for kind in (Conv, ConvTranspose, Pool, GlobalPool, Flatten, Linear, Activation, BatchNorm, Dropout)
}


def to_json(layer: Layer) -> dict[str, Any]:
    """The layer as plain JSON data: `{"layer": "Conv", "filters": 8, ...}`, every field written out."""
    data: dict[str, Any] = {"layer": type(layer).__name__}
    for field in fields(layer):
        value = getattr(layer, field.name)
        data[field.name] = list(value) if isinstance(value, tuple) else value
    return data


def from_json(data: object) -> Layer:
    """The layer that `to_json` wrote. Raises ValueError with a sentence for anything else; nothing is executed."""
    if not isinstance(data, Mapping) or data.get("layer") not in KINDS:
        raise ValueError(f"A layer is an object with a \"layer\" that is one of {', '.join(KINDS)}; got {data!r:.80}.")
    kind = KINDS[data["layer"]]
    known = {field.name for field in fields(kind)}
    values = {name: value for name, value in data.items() if name != "layer"}
    if unknown := sorted(set(values) - known):
        raise ValueError(f"{kind.__name__} has no setting {unknown[0]!r:.40}; it has {', '.join(sorted(known)) or 'none'}.")
    try:
        return kind(**values)
    except TypeError:
        raise ValueError(f"{kind.__name__} needs {', '.join(f.name for f in fields(kind))}.") from None
