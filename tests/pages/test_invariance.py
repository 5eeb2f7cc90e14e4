"""The invariance page over networks whose predictions the test decides."""

import base64
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.insight.pretrained import network
from core.runs.inference_client import decode_array
from core.runs.measurement_cache import MeasurementCache
from core.training.augmentation.pipeline import random_affine
from core.ui.backend import client
from core.ui.components import drawing_pad
from core.ui.components.transform_stage.state import LABELS
from core.ui.display import colors, numbers, output_names
from core.ui.views.invariance import (
    augmentation_experiment,
    charts,
    networks,
    queries,
    robustness,
)
from core.ui.widgets import progressive
from tests.pages.answering import FakeInference
from tests.pages.reading import set_state, words

COUNT = 200
OpenPage = Callable[..., AppTest]


@pytest.fixture
def inference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: object) -> FakeInference:
    fake = FakeInference(tmp_path)
    monkeypatch.setattr(client, "inference", lambda: fake)
    kept = MeasurementCache(tmp_path)
    monkeypatch.setattr(client, "measures", lambda: kept)
    monkeypatch.setattr(progressive, "CHUNK_SECONDS", 60.0)  # AppTest has no ticks
    return fake


def told(app: AppTest) -> str:
    text: str = app.get("progress")[0].proto.text
    return text.replace(numbers.SPACE, " ")


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html")).replace(numbers.SPACE, " ")


def stage(app: AppTest) -> dict[str, Any]:
    """What the stage is given."""
    found = [e.proto for e in app.get("bidi_component") if e.proto.component_name.endswith("transform_stage")]
    data: dict[str, Any] = json.loads(found[0].json)
    return data


def linked(app: AppTest, key: str) -> str:
    """What the URL holds."""
    value = app.query_params[key]
    return value if isinstance(value, str) else value[-1]


def outputs_of(block: str, classes: int = 10) -> np.ndarray:
    return np.frombuffer(base64.b64decode(block), "<f4").reshape(-1, classes)


def test_every_network_answers_now_and_over_the_range(inference: FakeInference, open_page: OpenPage) -> None:
    app = open_page("invariance", i_tab="affnist", i_dx="4")
    given = stage(app)
    assert [net["name"] for net in given["networks"]] == [role.name for role in networks.DIGITS.values()]
    assert [net["lengths"] for net in given["networks"]] == [False] * 4 + [True]
    answers, truth = given["answers"], given["truth"]
    assert answers["transform"] == [4, 0, 0, 1, 0, 0]
    now = [int(outputs_of(block)[0].argmax()) for block in answers["moved"]]
    assert [said == truth for said in now] == [False, True, True, True, False]  # the MLP and the capsules have lost it
    assert all(outputs_of(block)[0].argmax() == truth for block in answers["unchanged"])
    reads = [
        [value for value, row in zip(answers["values"], outputs_of(block), strict=True) if row.argmax() == truth]
        for block in answers["strip"]
    ]
    assert [(shifts[0], shifts[-1]) for shifts in reads[:3]] == [(-2, 2), (-4, 4), (-8, 8)]
    assert words(app).count(output_names.LENGTHS_NOTE) == 1


def test_the_picture_does_not_wait_for_networks_that_start(inference: FakeInference, open_page: OpenPage) -> None:
    inference.is_ready = False
    given = stage(open_page("invariance", i_tab="training"))
    assert given["waits"]
    assert given["answers"] is None
    assert not [question for question, _ in inference.questions if question == "transformed"]


def test_another_digit_is_picked_by_looking(inference: FakeInference, open_page: OpenPage) -> None:
    app = open_page("invariance", i_tab="affnist")
    before = stage(app)
    set_state(app, i_digit=13)
    assert linked(app, "i_digit") == "13"
    after = stage(app)
    assert after["picture"] != before["picture"]
    assert after["answers"]["about"] != before["answers"]["about"]


