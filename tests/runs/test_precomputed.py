"""Before class a lesson's grid is trained to its end; in class a click on one of its points trains nothing."""

from pathlib import Path

import pytest

from core.classroom import lessons
from core.runs.person import Person
from core.runs.run import FINISHED
from core.runs.service import RunService
from core.ui.backend.run_requests import PLANNED
from core.ui.run_panels import precompute
from core.ui.state import lesson_state
from tests.pages.conftest import opened
from tests.pages.reading import words
from tests.runs.real_pages import serve

ADA = Person("ada", "Ada", "student", "class code", "", "8b")
TEXT = """
title = "Small"
about = "Two networks, before class."
minutes = 5
[[steps]]
page = "mnist"
text = "Shuffle the pixels."
start = { m_epochs = 1, m_images = 500, m_mlp_width = 24, m_cnn_filters = 3, m_cnn_dense = 32 }
[[grid]]
page = "mnist"
[grid.settings]
m_epochs = 1
m_images = 500
m_mlp_width = 24
m_cnn_filters = 3
m_cnn_dense = 32
m_shuffle = [false, true]
"""


@pytest.mark.nightly  # ten pages and four trainings
def test_a_click_on_a_point_of_the_grid_is_answered_without_training(
    service: RunService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = lessons.read("small", TEXT, lesson_state.PAGES)
    monkeypatch.setattr(lesson_state, "all_lessons", lambda: ({lesson.name: lesson}, []))
    serve(service, tmp_path, ADA, monkeypatch)
    monkeypatch.setattr(precompute, "estimate", lambda _: None)
    told: list[str] = []
    precompute.run(lesson.name, told.append)
    assert "All is trained" in told[-1]
    keys = {one.key for one in precompute.planned(lesson)}
    before = service.get_many(keys)
    assert len(before) == 4
    assert {run.state for run in before.values()} == {FINISHED}
    submitted = []
    monkeypatch.setattr(service, "submit", lambda *given, **_: submitted.append(given))

    app = opened("mnist", {"lesson": lesson.name})
    for shuffled in (False, True, False):
        if shuffled != app.toggle(key="m_shuffle").value:
            app.toggle(key="m_shuffle").set_value(shuffled).run()
        assert not app.exception
        planned = [experiment.key for experiment in app.session_state[PLANNED]]
        assert set(planned) <= keys
        assert "m_train" not in {button.key for button in app.button}, "there is nothing left to train"
        for key in planned:
            assert f"{100 * before[key].summary['test_accuracy']:.2f}" in words(app), "the result is there at once"
    assert not submitted
    assert service.get_many(keys) == before
    board = {run.id: run for run in service.board(ADA).runs}
    assert all(board[key].asked.lessons == (lesson.name,) for key in keys)
