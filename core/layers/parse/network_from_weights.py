"""Guess a network from the names and shapes of its weights.

Weights say which layers there are and how large, not what lies between them: activations, pooling, padding and strides
are a guess that fits the shapes. Where they are those of a network known by name, it is that network.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from core.layers import torchvision_networks
from core.layers.calculator import analyze
from core.layers.parse.trace import ParseError, Picture
from core.layers.parse.weight_shapes import tensor_fault
from core.layers.setting_checks import LayerError
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.specs import (
    Activation,
    BatchNorm,
    Conv,
    Flatten,
    GlobalPool,
    GroupNorm,
    Layer,
    Linear,
    Network,
    Pool,
    PReLU,
    Residual,
)

HEADS = re.compile(r"^(fc|classifier|head|linear|lin|dense|out|output|logits)", re.IGNORECASE)
NORMS = re.compile(r"^(bn|norm|gn|ln|batchnorm)", re.IGNORECASE)
SHORTCUTS = {"downsample", "shortcut", "skip"}
BLOCK = re.compile(r"((?:[\w.]+\.)?(?:layer|stage|block)s?\d*\.\d+)\.(.+)")
SIDES = (32, 28, 224, 64, 96, 128)
GUESSED = (
    "Weights say how large the layers are, not what lies between them: activations, pooling, padding and strides are a "
    "guess that fits their shapes."
)


def network(shapes: Mapping[str, Shape], given: Picture | None, in_order: bool) -> tuple[Network, Picture, str]:
    """Return the likeliest network of weights, its picture, and a sentence on how it was found.

    Args:
        shapes: Of each tensor, by name.
        given: The picture's shape, if it is known.
        in_order: Whether the names stand in the program's order, as a state dict's do and a file's don't.

    Raises:
        ParseError: No chain of layers and residual blocks has these weights.
    """
    if known := _known(shapes):
        name, layers = known
        return layers, torchvision_networks.PICTURE, f"The shapes are all those of torchvision's {name}: it is read."
    modules = _modules(shapes, in_order)
    first = next((one["weight"] for one in modules.values() if len(one.get("weight", ())) in (2, 4)), None)
    if first is None:
        raise tensor_fault(1, "these weights hold no convolution and no fully connected layer.")
    error: ParseError | None = None
    for picture in _pictures(first, given):
        for padded, pools in product((True, False), range(6)):
            try:
                layers = _Guess(modules, picture, padded, pools).layers()
                analyze(layers, picture)
            except LayerError:
                continue
            except ParseError as fault:
                error = error or fault
                continue
            return layers, picture, GUESSED
    raise error or tensor_fault(1, "no chain of layers has weights of these shapes: paste the network's program.")


def _known(shapes: Mapping[str, Shape]) -> tuple[str, Network] | None:
    """Return a network of torchvision whose weights have the same shapes, but for the classes, and its name."""
    wanted = Counter(shape for name, shape in shapes.items() if len(shape) == 4)
    if sum(wanted.values()) < 5 or all((1000, size) not in shapes.values() for size in (512, 2048, 4096, 1280)):
        return None
    for name in torchvision_networks.NAMES:
        layers = torchvision_networks.network(name)
        assert layers is not None
        if Counter(_kernels(layers, 3)[0]) == wanted and _norms(layers) == _running(shapes):
            return name, layers
    return None


def _kernels(layers: Network, channels: int) -> tuple[list[Shape], int]:
    """Return the shapes of all convolutions' weights, and the planes behind the layers."""
    found: list[Shape] = []
    for layer in layers:
        if isinstance(layer, Conv):
            size = layer.kernel if isinstance(layer.kernel, tuple) else (layer.kernel, layer.kernel)
            found.append((layer.filters, channels // layer.groups, *size))
            channels = layer.filters
        elif isinstance(layer, Residual):
            body, behind = _kernels(layer.body, channels)
            found += [*body, *_kernels(layer.shortcut, channels)[0]]
            channels = behind
    return found, channels


def _norms(layers: Network) -> int:
    return sum(
        isinstance(layer, BatchNorm) + (_norms((*layer.body, *layer.shortcut)) if isinstance(layer, Residual) else 0)
        for layer in layers
    )


def _running(shapes: Mapping[str, Shape]) -> int:
    return sum(name.endswith("running_mean") for name in shapes)


def _modules(shapes: Mapping[str, Shape], in_order: bool) -> dict[str, dict[str, Shape]]:
    """Return the tensors' shapes by their module and their name there, in the likeliest order."""
    modules: dict[str, dict[str, Shape]] = {}
    for name, shape in shapes.items():
        place, _, leaf = name.rpartition(".")
        if leaf != "num_batches_tracked":
            modules.setdefault(place, {})[leaf] = shape
    return modules if in_order else {name: modules[name] for name in sorted(modules, key=_order)}


def _order(name: str) -> list[tuple[bool, int, int, str]]:
    """Return a key that sorts conv1, bn1, conv2, ..., fc1, fc2."""
    return [
        (
            bool(HEADS.match(part)),
            int(digits[0]) if (digits := re.findall(r"\d+", part)) and len(digits[0]) < 10 else 0,
            2 * (part in SHORTCUTS) + bool(NORMS.match(part)),
            part,
        )
        for part in name.split(".")
    ]


def _pictures(first: Shape, given: Picture | None) -> Iterable[Picture]:
    """Return pictures that the first weights can have read."""
    if len(first) == 2:
        sizes = [(planes, math.isqrt(first[1] // planes)) for planes in (1, 3) if first[1] % planes == 0]
        squares = [(planes, side, side) for planes, side in sizes if planes * side**2 == first[1]]
        return [*([given] if given and math.prod(given) == first[1] else []), *squares, (first[1], 1, 1)]
    depthwise = given is not None and first[:2] == (given[0], 1)
    same = [given] if given and (given[0] == first[1] or depthwise) else []
    return dict.fromkeys([*same, *((first[1], side, side) for side in SIDES)])


class _Guess:
    """Makes layers of weights for one picture, one padding of its convolutions, and a number of poolings."""

    def __init__(self, modules: Mapping[str, dict[str, Shape]], picture: Picture, padded: bool, pools: int) -> None:
        """Take what is guessed: `padded`, whether convolutions keep the size; `pools`, how often it is halved."""
        self.modules, self.padded = modules, padded
        convolutions = [name for name in modules if len(modules[name].get("weight", ())) == 4]
        self.channels, self.tensor = picture[0], 0
        self.pooled = set(convolutions[-pools:] if pools else ())
        if pools > len(convolutions):
            raise LayerError(None, "more poolings than convolutions")
        self.picture = picture

    def layers(self) -> Network:
        """Return the layers."""
        made: list[Layer] = []
        blocks: dict[str, dict[str, dict[str, Shape]]] = {}
        for name, held in self.modules.items():
            if match := BLOCK.fullmatch(name):
                blocks.setdefault(match[1], {})[match[2]] = held
        done: set[str] = set()
        names = list(self.modules)
        for place, name in enumerate(names):
            self.tensor = place + 1
            match = BLOCK.fullmatch(name)
            if match and sum(len(one.get("weight", ())) == 4 for one in blocks[match[1]].values()) > 1:
                if match[1] not in done:
                    done.add(match[1])
                    made += self._block(blocks[match[1]])
                continue
            made += self._module(name, self.modules[name], made)
            last = place == len(names) - 1
            if (
                last
                or NORMS.match(names[place + 1].rpartition(".")[2])
                or self._is_norm(self.modules[names[place + 1]])
            ):
                continue
            if not isinstance(made[-1], PReLU) and not self._is_slope(self.modules[names[place + 1]]):
                made.append(Activation("relu"))
            source = next((one for one in reversed(names[: place + 1]) if one in self.pooled), None)
            if source is not None and isinstance(made[-1], Activation | PReLU):
                self.pooled.discard(source)
                made.append(Pool("max", 2))
        return tuple(made)

    def _block(self, held: Mapping[str, dict[str, Shape]]) -> list[Layer]:
        """Return a residual block, and the activation behind it."""
        body: list[Layer] = []
        shortcut: list[Layer] = []
        before = self.channels
        way = {name: one for name, one in held.items() if name.split(".")[0] not in SHORTCUTS}
        past = {name: one for name, one in held.items() if name not in way}
        strided = False
        for name, one in way.items():
            if len(one.get("weight", ())) == 4 and body:
                body.append(Activation("relu"))
            made = self._module(name, one, body)
            if past and not strided and isinstance(made[0], Conv) and made[0].kernel != 1 and self._halves(past):
                made, strided = [Conv(**{**_fields(made[0]), "stride": 2})], True
            body += made
        behind, self.channels = self.channels, before
        for name, one in past.items():
            made = self._module(name, one, shortcut)
            if strided and isinstance(made[0], Conv):
                made = [Conv(**{**_fields(made[0]), "stride": 2})]
            shortcut += made
        self.channels = behind
        return [Residual(tuple(body), tuple(shortcut)), Activation("relu")]

    def _halves(self, past: Mapping[str, dict[str, Shape]]) -> bool:
        """Return whether a block with this shortcut halves the planes: if it makes more of them, but not four times."""
        shapes = [one["weight"] for one in past.values() if len(one.get("weight", ())) == 4]
        return any(shape[0] == 2 * shape[1] for shape in shapes)

    def _is_norm(self, held: Mapping[str, Shape]) -> bool:
        return "running_mean" in held or (len(held.get("weight", ())) == 1 and "bias" in held)

    def _is_slope(self, held: Mapping[str, Shape]) -> bool:
        return set(held) == {"weight"} and len(held["weight"]) == 1

    def _module(self, name: str, held: Mapping[str, Shape], made: list[Layer]) -> list[Layer]:
        """Return the layers of one module's weights. Raises ParseError."""
        weight = held.get("weight", ())
        if len(weight) == 4:
            filters, depth, *kernel = weight
            groups = self.channels // depth if depth and self.channels % depth == 0 else 0
            if groups < 1 or filters % groups:
                raise tensor_fault(
                    self.tensor, f"{name:.60} reads {depth} planes, but {self.channels} come: this is no chain."
                )
            self.channels = filters
            padding = tuple(side // 2 for side in kernel) if self.padded else (0, 0)
            return [Conv(filters, (kernel[0], kernel[1]), 1, (padding[0], padding[1]), 1, groups, "bias" in held)]
        if len(weight) == 2:
            return self._linear(weight, "bias" in held, made)
        if "running_mean" in held:
            return [BatchNorm("weight" in held)]
        if self._is_slope(held):
            return [PReLU(weight[0] > 1)]
        if len(weight) == 1:
            return [GroupNorm(math.gcd(weight[0], 32))]
        raise tensor_fault(self.tensor, f"{name:.60} has weights of {len(weight)} dimensions, as no layer here.")

    def _linear(self, weight: Shape, bias: bool, made: list[Layer]) -> list[Layer]:
        """Return a fully connected layer, behind the first one's Flatten."""
        flat = any(isinstance(layer, Flatten) for layer in made)
        if flat:
            return [Linear(weight[0], bias)]
        if made and weight[1] == self.channels:
            return [GlobalPool(), Flatten(), Linear(weight[0], bias)]
        rows = analyze((*made, Flatten()), self.picture)
        if rows[-1].output_shape != (weight[1],):
            raise LayerError(None, "another size")
        return [Flatten(), Linear(weight[0], bias)]


def _fields(layer: Conv) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in layer.__dataclass_fields__}
