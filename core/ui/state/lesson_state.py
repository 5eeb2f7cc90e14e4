"""Which lesson a session is in, and at which step: begun by a link, `?lesson=NAME`, and kept from page to page."""

from dataclasses import dataclass, replace

import streamlit as st

from core.classroom import lessons
from core.classroom.class_state import ClassState
from core.classroom.lessons import Lesson, Step
from core.runs.run import StoreUnavailable
from core.ui.backend import client, identity, run_requests
from core.ui.messages import Markdown
from core.ui.state.kept_page import LESSON, PREFIXES, STEP, Prescribed
from core.ui.state.url_values import quoted

_KEY, _UNKNOWN, _LEFT = "lesson_progress", "lesson_unknown", "lesson_left"  # in the session
PAGES = {"home": "", **{page: prefix for page, prefix in PREFIXES.items() if page != "instructor"}}


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a session is in a lesson."""

    lesson: Lesson
    number: int  # of the step, from 1
    reached: int  # the furthest step that was shown here

    @property
    def step(self) -> Step:
        """Return the present step."""
        return self.lesson.steps[self.number - 1]


@st.cache_resource(ttl=60, show_spinner=False)
def all_lessons() -> tuple[dict[str, Lesson], list[str]]:
    """Return the lessons by name, and a sentence for each file that cannot be used."""
    return lessons.load_all(PAGES)


def enter() -> bool:
    """Begin the lesson of the link, if it has one that this session is not in. Return whether one begins."""
    name = st.query_params.get(LESSON)
    progress = current()
    if name is None:
        st.session_state.pop(_LEFT, None)
    if name in (None, st.session_state.get(_LEFT), progress and progress.lesson.name):
        return False
    assert name is not None
    lesson = all_lessons()[0].get(name)
    if lesson is None:
        st.session_state[_UNKNOWN] = name
        return False
    begin(lesson, _step_in_link())
    return True


def unknown() -> Markdown | None:
    """Return, once, the sentence on a link's lesson that does not exist."""
    name = st.session_state.pop(_UNKNOWN, None)
    if name is None:
        return None
    return Markdown(
        "There is no lesson {} here: its link may be misspelled, or the lesson has another name now."
    ).format(quoted(str(name)))


def begin(lesson: Lesson, number: int | None = None) -> None:
    """Begin a lesson, at the class's step if the class is in it, else at the first or at step `number`."""
    try:
        state = client.classroom().state()
    except StoreUnavailable:  # the lesson's bar says so
        state = ClassState(lesson=lesson.name)
    last = revealed(lesson, state)
    at = min(number or (last if state.lesson == lesson.name and not identity.person().instructs else 1), last)
    st.session_state[run_requests.LESSON] = lesson.name
    st.session_state[_KEY] = Progress(lesson, at, at)


def leave() -> None:
    """Leave the lesson: every page keeps its settings, and shows all its controls."""
    if progress := current():
        st.session_state[_LEFT] = progress.lesson.name  # a click may still bring the URL from before
        del st.session_state[_KEY]
        st.session_state.pop(run_requests.LESSON, None)
    for name in (LESSON, STEP):
        if name in st.query_params:
            del st.query_params[name]


def go(number: int) -> None:
    """Go to a step, as far as steps are open here."""
    if progress := current():
        at = min(max(number, 1), last_open(progress, client.classroom().state()))
        st.session_state[_KEY] = replace(progress, number=at, reached=max(progress.reached, at))


def current() -> Progress | None:
    """Return where this session is; None outside of lessons."""
    progress: Progress | None = st.session_state.get(_KEY)
    return progress


def revealed(lesson: Lesson, state: ClassState) -> int:
    """Return how many steps may be shown here: the class's, where the class is in this lesson; else all of them."""
    if state.lesson != lesson.name or identity.person().instructs:
        return len(lesson.steps)
    return min(max(state.revealed, 1), len(lesson.steps))


def last_open(progress: Progress, state: ClassState) -> int:
    """Return the last step that this session may go to: what it has seen stays open, where the class is behind it."""
    return max(revealed(progress.lesson, state), progress.reached)


def watches(state: ClassState) -> bool:
    """Return whether this session follows the class: it is in the class's lesson."""
    progress = current()
    return progress is not None and progress.lesson.name == state.lesson


def is_closed(progress: Progress, number: int, state: ClassState) -> bool:
    """Return whether the poll of a step is closed: the class, or a person alone, has gone on to the next step."""
    if state.lesson == progress.lesson.name:
        return state.revealed > number
    return progress.reached > number


def prescribed(page: str) -> Prescribed | None:
    """Return what the present step sets on a page; None on the pages of other steps."""
    progress = current()
    if progress is None or progress.step.page != page:
        return None
    step = progress.step
    return Prescribed(f"{progress.lesson.name}.{progress.number}", step.start, step.fixed)


def parameters() -> dict[str, str]:
    """Return the lesson's parameters of the URL."""
    progress = current()
    if progress is None:
        return {}
    return {LESSON: progress.lesson.name} | ({STEP: str(progress.number)} if progress.number > 1 else {})


def _step_in_link() -> int | None:
    text = st.query_params.get(STEP, "")
    return int(text) if text.isascii() and text.isdecimal() and 1 <= len(text) <= 3 and int(text) > 0 else None
