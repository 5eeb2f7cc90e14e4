"""Draw the lesson that this session is in: one bar under the title line, with its step, its task and its poll.

Outside of lessons nothing is drawn. The bar redraws itself while others may change it: the instructor reveals steps,
the class answers, a run ends.
"""

import streamlit as st
from markupsafe import Markup

from core.classroom import poll_answers, task_results
from core.classroom.class_state import ClassState
from core.classroom.lessons import Lesson, Poll, Task
from core.runs.run import NotNow, StoreUnavailable
from core.ui import messages
from core.ui.backend import class_watch, client, identity, redrawn_fragments, run_requests
from core.ui.display import numbers
from core.ui.layout import class_notice, navigation
from core.ui.state import kept_page, lesson_state
from core.ui.state.lesson_state import Progress

TICK_SECONDS = 1.0  # or more: what the instructor reveals is seen at once, by core/ui/backend/class_watch.py
COUNTED = "counted_runs"  # session key: what the page was set to when its runs were last counted for the task
FIGURES = {"accuracy": "test accuracy", "parameters": "parameters", "multiplications": "MACs", "whole_seconds": "s"}


def show(page: str) -> None:
    """Draw the bar on a page; nothing outside of lessons."""
    progress = lesson_state.current()
    if progress is None:
        return
    try:
        state = client.classroom().state()
    except StoreUnavailable:  # the bar says so, and looks again
        state = None
    ticks = state is None or lesson_state.watches(state) or progress.step.task is not None
    redrawn_fragments.fragment(_draw, TICK_SECONDS if ticks else None, class_watch.TOPIC)(page, state)


def _draw(page: str, before: ClassState | None) -> None:
    progress = lesson_state.current()
    if progress is None:
        return
    try:
        state = client.classroom().state()
        if before is None or (state.frozen, state.lesson) != (before.frozen, before.lesson):
            st.rerun()  # the page's buttons change, or who looks for changes
        class_watch.start(state)
        if lesson_state.watches(state):
            class_notice.lines(state)
        with st.container(key="lesson_bar", gap="xsmall"):
            _step(progress, state, page)
            _poll(progress, state)
    except StoreUnavailable as error:
        messages.error(error)


def _step(progress: Progress, state: ClassState, page: str) -> None:
    """Draw the step's text and its task beside the buttons."""
    lesson, step, number = progress.lesson, progress.step, progress.number
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson_row"):
        place = Markup("<small>{} · step {} of {}</small>").format(lesson.title, number, len(lesson.steps))
        if step.page == page:
            task = _task(lesson, step.task) if step.task else Markup("")
            st.html(Markup('<div class="lesson-step">{}<p>{}</p>{}</div>').format(place, step.text, task))
        else:
            here = Markup("This step is on the page “{}”.").format(navigation.find(step.page).label)
            st.html(Markup('<div class="lesson-step">{}<p>{}</p></div>').format(place, here))
            if st.button("Go there", key="lesson_there", help="Opens the page of this step", width="content"):
                _open(page)
        _buttons(progress, state, page)


def _buttons(progress: Progress, state: ClassState, page: str) -> None:
    """Draw the buttons to the steps before and after, and the one that leaves the lesson."""
    last = lesson_state.last_open(progress, state)
    is_end = progress.number == len(progress.lesson.steps)
    with st.container(horizontal=True, gap="xsmall", width="content", wrap=False, key="lesson_buttons"):
        if st.button(
            "Previous step",
            icon=":material/chevron_left:",
            key="lesson_previous",
            disabled=progress.number == 1,
            help="The step before this one",
        ):
            lesson_state.go(progress.number - 1)
            _open(page)
        waits = progress.number >= last and not is_end
        if not is_end and st.button(
            "Next",
            key="lesson_next",
            icon=":material/chevron_right:",
            icon_position="right",
            type="primary",
            disabled=waits,
            help="Your instructor has not opened the next step yet." if waits else "The next step of the lesson",
        ):
            lesson_state.go(progress.number + 1)
            _open(page)
        if st.button(
            "Leave the lesson",
            icon=":material/close:",
            key="lesson_leave",
            type="tertiary",
            help="Leaves the lesson: all controls come back, and your settings stay",
        ):
            lesson_state.leave()
            st.rerun()


def _open(page: str) -> None:
    """Run the page of the present step."""
    progress = lesson_state.current()
    if progress is not None and progress.step.page != page:
        navigation.open_page(progress.step.page)
    st.rerun()


