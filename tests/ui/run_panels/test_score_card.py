"""The score card: what a run does, how far it is, what it reached and what that took, also where figures are absent."""

from dataclasses import replace
from typing import Any

import pytest

from core.layers.builders import mlp
from core.runs.run import LOST_REASON, REMOVED_REASON, Run
from core.training.experiment import Experiment
from core.ui.backend import run_requests
from core.ui.display import colors
from core.ui.run_panels import score_card
from tests.made_runs import made_run

PLACE = {"step": 50, "steps": 100, "epoch": 0.5, "images": 5_000, "seconds": 4.0, "images_per_second": 1_250.0}
TESTING = {"phase": "testing", "phase_done": 0.5}
RUNNING = PLACE | {"whole_seconds": 6.0, "seconds_left": 9.0, "phase": "training"}
FINISHED = {
    "step": 100,
    "steps": 100,
    "epoch": 1.0,
    "test_accuracy": 0.707,
    "test_pictures": 10_000,
    "test_images": 10_000,
    "images_per_second": 1_250.0,
    "train_seconds": 2.9,
    "evaluate_seconds": 1.1,
    "prepare_seconds": 0.4,
    "save_seconds": 0.0,
    "whole_seconds": 4.4,
}
SIX = {"test_views": "mirror+shift", "test_one_view_accuracy": 0.687}


def run(summary: dict[str, Any], state: str = "running", **settings: Any) -> Run:
    experiment = Experiment(layers=mlp([8]), epochs=1, **settings)
    return made_run(experiment, state, summary=summary)


@pytest.fixture(autouse=True)
def mine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_requests, "requested_in_tab", lambda run: True)


def test_a_run_that_was_ended_early_says_where() -> None:
    ended = FINISHED | {"epoch": 0.5, "step": 50}
    assert "Ended early, at epoch 0.5 of 1." in score_card.describe_state(run(ended, "finished", stop_step=50))[1]
    assert "nded early" not in score_card.describe_state(run(FINISHED, "finished"))[1]


@pytest.mark.parametrize(
    ("place", "wait", "told"),
    [
        (3, 95.0, "Waiting, place 3 in the queue, begins in about 1 min 35 s."),
        (3, None, "Waiting, place 3 in the queue."),
        (None, None, "Waiting."),
    ],
)
def test_a_run_that_waits_tells_its_place_and_when_it_begins(place: int | None, wait: float | None, told: str) -> None:
    assert score_card.describe_state(replace(run({}, "queued"), place=place), wait)[1].replace("\u202f", " ") == told


def test_a_run_that_trains_tells_the_whole_time_left() -> None:
    state, detail = score_card.describe_state(run(RUNNING))
    assert (state, detail) == ("Training", "Epoch 0.5 of 1, 9.0\u202fs left, 1,250\u202fimages/s.")
    assert score_card.progress(run(RUNNING)) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("summary", "settings", "state", "words"),
    [
        ({}, {}, "Preparing", ["Reading the data"]),
        ({"phase": "preparing", "phase_done": 0.4}, {}, "Preparing", ["40\u202f% done"]),
        (RUNNING | {"phase": "preparing", "phase_done": 0.4}, {}, "Preparing", ["40\u202f% done"]),  # it goes on
        (RUNNING | TESTING, {}, "Testing", ["on all test pictures, 50\u202f% done", "9.0\u202fs left"]),
        (
            RUNNING | TESTING | {"step": 100, "seconds_left": 4.0},
            {"test_time": "mirror"},
            "Testing",
            ["on all test pictures, two views of each", "50\u202f% done", "4.0\u202fs left"],
        ),
        (RUNNING | {"step": 100, "seconds_left": 0.0}, {}, "Saving", ["weights"]),
        ({"step": 50, "steps": 100}, {}, "Training", ["Epoch 0.0 of 1"]),  # resumed: neither seconds nor speed yet
    ],
)
def test_preparing_and_testing_are_states(
    summary: dict[str, Any], settings: dict[str, Any], state: str, words: list[str]
) -> None:
    told = score_card.describe_state(run(summary, **settings))
    assert told[0] == state
    assert [word for word in words if word not in told[1]] == []


