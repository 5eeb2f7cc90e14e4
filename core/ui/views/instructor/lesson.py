"""The class's lesson: choose it, reveal its steps, see the answers come in and who is best."""

import streamlit as st
from markupsafe import Markup

from core.classroom import poll_answers
from core.classroom.class_state import ClassState
from core.classroom.lessons import Lesson, Poll, Task
from core.runs.run import NotNow, StoreUnavailable
from core.ui import messages
from core.ui.backend import client, identity, person_names
from core.ui.display import numbers
from core.ui.layout import column_grid, navigation
from core.ui.layout.lesson_bar import figure
from core.ui.state import kept_page, lesson_state

TICK_SECONDS = 1.0
MAX_BEST = 10  # rows of the class's best
PICKED, NONE = "class_lesson", ""  # key, and the choice of no lesson
TRAINING_PAGES = ("mnist", "cifar")  # which open a run by a link


@st.fragment(run_every=TICK_SECONDS)
def show() -> None:
    """Draw the choice of the lesson, its present step and what the class makes of it."""
    try:
        state = client.classroom().state()
        known, faults = lesson_state.all_lessons()
        with st.container(key="instructor_lesson", gap="small"):
            for fault in faults:
                messages.warning(fault)
            _pick(state, known)
            lesson = known.get(state.lesson)
            if lesson is None:
                _all(known)
            else:
                _present(lesson, state)
    except StoreUnavailable as error:
        messages.error(error)


def _pick(state: ClassState, known: dict[str, Lesson]) -> None:
    st.session_state[PICKED] = state.lesson if state.lesson in known else NONE
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "The class's lesson",
            [NONE, *known],
            key=PICKED,
            format_func=lambda name: _title(known[name]) if name else "None",
            on_change=_teach,
            help="Everybody's page offers to join it. Its link: ?lesson=NAME",
            width=420,
        )


def _title(lesson: Lesson) -> str:
    number = f"{lesson.order}. " if lesson.order else ""
    return f"{number}{messages.escaped(lesson.title)} ({lesson.minutes} min)"


def _all(known: dict[str, Lesson]) -> None:
    """Draw every lesson with its link."""
    for lesson in known.values():
        with st.container(gap=None):
            navigation.link(
                navigation.find(lesson.steps[0].page), label=_title(lesson), query={kept_page.LESSON: lesson.name}
            )
            messages.caption(f"{lesson.about} {len(lesson.steps)} steps, ?lesson={lesson.name}")


def _present(lesson: Lesson, state: ClassState) -> None:
    number = min(max(state.revealed, 1), len(lesson.steps))
    step = lesson.steps[number - 1]
    main, side = column_grid.main_and_side()
    with main:
        st.subheader(f"Step {number} of {len(lesson.steps)}: {navigation.find(step.page).label}", anchor=False)
        messages.line(step.text)
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Reveal the next step",
                key="class_reveal",
                type="primary",
                icon=":material/visibility:",
                disabled=number == len(lesson.steps),
                on_click=_reveal,
                args=(lesson, number + 1),
                help="Opens the next step to everybody, and closes this step's poll",
            )
            st.button(
                "Take it back",
                key="class_hide",
                disabled=number == 1,
                on_click=_reveal,
                args=(lesson, number - 1),
                help="Closes this step again, for those who have not gone to it",
            )
            st.button(
                "Begin again",
                key="class_again",
                icon=":material/replay:",
                type="tertiary",
                on_click=_teach,
                help="Back to the first step, without the answers and results so far: for the next class",
            )
        asked = next((at for at in (number, number - 1) if at and lesson.steps[at - 1].poll), None)
        if asked:
            poll = lesson.steps[asked - 1].poll
            assert poll is not None
            _histogram(poll, client.classroom().answers(lesson, asked), is_closed=asked < number)
    with side:
        for at, one in enumerate(lesson.steps, 1):
            if one.task and one.task.kind == "runs" and at <= number:
                _best(lesson, one.task, one.page)


def _histogram(poll: Poll, given: dict[str, int], *, is_closed: bool) -> None:
    """Draw the class's answers, large enough for a wall."""
    counts = poll_answers.counts(given, len(poll.choices))
    whole = max(sum(counts), 1)
    rows = []
    for choice, (text, count) in enumerate(zip(poll.choices, counts, strict=True)):
        mark = "✓ " if is_closed and choice == poll.answer else ""
        rows.append(
            Markup('<span>{}{}</span><span style="--share: {}%"><i></i></span><b>{}</b>').format(
                mark, text, round(100 * count / whole), numbers.count(count)
            )
        )
    st.subheader(messages.escaped(poll.question), anchor=False)
    st.html(Markup('<div class="class-histogram">{}</div>').format(Markup("").join(rows)))


def _best(lesson: Lesson, task: Task, page: str) -> None:
    """Draw the class's best in a task, with links to their settings."""
    results = client.classroom().results(lesson, task)
    st.subheader("The class's best", anchor=False)
    messages.caption(task.text)
    known = person_names.names({result.owner for result in results}, person_names.EVERYBODY)
    for place, result in enumerate(results[:MAX_BEST], 1):
        label = messages.Markdown("{}. {}: {}").format(
            place, known[result.owner], figure(task.best, result.figures[task.best])
        )
        navigation.link(
            navigation.find(page),
            label=label,
            query={f"{kept_page.PREFIXES[page]}from": result.run.id} if page in TRAINING_PAGES else None,
            help="Opens these settings",
        )
    if results:
        navigation.link(
            navigation.find("runs"),
            label="All runs of this lesson",
            query={"r_lesson": lesson.name},
            help="Opens the board with the runs that were asked for in this lesson, by anybody, in any class",
        )
    else:
        st.caption("Nobody has reached it yet.")


def _teach() -> None:
    try:
        client.classroom().teach(identity.person(), str(st.session_state[PICKED]))
    except (NotNow, StoreUnavailable) as error:
        messages.error(error)


def _reveal(lesson: Lesson, steps: int) -> None:
    try:
        client.classroom().reveal(identity.person(), lesson, steps)
    except (NotNow, StoreUnavailable) as error:
        messages.error(error)
