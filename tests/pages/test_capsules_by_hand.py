"""Capsules by hand: what the stage reports reaches the URL, and links bring it back, also damaged ones."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

OpenPage = Callable[..., AppTest]
APART = "240-175-0_240-225-90"  # house and boat have two parts


def refused(app: AppTest) -> list[str]:
    return [warning.value for warning in app.warning]


def test_fresh(open_page: OpenPage) -> None:
    app = open_page("capsules")
    assert not app.exception
    assert not app.error
    assert not refused(app)
    assert not app.query_params
    assert app.button(key="hand_undo").disabled


def test_what_the_stage_reports_is_in_the_url_and_can_be_undone(open_page: OpenPage) -> None:
    app = open_page("capsules", v_scene="boat")
    settings = {"v_scene": "boat", "v_iterations": 5, "v_parts": APART, "v_card": "0-400"}
    app.session_state["v_hand_component"] = {"settings": settings}
    app.run()
    assert {name: str(value) for name, value in app.query_params.items()} == {
        "v_scene": "boat",
        "v_iterations": "5",
        "v_parts": APART,
        "v_card": "0-400",
    }
    app.button(key="hand_undo").click().run()
    assert not app.exception
    assert dict(app.query_params) == {"v_scene": "boat"}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("v_scene", "castle"),
        ("v_iterations", "6"),
        ("v_iterations", "²"),
        ("v_iterations", "1e3"),
        ("v_parts", "240-175-0"),  # one part of two
        ("v_parts", "240-175-0_240-225-360"),
        ("v_parts", "501-175-0_240-225-0"),
        ("v_parts", "--_--"),
        ("v_card", "100-401"),
        ("v_card", "100"),
    ],
)
def test_a_value_that_cannot_be_is_named_and_the_default_is_used(open_page: OpenPage, key: str, text: str) -> None:
    app = open_page("capsules", **{key: text})
    assert not app.exception
    assert len(refused(app)) == 1
    assert key not in app.query_params


def test_parts_belong_to_their_scene(open_page: OpenPage) -> None:
    four = "_".join(["200-200-10"] * 4)
    app = open_page("capsules", v_scene="swapped", v_parts=four)
    assert not refused(app)
    assert dict(app.query_params) == {"v_scene": "swapped", "v_parts": four}
    assert len(refused(open_page("capsules", v_scene="house", v_parts=four))) == 1
