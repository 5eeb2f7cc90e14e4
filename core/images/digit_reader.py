"""Turn a drawn digit into a picture like MNIST's, so that a network trained on MNIST can read it.

After LeCun, Cortes and Burges, "The MNIST database": the digit is scaled to fit a box of 20 x 20, its aspect ratio
kept, with gray levels from antialiasing, and placed in a 28 x 28 picture so that its center of mass is at the center.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

SIDE = 28  # pixels of an MNIST picture
BOX = 20  # pixels of the digit's larger side
CENTER = 14  # row and column of the center of mass: all of MNIST's lie within half a pixel of it
MIN_INK = 1 / 255  # fainter is no ink: one step of 8 bits
PEN_WIDTHS = {"Thin": 2.0, "Thick": 3.0}  # widths of a line in the picture, px: about those of MNIST's writers
MIN_EXTENT = 16.0  # px of a sheet of 280: a mark that is no longer in any direction is a dot
SHEET_SIDE = 280.0  # px of the sheet that the strokes are drawn on
MAX_SPECK_EXTENT = 6.0  # px of the sheet: a stroke no longer than this beside others was not meant
OVERSAMPLING = 10  # pixels drawn for each of the picture's, which are their averages
ONLY_A_DOT = "There is nothing to read here yet: this is only a dot. Draw a digit, large or small."

FAINT_CONTRAST = 0.05  # between paper and ink: less is a page without a digit
BORDER = 0.05  # of a picture's smaller side: where the paper is expected
FIT_SIDE = 120  # pixels of a side from which the paper's gray is estimated, at most about
ROUNDS = 4  # of fitting the paper's gray, each without what the last one left over
TO_DEVIATION = 1.4826  # from the median of absolute values to the standard deviation of a normal distribution
FULL_INK = 0.9  # quantile of the ink's darkness that becomes full ink
NOISES = 6.0  # deviations of the paper's gray: fainter than that is no ink
FAINT_INK = 0.1  # of full ink, the least that is ink on paper that is not even: the faint rest is JPEG's and the lens's
SMALLEST_PART = 0.02  # of all ink: a smaller mark apart from the digit is dirt
NO_INK = "There is no digit in this picture: use a dark digit on light paper, or a light one on a dark ground."

Stroke = NDArray[np.float64]  # (N, 2): x and y of the points of one line, in px of the sheet


@dataclass(frozen=True, slots=True, eq=False)
class ReadDigit:
    """A digit that was found in a picture."""

    pixels: NDArray[np.uint8]  # (28, 28), as MNIST's: bright on dark
    is_inverted: bool  # it was dark on light


def read_digit(picture: NDArray[np.floating]) -> ReadDigit:
    """Find a digit on paper, dark on light or light on dark, and return it as MNIST has it.

    The ground is what most of the picture's border is. Its gray may slope, as in a photograph.

    Args:
        picture: (H, W), gray from 0 to 1.

    Returns:
        The digit at MNIST's size and position, bright on dark.

    Raises:
        ValueError: There is nothing on the paper, or no paper; the message says so.
    """
    gray = _ink(picture)
    is_border = _border(gray.shape)
    flat = gray - _ground(gray, is_border)[0]
    if float(np.ptp(flat)) < FAINT_CONTRAST:
        raise ValueError(NO_INK)
    is_light = flat > _threshold(flat)
    is_inverted = bool(is_light[is_border].mean() > 0.5)
    darkness = 1 - gray if is_inverted else gray
    ground, noise = _ground(darkness, is_light == is_inverted)
    over = np.maximum(darkness - ground, 0)
    marked = over[over > max(FAINT_CONTRAST, NOISES * noise, 0.5 * float(over.max()))]
    if marked.size == 0:
        raise ValueError(NO_INK)
    ink = np.minimum(over / np.quantile(marked, FULL_INK), 1)
    ink[ink < max(FAINT_INK, NOISES * noise)] = 0
    return ReadDigit(center_digit(_without_dirt(ink)), is_inverted)


def center_digit(drawing: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Return the digit in a drawing at MNIST's size and position.

    A brush thinner than one pixel of the result would come out faint, so the brightest ink becomes 255, as in MNIST.

    Args:
        drawing: (H, W), uint8, or float in [0, 1] (other values are clipped); bright ink on black.

    Returns:
        The digit, (28, 28) uint8, bright on dark.

    Raises:
        ValueError: The drawing has no ink, or is not a gray picture.
    """
    ink = _ink(drawing)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if rows.size == 0:
        raise ValueError("There is no ink in this drawing: draw a digit first.")
    digit = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = digit.shape
    scale = BOX / max(height, width)
    height_box, width_box = max(1, round(height * scale)), max(1, round(width * scale))
    small = (
        _averaging_weights(height, height_box) @ digit @ _averaging_weights(width, width_box).T
    )  # (H, W) -> (at most 20, at most 20)
    picture = np.zeros((SIDE, SIDE), np.uint8)
    top, left = _start_for_center(small.sum(axis=1)), _start_for_center(small.sum(axis=0))
    picture[top : top + height_box, left : left + width_box] = np.rint(small * (255 / small.max()))
    return picture


