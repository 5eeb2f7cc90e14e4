"""Show what the instructor says to the class at the top of every page: an announcement, a pause, the class's lesson."""

import streamlit as st
from markupsafe import Markup

from core.classroom.class_state import FROZEN_SENTENCE, ClassState
from core.runs.run import StoreUnavailable
from core.ui.backend import client, run_requests
from core.ui.layout import navigation
from core.ui.messages.hosting import hosted
from core.ui.state import lesson_state

TICK_SECONDS = 3.0  # between two looks at the class's state, where there is a class


def show(page: str) -> None:
    """Draw the notices; nothing where nothing is said. In a local app it is looked for only with the page."""
    state = _state()
    if hosted() or state != ClassState():
        st.fragment(_draw, run_every=TICK_SECONDS)(page, state.frozen)


def _state() -> ClassState:
    try:
        return client.classroom().state()
    except StoreUnavailable:  # the pages that train report it
        return ClassState()


def _draw(page: str, was_frozen: bool) -> None:
    state = _state()
    if state.frozen != was_frozen:
        st.rerun()  # the buttons of the page change
    lines = [("Announcement", state.announcement)] if state.announcement else []
    if run_requests.is_frozen():
        lines.append(("Paused", FROZEN_SENTENCE))
    progress = lesson_state.current()
    lesson = lesson_state.all_lessons()[0].get(state.lesson)
    joins = lesson is not None and (progress is None or progress.lesson.name != lesson.name)
    joins = joins and page != navigation.INSTRUCTOR.name  # which has the lesson
    if not lines and not joins:
        return
    with st.container(key="class_notice", gap="xsmall"):
        for name, text in lines:
            st.html(Markup('<p role="status"><b>{}</b> {}</p>').format(name, text))
        if joins and lesson is not None:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.html(Markup("<p><b>Lesson</b> Your class is in “{}”.</p>").format(lesson.title), width="content")
                if st.button("Join the lesson", key="class_join", help="Opens the step at which your class is"):
                    lesson_state.leave()
                    lesson_state.begin(lesson)
                    now = lesson_state.current()
                    assert now is not None
                    navigation.open_page(now.step.page)
