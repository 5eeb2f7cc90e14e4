"""The steps of an augmentation as frozen specs: what is done to a training picture, and how far at most. No torch here.

What is random is drawn anew for every picture, each time it is seen, as torchvision.transforms.v2 draws it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from core.training.augmentation.step import PipelineError, Step, chance, choice, number, settings


@dataclass(frozen=True, slots=True)
class Rotation(Step):
    """Turned about its center; what comes in from outside is black."""

    degrees: float = number(15.0, 0, 180, 1, "°", "the angle is drawn from minus to plus so much")

    @property
    def idle(self) -> bool:
        """At 0 degrees."""
        return self.degrees == 0


@dataclass(frozen=True, slots=True)
class Affine(Step):
    """Slanted, scaled and turned about its center, then shifted; what comes in from outside is black."""

    shift: float = number(0.0, 0, 16, 1, "px", "sideways and up or down, each a whole number of pixels up to so many")
    rotate: float = number(0.0, 0, 180, 1, "°", "the angle is drawn from minus to plus so much")
    scale: float = number(0.0, 0, 0.9, 0.05, "", "the size is drawn from 1 minus to 1 plus so much")
    shear: float = number(0.0, 0, 60, 1, "°", "the slant of upright lines is drawn from minus to plus so much")

    @property
    def idle(self) -> bool:
        """With nothing to draw."""
        return not (self.shift or self.rotate or self.scale or self.shear)


@dataclass(frozen=True, slots=True)
class ResizedCrop(Step):
    """A window of random size and shape, resized to the whole picture's size."""

    least: float = number(0.5, 0.05, 1, 0.05, "", "the window's area is drawn from so much of the picture's to all")
    stretch: float = number(1.33, 1, 3, 0.05, "", "how much wider or higher than the picture it may be shaped")

    @property
    def idle(self) -> bool:
        """When the window is always the whole picture."""
        return self.least == 1 and self.stretch == 1


@dataclass(frozen=True, slots=True)
class PaddedCrop(Step):
    """Padded on all sides, then a window of the former size at a random place: a shift by whole pixels."""

    padding: int = number(4, 0, 16, 1, "px", "on each side, and so the most that it shifts")
    mode: str = choice("zero", ("zero", "reflect"), "what the padding holds: black, or the picture mirrored")

    @property
    def idle(self) -> bool:
        """Without padding."""
        return self.padding == 0


@dataclass(frozen=True, slots=True)
class HorizontalFlip(Step):
    """Left and right exchanged."""

    p: float = chance()
    alternating: bool = choice(
        False, (False, True), "flipped every other epoch, half of the pictures in the first: no picture waits by luck"
    )  # Jordan 2024, "94% on CIFAR-10 in 3.29 seconds": no two epochs in a row show a picture the same way round

    def __post_init__(self) -> None:
        """When it alternates there is no chance left."""
        Step.__post_init__(self)
        if self.alternating:
            object.__setattr__(self, "p", 0.5)

    @property
    def idle(self) -> bool:
        """When it never flips."""
        return self.p == 0


@dataclass(frozen=True, slots=True)
class VerticalFlip(Step):
    """Top and bottom exchanged."""

    p: float = chance()

    @property
    def idle(self) -> bool:
        """When it never flips."""
        return self.p == 0


@dataclass(frozen=True, slots=True)
class Perspective(Step):
    """Seen from an angle: each corner moves inward by its own random part, up to 0.6 of the way: no three on a line."""

    distortion: float = number(0.3, 0, 0.6, 0.05, "", "how far a corner moves at most: 1 is to the middle")
    p: float = chance()

    @property
    def idle(self) -> bool:
        """When no corner moves, or never."""
        return self.distortion == 0 or self.p == 0


@dataclass(frozen=True, slots=True)
class Elastic(Step):
    """Bent like rubber: every pixel is read from a little off its place, neighbors from about as far off."""

    alpha: float = number(30.0, 0, 200, 5, "px", "before it is smoothed, a pixel moves by up to half so much")
    sigma: float = number(4.0, 1, 6, 0.5, "px", "how far the smoothing reaches: more bends wider and less")

    @property
    def idle(self) -> bool:
        """Without displacement."""
        return self.alpha == 0


@dataclass(frozen=True, slots=True)
class ColorJitter(Step):
    """Brightness, contrast, saturation and hue changed, in random order. The last two leave gray pictures alone."""

    brightness: float = number(0.4, 0, 1, 0.05, "", "multiplied by a factor from 1 minus to 1 plus so much")
    contrast: float = number(0.4, 0, 1, 0.05, "", "the factor's range as of brightness, about the picture's mean gray")
    saturation: float = number(0.4, 0, 1, 0.05, "", "the factor's range as of brightness, about each pixel's gray")
    hue: float = number(0.1, 0, 0.5, 0.05, "", "around the color circle by minus to plus so much of it")

    @property
    def idle(self) -> bool:
        """With nothing to draw."""
        return not (self.brightness or self.contrast or self.saturation or self.hue)


@dataclass(frozen=True, slots=True)
class Grayscale(Step):
    """The color taken away."""

    p: float = chance(0.2)

    @property
    def idle(self) -> bool:
        """When it never happens."""
        return self.p == 0


