"""The table behind the live charts: every point where it belongs, labels apart, nothing that jumps as data arrive."""

import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight.confusion import wilson_interval
from core.layers.builders import capsule_network, mlp
from core.runs.history_cache import Frames, framed
from core.training.experiment import Experiment
from core.ui.charts import learning_curves
from core.ui.charts.curve_table import (
    CROSS_ENTROPY,
    ENDINGS,
    FIGURES,
    LINE_POINTS,
    MARGIN,
    PICTURES_CROSS_ENTROPY,
    PICTURES_LOSS_RANGE,
    RAW_POINTS,
    Curve,
    by_loss,
    seconds_note,
    table,
)
from core.ui.charts.label_placement import separate_labels, spread_labels
from core.ui.charts.run_length import X_FIELDS
from tests.made_runs import made_run

EPOCHS, STEPS = 4, 400


def history(steps: int, seed: int = 0, nan: bool = False) -> list[dict[str, Any]]:
    """The events of a run that got so far: a progress point every second step, a test every fiftieth."""
    random = np.random.default_rng(seed)
    events: list[dict[str, Any]] = []
    for step in range(0, steps + 1, 2):
        where = {"step": step, "epoch": EPOCHS * step / STEPS, "images": 100 * step, "seconds": 0.01 * step}
        accuracy = 0.98 - 0.88 * float(np.exp(-step / 40))
        if step:
            noisy = float(np.clip(accuracy + random.normal(0, 0.02), 0, 1))
            figures = {"loss": None if nan and step == steps else 2.3 * (1 - noisy), "accuracy": noisy}
            events.append({"event": "progress", **where, **figures, "learning_rate": 0.1, "images_per_second": 1e4})
        if step % 50 == 0:
            events.append(
                {"event": "evaluated", "split": "test", **where, "loss": 2.3 * (1 - accuracy), "accuracy": accuracy}
            )
    return events


def frames(steps: int, *, of: int = STEPS, seed: int = 0, state: str = "running", nan: bool = False) -> Frames:
    """A run of this history."""
    experiment = Experiment(layers=mlp([8]), epochs=EPOCHS, train_images=10_000, seed=seed)
    run = made_run(
        experiment,
        state,
        summary={
            "step": steps,
            "steps": of,
            "epoch": EPOCHS * steps / STEPS,
            "seconds": 0.01 * steps,
            "train_images": 10_000,
        },
    )
    return framed(run, tuple(history(steps, seed, nan)))


def curve(steps: int, name: str = "MLP", *, earlier: bool = False, **more: Any) -> Curve:
    return Curve.of(frames(steps, **more), name, name[:1], "#D55E00", earlier=earlier)


@pytest.mark.parametrize(("axis", "end"), [("epochs", 4.0), ("images", 40_000.0), ("seconds", 5.0)])
def test_the_axis_ends_where_the_run_will(axis: Any, end: float) -> None:
    rows = table((curve(100),), axis, 0).to_pandas()
    assert rows.loc[rows["part"] == "end", X_FIELDS[axis]].tolist() == [end]
    assert rows[X_FIELDS[axis]].max() <= end


def test_points_once_drawn_stay_where_they_are() -> None:
    early, late = (table((curve(steps),), "epochs", 80).to_pandas() for steps in (200, 300))
    for part in ("test", "training", "raw"):
        before, after = early[early["part"] == part], late[late["part"] == part]
        assert len(before) > 3
        if part == "training":
            before = before[:-1]  # the latest point, at which the line ends for now
        np.testing.assert_array_equal(before[FIGURES].to_numpy(), after[FIGURES].to_numpy()[: len(before)])


def test_a_long_run_is_drawn_with_every_so_manyth_point_and_to_its_latest() -> None:
    half = curve(2000, of=4000)
    told = half.frames.progress
    rows = table((half,), "epochs", 0).to_pandas()
    line, dots = (rows[rows["part"] == part] for part in ("training", "raw"))
    assert len(told) == 1000
    assert 0.4 * LINE_POINTS < len(line) < 0.6 * LINE_POINTS
    assert 0.4 * RAW_POINTS < len(dots) < 0.6 * RAW_POINTS
    assert line["epoch"].iloc[-1] == pytest.approx(told["epoch"].iloc[-1])


