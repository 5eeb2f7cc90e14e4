"""What is known of a layer once its input's shape is known: its output's shape, its cost and its reach."""

from typing import NamedTuple

from core.layers.shape_inference.reach import IDENTITY_STEP, Step

Shape = tuple[int, ...]  # (C, H, W), (capsules, dimensions), or (N,) after a Flatten


class LayerShapes(NamedTuple):
    """The output shape and cost of one layer for one input shape."""

    shape: Shape
    weights: int = 0
    biases: int = 0
    buffers: int = 0
    macs: int = 0
    steps: tuple[Step, Step] = (IDENTITY_STEP, IDENTITY_STEP)  # (down, right)
    unused: tuple[int, int] = (0, 0)  # (right, bottom)
    plane: tuple[int, int] | None = None  # (H, W) of the positions, of capsules that have some
