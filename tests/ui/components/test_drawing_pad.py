"""What a browser sends as strokes is read, and all else left out."""

from typing import Any

import numpy as np
import pytest

from core.ui.components import drawing_pad


def test_strokes_are_read_as_points_within_the_square() -> None:
    first, second = drawing_pad.read([[[1, 2], [3.5, 900]], [[-4, 7]]])
    np.testing.assert_array_equal(first, [[1, 2], [3.5, 280]])
    np.testing.assert_array_equal(second, [[0, 7]])


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "x",
        {},
        [],
        [None],
        [[]],
        [[[1]]],
        [[[1, 2, 3]]],
        [["a", "b"]],
        [[[float("nan"), 1]]],
        [[[1, None]]],
        [[[10**400, 1]]],
    ],
)
def test_what_is_no_stroke_is_left_out(sent: Any) -> None:
    assert drawing_pad.read(sent) == []


def test_there_is_a_most() -> None:
    sent = [[[1, 1]] * 9_000] * 5
    assert sum(map(len, drawing_pad.read(sent))) == 18_000 <= drawing_pad.MAX_POINTS