@pytest.mark.parametrize(("name", "value"), [("dy", 3), ("rotate", 30), ("scale", 1.5), ("shear", 20), ("blur", 1.0)])
def test_a_link_holds_the_transform_and_the_range(
    inference: FakeInference, open_page: OpenPage, name: str, value: float
) -> None:
    app = open_page("invariance", **{"i_tab": "affnist", f"i_{name}": str(value), "i_along": name})
    assert linked(app, f"i_{name}") == f"{value:g}"
    place = list(LABELS).index(name)
    asked = [values["moves"] for question, values in inference.questions if question == "transformed"]
    assert [move[place] for move in asked[0]] == stage(app)["answers"]["values"]
    assert stage(app)["answers"]["transform"][place] == value
    assert len(asked) == 1  # the strip holds the picture unchanged, and as it was moved


def test_the_table_gives_the_loss_at_each_shift(inference: FakeInference, open_page: OpenPage) -> None:
    app = open_page("invariance", i_count=str(COUNT))
    table = app.dataframe[0].value.set_index("Network")
    assert table.loc["MLP", "Lost at 2 px"] == "0.0 (0.0 to 0.0)"
    assert table.loc["MLP", "Lost at 4 px"] == "100.0 (100.0 to 100.0)"
    assert table.loc["CNN", "Lost at 4 px"] == "0.0 (0.0 to 0.0)"
    assert table.loc["CNN with augmentation", "Lost at 8 px"] == "0.0 (0.0 to 0.0)"
    assert table.loc["MLP", "Lost at 4 px, of 10,000"].startswith("61.2")
    assert len(app.get("vega_lite_chart")) == 5
    parts = [values for question, values in inference.questions if question == "shift_map"]
    assert len(parts) == 5 * 4  # 50 digits each, each asked once, whatever was drawn how often
    queries.map_part.clear()  # as another process has it
    app.run()
    again = [values for question, values in inference.questions if question == "shift_map"]
    assert again == parts  # from the home
    assert app.dataframe[0].value.set_index("Network").equals(table)


def test_what_is_known_is_drawn_while_the_rest_is_on_its_way(
    inference: FakeInference, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progressive, "CHUNK_SECONDS", 0.0)
    app = open_page("invariance", i_count=str(COUNT))
    assert {values["part"] for question, values in inference.questions if question == "shift_map"} == {0}
    assert len(app.get("vega_lite_chart")) == 5
    assert told(app) == "0 of 200 digits measured"
    assert not app.dataframe
    app.run()
    assert told(app) == "50 of 200 digits measured"
    assert {values["part"] for question, values in inference.questions if question == "shift_map"} == {0, 1}


@pytest.mark.parametrize("measure", [name for name in robustness.TRANSFORMS if name != robustness.SHIFT])
def test_curves(inference: FakeInference, open_page: OpenPage, measure: str) -> None:
    app = open_page("invariance", i_count=str(COUNT), i_measure=measure)
    assert len(app.get("vega_lite_chart")) == 1
    assert not app.error


def test_consistency(inference: FakeInference, open_page: OpenPage) -> None:
    app = open_page("invariance", i_tab="consistency", i_count=str(COUNT))
    table = app.dataframe[0].value.set_index("Network")
    assert table.loc["CNN with augmentation", "Within 8 px"].startswith("100.0")
    assert table.loc["MLP", "Within 2 px"].startswith("100.0")
    assert not table.loc["MLP", "Within 4 px"].startswith("100.0")


def test_planes_move_or_hold_still(inference: FakeInference, open_page: OpenPage) -> None:
    app = open_page("invariance", i_tab="equivariance")
    assert "Convolution 1" in html(app)
    app.selectbox(key="i_network").set_value("mnist-cnn-blur").run()
    app.slider(key="i_filter").set_value(3).run()
    table = app.dataframe[0].value
    assert "Blur 1" in list(table["Layer"])
    assert "plane 3" in html(app)
    app.selectbox(key="i_network").set_value("mnist-capsule").run()
    table = app.dataframe[0].value
    assert list(table["Layer"]) == ["Convolution 1", "Primary capsules 1", "Routed capsules 1", "Their lengths"]
    assert list(table["Size"])[1:] == ["128 capsules of 8", "10 capsules of 16", "10 units"]