def test_the_smoothed_line_follows_the_mean() -> None:
    rows = table((curve(400),), "epochs", 0).to_pandas()
    smooth = rows.loc[rows["part"] == "training", "accuracy"].to_numpy()
    raw = frames(400).progress["accuracy"].to_numpy() * 100
    assert np.abs(np.diff(smooth)).mean() < np.abs(np.diff(raw)).mean() / 3
    assert smooth[-1] == pytest.approx(raw[-30:].mean(), abs=1.0)


def test_earlier_runs_have_no_training_line_and_a_letter() -> None:
    rows = table((curve(400, "A: MLP", earlier=True), curve(100)), "epochs", 0).to_pandas()
    assert set(rows.loc[rows["run"] == "A: MLP", "part"]) == {"test", "label"}
    assert rows.loc[rows["part"] == "label", "accuracy_label"].tolist()[0] == "A"


def test_a_figure_below_the_axis_is_said_to_be() -> None:
    rows = table((curve(0),), "epochs", 95).to_pandas()
    label = rows[rows["part"] == "label"].iloc[0]
    assert label["accuracy_label"].endswith("▼")
    assert label["accuracy"] >= 95


@pytest.mark.parametrize(
    ("wanted", "accuracies", "start"),
    [
        (80, [], 80),
        (80, [0.98, 0.8], 80),
        (80, [0.98, 0.7999], 0),
        (95, [0.98, 0.91], 80),
        (95, [0.1, 0.99], 0),
        (0, [0.99], 0),
        (95, [0.95], 95),
    ],
)
def test_the_axis_comes_down_to_what_is_below_it(wanted: int, accuracies: list[float], start: int) -> None:
    assert learning_curves.fitting_start(wanted, accuracies) == start


def test_what_is_no_number_is_left_out_and_breaks_nothing() -> None:
    rows = table((curve(100, nan=True),), "epochs", 0).to_pandas()
    assert rows.loc[rows["part"] == "training", "loss"].notna().all()


PLACE = {"step": 400, "epoch": 4.0, "images": 40_000, "seconds": 4.0, "whole_seconds": 9.0}
LAST = {
    "event": "evaluated",
    "split": "test",
    **PLACE,
    "loss": 0.8,
    "accuracy": 0.977,
    "pictures": 10_000,
    "final": True,
    "views": "mirror+shift",
    "one_view_accuracy": 0.967,
    "one_view_loss": 0.9,
}


def whole(*, state: str = "finished", test_time: str = "mirror+shift", last: dict[str, Any] = LAST) -> Frames:
    """A run of whole seconds: twice those of training and one more, tests of 1,000 pictures, and a last one of all."""
    events = [event | {"whole_seconds": 1 + 2 * event["seconds"]} for event in history(398)]
    events = [event | ({"pictures": 1_000, "views": "none"} if "split" in event else {}) for event in events]
    experiment = Experiment(layers=mlp([8]), epochs=EPOCHS, test_time=test_time)
    run = replace(frames(400).run, id=experiment.key, experiment=experiment, state=state)
    return framed(run, (*events, last) if last else tuple(events))


def test_the_last_test_of_several_views_is_a_mark_of_its_own() -> None:
    rows = table((Curve.of(whole(), "CNN", "CNN", "#0072B2"),), "epochs", 80).to_pandas()
    line, mark = rows[rows["part"] == "test"], rows[rows["part"] == "test, six views"]
    assert line["accuracy"].iloc[-1] == pytest.approx(96.7)  # the same pictures with one view
    assert (mark["accuracy"].tolist(), mark["epoch"].tolist()) == ([pytest.approx(97.7)], [4.0])
    assert "96.7\u202f% with one view, 97.7\u202f% with six; of 10,000 pictures" in mark["detail"].iloc[0]
    labels = rows.loc[rows["part"] == "label", "accuracy_label"].tolist()
    assert labels == ["CNN 96.70\u202f%", "6 views 97.7\u202f%"]


