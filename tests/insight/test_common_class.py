"""A class stands out only where chance does not explain it."""

import numpy as np
import pytest

from core.insight.common_class import LEVEL, class_that_stands_out

EVEN = np.arange(1000) % 10


@pytest.mark.parametrize(
    ("picked", "expected"),
    [
        ([3, 3, 0, 1, 2, 4, 5, 6, 7], None),  # 2 of 9: what chance gives
        ([3, 3, 3, 3, 0, 1, 2, 5, 6], None),  # 4 of 9: one of ten classes is so common in 8 % of all draws
        ([3, 3, 3, 3, 3, 0, 1, 2, 5], 3),
        ([7] * 9, 7),
        ([7], None),
        ([], None),
    ],
)
def test_of_ten_even_classes(picked: list[int], expected: int | None) -> None:
    assert class_that_stands_out(np.array(picked, int), EVEN) == expected


def test_what_is_common_in_all_pictures_is_expected_and_what_is_rare_is_not() -> None:
    labels = np.repeat([0, 1, 2], [900, 95, 5])
    assert class_that_stands_out(np.zeros(9, int), labels) is None
    assert class_that_stands_out(np.array([0] * 6 + [2] * 3), labels) == 2


def test_chance_alone_is_rarely_a_finding() -> None:
    rng = np.random.default_rng(0)
    for classes in (2, 10, 100):
        draws = rng.integers(0, classes, (1000, 9))
        found = sum(class_that_stands_out(draw, np.arange(classes)) is not None for draw in draws)
        assert found / 1000 <= 1.5 * LEVEL
