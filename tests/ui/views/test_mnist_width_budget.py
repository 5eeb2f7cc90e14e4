"""The MLP's width for an equal rate, against rates that are known."""

import pytest

from core.ui.views.mnist.width_budget import PROBES, WIDTHS, width_of_equal_rate


@pytest.mark.parametrize("true_width", [1, 7, 64, 128, 300, 1_000, 2_000])
def test_the_width_is_found_with_few_measurements(true_width: int) -> None:
    """A fixed cost a batch and one that grows with the width squared, as an MLP's does."""
    asked: list[int] = []

    def rate(width: int) -> float:
        asked.append(width)
        return 1e6 / (10 + width / 10 + (width / 100) ** 2)

    target = rate(true_width)
    width, found = width_of_equal_rate(target, rate)
    assert len(asked) <= PROBES + 2
    assert found == pytest.approx(target, rel=0.15)
    assert WIDTHS[0] <= width <= WIDTHS[1]


def test_a_slower_target_than_the_widest_takes_the_widest() -> None:
    assert width_of_equal_rate(1.0, lambda width: 100.0)[0] in range(1, WIDTHS[1] + 1)
    assert width_of_equal_rate(50.0, lambda width: 1e6 / width)[0] == WIDTHS[1]
