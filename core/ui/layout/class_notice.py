"""Show what the instructor says to the class at the top of every page: an announcement, a pause, the class's lesson."""

import streamlit as st
from markupsafe import Markup

from core.classroom.class_state import ClassState
from core.runs.instructor_actions import FROZEN_SENTENCE
from core.runs.run import StoreUnavailable
from core.ui.backend import class_watch, client, redrawn_fragments, run_requests
from core.ui.layout import navigation
from core.ui.messages.hosting import hosted
from core.ui.state import lesson_state

TICK_SECONDS = 3.0  # between two looks at the class's state, where there is a class


def show(page: str) -> None:
    """Draw the notices; nothing where nothing is said. In a local app it is looked for only with the page.

    In the class's lesson the lesson's bar has them: one look for changes a session is enough.
    """
    state = _state()
    if (hosted() or state != ClassState()) and not lesson_state.watches(state):
        redrawn_fragments.fragment(_draw, TICK_SECONDS, class_watch.TOPIC)(page, state)


def _state() -> ClassState:
    try:
        return client.classroom().state()
    except StoreUnavailable:  # the pages that train report it
        return ClassState()


def lines(state: ClassState) -> None:
    """Draw the announcement, and that training is paused for this person."""
    told = [("Announcement", state.announcement)] if state.announcement else []
    if run_requests.is_frozen():
        told.append(("Paused", FROZEN_SENTENCE))
    if told:
        with st.container(key="class_notice", gap="xsmall"):
            for name, text in told:
                st.html(Markup('<p role="status"><b>{}</b> {}</p>').format(name, text))


def _draw(page: str, before: ClassState) -> None:
    state = _state()
    if state.frozen != before.frozen or lesson_state.watches(state):
        st.rerun()  # the buttons of the page change, or the class has begun the lesson that this session is in
    class_watch.start(state)
    lines(state)
    lesson = lesson_state.all_lessons()[0].get(state.lesson)
    if lesson is None or page == navigation.INSTRUCTOR.name:  # which has the lesson
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="class_lesson_notice"):
        st.html(Markup("<p><b>Lesson</b> Your class is in “{}”.</p>").format(lesson.title), width="content")
        if st.button("Join the lesson", key="class_join", help="Opens the step at which your class is"):
            lesson_state.leave()
            lesson_state.begin(lesson)
            now = lesson_state.current()
            assert now is not None
            navigation.open_page(now.step.page)