@pytest.mark.parametrize("phase", ["training", "testing", "preparing", None])
@pytest.mark.parametrize("step", [50, 99, 100])
@pytest.mark.parametrize("left", [0.0, 0.01, None])
def test_no_time_left_never_stands_while_work_goes_on(phase: str | None, step: int, left: float | None) -> None:
    summary = PLACE | {"phase": phase, "phase_done": 1.0, "step": step, "seconds_left": left, "seconds": 1e-3}
    assert "0.0\u202fs" not in score_card.describe_state(run(summary))[1]


def test_a_finished_run_says_where_its_seconds_went() -> None:
    state, detail = score_card.describe_state(run(FINISHED, "finished"))
    assert state == "Finished"
    assert "4.4\u202fs in total: 2.9\u202fs of training, 1.1\u202fs of testing, 0.4\u202fs of preparing;" in detail
    assert "view" not in detail


def test_pictures_that_an_epoch_leaves_out_are_said() -> None:
    said = "384 of 500 training images"
    for told, state in ((RUNNING, "running"), (FINISHED, "finished")):
        some = told | {"epoch_images": 384, "train_images": 500}
        assert said in score_card.describe_state(run(some, state))[1]
        assert "An epoch" not in score_card.describe_state(run(some | {"epoch_images": 500}, state))[1]


def test_one_view_stands_beside_six() -> None:
    detail = score_card.describe_state(run(FINISHED | SIX, "finished", test_time="mirror+shift"))[1]
    assert detail.startswith("68.7\u202f% with one view, 70.7\u202f% with six. 95 % interval 69.80 to 71.58\u202f%.")


def test_an_older_finished_run_adds_up_its_parts_or_says_that_it_is_training_alone() -> None:
    older = {name: FINISHED[name] for name in ("test_accuracy", "test_images", "train_seconds", "images_per_second")}
    detail = score_card.describe_state(run(older, "finished", test_time="mirror+shift"))[1]
    assert detail.startswith("70.7\u202f% with six views. 95 % interval")
    assert "2.9\u202fs of training alone; trained at 1,250\u202fimages/s." in detail
    assert (
        "4.4\u202fs in total"
        in score_card.describe_state(run(older | {"evaluate_seconds": 1.1, "prepare_seconds": 0.4}, "finished"))[1]
    )


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        (RUNNING | {"test_accuracy": 0.5, "test_pictures": 1_000, "test_images": 10_000}, "of 1,000 test digits"),
        (RUNNING | {"test_accuracy": 0.5, "test_images": 10_000}, "of 10,000 test digits"),
        (RUNNING | {"test_accuracy": 0.5}, "of the test digits"),
    ],
)
def test_the_figure_says_of_how_many_pictures_it_is(summary: dict[str, Any], words: str) -> None:
    assert f"50.00\u202f%<small>{words}</small>" in score_card.html(colors.MLP, run(summary), of="test digits")


def test_a_run_whose_files_are_gone_does_not_say_that_its_progress_is_saved() -> None:
    for reason in (REMOVED_REASON, LOST_REASON):
        lost = replace(run(FINISHED, "stopped"), reason=reason)
        assert score_card.describe_state(lost) == ("Stopped", reason)
    assert "progress is saved" in score_card.describe_state(run(FINISHED, "stopped"))[1]


@pytest.mark.parametrize("state", ["queued", "running", "stopped", "failed", "finished"])
@pytest.mark.parametrize("gone", [*FINISHED, None])
def test_absent_figures_break_nothing(state: str, gone: str | None) -> None:
    summary = {name: value for name, value in FINISHED.items() if name != gone} if gone else {}
    assert score_card.html(colors.MLP, run(summary, state), of="test digits")
