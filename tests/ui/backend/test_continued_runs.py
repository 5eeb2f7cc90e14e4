"""A continued run: where it is drawn, and its labels."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.layers.cifar_networks import SMALL
from core.runs.history_cache import Frames, framed
from core.training.experiment import Experiment
from core.training.run_changes import continued
from core.ui.backend import client, continued_runs
from core.ui.charts import curve_table, learning_curves
from core.ui.charts.curve_table import Curve
from core.ui.views.cifar import gap_chart, rate_chart, run_titles, time_to_accuracy
from tests.made_runs import made_run

FIRST = Experiment(layers=SMALL, data="cifar10", epochs=3, train_images=45_000, learning_rate=0.2)
SECOND = continued(FIRST, 2)
THIRD = continued(SECOND, 4)


def told(experiment: Experiment, seconds: float, *, rates: float = 0.1) -> Frames:
    """A finished run of ten steps an epoch and so many seconds in all."""
    events: list[dict[str, Any]] = []
    steps = 10 * experiment.epochs
    for step in range(1, steps + 1):
        share = step / steps
        where = {"step": step, "epoch": step / 10, "images": 100 * step, "seconds": seconds * share}
        figures = {"loss": 1.0, "accuracy": 0.5, "learning_rate": rates * (1 - share), "images_per_second": 1.0}
        events.append({"event": "progress", **where, **figures})
        events.append({"event": "evaluated", "split": "test", **where, "loss": 1.0, "accuracy": 0.4 + 0.3 * share})
    summary = {
        "step": steps,
        "steps": steps,
        "epoch": float(experiment.epochs),
        "images": 100 * steps,
        "seconds": seconds,
    }
    run = made_run(experiment, summary=summary)
    return framed(run, tuple(events))


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, Frames]:
    found = {one.key: told(one, seconds) for one, seconds in ((FIRST, 30.0), (SECOND, 20.0), (THIRD, 40.0))}

    class Feed:
        def frames(self, ids: list[str]) -> dict[str, Frames]:
            return {id: found[id] for id in ids if id in found}

    monkeypatch.setattr(client, "feed", Feed)
    return found


def test_it_begins_where_all_before_it_ended(known: dict[str, Frames]) -> None:
    assert continued_runs.start(FIRST) == continued_runs.Start()
    found = continued_runs.start(THIRD)
    assert (found.epoch, found.images, found.seconds) == (5.0, 5_000, 50.0)
    assert found.origin == f"run {SECOND.key[:6]}"
    assert continued_runs.start(THIRD, {SECOND.key: "B"}).origin == "run B"


def test_a_run_before_that_is_gone_leaves_what_is_known(known: dict[str, Frames]) -> None:
    del known[FIRST.key]
    assert continued_runs.start(THIRD).epoch == 2.0
    del known[SECOND.key]
    assert continued_runs.start(THIRD) == continued_runs.Start(f"run {SECOND.key[:6]}")


@pytest.mark.parametrize(
    ("axis", "begins", "ends"), [("epochs", 3.0, 5.0), ("images", 3_000, 5_000), ("seconds", 30.0, 50.0)]
)
def test_its_curve_follows_on_the_one_before(known: dict[str, Frames], axis: Any, begins: float, ends: float) -> None:
    curve = Curve.of(
        known[SECOND.key], "Small", "Small", "#0072B2", start=continued_runs.start(SECOND, {FIRST.key: "A"})
    )
    field = curve_table.X_FIELDS[axis]
    drawn = curve_table.table((curve,), axis, 0).to_pandas()
    assert drawn.loc[drawn["part"] == "test", field].between(begins, ends).all()
    assert drawn.loc[drawn["part"] == "end", field].tolist() == [ends]
    for rows, place in (
        (drawn, field),
        (gap_chart.arrow((curve,), axis).to_pandas(), "x"),
        (rate_chart.arrow((curve,), axis).to_pandas(), "x"),
    ):
        marks = rows[rows["part"] == "change"]
        assert marks[place].tolist() == [begins]
        assert marks["detail"].tolist() == ["continued from run A"]


def test_the_clock_counts_the_seconds_before(known: dict[str, Frames]) -> None:
    curve = Curve.of(known[SECOND.key], "Small", "Small", "#0072B2", start=continued_runs.start(SECOND))
    assert time_to_accuracy.crossing(curve, 0.699) == pytest.approx(50.0)
    assert time_to_accuracy.table([curve]).query("part == 'run'")["seconds"].between(30, 50).all()
    alone = Curve.of(known[SECOND.key], "Small", "Small", "#0072B2")
    assert time_to_accuracy.crossing(alone, 0.699) == pytest.approx(20.0)


def test_title_and_axes_say_so() -> None:
    assert run_titles.title(SECOND) == f"Small, 2 epochs of 45,000 pictures, continued from run {FIRST.key[:6]}"
    for spec in (gap_chart.spec("epochs", "light", True), rate_chart.spec("epochs", "light", True)):
        assert "including the run before" in spec["encoding"]["x"]["title"]
    assert "including the run before" in time_to_accuracy.spec("light", True)["encoding"]["x"]["title"]
    loss = learning_curves.learning_curves("loss", "seconds", continued=True)
    assert loss["encoding"]["x"]["title"].endswith("including the run before")


def test_the_learning_rates_axes_are_the_same_at_every_moment() -> None:
    """They begin at 0 and end where the run's schedule will, from its first point on."""
    whole = told(FIRST, 30.0, rates=0.2)
    ends = []
    for points in (0, 1, 5, 30):
        part = replace(whole, progress=whole.progress[:points])
        rows = rate_chart.arrow((Curve.of(part, "Small", "Small", "#0072B2"),), "epochs", 3.0, 0.2).to_pandas()
        ends.append(rows.loc[rows["part"] == "end", ["x", "rate"]].to_numpy()[0])
    np.testing.assert_allclose(ends, [[3.0, 0.2]] * 4)
    changed = told(replace(FIRST, lr_changes=((5, 0.7),)), 30.0)
    rows = rate_chart.arrow((Curve.of(changed, "Small", "Small", "#0072B2"),), "epochs").to_pandas()
    assert rows.loc[rows["part"] == "end", "rate"].tolist() == [0.7]
    scales = [layer["encoding"]["y"]["scale"] for layer in rate_chart.spec("epochs")["layer"][:2]]
    assert all(scale["zero"] is True and "type" not in scale for scale in scales)
    assert rate_chart.spec("epochs")["encoding"]["x"]["scale"]["zero"] is True
