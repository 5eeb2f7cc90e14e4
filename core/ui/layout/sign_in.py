"""Sign in where the host asks for it, before any page runs, and say in the sidebar who one is.

The page's address stays while the screen is shown, so whoever signs in stands where their link led.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core.classroom import class_codes
from core.runs.person import Person
from core.runs.run import StoreUnavailable
from core.ui import messages
from core.ui.backend import client, identity
from core.ui.layout.navigation import navigation
from core.ui.messages import Markdown, hosting

WIDTH = 420  # px
HIDE = "who_hides"  # session key
_component = st.components.v2.component(
    "cnn_lab.sign_in", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


@st.cache_resource(show_spinner=False)
def _attempts() -> class_codes.Attempts:
    """Return the count of wrong codes, of all sessions of this process."""
    return class_codes.Attempts()


@st.cache_resource(show_spinner=False)
def _arrivals() -> class_codes.Arrivals:
    """Return the count of students who came in, of all sessions of this process."""
    return class_codes.Arrivals()


def gate() -> None:
    """Show the sign-in screen in place of the page, and stop, if the host asks for a sign-in and there is none yet."""
    if not hosting.hosted():
        return
    _end_what_was_left()
    if identity.must_sign_in():
        navigation(hidden=True)
        _screen()
        st.stop()
    if (found := identity.signed_in()) is not None:
        with suppress(StoreUnavailable):  # the page says so
            client.people().note(found)


def _end_what_was_left() -> None:
    """Take nobody for a person who signed out in another tab."""
    found = identity.signed_in()
    with suppress(StoreUnavailable):  # the page says so
        if found is not None and found.source == "class code" and client.people().has_left(found):
            identity.forget()


def go_on() -> None:
    """Go on to where the link led, if a provider's sign-in ended here. Call it at the end of every run of the app."""
    if identity.openid_offered() and identity.signed_in() is not None:
        _browser("return")


def who() -> None:
    """Draw a quiet line at the foot of the sidebar: who one is, change the name, sign out."""
    found = identity.signed_in() if hosting.hosted() else None
    if found is None:
        return
    with st.sidebar, st.container(key="who", gap=None):
        messages.caption(Markdown("**{}**, instructor" if found.instructs else "**{}**").format(found.shown))
        with st.container(horizontal=True, gap="small"):
            if found.source == "class code":
                with st.popover("Change name", type="tertiary", help="Others see the new name at once", key="who_name"):
                    _rename(found)
            if st.button("Sign out", type="tertiary", key="who_leave", help=_leave_help(found)):
                _leave(found)
        if found.instructs:
            _hide_switch(found)


def _hide_switch(found: Person) -> None:
    with suppress(StoreUnavailable):  # the page says so
        st.session_state[HIDE] = client.people().are_hidden()
        st.toggle(
            "Hide names",
            key=HIDE,
            on_change=_hide,
            args=(found,),
            help='Students see each other as "Student 7", and so do files and the class\'s best; you see every name',
        )


def _hide(found: Person) -> None:
    try:
        client.people().hide_names(bool(st.session_state[HIDE]), found)
    except StoreUnavailable as error:
        messages.error(error)


def _leave_help(found: Person) -> str:
    if found.source == "openid":
        return "On a shared computer, close the browser, too"
    return "Your runs stay on the board. Signed in again, you are somebody new, and cannot change them any more"


def _screen() -> None:
    with st.container(horizontal_alignment="center"), st.container(width=WIDTH, key="sign_in"):
        st.title("Who is here?", anchor=False)
        if class_codes.offered():
            _code_form()
        if identity.openid_offered():
            _openid_buttons()
    _browser("keep")


def _code_form() -> None:
    st.markdown("Type the class code to open CNN Lab: your teacher writes it on the board.")
    with st.form("class_code", border=False, enter_to_submit=True):
        typed = st.text_input(
            "Class code",
            max_chars=class_codes.MAX_LETTERS,
            autocomplete="off",
            help="Capital letters and spaces do not matter",
        )
        name = st.text_input(
            "First name or nickname",
            max_chars=class_codes.MAX_NAME,
            autocomplete="given-name",
            help="Others see it beside your runs",
        )
        sent = st.form_submit_button(
            "Join the class", type="primary", help="You stay signed in on this browser until the lesson is over"
        )
    st.caption(
        "No account is made and no e-mail address is kept. The name is deleted a month after you were last here."
    )
    if sent:
        try:
            person = class_codes.enter(typed, name, identity.address(), _attempts(), _arrivals())
            identity.enter(client.people().join(person))
        except (class_codes.SignInError, StoreUnavailable) as error:
            messages.error(error)
        else:
            st.rerun()


def _openid_buttons() -> None:
    """Draw a button for each provider in the secrets' [auth]."""
    st.markdown("Or use your account:" if class_codes.offered() else "Sign in with your account to open CNN Lab.")
    auth: Mapping[str, object] = st.secrets.get("auth", {})
    named = [name for name, section in auth.items() if isinstance(section, Mapping) and "client_id" in section]
    for name in [None, *named] if "client_id" in auth else named:
        label = f"Sign in with {name.title()}" if name else "Sign in"
        if st.button(label, icon=":material/login:", key=f"sign_in_{name}", help="Opens your school's sign-in page"):
            try:
                st.login(name)
            except StreamlitAPIException:
                messages.error("Sign-in is not set up on this server: the app's host has to complete [auth].")


def _rename(found: Person) -> None:
    with st.form("rename", border=False):
        name = st.text_input(
            "New name", max_chars=class_codes.MAX_NAME, key="who_new_name", help="A first name or a nickname"
        )
        if st.form_submit_button("Change", help="Others see it beside your runs"):
            try:
                named = client.people().join(replace(found, shown=class_codes.clean_name(name)))
            except (class_codes.SignInError, StoreUnavailable) as error:
                messages.error(error)
            else:
                identity.enter(named)
                st.rerun()


def _leave(found: Person) -> None:
    if found.source == "openid":
        st.logout()
        st.stop()
    with suppress(StoreUnavailable):  # this browser forgets them all the same
        client.people().leave(found)
    identity.leave()
    _browser("leave")
    st.stop()


def _browser(task: Literal["keep", "return", "leave"]) -> None:
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    _component(key=f"sign_in_{task}", data={"task": task, "root": f"/{base}/" if base else "/"})
