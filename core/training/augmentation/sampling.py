"""Draw the random numbers of a step for a whole batch at once, from torchvision.transforms.v2's distributions.

`draw` returns them by name, a row a picture, for `apply` of `core.training.augmentation.batch`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

import torch
from torch import Tensor

from core.training.augmentation import specs
from core.training.augmentation.specs import ERASING_MAX_STRETCH, ERASING_MIN_AREA
from core.training.augmentation.step import Step

ATTEMPTS = 10  # of a window that does not fit into the picture, as in torchvision
Drawn = dict[str, Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """The batch to draw for: n pictures of a size, which ones of the dataset they are, and their epoch.

    Numbers are drawn where the generator is. On a GPU nothing waits for them: what has to be known on the CPU, such as
    the seed of another generator, is drawn there by `host`, which the generator's own seed decides.
    """

    n: int
    height: int
    width: int
    generator: torch.Generator
    epoch: int = 0
    indices: Tensor | None = None  # (n,) int64, for alternating flips; None means 0, 1, 2, ...
    host: torch.Generator = field(init=False)  # on the CPU

    def __post_init__(self) -> None:
        """Use the generator as `host` if it is on the CPU."""
        host = self.generator
        if self.device.type != "cpu":
            host = torch.Generator().manual_seed(host.initial_seed())
        object.__setattr__(self, "host", host)

    @property
    def device(self) -> torch.device:
        """The device on which numbers are drawn."""
        return self.generator.device

    def random(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Draw numbers of a shape, uniform from 0 to 1."""
        return torch.rand(shape, generator=self.generator, device=self.device, dtype=dtype)

    def constant(self, *values: float, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return numbers as a tensor (len(values),) where numbers are drawn; not to be written to."""
        return constant(values, self.device, dtype)

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Draw float32 numbers (*shape, n) from low to high."""
        return self.random(*shape, self.n) * (high - low) + low

    def integers(self, below: Tensor) -> Tensor:
        """Draw whole numbers from 0 to below - 1, one for each of `below`, which is of any shape."""
        return (self.random(*below.shape, dtype=torch.float64) * below).long()

    def chance(self, p: float) -> Tensor:
        """Draw (n,) bool, true with probability p."""
        return self.random(self.n) < p

    def seed(self) -> Tensor:
        """Draw (n,) whole numbers on the CPU, each the seed of a generator for its picture and those after it."""
        return torch.randint(2**31, (self.n,), generator=self.host)


@lru_cache(maxsize=64)
def constant(values: tuple[float, ...], device: torch.device, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return numbers as a tensor (len(values),), kept on the device: copying them there delays each step on a GPU.

    The tensor is shared: do not write to it.
    """
    return torch.tensor(values, device=device, dtype=dtype)


def draw(step: Step, batch: Batch) -> Drawn:
    """Return the numbers of one step, by name, each (n, ...); see the functions below for their meanings."""
    return _DRAWS[type(step)](step, batch)


def _rotation(step: specs.Rotation, batch: Batch) -> Drawn:
    """Draw angle: degrees, counterclockwise."""
    return {"angle": batch.uniform(-step.degrees, step.degrees)}


def _affine(step: specs.Affine, batch: Batch) -> Drawn:
    """Draw angle and shear (degrees, clockwise), dx and dy (whole pixels, right and down), and scale (a factor)."""
    reach = step.shift + 0.5 if step.shift else 0.0  # rounded, so that whole shifts are all equally likely
    return {
        "angle": batch.uniform(-step.rotate, step.rotate),
        "dx": batch.uniform(-reach, reach).round(),
        "dy": batch.uniform(-reach, reach).round(),
        "scale": batch.uniform(1 - step.scale, 1 + step.scale),
        "shear": batch.uniform(-step.shear, step.shear),
    }


def _window(batch: Batch, areas: tuple[float, float], shapes: tuple[float, float], room: int) -> Drawn:
    """Draw a window: top, left, height, width in pixels, and whether one fitted; else it is the picture.

    areas: fractions of the picture's, drawn uniformly. shapes: width over height, whose logarithm is drawn uniformly.
        room: 1 if it may be as high and wide as the picture, 0 if it must be smaller.
    """
    area = batch.uniform(*areas, ATTEMPTS) * batch.height * batch.width  # (ATTEMPTS, n)
    shape = torch.exp(batch.uniform(math.log(shapes[0]), math.log(shapes[1]), ATTEMPTS))
    width, height = (area * shape).sqrt().round().long(), (area / shape).sqrt().round().long()
    fits = (height < batch.height + room) & (width < batch.width + room)
    if room:
        fits &= (height > 0) & (width > 0)
    first = fits.int().argmax(dim=0, keepdim=True)  # the first attempt that fits
    found = fits.any(dim=0)
    height = torch.where(found, height.gather(0, first)[0], batch.height)  # (n,)
    width = torch.where(found, width.gather(0, first)[0], batch.width)
    return {
        "top": batch.integers(batch.height - height + 1),
        "left": batch.integers(batch.width - width + 1),
        "height": height,
        "width": width,
        "found": found,
    }


def _resized_crop(step: specs.ResizedCrop, batch: Batch) -> Drawn:
    """Draw top, left, height, width of the window, in pixels."""
    shape = batch.width / batch.height
    drawn = _window(batch, (step.least, 1.0), (shape / step.stretch, shape * step.stretch), room=1)
    return {name: value for name, value in drawn.items() if name != "found"}


def _padded_crop(step: specs.PaddedCrop, batch: Batch) -> Drawn:
    """Draw dx, dy: whole pixels that the picture moves to the right and down."""
    sides = torch.full((2, batch.n), 2 * step.padding + 1, device=batch.device)
    left, top = batch.integers(sides)
    return {"dx": step.padding - left, "dy": step.padding - top}


def _horizontal_flip(step: specs.HorizontalFlip, batch: Batch) -> Drawn:
    """Draw done: whether the picture is flipped."""
    if not step.alternating:
        return {"done": batch.chance(step.p)}
    indices = torch.arange(batch.n, device=batch.device) if batch.indices is None else batch.indices
    return {"done": (coin(indices) + batch.epoch) % 2 == 1}


def coin(indices: Tensor) -> Tensor:
    """Return 0 or 1 for each index, always the same and as good as random.

    The last step of SplitMix64 (Steele, Lea & Flood 2014).
    """
    z = indices.long() * -7046029254386353131 + 1234567
    z = (z ^ ((z >> 30) & (2**34 - 1))) * -4658895280553007687
    z = (z ^ ((z >> 27) & (2**37 - 1))) * -7723592293110705685
    return (z >> 31) & 1


def _done(step: Any, batch: Batch) -> Drawn:
    """Draw done: whether the step is done to the picture."""
    return {"done": batch.chance(step.p)}


def _perspective(step: specs.Perspective, batch: Batch) -> Drawn:
    """Draw done, and coefficients (n, 8): (x, y) is read at (ax + by + c, dx + ey + f) / (gx + hy + 1)."""
    right, bottom = batch.width - 1, batch.height - 1
    x, y = (
        batch.integers(torch.full((4, batch.n), int(step.distortion * (side // 2)) + 1, device=batch.device))
        for side in (batch.width, batch.height)
    )
    starts = batch.constant(0, 0, right, 0, right, bottom, 0, bottom, dtype=torch.float64).view(4, 2)  # clockwise
    inward = batch.constant(1, 1, -1, 1, -1, -1, 1, -1, dtype=torch.int64).view(4, 2)
    ends = starts + (torch.stack([x, y], dim=-1).transpose(0, 1) * inward)  # (n, 4, 2)
    zero, one = torch.zeros_like(ends[..., 0]), torch.ones_like(ends[..., 0])
    px, py = ends.unbind(-1)
    rows = [
        torch.stack([px, py, one, zero, zero, zero, -starts[:, 0] * px, -starts[:, 0] * py], dim=-1),
        torch.stack([zero, zero, zero, px, py, one, -starts[:, 1] * px, -starts[:, 1] * py], dim=-1),
    ]
    matrix = torch.stack(rows, dim=2).reshape(batch.n, 8, 8)
    solved, singular = torch.linalg.solve_ex(matrix, starts.reshape(8).expand(batch.n, 8))
    # three corners on a line, which pictures of a few pixels can come to: left as it is
    return {"done": batch.chance(step.p) & (singular == 0), "coefficients": solved.float()}


def _elastic(step: specs.Elastic, batch: Batch) -> Drawn:
    """Draw displacement (n, 2, H, W): from -1 to 1, before it is smoothed and scaled by alpha."""
    return {"displacement": batch.random(batch.n, 2, batch.height, batch.width) * 2 - 1}


def _color_jitter(step: specs.ColorJitter, batch: Batch) -> Drawn:
    """Draw order (n, 4) of brightness 0, contrast 1, saturation 2 and hue 3, and their factors; hue in turns."""
    return {
        "order": batch.random(batch.n, 4).argsort(dim=1),
        "brightness": batch.uniform(1 - step.brightness, 1 + step.brightness),
        "contrast": batch.uniform(1 - step.contrast, 1 + step.contrast),
        "saturation": batch.uniform(1 - step.saturation, 1 + step.saturation),
        "hue": batch.uniform(-step.hue, step.hue),
    }


def _blur(step: specs.Blur, batch: Batch) -> Drawn:
    """Draw sigma, in pixels."""
    return {"sigma": batch.uniform(0.1, step.sigma)}


def _erasing(step: specs.Erasing, batch: Batch) -> Drawn:
    """Draw done, and the rectangle's top, left, height, width in pixels."""
    drawn = _window(batch, (ERASING_MIN_AREA, step.most), (1 / ERASING_MAX_STRETCH, ERASING_MAX_STRETCH), room=0)
    found = drawn.pop("found")
    return {**drawn, "done": batch.chance(step.p) & found}


def _seed(step: Step, batch: Batch) -> Drawn:
    """Draw seed: the first one seeds what is drawn where it is used."""
    return {"seed": batch.seed()}


def _nothing(step: Step, batch: Batch) -> Drawn:
    return {}


_DRAWS: dict[type[Step], Callable[[Any, Batch], Drawn]] = cast(
    dict[type[Step], Callable[[Any, Batch], Drawn]],
    {
        specs.Rotation: _rotation,
        specs.Affine: _affine,
        specs.ResizedCrop: _resized_crop,
        specs.PaddedCrop: _padded_crop,
        specs.HorizontalFlip: _horizontal_flip,
        specs.VerticalFlip: _done,
        specs.Perspective: _perspective,
        specs.Elastic: _elastic,
        specs.ColorJitter: _color_jitter,
        specs.Grayscale: _done,
        specs.Blur: _blur,
        specs.Noise: _seed,
        specs.Erasing: _erasing,
        specs.AutoAugment: _seed,
        specs.RandAugment: _seed,
        specs.TrivialAugment: _seed,
        specs.Normalize: _nothing,
        specs.Mixup: _seed,
        specs.CutMix: _seed,
    },
)
