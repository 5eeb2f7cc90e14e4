"""Show a limit of pooling: a drawn face and the same parts in wrong places give the same globally pooled output.

Max pooling over the whole picture tells that a part is somewhere, not where. Capsules were proposed to solve this
(Hinton, Krizhevsky and Wang 2011; Sabour, Frosst and Hinton 2017).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.images.convolution import convolve
from core.images.kernels import Kernel
from core.images.pooling import global_pool

_SIDE = 64
_LINE_DARKNESS = 0.85  # how dark a line is on the white ground
_PART_SIDE = 11  # rows and columns of a part's square, which nothing else of the picture enters

# Row and column of each part's middle, far enough from each other and from the outline that the squares don't overlap.
_FACE = {"left eye": (24, 21), "right eye": (24, 43), "nose": (35, 32), "mouth": (48, 32)}
_SCRAMBLED = {"left eye": (48, 32), "right eye": (35, 32), "nose": (24, 43), "mouth": (24, 21)}


class Faces(NamedTuple):
    """A face and its scrambled version, a detector for each part, and the detectors' globally pooled outputs."""

    face: NDArray[np.float32]  # (64, 64) in [0, 1]
    scrambled: NDArray[np.float32]  # (64, 64)
    detectors: dict[str, Kernel]  # part -> (11, 11); its output is 1 where its part lies, with padding="zero"
    pooled_face: dict[str, float]  # part -> the largest output anywhere
    pooled_scrambled: dict[str, float]


def face_parts() -> Faces:
    """Return both drawings, and the largest output of each part's detector on them: equal up to rounding."""
    parts = {"eye": _eye(), "nose": _nose(), "mouth": _mouth()}
    detectors = {name: _detector(part) for name, part in parts.items()}
    face, scrambled = _drawing(parts, _FACE), _drawing(parts, _SCRAMBLED)
    return Faces(face, scrambled, detectors, _pooled(face, detectors), _pooled(scrambled, detectors))


def _drawing(parts: dict[str, Kernel], places: dict[str, tuple[int, int]]) -> NDArray[np.float32]:
    """Draw an oval with the parts at their places (row, column), dark on light."""
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
    """Return each detector's largest output: convolution, then max pooling over the whole picture."""
    ink = (1 - picture.astype(np.float64)) / _LINE_DARKNESS
    return {name: float(global_pool(convolve(ink, detector), "max")[0]) for name, detector in detectors.items()}


def _detector(part: Kernel) -> Kernel:
    """Return a matched filter: the part minus its mean, scaled to give 1 on the part and less on everything else."""
    contrast: Kernel = part - part.mean()
    contrast /= (contrast * part).sum()
    return contrast


def _grid() -> tuple[Kernel, Kernel]:
    """Return the offsets of a part's pixels from its middle: rows downward, columns to the right."""
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
