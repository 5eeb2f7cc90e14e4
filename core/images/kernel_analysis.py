"""Describe a kernel by itself, before it meets a picture: symmetry, frequency response, Python code."""

from typing import Literal, NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import ArrayLike, NDArray

from core.images.convolution import Padding
from core.images.kernels import Kernel, check_kernel, dilate

Parity = Literal["even", "odd"]


class Symmetry(NamedTuple):
    """A kernel's symmetries: "even" if it equals its mirror image, "odd" if it equals minus that image, else None.

    With a kernel that is even under `half_turn`, correlation and convolution give the same output.
    """

    left_right: Parity | None
    top_bottom: Parity | None
    half_turn: Parity | None  # by 180 degrees
    quarter_turn: Parity | None  # by 90 degrees; never for a kernel that is not square
    diagonal: Parity | None  # rows become columns; never for a kernel that is not square


def symmetry(kernel: ArrayLike, *, tolerance: float = 1e-9) -> Symmetry:
    """Return the symmetries of a kernel.

    Args:
        kernel: The weights, (F_h, F_w).
        tolerance: Weights count as equal if they differ by at most this share of the largest weight.

    Returns:
        One entry per symmetry. An all-zero kernel is even in all of them.

    Raises:
        KernelError: The kernel is invalid.

    Examples:
        >>> sobel = symmetry([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
        >>> sobel.left_right, sobel.top_bottom, sobel.quarter_turn
        ('odd', 'even', None)
    """
    weights = check_kernel(kernel)
    allowed = tolerance * np.abs(weights).max()

    def parity(mirrored: Kernel) -> Parity | None:
        """Compare the kernel with one of its mirror images."""
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
    """Return the factor by which correlation with a kernel multiplies each frequency of a periodic picture.

    `convolve(padding="wrap")` equals the product of this and the picture's spectrum (the convolution theorem). A kernel
    larger than the picture wraps around it more than once.

    Args:
        kernel: The weights, (F_h, F_w).
        shape: Height and width of the picture in pixels.

    Returns:
        Complex factors, (H, W), zero frequency first.

    Raises:
        KernelError: The kernel is invalid.

    Examples:
        A 2 x 2 mean keeps the mean of the picture and removes the fastest waves:

        >>> np.abs(transfer_function([[0.25, 0.25], [0.25, 0.25]], (4, 4))).round(2)
        array([[1.  , 0.71, 0.  , 0.71],
               [0.71, 0.5 , 0.  , 0.5 ],
               [0.  , 0.  , 0.  , 0.  ],
               [0.71, 0.5 , 0.  , 0.5 ]])
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
    """Return how much of each frequency a kernel passes: 0 none, 1 all, above 1 it amplifies.

    Args:
        kernel: The weights, (F_h, F_w).
        size: Number of frequencies per axis.

    Returns:
        Gains, (size, size). The zero frequency is at [size // 2, size // 2]; the gain there is the absolute value of
        the sum of the weights. The axes run from -1/2 to 1/2 cycles per pixel, as in `spectrum.frequency_axes`.

    Raises:
        KernelError: The kernel is invalid.

    Examples:
        A difference of neighbors removes the mean and doubles the fastest wave:

        >>> frequency_response([[-1, 1]], size=4)[2].round(2).tolist()
        [2.0, 1.41, 0.0, 1.41]
    """
    return np.abs(scipy.fft.fftshift(transfer_function(kernel, (size, size))))


def resize_kernel(kernel: ArrayLike, rows: int, columns: int) -> Kernel:
    """Return a kernel in a grid of another size: cropped or padded with zeros around its anchor.

    Args:
        kernel: The weights, (F_h, F_w).
        rows: New height.
        columns: New width.

    Returns:
        The weights, (rows, columns).

    Raises:
        KernelError: The kernel is invalid.

    Examples:
        >>> resize_kernel([[1, 2, 3]], 3, 3)
        array([[0., 0., 0.],
               [1., 2., 3.],
               [0., 0., 0.]])
        >>> resize_kernel([[1, 2, 3]], 1, 1)
        array([[2.]])
    """
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
    """Return a short NumPy and SciPy program that filters as `convolve` does with these settings.

    Args:
        kernel: The weights, (F_h, F_w).
        stride: As in `convolve`.
        padding: As in `convolve`.
        flip: As in `convolve`.
        dilation: As in `convolve`.

    Returns:
        Source code that defines `apply(image)`.

    Raises:
        KernelError: The kernel or the dilation is invalid.
    """
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