def test_the_experiment_trains_every_strength_once(inference: FakeInference, open_page: OpenPage, service: Any) -> None:
    app = open_page("invariance", i_tab="training")
    service.state = "running"
    app.button(key="i_train").click().run()
    assert len(service.runs) == 8
    experiments = [run.experiment for run in service.runs.values()]
    assert {one.augmentation for one in experiments} == {
        random_affine(shift=2 * k, rotate=10 * k, scale=0.1 * k) for k in augmentation_experiment.STRENGTHS
    }
    table = app.dataframe[0].value
    assert list(table["Network"]) == [
        f"{kind} {k}" for kind in ("CNN", "MLP") for k in augmentation_experiment.STRENGTHS
    ]
    assert len(app.get("vega_lite_chart")) == 1
    app.button(key="i_stop").click().run()
    assert {run.state for run in service.runs.values()} == {"stopped"}


def test_affnist_beside_what_was_published(inference: FakeInference, open_page: OpenPage) -> None:
    app = open_page("invariance", i_tab="affnist")
    table = app.dataframe[0].value.set_index("Network")
    assert table.loc["CNN", "Shifted"].startswith("100.0")
    assert table.loc["CNN", "Like affNIST"].startswith("75.0")
    assert table.loc[colors.CAPSULES.name, "Like affNIST"].startswith("75.0")
    assert table.loc["CapsNet", "Like affNIST"] == "79 %"
    assert table.loc["CNN, the paper's baseline", "Like affNIST"] == "66 %"


def test_a_run_of_the_store_is_compared(inference: FakeInference, open_page: OpenPage, service: Any) -> None:
    arm = augmentation_experiment.trials("CNN", "mnist-5k", 2000, 1, 0)[0]
    service.put(arm.experiment, "finished", "me")
    service.recent = lambda limit=50: list(service.runs.values())
    app = open_page("invariance", i_tab="affnist")
    app.selectbox(key="i_run").set_value(arm.experiment.key).run()
    assert networks.run_title(service.runs[arm.experiment.key]) in [net["name"] for net in stage(app)["networks"]]


