"""Layer specs: a network is a tuple of the frozen dataclasses below.

The calculator, the diagram, the generated code and the torch module all read that tuple. A spec holds what the user
wrote; whether it fits is checked by `core.layers.calculator.analyze`, which knows the layer's position.

Sizes are an int, or (height, width) where the two differ; (3, 3) is stored as 3, so that equal networks are equal.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

Size = int | tuple[int, int]


def pair(size: Size) -> tuple[int, int]:
    """Return a size as (height, width).

    Examples:
        >>> pair(3), pair((3, 5))
        ((3, 3), (3, 5))
    """
    return size if isinstance(size, tuple) else (size, size)


def _canonical(value: Any) -> Any:
    """Return a list as a tuple, a pair of equal numbers as one number, and anything else as it is."""
    if isinstance(value, list | tuple):
        pair = tuple(value)
        return pair[0] if len(pair) == 2 and pair[0] == pair[1] else pair
    return value


@dataclass(frozen=True, slots=True)
class _Spec:
    """Base of the layer specs: every field is stored in canonical form."""

    def __post_init__(self) -> None:
        """Bring every field to its canonical form."""
        for setting in fields(self):
            object.__setattr__(self, setting.name, _canonical(getattr(self, setting.name)))


Padding = Size | Literal["same"]
PoolKind = Literal["max", "average"]
ActivationKind = Literal[
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "gelu",
    "silu",
    "tanh",
    "sigmoid",
    "softmax",
    "selu",
    "celu",
    "mish",
    "softplus",
    "softsign",
    "tanhshrink",
    "hardswish",
    "hardsigmoid",
    "hardtanh",
    "logsigmoid",
    "log_softmax",
]
DropoutKind = Literal["values", "channels", "alpha"]
UpsampleKind = Literal["nearest", "bilinear", "bicubic"]
PadKind = Literal["zeros", "reflect", "replicate", "circular"]


LATER = {"later": True}  # marks a field that joined its spec later: JSON leaves its default out, as older runs' keys do


@dataclass(frozen=True, slots=True)
class Conv(_Spec):
    """A convolution: K filters of F x F x (D_in / groups), one output plane each."""

    filters: int
    kernel: Size
    stride: Size = 1
    padding: Padding = 0
    dilation: Size = 1
    groups: int = 1
    bias: bool = True


@dataclass(frozen=True, slots=True)
class ConvTranspose(_Spec):
    """A transposed convolution: each input value adds a scaled copy of the filter to a larger output."""

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
    """Pooling: the largest value, or the mean, of each F x F window. A stride of None is the window's size.

    Only windows of the largest value can have a dilation, as in PyTorch.
    """

    kind: PoolKind
    kernel: Size
    stride: Size | None = None
    padding: Size = 0
    ceil: bool = False
    dilation: Size = field(default=1, metadata=LATER)

    def __post_init__(self) -> None:
        """Store a stride of the window's size as None, the default."""
        _Spec.__post_init__(self)
        if self.stride == self.kernel:
            object.__setattr__(self, "stride", None)


@dataclass(frozen=True, slots=True)
class LPPool(_Spec):
    """Lp pooling: the p-th root of the sum of the p-th powers of each F x F window: with p = 1 the sum."""

    norm: float
    kernel: Size
    stride: Size | None = None
    ceil: bool = False

    def __post_init__(self) -> None:
        """Store a stride of the window's size as None, the default, and p as a float."""
        _Spec.__post_init__(self)
        if self.stride == self.kernel:
            object.__setattr__(self, "stride", None)
        if type(self.norm) is int:
            object.__setattr__(self, "norm", float(self.norm))


@dataclass(frozen=True, slots=True)
class Upsample(_Spec):
    """Upsampling: planes `scale` times as large, between whose pixels `kind` interpolates. Not trainable.

    `corners`: the outermost pixels stay where they are (PyTorch's align_corners), for bilinear and bicubic.
    """

    scale: Size = 2
    kind: UpsampleKind = "nearest"
    corners: bool = False


@dataclass(frozen=True, slots=True)
class PixelShuffle(_Spec):
    """Pixel shuffle: r * r planes become one of r times the size, (C * r * r, H, W) -> (C, H * r, W * r).

    Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural
    network", 2016.
    """

    factor: int = 2


@dataclass(frozen=True, slots=True)
class Pad(_Spec):
    """Padding as a layer of its own: `rows` at the top and the bottom, `columns` at the left and the right.

    What stands there: zeros, the plane mirrored, its outermost pixels, or the plane again from its other end.
    """

    rows: Size = 1
    columns: Size = 1
    kind: PadKind = "zeros"


@dataclass(frozen=True, slots=True)
class BlurPool(_Spec):
    """Blur pooling: every S-th value of the planes after an F x F binomial blur, which avoids aliasing. Not trainable.

    Zhang, "Making convolutional networks shift-invariant again", 2019. After Pool("max", 2, stride=1) it replaces max
    pooling. The border is reflected: (C, H, W) -> (C, ceil(H / S), ceil(W / S)).
    """

    kernel: int = 3
    stride: Size = 2


@dataclass(frozen=True, slots=True)
class AdaptivePool(_Spec):
    """Adaptive pooling: windows are spread so that the output has a given size, (C, H, W) -> (C, *size)."""

    kind: PoolKind
    size: Size


@dataclass(frozen=True, slots=True)
class GlobalPool(_Spec):
    """Global pooling: the mean or the largest value of each plane, (C, H, W) -> (C, 1, 1)."""

    kind: PoolKind = "average"


@dataclass(frozen=True, slots=True)
class Flatten(_Spec):
    """Flattening, (C, H, W) -> (C * H * W): the values stay, their positions are lost."""


