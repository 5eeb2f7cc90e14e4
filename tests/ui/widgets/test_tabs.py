"""Segments: only what is picked does any work, and a link says which that is."""

from streamlit.testing.v1 import AppTest


def linked() -> None:
    import streamlit as st

    from core.ui.state import page_state
    from core.ui.widgets import tabs

    page_state.begin("instructor", st.empty())
    contents = {"The one": lambda: st.text("the one"), "The other": lambda: st.text("the other")}
    tabs.pick("t_which", "Which", contents, names=("one", "other"), help="Any")
    page_state.end()


def shown(app: AppTest) -> list[str]:
    assert not app.exception
    return [one.value for one in app.text]


def test_only_what_is_picked_is_drawn() -> None:
    app = AppTest.from_function(linked).run()
    assert shown(app) == ["the one"]
    app.segmented_control(key="t_which").set_value("The other").run()
    assert shown(app) == ["the other"]
    assert app.query_params == {"t_which": "other"}


def test_a_link_says_what_is_picked() -> None:
    app = AppTest.from_function(linked)
    app.query_params["t_which"] = "other"
    assert shown(app.run()) == ["the other"]


def test_a_link_to_what_is_not_there_shows_the_first() -> None:
    app = AppTest.from_function(linked)
    app.query_params["t_which"] = "neither"
    assert shown(app.run()) == ["the one"]
    assert not app.query_params
