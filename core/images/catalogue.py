"""The kernels a person can choose from, in families; each says in one sentence why it does what it does.

They are written for correlation, as `convolve` and PyTorch apply them: what lies on the right of the grid meets what
lies on the right in the picture. So `sobel_x` answers above zero where the picture gets brighter to the right.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.images.kernels import MAX_KERNEL_SIZE, Kernel, KernelError


@dataclass(frozen=True, slots=True)
class Parameter:
    """The one number, besides its size, that a kernel depends on."""

    name: str
    label: str
    low: float
    high: float
    default: float
    step: float


@dataclass(frozen=True, slots=True)
class CatalogueKernel:
    """A kernel of the catalogue. `build(size, value)` gives its grid; a fixed kernel has one size and no parameter."""

    key: str
    title: str
    family: str
    why: str
    build: Callable[[int, float], Kernel]
    sizes: tuple[int, ...] = (3,)
    size: int = 3  # the one it opens with
    parameter: Parameter | None = None

    def kernel(self, size: int | None = None, value: float | None = None) -> Kernel:
        """Its grid (F, F). Raises KernelError for a size or a parameter it does not have."""
        size = self.size if size is None else size
        if size not in self.sizes:
            raise KernelError(
                f"{self.title} comes in the sizes {', '.join(map(str, self.sizes))}; {size} is none of them."
            )
        if self.parameter is None:
            return self.build(size, 0.0)
        value = self.parameter.default if value is None else value
        if not self.parameter.low <= value <= self.parameter.high:
            low, high = self.parameter.low, self.parameter.high
            raise KernelError(f"{self.parameter.label} lies between {low:g} and {high:g}; got {value:g}.")
        return self.build(size, value)


def _fixed(*rows: tuple[float, ...]) -> Callable[[int, float], Kernel]:
    return lambda size, value: np.array(rows, dtype=np.float64)


def _offsets(size: int) -> tuple[Kernel, Kernel]:
    """How far each cell lies below and to the right of the middle."""
    places = np.arange(size, dtype=np.float64) - (size - 1) / 2
    return places[:, None], places[None, :]


def _identity(size: int, value: float) -> Kernel:
    grid = np.zeros((size, size))
    grid[size // 2, size // 2] = 1
    return grid


def _box(size: int, value: float) -> Kernel:
    return np.full((size, size), 1 / size**2)


def _gaussian(size: int, sigma: float) -> Kernel:
    y, x = _offsets(size)
    grid: Kernel = np.exp(-(y**2 + x**2) / (2 * sigma**2))
    grid /= grid.sum()
    return grid


def _motion(size: int, degrees: float) -> Kernel:
    """A line through the middle, `size` long: each cell weighs as much as it is near the line, one pixel wide."""
    y, x = _offsets(size)
    angle = np.radians(degrees)
    along, beside = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    grid: Kernel = np.clip(1 - np.abs(beside), 0, 1) * (np.abs(along) <= (size - 1) / 2 + 1e-9)
    grid /= grid.sum()
    return grid


def _unsharp(size: int, amount: float) -> Kernel:
    return (1 + amount) * _identity(size, 0) - amount * _gaussian(size, size / 4)


def _laplacian_of_gaussian(size: int, sigma: float) -> Kernel:
    """(r^2 - 2 sigma^2) / sigma^4 times a Gaussian, shifted to sum 0, which a cut off one misses by a little."""
    y, x = _offsets(size)
    grid: Kernel = (y**2 + x**2 - 2 * sigma**2) / sigma**4 * _gaussian(size, sigma)
    grid -= grid.mean()
    return grid


_RIDGES = {
    0: ((-1, -1, -1), (2, 2, 2), (-1, -1, -1)),
    45: ((-1, -1, 2), (-1, 2, -1), (2, -1, -1)),
    90: ((-1, 2, -1), (-1, 2, -1), (-1, 2, -1)),
    135: ((2, -1, -1), (-1, 2, -1), (-1, -1, 2)),
}


def _ridge(size: int, degrees: float) -> Kernel:
    return np.array(_RIDGES[round(degrees / 45) * 45 % 180], dtype=np.float64)


def _random(size: int, seed: float) -> Kernel:
    return np.random.default_rng(round(seed)).normal(0, 1 / size, (size, size)).round(2)


_ODD = tuple(range(3, MAX_KERNEL_SIZE + 1, 2))
_SIGMA = Parameter("sigma", "Width σ, px", 0.3, 4.0, 1.0, 0.1)

IDENTITY, BLUR, SHARPEN = "Leave alone", "Blur", "Sharpen"
FIRST, SECOND = "Edges: first derivative", "Lines and spots: second derivative"
OTHER = "Relief and chance"
FAMILIES = (IDENTITY, BLUR, SHARPEN, FIRST, SECOND, OTHER)

_KERNELS = (
    CatalogueKernel(
        "identity",
        "Identity",
        IDENTITY,
        "The one weight that is not zero is a 1 in the middle: each pixel becomes itself.",
        _identity,
        (1, *_ODD),
    ),
    CatalogueKernel(
        "box",
        "Box blur",
        BLUR,
        "Equal weights that sum to 1 make each pixel the mean of its neighborhood: differences average out.",
        _box,
        _ODD,
    ),
    CatalogueKernel(
        "gaussian",
        "Gaussian blur",
        BLUR,
        "Near neighbors count more than far ones, alike in all directions, so it blurs without the box's square marks.",
        _gaussian,
        _ODD,
        5,
        _SIGMA,
    ),
    CatalogueKernel(
        "motion",
        "Motion blur",
        BLUR,
        "The mean along a line smears along that line alone, as if the camera had moved while the shutter was open.",
        _motion,
        _ODD,
        9,
        Parameter("angle", "Direction, degrees", 0, 180, 0, 5),
    ),
    CatalogueKernel(
        "sharpen",
        "Sharpen",
        SHARPEN,
        "The picture minus its Laplacian: a pixel that differs from its four neighbors is pushed further from them.",
        _fixed((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    ),
    CatalogueKernel(
        "unsharp",
        "Unsharp mask",
        SHARPEN,
        "The picture plus what a blur takes away from it, so the fine detail is there twice and the sum is still 1.",
        _unsharp,
        _ODD,
        5,
        Parameter("amount", "Amount", 0.1, 4, 1, 0.1),
    ),
    CatalogueKernel(
        "sobel_x",
        "Sobel x",
        FIRST,
        "Right minus left is a slope across, and 1, 2, 1 averages three rows: it answers at edges that run upright.",
        _fixed((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    ),
    CatalogueKernel(
        "sobel_y",
        "Sobel y",
        FIRST,
        "Below minus above is a slope downward, averaged over three columns: it answers at edges that lie level.",
        _fixed((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    ),
    CatalogueKernel(
        "prewitt_x",
        "Prewitt x",
        FIRST,
        "As Sobel, with all three rows weighed alike: simpler, and a little less smooth across the edge.",
        _fixed((-1, 0, 1), (-1, 0, 1), (-1, 0, 1)),
    ),
    CatalogueKernel(
        "prewitt_y",
        "Prewitt y",
        FIRST,
        "Below minus above with all three columns weighed alike: level edges.",
        _fixed((-1, -1, -1), (0, 0, 0), (1, 1, 1)),
    ),
    CatalogueKernel(
        "scharr_x",
        "Scharr x",
        FIRST,
        "As Sobel, with 3, 10, 3 chosen so that an edge's strength depends least on the direction it runs in.",
        _fixed((-3, 0, 3), (-10, 0, 10), (-3, 0, 3)),
    ),
    CatalogueKernel(
        "scharr_y",
        "Scharr y",
        FIRST,
        "Scharr's weights turned by 90 degrees: level edges, with the same evenness over directions.",
        _fixed((-3, -10, -3), (0, 0, 0), (3, 10, 3)),
    ),
    CatalogueKernel(
        "diagonal_down",
        "Diagonal edge ↘",
        FIRST,
        "Lower right minus upper left: it answers where the picture gets brighter toward the lower right corner.",
        _fixed((-2, -1, 0), (-1, 0, 1), (0, 1, 2)),
    ),
    CatalogueKernel(
        "diagonal_up",
        "Diagonal edge ↗",
        FIRST,
        "Upper right minus lower left: it answers where the picture gets brighter toward the upper right corner.",
        _fixed((0, 1, 2), (-1, 0, 1), (-2, -1, 0)),
    ),
    CatalogueKernel(
        "laplacian_4",
        "Laplacian, 4 neighbors",
        SECOND,
        "Four neighbors minus four times the middle: zero on any even slope, so only bends, lines and spots remain.",
        _fixed((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    ),
    CatalogueKernel(
        "laplacian_8",
        "Laplacian, 8 neighbors",
        SECOND,
        "The diagonal neighbors count too: a stronger answer, and about the same in all directions.",
        _fixed((1, 1, 1), (1, -8, 1), (1, 1, 1)),
    ),
    CatalogueKernel(
        "log",
        "Laplacian of Gaussian",
        SECOND,
        "A blur and then the Laplacian, in one kernel: it answers to spots of its own width and ignores finer noise.",
        _laplacian_of_gaussian,
        _ODD[1:],
        9,
        Parameter("sigma", "Width σ, px", 0.5, 2.0, 1.4, 0.1),
    ),
    CatalogueKernel(
        "ridge",
        "Ridge",
        SECOND,
        "Plus along a line and minus on both sides: a bright line one pixel wide in its direction fits it exactly.",
        _ridge,
        parameter=Parameter("angle", "Direction, degrees", 0, 135, 90, 45),
    ),
    CatalogueKernel(
        "emboss",
        "Emboss",
        OTHER,
        "A slope along the diagonal added to the picture itself: it looks like a relief lit from one corner.",
        _fixed((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
    ),
    CatalogueKernel(
        "random",
        "Random",
        OTHER,
        "Weights drawn by chance, as in a network before training: most already answer to some direction and grain.",
        _random,
        _ODD,
        3,
        Parameter("seed", "Seed", 0, 9999, 0, 1),
    ),
)

CATALOGUE: dict[str, CatalogueKernel] = {entry.key: entry for entry in _KERNELS}
