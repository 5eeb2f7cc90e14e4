"""What can be said of a kernel before it meets a picture: its symmetry, its frequency response, itself as Python."""

from typing import Literal, NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray

from core.images.kernels import Kernel, Padding, check_kernel, dilate

Parity = Literal["even", "odd"]


class Symmetry(NamedTuple):
    """How a kernel equals its mirror images: "even" if it does, "odd" if it does with the sign changed, None if not.

    A kernel that is even under `half_turn` gives the same answer as correlation and as convolution.
    """

    left_right: Parity | None
    top_bottom: Parity | None
    half_turn: Parity | None  # by 180 degrees
    quarter_turn: Parity | None  # by 90 degrees; never for a kernel that is not square
    diagonal: Parity | None  # rows become columns; never for a kernel that is not square


def symmetry(kernel: ArrayLike, *, tolerance: float = 1e-9) -> Symmetry:
    """The symmetries of a kernel, up to `tolerance` times its largest weight. An all-zero kernel is even in all."""
    weights = check_kernel(kernel)
    allowed = tolerance * np.abs(weights).max()

    def parity(mirrored: Kernel) -> Parity | None:
        if mirrored.shape != weights.shape:
            return None
        if np.abs(weights - mirrored).max() <= allowed:
            return "even"
        return "odd" if np.abs(weights + mirrored).max() <= allowed else None

    return Symmetry(
        left_right=parity(weights[:, ::-1]),
        top_bottom=parity(weights[::-1]),
        half_turn=parity(weights[::-1, ::-1]),
        quarter_turn=parity(np.rot90(weights)),
        diagonal=parity(weights.T),
    )


def transfer_function(kernel: ArrayLike, shape: tuple[int, int]) -> NDArray[np.complex128]:
    """What correlation with `kernel` multiplies each frequency of an H x W picture with. (H, W), zero frequency first.

    It holds for the periodic picture: `convolve(padding="wrap")` is this product (the convolution theorem). A kernel
    larger than the picture goes around it more than once.
    """
    weights = check_kernel(kernel)
    # The weight at the kernel's anchor, (F - 1) // 2 as in `convolve`, is at the origin; those before it wrap around.
    rows, columns = (
        (np.arange(size) - (size - 1) // 2) % length for size, length in zip(weights.shape, shape, strict=True)
    )
    periodic = np.zeros(shape)
    np.add.at(periodic, np.ix_(rows, columns), weights)
    response: NDArray[np.complex128] = np.conj(scipy.fft.fft2(periodic))
    return response


def frequency_response(kernel: ArrayLike, size: int = 64) -> NDArray[np.float64]:
    """How much of each frequency a kernel lets through: 0 nothing, 1 all, above 1 it amplifies. (size, size).

    The zero frequency, which is the mean, is at [size // 2, size // 2]: the response there is the size of the kernel's
    sum. The axes run from -1/2 to 1/2 cycles a pixel, as `frequency.axes` gives them.
    """
    return np.abs(scipy.fft.fftshift(transfer_function(kernel, (size, size))))


def resize_kernel(kernel: ArrayLike, rows: int, columns: int) -> Kernel:
    """The kernel in a grid of another size: cut, or surrounded by zeros, about its anchor."""
    weights = check_kernel(kernel)
    before, after = [], []
    for old, new in zip(weights.shape, (rows, columns), strict=True):
        before.append((new - 1) // 2 - (old - 1) // 2)  # below zero: that many are cut
        after.append(new // 2 - old // 2)
    kept = tuple(
        slice(max(0, -first), old - max(0, -last))
        for first, last, old in zip(before, after, weights.shape, strict=True)
    )
    return np.pad(weights[kept], [(max(0, first), max(0, last)) for first, last in zip(before, after, strict=True)])


# SciPy calls the padding by other names than NumPy and PyTorch.
_SCIPY_MODE: dict[Padding, str] = {
    "zero": "constant",
    "valid": "constant",
    "reflect": "mirror",
    "edge": "nearest",
    "wrap": "wrap",
}


def to_python(
    kernel: ArrayLike, *, stride: int = 1, padding: Padding = "zero", flip: bool = False, dilation: int = 1
) -> str:
    """A program of a few lines that filters as `convolve` does with these settings, with NumPy and SciPy alone."""
    weights = dilate(kernel, dilation)
    if flip:
        weights = weights[::-1, ::-1]
    written = [[int(weight) if weight.is_integer() else weight for weight in row] for row in weights.tolist()]
    rows = ",\n    ".join(map(repr, written))
    # SciPy puts the one more pixel of an even kernel's border above and to the left; an origin of -1 moves it.
    origin = tuple(0 if size % 2 else -1 for size in weights.shape)
    sizes = {axis: size for axis, size in zip("HW", weights.shape, strict=True)}
    before = {axis: (size - 1) // 2 for axis, size in sizes.items()}
    if padding == "valid":
        keep = ", ".join(
            f"{before[axis]} : image.shape[{number}] - {sizes[axis] // 2} : {stride}"
            for number, axis in enumerate("HW")
        )
    else:
        keep = f"::{stride}, ::{stride}"
    return f'''import numpy as np
from scipy.ndimage import correlate

kernel = np.array([
    {rows},
])


def apply(image):
    """Filter a picture of floats, (H, W) or (H, W, channels); every channel alone."""
    weights = kernel if image.ndim == 2 else kernel[:, :, np.newaxis]
    origin = {origin} if image.ndim == 2 else {(*origin, 0)}
    filtered = correlate(image, weights, mode="{_SCIPY_MODE[padding]}", origin=origin)
    return filtered[{keep}]
'''
