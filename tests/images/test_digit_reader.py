"""Real MNIST digits, moved and enlarged, come back as they were."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from core.images.digit_reader import PEN_WIDTHS, Stroke, center_digit, draw_digit

EMBEDDED = Path(__file__).parents[2] / "core" / "data" / "embedded" / "mnist_5k.npz"


@pytest.fixture(scope="module")
def digits() -> NDArray[np.uint8]:
    """(300, 28, 28) of the real ones that come with the app."""
    with np.load(EMBEDDED, allow_pickle=False) as file:
        images = file["images"]
    return images.reshape(-1, 28, 28)[:: len(images) // 300][:300]


def enlarged(digit: NDArray[np.uint8], times: int, top: int, left: int) -> NDArray[np.uint8]:
    """The digit on a large dark sheet, every pixel a square of `times` x `times`."""
    sheet = np.zeros((28 * times + 90, 28 * times + 70), np.uint8)
    sheet[top : top + 28 * times, left : left + 28 * times] = digit.repeat(times, 0).repeat(times, 1)
    return sheet


@pytest.mark.parametrize(("times", "top", "left"), [(1, 0, 0), (3, 31, 7), (10, 90, 70)])
def test_real_digits_moved_and_enlarged_come_back(digits: NDArray[np.uint8], times: int, top: int, left: int) -> None:
    back = np.stack([center_digit(enlarged(digit, times, top, left)) for digit in digits]).astype(int)
    assert np.abs(back - digits).max(axis=(1, 2)).mean() < 1  # the brightest ink of a few is 254
    assert (np.abs(back - digits).max(axis=(1, 2)) <= 2).mean() > 0.99


def test_real_digits_enlarged_smoothly_come_back_nearly(digits: NDArray[np.uint8]) -> None:
    smooth = [ndimage.zoom(digit / 255, 7.3, order=1) for digit in digits[:100]]
    back = np.stack([center_digit(drawing) for drawing in smooth])
    real = digits[:100].astype(float)
    moved = np.roll(real, 1, axis=2)
    assert np.abs(back - real).mean() < 0.6 * np.abs(moved - real).mean()  # nearer than one pixel to the side
    assert np.corrcoef(back.ravel(), digits[:100].ravel())[0, 1] > 0.95


@pytest.mark.parametrize(
    ("height", "width", "expected"), [(200, 100, (20, 10)), (30, 300, (2, 20)), (1, 1, (20, 20)), (1, 200, (1, 20))]
)
def test_the_larger_side_is_20_pixels_and_proportions_are_kept(
    height: int, width: int, expected: tuple[int, int]
) -> None:
    drawing = np.zeros((320, 400))
    drawing[7 : 7 + height, 60 : 60 + width] = 0.4
    picture = center_digit(drawing)
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    assert (rows.size, columns.size) == expected
    assert picture.max() == 255
    mass = ndimage.center_of_mass(picture)
    assert all(abs(place - 14) <= 0.5 for place in mass)


def test_a_lopsided_digit_stays_whole() -> None:
    drawing = np.zeros((100, 100))
    drawing[0, :] = 0.01
    drawing[:, 0] = 0.01
    drawing[90:, 90:] = 1.0
    picture = center_digit(drawing)
    assert picture.any(axis=1).sum() == 20


@pytest.mark.parametrize("drawing", [np.zeros((280, 280)), np.zeros((28, 28), np.uint8), np.full((9, 9), 1e-9)])
def test_a_drawing_without_ink_says_so(drawing: NDArray[np.generic]) -> None:
    with pytest.raises(ValueError, match="no ink"):
        center_digit(drawing)


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        (np.zeros((28, 28, 4)), "one gray picture"),
        (np.zeros((0, 28)), "one gray picture"),
        (np.zeros((28, 28), np.int64), "got int64"),
        (np.full((28, 28), np.nan), "not numbers"),
        (np.array([["a"]]), "got <U1"),
    ],
)
def test_what_is_no_drawing_is_refused(drawing: NDArray[np.generic], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        center_digit(drawing)


def three(size: float, left: float = 20.0, top: float = 30.0) -> Stroke:
    """A 3 of one line, so many px high."""
    angles = np.linspace(-0.8 * np.pi, 0.5 * np.pi, 30)
    upper = np.stack([np.cos(angles), np.sin(angles)], axis=1) * [0.26, 0.25] + [0.3, 0.25]
    lower = np.stack([np.cos(angles[::-1]), -np.sin(angles[::-1])], axis=1) * [0.3, 0.25] + [0.3, 0.75]
    return np.concatenate([upper, lower]) * size + [left, top]


@pytest.mark.parametrize("pen", [*PEN_WIDTHS.values(), 2.5])
def test_a_small_digit_is_drawn_as_a_large_one(pen: float) -> None:
    large = draw_digit([three(240.0)], pen).astype(float)
    for size in (24.0, 40.0, 70.0, 120.0):
        small = draw_digit([three(size, left=133.0, top=90.0)], pen).astype(float)
        assert np.abs(small - large).mean() < 3
    assert large.max() == 255
    rows, columns = np.flatnonzero(large.any(axis=1)), np.flatnonzero(large.any(axis=0))
    assert max(rows.size, columns.size) == 20


def test_a_thick_pen_lays_more_ink_than_a_thin_one() -> None:
    thin, thick = (draw_digit([three(80.0)], PEN_WIDTHS[name]).sum() for name in ("Thin", "Thick"))
    assert thick == pytest.approx(1.5 * thin, rel=0.2)


def test_a_straight_line_is_as_wide_as_its_pen() -> None:
    for length in (30.0, 200.0):
        picture = draw_digit([np.array([[140.0, 20.0], [140.0, 20.0 + length]])], 3.0)
        assert picture[14].sum() / 255 == pytest.approx(3.0, abs=0.2)


DOT = np.array([[140.0, 120.0]])
SHORT = np.array([[140.0, 120.0], [145.0, 120.0]])
LONGER = np.array([[140.0, 120.0], [148.0, 121.0]])
SCRIBBLE = DOT + np.array([[0, 0], [9, 4], [-2, 8], [11, 11]])


@pytest.mark.parametrize(
    "strokes",
    [
        [DOT],
        [DOT, DOT + 3],
        [SCRIBBLE],
        [DOT, DOT + 100.0],
        [SHORT, DOT - 90],
        [DOT] * 40,
        [LONGER, LONGER + 130],
        [LONGER, LONGER[::-1] - 120, LONGER + 90],
    ],
)
def test_of_a_dot_nothing_is_read(strokes: list[Stroke]) -> None:
    with pytest.raises(ValueError, match="dot"):
        draw_digit(strokes, 3.0)


def test_a_stray_dot_beside_a_digit_is_left_out() -> None:
    alone, beside = (draw_digit([three(60.0), *more], 3.0) for more in ([], [np.array([[270.0, 270.0]])]))
    np.testing.assert_array_equal(alone, beside)


def test_no_line_at_all_says_so() -> None:
    with pytest.raises(ValueError, match="no ink"):
        draw_digit([], 3.0)
