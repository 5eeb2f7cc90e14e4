"""Map each augmentation step to its transform in torchvision.transforms.v2, as data. No torch.

`codegen` writes these calls down as a program, and `torchvision_reference` makes the transforms themselves.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from core.training.augmentation import specs
from core.training.augmentation.specs import ERASING_MAX_STRETCH, ERASING_MIN_AREA, taps
from core.training.augmentation.step import Step

CLASSES = 10  # of MNIST and of CIFAR-10
ALTERNATING_FLIP = "AlternatingFlip"  # the one transform that torchvision does not have


class Ratio(float):
    """A quotient that is shown as one: `2.5 / 28`."""

    _text: str

    def __new__(cls, numerator: float, denominator: float) -> Self:
        """Return the quotient."""
        made = super().__new__(cls, numerator / denominator)
        made._text = f"{numerator} / {denominator}"
        return made

    def __repr__(self) -> str:
        """Return the division."""
        return self._text


@dataclass(frozen=True, slots=True)
class Call:
    """A call of torchvision.transforms.v2."""

    name: str
    arguments: tuple[Any, ...] = ()  # numbers, texts, tuples and lists of them, and further calls
    options: Mapping[str, Any] = field(default_factory=dict)
    smooth: bool = False  # with bilinear interpolation, and black outside the picture
    on_bytes: bool = False  # it takes uint8 pictures: convert them before it, and back to float32 after it

    def code(self) -> str:
        """Return the call as Python code, in which `SMOOTH` holds the options of a smooth one."""
        given = [_code(argument) for argument in self.arguments]
        given += [f"{name}={_code(value)}" for name, value in self.options.items()]
        given += ["**SMOOTH"] * self.smooth
        module = "" if self.name == ALTERNATING_FLIP else "v2."
        text = f"{module}{self.name}({', '.join(given)})"
        if not self.on_bytes:
            return text
        return f"v2.Compose([v2.ToDtype(torch.uint8, scale=True), {text}, v2.ToDtype(torch.float32, scale=True)])"


def call(step: Step, height: int, width: int) -> Call:
    """Return the transform of a step.

    Args:
        step: The step to be done.
        height: Of the pictures, in pixels.
        width: Of the pictures, in pixels.

    Raises:
        ValueError: torchvision has no such transform.
    """
    match step:
        case specs.Rotation():
            return Call("RandomRotation", (step.degrees,), smooth=True)
        case specs.Affine():
            options: dict[str, Any] = {}
            if step.shift:  # rounded by torchvision to whole pixels, so that half a pixel more makes all equally likely
                reach = step.shift + 0.5
                options["translate"] = (Ratio(reach, width), Ratio(reach, height))
            if step.scale:
                options["scale"] = (1 - step.scale, 1 + step.scale)
            if step.shear:
                options["shear"] = step.shear
            return Call("RandomAffine", (step.rotate,), options, smooth=True)
        case specs.ResizedCrop():
            shape = width / height
            options = {"scale": (step.least, 1), "ratio": (shape / step.stretch, shape * step.stretch)}
            return Call("RandomResizedCrop", ((height, width),), options)
        case specs.PaddedCrop():
            mode = "constant" if step.mode == "zero" else "reflect"
            return Call("RandomCrop", ((height, width),), {"padding": step.padding, "padding_mode": mode})
        case specs.HorizontalFlip():
            return Call(ALTERNATING_FLIP) if step.alternating else Call("RandomHorizontalFlip", (step.p,))
        case specs.VerticalFlip():
            return Call("RandomVerticalFlip", (step.p,))
        case specs.Perspective():
            return Call("RandomPerspective", (step.distortion, step.p), smooth=True)
        case specs.Elastic():
            return Call("ElasticTransform", (step.alpha, step.sigma), smooth=True)
        case specs.ColorJitter():
            return Call("ColorJitter", (step.brightness, step.contrast, step.saturation, step.hue))
        case specs.Grayscale():
            return Call("RandomGrayscale", (step.p,))
        case specs.Blur():
            return Call("GaussianBlur", (taps(step.sigma, height, width), (0.1, step.sigma)))
        case specs.Noise():
            return Call("GaussianNoise", options={"sigma": step.sigma})
        case specs.Erasing():
            shapes = (Ratio(1, ERASING_MAX_STRETCH), ERASING_MAX_STRETCH)
            return Call("RandomErasing", (step.p, (ERASING_MIN_AREA, step.most), shapes))
        case specs.AutoAugment():
            return Call("AutoAugment", (Call("AutoAugmentPolicy", (step.policy,)),), smooth=True, on_bytes=True)
        case specs.RandAugment():
            return Call("RandAugment", (step.ops, step.magnitude), smooth=True, on_bytes=True)
        case specs.TrivialAugment():
            return Call("TrivialAugmentWide", smooth=True, on_bytes=True)
        case specs.Normalize():
            return Call("Normalize", ([step.mean], [step.std]))
        case specs.Mixup():
            return Call("MixUp", options={"alpha": step.alpha, "num_classes": CLASSES})
        case specs.CutMix():
            return Call("CutMix", options={"alpha": step.alpha, "num_classes": CLASSES})
    raise ValueError(f"torchvision has no {step.name}.")


def _code(value: Any) -> str:
    match value:
        case Call():
            return value.code()
        case str():
            return json.dumps(value)
        case tuple():
            return f"({', '.join(map(_code, value))})"
        case list():
            return f"[{', '.join(map(_code, value))}]"
    return repr(value)
