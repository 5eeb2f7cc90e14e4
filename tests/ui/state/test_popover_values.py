"""Settings in a popover: their widgets' keys, and what the settings' own keys hold."""

from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from core.ui.state import page_state
    from core.ui.state.settings import Settings

    page_state.begin(st.session_state.setdefault("where", "mnist"), st.empty())
    if st.session_state["where"] == "mnist":
        settings = Settings({"m_rate": 3, "m_kind": "a", "m_epochs": 3})
        with st.popover("More"):
            [tab] = st.tabs(["Rates"])
        with tab:
            rate = settings.number("m_rate", "Rate", 1, 20, help="")
            kind = settings.choice(
                "m_kind", "Kind", ["a", "b"], help="", on_change=lambda: st.session_state.update(m_rate=9)
            )
        epochs = settings.number("m_epochs", "Epochs", 1, 20, help="")
        st.button("Set", key="set", on_click=lambda: st.session_state.update(m_rate=7, m_epochs=7))
        st.text(f"{rate} {kind} {epochs}")
        assert (rate, kind) == (st.session_state["m_rate"], st.session_state["m_kind"])
    page_state.start_afresh()
    page_state.end()


def state(app: AppTest) -> tuple[str, list[str | None], dict[str, str]]:
    """Return the values that the page reads, the keys of its number fields, and its URL."""
    assert not app.exception
    return app.text[0].value, [field.key for field in app.number_input], dict(app.query_params)


def test_a_value_that_python_sets_in_a_popover_gets_a_new_widget() -> None:
    app = AppTest.from_function(script)
    app.query_params["m_rate"] = "4"
    assert state(app.run()) == ("4 a 3", ["m_rate", "m_epochs"], {"m_rate": "4"})
    app.number_input(key="m_rate").set_value(5).run()
    assert state(app) == ("5 a 3", ["m_rate", "m_epochs"], {"m_rate": "5"})
    app.button(key="set").click().run()
    assert state(app) == ("7 a 7", ["m_rate-1", "m_epochs"], {"m_rate": "7", "m_epochs": "7"})

    app.number_input(key="m_rate-1").set_value(5).run()
    app.number_input(key="m_epochs").set_value(3).run()
    assert state(app) == ("5 a 3", ["m_rate-1", "m_epochs"], {"m_rate": "5"})
    app.selectbox(key="m_kind").set_value("b").run()
    assert state(app) == ("9 b 3", ["m_rate-2", "m_epochs"], {"m_rate": "9", "m_kind": "b"})

    app.session_state["where"] = "home"
    app.query_params.clear()
    app.run()
    app.session_state["where"] = "mnist"
    assert state(app.run()) == ("9 b 3", ["m_rate-2", "m_epochs"], {"m_rate": "9", "m_kind": "b"})
    app.button(key="start_afresh").click().run()
    assert state(app) == ("3 a 3", ["m_rate-3", "m_epochs"], {})
