"""What a person takes away computes what the page shows; the colors of outputs say what their captions say."""

from typing import Any

import numpy as np
import pytest

from core.images import display
from core.images.chain import Filter
from core.images.kernels import PADDINGS
from core.images.samples import SAMPLES, sample
from core.ui.display import image_colors
from core.ui.views.kernels import export, kernel_facts, kernel_picker, pixel_inspector

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
    assert image_colors.colored(values, gain=1.0).levels.tolist() == [[0, 0], [128, 255]]
    signed = image_colors.colored(values, gain=0.0).levels
    assert signed.shape == (2, 2, 4)
    assert signed[0, 1, 3] == 0  # zero is the page
    assert signed[0, 0, 2] > signed[0, 0, 0]  # blue below
    assert signed[1, 1, 0] > signed[1, 1, 2]  # orange above
    sizes = image_colors.colored(np.dstack([values, -values, values]), gain=0.0).levels
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
    small = display.downscale(picture, pixel_inspector.MAX_SIDE)
    assert max(small.shape[:2]) == pixel_inspector.MAX_SIDE
    assert small.shape[0] / small.shape[1] == pytest.approx(picture.shape[0] / picture.shape[1], rel=0.02)
    assert small.mean() == pytest.approx(picture.mean(), abs=0.01)
    assert SAMPLES[key].alt


@pytest.mark.parametrize(
    ("weights", "expected"),
    [([[1.0]], "sum to **1**"), ([[1.0, -1.0]], "sum to **0**"), ([[2.5]], "sum to **2.50**"), ([[-3.0]], "**−3.00**")],
)
def test_the_sum_is_said(weights: list[list[float]], expected: str) -> None:
    assert expected in kernel_picker.describe_sum(Filter((tuple(map(tuple, weights)),)))


@pytest.mark.parametrize(("value", "text"), [(-1.0, "−1"), (0.25, "0.25"), (1e-9, "0"), (123.456, "123")])
def test_numbers_of_a_grid(value: float, text: str) -> None:
    assert kernel_facts._number(value) == text