def a_picture(size: tuple[int, int] = (90, 60)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(file, "PNG")
    return file.getvalue()


def test_a_picture_of_ones_own_is_asked_of_the_network_that_learned_cifar10(
    inference: FakeInference, open_page: OpenPage
) -> None:
    app = open_page("invariance", i_take="own", i_tab="equivariance")
    assert app.file_uploader[0].label == "Your picture"
    app.file_uploader[0].set_value(("mine.png", a_picture(), "image/png")).run()
    asked_last = [values for question, values in inference.questions if question == "transformed"][-1]
    assert [Path(file).name for file in asked_last["networks"]] == ["cifar-cnn"]
    assert decode_array(asked_last["picture"]).shape == (3, 32, 32)
    assert (decode_array(asked_last["picture"]) == np.array([200, 30, 60]).reshape(3, 1, 1)).all()
    given = stage(app)
    assert given["truth"] is None  # nobody knows what is right
    assert given["classes"][int(outputs_of(given["answers"]["moved"][0])[0].argmax())] == "airplane"
    assert "Convolution 1" in html(app)
    assert not app.dataframe  # no test set behind it
    assert not app.exception


def test_a_digit_of_ones_own_is_asked_of_the_networks_for_digits(
    inference: FakeInference, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = stage(open_page("invariance", i_take="draw", i_tab="training"))
    assert given["title"].endswith("until you draw a digit")
    monkeypatch.setattr(drawing_pad, "drawn_digit", lambda *_: np.full((28, 28), 7, np.uint8))
    given = stage(open_page("invariance", i_take="draw", i_tab="training"))
    assert given["truth"] is None
    assert given["picture"]["shape"] == [1, 28, 28]
    assert set(base64.b64decode(given["picture"]["base64"])) == {7}
    assert len(given["networks"]) == len(networks.DIGITS)


def test_without_cifar10_itself_its_network_has_no_test_set(inference: FakeInference, open_page: OpenPage) -> None:
    for tab in ("robustness", "consistency"):
        app = open_page("invariance", i_take="own", i_tab=tab)
        assert "needs the whole of CIFAR-10" in app.info[0].value


def test_a_file_that_is_no_picture_is_a_sentence(inference: FakeInference, open_page: OpenPage) -> None:
    app = open_page("invariance", i_take="own", i_tab="affnist")
    app.file_uploader[0].set_value(("mine.png", b"not a picture", "image/png")).run()
    assert len(app.error) == 1
    assert not app.exception
    assert stage(app)["title"].startswith("The app's cat")  # it stands in


def test_pictures_that_stand_in_are_asked_of_runs_that_learned_them(
    inference: FakeInference, open_page: OpenPage, service: Any
) -> None:
    app = open_page("invariance", i_take="picture", i_count=str(COUNT))
    assert len(app.info) == 2  # no network knows these pictures: nothing to show, nothing to measure
    experiment = replace(network("cifar-cnn").experiment, data="cifar10-standin")
    service.put(experiment, "finished", "me")
    service.recent = lambda limit=50: list(service.runs.values())
    app.run()
    app.selectbox(key="i_cifar_run").set_value(experiment.key).run()
    assert not app.info
    assert "triangle" in stage(app)["classes"]
    table = app.dataframe[0].value
    assert list(table["Lost at 2 px"]) == ["0.0 (0.0 to 0.0)"]
    assert list(table["Lost at 4 px"]) == ["100.0 (100.0 to 100.0)"]
    assert {values["dataset"] for question, values in inference.questions if question == "shift_map"} == {
        "cifar10-standin"
    }
    set_state(app, i_picture=2)
    assert linked(app, "i_picture") == "2"
    assert not app.exception


def test_a_question_without_an_answer_is_a_sentence(inference: FakeInference, open_page: OpenPage) -> None:
    inference.refused = "There was no answer within 60 seconds. Try again."
    app = open_page("invariance", i_count=str(COUNT))
    assert [error.value for error in app.error][:1] == [inference.refused]


def test_heat_map_rows_are_in_percent_with_intervals() -> None:
    labels = np.arange(10)
    shares = robustness.shares(np.broadcast_to(labels, (17, 17, 10)).astype(np.uint8), labels)
    table = charts.rows(shares)
    assert len(table) == 17 * 17
    assert robustness.shares(np.empty((17, 17, 0), np.uint8), labels[:0]) == {}
    assert set(table["value"]) == {100.0}
    assert table["Interval"][0].endswith("100.0\u202f%")


@pytest.mark.parametrize("tab", ["robustness", "consistency", "equivariance", "training", "affnist"])
def test_figures_of_a_stand_in_say_so(
    inference: FakeInference, open_page: OpenPage, service: Any, tab: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(augmentation_experiment, "curves", lambda *_: ([charts.Line("CNN 0", "#000000", [])], False))
    if tab == "training":
        for arm in augmentation_experiment.trials("Both", "mnist-5k", 4_000, 2, 0):
            service.put(arm.experiment, "finished", "me")
    app = open_page("invariance", i_tab=tab, i_count=str(COUNT))
    captions = " ".join(caption.value for caption in app.caption)
    assert "5,000 of MNIST's 70,000 digits for now" in captions
    assert captions.count("Measured on the 1,000 of MNIST's test digits that come with the app") == 1


@pytest.mark.parametrize("measure", ["shift", "rotate"])
def test_generated_pictures_are_named_beside_what_was_measured(
    inference: FakeInference, open_page: OpenPage, service: Any, measure: str
) -> None:
    experiment = replace(network("cifar-cnn").experiment, data="cifar10-standin")
    service.put(experiment, "finished", "me")
    service.recent = lambda limit=50: list(service.runs.values())
    app = open_page("invariance", i_take="picture", i_count=str(COUNT), i_measure=measure)
    app.selectbox(key="i_cifar_run").set_value(experiment.key).run()
    captions = " ".join(caption.value for caption in app.caption)
    assert "**Not CIFAR-10:** generated pictures" in captions
    assert "these figures say nothing about it" in captions


def test_runs_on_the_whole_of_mnist_and_on_a_part_of_it_are_kept_apart(
    inference: FakeInference, open_page: OpenPage, service: Any
) -> None:
    runs = {name: replace(network("mnist-cnn").experiment, data=name) for name in ("mnist", "mnist-5k", "mnist-5k@1")}
    for experiment in runs.values():
        service.put(experiment, "finished", "me")
    service.recent = lambda limit=50: list(service.runs.values())
    offered = open_page("invariance").selectbox(key="i_run").options
    assert [option for option in offered if runs["mnist-5k"].key[:4] in option]
    assert len(offered) == 2  # none, and the run on the data that are here
