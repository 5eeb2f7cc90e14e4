"""An uploaded file is the page's own, whatever the browser and the server remember of the field."""

from streamlit.testing.v1 import AppTest


def one_field() -> None:
    import streamlit as st

    from core.ui.state import page_state
    from core.ui.widgets import upload

    page_state.begin("kernels", st.empty())
    sent = upload.picture("k_upload")
    st.text(sent.name if sent else "nothing")
    page_state.end()


def test_who_comes_back_before_the_other_page_was_drawn_sees_the_file_and_can_remove_it() -> None:
    app = AppTest.from_function(one_field).run()
    app.file_uploader[0].set_value(("mine.png", b"bytes", "image/png")).run()
    assert (app.text[0].value, len(app.button)) == ("mine.png", 0)  # the field itself shows and removes it

    # Another page began and was not drawn to its end: the server still holds the field's file, the browser does not.
    app.session_state["page_now"] = "frequency"
    app.run()
    assert app.text[0].value == "mine.png"
    assert app.caption[-1].value == "This is mine.png, which you uploaded earlier."
    app.button[0].click().run()
    assert (app.text[0].value, len(app.button)) == ("nothing", 0)


def test_a_new_file_takes_the_place_of_an_earlier_one() -> None:
    app = AppTest.from_function(one_field).run()
    app.file_uploader[0].set_value(("mine.png", b"bytes", "image/png")).run()
    app.session_state["page_now"] = "frequency"
    app.run()
    app.file_uploader[0].set_value(("other.png", b"more", "image/png")).run()
    assert (app.text[0].value, len(app.button)) == ("other.png", 0)
