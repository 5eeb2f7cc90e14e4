"""Compare a learned filter with hand-made ones by cosine similarity, and measure its response to color."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import zoom

from core.images.kernel_catalogue import CATALOGUE
from core.images.kernels import Kernel

Shares = tuple[float, float, float]
EXCLUDED = ("random", "emboss")  # chance, and a picture added to its own slope: neither is something to look for
ANGLES = {"motion": (0, 45, 90, 135), "ridge": (0, 45, 90, 135)}


@dataclass(frozen=True, slots=True, eq=False)
class HandMade:
    """A kernel of the catalogue as a filter, (D, F, F)."""

    title: str
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """The hand-made filter most similar to a learned one; its signs are flipped if that makes it more similar."""

    title: str
    weights: NDArray[np.float64]  # (D, F, F)
    cosine_similarity: (
        float  # the cosine of the angle between the two as lists of numbers: 1 is the same up to its size
    )


def hand_made(size: int, mixes: Mapping[str, Shares] | None = None) -> list[HandMade]:
    """Return the catalogue as filters of `size` x `size`: (1, F, F), or (3, F, F) in each of `mixes` of colors.

    A kernel that has only 3 x 3 weights is placed in the middle of a larger filter, and also enlarged to its size. For
    even sizes, which have no middle, the nearest odd one is resized.
    """
    grids = [(title, grid) for key in CATALOGUE if key not in EXCLUDED for title, grid in _grids(key, size)]
    if mixes is None:
        return [HandMade(title, grid[None]) for title, grid in grids]
    return [
        HandMade(f"{title}, {name}", np.asarray(shares)[:, None, None] * grid)
        for title, grid in grids
        for name, shares in mixes.items()
    ]


def _grids(key: str, size: int) -> list[tuple[str, Kernel]]:
    entry = CATALOGUE[key]
    if size % 2 == 0:  # the catalogue's kernels have a middle, and so odd sides: the nearest one is resized
        sides = min(entry.sizes, key=lambda side: abs(side - size - 0.5))
        return [(f"{title}, resized", zoom(grid, size / sides, order=1)) for title, grid in _turned(key, sides)]
    built: list[tuple[str, Kernel]] = []
    for sides in entry.sizes if size not in entry.sizes else (size,):
        if sides <= size:
            built += _turned(key, sides)
    padded = [(title, np.pad(grid, (size - len(grid)) // 2)) for title, grid in built]
    larger = [
        (f"{title}, enlarged", zoom(grid, size / len(grid), order=1)) for title, grid in built if len(grid) < size
    ]
    return padded + larger


def _turned(key: str, sides: int) -> list[tuple[str, Kernel]]:
    """Return the catalogue's kernel of that size; at each of its angles, if it has several."""
    entry = CATALOGUE[key]
    if key not in ANGLES:
        return [(entry.title, entry.kernel(sides))]
    return [(f"{entry.title}, {angle}°", entry.kernel(sides, angle)) for angle in ANGLES[key]]


def closest(weights: ArrayLike, candidates: Sequence[HandMade]) -> Match:
    """Return the candidate most similar to the filter `weights`, (D, F, F).

    Raises:
        ValueError: They do not all have one shape.
    """
    cosines = _cosines(np.asarray(weights, np.float64)[None], candidates)[0]
    place = int(np.abs(cosines).argmax())
    sign = 1.0 if cosines[place] >= 0 else -1.0
    found = candidates[place]
    return Match(
        found.title if sign > 0 else f"{found.title}, signs flipped", sign * found.weights, abs(cosines[place])
    )


def by_chance(shape: tuple[int, ...], candidates: Sequence[HandMade], draws: int = 500) -> float:
    """Return the mean cosine similarity that `closest` finds for random filters of that shape."""
    random = np.random.default_rng(0).normal(size=(draws, *shape))
    return float(np.abs(_cosines(random, candidates)).max(axis=1).mean())


def _cosines(filters: NDArray[np.float64], candidates: Sequence[HandMade]) -> NDArray[np.float64]:
    """Return the cosine similarities of (N, D, F, F) with M candidates, (N, M); 0 for a filter of zeros."""
    known = np.stack([one.weights for one in candidates])
    if known.shape[1:] != filters.shape[1:]:
        raise ValueError(f"Filters of {filters.shape[1:]} cannot be compared with some of {known.shape[1:]}.")
    a, b = filters.reshape(len(filters), -1), known.reshape(len(known), -1)
    lengths = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)[None, :]
    cosines: NDArray[np.float64] = np.divide(a @ b.T, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return cosines


def color_share(weights: ArrayLike) -> float:
    """Return how much of a filter (3, F, F) responds to color: 0 for equal planes, 1 if the three sum to 0 everywhere.

    It is the share of the squared weights that is left when the mean of the three planes is subtracted.
    """
    planes = np.asarray(weights, np.float64)
    total = float((planes**2).sum())
    return float(((planes - planes.mean(axis=0)) ** 2).sum()) / total if total else 0.0
