"""What a person takes away computes what the page shows; the colors of outputs say what their captions say."""

from typing import Any

import numpy as np
import pytest

from core.images import rendering
from core.images.convolution import PADDINGS
from core.images.filter_chain import Filter
from core.images.kernel_catalogue import CATALOGUE
from core.images.sample_pictures import SAMPLES, sample
from core.ui.display import image_colors
from core.ui.views.kernels import before_after, export, kernel_facts, kernel_picker, pixel_inspector

RANDOM = np.random.default_rng(5)


def grids(count: int, *shape: int) -> tuple[Any, ...]:
    return tuple(tuple(map(tuple, RANDOM.normal(size=shape).tolist())) for _ in range(count))


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(("count", "shape"), [(1, (3, 3)), (1, (2, 5)), (3, (3, 2)), (3, (5, 5))])
def test_the_program_computes_what_the_page_shows(padding: Any, count: int, shape: tuple[int, int]) -> None:
    current = Filter(grids(count, *shape), stride=2, padding=padding, dilation=2)
    picture = RANDOM.uniform(size=(23, 20, 3))
    scope: dict[str, Any] = {}
    exec(export.program(current), scope)
    np.testing.assert_allclose(scope["apply"](picture), current.apply(picture), atol=1e-9)


def test_a_picture_stays_a_picture_and_signs_get_colors() -> None:
    values = np.array([[-2.0, 0.0], [0.5, 1.0]])
    assert image_colors.colored(values, gain=1.0, signed=True).levels.tolist() == [[0, 0], [128, 255]]
    signed = image_colors.colored(values, gain=0.0, signed=True).levels
    assert signed.shape == (2, 2, 4)
    assert signed[0, 1, 3] == 0  # zero is the page
    assert signed[0, 0, 2] > signed[0, 0, 0]  # blue below
    assert signed[1, 1, 0] > signed[1, 1, 2]  # orange above
    sizes = image_colors.colored(np.dstack([values, -values, values]), gain=0.0, signed=True).levels
    assert sizes.shape == (2, 2, 3)
    assert sizes[0, 1].tolist() == [0, 0, 0]


def test_the_encoding_is_lossless() -> None:
    import io

    from PIL import Image

    levels = RANDOM.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(image_colors.encode_webp(levels)))), levels)


def test_the_small_view_of_a_drawn_picture_is_drawn() -> None:
    small = pixel_inspector.reduced.__wrapped__("dot", sample("dot"))  # type: ignore[attr-defined]
    assert small.shape == (pixel_inspector.MAX_SIDE, pixel_inspector.MAX_SIDE)
    assert small.max() == 1


@pytest.mark.parametrize("key", ["cat", "coins"])
def test_the_small_view_shows_the_whole_picture(key: str) -> None:
    picture = sample(key)
    small = rendering.downscale(picture, pixel_inspector.MAX_SIDE)
    assert max(small.shape[:2]) == pixel_inspector.MAX_SIDE
    assert small.shape[0] / small.shape[1] == pytest.approx(picture.shape[0] / picture.shape[1], rel=0.02)
    assert small.mean() == pytest.approx(picture.mean(), abs=0.01)
    assert SAMPLES[key].alt
    height, width = small.shape[:2]
    assert pixel_inspector.describe_reduction(small, picture) == f"; above, reduced to {height} × {width} px"
    assert pixel_inspector.describe_reduction(small, small) == ""


@pytest.mark.parametrize(
    ("weights", "expected"),
    [([[1.0]], "sum to **1**"), ([[1.0, -1.0]], "sum to **0**"), ([[2.5]], "sum to **2.50**"), ([[-3.0]], "**−3.00**")],
)
def test_the_sum_is_said(weights: list[list[float]], expected: str) -> None:
    assert expected in kernel_picker.describe_sum(Filter((tuple(map(tuple, weights)),)))


