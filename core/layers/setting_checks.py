"""Validate the settings of layers, and say what is wrong with invalid ones.

The ranges are wide enough for any published network and narrow enough that no result of the calculator grows without
bound. Whether a layer fits its input is for `core.layers.shape_inference.layer` to check.
"""

import math
from collections.abc import Sequence

from core.layers.layer_count import MAX_DEPTH
from core.layers.specs import CHOICES, EVERY_KIND, BlurPool, Conv, Dropout, Layer, LPPool, Pool, Residual

MAX_SIDE = 1_000_000  # of any plane, in pixels
MAX_CHANNELS = 1_000_000
MAX_BLUR = 7  # rows of a blur pooling's binomial: Zhang's largest

# The least and the most of every whole number a layer can hold: the calculator's sliders and the checks read one table.
LIMITS: dict[str, tuple[int, int]] = {
    "filters": (1, MAX_CHANNELS),
    "units": (1, MAX_CHANNELS),
    "groups": (1, MAX_CHANNELS),
    "kernel": (1, 10_000),
    "stride": (1, 10_000),
    "padding": (0, 10_000),
    "dilation": (1, 10_000),
    "output_padding": (0, 10_000),
    "size": (1, 10_000),
    "types": (1, 10_000),
    "dimensions": (1, 10_000),
    "capsules": (1, 10_000),
    "iterations": (0, 5),
    "first": (1, MAX_CHANNELS),
    "second": (1, MAX_CHANNELS),
    "scale": (1, 1_000),
    "factor": (1, 1_000),
    "rows": (0, 10_000),
    "columns": (0, 10_000),
    "channels": (1, MAX_CHANNELS),
    "plane": (1, MAX_SIDE),
    "axes": (1, 3),
}
MAX_NORM = 100.0  # p of Lp pooling
# an int or two of them: (height, width), (top, bottom) or (left, right)
SIZES = {"kernel", "stride", "padding", "dilation", "output_padding", "size", "scale", "rows", "columns", "plane"}
FLAGS = {"bias", "ceil", "through", "shared", "affine", "corners", "per_channel"}


class LayerError(ValueError):
    """Raised for an invalid network. The message is a sentence that says which number to change.

    `index` is the layer's position in the tuple, from 0, or None if the input shape is at fault; the message counts
    from 1.
    """

    def __init__(self, index: int | None, reason: str) -> None:
        """Compose the message: "layer 4: " and the reason."""
        super().__init__(f"layer {index + 1}: {reason}" if index is not None else reason)
        self.index = index
        self.reason = reason

    @property
    def faults(self) -> tuple[str, ...]:
        """All faults, as a ParseError has them."""
        return (str(self),)


def _is_whole(value: object, low: int, high: int) -> bool:
    """Return whether a value is a whole number in a range."""
    return type(value) is int and low <= value <= high  # not isinstance: True is no size


def check_layer(layer: Layer, index: int, depth: int = 0) -> None:
    """Check the kind and range of every setting of one layer.

    Args:
        layer: The layer.
        index: Its position, for the error message.
        depth: Number of blocks that contain it.

    Raises:
        LayerError: A setting is invalid.
    """
    if type(layer) not in EVERY_KIND.values():
        raise LayerError(index, f"{layer!r:.40} is not a layer: use one of {', '.join(EVERY_KIND)}.")
    if isinstance(layer, Residual):
        if depth == MAX_DEPTH:
            raise LayerError(index, f"blocks can be nested at most {MAX_DEPTH} deep.")
        if not layer.body:
            raise LayerError(index, "the body of a Residual needs at least one layer.")
        return  # its layers are checked where they are read
    for name in layer.__dataclass_fields__:
        value = getattr(layer, name)
        if name in LIMITS:
            low, high = LIMITS[name]
            if _is_whole(value, low, high):
                continue
            pair = (
                isinstance(value, tuple) and len(value) == 2 and all(_is_whole(number, low, high) for number in value)
            )
            same = name == "padding" and value == "same" and isinstance(layer, Conv)
            default = name == "stride" and value is None and isinstance(layer, Pool | LPPool)
            if (pair and name in SIZES) or same or default:
                continue
            what = "a whole number, or a pair of them," if name in SIZES else "a whole number"
            raise LayerError(index, f"{name} must be {what} from {low:,} to {high:,}; got {value!r:.40}.")
        if name in FLAGS and type(value) is not bool:
            raise LayerError(index, f"{name} must be true or false; got {value!r:.40}.")
        if name == "kind":
            kinds = CHOICES[type(layer).__name__]
            if value not in kinds:
                raise LayerError(index, f"kind must be one of {', '.join(kinds)}; got {value!r:.40}.")
    if isinstance(layer, BlurPool) and not _is_whole(layer.kernel, 1, MAX_BLUR):
        raise LayerError(
            index, f"kernel of blur pooling must be a whole number from 1 to {MAX_BLUR}; got {layer.kernel}."
        )
    if isinstance(layer, Dropout) and not (
        isinstance(layer.p, float) and math.isfinite(layer.p) and 0.0 <= layer.p <= 1.0
    ):
        raise LayerError(index, f"p must be a number from 0 to 1; got {layer.p!r:.40}.")
    if isinstance(layer, Pool) and layer.kind == "average" and layer.dilation != 1:
        raise LayerError(index, "pooling with the mean has no dilation: use 1, or max pooling.")
    if isinstance(layer, LPPool) and not (isinstance(layer.norm, float) and 0 < layer.norm <= MAX_NORM):
        raise LayerError(index, f"norm must be a number above 0, at most {MAX_NORM:g}; got {layer.norm!r:.40}.")


def check_input(input_shape: Sequence[int]) -> tuple[int, int, int]:
    """Return the input shape as (C, H, W). Raises LayerError unless it is three whole numbers in range."""
    shape = tuple(input_shape) if isinstance(input_shape, list | tuple) else ()
    limits = (MAX_CHANNELS, MAX_SIDE, MAX_SIDE)
    if len(shape) != 3 or not all(_is_whole(n, 1, high) for n, high in zip(shape, limits, strict=True)):
        raise LayerError(
            None,
            "The input needs three sizes (channels, height, width), whole numbers from 1 to "
            f"{MAX_SIDE:,}; got {input_shape!r:.60}.",
        )
    return shape[0], shape[1], shape[2]
