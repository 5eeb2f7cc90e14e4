"""Write a pipeline as a program of torchvision.transforms.v2. Text only: no torch, and nothing is executed."""

from core.training.augmentation import specs
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.torchvision_calls import call

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


def program(pipeline: Pipeline, height: int, width: int) -> str:
    """Return the program of a pipeline for pictures of `height` x `width` pixels, without its idle steps.

    It has a function `draw(image, seed)`; where the pipeline mixes pictures, `draw(images, labels, seed)`.
    """
    busy = pipeline.busy
    mixing = busy.mixing
    lines = [call(step, height, width).code() for step in busy.steps if step is not mixing]
    text = _HEAD.format(height=height, width=width)
    if any(isinstance(step, specs.HorizontalFlip) and step.alternating for step in busy.steps):
        text += _ALTERNATING
    listed = "".join(f"\n        {line}," for line in lines)
    text += f"\n\nsteps = v2.Compose(\n    [{listed}\n    ]\n)\n" if lines else "\n\nsteps = v2.Identity()\n"
    if mixing is None:
        return text + _DRAW
    return f"{text}mix = {call(mixing, height, width).code()}  # set num_classes to your own\n{_DRAW_MIXED}"
