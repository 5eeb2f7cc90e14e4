"""What a person sets in the frequency page's components, read from links and browsers, and written into the URL."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.images.frequency_filters import band_pass, low_pass
from core.ui.components.kit.linked_state import to_query
from core.ui.components.spectrum.state import MAX_RADIUS, PASSES, FilterState, WavesState
from core.ui.display.image_colors import magnitudes

_TEXT = st.text("0189.-_einfaNx", max_size=12)
ANYTHING = st.one_of(st.none(), _TEXT, st.floats(), st.integers(), st.lists(st.integers(), max_size=3))
NAMES = ("f_waves", "f_pass", "f_kind", "f_order", "f_radius", "f_inner", "f_view")


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING))
def test_whatever_is_reported_a_filter_can_be_drawn(values: dict[str, object]) -> None:
    state = FilterState.read(values)
    assert 0.5 <= state.f_inner <= state.f_radius <= MAX_RADIUS
    mask = state.mask((8, 8))
    assert np.isfinite(mask).all()
    WavesState.read(values)


@given(
    st.builds(
        FilterState,
        st.sampled_from(PASSES),
        st.sampled_from(["ideal", "gaussian", "butterworth"]),
        st.integers(1, 8),
        st.integers(20, 360).map(lambda n: n / 2),
        st.integers(1, 20).map(lambda n: n / 2),
        st.sampled_from(["kept", "removed", "picture"]),
    )
)
def test_a_link_reproduces_a_filter(state: FilterState) -> None:
    written = to_query(state)
    assert FilterState.read({name: value for name, value in written.items() if value is not None}) == state


def test_defaults_stay_out_of_the_link() -> None:
    assert set(to_query(FilterState()).values()) == {None}
    assert to_query(WavesState()) == {"f_waves": None}


@pytest.mark.parametrize("code", ["8-0-50-0", "64-179.5-100-99", "1-0-0-0_2-0-0-0_3-0-0-0_4-0-0-0"])
def test_waves(code: str) -> None:
    assert WavesState.read({"f_waves": code}).f_waves == code


@pytest.mark.parametrize(
    "code", ["", "8", "8-0-50", "65-0-50-0", "8-0-101-0", "8-0-50--1", "inf-0-50-0", "nan-0-1-0", 8]
)
def test_what_are_no_waves(code: object) -> None:
    assert WavesState.read({"f_waves": code}) == WavesState()


def test_masks_are_those_of_core_images() -> None:
    shape = (32, 32)
    np.testing.assert_array_equal(FilterState("low", "ideal", 2, 5.0).mask(shape), low_pass(shape, 5, "ideal"))
    high = FilterState("high", "butterworth", 3, 5.0).mask(shape)
    np.testing.assert_array_equal(high, 1 - low_pass(shape, 5, "butterworth", 3))
    band = FilterState("band", "gaussian", 2, 9.0, 4.0).mask(shape)
    np.testing.assert_array_equal(band, band_pass(shape, 4, 9, "gaussian"))


def test_magnitudes_go_from_violet_to_yellow() -> None:
    colors = magnitudes(np.array([[0.0, 2.0], [4.0, 5.0]]), 4.0)
    assert colors[0, 0].tolist() == [0x44, 0x01, 0x54]
    assert colors[1, 0].tolist() == colors[1, 1].tolist() == [0xFD, 0xE7, 0x25]
    np.testing.assert_allclose(colors[0, 1], [0x20, 0x90, 0x8C], atol=4)  # halfway, as matplotlib's viridis has it