@dataclass(frozen=True, slots=True)
class Unflatten(_Spec):
    """The reverse of flattening: a list read as planes, (C * H * W) -> (channels, *plane)."""

    channels: int
    plane: Size


@dataclass(frozen=True, slots=True)
class Linear(_Spec):
    """A fully connected layer: every unit reads every input."""

    units: int
    bias: bool = True


@dataclass(frozen=True, slots=True)
class Activation(_Spec):
    """An activation function, applied to each value; softmax is over the channels."""

    kind: ActivationKind = "relu"


@dataclass(frozen=True, slots=True)
class BatchNorm(_Spec):
    """Batch normalization: each channel to mean 0 and variance 1, then scaled and shifted by two trained numbers."""

    affine: bool = field(default=True, metadata=LATER)


@dataclass(frozen=True, slots=True)
class GroupNorm(_Spec):
    """Group normalization: each of G groups of channels to mean 0 and variance 1, within one picture.

    Each channel is then scaled and shifted by two trained numbers. Wu and He, "Group normalization", 2018.
    """

    groups: int
    affine: bool = True


@dataclass(frozen=True, slots=True)
class InstanceNorm(_Spec):
    """Instance normalization: each channel to mean 0 and variance 1, within one picture."""

    affine: bool = False


@dataclass(frozen=True, slots=True)
class LayerNorm(_Spec):
    """Layer normalization over the last `axes` of (C, H, W), or over a list: to mean 0 and variance 1 in one picture.

    Each of the numbers that are normalized together has a trained scale and a trained shift.
    """

    axes: int = 3
    affine: bool = True
    bias: bool = True


@dataclass(frozen=True, slots=True)
class PReLU(_Spec):
    """ReLU whose slope for values below 0 is trained: one for all channels, or one `per_channel`."""

    per_channel: bool = False


@dataclass(frozen=True, slots=True)
class Dropout(_Spec):
    """Dropout: in training, each value is set to 0 with probability p, and the others are scaled by 1 / (1 - p).

    It can drop whole channels instead, or keep mean and variance as networks of SELUs need it (alpha).
    """

    p: float = 0.5
    kind: DropoutKind = field(default="values", metadata=LATER)

    def __post_init__(self) -> None:
        """Store p as a float: 0 and 0.0 are one network, so they have one JSON."""
        _Spec.__post_init__(self)
        if type(self.p) is int:
            object.__setattr__(self, "p", float(self.p))


@dataclass(frozen=True, slots=True)
class Residual:
    """A residual block: the outputs of `body` and of `shortcut`, both applied to the same input, are added.

    An empty shortcut is the identity (He, Zhang, Ren and Sun 2015). Both outputs have the same shape. The activation
    that usually follows is a layer of its own.
    """

    body: "Network"
    shortcut: "Network" = ()

    def __post_init__(self) -> None:
        """Store both lists of layers as tuples."""
        object.__setattr__(self, "body", tuple(self.body))
        object.__setattr__(self, "shortcut", tuple(self.shortcut))


@dataclass(frozen=True, slots=True)
class PrimaryCapsules(_Spec):
    """Primary capsules: a convolution whose planes are read as vectors, shortened to a length below 1 (squash).

    `types` capsules of `dimensions` numbers at every position: (C, H, W) -> (types * H' * W', dimensions).
    Sabour, Frosst and Hinton, "Dynamic routing between capsules", 2017.
    """

    types: int
    dimensions: int = 8
    kernel: Size = 9
    stride: Size = 2
    padding: Size = 0


@dataclass(frozen=True, slots=True)
class RoutedCapsules(_Spec):
    """Capsules that those of the layer before agree on, by routing: (I, D) -> (capsules, dimensions).

    With 0 or 1 iterations every capsule counts the same, as in a fully connected layer. `through` lets the gradient
    flow through all iterations; `shared` gives all I capsules the same transformations (Gu and Tresp 2019).
    """

    capsules: int
    dimensions: int = 16
    iterations: int = 3
    through: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class CapsuleDecoder(_Spec):
    """A decoder for training: it redraws the picture from the true class's capsule, through two hidden layers.

    The capsules themselves pass unchanged, (J, E) -> (J, E). It stands between the last capsules and their lengths.
    """

    first: int = 512
    second: int = 1024


@dataclass(frozen=True, slots=True)
class CapsuleLengths(_Spec):
    """The length of each capsule, the network's estimate that its class is there: (J, E) -> (J)."""


Layer = (
    Conv
    | ConvTranspose
    | Pool
    | BlurPool
    | LPPool
    | AdaptivePool
    | GlobalPool
    | Upsample
    | PixelShuffle
    | Pad
    | Flatten
    | Unflatten
    | Linear
    | Activation
    | PReLU
    | BatchNorm
    | GroupNorm
    | InstanceNorm
    | LayerNorm
    | Dropout
    | PrimaryCapsules
    | RoutedCapsules
    | CapsuleDecoder
    | CapsuleLengths
    | Residual
)
Network = tuple[Layer, ...]
BLOCKS: dict[str, type[Residual]] = {"Residual": Residual}  # layers that contain layers
EVERY_KIND: dict[str, type[Layer]] = {kind.__name__: kind for kind in get_args(Layer)}
# The layers whose settings are plain values, as a row of the calculator's table holds them.
KINDS: dict[str, type[Layer]] = {name: kind for name, kind in EVERY_KIND.items() if name not in BLOCKS}
CHOICES: dict[str, tuple[str, ...]] = {  # what `kind` can be, by the layer
    **dict.fromkeys(("Pool", "AdaptivePool", "GlobalPool"), get_args(PoolKind)),
    "Activation": get_args(ActivationKind),
    "Dropout": get_args(DropoutKind),
    "Upsample": get_args(UpsampleKind),
    "Pad": get_args(PadKind),
}
