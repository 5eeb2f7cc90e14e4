"""The settings of the inspector, and their conversion to and from the browser's JSON, with checks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from core.images.convolution import PADDINGS, Padding
from core.images.kernels import MAX_KERNEL_SIZE, MAX_WEIGHT, check_kernel
from core.images.pooling import POOLS, PoolKind
from core.ui.components.kit import Floats

Operation = Literal["convolve"] | PoolKind
OPERATIONS: tuple[Operation, ...] = ("convolve", *POOLS)
Scale = Literal["auto", "own", "shared", "picture"]
SCALES: tuple[Scale, ...] = get_args(Scale)
Pair = tuple[int, int]

MAX_SIDE = 160
"""In pixels: up to 128 x 128 the browser computes within one frame; a little more is allowed."""
MAX_STRIDE = 16


@dataclass(frozen=True, slots=True)
class InspectorState:
    """The current settings of the component: those of the page, with the user's changes.

    `kernel` is (Fh, Fw), (Fh, Fw, 3) or, for pooling, None; `window` (Fh, Fw), `stride`, `dilation` and `amount` are
    (height, width) in pixels; `pinned` is the pinned output cell (row, column), reported only with `watch_pin`.
    """

    operation: Operation
    kernel: Floats | None
    window: Pair
    stride: Pair = (1, 1)
    padding: Padding = "zero"
    amount: Pair | None = None
    dilation: Pair = (1, 1)
    ceil: bool = False
    bias: float = 0.0
    relu: bool = False
    scale: Scale = "auto"
    pinned: Pair | None = None

    def check(self, image_shape: tuple[int, ...]) -> None:
        """Check the settings for a picture of this shape.

        Raises:
            ValueError: if such a picture cannot be shown with these settings.
        """
        if len(image_shape) not in (2, 3) or (len(image_shape) == 3 and image_shape[2] != 3):
            raise ValueError(f"The inspector shows pictures of shape (H, W) or (H, W, 3), not {image_shape}.")
        if not 1 <= min(image_shape[:2]) <= max(image_shape[:2]) <= MAX_SIDE:
            raise ValueError(f"The inspector shows 1 to {MAX_SIDE} pixels a side, not {image_shape[:2]}: reduce it.")
        if not 1 <= min(self.window) <= max(self.window) <= MAX_KERNEL_SIZE:
            raise ValueError(f"A window has 1 to {MAX_KERNEL_SIZE} pixels a side, not {self.window}.")
        if self.operation == "convolve" and self.kernel is None:
            raise ValueError("A convolution needs a kernel.")
        if self.kernel is not None:
            if self.kernel.shape[:2] != self.window or self.kernel.shape[2:] not in ((), (3,)):
                raise ValueError(f"A kernel has the shape (Fh, Fw) or (Fh, Fw, 3), not {self.kernel.shape}.")
            if self.kernel.ndim > len(image_shape):
                raise ValueError("A 3-channel kernel needs a color picture.")
            check_kernel(self.kernel.reshape(self.kernel.shape[0], -1))
        if not abs(self.bias) <= MAX_WEIGHT:  # NaN compares false
            raise ValueError(f"The bias is a number between −{MAX_WEIGHT:,.0f} and {MAX_WEIGHT:,.0f}.")
        if not 1 <= min(*self.stride, *self.dilation) <= max(*self.stride, *self.dilation) <= MAX_STRIDE:
            raise ValueError(f"Stride and dilation are 1 to {MAX_STRIDE} pixels.")
        if self.amount is not None and not 0 <= min(self.amount) <= max(self.amount) <= MAX_KERNEL_SIZE:
            raise ValueError(f"Padding is 0 to {MAX_KERNEL_SIZE} pixels a side.")
        options = ((self.operation, OPERATIONS), (self.padding, PADDINGS), (self.scale, SCALES))
        for value, choices in options:
            if value not in choices:
                raise ValueError(f"{value!r:.40} is not one of {', '.join(choices)}.")

    def to_json(self) -> dict[str, Any]:
        """Return the settings for the browser; a kernel becomes a list of planes."""
        planes = None if self.kernel is None else as_planes(self.kernel)
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"kernel": planes}

    def updated(self, report: Mapping[str, Any], image_shape: tuple[int, ...]) -> "InspectorState":
        """Return these settings with a browser's report applied.

        An invalid report changes nothing, as a browser may send anything.
        """
        try:
            kernel = self.kernel
            if kernel is not None:
                planes = np.array(report["kernel"], dtype=float)  # (C, Fh, Fw)
                kernel = planes[0] if kernel.ndim == 2 else np.moveaxis(planes, 0, 2)
            state = replace(
                self,
                operation=report["operation"],
                kernel=kernel,
                window=_pair(report["window"]),
                stride=_pair(report["stride"]),
                padding=report["padding"],
                amount=None if report["amount"] is None else _pair(report["amount"]),
                dilation=_pair(report["dilation"]),
                ceil=bool(report["ceil"]),
                bias=float(report["bias"]),
                relu=bool(report["relu"]),
                scale=report["scale"],
                pinned=None if report["pinned"] is None else _pair(report["pinned"]),
            )
            if (state.operation == "convolve") != (self.operation == "convolve"):
                return self
            state.check(image_shape)
        except (KeyError, TypeError, ValueError, OverflowError, IndexError):
            return self
        return state


def as_planes(kernel: Floats) -> list[list[list[float]]]:
    """Return a kernel, (Fh, Fw) or (Fh, Fw, 3), as a list of planes."""
    stack = kernel[None] if kernel.ndim == 2 else np.moveaxis(kernel, 2, 0)
    planes: list[list[list[float]]] = stack.astype(float).tolist()
    return planes


def _pair(values: Any) -> Pair:
    height, width = values
    return int(height), int(width)
