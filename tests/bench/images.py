"""How fast the filters are: `python tests/bench/images.py`.

Prints `convolve` beside scipy.ndimage.correlate and OpenCV's filter2D on one 512 x 512 x 3 float32 picture, and what
else the pages compute at each move of a slider. Contenders take turns, so that a busy neighbor slows all of them alike.
"""

import platform
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.images import blur_pooling, edges, frequency_filters, pooling, rendering, sample_pictures, shifts, spectrum
from core.images.convolution import convolve
from core.images.kernels import Kernel, separable

ROUNDS = 21


def take_turns(contenders: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, np.ndarray]:
    """Milliseconds of each call: (rounds,) a contender, after one call to warm up."""
    spent: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(rounds + 1):
        for name, call in contenders.items():
            began = time.perf_counter()
            call()
            if turn:
                spent[name].append((time.perf_counter() - began) * 1e3)
    return {name: np.array(times) for name, times in spent.items()}


def kernels(size: int) -> dict[str, Kernel]:
    """One kernel that is an outer product and one that is not."""
    rng = np.random.default_rng(size)
    row = np.hanning(size + 2)[1:-1]
    return {"separable": np.outer(row, row) / row.sum() ** 2, "random": rng.normal(0, 1 / size, (size, size))}


def against_peers(image: np.ndarray) -> None:
    """The table of filters: medians in milliseconds, and ratios to the two peers in the same run."""
    heads = ("kernel", "convolve", "p95", "SciPy", "OpenCV", "sepFilter2D", "/SciPy", "/OpenCV")
    print("".join(f"{head:>{width}}" for head, width in zip(heads, (18, 10, 7, 8, 8, 13, 8, 9), strict=True)))
    for size in (3, 5, 7, 11):
        for name, kernel in kernels(size).items():
            contenders: dict[str, Callable[[], object]] = {
                "ours": lambda kernel=kernel: convolve(image, kernel, padding="reflect"),
                "scipy": lambda kernel=kernel: ndimage.correlate(image, kernel[:, :, None], mode="mirror"),
                "opencv": lambda kernel=kernel: cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REFLECT_101),
            }
            if parts := separable(kernel):
                contenders["opencv separable"] = lambda parts=parts: cv2.sepFilter2D(
                    image, -1, parts.row, parts.column, borderType=cv2.BORDER_REFLECT_101
                )
            ours, scipys = contenders["ours"](), contenders["scipy"]()
            assert np.abs(ours - scipys).max() < 1e-6, "a fast answer that is wrong"
            times = take_turns(contenders)
            median = {who: float(np.median(each)) for who, each in times.items()}
            split = f"{median['opencv separable']:12.1f}" if "opencv separable" in median else f"{'':>12}"
            print(
                f"{f'{size} x {size} {name}':>18} {median['ours']:9.1f} {np.percentile(times['ours'], 95):6.1f} "
                f"{median['scipy']:7.1f} {median['opencv']:7.1f} {split} {median['ours'] / median['scipy']:7.2f} "
                f"{median['ours'] / median['opencv']:8.2f}"
            )


def what_pages_compute(image: np.ndarray) -> None:
    """What else one move of a slider costs at this size: medians and 95th percentiles in milliseconds."""
    mask = frequency_filters.low_pass(image.shape, 20)
    kernel = kernels(11)["random"]
    calls: dict[str, Callable[[], object]] = {
        "random 11 x 11 and bytes": lambda: rendering.to_bytes(convolve(image, kernel)),
        "PNG file": lambda: rendering.to_png(image),
        "signed colors": lambda: rendering.signed_colors(image[:, :, 0] - 0.5),
        "gradient and hue": lambda: rendering.angle_as_hue(*edges.gradient(image)),
        "spectrum": lambda: spectrum.spectrum(image),
        "radial profile": lambda: spectrum.radial_profile(image),
        "low + high": lambda: frequency_filters.split(image, mask),
        "hybrid": lambda: frequency_filters.hybrid(image, image[::-1], 12),
        "largest 5,000": lambda: frequency_filters.keep_largest(image, 5000),
        "kernel in the spectrum": lambda: frequency_filters.filter_in_spectrum(image, kernel),
        "max pooling, 2 x 2": lambda: pooling.pool(image),
        "pooled, unpooled": lambda: pooling.pooling_loss(image, "max", 3, 2),
        "blur pooling": lambda: blur_pooling.blur_pool(image),
        "shift curve, gray 128": lambda: shifts.shift_response(image[:128, :128, 0], "blur_max"),
        "sample from disk": lambda: sample_pictures.sample("astronaut"),
    }
    print(f"\n{'':>26} {'p50 ms':>7} {'p95 ms':>7}")
    for name, times in take_turns(calls).items():
        print(f"{name:>26} {np.median(times):7.1f} {np.percentile(times, 95):7.1f}")


if __name__ == "__main__":
    picture = sample_pictures.sample("astronaut")
    print(
        f"{platform.processor() or platform.machine()}, NumPy {np.__version__}, OpenCV {cv2.__version__}; "
        f"{' x '.join(map(str, picture.shape))} {picture.dtype}, median of {ROUNDS}, ms"
    )
    against_peers(picture)
    what_pages_compute(picture)