def test_a_run_of_one_view_ends_on_its_line() -> None:
    last = LAST | {"views": "none", "one_view_accuracy": None, "one_view_loss": None}
    rows = table((Curve.of(whole(test_time="none", last=last), "CNN", "CNN", "#0072B2"),), "epochs", 80).to_pandas()
    assert rows.loc[rows["part"] == "test", "accuracy"].iloc[-1] == pytest.approx(97.7)
    assert not rows["part"].isin(ENDINGS.values()).any()


def test_tests_have_the_interval_of_their_pictures_and_say_how_many() -> None:
    rows = table((Curve.of(whole(), "CNN", "CNN", "#0072B2"),), "epochs", 80).to_pandas()
    line = rows[rows["part"] == "test"]
    low, high = wilson_interval(round(line["accuracy"].iloc[2] * 10), 1_000)
    assert (line["low"].iloc[2], line["high"].iloc[2]) == (pytest.approx(100 * low), pytest.approx(100 * high))
    assert line["detail"].iloc[2].startswith("of 1,000 pictures, 95 % interval ")
    assert (line["high"] - line["low"]).iloc[-1] < (line["high"] - line["low"]).iloc[-2] / 1.5
    earlier = table((Curve.of(whole(), "A: CNN", "A", "#0072B2", earlier=True),), "epochs", 80).to_pandas()
    assert earlier["low"].isna().all()


def test_the_seconds_are_whole_ones() -> None:
    curve_ = Curve.of(whole(), "CNN", "CNN", "#0072B2")
    rows = table((curve_,), "seconds", 0).to_pandas()
    assert rows.loc[rows["part"] == "test", "seconds"].tolist()[:2] == [1.0, 2.0]
    assert rows.loc[rows["part"] == "training", "seconds"].iloc[-1] == pytest.approx(8.96)
    assert rows.loc[rows["part"] == "end", "seconds"].tolist() == [9.0]
    assert seconds_note([curve_]) == ""
    assert seconds_note([curve_, curve(100)]).endswith(": M.")


def test_the_axis_of_seconds_ends_where_the_last_test_will() -> None:
    running = whole(state="running", last={})
    told = running.run.summary | {"whole_seconds": 8.96, "seconds_left": 5.0}
    curve_ = Curve.of(replace(running, run=replace(running.run, summary=told)), "CNN", "CNN", "#0072B2")
    assert curve_.end("seconds") == 15.0


@pytest.mark.parametrize(
    ("settings", "told", "epochs", "images"),
    [
        ({}, {}, 4.0, 40_000),
        ({"epochs": 200, "time_budget": 60.0}, {"seconds": 30.0}, 10.0, 100_000),  # twice 3.98 epochs, rounded up
        ({"epochs": 200, "time_budget": 3.0}, {"seconds": 3.0}, 5.0, 50_000),
        ({"epochs": 6, "time_budget": 600.0}, {"seconds": 30.0}, 6.0, 60_000),  # the epochs end first
        ({"epochs": 200, "stop_step": 500}, {"steps": 20_000}, 5.0, 50_000),
    ],
)
def test_a_budget_and_an_early_end_make_the_axis_shorter(
    settings: dict[str, Any], told: dict[str, Any], epochs: float, images: float
) -> None:
    running = whole(state="running", last={})
    experiment = replace(running.run.experiment, train_images=10_000, **settings)
    summary = running.run.summary | {"train_images": 10_000} | told
    run = replace(running.run, experiment=experiment, summary=summary)
    curve_ = Curve.of(replace(running, run=run), "CNN", "CNN", "#0072B2")
    assert (curve_.end("epochs"), curve_.end("images")) == (epochs, images)
    ended = Curve.of(replace(running, run=replace(run, state="finished")), "CNN", "CNN", "#0072B2")
    assert ended.end("epochs") == pytest.approx(3.97, abs=0.02)  # where it is, whatever was planned


def test_how_far_a_test_is_draws_no_chart_anew() -> None:
    told = whole(state="running", last={})
    phase = {"event": "phase", "phase": "testing", "done": 0.5, "step": 400, "whole_seconds": 8.97}
    testing = replace(told, events=(*told.events, phase))
    assert Curve.of(told, "CNN", "CNN", "#0072B2") == Curve.of(testing, "CNN", "CNN", "#0072B2")


