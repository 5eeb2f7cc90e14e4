"""The measures of handwriting on shapes whose width, slant, thickness and loops are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.images import handwriting_measures as measures
from core.images.handwriting_measures import MEASURES, measure

SIDE = 28


def sheet() -> NDArray[np.float64]:
    return np.zeros((1, SIDE, SIDE))


def bar(left: float, right: float, top: int = 4, bottom: int = 24, lean: float = 0.0) -> NDArray[np.float64]:
    """An upright bar from `left` to `right` px, with gray edges; each row `lean` px further left than the one above."""
    picture, x = sheet(), np.arange(SIDE)
    for row in range(top, bottom):
        shift = -lean * (row - (top + bottom - 1) / 2)
        picture[0, row] = np.clip(np.minimum(x + 1, right + shift) - np.maximum(x, left + shift), 0, 1)
    return picture


def ring(outer: float, inner: float) -> NDArray[np.float64]:
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    radius = np.hypot(y, x)
    return (np.clip(outer - radius + 0.5, 0, 1) - np.clip(inner - radius + 0.5, 0, 1))[None]


@pytest.mark.parametrize("side", [2, 3, 7, 12])
def test_the_width_of_a_box_is_its_side(side: int) -> None:
    assert measures.width(bar(8, 8 + side)) == pytest.approx(side)


def test_slant_is_the_angle_from_the_upright_and_leaves_the_width() -> None:
    for degrees in (-30, -10, 0, 15, 35):
        leaning = bar(12, 16, lean=np.tan(np.radians(degrees)))
        assert measures.slant(leaning) == pytest.approx(degrees, abs=0.3)
        assert measures.width(leaning) == pytest.approx(4, abs=0.3)  # gray edges spread a little
    assert measures.slant(bar(12, 16, lean=0.5)[:, :, ::-1]) == pytest.approx(-np.degrees(np.arctan(0.5)), abs=0.3)


def test_a_thicker_line_is_thicker_by_as_much_and_fainter_ink_is_not_thinner() -> None:
    thin, thick = (measures.thickness(bar(8, 8 + width, 2, 26))[0] for width in (2, 4))
    assert thin == pytest.approx(2 * 2 * 24 / (2 * (2 + 24)), rel=0.08)  # twice the area over the outline
    assert thick == pytest.approx(2 * 4 * 24 / (2 * (4 + 24)), rel=0.08)
    assert measures.thickness(0.5 * bar(8, 12, 2, 26)) == pytest.approx(thick)
    assert measures.thickness(ring(9, 6)) == pytest.approx(3, rel=0.1)


def test_a_loop_is_the_area_that_ink_surrounds() -> None:
    assert measures.loop(ring(9, 6)) == pytest.approx(np.pi * 6**2, rel=0.02)
    opened = ring(9, 6)
    opened[0, :14, 13:15] = 0  # a way out at the top
    assert measures.loop(opened) == pytest.approx(0)
    assert measures.loop(bar(8, 12)) == pytest.approx(0)
    half = ring(9, 6)
    half[0, :14, 13:15] *= 0.5  # black is surrounded up to half a level
    assert measures.loop(half) == pytest.approx(measures.loop(ring(9, 6)) / 2, rel=0.1)


def test_a_corner_is_no_way_out() -> None:
    picture = sheet()
    picture[0, 10:13, 10:13] = 1
    picture[0, 11, 11] = picture[0, 10, 10] = 0  # the hole touches the outside at a corner alone
    assert measures.loop(picture) == pytest.approx(1)


def test_pictures_are_measured_one_by_one_and_black_ones_are_zero() -> None:
    several = np.concatenate([sheet(), ring(9, 6), bar(8, 12, lean=0.4)])
    together = measure(several)
    assert together.shape == (3, len(MEASURES))
    assert together == pytest.approx(np.concatenate([measure(one[None]) for one in several]))
    assert together[0] == pytest.approx(0)
