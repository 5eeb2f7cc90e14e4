"""The augmentation steps as frozen specs: what is done to a training picture, within which limits. No torch.

Random numbers are drawn anew for every picture, each time it is used, as torchvision.transforms.v2 draws them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from core.training.augmentation.step import PipelineError, Step, chance, choice, number, settings


@dataclass(frozen=True, slots=True)
class Rotation(Step):
    """Rotate around the center; empty areas are black."""

    degrees: float = number(15.0, 0, 180, 1, "°", "maximum rotation, either way")

    @property
    def idle(self) -> bool:
        """True at 0 degrees."""
        return self.degrees == 0


@dataclass(frozen=True, slots=True)
class Affine(Step):
    """Shear, scale and rotate around the center, then shift; empty areas are black."""

    shift: float = number(0.0, 0, 16, 1, "px", "maximum shift along each axis, in whole pixels")
    rotate: float = number(0.0, 0, 180, 1, "°", "maximum rotation, either way")
    scale: float = number(0.0, 0, 0.9, 0.05, "", "maximum change of size: 0.2 scales by 0.8 to 1.2")
    shear: float = number(0.0, 0, 60, 1, "°", "maximum slant of upright lines, either way")

    @property
    def idle(self) -> bool:
        """True if all ranges are 0."""
        return not (self.shift or self.rotate or self.scale or self.shear)


@dataclass(frozen=True, slots=True)
class ResizedCrop(Step):
    """Crop a window of random size and shape, and resize it to the whole picture's size."""

    least: float = number(0.5, 0.05, 1, 0.05, "", "smallest area of the window, as a fraction of the picture")
    stretch: float = number(1.33, 1, 3, 0.05, "", "maximum stretch of the window's shape, in width or height")

    @property
    def idle(self) -> bool:
        """True if the window is always the whole picture."""
        return self.least == 1 and self.stretch == 1


@dataclass(frozen=True, slots=True)
class PaddedCrop(Step):
    """Pad all sides, then crop the original size at a random place: a shift by whole pixels."""

    padding: int = number(4, 0, 16, 1, "px", "padding on each side, which is also the maximum shift")
    mode: str = choice("zero", ("zero", "reflect"), "content of the padding: black, or the picture mirrored")

    @property
    def idle(self) -> bool:
        """True without padding."""
        return self.padding == 0


@dataclass(frozen=True, slots=True)
class HorizontalFlip(Step):
    """Swap left and right."""

    p: float = chance()
    alternating: bool = choice(
        False,
        (False, True),
        "flip every other epoch, half of the pictures in the first one: no picture has to wait by chance",
    )  # Jordan 2024, "94% on CIFAR-10 in 3.29 seconds": no two epochs in a row show a picture the same way round

    def __post_init__(self) -> None:
        """Fix the probability at one half if flips alternate."""
        Step.__post_init__(self)
        if self.alternating:
            object.__setattr__(self, "p", 0.5)

    @property
    def idle(self) -> bool:
        """True if it never flips."""
        return self.p == 0


@dataclass(frozen=True, slots=True)
class VerticalFlip(Step):
    """Swap top and bottom."""

    p: float = chance()

    @property
    def idle(self) -> bool:
        """True if it never flips."""
        return self.p == 0


@dataclass(frozen=True, slots=True)
class Perspective(Step):
    """View from an angle: each corner moves inward at random, by at most 0.6 of the way to the center."""

    distortion: float = number(0.3, 0, 0.6, 0.05, "", "maximum move of a corner: 1 would reach the center")
    p: float = chance()

    @property
    def idle(self) -> bool:
        """True if no corner ever moves."""
        return self.distortion == 0 or self.p == 0


@dataclass(frozen=True, slots=True)
class Elastic(Step):
    """Bend the picture like rubber: every pixel is read a little off its place, neighbors by similar distances."""

    alpha: float = number(30.0, 0, 200, 5, "px", "strength: before smoothing, a pixel moves by up to half of this")
    sigma: float = number(4.0, 1, 6, 0.5, "px", "reach of the smoothing: a larger one bends more gently")

    @property
    def idle(self) -> bool:
        """True without displacement."""
        return self.alpha == 0


@dataclass(frozen=True, slots=True)
class ColorJitter(Step):
    """Change brightness, contrast, saturation and hue, in random order. The last two do not change gray pictures."""

    brightness: float = number(0.4, 0, 1, 0.05, "", "maximum change: 0.4 multiplies by 0.6 to 1.4")
    contrast: float = number(0.4, 0, 1, 0.05, "", "maximum change, around the picture's mean gray")
    saturation: float = number(0.4, 0, 1, 0.05, "", "maximum change, around each pixel's gray")
    hue: float = number(0.1, 0, 0.5, 0.05, "", "maximum rotation of the color circle, as a fraction of it")

    @property
    def idle(self) -> bool:
        """True if all ranges are 0."""
        return not (self.brightness or self.contrast or self.saturation or self.hue)


@dataclass(frozen=True, slots=True)
class Grayscale(Step):
    """Remove the color."""

    p: float = chance(0.2)

    @property
    def idle(self) -> bool:
        """True if it is never done."""
        return self.p == 0


@dataclass(frozen=True, slots=True)
class Blur(Step):
    """Blur with a Gaussian."""

    sigma: float = number(1.5, 0.1, 4, 0.1, "px", "maximum sigma of the Gaussian; 0.1 does not blur")

    @property
    def idle(self) -> bool:
        """True if the kernel is one pixel, to float32's precision."""
        return self.sigma == 0.1


