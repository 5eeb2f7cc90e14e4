"""What the instructor says to everybody: an announcement, a pause of training, a queue that waits."""

import streamlit as st

from core.classroom.class_state import MAX_ANNOUNCEMENT, ClassState
from core.runs.run import NotNow, StoreUnavailable
from core.ui import messages
from core.ui.backend import client, identity
from core.ui.layout import page_frame

SENTENCE, FREEZE, DRAIN = "class_sentence", "class_freeze", "class_drain"  # keys


def row(state: ClassState) -> None:
    """Draw the page's control row."""
    st.session_state[FREEZE], st.session_state[DRAIN] = state.frozen, state.draining
    with page_frame.controls():
        if state.announcement:
            st.session_state.setdefault(SENTENCE, state.announcement)
        st.text_input(
            "Announcement",
            key=SENTENCE,
            max_chars=MAX_ANNOUNCEMENT,
            placeholder="One sentence for everybody",
            help="Shown at the top of everybody's page until you take it back",
            width=240,
        )
        st.button(
            "Announce",
            icon=":material/campaign:",
            key="class_announce",
            on_click=_announce,
            help="Shows the sentence at the top of everybody's page",
        )
        if state.announcement:
            st.button("Take back", key="class_take_back", on_click=_take_back, help="Removes it from everybody's page")
        st.toggle(
            "Freeze training",
            key=FREEZE,
            on_change=_freeze,
            help="Students cannot start runs; training and queued runs continue. Their pages say why.",
        )
        st.toggle(
            "Drain the queue",
            key=DRAIN,
            on_change=_drain,
            help="No queued run starts, yours included; running ones train to their end. Runs can still be queued.",
        )


def _announce() -> None:
    _say(str(st.session_state.get(SENTENCE) or ""))


def _take_back() -> None:
    st.session_state[SENTENCE] = ""
    _say("")


def _say(sentence: str) -> None:
    try:
        client.classroom().announce(identity.person(), sentence)
    except (NotNow, StoreUnavailable) as error:
        messages.error(error)


def _freeze() -> None:
    try:
        client.classroom().freeze(identity.person(), bool(st.session_state[FREEZE]))
    except (NotNow, StoreUnavailable) as error:
        messages.error(error)


def _drain() -> None:
    try:
        client.classroom().drain(identity.person(), bool(st.session_state[DRAIN]))
    except (NotNow, StoreUnavailable) as error:
        messages.error(error)