def _task(lesson: Lesson, task: Task) -> Markup:
    """Return the task, and how far this person is."""
    if task.kind == "page":
        facts = kept_page.current().facts
        reached = all(condition.holds(facts) for condition in task.conditions)
        told = "done" if reached else ""
    else:
        mine = identity.person().id
        _count_what_is_shown(task)
        ranked = client.classroom().results(lesson, task)
        place, best = next(
            ((place, result) for place, result in enumerate(ranked, 1) if result.owner == mine), (0, None)
        )
        reached = best is not None
        told = ""
        if best is not None:
            told = f"done, {figure(task.best, best.figures[task.best])}"
            told += f", place {place} of {len(ranked)}" if len(ranked) > 1 else ""
    mark, name = ("✓", "Task done") if reached else ("○", "Task")
    return Markup('<p class="lesson-task{}"><i aria-hidden="true">{}</i> <b>{}:</b> {} <b>{}</b></p>').format(
        " done" if reached else "", mark, name, task.text, told
    )


def _count_what_is_shown(task: Task) -> None:
    """Let a finished run that the page is set to, and that fulfills a task, count for this person as well.

    Its settings are theirs, but another person, or the host before class, was faster: there is nothing left to train.
    """
    planned = st.session_state.get(run_requests.PLANNED, ())
    if planned == st.session_state.get(COUNTED) or run_requests.is_frozen():
        return
    st.session_state[COUNTED] = planned
    mine = identity.person().id
    known = client.runs().get_many([experiment.key for experiment in planned]).values()
    if found := [run.experiment for run in known if mine not in run.owners and task_results.best(task, [(mine, run)])]:
        run_requests.submit(found)


def figure(name: str, value: float) -> str:
    """Return a figure of a run with its unit: "98.62 % test accuracy"."""
    match name:
        case "accuracy":
            return f"{value:.2%}".replace("%", " %")
        case "whole_seconds":
            return numbers.duration(value)
    return f"{numbers.count(int(value))} {FIGURES[name]}"


def _poll(progress: Progress, state: ClassState) -> None:
    """Draw the step's poll; on a step without one, the answers to the poll before it, which this step answers."""
    number = progress.number
    poll = progress.step.poll
    if poll is None and number > 1:
        number -= 1
        poll = progress.lesson.steps[number - 1].poll
    if poll is None:
        return
    closed = lesson_state.is_closed(progress, number, state)
    given = client.classroom().answers(progress.lesson, number)
    mine = given.get(identity.person().id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson_poll"):
        if not closed:
            _choices(progress.lesson, number, poll, mine)
        if closed or (identity.person().instructs and given and state.lesson == progress.lesson.name):
            st.html(histogram(poll, given, mine, with_answer=closed))


def _choices(lesson: Lesson, number: int, poll: Poll, mine: int | None) -> None:
    st.html(Markup('<p class="lesson-question">{}</p>').format(poll.question))
    key = f"poll_{lesson.name}_{number}"
    if key not in st.session_state and mine is not None:
        st.session_state[key] = mine
    st.pills(
        poll.question,
        range(len(poll.choices)),
        format_func=lambda choice: messages.escaped(poll.choices[choice]),
        key=key,
        on_change=_answer,
        args=(lesson, number, key),
        label_visibility="collapsed",
        help="Your guess. You can change it until the next step is shown.",
        width="content",
    )


def _answer(lesson: Lesson, number: int, key: str) -> None:
    choice = st.session_state.get(key)
    if choice is None:  # a second click on it: the answer stays
        return
    try:
        client.classroom().answer(lesson, number, identity.person(), int(choice))
    except (NotNow, StoreUnavailable) as error:
        messages.warning(error)


def histogram(poll: Poll, given: dict[str, int], mine: int | None = None, *, with_answer: bool) -> Markup:
    """Return the answers as bars behind the choices; the right one has a check mark, a person's own is named."""
    counts = poll_answers.counts(given, len(poll.choices))
    whole = max(sum(counts), 1)
    chips = []
    for choice, (text, count) in enumerate(zip(poll.choices, counts, strict=True)):
        right = with_answer and choice == poll.answer
        chips.append(
            Markup('<span class="{}" style="--share: {}%">{}{} <b>{} %</b><small>{}{}</small></span>').format(
                "right" if right else "",
                round(100 * count / whole),
                "✓ " if right else "",
                text,
                round(100 * count / whole),
                count,
                ", yours" if choice == mine else "",
            )
        )
    answered = sum(counts)
    return Markup('<div class="poll-result"><p>{} <small>{} {}</small></p>{}</div>').format(
        poll.question, answered, "answer" if answered == 1 else "answers", Markup("").join(chips)
    )
