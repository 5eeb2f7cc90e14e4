"""How far the units of a layer see, by arithmetic: the reach of one layer, and of a path of layers to the picture.

References:
    Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks", 2019.
"""

import math
from fractions import Fraction
from typing import NamedTuple

Jump = int | Fraction  # input pixels between neighboring units; a fraction once a layer has enlarged the picture


class Step(NamedTuple):
    """A layer's reach on one axis: L + 1 neighboring outputs see (L * multiply + add) // divide + 1 inputs."""

    multiply: int
    add: int
    divide: int = 1


IDENTITY_STEP = Step(1, 0)


def extended(path: list[Step], step: Step) -> list[Step]:
    """Return a path with one more step; a step without a division is merged with the one before it.

    Examples:
        >>> extended([Step(1, 2)], Step(2, 1))  # a 3 x 3 convolution, then a 2 x 2 pooling
        [Step(multiply=2, add=3, divide=1)]
    """
    if step.divide > 1:
        return [*path, step]
    *rest, before = path
    return [*rest, Step(before.multiply * step.multiply, before.multiply * step.add + before.add, before.divide)]


def bound(path: list[Step]) -> int:
    """Return the pixels, padding included, that one unit at the end of a path sees at most.

    Examples:
        >>> bound([Step(2, 3)])
        4
    """
    length = 0
    for step in reversed(path):
        length = (length * step.multiply + step.add) // step.divide
    return length + 1


def jump(path: list[Step]) -> Jump:
    """Return the picture pixels between the receptive fields of neighboring units.

    Examples:
        >>> jump([Step(2, 3)])
        2
        >>> jump([Step(1, 1, 2)])  # upsampled by 2
        Fraction(1, 2)
    """
    pixels = Fraction(math.prod(step.multiply for step in path), math.prod(step.divide for step in path))
    return pixels.numerator if pixels.denominator == 1 else pixels
