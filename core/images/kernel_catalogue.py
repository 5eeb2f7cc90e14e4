"""The kernels to choose from, by family, each with one sentence on why it works.

They are written for correlation, as `convolve` and PyTorch apply them: the right side of the grid meets the right side
of the picture. So `sobel_x` gives positive output where the picture gets brighter to the right.
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
    """A kernel of the catalogue. `build(size, value)` makes its grid; a fixed kernel has one size and no parameter."""

    key: str
    title: str
    family: str
    why: str
    build: Callable[[int, float], Kernel]
    sizes: tuple[int, ...] = (3,)
    size: int = 3  # the one it opens with
    parameter: Parameter | None = None

    def kernel(self, size: int | None = None, value: float | None = None) -> Kernel:
        """Return the kernel's weights.

        Args:
            size: Rows and columns; the kernel's default if None.
            value: Its parameter's value; the default if None. Ignored by a kernel without a parameter.

        Returns:
            The weights, (F, F).

        Raises:
            KernelError: The kernel does not come in this size, or the value is out of range.

        Examples:
            >>> CATALOGUE["sobel_x"].kernel()
            array([[-1.,  0.,  1.],
                   [-2.,  0.,  2.],
                   [-1.,  0.,  1.]])
            >>> CATALOGUE["gaussian"].kernel(size=3, value=0.85).round(2)
            array([[0.06, 0.12, 0.06],
                   [0.12, 0.25, 0.12],
                   [0.06, 0.12, 0.06]])
        """
        size = self.size if size is None else size
        if size not in self.sizes:
            raise KernelError(
                f"{self.title} comes in the sizes {', '.join(map(str, self.sizes))}: choose one of them, not {size}."
            )
        if self.parameter is None:
            return self.build(size, 0.0)
        value = self.parameter.default if value is None else value
        if not self.parameter.low <= value <= self.parameter.high:
            low, high = self.parameter.low, self.parameter.high
            raise KernelError(f"{self.parameter.label} must be between {low:g} and {high:g}; got {value:g}.")
        return self.build(size, value)


def _fixed(*rows: tuple[float, ...]) -> Callable[[int, float], Kernel]:
    return lambda size, value: np.array(rows, dtype=np.float64)


def _offsets(size: int) -> tuple[Kernel, Kernel]:
    """Return the distance of each cell from the middle: downward (F, 1) and to the right (1, F)."""
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
    """Return a line through the middle, `size` long: the nearer a cell is to the line, the larger its weight."""
    y, x = _offsets(size)
    angle = np.radians(degrees)
    along, beside = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    grid: Kernel = np.clip(1 - np.abs(beside), 0, 1) * (np.abs(along) <= (size - 1) / 2 + 1e-9)
    grid /= grid.sum()
    return grid


def _unsharp(size: int, amount: float) -> Kernel:
    return (1 + amount) * _identity(size, 0) - amount * _gaussian(size, size / 4)


def _laplacian_of_gaussian(size: int, sigma: float) -> Kernel:
    """Return (r^2 - 2 sigma^2) / sigma^4 times a Gaussian, shifted to sum 0, which the cropped Gaussian just misses."""
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

IDENTITY, BLUR, SHARPEN = "Identity", "Blur", "Sharpen"
FIRST_DERIVATIVE, SECOND_DERIVATIVE = "Edges: first derivative", "Lines and spots: second derivative"
OTHER = "Emboss and random"
FAMILIES = (IDENTITY, BLUR, SHARPEN, FIRST_DERIVATIVE, SECOND_DERIVATIVE, OTHER)

_KERNELS = (
    CatalogueKernel(
        "identity",
        "Identity",
        IDENTITY,
        "The only weight that is not zero is a 1 in the middle: each pixel stays as it is.",
        _identity,
        (1, *_ODD),
    ),
    CatalogueKernel(
        "box",
        "Box blur",
        BLUR,
        "Equal weights with sum 1 replace each pixel by the mean of its neighborhood: differences average out.",
        _box,
        _ODD,
    ),
    CatalogueKernel(
        "gaussian",
        "Gaussian blur",
        BLUR,
        "Near neighbors count more than far ones, equally in all directions: no square artifacts as from a box.",
        _gaussian,
        _ODD,
        5,
        _SIGMA,
    ),
    CatalogueKernel(
        "motion",
        "Motion blur",
        BLUR,
        "The mean along a line blurs only along that line, as if the camera had moved during the exposure.",
        _motion,
        _ODD,
        9,
        Parameter("angle", "Direction, degrees", 0, 180, 0, 5),
    ),
    CatalogueKernel(
        "sharpen",
        "Sharpen",
        SHARPEN,
        "The picture minus its Laplacian: the difference between a pixel and its four neighbors is increased.",
        _fixed((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    ),
    CatalogueKernel(
        "unsharp",
        "Unsharp mask",
        SHARPEN,
        "The picture plus the detail that a blur removes: fine detail counts twice, and the weights still sum to 1.",
        _unsharp,
        _ODD,
        5,
        Parameter("amount", "Amount", 0.1, 4, 1, 0.1),
    ),
    CatalogueKernel(
        "sobel_x",
        "Sobel x",
        FIRST_DERIVATIVE,
        "Right minus left is the horizontal slope, and 1, 2, 1 averages three rows: it responds to vertical edges.",
        _fixed((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    ),
    CatalogueKernel(
        "sobel_y",
        "Sobel y",
        FIRST_DERIVATIVE,
        "Below minus above is the vertical slope, averaged over three columns: it responds to horizontal edges.",
        _fixed((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    ),
    CatalogueKernel(
        "prewitt_x",
        "Prewitt x",
        FIRST_DERIVATIVE,
        "Like Sobel x, with equal weights for all three rows: simpler, but less even over directions.",
        _fixed((-1, 0, 1), (-1, 0, 1), (-1, 0, 1)),
    ),
    CatalogueKernel(
        "prewitt_y",
        "Prewitt y",
        FIRST_DERIVATIVE,
        "Below minus above, with equal weights for all three columns: it responds to horizontal edges.",
        _fixed((-1, -1, -1), (0, 0, 0), (1, 1, 1)),
    ),
    CatalogueKernel(
        "scharr_x",
        "Scharr x",
        FIRST_DERIVATIVE,
        "Like Sobel x, with the weights 3, 10, 3: the strength of an edge depends least on its direction.",
        _fixed((-3, 0, 3), (-10, 0, 10), (-3, 0, 3)),
    ),
    CatalogueKernel(
        "scharr_y",
        "Scharr y",
        FIRST_DERIVATIVE,
        "Scharr x rotated by 90 degrees: it responds to horizontal edges.",
        _fixed((-3, -10, -3), (0, 0, 0), (3, 10, 3)),
    ),
    CatalogueKernel(
        "diagonal_down",
        "Diagonal edge ↘",
        FIRST_DERIVATIVE,
        "Lower right minus upper left: it responds where the picture gets brighter toward the lower right corner.",
        _fixed((-2, -1, 0), (-1, 0, 1), (0, 1, 2)),
    ),
    CatalogueKernel(
        "diagonal_up",
        "Diagonal edge ↗",
        FIRST_DERIVATIVE,
        "Upper right minus lower left: it responds where the picture gets brighter toward the upper right corner.",
        _fixed((0, 1, 2), (-1, 0, 1), (-2, -1, 0)),
    ),
    CatalogueKernel(
        "laplacian_4",
        "Laplacian, 4 neighbors",
        SECOND_DERIVATIVE,
        "Four neighbors minus four times the middle: zero on a uniform slope, so only edges, lines and spots remain.",
        _fixed((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    ),
    CatalogueKernel(
        "laplacian_8",
        "Laplacian, 8 neighbors",
        SECOND_DERIVATIVE,
        "The diagonal neighbors count too: a stronger response, and nearly the same in all directions.",
        _fixed((1, 1, 1), (1, -8, 1), (1, 1, 1)),
    ),
    CatalogueKernel(
        "log",
        "Laplacian of Gaussian",
        SECOND_DERIVATIVE,
        "A blur and then the Laplacian, in one kernel: it responds to spots of its own size and ignores finer noise.",
        _laplacian_of_gaussian,
        _ODD[1:],
        9,
        Parameter("sigma", "Width σ, px", 0.5, 2.0, 1.4, 0.1),
    ),
    CatalogueKernel(
        "ridge",
        "Ridge",
        SECOND_DERIVATIVE,
        "Positive along a line and negative on both sides: it responds to thin bright lines in its direction.",
        _ridge,
        parameter=Parameter("angle", "Direction, degrees", 0, 135, 90, 45),
    ),
    CatalogueKernel(
        "emboss",
        "Emboss",
        OTHER,
        "The diagonal slope added to the picture: it looks like a relief lit from one corner.",
        _fixed((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
    ),
    CatalogueKernel(
        "random",
        "Random",
        OTHER,
        "Random weights, as in a network before training: most already respond to some direction and scale.",
        _random,
        _ODD,
        3,
        Parameter("seed", "Seed", 0, 9999, 0, 1),
    ),
)

CATALOGUE: dict[str, CatalogueKernel] = {entry.key: entry for entry in _KERNELS}
