"""The CIFAR page's charts and sentences: every point where it belongs, and the numbers those of the runs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.cifar10_standin import INFO
from core.insight.calibration import calibration
from core.layers.cifar_networks import NETWORKS, RESNET_18, SMALL
from core.layers.specs import BatchNorm, Flatten, Linear
from core.runs.history_cache import Frames, framed
from core.training.ablation_results import Measured, Row
from core.training.duration_estimate import Parts
from core.training.experiment import Experiment
from core.training.presets import PRESETS
from core.ui.charts import curve_table
from core.ui.charts.curve_table import Curve
from core.ui.charts.label_placement import place_labels
from core.ui.display import colors
from core.ui.state import link_to_cifar, network_link
from core.ui.views.cifar import (
    ablation,
    ablation_switches,
    gap_chart,
    gradcam,
    mistakes,
    network_picker,
    progress_detail,
    rate_chart,
    run_titles,
    time_budget,
    time_to_accuracy,
    training_settings,
    what_to_notice,
)
from core.ui.views.cifar import calibration as quality
from tests.made_runs import made_run

STEPS = 100
REAL = replace(INFO, name="cifar10", standin=False)
ACCURACIES = {20: 0.5, 40: 0.71, 60: 0.8, 100: 0.905}


def history(accuracies: dict[int, float], training: float = 0.9) -> list[dict[str, Any]]:
    """The events of a run of 100 steps of 2 s each, whose test accuracy is told at some of them."""
    events: list[dict[str, Any]] = []
    for step in range(1, STEPS + 1):
        where = {"step": step, "epoch": step / 50, "images": 100 * step, "seconds": 2.0 * step}
        told = {"loss": 1.0, "accuracy": training, "learning_rate": 0.1, "images_per_second": 50.0, "memory_bytes": 0}
        events.append({"event": "progress", **where, **told})
        if step in accuracies:
            for split, less in (("held-out", 0.01), ("test", 0.0)):
                score = {"loss": 1.0, "accuracy": accuracies[step] - less}
                events.append({"event": "evaluated", "split": split, **where, **score})
    return events


def frames(accuracies: dict[int, float], *, training: float = 0.9, state: str = "finished", **settings: Any) -> Frames:
    """A run of this history."""
    last = accuracies[max(accuracies)]
    summary = {
        "step": STEPS,
        "steps": STEPS,
        "epoch": 2.0,
        "seconds": 200.0,
        "device": "cpu",
        "parameters": 1,
        "test_accuracy": last,
        "held_out_accuracy": last - 0.01,
        "test_images": 10_000,
    }
    experiment = Experiment(layers=SMALL, data="cifar10", epochs=2, **settings)
    run = made_run(experiment, state, summary=summary)
    return framed(run, tuple(history(accuracies, training)))


def curve(told: Frames, name: str = "Small") -> Curve:
    return Curve.of(told, name, name, "#0072B2")


def test_a_level_is_crossed_where_the_test_accuracy_was_first_seen_there() -> None:
    told = curve(frames(ACCURACIES))
    assert [time_to_accuracy.crossing(told, level) for level in time_to_accuracy.LEVELS] == [80.0, 120.0, 200.0, None]


def test_the_clock_holds_levels_claims_and_every_evaluation_on_the_test() -> None:
    rows = time_to_accuracy.table([curve(frames(ACCURACIES))], "Not CIFAR-10")
    assert rows[rows["part"] == "level"]["accuracy"].tolist() == [70, 80, 90, 94]
    claims = rows[rows["part"] == "claim"].set_index("accuracy")
    assert (claims.loc[70, "seconds"], claims.loc[70, "until"]) == (120, 300)
    assert claims.loc[90, "seconds"] < 100 * 3600 < claims.loc[90, "until"]
    runs = rows[rows["part"] == "run"]
    assert runs["seconds"].tolist() == [40, 80, 120, 200]
    np.testing.assert_allclose(runs["accuracy"], [50, 71, 80, 90.5])
    assert rows[rows["part"] == "note"]["label"].tolist() == ["Not CIFAR-10"]


def whole(*, six: float = 0.707, one: float = 0.687, seed: int = 0) -> Frames:
    """A run of whole seconds, three for each of training; tests of 1,000 pictures, and a last one with six views."""
    accuracies = {20: 0.5, 40: 0.6, 60: 0.65, 100: six}
    told = frames(accuracies, test_time="mirror+shift", seed=seed)
    events = []
    for event in history(accuracies):
        event = event | {"whole_seconds": 3 * event["seconds"]}
        if event["event"] == "evaluated":
            last = event["step"] == 100
            event |= {"pictures": 10_000 if last else 1_000, "views": "mirror+shift" if last else "none", "final": last}
            event |= {"one_view_accuracy": one if last else None, "one_view_loss": 1.1 if last else None}
        events.append(event)
    run = replace(told.run, summary=told.run.summary | {"test_views": "mirror+shift", "test_pictures": 10_000})
    return framed(run, tuple(events))


def test_the_clock_counts_whole_seconds_and_six_views_are_no_point_of_the_line() -> None:
    told = curve(whole())
    rows = time_to_accuracy.table([told])
    line, mark = rows[rows["part"] == "run"], rows[rows["part"] == "ending"]
    assert line["seconds"].tolist() == [120, 240, 360, 600]
    np.testing.assert_allclose(line["accuracy"], [50, 60, 65, 68.7])
    assert (mark["seconds"].tolist(), mark["accuracy"].tolist()) == ([600], [pytest.approx(70.7)])
    assert "68.7\u202f% with one view, 70.7\u202f% with six" in mark["detail"].iloc[0]
    assert "(of 1,000 pictures, 95 % interval 46.9 to 53.1\u202f%) after 2\u202fmin 0\u202fs" in line["detail"].iloc[0]
    assert rows.loc[rows["part"] == "label", "label"].tolist() == ["Small 68.7\u202f%", "6 views 70.7\u202f%"]
    assert (line["low"] < line["accuracy"]).all()
    assert (line["high"] > line["accuracy"]).all()


def test_a_level_reached_with_six_views_alone_says_so() -> None:
    told = whole()
    assert time_to_accuracy.crossing(curve(told), 0.70) == 600.0
    said = " ".join(what_to_notice.sentences(told.run.experiment, {told.run.id: told}, [], REAL))
    assert (
        "70\u202f% test accuracy after **10\u202fmin 0\u202fs** in total on the CPU (68.7\u202f% with one view, 70.7"
        in said
    )
    one = whole(six=0.727, one=0.712, seed=1)
    assert time_to_accuracy.measured(curve(one), 0.70).startswith("71.2\u202f% of 10,000 pictures")


def test_an_older_runs_clock_says_that_it_is_of_training_alone() -> None:
    rows = time_to_accuracy.table([curve(frames(ACCURACIES))])
    assert rows.loc[rows["part"] == "run", "detail"].str.contains("of training alone").all()


def test_the_gap_is_of_one_view() -> None:
    np.testing.assert_allclose(gap_chart.gaps(curve(whole()))["gap"], [0.4, 0.3, 0.25, 0.213], atol=1e-9)


def test_the_time_is_estimated_whole_and_says_what_was_measured() -> None:
    experiment = Experiment(layers=SMALL, data="cifar10", epochs=2)
    said = time_budget.in_words(experiment, Parts(prepare=0.3, train=20.0, evaluate=6.7), 1_000.0)
    assert said.startswith(
        "About **27\u202fs** in total for 2 epochs: 20\u202fs of training, 6.7\u202fs of testing, 0.3"
    )
    assert "Measured here for 1\u202fs: 1,000\u202fimages/s in training. Testing is estimated" in said
    budget = time_budget.in_words(
        replace(experiment, time_budget=20.0), Parts(prepare=0.3, train=20.0, evaluate=6.7), 1e3
    )
    assert "for 20\u202fs: " in budget
    assert "your budget of 20\u202fs" in budget


def test_a_pictures_certainty_says_how_many_views_it_is_of() -> None:
    six, one = np.array([0.2, 0.8]), np.array([0.6, 0.4], np.float32)
    assert gradcam.prediction_html(six, one, ("cat", "dog"), "none") == "predicted <b>dog</b> 80\u202f%"
    said = gradcam.prediction_html(six, one, ("cat", "<dog>"), "mirror+shift")
    assert said == "predicted <b>&lt;dog&gt;</b> 80\u202f% with six views,<br><b>cat</b> 60\u202f% with one"


def test_labels_of_runs_that_end_together_are_apart() -> None:
    rows = time_to_accuracy.table([curve(frames(ACCURACIES), name) for name in ("one", "two")])
    first, second = rows[rows["part"] == "label"]["accuracy"]
    assert abs(first - second) >= time_to_accuracy.LABEL_GAP - 1e-9


@pytest.mark.parametrize("count", [1, 3, 8])
@pytest.mark.parametrize("seconds", [40.0, 100.0, 250.0, 800.0, 20_000.0])
@pytest.mark.parametrize("level", [0.66, 0.70, 0.74, 0.90, 0.995])
def test_no_label_lies_on_a_claim_or_on_another(count: int, seconds: float, level: float) -> None:
    high = time_to_accuracy.LABEL_GAP
    boxes = [
        time_to_accuracy._box(time_to_accuracy._across(seconds * (1 + 0.03 * i)), 0.19, 100 * level - 0.2 * i, high)
        for i in range(count)
    ]
    heights = place_labels(boxes, time_to_accuracy.TAKEN, 0.0, 100.0)
    placed = [box._replace(low=y - high / 2, high=y + high / 2) for box, y in zip(boxes, heights, strict=True)]
    for i, one in enumerate(placed):
        assert 0 <= one.low < one.high <= 100
        for other in (*placed[:i], *time_to_accuracy.TAKEN):
            apart = min(one.high, other.high) - max(one.low, other.low)
            across = min(one.right, other.right) - max(one.left, other.left)
            assert min(apart, across) <= 1e-9
    if count == 1 and level == 0.74 and seconds == 40.0:
        assert heights == [pytest.approx(70 + (time_to_accuracy.CLAIM_GAP + high) / 2)]  # just over the claim at 70 %


def test_the_names_of_the_levels_stand_below_each_other_and_cross_no_line() -> None:
    rows = time_to_accuracy.table([])
    names = rows[rows["part"] == "level name"]
    heights, half = names["accuracy"].to_numpy(float), time_to_accuracy.LEVEL_GAP / 2
    levels = rows[rows["part"] == "level"]["accuracy"].to_numpy(float)
    assert (abs(heights[:, None] - levels[None]) > half).all()
    assert (np.diff(heights) > 2 * half).all()
    assert heights[-1] + half < 100
    assert names["seconds"].nunique() == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_charts_draw_letters_legible_on_the_page(theme: Any) -> None:
    for spec in (time_to_accuracy.spec(theme), gap_chart.spec("epochs", theme), rate_chart.spec("epochs", theme)):
        letters = [
            layer["mark"]["color"]
            for layer in spec["layer"]
            if "color" in layer["mark"] and "text" in str(layer["mark"]["type"])
        ]
        assert set(letters) <= {colors.PAPER[theme], colors.GRAY[theme]}
    for spec in (time_to_accuracy.spec(theme), gap_chart.spec("epochs", theme)):
        assert ("#56B0EA" in str(spec["layer"][-1]["transform"])) is (theme == "dark")


def test_the_gap_is_training_minus_test() -> None:
    found = gap_chart.gaps(curve(frames(ACCURACIES, training=0.95)))
    np.testing.assert_allclose(found["gap"], [0.45, 0.24, 0.15, 0.045], atol=1e-9)
    rows = gap_chart.table([curve(frames(ACCURACIES, training=0.95))], "epochs", 5.0)
    assert rows.loc[rows["part"] == "end", "x"].tolist() == [5.0]
    assert rows.loc[rows["part"] == "label", "label"].tolist() == ["Small +4.5"]


def test_a_change_of_the_rate_is_drawn_where_it_was_made() -> None:
    changed = curve(frames(ACCURACIES, learning_rate=0.1, lr_changes=((40, 0.01), (60, 0.05))))
    told = ["rate 0.1 → 0.01", "rate 0.01 → 0.05"]
    tables = {
        "x": [rate_chart.arrow((changed,), "epochs").to_pandas(), gap_chart.arrow((changed,), "epochs").to_pandas()],
        "epoch": [curve_table.table((changed,), "epochs", 0).to_pandas()],
    }
    for field, drawn in tables.items():
        for table in drawn:
            rules = table[table["part"] == "change"]
            np.testing.assert_allclose(rules[field], [0.8, 1.2])
            assert rules["detail"].tolist() == told
    rules = time_to_accuracy.table([changed]).query("part == 'change'")
    assert (rules["seconds"].tolist(), rules["detail"].tolist()) == ([80.0, 120.0], told)
    earlier = Curve.of(changed.frames, "A", "A", "#0072B2", earlier=True)
    assert "change" not in set(curve_table.table((earlier,), "epochs", 0).to_pandas()["part"])


MEASURED = Measured(
    preset="cifar-70",
    held_out=5_000,
    seeds=3,
    threads=2,
    machine="a <machine>",
    torch="2.14.1",
    date="2026-11-25",
    luck=0.5,
    rows=(
        Row("none", "the preset", 71.0, 0.0, None, 5.0),
        Row("ema", "EMA", 71.4, 0.4, 0.2, 5.5),
        Row("whitening", "no <whitening>", 67.0, -4.0, 0.3, 4.5),
    ),
)


def test_what_each_switch_gives_is_drawn_to_scale() -> None:
    drawn = ablation.table(MEASURED)
    assert drawn.index("no &lt;whitening&gt;") < drawn.index("EMA")  # what costs most comes first
    assert "class='less' style='margin-left: 0.0%; width: 50.0%'" in drawn
    assert "class='more' style='margin-left: 50.0%; width: 5.0%'" in drawn
    assert "−4.0 ± 0.3" in drawn
    assert "× 0.90" in drawn
    untimed = replace(MEASURED, rows=tuple(replace(row, seconds=None) for row in MEASURED.rows))
    assert "time" not in ablation.table(untimed)
    assert "the preset<" not in drawn


def test_the_effect_of_a_switch_has_its_uncertainty() -> None:
    assert ablation.caveat(MEASURED).startswith("Means over 3 seeds each, ± one standard error: differences under")
    once = replace(MEASURED, seeds=1, luck=None)
    assert ablation.caveat(once).startswith("One seed each: small differences may be chance")


def test_every_change_that_the_page_quotes_is_one_that_the_benchmark_measures() -> None:
    script = (Path(__file__).parents[2] / "bench" / "cifar_ablation.py").read_text()
    for name, _ in (change for changes in ablation.EFFECTS.values() for change in changes):
        assert f'"{name}": (' in script


@pytest.mark.parametrize(("rate_", "near"), [(0.055, 0.06), (1e-9, 0.0001), (40.0, 1.0)])
def test_the_suggested_rate_is_the_nearest_step(rate_: float, near: float) -> None:
    assert rate_chart.nearest(training_settings.RATES, rate_) == near


def test_the_notices_compare_the_time_with_the_course_notes() -> None:
    told = frames(ACCURACIES)
    said = " ".join(what_to_notice.sentences(told.run.experiment, {told.run.id: told}, [], REAL))
    assert (
        "90\u202f% test accuracy after **3\u202fmin 20\u202fs** of training alone on the CPU (90.5\u202f% of 10,000 "
        in said
    )
    assert "**Choose by** 89.5\u202f%" in said
    assert "**Only report** 90.5\u202f%" in said
    standin = " ".join(what_to_notice.sentences(told.run.experiment, {told.run.id: told}, [], INFO))
    assert "ourse notes" not in standin


def test_once_a_run_has_begun_nobody_is_told_to_train() -> None:
    told = framed(replace(frames({100: 0.6}).run, state="queued", summary={}), ())
    experiment = told.run.experiment
    assert curve(told).is_empty
    assert not curve(frames({100: 0.6})).is_empty
    assert "Press Train" in what_to_notice.sentences(experiment, {}, [], REAL)[0]
    assert "Press Train" not in what_to_notice.sentences(experiment, {told.run.id: told}, [], REAL)[0]


def test_memorizing_is_reported() -> None:
    told = frames({100: 0.6}, training=0.99)
    said = " ".join(what_to_notice.sentences(told.run.experiment, {told.run.id: told}, [], REAL))
    assert "39 points" in said


def test_guessing_is_called_guessing() -> None:
    told = frames({100: 0.1}, training=0.1)
    assert "guessing" in " ".join(what_to_notice.sentences(told.run.experiment, {told.run.id: told}, [], REAL))


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_ends_in_ten_numbers_and_has_a_name(name: str) -> None:
    title, layers = NETWORKS[name]
    assert link_to_cifar.read(layers)[-1].output_shape == (10,)
    assert (network_picker.name_of(layers), network_picker.title_of(layers)) == (name, title)
    assert name in network_picker.ABOUT


def test_batch_norm_leaves_the_blocks_too() -> None:
    assert ablation_switches.has_norm(RESNET_18)
    assert not ablation_switches.has_norm(network_picker.without_norm(RESNET_18))
    assert BatchNorm() not in network_picker.without_norm(SMALL)


def test_a_link_of_the_layer_calculator_is_read() -> None:
    text = '[[3,32,32],["Flatten"],["Linear",10]]'
    link = "http://localhost:8501/layer_calculator?c_row=2&c_net=" + text.replace('"', "%22")
    assert network_picker.linked(link) == network_picker.linked(text) == text
    assert network_link.decode(network_picker.linked(link)).layers == (Flatten(), Linear(10))


def test_runs_are_named_by_network_and_length() -> None:
    experiment = replace(PRESETS["cifar-80"].experiment, train_images=45_000, epochs=3)
    assert run_titles.title(experiment) == "Mid, 3 epochs of 45,000 pictures"
    assert run_titles.title(replace(experiment, time_budget=60.0)) == "Mid, 1\u202fmin 0\u202fs of 45,000 pictures"
    assert run_titles.standin(REAL) == ""
    assert "not CIFAR-10" in run_titles.standin(INFO)


def test_a_preset_on_a_small_set_holds_a_tenth_out() -> None:
    found = training_settings.on_this_machine(PRESETS["cifar-90"].experiment, INFO)
    assert (found.data, found.held_out, found.train_images) == ("cifar10-standin", 500, 4_500)


def test_calibration_is_judged() -> None:
    sure = calibration([0, 1, 1, 1], np.array([[0.99, 0.01]] * 4))
    assert "overconfident" in quality.verdict(sure)
    modest = calibration([0, 0, 0, 0], np.array([[0.6, 0.4]] * 4))
    assert "underconfident" in quality.verdict(modest)
    assert "40.0 points" in quality.verdict(modest)


@pytest.mark.parametrize(
    ("state", "cell"),
    [
        ({"selection": {"cell": [{"truth": 3, "prediction": 5}]}}, (3, 5)),
        ({"selection": {"cell": {"truth": [3], "prediction": [5]}}}, (3, 5)),
        ({"selection": {"cell": []}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_clicked_cell_is_read(state: Any, cell: Any) -> None:
    assert mistakes.clicked(state) == cell


def test_a_map_is_painted_from_its_least_to_its_most() -> None:
    painted = gradcam.painted(np.array([[0.0, 1.0], [2.0, 4.0]], np.float32))
    assert painted[0, 0].tolist() == [0x44, 0x01, 0x54]  # viridis' ends
    assert painted[1, 1].tolist() == [0xFD, 0xE7, 0x25]
    flat = gradcam.overlay(np.zeros((32, 32, 3), np.uint8), np.array([[3.0]], np.float32))
    assert len(np.unique(flat.reshape(-1, 3), axis=0)) == 1  # a map of one number is one flat color


def test_layers_to_look_from_are_those_that_the_next_ones_see() -> None:
    rows = link_to_cifar.read(SMALL)
    found = gradcam.layers(rows, [place for place, row in enumerate(rows) if len(row.output_shape) == 3])
    assert [rows[place].output_shape[1:] for place in found] == [(15, 15), (7, 7), (3, 3), (1, 1), (1, 1)]
    assert list(found.values())[-1] == "15: global pooling, 1 × 1"


def test_sixteen_pictures_say_what_they_are_taken_for() -> None:
    shown, labels = progress_detail.watched("cifar10-standin")
    answers = np.eye(10)[(labels + 1) % 10]
    html = progress_detail.gallery(shown, labels, answers, INFO.classes)
    assert html.count("<img") == 16
    assert html.count("<br>not ") == 16
    assert f"not {INFO.classes[labels[0]]}" in html


def test_filters_are_gray_at_zero() -> None:
    html = progress_detail.filters_html(np.zeros((5, 3, 4, 4), np.float32))
    assert html.count("<img") == 5
