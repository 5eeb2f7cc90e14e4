"""Every kernel of the catalogue: its shape, its sum, and what it answers on a constant and on step edges."""

import numpy as np
import pytest
from scipy import ndimage, signal

from core.images.convolution import convolve
from core.images.kernel_catalogue import CATALOGUE, FAMILIES
from core.images.kernels import MAX_KERNEL_SIZE, KernelError, check_kernel, separable

# What each sums to is what it makes of a constant picture; then its answer on a step that gets brighter to the right
# and one that gets brighter downward: "slope" answers at the edge alone and with one sign, "bend" with both signs that
# cancel, "none" nowhere, "ramp" goes from dark to bright without leaving [0, 1], "over" goes beyond.
EXPECTED = {
    "identity": (1, "ramp", "ramp"),
    "box": (1, "ramp", "ramp"),
    "gaussian": (1, "ramp", "ramp"),
    "motion": (1, "ramp", "ramp"),
    "sharpen": (1, "over", "over"),
    "unsharp": (1, "over", "over"),
    "sobel_x": (0, "slope", "none"),
    "sobel_y": (0, "none", "slope"),
    "prewitt_x": (0, "slope", "none"),
    "prewitt_y": (0, "none", "slope"),
    "scharr_x": (0, "slope", "none"),
    "scharr_y": (0, "none", "slope"),
    "diagonal_down": (0, "slope", "slope"),
    "diagonal_up": (0, "slope", "fall"),
    "laplacian_4": (0, "bend", "bend"),
    "laplacian_8": (0, "bend", "bend"),
    "log": (0, "bend", "bend"),
    "ridge": (0, "bend", "none"),
    "emboss": (1, "over", "over"),
    "random": (None, None, None),
}
STEP = np.repeat([[0.0] * 12 + [1.0] * 12], 24, axis=0)


def answer_on(step, kernel):
    """In one word, what a kernel makes of a step (edges repeated, so that the border is no edge)."""
    out = convolve(step, kernel, padding="edge").round(9)
    middle = out[12] if np.ptp(out[12]) >= np.ptp(out[:, 12]) else out[:, 12]
    if not out.any():
        return "none"
    if out[0, 0] == 0 and out[-1, -1] == 1:
        return "ramp" if (np.diff(middle) >= 0).all() else "over"
    if out[0, 0] == 0 and out[-1, -1] == 0:
        if (middle >= 0).all() or (middle <= 0).all():
            return "slope" if middle.sum() > 0 else "fall"
        return "bend" if abs(middle.sum()) < 1e-6 else "other"
    return "other"


def test_the_sweep_covers_the_catalogue():
    assert set(EXPECTED) == set(CATALOGUE)
    assert len(CATALOGUE) >= 16
    assert {entry.family for entry in CATALOGUE.values()} == set(FAMILIES)


@pytest.mark.parametrize("key", CATALOGUE)
def test_an_entry_says_what_it_is(key):
    entry = CATALOGUE[key]
    assert entry.key == key
    assert entry.title
    assert entry.why.endswith(".")
    assert entry.why.count(". ") == 0, "one sentence"
    assert entry.size in entry.sizes


@pytest.mark.parametrize("key", CATALOGUE)
def test_every_size_and_parameter_gives_a_kernel_of_the_expected_sum(key):
    entry = CATALOGUE[key]
    total = EXPECTED[key][0]
    values = [None]
    if entry.parameter:
        values += [entry.parameter.low, entry.parameter.high, (entry.parameter.low + entry.parameter.high) / 2]
    for size in entry.sizes:
        for value in values:
            kernel = check_kernel(entry.kernel(size, value), largest=MAX_KERNEL_SIZE)
            assert kernel.shape == (size, size)
            if total is not None:
                assert kernel.sum() == pytest.approx(total, abs=1e-12)
                constant = convolve(np.full((15, 15, 3), 0.7), kernel, padding="edge")
                np.testing.assert_allclose(constant, 0.7 * total, atol=1e-12)


@pytest.mark.parametrize("key", [key for key, expected in EXPECTED.items() if expected[0] is not None])
def test_what_it_answers_on_a_step_edge(key):
    kernel = CATALOGUE[key].kernel()
    _, across, down = EXPECTED[key]
    assert answer_on(STEP, kernel) == across
    assert answer_on(STEP.T, kernel) == down


def test_fixed_kernels_are_scipys():
    image = np.random.default_rng(0).random((16, 17))
    for key, theirs in {
        "sobel_x": ndimage.sobel(image, axis=1, mode="nearest"),
        "sobel_y": ndimage.sobel(image, axis=0, mode="nearest"),
        "prewitt_x": ndimage.prewitt(image, axis=1, mode="nearest"),
        "prewitt_y": ndimage.prewitt(image, axis=0, mode="nearest"),
        "laplacian_4": ndimage.laplace(image, mode="nearest"),
        "box": ndimage.uniform_filter(image, 3, mode="nearest"),
    }.items():
        np.testing.assert_allclose(convolve(image, CATALOGUE[key].kernel(), padding="edge"), theirs, atol=1e-12)


def test_gaussians_are_scipys():
    column = signal.windows.gaussian(7, 1.3)
    np.testing.assert_allclose(
        CATALOGUE["gaussian"].kernel(7, 1.3), np.outer(column, column) / column.sum() ** 2, atol=1e-15
    )
    impulse = np.zeros((11, 11))
    impulse[5, 5] = 1
    theirs = ndimage.gaussian_laplace(impulse, 1.0, truncate=5)
    np.testing.assert_allclose(CATALOGUE["log"].kernel(11, 1.0), theirs, atol=0.01 * np.abs(theirs).max())


def test_motion_blur_is_a_mean_along_its_direction():
    np.testing.assert_allclose(CATALOGUE["motion"].kernel(5, 0)[2], 1 / 5)
    np.testing.assert_allclose(CATALOGUE["motion"].kernel(5, 90)[:, 2], 1 / 5)
    rising = CATALOGUE["motion"].kernel(7, 45)
    np.testing.assert_allclose(rising, rising[::-1, ::-1], atol=1e-15)
    assert rising[2, 4] > 0, "45 degrees rises to the right"
    assert rising[4, 4] == 0


def test_a_ridge_answers_most_to_a_line_in_its_direction():
    lines = {0: np.zeros((9, 9)), 45: np.fliplr(np.eye(9)), 90: np.zeros((9, 9)), 135: np.eye(9)}
    lines[0][4] = 1
    lines[90][:, 4] = 1
    for degrees in lines:
        answers = {line: convolve(lines[line], CATALOGUE["ridge"].kernel(3, degrees))[4, 4] for line in lines}
        assert max(answers, key=answers.get) == degrees


def test_random_kernels_are_drawn_by_their_seed():
    random = CATALOGUE["random"]
    np.testing.assert_array_equal(random.kernel(5, 7), random.kernel(5, 7))
    assert (random.kernel(5, 7) != random.kernel(5, 8)).any()


def test_which_kernels_are_separable():
    found = {key for key, entry in CATALOGUE.items() if separable(entry.kernel()) is not None}
    derivatives = {f"{name}_{axis}" for name in ("sobel", "prewitt", "scharr") for axis in "xy"}
    assert found == {"identity", "box", "gaussian", "motion", "ridge"} | derivatives


@pytest.mark.parametrize(("key", "size", "value"), [("sobel_x", 5, None), ("gaussian", 4, 1), ("gaussian", 5, 99.0)])
def test_a_size_or_parameter_it_does_not_have_is_refused(key, size, value):
    with pytest.raises(KernelError, match=r"\.$"):
        CATALOGUE[key].kernel(size, value)
