"""What a run's accuracies are of: how many pictures, how many views, and which of them are points of one curve."""

from typing import Any

import numpy as np
import pytest

from core.insight.confusion import wilson_interval
from core.layers.cifar_networks import SMALL
from core.runs.history_cache import Frames, framed
from core.training.experiment import Experiment
from core.ui.display import run_accuracies
from tests.made_runs import made_run

SUMMARY = {"test_images": 10_000, "held_out": 5_000}


def frames(*told: dict[str, Any], state: str = "finished", test_time: str = "mirror+shift", **summary: Any) -> Frames:
    """A run with these evaluations, the n-th at step 10 n, after n seconds of training."""
    events = []
    for place, one in enumerate(told, 1):
        where = {"step": 10 * place, "epoch": place / 2, "images": 1_000 * place, "seconds": float(place)}
        events.append({"event": "evaluated", "split": "test", **where, "loss": 1.0, **one})
    experiment = Experiment(layers=SMALL, data="cifar10", epochs=2, test_time=test_time)
    run = made_run(experiment, state, summary=SUMMARY | summary)
    return framed(run, tuple(events))


def look(accuracy: float, seconds: float = 1.5, pictures: int = 1_000) -> dict[str, Any]:
    """An evaluation on the way."""
    return {"accuracy": accuracy, "whole_seconds": seconds, "pictures": pictures, "views": "none", "final": False}


LAST = {
    "accuracy": 0.707,
    "whole_seconds": 9.0,
    "pictures": 10_000,
    "views": "mirror+shift",
    "final": True,
    "one_view_accuracy": 0.687,
    "one_view_loss": 1.2,
}


def test_the_last_test_of_several_views_is_no_point_of_the_curve() -> None:
    told = frames(look(0.5), look(0.6, 3.0), LAST)
    points = run_accuracies.evaluations(told)
    assert points["accuracy"].tolist() == [0.5, 0.6, 0.687]
    assert points["loss"].tolist() == [1.0, 1.0, 1.2]
    assert points["seconds"].tolist() == [1.5, 3.0, 9.0]
    ended = run_accuracies.ending(told)
    assert ended is not None
    assert (ended.name, ended.accuracy, ended.one_view, ended.seconds) == ("six views", 0.707, 0.687, 9.0)
    assert ended.words.startswith("68.7\u202f% with one view, 70.7\u202f% with six; of 10,000 pictures, 95 % interval")


def test_every_point_has_the_interval_of_the_pictures_it_is_of() -> None:
    points = run_accuracies.evaluations(frames(look(0.5), look(0.6, pictures=2_500), LAST))
    assert points["pictures"].tolist() == [1_000, 2_500, 10_000]
    expected = [wilson_interval(500, 1_000), wilson_interval(1_500, 2_500), wilson_interval(6_870, 10_000)]
    np.testing.assert_allclose(points[["low", "high"]].to_numpy(), expected)


def test_a_run_with_one_view_ends_on_its_curve() -> None:
    last = LAST | {"views": "none", "one_view_accuracy": None, "one_view_loss": None}
    told = frames(look(0.5), last, test_time="none")
    assert run_accuracies.evaluations(told)["accuracy"].tolist() == [0.5, 0.707]
    assert run_accuracies.ending(told) is None


def test_an_older_run_ended_in_its_recipes_views_and_told_no_others() -> None:
    told = frames({"accuracy": 0.5}, {"accuracy": 0.6}, {"accuracy": 0.7})
    points, ended = run_accuracies.evaluations(told), run_accuracies.ending(told)
    assert points["accuracy"].tolist() == [0.5, 0.6]
    assert points["seconds"].tolist() == [1.0, 2.0]  # of training: nothing else was told
    assert not run_accuracies.has_whole_seconds(told.evaluated)
    assert points["pictures"].tolist() == [10_000, 10_000]
    assert ended is not None
    assert (ended.accuracy, ended.one_view, ended.pictures) == (0.7, None, 10_000)
    assert ended.words.startswith("70.0\u202f% with six views; of 10,000 pictures")


def test_while_an_older_run_trains_it_is_asked_with_one_view() -> None:
    told = frames({"accuracy": 0.5}, {"accuracy": 0.6}, state="running")
    assert run_accuracies.evaluations(told)["accuracy"].tolist() == [0.5, 0.6]
    assert run_accuracies.ending(told) is None
    assert run_accuracies.views(told.run) == "none"


def test_a_run_that_tells_no_number_of_pictures_has_no_interval() -> None:
    points = run_accuracies.evaluations(frames({"accuracy": 0.5}, state="running", test_images=None))
    assert points[["pictures", "low", "high"]].isna().all(axis=None)
    assert points["accuracy"].tolist() == [0.5]


def test_a_test_that_was_no_number_breaks_nothing() -> None:
    told = frames(look(0.5) | {"accuracy": None, "loss": None}, look(0.6), state="running")
    assert run_accuracies.evaluations(told)["accuracy"].isna().tolist() == [True, False]


def test_nothing_tested_yet() -> None:
    told = frames(state="running")
    assert run_accuracies.evaluations(told).empty
    assert run_accuracies.ending(told) is None


def test_the_summary_says_what_the_latest_figure_is_of() -> None:
    assert run_accuracies.sample_size({"test_pictures": 1_000, "test_images": 10_000}) == 1_000
    assert run_accuracies.sample_size({"test_images": 10_000}) == 10_000
    assert run_accuracies.sample_size({}) is None
    assert run_accuracies.sample_size({"held_out_pictures": 800, "held_out": 5_000}, "held-out") == 800
    ended = frames(test_views="mirror", test_one_view_accuracy=0.6).run
    assert (run_accuracies.views(ended), run_accuracies.one_view(ended.summary)) == ("mirror", 0.6)
    older = frames().run
    assert (run_accuracies.views(older), run_accuracies.one_view(older.summary)) == ("mirror+shift", None)


def test_what_the_network_is_seen_to_answer_is_of_the_test_at_that_step() -> None:
    told = frames(look(0.5), LAST)
    assert run_accuracies.tested_at(told, 10) == ("none", 1_000)
    assert run_accuracies.tested_at(told, 20) == ("mirror+shift", 10_000)
    assert run_accuracies.tested_at(told, 5) == ("none", None)


@pytest.mark.parametrize(
    ("views", "name"), [("none", "one view"), ("mirror", "two views"), ("mirror+shift", "six views")]
)
def test_views_are_counted(views: str, name: str) -> None:
    assert run_accuracies.views_name(views) == name
    assert (run_accuracies.views_note(views) == "") == (views == "none")
    assert ("one view" in run_accuracies.one_view_note(views) and name in run_accuracies.one_view_note(views)) == (
        views != "none"
    )
    assert (run_accuracies.one_view_note(views) == "") == (views == "none")