@pytest.mark.parametrize("key", ["sobel_x", "sobel_y", "laplacian_8", "ridge", "emboss"])
@pytest.mark.parametrize("brightness", [0.1, 0.3, 0.7, 1.0])
def test_rounding_is_not_drawn_and_not_said(key: str, brightness: float) -> None:
    """A constant picture has no edges; what float arithmetic leaves of them has one floor for all pictures."""
    kernel = CATALOGUE[key].kernel() - CATALOGUE[key].kernel().mean()  # sums to 0 for every one of them
    current = kernel_picker.as_filter((kernel,), "")
    for picture in (np.full((20, 30), brightness), np.full((20, 30), brightness, np.float32)):
        response = current.apply(picture)
        shown = image_colors.colored(response, kernel_picker.total(current), signed=current.is_signed)
        assert not shown.levels[:, :, 3].any()
        assert shown.scale == "0 everywhere"
        assert before_after.strongest(response) == "The response is **0** at every pixel."
        response[3, 4] = 0.5  # of a single pixel, which no percentile sees
        assert image_colors.colored(response, 0.0, signed=True).levels[:, :, 3].tolist() == (
            np.where(np.arange(600).reshape(20, 30) == 94, 255, 0).tolist()
        )


def test_the_scale_comes_from_the_weights_not_from_the_values() -> None:
    """A response that happens to be nowhere negative keeps the scale of its kernel."""
    rising = np.linspace(0, 1, 20) * np.ones((5, 1))
    sobel, blur = (kernel_picker.as_filter((CATALOGUE[key].kernel(),), key) for key in ("sobel_x", "box"))
    assert (sobel.is_signed, blur.is_signed) == (True, False)
    assert image_colors.colored(sobel.apply(rising), 0.0, signed=sobel.is_signed).levels.shape == (5, 20, 4)
    assert image_colors.colored(blur.apply(rising), 0.0, signed=blur.is_signed).levels.shape == (5, 20)


def deep(shares: tuple[float, float, float], kernel: list[list[float]]) -> Filter:
    return kernel_picker.as_filter(tuple(np.array(kernel) * share for share in shares), "")


EDGE, IDENTITY = [[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]], [[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_a_color_filter_is_described_whole() -> None:
    text = kernel_facts.describe_size(deep((1 / 3, 1 / 3, 1 / 3), EDGE))
    assert "F is 3 × 3 × 3: 27 weights" in text
    assert "27 multiplications" in text
    assert "F is 3 × 3: 9 weights" in kernel_facts.describe_size(kernel_picker.as_filter((np.array(EDGE),), ""))
    assert "**−1.00**" in kernel_facts.describe_plane(np.array(IDENTITY) * -1, "green")
    assert "sum to **0**" in kernel_facts.describe_plane(np.array(EDGE) / 3, "red")
    assert "all 0" in kernel_facts.describe_plane(np.zeros((3, 3)), "blue")


@pytest.mark.parametrize(
    ("shares", "kernel", "only_changes"),
    [
        ((1.0, -1.0, 0.0), IDENTITY, False),  # red minus green: a red area stays
        ((-0.5, -0.5, 1.0), IDENTITY, False),
        ((1.0, -1.0, 0.0), EDGE, True),
        ((1 / 3, 1 / 3, 1 / 3), EDGE, True),
        ((0.2126, 0.7152, 0.0722), EDGE, True),
        ((0.0, 0.0, 0.0), EDGE, False),  # nothing is left at all
    ],
)
def test_only_changes_are_left_only_where_it_is_so(
    shares: tuple[float, float, float], kernel: list[list[float]], only_changes: bool
) -> None:
    current = deep(shares, kernel)
    text = kernel_picker.describe_sum(current)
    assert "sum to **0**" in text
    assert ("only changes remain" in text) is only_changes
    red = current.apply(np.array([1.0, 0.2, 0.1]) * np.ones((9, 9, 1)))  # a uniform area of one color
    assert bool(np.abs(red).max() < 1e-9) is (only_changes or not any(np.ravel(current.grids)))


def test_the_frequency_response_holds_its_largest_factor() -> None:
    """Sobel's is 8 at a quarter of a cycle per pixel, the 8-neighbor Laplacian's 12 at half a cycle along one axis."""
    for key, largest in (("sobel_x", 8.0), ("laplacian_8", 12.0), ("box", 1.0)):
        response, frequencies = kernel_facts.sampled_response(CATALOGUE[key].kernel(3))
        assert response.max() == pytest.approx(largest)
        assert {-0.5, -0.25, 0.0, 0.25, 0.5} <= set(frequencies)
    response, _ = kernel_facts.sampled_response(RANDOM.normal(size=(3, 4)))
    np.testing.assert_allclose(response[0], response[-1])  # the highest frequency is the same wave at both ends