def draw_digit(strokes: Sequence[Stroke], pen: float) -> NDArray[np.uint8]:
    """Draw a digit's strokes like MNIST's, with a pen of `pen` pixels whatever their size on the sheet.

    Args:
        strokes: Lines as they were drawn, (N, 2) each, in pixels of a sheet of SHEET_SIDE x SHEET_SIDE.
        pen: Width of a line in the result, in pixels: a small digit that is scaled up has no thicker lines.

    Returns:
        The digit, (28, 28) uint8, bright on dark.

    Raises:
        ValueError: There is no line, or only a dot; the message says so.
    """
    if not strokes:
        raise ValueError("There is no ink in this drawing: draw a digit first.")
    lines = [stroke for stroke in strokes if _extent(stroke) > MAX_SPECK_EXTENT]
    if not lines or (side := _extent(points := np.concatenate(lines))) < MIN_EXTENT:
        raise ValueError(ONLY_A_DOT)
    extents = [_extent(line) for line in lines]
    if max(extents) < MIN_EXTENT and sum(extents) < side / 2:  # dots far from one another
        raise ValueError(ONLY_A_DOT)
    scale = OVERSAMPLING * (BOX - pen) / side
    width = OVERSAMPLING * pen
    picture = Image.new("L", (OVERSAMPLING * SIDE, OVERSAMPLING * SIDE))
    draw = ImageDraw.Draw(picture)
    for line in lines:
        places = [tuple(place) for place in ((line - points.min(axis=0)) * scale + width).tolist()]
        draw.line(places, fill=255, width=round(width))
        for x, y in places:  # round ends and bends
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    return center_digit(np.asarray(picture))


def _extent(points: Stroke) -> float:
    """Return the larger side of the points' bounding box."""
    return float(np.ptp(points, axis=0).max())


def _ink(drawing: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the drawing as floats in [0, 1], with what is too faint to be ink set to 0."""
    if drawing.ndim != 2 or drawing.size == 0:
        raise ValueError(f"A drawing is one gray picture (height, width); got an array of shape {drawing.shape}.")
    if drawing.dtype == np.uint8:
        ink = drawing.astype(np.float64) / 255
    elif np.issubdtype(drawing.dtype, np.floating):
        ink = np.clip(drawing.astype(np.float64), 0.0, 1.0)
    else:
        raise ValueError(f"A drawing holds uint8, or floats from 0 to 1; got {drawing.dtype}.")
    if np.isnan(ink).any():
        raise ValueError("A drawing holds numbers from 0 to 1; this one has pixels that are not numbers.")
    return np.where(ink >= MIN_INK, ink, 0.0)


def _threshold(gray: NDArray[np.float64]) -> float:
    """Return the gray that separates dark from light best: Otsu's, which makes the variance between both largest."""
    counts, edges = np.histogram(gray, 256)
    middles = (edges[1:] + edges[:-1]) / 2
    below, sums = counts.cumsum()[:-1], (counts * middles).cumsum()[:-1]
    above, total = counts.sum() - below, float(counts @ middles)
    between = below * above * (sums / below - (total - sums) / np.maximum(above, 1)) ** 2
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))  # a gap between both has one value: its middle
    return float((edges[1:-1][best[0]] + edges[1:-1][best[-1]]) / 2)


def _border(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return a frame of a picture (H, W), as wide as BORDER of its smaller side: mostly paper."""
    wide = max(1, round(BORDER * min(shape)))
    is_border = np.ones(shape, np.bool_)
    is_border[wide:-wide, wide:-wide] = False
    return is_border


def _ground(darkness: NDArray[np.float64], is_ground: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    """Fit a surface of degree 2 to the ground's darkness; return it, (H, W), and the deviation of what is left."""
    height, width = darkness.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=2)  # (H, W, 6)
    known = np.zeros_like(is_ground)
    known[:: -(-height // FIT_SIDE), :: -(-width // FIT_SIDE)] = True
    known = known & is_ground if (known & is_ground).any() else is_ground
    kept, surface, noise = known, darkness, 0.0
    for _ in range(ROUNDS):
        surface = terms @ np.linalg.lstsq(terms[kept], darkness[kept], rcond=None)[0]
        rest = np.abs(darkness - surface)
        noise = TO_DEVIATION * float(np.median(rest[kept]))
        kept = known & (rest <= max(3 * noise, MIN_INK))  # the edges of strokes are no ground
    return surface, noise


def _without_dirt(ink: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ink without marks that are apart from the digit and hold next to nothing of it."""
    parts, count = ndimage.label(ink > 0, np.ones((3, 3)))
    sums = ndimage.sum_labels(ink, parts, np.arange(count + 1))
    sums[0] = 0
    return np.where((sums >= SMALLEST_PART * sums.sum())[parts], ink, 0.0)


def _averaging_weights(n: int, count: int) -> NDArray[np.float64]:
    """Return (count, n) weights that average n pixels over `count` equal intervals, by each pixel's share."""
    edges = np.linspace(0, n, count + 1)[:, None]
    pixels = np.arange(n)
    overlap = np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels)
    weights: NDArray[np.float64] = np.maximum(overlap, 0.0) * (count / n)
    return weights


def _start_for_center(ink: NDArray[np.float64]) -> int:
    """Return the first pixel of the digit on one axis that puts its center of mass at the center."""
    center = float(ink @ np.arange(ink.size) / ink.sum())
    return min(max(round(CENTER - center), 0), SIDE - ink.size)
