"""Write a pipeline as a program of torchvision.transforms.v2. Text only: no torch, and nothing is executed."""

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

    epoch, index = 0, 0  # the epoch, and the picture's place in the dataset: both are arguments of draw

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
_DRAW_ALTERNATING = '''

def draw(image, seed, epoch=0, index=0):
    """One draw: image (C, H, W) float32 in [0, 1], of which index is the place in the dataset."""
    torch.manual_seed(seed)
    AlternatingFlip.epoch, AlternatingFlip.index = epoch, index
    return steps(image)
'''
_DRAW_ALTERNATING_MIXED = '''

def draw(images, labels, seed, epoch=0, index=0):
    """One draw of a batch: images (N, C, H, W) float32 in [0, 1], labels (N,) -> mixed pictures and labels.

    index is the first picture's place in the dataset; the others follow it.
    """
    torch.manual_seed(seed)
    drawn = []
    for place, image in enumerate(images, index):
        AlternatingFlip.epoch, AlternatingFlip.index = epoch, place
        drawn.append(steps(image))
    return mix(torch.stack(drawn), labels)
'''


def program(pipeline: Pipeline, height: int, width: int) -> str:
    """Return the program of a pipeline for pictures of `height` x `width` pixels, without its idle steps.

    It has a function `draw(image, seed)`; where the pipeline mixes pictures, `draw(images, labels, seed)`. With an
    alternating flip, both also take `epoch` and `index`, the (first) picture's place in the dataset.
    """
    busy = pipeline.busy
    mixing = busy.mixing
    lines = [call(step, height, width).code() for step in busy.steps if step is not mixing]
    text = _HEAD.format(height=height, width=width)
    alternating = busy.alternating
    if alternating:
        text += _ALTERNATING
    listed = "".join(f"\n        {line}," for line in lines)
    text += f"\n\nsteps = v2.Compose(\n    [{listed}\n    ]\n)\n" if lines else "\n\nsteps = v2.Identity()\n"
    if mixing is None:
        return text + (_DRAW_ALTERNATING if alternating else _DRAW)
    text += f"mix = {call(mixing, height, width).code()}  # set num_classes to your own\n"
    return text + (_DRAW_ALTERNATING_MIXED if alternating else _DRAW_MIXED)
