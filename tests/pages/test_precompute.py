"""Before class: the runs of a lesson's grid are the very ones that its pages ask for."""

import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.classroom import lessons
from core.runs.run import QUEUED
from core.training.presets import PRESETS
from core.ui.backend.run_requests import PLANNED
from core.ui.run_panels import precompute
from core.ui.state.lesson_state import PAGES
from tests.pages.conftest import FakeService

LESSON = lessons.load_all(PAGES)[0]["mlp-against-cnn"]
Open = Callable[..., AppTest]


def test_every_run_that_the_lesson_leads_to_is_trained_before_class(open_page: Open, service: FakeService) -> None:
    service.state = "finished"
    told: list[str] = []
    precompute.run(LESSON.name, told.append)
    for number, step in enumerate(LESSON.steps, 1):
        for experiment in open_page(step.page, lesson=LESSON.name, step=str(number)).session_state[PLANNED]:
            assert experiment.key in service.runs
    assert set(service.submitted) == service.runs.keys()
    assert len(service.submitted) == len(service.runs), "each is asked for once"
    assert sum(grid.size for grid in LESSON.grids) < len(service.runs) < 2 * sum(grid.size for grid in LESSON.grids)
    assert sum(key in line for line in told for key in service.runs) >= len(service.runs)
    before = len(service.submitted)
    precompute.run(LESSON.name, told.append)
    assert len(service.submitted) == before, "what is trained is not asked for again"


def test_what_keeps_the_runs_from_training_is_said_once(service: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = "The disk is full."
    states = iter([(QUEUED, disk), (QUEUED, disk), (QUEUED, None), *[("finished", None)] * 2])

    def look(_: float) -> None:
        state, service.trouble = next(states)
        for run in list(service.runs.values()):
            service.put(run.experiment, state, "me")

    monkeypatch.setattr(precompute, "time", SimpleNamespace(sleep=look, monotonic=time.monotonic))
    told: list[str] = []
    precompute._train([PRESETS["mnist-mlp"].experiment], "lesson", told.append)
    assert told[:2] == [disk, "The training goes on."]
    assert len(told) == 4  # the run's end, and that of all


def test_what_cannot_be_computed_is_said(service: FakeService) -> None:
    for name in ("nothing", "kernels"):
        with pytest.raises(precompute.PrecomputeError, match=name):
            precompute.run(name, print)
    grid = lessons.Grid("mnist", {"m_epochs": ("999",)})
    with pytest.raises(precompute.PrecomputeError, match="999"):
        precompute.asked(grid, {"m_epochs": "999"})
    assert not service.runs
