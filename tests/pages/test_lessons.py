"""Every step of the lessons that come with the app opens its page with all it sets; and how a lesson is walked."""

import json
from collections.abc import Callable

import pytest
from markupsafe import escape
from streamlit.testing.v1 import AppTest

from core.classroom import lessons
from core.classroom.class_state import ClassState
from core.runs.person import Person
from core.runs.run import StoreUnavailable
from core.runs.run_lessons import Asked
from core.ui.backend import client, identity, run_requests
from core.ui.state import lesson_state
from core.ui.state.kept_page import PageState
from core.ui.state.lesson_state import PAGES
from tests.pages.conftest import SOMEONE, FakeService
from tests.pages.reading import words

LESSONS = lessons.load_all(PAGES)[0]
Open = Callable[..., AppTest]


def state(app: AppTest, page: str) -> PageState:
    found: PageState = app.session_state["page_states"][page]
    return found


@pytest.mark.parametrize("name", LESSONS)
def test_every_step_opens_its_page(open_page: Open, name: str) -> None:
    for number, step in enumerate(LESSONS[name].steps, 1):
        app = open_page(step.page, lesson=name, step=str(number))
        now = state(app, step.page)
        assert not now.refused, f"step {number}: {now.refused}"
        assert not set(step.fixed) - now.shown, f"step {number} fixes settings that the page does not have"
        assert set(step.start) <= now.shown
        assert escape(step.text) in words(app)
        if step.task and step.task.kind == "page":
            assert {condition.figure for condition in step.task.conditions} <= now.facts.keys()
            assert not all(condition.holds(now.facts) for condition in step.task.conditions), "done from the start"


def fixed_sizes(app: AppTest) -> list[str]:
    """The sizes of pooling that the stage draws no control for."""
    stage = next(e for e in app.get("bidi_component") if e.proto.component_name == "cnn_lab.pooling_stage")
    fixed: list[str] = json.loads(stage.proto.json)["limits"]["fixed"]
    return fixed


def test_a_fixed_setting_has_no_control_and_no_link_changes_it(open_page: Open) -> None:
    app = open_page("pooling", lesson="layers", step="7", p_p="1", p_f="3")
    assert not any(box.key == "p_ceil" for box in app.toggle)
    assert fixed_sizes(app) == ["padding"]
    assert app.session_state["p_p"] == 0
    assert app.session_state["p_f"] == 3, "the link changes what the lesson leaves open"
    assert "p_p" not in app.query_params
    assert app.query_params["lesson"] == "layers"
    app.button(key="lesson_leave").click().run()
    assert "lesson" not in app.query_params
    assert any(box.key == "p_ceil" for box in app.toggle), "all controls come back"
    assert fixed_sizes(app) == []
    assert app.session_state["p_f"] == 3


def test_a_person_alone_goes_from_step_to_step(open_page: Open) -> None:
    app = open_page("kernels", lesson="kernels")
    assert "step 1 of" in words(app)
    app.button(key="lesson_next").click().run()
    assert app.query_params["step"] == "2"
    assert "What a kernel does" in words(app)
    question = LESSONS["kernels"].steps[1].poll
    assert question
    assert question.question in words(app)
    assert 'class="poll-result"' not in words(app), "no answer before the reveal"
    app.button_group(key="poll_kernels_2").set_value(0).run()
    app.button(key="lesson_next").click().run()
    assert 'class="poll-result"' in words(app)
    assert "yours" in words(app)
    app.button(key="lesson_previous").click().run()
    assert 'class="poll-result"' in words(app), "a poll stays closed"


def test_an_unknown_lesson_is_said(open_page: Open) -> None:
    app = open_page("kernels", lesson="<b>nothing")
    assert "There is no lesson" in app.warning[0].value
    assert not any(button.key == "lesson_leave" for button in app.button)


def test_a_student_stays_within_what_is_revealed(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = Person("t", "T", "instructor", "browser")
    monkeypatch.setattr(identity, "person", lambda: Person("me", "Me", "student", "class code"))
    app = open_page("kernels")
    room = client.classroom()
    room.teach(teacher, "kernels")
    app = open_page("kernels")
    assert app.button(key="class_join")
    app = open_page("kernels", lesson="kernels", step="5")
    assert "step 1 of" in words(app), "the link leads no further than the class is"
    assert app.button(key="lesson_next").disabled
    room.reveal(teacher, LESSONS["kernels"], 2)
    app.run()
    assert not app.button(key="lesson_next").disabled


def test_a_class_that_begins_the_lesson_late_is_followed_by_those_who_are_in_it(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A student went through the lesson alone; then the class begins it, and the instructor reveals its steps."""
    teacher = Person("t", "T", "instructor", "browser")
    monkeypatch.setattr(identity, "person", lambda: Person("me", "Me", "student", "class code"))
    app = open_page("kernels", lesson="kernels")
    for _ in range(2):
        app.button(key="lesson_next").click().run()
    room = client.classroom()
    room.teach(teacher, "kernels")
    app.run()
    assert lesson_state_of(app) == (3, 3)
    assert app.button(key="lesson_next").disabled
    app.button(key="lesson_previous").click().run()
    assert lesson_state_of(app) == (2, 3), "the step before, not the class's first"
    app.button(key="lesson_next").click().run()
    assert lesson_state_of(app) == (3, 3)
    for steps in (2, 3):
        room.reveal(teacher, LESSONS["kernels"], steps)
        assert app.run().button(key="lesson_next").disabled
    room.reveal(teacher, LESSONS["kernels"], 4)
    assert not app.run().button(key="lesson_next").disabled


def lesson_state_of(app: AppTest) -> tuple[int, int]:
    """The number of the step, and the furthest that was shown."""
    progress = app.session_state["lesson_progress"]
    return progress.number, progress.reached


def test_a_lesson_begins_at_its_first_step_while_the_store_cannot_be_read(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> ClassState:
        raise StoreUnavailable("The database does not answer.")

    monkeypatch.setattr(identity, "person", lambda: Person("me", "Me", "student", "class code"))
    monkeypatch.setattr(client.classroom(), "state", broken)
    app = open_page("kernels", lesson="kernels", step="5")
    assert "does not answer" in app.error[0].value
    assert app.session_state["lesson_progress"].number == 1


SHARED = """
title = "Shared"
about = "Everybody has the same settings."
minutes = 5
[[steps]]
page = "mnist"
text = "Press Train."
fixed = { m_seed = 0 }
[steps.task]
text = "Reach 90 % with a small network."
runs = { data = "mnist", accuracy = ">= 0.9", parameters = "< 110000" }
"""


def test_what_somebody_else_trained_counts_for_whoever_has_its_settings(
    open_page: Open, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = lessons.read("shared", SHARED, PAGES)
    monkeypatch.setattr(lesson_state, "all_lessons", lambda: ({lesson.name: lesson}, []))
    mlp, cnn = open_page("mnist", lesson=lesson.name).session_state[run_requests.PLANNED]
    for experiment in (mlp, cnn):
        service.put(experiment, "finished", SOMEONE)
    service.state = "finished"
    monkeypatch.setattr(identity, "person", lambda: Person("me", "Me", "student", "class code", class_name="8b"))
    app = open_page("mnist", lesson=lesson.name)
    app.run()
    app.run()
    assert service.submitted == [cnn.key], "the MLP is too large; and once is enough"
    assert service.asked[cnn.key] == Asked(("8b",), (lesson.name,))
    assert not any(button.label == "Another seed" for button in app.button), "the lesson fixes it"
    app.button(key="lesson_leave").click().run()
    assert any(button.label == "Another seed" for button in app.button)