@dataclass(frozen=True, slots=True)
class Blur(Step):
    """Blurred by a Gaussian."""

    sigma: float = number(1.5, 0.1, 4, 0.1, "px", "the Gaussian's sigma is drawn from 0.1 to so much; 0.1 is no blur")

    @property
    def idle(self) -> bool:
        """When its kernel is one pixel, to float32's precision."""
        return self.sigma == 0.1


@dataclass(frozen=True, slots=True)
class Noise(Step):
    """A random number added to every value, then clipped to black and white."""

    sigma: float = number(0.1, 0, 1, 0.01, "", "the standard deviation, where black is 0 and white is 1")

    @property
    def idle(self) -> bool:
        """Without noise."""
        return self.sigma == 0


@dataclass(frozen=True, slots=True)
class Erasing(Step):
    """A rectangle of random place, size and shape made black."""

    p: float = chance()
    most: float = number(0.3, 0.02, 0.9, 0.02, "", "its area is drawn from 0.02 of the picture's to so much")

    @property
    def idle(self) -> bool:
        """When it never happens."""
        return self.p == 0


@dataclass(frozen=True, slots=True)
class AutoAugment(Step):
    """Two operations of a policy that was searched for on a dataset (Cubuk et al. 2019)."""

    policy: str = choice("cifar10", ("cifar10", "imagenet", "svhn"), "the dataset that the policy was found on")


@dataclass(frozen=True, slots=True)
class RandAugment(Step):
    """Some of 14 operations at random, all of one strength (Cubuk et al. 2020)."""

    ops: int = number(2, 0, 4, 1, "operations", "how many are done to a picture, one after the other")
    magnitude: int = number(9, 0, 30, 1, "of 30", "how strong each is")

    @property
    def idle(self) -> bool:
        """Without operations."""
        return self.ops == 0


@dataclass(frozen=True, slots=True)
class TrivialAugment(Step):
    """One operation at random, of random strength: nothing to set (Mueller and Hutter 2021)."""


@dataclass(frozen=True, slots=True)
class Normalize(Step):
    """Every value less a mean, divided by a deviation. Training does it to all pictures with the data's own figures."""

    mean: float = number(0.5, 0, 1, 0.01, "", "taken away from every value, where black is 0 and white is 1")
    std: float = number(0.5, 0.05, 1, 0.01, "", "what is left is divided by so much")

    @property
    def idle(self) -> bool:
        """At mean 0 and deviation 1."""
        return self.mean == 0 and self.std == 1


@dataclass(frozen=True, slots=True)
class Mixup(Step):
    """Two pictures laid over one another, their labels mixed in the same parts (Zhang et al. 2018)."""

    alpha: float = number(0.2, 0, 4, 0.1, "", "the part is drawn from Beta(alpha, alpha)")

    @property
    def idle(self) -> bool:
        """At 0, where one picture is taken whole."""
        return self.alpha == 0


@dataclass(frozen=True, slots=True)
class CutMix(Step):
    """A rectangle of another picture put in, the labels mixed by area (Yun et al. 2019)."""

    alpha: float = number(1.0, 0, 4, 0.1, "", "the area left is drawn from Beta(alpha, alpha); 1: uniformly")

    @property
    def idle(self) -> bool:
        """At 0, where nothing is put in."""
        return self.alpha == 0


KINDS: dict[str, type[Step]] = {
    kind.__name__: kind
    for kind in (
        *(Rotation, Affine, ResizedCrop, PaddedCrop, HorizontalFlip, VerticalFlip, Perspective, Elastic),
        *(ColorJitter, Grayscale, Blur, Noise, Erasing, AutoAugment, RandAugment, TrivialAugment, Normalize),
        *(Mixup, CutMix),
    )
}
ERASING_LEAST, ERASING_STRETCH = 0.02, 3.3  # of the picture's area, and of its shape: torchvision's defaults
MIXING = (Mixup, CutMix)  # of a batch's pictures with one another


def taps(sigma: float, height: int, width: int) -> int:
    """How many pixels a Gaussian of `sigma` reaches over: an odd number, as far as mirroring the picture allows."""
    return min(2 * math.ceil(3 * sigma) + 1, 2 * min(height, width) - 1)


def to_data(step: Step) -> dict[str, Any]:
    """The step as plain JSON data: `{"step": "Rotation", "degrees": 15.0}`, every field written out."""
    return {"step": step.name, **{item.name: getattr(step, item.name) for item in fields(step)}}


def from_data(data: object) -> Step:
    """The step that `to_data` wrote; fields left out take their defaults. Raises PipelineError with a sentence."""
    name = data.get("step") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(name, str) or name not in KINDS:
        raise PipelineError(
            f'A step of an augmentation is an object with a "step" that is one of {", ".join(KINDS)}; got {data!r:.80}.'
        )
    values = {key: value for key, value in data.items() if key != "step"}
    known = settings(KINDS[name])
    if unknown := [key for key in values if key not in known]:
        raise PipelineError(f"{name} has no setting {unknown[0]!r:.40}; it has {', '.join(known) or 'none'}.")
    if any(isinstance(value, float) and not math.isfinite(value) for value in values.values()):
        raise PipelineError(f"A setting of {name} is not a finite number.")
    return KINDS[name](**values)
