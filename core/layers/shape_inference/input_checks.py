"""Check that a layer fits its input, and say what to change where it does not.

Whether its settings are valid at all is for `core.layers.setting_checks` to check.
"""

import math

from core.layers.setting_checks import MAX_SIDE, LayerError
from core.layers.specs import Conv, ConvTranspose
from core.size_text import describe_shape, format_shape


def require_planes(index: int, what: str, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Return the input shape as (C, H, W).

    Args:
        index: The layer's position, for the error message.
        what: The layer's name in the message.
        shape: Shape of its input.

    Returns:
        The same shape.

    Raises:
        LayerError: The input is flat.
    """
    if len(shape) == 2:
        raise LayerError(index, f"{what} needs planes, but its input is {describe_shape(shape)}: move it before them.")
    if len(shape) != 3:
        raise LayerError(
            index,
            f"{what} needs planes, but its input is flat ({describe_shape(shape)}): move it before the Flatten.",
        )
    return shape[0], shape[1], shape[2]


def require_capsules(index: int, what: str, shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the input shape as (capsules, dimensions).

    Args:
        index: The layer's position, for the error message.
        what: The layer's name in the message.
        shape: Shape of its input.

    Returns:
        The same shape.

    Raises:
        LayerError: The input is no capsules.
    """
    if len(shape) != 2:
        raise LayerError(
            index, f"{what} needs capsules, but its input is {describe_shape(shape)}: add a PrimaryCapsules before it."
        )
    return shape[0], shape[1]


def refuse_capsules(index: int, what: str, shape: tuple[int, ...]) -> None:
    """Raise LayerError if the input of a layer is capsules, which it cannot read."""
    if len(shape) == 2:
        raise LayerError(
            index,
            f"{what} reads no capsules, but its input is {describe_shape(shape)}: add a Flatten before it, or a "
            "CapsuleLengths.",
        )


def checked_output_shape(index: int, channels: int, plane: tuple[int, int]) -> tuple[int, int, int]:
    """Return the output shape, unless it is too large.

    Args:
        index: The layer's position, for the error message.
        channels: Output channels.
        plane: Output size, (H, W).

    Returns:
        (C, H, W).

    Raises:
        LayerError: A side exceeds MAX_SIDE.
    """
    if max(plane) > MAX_SIDE:
        raise LayerError(
            index,
            f"its output would be {format_shape(plane)}, but a side can have at most {MAX_SIDE:,}: use a smaller "
            "stride, kernel or padding.",
        )
    return channels, plane[0], plane[1]


def check_norm_groups(index: int, groups: int, channels: int) -> None:
    """Raise LayerError unless the groups of a normalization divide its channels evenly."""
    if channels % groups:
        near = [divisor for divisor in range(1, channels + 1) if channels % divisor == 0] if channels <= 10_000 else [1]
        best = min(near, key=lambda divisor: abs(divisor - groups))
        raise LayerError(index, f"groups {groups} does not divide the {channels:,} channels: use {best}.")


def check_groups(index: int, layer: Conv | ConvTranspose, channels: int) -> None:
    """Check that input channels and filters can be split into equal groups.

    Args:
        index: The layer's position, for the error message.
        layer: The convolution.
        channels: Input channels.

    Raises:
        LayerError: `groups` does not divide both; the message names the nearest that do.
    """
    if channels % layer.groups == 0 and layer.filters % layer.groups == 0:
        return
    whole = math.gcd(channels, layer.filters)
    working = [g for g in range(1, math.isqrt(whole) + 1) if whole % g == 0]
    working = sorted({*working, *(whole // g for g in working)})
    below = max(g for g in working if g <= layer.groups)
    above = [g for g in working if g > layer.groups][:1]
    what = f"{channels} input channels" if channels % layer.groups else f"{layer.filters} filters"
    raise LayerError(
        index,
        f"groups {layer.groups} does not divide the {what}: use {' or '.join(str(g) for g in [below, *above])}.",
    )
