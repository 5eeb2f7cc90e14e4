"""Where pooling hurts: a drawn face and the same parts in the wrong places give the same globally pooled answer.

Max pooling over the whole picture says that a part is somewhere, not where. That is what capsules set out to mend
(Hinton, Krizhevsky and Wang 2011; Sabour, Frosst and Hinton 2017).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.images.kernels import Kernel, convolve
from core.images.pooling import global_pool

_SIDE = 64
_LINE_DARKNESS = 0.85  # how dark a line is on the white ground
_PART_SIDE = 11  # rows and columns of a part's square, which nothing else of the picture enters

# Row and column of each part's middle: far enough from each other and from the outline that their squares are disjoint.
_FACE = {"left eye": (24, 21), "right eye": (24, 43), "nose": (35, 32), "mouth": (48, 32)}
_SCRAMBLED = {"left eye": (48, 32), "right eye": (35, 32), "nose": (24, 43), "mouth": (24, 21)}


class Faces(NamedTuple):
    """A face and its scrambled twin, what looks for each part, and what it answers, pooled over the whole picture."""

    face: NDArray[np.float32]  # (64, 64) in [0, 1]
    scrambled: NDArray[np.float32]  # (64, 64)
    detectors: dict[str, Kernel]  # part -> (11, 11); answers 1 where its part lies, with padding="zero"
    pooled_face: dict[str, float]  # part -> the largest answer anywhere
    pooled_scrambled: dict[str, float]


def face_parts() -> Faces:
    """The two drawings, and the largest answer of each part's detector on both: the same numbers, to the last bits."""
    parts = {"eye": _eye(), "nose": _nose(), "mouth": _mouth()}
    detectors = {name: _detector(part) for name, part in parts.items()}
    face, scrambled = _drawing(parts, _FACE), _drawing(parts, _SCRAMBLED)
    return Faces(face, scrambled, detectors, _pooled(face, detectors), _pooled(scrambled, detectors))


def _drawing(parts: dict[str, Kernel], places: dict[str, tuple[int, int]]) -> NDArray[np.float32]:
    """An oval with the parts at their places, dark on light."""
    y, x = np.mgrid[:_SIDE, :_SIDE] - (_SIDE - 1) / 2
    oval = np.hypot(y / 1.12, x)  # px from the middle, as the outline counts them
    ink = np.clip(1.5 - np.abs(oval - 27), 0, 1)
    half = _PART_SIDE // 2
    for name, (row, column) in places.items():
        part = parts[name.split()[-1]]
        ink[row - half : row + half + 1, column - half : column + half + 1] = part
    picture: NDArray[np.float32] = (1 - _LINE_DARKNESS * ink).astype(np.float32)
    return picture


def _pooled(picture: NDArray[np.float32], detectors: dict[str, Kernel]) -> dict[str, float]:
    """Each detector's largest answer: convolution, then max pooling over everything. (H, W) -> one number a part."""
    ink = (1 - picture.astype(np.float64)) / _LINE_DARKNESS
    return {name: float(global_pool(convolve(ink, detector), "max")[0]) for name, detector in detectors.items()}


def _detector(part: Kernel) -> Kernel:
    """A matched filter: the part itself less its mean, scaled to answer 1 on the part and less on everything else."""
    contrast: Kernel = part - part.mean()
    contrast /= (contrast * part).sum()
    return contrast


def _grid() -> tuple[Kernel, Kernel]:
    """Rows below and columns right of a part's middle."""
    y, x = np.mgrid[:_PART_SIDE, :_PART_SIDE] - (_PART_SIDE - 1) / 2
    return y, x


def _eye() -> Kernel:
    y, x = _grid()
    white = np.clip(1.3 - np.abs(np.hypot(y * 1.5, x) - 4.2), 0, 1)
    pupil = np.clip(2.4 - np.hypot(y, x), 0, 1)
    return np.maximum(white, pupil)


def _nose() -> Kernel:
    y, x = _grid()
    bridge = np.clip(1.2 - np.abs(x - 0.35 * (y + 5) + 1.5), 0, 1) * (y <= 3) * (y >= -4)
    base = np.clip(1.2 - np.abs(y - 3), 0, 1) * (np.abs(x) <= 3)
    return np.maximum(bridge, base)


def _mouth() -> Kernel:
    y, x = _grid()
    return np.clip(1.4 - np.abs(y - 2 + 0.16 * x**2), 0, 1) * (np.abs(x) <= 5)
