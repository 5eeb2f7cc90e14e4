"""The backward answers, put forward through the calculator, are right; and none is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.layers.calculator import LayerError, analyze
from core.layers.inverse import Window, filters_within, output_width, paddings_that_keep, windows
from core.layers.specs import Conv
from tests.examples import examples


def width_out(width: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> int | None:
    try:
        return analyze([Conv(1, kernel, stride, padding, dilation)], (1, width, width))[0].output_shape[2]
    except LayerError:
        return None


@examples(100)
@given(st.integers(1, 20), st.integers(1, 9), st.integers(1, 4), st.integers(1, 3))
def test_the_paddings_that_keep_the_size_are_those_and_no_others(
    w: int, kernel: int, stride: int, dilation: int
) -> None:
    keeping = [p for p in range(70) if width_out(w, kernel, stride, p, dilation) == w]
    assert list(paddings_that_keep(w, kernel, stride, dilation)) == keeping


@pytest.mark.parametrize(("kernel", "expected"), [(1, [0]), (2, []), (3, [1]), (4, []), (5, [2]), (7, [3])])
def test_an_odd_kernel_keeps_the_size_with_half_of_what_surrounds_its_middle(kernel: int, expected: list[int]) -> None:
    assert list(paddings_that_keep(28, kernel)) == expected


@examples(40)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 2))
def test_all_windows_within_the_bounds_are_found(w: int, wanted: int, dilation: int) -> None:
    expected = {
        (kernel, stride, padding)
        for kernel in range(1, 8)
        for stride in range(1, 4)
        for padding in range(4)
        if padding <= dilation * (kernel - 1) and width_out(w, kernel, stride, padding, dilation) == wanted
    }
    found = windows(w, wanted, kernels=range(1, 8), strides=range(1, 4), paddings=range(4), dilation=dilation)
    assert {window[:3] for window in found} == expected
    assert len(found) == len(expected)


def test_windows_that_come_out_even_are_first() -> None:
    found = windows(224, 55)
    assert found[0] == Window(8, 4, 0, 0)
    assert Window(11, 4, 2, 1) in found  # AlexNet's: 54.25, rounded down
    evens = [window.remainder == 0 for window in found]
    assert evens == sorted(evens, reverse=True)
    assert windows(5, 500) == []


@pytest.mark.parametrize("budget", [0, 9, 10, 624, 5_000])
@pytest.mark.parametrize(("channels", "groups", "bias"), [(1, 1, True), (4, 2, False), (6, 3, True)])
def test_one_more_filter_would_break_the_budget(budget: int, channels: int, groups: int, bias: bool) -> None:
    filters = filters_within(budget, channels, 5, groups=groups, bias=bias)
    assert filters % groups == 0
    more = Conv(filters + groups, 5, groups=groups, bias=bias)
    assert analyze([more], (channels, 9, 9))[0].parameters > budget
    if filters:
        fitting = Conv(filters, 5, groups=groups, bias=bias)
        assert analyze([fitting], (channels, 9, 9))[0].parameters <= budget


def test_groups_must_divide_the_channels() -> None:
    with pytest.raises(ValueError, match=r"groups .* 6 .* 4"):
        filters_within(100, 6, 3, groups=4)


def test_the_width_that_comes_out() -> None:
    assert output_width(28, 5) == 24
    assert output_width(224, 11, 4, 2) == 55
    assert output_width(3, 5) == -1
