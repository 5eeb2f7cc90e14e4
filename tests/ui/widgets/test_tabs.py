"""Names to press: only what is picked does any work, and a link says which that is."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest


def linked() -> None:
    import streamlit as st

    from core.ui.widgets import tabs

    tabs.pick(
        "t_which", "Which", {"one": lambda: st.text("the one"), "other": lambda: st.text("the other")}, help="Any"
    )


def by_itself() -> None:
    import streamlit as st

    from core.ui.widgets import tabs

    tabs.pick(
        "t_which",
        "Which",
        {"one": lambda: st.text("the one"), "other": lambda: st.text("the other")},
        help="Any",
        linked=False,
    )


def shown(app: AppTest) -> list[str]:
    assert not app.exception
    return [one.value for one in app.text]


@pytest.mark.parametrize("script", [linked, by_itself])
def test_only_what_is_picked_is_drawn(script: Callable[[], None]) -> None:
    app = AppTest.from_function(script).run()
    assert shown(app) == ["the one"]
    app.pills(key="t_which").set_value("other").run()
    assert shown(app) == ["the other"]


def test_a_link_says_what_is_picked() -> None:
    app = AppTest.from_function(linked)
    app.query_params["t_which"] = "other"
    assert shown(app.run()) == ["the other"]


def test_what_is_not_linked_does_not_hear_a_link() -> None:
    app = AppTest.from_function(by_itself)
    app.query_params["t_which"] = "other"
    assert shown(app.run()) == ["the one"]


def test_a_link_to_what_is_not_there_shows_the_first() -> None:
    app = AppTest.from_function(linked)
    app.query_params["t_which"] = "neither"
    assert shown(app.run()) == ["the one"]
