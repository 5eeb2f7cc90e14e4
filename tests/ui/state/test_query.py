"""What a page holds, without a page: links, the session, the URL, and what is kept in neither."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.state import old_links
from core.ui.state.kept_page import PREFIXES


def two_pages() -> None:
    import streamlit as st

    from core.ui.state import page_state, query
    from core.ui.state.settings import Settings

    name = st.session_state.setdefault("where", "mnist")
    page_state.begin(name, st.empty())
    if name == "mnist":
        settings = Settings({"m_epochs": 3, "m_name": "free", "m_deep": False, "m_more": False})
        settings.number("m_epochs", "Epochs", 1, 20, help="How long")
        settings.choice("m_name", "Budget", ["free", "same"], format=str.upper, help="Which")
        if settings.switch("m_more", "More", help="More"):
            settings.switch("m_deep", "Deep", help="Deep")
        query.write("m_long", "x" * 10_000 if st.session_state.get("long") else None)
        st.text(str(len(query.read("m_long") or "")))
    page_state.start_afresh()
    page_state.end()


def opened(**link: str) -> AppTest:
    app = AppTest.from_function(two_pages)
    for key, text in link.items():
        app.query_params[key] = text
    return app.run()


def go(app: AppTest, where: str, **link: str) -> AppTest:
    app.session_state["where"] = where
    app.query_params.clear()
    app.query_params.update(link)
    app.run()
    assert not app.exception
    return app


def test_the_url_holds_values_and_no_defaults() -> None:
    app = opened(m_epochs="5", m_name="SAME", m_deep="true")
    assert dict(app.query_params) == {"m_epochs": "5", "m_name": "same"}
    app.number_input(key="m_epochs").set_value(3).run()
    assert dict(app.query_params) == {"m_name": "same"}


def test_what_is_out_of_sight_is_kept_and_not_in_the_url() -> None:
    app = opened(m_deep="true")
    assert not dict(app.query_params)
    app.toggle(key="m_more").set_value(True).run()
    assert dict(app.query_params) == {"m_more": "true", "m_deep": "true"}


def test_a_bare_url_gets_back_what_the_page_had_and_a_link_does_not() -> None:
    app = opened(m_epochs="5")
    assert not dict(go(app, "kernels").query_params)
    assert dict(go(app, "mnist").query_params) == {"m_epochs": "5"}
    go(app, "kernels")
    assert dict(go(app, "mnist", m_name="same").query_params) == {"m_name": "same"}
    assert app.number_input(key="m_epochs").value == 3


def test_back_to_a_url_of_before_shows_it() -> None:
    app = opened(m_epochs="5")
    app.number_input(key="m_epochs").set_value(7).run()
    go(app, "kernels")
    assert dict(go(app, "mnist", m_epochs="5").query_params) == {"m_epochs": "5"}
    assert app.number_input(key="m_epochs").value == 5


def test_a_click_that_overtakes_the_newest_url_undoes_nothing() -> None:
    app = opened(m_epochs="5")
    app.number_input(key="m_epochs").set_value(7).run()
    app.query_params.update({"m_epochs": "5"})  # as the browser had it when the click was made
    app.selectbox(key="m_name").set_value("same").run()
    assert dict(app.query_params) == {"m_epochs": "7", "m_name": "same"}


def test_a_link_of_a_page_to_itself_is_followed() -> None:
    app = opened(m_epochs="5")
    app.query_params.update({"m_epochs": "9"})
    app.run()
    assert app.number_input(key="m_epochs").value == 9


def test_a_text_too_long_for_a_url_is_kept() -> None:
    app = opened()
    app.session_state["long"] = True
    app.run()
    assert app.text[0].value == "10000"
    assert not dict(app.query_params)


def test_refused_values_are_named_in_one_place_and_go() -> None:
    app = opened(m_epochs="999999", m_name="Nope", m_more="perhaps")
    (warning,) = [one.value for one in app.warning]
    assert "Epochs 999999 is more than 20: 3 is used" in warning
    assert "Nope" in warning
    assert "perhaps" in warning
    assert not dict(app.query_params)
    assert [one.value for one in app.run().warning] == [warning]  # whatever draws the page again
    app.number_input(key="m_epochs").set_value(4).run()
    assert not app.run().warning


def test_what_the_page_does_not_use_is_named_once_and_goes() -> None:
    app = opened(m_epochs="5", m_deep="perhaps", m_row="x")
    (warning,) = [one.value for one in app.warning]
    assert "m_deep, m_row" in warning
    assert dict(app.query_params) == {"m_epochs": "5"}
    app.toggle(key="m_more").set_value(True).run()
    (warning,) = [one.value for one in app.run().warning]
    assert "perhaps" in warning  # read now, and refused


def test_markdown_of_a_link_stays_text() -> None:
    (warning,) = [one.value for one in opened(m_name="![x](//evil.test)").warning]
    assert "![x](" not in warning


def test_starting_afresh_drops_all_and_shows_it() -> None:
    app = opened(m_epochs="5", m_more="true", m_deep="true")
    app.button(key="start_afresh").click().run()
    assert not dict(app.query_params)
    assert app.number_input(key="m_epochs").value == 3
    assert not app.toggle(key="m_more").value
    go(app, "kernels")
    assert not dict(go(app, "mnist").query_params)


def cut_off() -> None:
    """A page whose first run is cut off where the session says, as by a click while it waits for the store."""
    import streamlit as st

    from core.ui.state import page_state, query
    from core.ui.state.settings import Settings

    def wait(place: str) -> None:
        if st.session_state.get("cut") == place:
            st.session_state["cut"] = ""
            st.rerun()

    name = st.session_state.setdefault("where", "mnist")
    page_state.begin(name, st.empty())
    wait("begun")
    if name == "mnist":
        taken = query.take("m_from")
        wait("taken")
        if taken:
            query.write("m_from", None)
            st.session_state["used"] = taken
        Settings({"m_epochs": 3}).number("m_epochs", "Epochs", 1, 20, help="How long")
        wait("drawn")
        if query.is_linked("m_runs") and query.read("m_runs"):
            wait("read")
            query.refuse("Runs", "x", "cannot be", "none")
    page_state.end()


@pytest.mark.parametrize("place", ["begun", "taken", "drawn", "read", ""])
def test_a_link_wins_though_its_first_run_is_cut_off(place: str) -> None:
    app = AppTest.from_function(cut_off)
    app.session_state["cut"] = place
    app.query_params.update({"m_from": "run", "m_epochs": "5", "m_runs": "x"})
    app.run()
    assert app.session_state["cut"] == ""
    assert app.session_state["used"] == "run"
    assert app.number_input(key="m_epochs").value == 5
    assert "Runs" in app.warning[0].value
    assert app.query_params["m_epochs"] == "5"
    assert "m_from" not in app.query_params


@pytest.mark.parametrize("place", ["begun", "drawn"])
def test_a_bare_url_gets_back_what_the_page_had_though_its_first_run_is_cut_off(place: str) -> None:
    app = AppTest.from_function(cut_off)
    app.query_params.update({"m_epochs": "5"})
    app.run()
    go(app, "kernels")
    app.session_state["cut"] = place
    assert dict(go(app, "mnist").query_params) == {"m_epochs": "5"}
    assert app.session_state["cut"] == ""
    app.query_params.clear()  # a link of the page to itself
    app.run()
    assert app.number_input(key="m_epochs").value == 3


def keeping() -> None:
    import streamlit as st

    from core.ui.state import page_state

    for name in st.session_state.get("names", []):
        page_state.keep(name, name.upper(), 15 * 2**20)
    st.text(",".join(str(page_state.kept(name)) for name in ("a", "b", "c")))


@pytest.mark.parametrize(("names", "kept"), [("a", "A,None,None"), ("ab", "A,B,None"), ("abc", "None,B,C")])
def test_what_is_kept_is_bounded(names: str, kept: str) -> None:
    app = AppTest.from_function(keeping)
    app.session_state["names"] = list(names)
    assert app.run().text[0].value == kept


def test_a_link_of_another_page_keeps_what_was_set_there() -> None:
    app = opened(m_epochs="5")
    states: dict[str, Any] = app.session_state["page_states"]
    assert states["mnist"].texts == {"m_epochs": "5"}
    assert set(PREFIXES) == {name for name in PREFIXES if PREFIXES[name].endswith("_")}


def test_translations_leave_what_they_do_not_know() -> None:
    assert old_links.translated({"m_epochs": ["5"], "k_size_box": ["5 × 5"]}) == {"m_epochs": "5", "k_size_box": "5"}
    assert old_links.translated({"k_kernel": ["5 × 7"]}) == {"k_kernel": "5 × 7"}


def test_a_key_that_is_nobodys_is_named_and_goes() -> None:
    """A hand-written link's "mnist.epochs" is no key of the page; another page's key arrived late from there."""
    app = opened(**{"mnist.epochs": "5", "epochs": "5", "k_kernel": "box", "step": "2", "m_name": "same"})
    (warning,) = [one.value for one in app.warning]
    assert "epochs, mnist.epochs: " in warning
    assert dict(app.query_params) == {"m_name": "same"}


def test_the_url_holds_a_number_in_one_form() -> None:
    app = opened(m_epochs=" 5.0")
    assert dict(app.query_params) == {"m_epochs": "5"}


@pytest.mark.parametrize(("old", "new"), [("3", "2"), ("0", "-1"), ("x", "x")])
def test_a_number_that_began_at_1_begins_at_0(old: str, new: str) -> None:
    assert old_links.translated({"v_claim_digit": [old]}) == {"v_claim_example": new}
