"""The instructor's page: what everybody is told, what is done to runs, and the class's lesson."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.classroom import class_codes
from core.classroom.class_state import DRAINING_SENTENCE
from core.classroom.task_results import Result
from core.layers import builders
from core.runs.instructor_actions import FROZEN_SENTENCE
from core.runs.person import Person
from core.training.experiment import Experiment
from core.ui.backend import client, identity
from core.ui.state import lesson_state
from tests.pages.conftest import FakeService
from tests.pages.hostile import HOST
from tests.pages.reading import words
from tests.pages.test_hostile import LOOSE, loose

Open = Callable[..., AppTest]
STUDENT = Person("me", "Me", "student", "class code")
RUN = Experiment(layers=builders.mlp((8,)), data="mnist-5k")


def test_a_student_sees_nothing_of_it(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "person", lambda: STUDENT)
    app = open_page("instructor")
    assert not app.toggle
    assert not app.text_input
    assert "for the instructor" in words(app)


def test_an_announcement_is_at_the_top_of_every_page_and_is_plain_text(open_page: Open) -> None:
    app = open_page("instructor")
    app.text_input(key="class_sentence").set_value("Now <script>x</script> **five** minutes").run()
    app.button(key="class_announce").click().run()
    told = words(open_page("pooling"))
    assert "Now &lt;script&gt;x&lt;/script&gt; **five** minutes" in told
    app.button(key="class_take_back").click().run()
    assert "five" not in words(open_page("pooling"))


def test_freezing_turns_off_the_train_buttons_of_students(
    open_page: Open, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("instructor")
    app.toggle(key="class_freeze").set_value(True).run()
    assert not open_page("mnist").button(key="m_train").disabled, "the instructor may train"
    monkeypatch.setattr(identity, "person", lambda: STUDENT)
    page = open_page("mnist")
    assert page.button(key="m_train").disabled
    assert page.button(key="m_train").help == FROZEN_SENTENCE
    assert FROZEN_SENTENCE in words(page)
    page.session_state["m_train_now"] = True  # as if the button had been there
    page.run()
    assert not service.runs


def test_runs_are_listed_stopped_and_moved(open_page: Open, service: FakeService) -> None:
    service.put(RUN, "queued", "somebody")
    app = open_page("instructor")
    assert "MLP on mnist-5k" in words(app)
    app.button(key=f"move_True_{RUN.key}").click().run()
    app.button(key=f"end_{RUN.key}").click().run()
    assert service.instructed == [("move", RUN.key, True), ("stop", RUN.key)]


def test_it_is_shown_which_gpu_a_run_has(
    open_page: Open, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.put(RUN, "running", "somebody")
    run = service.runs[RUN.key]
    where = {"device": "cuda", "gpu": "1", "memory_bytes": 3 * 2**30}
    service.runs[RUN.key] = replace(run, summary=run.summary | where)
    machine = {"devices": ["cuda", "cpu"], "gpus": 2, "gpu": "H200", "memories": {"cuda": 24 * 2**30, "cpu": 2**34}}
    machine = (service.machine() or {}) | machine
    monkeypatch.setattr(service, "machine", lambda: machine)
    told = words(open_page("instructor"))
    assert "GPU 1" in told
    assert "3.0 GB" in told
    assert "of 24 GB of memory of GPU 1" in told


def test_draining_is_told(open_page: Open) -> None:
    app = open_page("instructor")
    app.toggle(key="class_drain").set_value(True).run()
    assert client.classroom().state().draining
    assert DRAINING_SENTENCE in words(app)


def test_a_lesson_is_taught_step_by_step(open_page: Open) -> None:
    app = open_page("instructor", t_tab="lesson")
    app.selectbox(key="class_lesson").set_value("kernels").run()
    assert client.classroom().state().revealed == 1
    app.button(key="class_reveal").click().run()
    assert client.classroom().state().revealed == 2
    assert "class-histogram" in words(app), "the instructor sees the answers at once"
    app.button(key="class_hide").click().run()
    assert client.classroom().state().revealed == 1
    begun = client.classroom().state().since
    app.button(key="class_reveal").click().run()
    app.button(key="class_again").click().run()
    assert client.classroom().state().revealed == 1
    assert client.classroom().state().since > begun, "what was answered before does not count"
    app.selectbox(key="class_lesson").set_value("").run()
    assert client.classroom().state().lesson == ""


def test_the_class_s_best_is_for_the_wall_and_shows_no_hidden_name(
    open_page: Open, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.put(RUN, "finished", STUDENT.id)
    teacher, room = Person("t", "T", "instructor", "browser"), client.classroom()
    client.people().join(replace(STUDENT, id="ada", shown="Ada"))
    client.people().hide_names(True, teacher)
    tasks = {
        step.task.best: lesson
        for lesson in lesson_state.all_lessons()[0].values()
        for step in lesson.steps
        if step.task
    }
    lesson = next(lesson for best, lesson in tasks.items() if best)
    room.teach(teacher, lesson.name)
    room.reveal(teacher, lesson, len(lesson.steps))
    monkeypatch.setattr(room, "results", lambda _, task: [Result("ada", service.runs[RUN.key], {task.best: 1.0})])
    labels = " ".join(link.proto.label for link in open_page("instructor", t_tab="lesson").get("page_link"))
    assert "Student 1" in labels
    assert "Ada" not in labels


def test_a_name_is_no_markdown_and_no_tag_wherever_it_is_shown(
    open_page: Open, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue, the people, the class's best and the board; each name is short enough to be allowed."""
    teacher, room = Person("t", "T", "instructor", "browser"), client.classroom()
    for name in (f"![x](//{HOST}/p)", "<img src=//x>", f"https://{HOST}"):
        assert class_codes.clean_name(name) == name
        client.people().join(Person("ada", name, "student", "class code"))
        client.people()._members.forget()
        for state in ("queued", "finished"):
            service.put(RUN, state, "ada")
            app = open_page("instructor")
            assert not loose(app)
            assert "<img" not in words(app)
            assert not loose(open_page("runs", r_tab="compare", r_picks=RUN.key))
        room.teach(teacher, "mlp-against-cnn")
        lesson = lesson_state.all_lessons()[0]["mlp-against-cnn"]
        room.reveal(teacher, lesson, len(lesson.steps))
        figures = {"accuracy": 0.99}
        monkeypatch.setattr(
            room, "results", lambda *_, figures=figures: [Result("ada", service.runs[RUN.key], figures)]
        )
        app = open_page("instructor", t_tab="lesson")
        assert not loose(app)
        (best,) = [link.proto.label for link in app.get("page_link") if link.proto.label.startswith("1")]
        assert not LOOSE.search(best)
