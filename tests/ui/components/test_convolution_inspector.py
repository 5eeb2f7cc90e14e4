"""The inspector's Python side: what goes to the browser, what is believed of what comes back."""

import base64
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.ui.components.convolution_inspector import InspectorState
from core.ui.components.kit import encode_pixels

SOBEL = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
GIVEN = InspectorState("convolve", SOBEL, (3, 3))
DEEP = InspectorState("convolve", np.ones((3, 3, 3)), (3, 3))
SHAPE = (32, 32, 3)


@pytest.mark.parametrize("state", [GIVEN, DEEP, InspectorState("max", None, (2, 2), pinned=(3, 4), amount=(1, 1))])
def test_a_state_survives_the_way_to_the_browser_and_back(state: InspectorState) -> None:
    back = state.updated(state.to_json(), SHAPE)
    np.testing.assert_equal(back.to_json(), state.to_json())
    assert back is not state


def test_a_kernel_goes_out_as_planes() -> None:
    assert np.shape(GIVEN.to_json()["kernel"]) == (1, 3, 3)
    assert np.shape(DEEP.to_json()["kernel"]) == (3, 3, 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kernel": None},
        {"kernel": []},
        {"kernel": [[[float("nan")]]], "window": [1, 1]},
        {"kernel": [[[1e308]]], "window": [1, 1]},
        {"kernel": [[["left"]]], "window": [1, 1]},
        {"kernel": [[[1.0] * 12] * 12], "window": [12, 12]},
        {"window": [5, 5]},
        {"stride": [0, 1]},
        {"stride": "fast"},
        {"dilation": [1]},
        {"padding": "mirror"},
        {"amount": [-1, 0]},
        {"bias": float("inf")},
        {"operation": "max"},
        {"operation": ["convolve"]},
        {"scale": {}},
        {"pinned": [10**400, 0, 0]},
    ],
)
def test_what_no_inspector_sends_is_not_taken_over(wrong: dict[str, Any]) -> None:
    assert GIVEN.updated(GIVEN.to_json() | wrong, SHAPE) is GIVEN
    assert GIVEN.updated({}, SHAPE) is GIVEN


@pytest.mark.parametrize("shape", [(3,), (2, 2, 4), (161, 10), (0, 5)])
def test_pictures_it_cannot_show_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="inspector shows"):
        GIVEN.check(shape)


def test_pixels_go_as_bytes_where_they_are_bytes() -> None:
    levels = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    sent = encode_pixels(levels / np.float32(255))
    assert (sent["encoding"], sent["shape"]) == ("uint8", (3, 4, 5))
    assert base64.b64decode(sent["base64"]) == np.moveaxis(levels, 2, 0).tobytes()
    other = np.array([[-0.5, 1.25]], np.float32)
    sent = encode_pixels(other)
    assert sent["encoding"] == "float32"
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(sent["base64"]), "<f4"), other[0])


def script() -> None:
    import numpy as np
    import streamlit as st

    from core.ui.components.convolution_inspector import inspector

    weight = st.number_input("weight", value=1.0)
    picture = np.linspace(0, 1, 36).reshape(6, 6)
    state = inspector(image=picture, kernel=np.full((3, 3), weight), alt="A slope", key="look")
    st.write(f"{state.stride[0]} {state.kernel.sum():g}")


def report(app: AppTest, serial: int, state: InspectorState) -> None:
    """What the browser would send."""
    app.session_state["look"] = {"view": {"serial": serial, "settings": state.to_json()}}


def test_what_the_person_set_holds_until_the_page_gives_something_else() -> None:
    app = AppTest.from_function(script).run()
    assert not app.exception
    assert app.markdown[0].value == "1 9"
    changed = InspectorState("convolve", np.zeros((3, 3)), (3, 3), stride=(2, 2))
    report(app, 1, changed)
    assert app.run().markdown[0].value == "2 0"
    app.number_input[0].set_value(2.0).run()
    assert app.markdown[0].value == "1 18"
    report(app, 1, changed)  # a report about the settings before: too late
    assert app.run().markdown[0].value == "1 18"
