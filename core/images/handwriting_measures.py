"""Measure a digit's handwriting: its width, its slant, the thickness of its lines, and the area of its loops.

Pictures are (N, H, W), bright ink on black, from 0 to 1. Each measure uses the gray levels as they are, without a
threshold, so that a small change of a picture is a small change of its measures.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.floating]
Values = NDArray[np.float64]
AT_ONCE = 32  # pictures whose holes are filled together: all at once take four times as long
MIN_INK = 1e-6  # of a picture: less is none, and its measures are 0


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure, as a page names it."""

    title: str
    unit: str
    about: str
    digits: int  # decimals that are worth writing


MEASURES = {
    "width": Measure(
        "Width", "px", "side of an evenly filled box whose ink spreads as far sideways, slant taken out", 1
    ),
    "slant": Measure(
        "Slant", "°", "angle from the upright of the line that fits its rows' centers, right is positive", 1
    ),
    "thickness": Measure("Thickness", "px", "twice the ink over the length of its outline", 2),
    "loop": Measure("Loop", "px²", "area of black that ink surrounds", 1),
}


def measure(pictures: Pictures) -> Values:
    """Return the four measures of each picture, in the order of MEASURES.

    Args:
        pictures: (N, H, W).

    Returns:
        (N, 4).
    """
    spread, lean = _moments(pictures)
    return np.stack([spread, lean, thickness(pictures), loop(pictures)], axis=1)


def width(pictures: Pictures) -> Values:
    """Return each digit's width in px, (N,): that of an evenly filled box with the same variance along its rows.

    The variance is taken about the line of `slant`, so that a slanted digit is no wider than the same one upright.
    """
    return _moments(pictures)[0]


def slant(pictures: Pictures) -> Values:
    """Return each digit's angle from the upright in degrees, (N,): positive where its top leans to the right.

    It is the angle of the line that fits the columns of the ink, as a function of their row, by least squares.
    """
    return _moments(pictures)[1]


def thickness(pictures: Pictures) -> Values:
    """Return the thickness of each digit's lines in px, (N,): twice the ink over the length of its outline.

    The length of the outline is the total variation, the sum of the gradient's lengths. A long line of w px has an
    outline of twice its length, which makes w.
    """
    ink = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    down, right = np.gradient(ink, axis=(1, 2))
    outline = np.hypot(down, right).sum(axis=(1, 2), dtype=np.float64)
    widths: Values = 2 * ink.sum(axis=(1, 2), dtype=np.float64) / np.maximum(outline, MIN_INK)
    return widths


def loop(pictures: Pictures) -> Values:
    """Return the area of black that ink surrounds in px², (N,): how much ink would fill every hole to its rim.

    Holes are filled by gray reconstruction from the picture's border. A way out for black leads over sides, not over
    corners.
    """
    from skimage.morphology import reconstruction as fill  # scikit-image takes 0.3 s to import

    ink = np.pad(pictures, ((0, 0), (1, 1), (1, 1))).astype(np.float64)
    seed = ink.copy()
    seed[:, 1:-1, 1:-1] = ink.max(initial=0)
    sides = np.zeros((3, 3, 3), bool)  # of neighbors within a picture, none from picture to picture
    sides[1, 1, :] = sides[1, :, 1] = True
    filled = [
        fill(seed[at : at + AT_ONCE], ink[at : at + AT_ONCE], method="erosion", footprint=sides)
        for at in range(0, len(ink), AT_ONCE)
    ]
    areas: Values = (np.concatenate(filled or [ink]) - ink).sum(axis=(1, 2))
    return areas


def _moments(pictures: Pictures) -> tuple[Values, Values]:
    """Return each digit's width and slant, (N,) each."""
    height, columns = pictures.shape[1:]
    mass = np.maximum(pictures.sum(axis=(1, 2), dtype=np.float64), MIN_INK)
    y, x = np.arange(height, dtype=np.float64), np.arange(columns, dtype=np.float64)
    by_row, by_column = pictures.sum(axis=2, dtype=np.float64), pictures.sum(axis=1, dtype=np.float64)
    center_y, center_x = by_row @ y / mass, by_column @ x / mass
    down = by_row @ y**2 / mass - center_y**2
    across = by_column @ x**2 / mass - center_x**2
    both = np.einsum("nyx,y,x->n", pictures, y, x, dtype=np.float64, optimize=True) / mass - center_y * center_x
    slope = both / np.maximum(down, MIN_INK)  # columns a row
    spread = np.maximum(across - slope * both, 0)  # each pixel is itself a px wide
    return np.sqrt(12 * spread + (by_row.sum(axis=1) > MIN_INK)), np.degrees(np.arctan(-slope))
