import pytest

from core.images.pooling_windows import windows


@pytest.mark.parametrize(
    ("length", "window", "stride", "padding", "floor", "ceil"),
    [(5, 2, 3, 1, 2, 2), (7, 2, 2, 0, 3, 4), (55, 3, 2, 0, 27, 27)],
)
def test_the_output_sizes_that_the_notes_state(length, window, stride, padding, floor, ceil):
    for up, expected in ((False, floor), (True, ceil)):
        assert windows((length, length), window, stride, padding, up).count == (expected, expected)
