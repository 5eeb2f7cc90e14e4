"""A transform as a link or a browser gives it."""

from typing import Any

import pytest

from core.insight.transforms import LIMITS, AffineTransform
from core.ui.components.kit.linked_state import why_not
from core.ui.components.transform_stage.state import FIELDS, LABELS, TransformState


def test_a_report_is_read() -> None:
    state = TransformState.read({"i_dx": 3, "i_rotate": -14.004, "i_scale": "1.5", "i_along": "rotate"})
    assert state.transform == AffineTransform(dx=3, rotate=-14, scale=1.5)
    assert state.i_along == "rotate"


@pytest.mark.parametrize("value", ["x", None, 1e9, float("nan"), [], 13])
def test_what_is_no_transform_is_left_out(value: Any) -> None:
    assert TransformState.read({"i_dx": value, "i_along": value}) == TransformState()


@pytest.mark.parametrize("name", LABELS)
def test_a_strip_goes_from_limit_to_limit(name: str) -> None:
    state = TransformState(i_dx=3.0, i_along=name)
    low, high = LIMITS[name]
    assert (state.strip[0], state.strip[-1]) == (low, high)
    assert [getattr(transform, name) for transform in state.strip_transforms] == state.strip
    if name != "dx":
        assert {transform.dx for transform in state.strip_transforms} == {3.0}


def test_a_link_is_told_why_it_is_refused() -> None:
    assert why_not(FIELDS["i_dx"], "13") == "is more than 12"
    assert why_not(FIELDS["i_dx"], "x") == "is not a number"
    assert why_not(FIELDS["i_dx"], "1.005") == "is not in steps of 0.01"
