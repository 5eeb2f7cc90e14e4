"""One node of an ONNX graph, with what is known of its inputs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.layers.parse.graph.constants import Constants
from core.layers.parse.trace import Entry, RefusedError
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import Layer


@dataclass(frozen=True, slots=True)
class Node:
    """One node that a picture goes through."""

    kind: str  # the name of its operation
    place: int  # in the graph, from 1
    settings: Mapping[str, Any]  # ONNX's attributes
    others: Sequence[str]  # the names of its inputs besides the picture
    constants: Constants

    @property
    def weights_shape(self) -> Shape:
        """Shape of the first input besides the picture. Raises IndexError or KeyError if there is none."""
        return self.constants.shapes[self.others[0]]

    def numbers(self, name: str, index: int = 0) -> list[float] | None:
        """Return the numbers of the attribute `name`, or else of the input at `index` besides the picture."""
        return self.constants.setting(self.settings, name, self.others, index)

    def size(self, name: str, default: Sequence[int] = (1, 1)) -> tuple[int, int]:
        """Return an attribute as (height, width). Raises RefusedError if it has another number of axes."""
        values = self.settings.get(name)
        sizes = integers(default if values is None else values)
        if len(sizes) != 2:
            raise RefusedError("only windows over planes, with a height and a width, can be read.")
        return sizes[0], sizes[1]

    def entry(self, layer: Layer, written: Mapping[str, object] | None = None) -> Entry:
        """Return the entry of a layer that doesn't depend on its input."""
        return fixed(self.place, self.kind, layer, written)


def fixed(place: int, name: str, layer: Layer, written: Mapping[str, object] | None = None) -> Entry:
    """Return the entry of a layer that doesn't depend on its input, under any name."""
    return Entry(place, name, lambda shape: (layer,), dict(written or {}))


def integers(values: Iterable[Any]) -> tuple[int, ...]:
    """Return numbers as whole numbers."""
    return tuple(int(value) for value in values)
