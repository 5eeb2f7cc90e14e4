"""A pipeline as a program of torchvision.transforms.v2. Text alone: no torch here, and nothing is executed."""

from core.training.augmentation import specs
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.specs import ERASING_LEAST, ERASING_STRETCH, taps
from core.training.augmentation.step import Step

_HEAD = '''"""An augmentation from CNN Lab, for pictures of {height} × {width} pixels."""

import torch
from torchvision.transforms import v2

SMOOTH = {{"interpolation": v2.InterpolationMode.BILINEAR, "fill": None}}  # black comes in from outside
'''
_ALTERNATING = '''

class AlternatingFlip(torch.nn.Module):
    """Left and right exchanged every other epoch, half of the pictures in the first. After Jordan 2024."""

    epoch, index = 0, 0  # set both before each picture: the epoch, and the picture's place in the dataset

    def forward(self, image):
        z = (self.index * 0x9E3779B97F4A7C15 + 1234567) % 2**64  # SplitMix64: a coin for each index
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        flips = ((z >> 31) + self.epoch) % 2 == 1
        return v2.functional.horizontal_flip(image) if flips else image
'''
_DRAW = '''

def draw(image, seed):
    """One draw: image (C, H, W) float32 in [0, 1]. Equal seeds give equal draws."""
    torch.manual_seed(seed)
    return steps(image)
'''
_DRAW_MIXED = '''

def draw(images, labels, seed):
    """One draw of a batch: images (N, C, H, W) float32 in [0, 1], labels (N,) -> mixed pictures and labels."""
    torch.manual_seed(seed)
    return mix(torch.stack([steps(image) for image in images]), labels)
'''
CLASSES = 10  # of MNIST and of CIFAR-10


def program(pipeline: Pipeline, height: int, width: int) -> str:
    """The program, with a function `draw`. Idle steps are left out."""
    busy = pipeline.busy
    mixing = busy.mixing
    lines = [_line(step, height, width) for step in busy.steps if step is not mixing]
    text = _HEAD.format(height=height, width=width)
    if any(isinstance(step, specs.HorizontalFlip) and step.alternating for step in busy.steps):
        text += _ALTERNATING
    listed = "".join(f"\n        {line}," for line in lines)
    text += f"\n\nsteps = v2.Compose(\n    [{listed}\n    ]\n)\n" if lines else "\n\nsteps = v2.Identity()\n"
    if mixing is None:
        return text + _DRAW
    return f"{text}mix = {_line(mixing, height, width)}  # set num_classes to your own\n{_DRAW_MIXED}"


def _line(step: Step, height: int, width: int) -> str:
    """The transform as an expression: the same numbers as `torchvision_reference.transform` gives torchvision."""
    match step:
        case specs.Rotation():
            return f"v2.RandomRotation({step.degrees}, **SMOOTH)"
        case specs.Affine():
            reach = step.shift + 0.5
            parts = [str(step.rotate)]
            if step.shift:  # rounded by torchvision to whole pixels, so that half a pixel more makes all equally likely
                parts.append(f"translate=({reach} / {width}, {reach} / {height})")
            if step.scale:
                parts.append(f"scale=({1 - step.scale}, {1 + step.scale})")
            if step.shear:
                parts.append(f"shear={step.shear}")
            return f"v2.RandomAffine({', '.join(parts)}, **SMOOTH)"
        case specs.ResizedCrop():
            shape = width / height
            shapes = f"({shape / step.stretch}, {shape * step.stretch})"
            return f"v2.RandomResizedCrop(({height}, {width}), scale=({step.least}, 1), ratio={shapes})"
        case specs.PaddedCrop():
            mode = "constant" if step.mode == "zero" else "reflect"
            return f'v2.RandomCrop(({height}, {width}), padding={step.padding}, padding_mode="{mode}")'
        case specs.HorizontalFlip():
            return "AlternatingFlip()" if step.alternating else f"v2.RandomHorizontalFlip({step.p})"
        case specs.VerticalFlip():
            return f"v2.RandomVerticalFlip({step.p})"
        case specs.Perspective():
            return f"v2.RandomPerspective({step.distortion}, {step.p}, **SMOOTH)"
        case specs.Elastic():
            return f"v2.ElasticTransform({step.alpha}, {step.sigma}, **SMOOTH)"
        case specs.ColorJitter():
            return f"v2.ColorJitter({step.brightness}, {step.contrast}, {step.saturation}, {step.hue})"
        case specs.Grayscale():
            return f"v2.RandomGrayscale({step.p})"
        case specs.Blur():
            return f"v2.GaussianBlur({taps(step.sigma, height, width)}, (0.1, {step.sigma}))"
        case specs.Noise():
            return f"v2.GaussianNoise(sigma={step.sigma})"
        case specs.Erasing():
            shapes = f"(1 / {ERASING_STRETCH}, {ERASING_STRETCH})"
            return f"v2.RandomErasing({step.p}, ({ERASING_LEAST}, {step.most}), {shapes})"
        case specs.Normalize():
            return f"v2.Normalize([{step.mean}], [{step.std}])"
        case specs.Mixup():
            return f"v2.MixUp(alpha={step.alpha}, num_classes={CLASSES})"
        case specs.CutMix():
            return f"v2.CutMix(alpha={step.alpha}, num_classes={CLASSES})"
    to_bytes, back = "v2.ToDtype(torch.uint8, scale=True)", "v2.ToDtype(torch.float32, scale=True)"
    return f"v2.Compose([{to_bytes}, {_policy(step)}, {back}])"


def _policy(step: Step) -> str:
    match step:
        case specs.AutoAugment():
            return f'v2.AutoAugment(v2.AutoAugmentPolicy("{step.policy}"), **SMOOTH)'
        case specs.RandAugment():
            return f"v2.RandAugment({step.ops}, {step.magnitude}, **SMOOTH)"
    return "v2.TrivialAugmentWide(**SMOOTH)"
