"""Layer specs: a network is a tuple of the frozen dataclasses below.

The calculator, the diagram, the generated code and the torch module all read that tuple. A spec holds what the user
wrote; whether it fits is checked by `core.layers.calculator.analyse`, which knows the layer's position.

Sizes are an int, or (height, width) where the two differ; (3, 3) is stored as 3, so that equal networks are equal.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

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
        for field in fields(self):
            object.__setattr__(self, field.name, _canonical(getattr(self, field.name)))


Padding = Size | Literal["same"]
PoolKind = Literal["max", "average"]
ActivationKind = Literal["relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "softmax"]


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
    """Pooling: the largest value, or the mean, of each F x F window. A stride of None is the window's size."""

    kind: PoolKind
    kernel: Size
    stride: Size | None = None
    padding: Size = 0
    ceil: bool = False

    def __post_init__(self) -> None:
        """Store a stride of the window's size as None, the default."""
        _Spec.__post_init__(self)
        if self.stride == self.kernel:
            object.__setattr__(self, "stride", None)


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


@dataclass(frozen=True, slots=True)
class Dropout(_Spec):
    """Dropout: in training, each value is set to 0 with probability p, and the others are scaled by 1 / (1 - p)."""

    p: float = 0.5

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
    | AdaptivePool
    | GlobalPool
    | Flatten
    | Linear
    | Activation
    | BatchNorm
    | Dropout
    | PrimaryCapsules
    | RoutedCapsules
    | CapsuleDecoder
    | CapsuleLengths
    | Residual
)
Network = tuple[Layer, ...]
# The layers whose settings are plain values, as a row of the calculator's table holds them.
KINDS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for kind in (
        Conv,
        ConvTranspose,
        Pool,
        BlurPool,
        AdaptivePool,
        GlobalPool,
        Flatten,
        Linear,
        Activation,
        BatchNorm,
        Dropout,
        PrimaryCapsules,
        RoutedCapsules,
        CapsuleDecoder,
        CapsuleLengths,
    )
}
BLOCKS: dict[str, type[Residual]] = {"Residual": Residual}  # layers that contain layers
EVERY_KIND: dict[str, type[Layer]] = {**KINDS, **BLOCKS}
MAX_DEPTH = 4  # of nested blocks


def to_json(layer: Layer) -> dict[str, Any]:
    """Return a layer as JSON data, with every field written out.

    Examples:
        >>> to_json(Linear(10))
        {'layer': 'Linear', 'units': 10, 'bias': True}
    """
    if isinstance(layer, Residual):
        ways = {"body": layer.body, "shortcut": layer.shortcut}
        return {"layer": "Residual", **{name: [to_json(inner) for inner in way] for name, way in ways.items()}}
    data: dict[str, Any] = {"layer": type(layer).__name__}
    for field in fields(layer):
        value = getattr(layer, field.name)
        data[field.name] = list(value) if isinstance(value, tuple) else value
    return data


MAX_LAYERS = 1_000  # of a network, including those inside blocks


def layer_count(layers: Iterable[object]) -> int:
    """Return the number of layers, including those inside blocks; a block itself counts as one.

    Args:
        layers: Layer specs, or the JSON data of specs. Nothing is validated, so counting is cheap.

    Returns:
        The number of layers.

    Examples:
        >>> layer_count([Residual([Conv(8, 3, padding=1), BatchNorm()]), Activation()])
        4
    """
    count, left = 0, list(layers)
    while left:
        layer = left.pop()
        count += 1
        if isinstance(layer, Residual):
            left += (*layer.body, *layer.shortcut)
        elif isinstance(layer, Mapping) and str(layer.get("layer")) in BLOCKS:
            for way in (layer.get("body"), layer.get("shortcut")):
                left += way if isinstance(way, list) else ()
    return count


def too_many_layers(count: int) -> str:
    """Return the sentence for a network of more than MAX_LAYERS layers."""
    return f"a network can have at most {MAX_LAYERS:,} layers; this one has {count:,}, including those inside blocks."


def network_from_json(data: Sequence[object]) -> Network:
    """Return the layers of JSON data.

    Args:
        data: One JSON object per layer; a list that is too long is refused before the first is read.

    Returns:
        The network.

    Raises:
        ValueError: There are too many layers, or one is invalid.
    """
    if (count := layer_count(data)) > MAX_LAYERS:
        raise ValueError(too_many_layers(count).capitalize())
    return tuple(from_json(layer) for layer in data)


MAX_JSON_INTEGER = 2**53  # the largest whole number that survives a browser's JSON
MAX_NAME_LENGTH = 20  # letters


def _is_setting(value: object) -> bool:
    """Return whether JSON data can be a layer's setting: null, a flag, a number, a short name, or a pair of ints."""
    match value:
        case None | bool():
            return True
        case int():
            return abs(value) <= MAX_JSON_INTEGER
        case float():
            return math.isfinite(value)
        case str():
            return len(value) <= MAX_NAME_LENGTH
        case [first, second]:
            return all(type(number) is int and abs(number) <= MAX_JSON_INTEGER for number in (first, second))
        case _:
            return False


def from_json(data: object, depth: int = 0) -> Layer:
    """Return the layer that `to_json` wrote; nothing is executed.

    Only null, booleans, finite numbers, short strings and pairs of ints are accepted, so that the layer is hashable and
    small. Whether they make sense is checked by `core.layers.calculator.analyse`.

    Args:
        data: JSON data.
        depth: Number of blocks that contain the layer.

    Returns:
        The layer.

    Raises:
        ValueError: The data is anything else; the message is a sentence.

    Examples:
        >>> from_json({"layer": "Conv", "filters": 8, "kernel": [3, 3]})
        Conv(filters=8, kernel=3, stride=1, padding=0, dilation=1, groups=1, bias=True)
    """
    name = data.get("layer") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(name, str) or name not in EVERY_KIND:
        kinds = ", ".join(EVERY_KIND)
        raise ValueError(f'A layer is an object with a "layer" that is one of {kinds}; got {data!r:.80}.')
    if name in BLOCKS:
        return _block_from_json(data, depth + 1)
    kind = KINDS[name]
    known = {field.name for field in fields(kind)}
    values = {key: value for key, value in data.items() if key != "layer"}
    if unknown := [key for key in values if key not in known]:
        raise ValueError(f"{name} has no setting {unknown[0]!r:.40}; it has {', '.join(sorted(known)) or 'none'}.")
    for key, value in values.items():
        if not _is_setting(value):
            allowed = "a number, a pair of whole numbers, true or false, or a short name"
            raise ValueError(f"{key} of {name} must be {allowed}; got {value!r:.40}.")
    try:
        return kind(**values)
    except TypeError:
        raise ValueError(f"{name} needs {', '.join(f.name for f in fields(kind))}.") from None


def _block_from_json(data: Mapping[str, Any], depth: int) -> Residual:
    """Return a block at this depth, counted from 1. Raises ValueError."""
    if depth > MAX_DEPTH:
        raise ValueError(f"Blocks can be nested at most {MAX_DEPTH} deep.")
    ways = {key: value for key, value in data.items() if key != "layer"}
    if not {"body"} <= set(ways) <= {"body", "shortcut"} or not all(isinstance(way, list) for way in ways.values()):
        raise ValueError('Residual has a list of layers as its "body", and may have one as its "shortcut".')
    return Residual(**{key: tuple(from_json(inner, depth) for inner in way) for key, way in ways.items()})