@dataclass(frozen=True, slots=True)
class Noise(Step):
    """Add a random number to every value, then clip to black and white."""

    sigma: float = number(0.1, 0, 1, 0.01, "", "standard deviation of the noise, with black 0 and white 1")

    @property
    def idle(self) -> bool:
        """True without noise."""
        return self.sigma == 0


@dataclass(frozen=True, slots=True)
class Erasing(Step):
    """Fill a rectangle of random place, size and shape with black."""

    p: float = chance()
    most: float = number(0.3, 0.02, 0.9, 0.02, "", "maximum area of the rectangle, as a fraction of the picture")

    @property
    def idle(self) -> bool:
        """True if it is never done."""
        return self.p == 0


@dataclass(frozen=True, slots=True)
class AutoAugment(Step):
    """Apply two operations of a policy that was optimized for a dataset (Cubuk et al. 2019)."""

    policy: str = choice("cifar10", ("cifar10", "imagenet", "svhn"), "dataset that the policy was optimized for")


@dataclass(frozen=True, slots=True)
class RandAugment(Step):
    """Apply some of 14 operations at random, all of one strength (Cubuk et al. 2020)."""

    ops: int = number(2, 0, 4, 1, "operations", "operations applied to each picture, one after the other")
    magnitude: int = number(9, 0, 30, 1, "of 30", "strength of each operation")

    @property
    def idle(self) -> bool:
        """True without operations."""
        return self.ops == 0


@dataclass(frozen=True, slots=True)
class TrivialAugment(Step):
    """Apply one operation at random, of random strength; it has no settings (Mueller and Hutter 2021)."""


@dataclass(frozen=True, slots=True)
class Normalize(Step):
    """Subtract a mean from every value and divide by a deviation. Training itself does it to all pictures."""

    mean: float = number(0.5, 0, 1, 0.01, "", "subtracted from every value, with black 0 and white 1")
    std: float = number(0.5, 0.05, 1, 0.01, "", "divides what is left")

    @property
    def idle(self) -> bool:
        """True at mean 0 and deviation 1."""
        return self.mean == 0 and self.std == 1


@dataclass(frozen=True, slots=True)
class Mixup(Step):
    """Blend two pictures, and their labels in the same proportions (Zhang et al. 2018)."""

    alpha: float = number(0.2, 0, 4, 0.1, "", "parameter of Beta(alpha, alpha), from which the proportion is drawn")

    @property
    def idle(self) -> bool:
        """True at 0, where one picture is used alone."""
        return self.alpha == 0


@dataclass(frozen=True, slots=True)
class CutMix(Step):
    """Paste a rectangle of another picture, and mix the labels by area (Yun et al. 2019)."""

    alpha: float = number(
        1.0, 0, 4, 0.1, "", "parameter of Beta(alpha, alpha), from which the remaining area is drawn; 1 is uniform"
    )

    @property
    def idle(self) -> bool:
        """True at 0, where nothing is pasted."""
        return self.alpha == 0


KINDS: dict[str, type[Step]] = {
    kind.__name__: kind
    for kind in (
        *(Rotation, Affine, ResizedCrop, PaddedCrop, HorizontalFlip, VerticalFlip, Perspective, Elastic),
        *(ColorJitter, Grayscale, Blur, Noise, Erasing, AutoAugment, RandAugment, TrivialAugment, Normalize),
        *(Mixup, CutMix),
    )
}
ERASING_MIN_AREA, ERASING_MAX_STRETCH = 0.02, 3.3  # of the picture's area, and of its shape: torchvision's defaults
COLOR_ONLY: dict[type[Step], tuple[str, ...]] = {  # settings that change nothing in gray pictures
    ColorJitter: ("saturation", "hue"),
    Grayscale: ("p",),
}
POLICIES = (AutoAugment, RandAugment, TrivialAugment)
MIXING = (Mixup, CutMix)  # of a batch's pictures with one another


_POLICY_ROTATION = {"cifar10": 20 / 3, "imagenet": 30.0, "svhn": 40 / 3}  # degrees, as torchvision has AutoAugment


def largest_rotation(step: Step) -> float:
    """Return the largest angle, in degrees, by which a step can rotate a picture: 0 if it rotates none.

    That of the policies is of torchvision's operations: a degree for each unit of RandAugment's magnitude, and 135
    degrees in TrivialAugmentWide.
    """
    match step:
        case Rotation():
            return step.degrees
        case Affine():
            return step.rotate
        case AutoAugment():
            return _POLICY_ROTATION[step.policy]
        case RandAugment():
            return float(step.ops * step.magnitude)
        case TrivialAugment():
            return 135.0
    return 0.0


def taps(sigma: float, height: int, width: int) -> int:
    """Return the size of a Gaussian kernel in pixels: odd, and at most what mirroring the picture allows."""
    return min(2 * math.ceil(3 * sigma) + 1, 2 * min(height, width) - 1)


def to_data(step: Step) -> dict[str, Any]:
    """Return the step as plain JSON data: `{"step": "Rotation", "degrees": 15.0}`, every field written out."""
    return {"step": step.name, **{item.name: getattr(step, item.name) for item in fields(step)}}


def from_data(data: object) -> Step:
    """Return the step that `to_data` wrote; fields left out take their defaults.

    Raises:
        PipelineError: The data is anything else.
    """
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
