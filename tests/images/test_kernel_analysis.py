import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.images.convolution import PADDINGS, convolve
from core.images.kernel_analysis import frequency_response, resize_kernel, symmetry, to_python, transfer_function
from core.images.kernel_catalogue import CATALOGUE


@pytest.mark.parametrize(
    ("kernel", "left_right", "top_bottom", "half_turn", "quarter_turn", "diagonal"),
    [
        ("sobel_x", "odd", "even", "odd", None, None),
        ("sobel_y", "even", "odd", "odd", None, None),
        ("laplacian_4", "even", "even", "even", "even", "even"),
        ("diagonal_down", None, None, "odd", None, "even"),
        ("gaussian", "even", "even", "even", "even", "even"),
        ("emboss", None, None, None, None, "even"),
        ("random", None, None, None, None, None),
    ],
)
def test_symmetries(kernel, left_right, top_bottom, half_turn, quarter_turn, diagonal):
    assert symmetry(CATALOGUE[kernel].kernel()) == (left_right, top_bottom, half_turn, quarter_turn, diagonal)


def test_symmetries_of_a_kernel_that_is_not_square():
    assert symmetry([[1, 2, 1]]) == ("even", "even", "even", None, None)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_an_even_half_turn_is_what_makes_flip_change_nothing(rows, columns, seed):
    rng = np.random.default_rng(seed)
    kernel, image = rng.normal(size=(rows, columns)), rng.random((9, 9))
    for candidate in (kernel, kernel + kernel[::-1, ::-1]):
        same = np.allclose(convolve(image, candidate), convolve(image, candidate, flip=True), atol=1e-12)
        assert same == (symmetry(candidate).half_turn == "even")


@given(st.integers(1, 7), st.integers(1, 7), st.integers(5, 12), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_the_transfer_function_is_what_a_wave_is_multiplied_with(rows, columns, height, width, seed):
    rng = np.random.default_rng(seed)
    kernel = rng.normal(size=(rows, columns))
    v, u = rng.integers(height), rng.integers(width)
    phase = 2 * np.pi * (v * np.arange(height)[:, None] / height + u * np.arange(width)[None, :] / width)
    answer = convolve(np.cos(phase), kernel, padding="wrap") + 1j * convolve(np.sin(phase), kernel, padding="wrap")
    np.testing.assert_allclose(
        answer, transfer_function(kernel, (height, width))[v, u] * np.exp(1j * phase), atol=1e-11
    )


def test_the_frequency_response_of_well_known_kernels():
    size = 32
    flat = frequency_response([[1]], size)
    np.testing.assert_allclose(flat, 1)
    box = frequency_response(CATALOGUE["box"].kernel(3), size)
    assert box[size // 2, size // 2] == pytest.approx(1)
    across = (1 + 2 * np.cos(2 * np.pi * np.arange(-size // 2, size // 2) / size)) / 3  # the Dirichlet kernel
    np.testing.assert_allclose(box[size // 2], np.abs(across), atol=1e-12)
    for kernel in ("sobel_x", "laplacian_8", "log", "ridge"):
        assert frequency_response(CATALOGUE[kernel].kernel(), size)[size // 2, size // 2] == pytest.approx(0, abs=1e-12)


@given(st.integers(1, 11), st.integers(1, 11), st.integers(1, 11), st.integers(1, 11))
def test_resizing_keeps_the_anchor_and_what_it_does(rows, columns, new_rows, new_columns):
    kernel = np.random.default_rng(0).normal(size=(rows, columns))
    resized = resize_kernel(kernel, new_rows, new_columns)
    assert resized.shape == (new_rows, new_columns)
    assert resized[(new_rows - 1) // 2, (new_columns - 1) // 2] == kernel[(rows - 1) // 2, (columns - 1) // 2]
    if new_rows >= rows and new_columns >= columns:
        image = np.random.default_rng(1).random((12, 13))
        np.testing.assert_allclose(convolve(image, resized), convolve(image, kernel), atol=1e-12)
        np.testing.assert_array_equal(resize_kernel(resized, rows, columns), kernel)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("shape", [(3, 3), (1, 1), (2, 5), (4, 4)])
@pytest.mark.parametrize(("stride", "flip", "dilation"), [(1, False, 1), (2, True, 2)])
def test_the_kernel_as_python_does_what_the_page_does(padding, shape, stride, flip, dilation):
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=shape)
    program: dict = {}
    settings = {"stride": stride, "padding": padding, "flip": flip, "dilation": dilation}
    exec(to_python(kernel, **settings), program)
    for image in (rng.random((11, 12)), rng.random((11, 12, 3))):
        ours = convolve(image, kernel, **settings)
        np.testing.assert_allclose(program["apply"](image), ours, rtol=0, atol=1e-12)


def test_the_kernel_as_python_reads_well():
    assert "[-1, 0, 1],\n    [-2, 0, 2]," in to_python(CATALOGUE["sobel_x"].kernel())
