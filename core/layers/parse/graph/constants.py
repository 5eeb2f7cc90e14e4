"""The constants of an ONNX graph: their shapes, and their numbers where those are settings rather than weights."""

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import onnx

from core.layers.shape_inference.inferred_layer import Shape

MAX_KNOWN = 64  # numbers of a constant that are read: shapes, paddings, scales
MAX_COMPARED = 200_000  # numbers of a constant that are compared: whether all are the same, or a blur's
MAX_BLUR_KERNEL = 7
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)  # what nonsense in a file raises


class Constants:
    """What is known of each constant, by its name."""

    def __init__(self) -> None:
        """Start without constants."""
        self.shapes: dict[str, Shape] = {}
        self.numbers: dict[str, list[float]] = {}  # of small ones
        self.uniform: dict[str, float] = {}  # the value of those that hold one value alone
        self.blurs: set[str] = set()  # those with the weights of a BlurPool

    def add(self, name: str, tensor: Any) -> None:
        """Keep a tensor's shape, and its numbers if they are few and in the file itself."""
        shape = tuple(tensor.dims)
        self.shapes[name] = shape
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            return
        count = math.prod(shape)
        blur = len(shape) == 4 and shape[1] == 1 and shape[2] == shape[3] <= MAX_BLUR_KERNEL
        compared = (blur or len(shape) in (1, 3)) and 0 < count <= MAX_COMPARED
        if count > MAX_KNOWN and not compared:
            return
        with suppress(*UNREADABLE):  # texts, and kinds of numbers that numpy lacks
            values = onnx.numpy_helper.to_array(tensor)
            if count <= MAX_KNOWN:
                self.numbers[name] = [float(value) for value in values.ravel()]
            if compared and (values == values.flat[0]).all():
                self.uniform[name] = float(values.flat[0])
            if compared and blur and _is_blur(values):
                self.blurs.add(name)

    def add_node(self, name: str, settings: Mapping[str, Any]) -> None:
        """Keep the value of a node Constant, which is a tensor, a number or a list of numbers."""
        if "value" in settings:
            self.add(name, settings["value"])
        elif settings:
            value = next(iter(settings.values()))
            numbers = list(value) if isinstance(value, Iterable) and not isinstance(value, bytes | str) else [value]
            self.shapes[name] = (len(numbers),)
            self.numbers[name] = [float(one) for one in numbers if isinstance(one, int | float)]

    def is_untrained(self, scale: str, shift: str) -> bool:
        """Return whether a normalization's scale and shift are no weights: ones and zeros that the exporter made.

        Args:
            scale: Name of the scale.
            shift: Name of the shift; "" without one.
        """
        plain = self.uniform.get(scale) == 1 and (not shift or self.uniform.get(shift) == 0)
        return plain and not scale.endswith("weight")

    def setting(self, settings: Mapping[str, Any], name: str, others: Sequence[str], index: int) -> list[float] | None:
        """Return numbers that are an attribute in some versions of ONNX and an input in others.

        Args:
            settings: The node's attributes.
            name: The attribute's name.
            others: The node's inputs besides the picture.
            index: The input's position among them.

        Returns:
            The numbers; None if there are none, or they are not known.
        """
        if name in settings:
            value = settings[name]
            return [float(one) for one in value] if isinstance(value, Iterable) else [float(value)]
        return self.numbers.get(others[index]) if index < len(others) else None


def _is_blur(kernels: Any) -> bool:
    """Return whether all kernels, (C, 1, F, F), are the binomial of a BlurPool."""
    size = kernels.shape[-1]
    row = np.array([math.comb(size - 1, place) for place in range(size)])
    return bool(np.allclose(kernels, np.outer(row, row) / 4 ** (size - 1)))
