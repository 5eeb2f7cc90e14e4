"""Trace the pixels of augmented pictures back through the steps, to where each is read in the source picture.

Places are continuous, in pixels from the picture's center, x to the right and y down. A pixel comes from outside if its
center is read beyond the outer edge of the picture that a step is given: the step fills in black there. torch.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from core.training.augmentation import geometry, specs
from core.training.augmentation.sampling import Drawn
from core.training.augmentation.step import Step

Operations = list[list[tuple[str, float]]]  # what a policy does to each picture: names and magnitudes
Places = tuple[Tensor, Tensor]  # x and y, each (N, H, W)
Source = Callable[[Tensor, Tensor], Places]  # where a step reads what it puts at x, y


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """How far each pixel of N pictures moves, in pixels, and whether it comes from inside the picture: (N, H, W)."""

    distance: Tensor
    inside: Tensor


_MOVING = (
    *(specs.Rotation, specs.Affine, specs.ResizedCrop, specs.PaddedCrop, specs.HorizontalFlip, specs.VerticalFlip),
    *(specs.Perspective, specs.Elastic, *specs.POLICIES),
)


def moves_pixels(step: Step) -> bool:
    """Return whether steps of this kind move pixels; policies do, as some of their operations shear and rotate."""
    return isinstance(step, _MOVING)


def trace(done: Sequence[tuple[Step, Drawn, Operations]], n: int, height: int, width: int) -> Trace:
    """Trace every pixel of `n` pictures back through steps, with what was drawn for each and a policy's operations."""
    down, across = torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2
    y0, x0 = (place.expand(n, -1, -1) for place in torch.meshgrid(down, across, indexing="ij"))
    x, y, inside = x0, y0, torch.ones(n, height, width, dtype=torch.bool)
    for step, drawn, operations in reversed(done):
        for source in reversed(_sources(step, drawn, operations, height, width)):
            x, y = source(x, y)
            inside = inside & (x.abs() <= width / 2) & (y.abs() <= height / 2)
    return Trace(torch.hypot(x - x0, y - y0), inside)


def _sources(step: Step, drawn: Drawn, operations: Operations, height: int, width: int) -> list[Source]:
    """Return where a step reads its pixels, part by part in the order done; empty if it moves none."""
    match step:
        case specs.Rotation():
            return [_linear(*geometry.inverse(geometry.as_affine(drawn)))]
        case specs.Affine():
            return [_linear(*geometry.inverse(drawn))]
        case specs.PaddedCrop():
            return [_shifted(step, drawn, height, width)]
        case specs.ResizedCrop():
            return [_window(drawn, height, width)]
        case specs.HorizontalFlip():
            sign = torch.where(drawn["done"], -1.0, 1.0)
            return [_linear(sign, 0 * sign, 0 * sign, 0 * sign, torch.ones_like(sign), 0 * sign)]
        case specs.VerticalFlip():
            sign = torch.where(drawn["done"], -1.0, 1.0)
            return [_linear(torch.ones_like(sign), 0 * sign, 0 * sign, 0 * sign, sign, 0 * sign)]
        case specs.Perspective():
            return [_perspective(drawn, height, width)]
        case specs.Elastic():
            return [_elastic(geometry.elastic_offset(step, drawn), height, width)]
    longest = max(map(len, operations), default=0)
    return [
        _linear(*torch.tensor([_operation(*one[k], height, width) if k < len(one) else _STILL for one in operations]).T)
        for k in range(longest)
    ]


_STILL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def _operation(name: str, magnitude: float, height: int, width: int) -> tuple[float, ...]:
    """Return the six numbers of `_linear` for a policy's operation; most move nothing. Shears keep the top left."""
    match name:
        case "ShearX":
            return (1.0, magnitude, magnitude * height / 2, 0.0, 1.0, 0.0)
        case "ShearY":
            return (1.0, 0.0, 0.0, magnitude, 1.0, magnitude * width / 2)
        case "TranslateX":
            return (1.0, 0.0, -float(int(magnitude)), 0.0, 1.0, 0.0)
        case "TranslateY":
            return (1.0, 0.0, 0.0, 0.0, 1.0, -float(int(magnitude)))
        case "Rotate":
            cos, sin = math.cos(math.radians(magnitude)), math.sin(math.radians(magnitude))
            return (cos, -sin, 0.0, sin, cos, 0.0)
    return _STILL


def _linear(*inverse: Tensor) -> Source:
    """Return the source of six numbers (N,): xx, xy, x, yx, yy, y, as `geometry.inverse` has them."""
    xx, xy, left, yx, yy, top = (number.view(-1, 1, 1) for number in inverse)
    return lambda x, y: (xx * x + xy * y + left, yx * x + yy * y + top)


def _shifted(step: specs.PaddedCrop, drawn: Drawn, height: int, width: int) -> Source:
    """Return the source of a crop; where the picture is mirrored at its edge pixels, all comes from inside."""
    dx, dy = (drawn[name].view(-1, 1, 1) for name in ("dx", "dy"))
    if step.mode == "zero":
        return lambda x, y: (x - dx, y - dy)
    most = min(step.padding, height - 1, width - 1)
    dx, dy = dx.clamp(-most, most), dy.clamp(-most, most)

    def mirrored(place: Tensor, edge: float) -> Tensor:
        return place.sign() * torch.where(place.abs() > edge, 2 * edge - place.abs(), place.abs())

    return lambda x, y: (mirrored(x - dx, (width - 1) / 2), mirrored(y - dy, (height - 1) / 2))


def _window(drawn: Drawn, height: int, width: int) -> Source:
    """Return the source of a resized crop, which never reads beyond its window's edge pixels."""
    top, left, high, wide = (drawn[name].view(-1, 1, 1) for name in ("top", "left", "height", "width"))

    def read(place: Tensor, size: int, first: Tensor, length: Tensor) -> Tensor:
        at = first + (place + size / 2) * length / size - 0.5
        return at.clamp(first, first + length - 1) - (size - 1) / 2

    return lambda x, y: (read(x, width, left, wide), read(y, height, top, high))


def _perspective(drawn: Drawn, height: int, width: int) -> Source:
    """Return the source of a perspective, where done."""
    a, b, c, d, e, f, g, i = drawn["coefficients"].view(-1, 8, 1, 1).unbind(1)
    done = drawn["done"].view(-1, 1, 1)

    def source(x: Tensor, y: Tensor) -> Places:
        right, down = x + width / 2, y + height / 2
        depth = g * right + i * down + 1
        read_x, read_y = (a * right + b * down + c) / depth, (d * right + e * down + f) / depth
        return torch.where(done, read_x - width / 2, x), torch.where(done, read_y - height / 2, y)

    return source


def _elastic(offset: Tensor, height: int, width: int) -> Source:
    """Return the source of an elastic step from its displacements (N, 2, H, W) in pixels, read between pixels."""

    def source(x: Tensor, y: Tensor) -> Places:
        grid = torch.stack([x * 2 / width, y * 2 / height], dim=-1)
        moved = functional.grid_sample(offset, grid, padding_mode="border", align_corners=False)
        return x + moved[:, 0], y + moved[:, 1]

    return source