def test_nobody_trained_yet() -> None:
    rows = table((), "epochs", 80, 3.0).to_pandas()
    assert rows["part"].tolist() == ["end"]
    assert rows["epoch"].tolist() == [3.0]


def test_all_who_watch_share_one_table() -> None:
    assert table((curve(100),), "epochs", 80) is table((curve(100),), "epochs", 80)


def test_a_tick_of_two_full_runs_is_small() -> None:
    """Twice a second to thirty browsers: both charts are sent these bytes."""
    sent = table((curve(400), curve(400, "CNN", seed=1)), "epochs", 80)
    assert sent.num_rows > 500
    assert sent.nbytes < 30_000


def test_a_label_makes_way_only_for_those_above_and_below_it() -> None:
    ends, wanted = [4.0, 4.0, 2.0], [98.0, 98.5, 98.0]
    placed = separate_labels(ends, wanted, 2.0, 80.0, 100.0)
    assert placed[1] - placed[0] == pytest.approx(2.0)
    assert placed[2] == 98.0


@given(st.lists(st.floats(-10, 110), max_size=12))
def test_labels_areapart_and_on_the_axis(wanted: list[float]) -> None:
    placed = spread_labels(wanted, 5.0, 0.0, 100.0)
    assert all(0 <= place <= 100 for place in placed)
    assert all(b - a >= 5 - 1e-9 for a, b in zip(sorted(placed), sorted(placed)[1:], strict=False))
    order = np.argsort(wanted, kind="stable")
    assert [placed[i] for i in order] == sorted(placed)


@pytest.mark.parametrize("axis", list(learning_curves.X_TITLES))
@pytest.mark.parametrize("start", learning_curves.STARTS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_chart_is_made_once_with_the_axes_asked_for(axis: Any, start: int, theme: Any) -> None:
    accuracy = learning_curves.learning_curves("accuracy", axis, start, theme=theme)
    loss = learning_curves.learning_curves("loss", axis, start, theme=theme, loss=PICTURES_CROSS_ENTROPY)
    assert learning_curves.learning_curves("accuracy", axis, start, theme=theme) is accuracy
    assert accuracy["encoding"]["y"]["scale"]["domain"] == [start, 100]
    assert loss["encoding"]["y"]["scale"]["domain"] == list(PICTURES_LOSS_RANGE)
    assert {chart["encoding"]["x"]["field"] for chart in (accuracy, loss)} == {X_FIELDS[axis]}
    assert (f"{start} %" in accuracy["encoding"]["y"]["title"]) is bool(start)


def test_losses_of_two_kinds_share_no_axis() -> None:
    plain = frames(STEPS)
    capsules = replace(plain.run.experiment, layers=capsule_network())
    routed = replace(plain, run=replace(plain.run, id="capsules", experiment=capsules))
    curves = [Curve.of(plain, "MLP", "MLP", "#000"), Curve.of(routed, "capsules", "capsules", "#111")]
    found = by_loss(curves, [capsules])
    assert list(found) == [MARGIN, CROSS_ENTROPY]
    assert found == {MARGIN: (curves[1],), CROSS_ENTROPY: (curves[0],)}
    assert by_loss([], [plain.run.experiment]) == {CROSS_ENTROPY: ()}
    chart = learning_curves.learning_curves("loss", "epochs", loss=MARGIN)
    assert chart["encoding"]["y"]["scale"]["domain"] == list(MARGIN.range)
    assert "nats" not in chart["encoding"]["y"]["title"]


def test_a_run_that_is_watched_keeps_its_newest_history_alone() -> None:
    """An old state's tables, with all that pandas keeps of them, once filled the memory of a class."""
    watched = []
    for steps in range(100, 200, 10):
        history = frames(steps)
        watched.append(weakref.ref(history.progress))
        curve = Curve.of(history, "cnn", "CNN", "#000000")
        for axis in X_FIELDS:
            table((curve,), axis, 80.0)
    del history, curve
    gc.collect()
    assert [history() is not None for history in watched] == [False] * 9 + [True]
