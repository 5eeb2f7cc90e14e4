"""The page "What happens inside a whole network?": every network and layer, every control, links, also damaged ones."""

import base64
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from streamlit.testing.v1 import AppTest

from core import data
from core.insight import activations
from core.insight.loaded_network import load
from core.insight.pretrained import PRETRAINED, network
from core.layers.specs import (
    Activation,
    BatchNorm,
    BlurPool,
    Conv,
    Dropout,
    Flatten,
    GlobalPool,
    Linear,
    Network,
    Residual,
)
from core.nets.network import build
from core.runs import inference_server, run_files
from core.runs.inference_client import InferenceError, decode_array
from core.runs.query_checks import QueryError
from core.runs.run import FINISHED, StoreUnavailable
from core.training.experiment import Experiment
from core.ui.backend import client
from core.ui.views.anatomy import layer_planes

OpenPage = Callable[..., AppTest]
CNN, CIFAR = "CNN on MNIST", "CNN on CIFAR-10"
TABS = ("filters", "top", "random", "prediction", "attention", "3d")


class Answering:
    """The questions of `core.runs.inference_server`, answered in this process."""

    def __init__(self, runs: Path) -> None:
        self.runs, self.asked = runs, []
        self.trouble: str | None = None

    def warm_up(self) -> None:
        pass

    def file(self, name: str) -> str:
        return str(network(name).file if name in PRETRAINED else self.runs / run_files.WEIGHTS)

    def adopt(self, content: bytes, about: str, dataset: str) -> dict[str, Any]:
        source = self.runs / "sent"
        source.write_bytes(content)
        target = str(self.runs / run_files.WEIGHTS)
        return {
            "name": "own-" + 32 * "0",
            **self.query("adopt", source=str(source), about=about, dataset=dataset, target=target),
        }

    def query(self, question: str, **values: Any) -> Any:
        if self.trouble:
            raise InferenceError(self.trouble)
        self.asked.append((question, values))
        try:
            return json.loads(json.dumps(inference_server.QUERIES[question](**values)))
        except QueryError as error:
            raise InferenceError(str(error)) from error


@pytest.fixture(autouse=True)
def answering(service: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Answering:
    service.recent = lambda limit=50: list(service.runs.values())
    fake = Answering(tmp_path)
    monkeypatch.setattr(client, "inference", lambda: fake)
    return fake


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "html", "info", "error", "warning", "latex")
    said = " ".join(str(getattr(e, "value", None) or e.proto.body) for kind in kinds for e in app.get(kind))
    return said.replace("\u00a0", " ")


def stages(app: AppTest) -> list[dict[str, Any]]:
    """Return what the page gives to the component that draws the network: nothing without a network."""
    found = [e for e in app.get("bidi_component") if e.proto.component_name == "cnn_lab.network_stage"]
    return [json.loads(element.proto.json) for element in found]


def stage(app: AppTest) -> dict[str, Any]:
    (only,) = stages(app)
    return only


def given(app: AppTest) -> dict[str, Any]:
    """Return what it gives of the chosen layer's planes."""
    return stage(app)["planes"]


def unpacked(block: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(block["base64"]), "<f4").reshape(block["shape"])


def test_fresh(open_page: OpenPage) -> None:
    app = open_page("anatomy")
    assert not app.error
    assert app.title[0].value == "What happens inside a whole network?"
    shown, whole = given(app), stage(app)
    sentence = whole["sentence"].replace("\u00a0", " ")
    assert "16 filters of 1 × 3 × 3" in sentence
    assert "16 planes of 26 × 26, for 160 parameters" in sentence
    assert f"{100 * network('mnist-cnn').accuracy:.2f}" in words(app)
    assert whole["answers"]["shown"] == list(range(10))
    assert shown["planes"]["shape"] == [16, 26, 26]
    assert shown["name"] == "Layer 1, conv 3 × 3"
    assert whole["selected"] == 1
    assert [layer["title"] for layer in whole["layers"]][:5] == ["picture", "conv 3 × 3", "max 2 × 2", "norm", "ReLU"]
    assert [layer["block"] for layer in whole["layers"] if layer["block"]] == [
        *("block 1", "block 2", "list", "dense", "dense")
    ]
    assert whole["layers"][-1]["size"] == "10 units"
    assert not {key for key in app.query_params if key.startswith("n_")}


WIDE = [name for name in PRETRAINED if network(name).experiment.data == "mnist-40"]  # made of the whole of MNIST


@pytest.mark.parametrize("name", WIDE)
def test_without_its_pictures_a_network_of_the_app_says_so(open_page: OpenPage, name: str) -> None:
    app = open_page("anatomy")
    app.selectbox(key="n_network").set_value(name).run()
    assert not app.exception
    assert "not available on this machine" in " ".join(error.value for error in app.error)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.realdata if name in WIDE else ()) for name in PRETRAINED]
)
def test_every_layer_of_every_network_that_comes_with_the_app(
    open_page: OpenPage, name: str, request: pytest.FixtureRequest
) -> None:
    """The planes that reach the browser are torch's, and so is what it sums up; tests/browser tests the sums."""
    if name in WIDE:
        request.getfixturevalue("whole_data")
    app = open_page("anatomy")
    app.selectbox(key="n_network").set_value(name).run()
    loaded = load(network(name).file)
    picture = np.array(data.load(loaded.experiment.data).test_images[0])
    outputs = activations.outputs(loaded, picture)
    for layer, spec in enumerate(loaded.experiment.layers, 1):
        app.query_params["n_layer"] = str(layer)
        app.run()
        assert not app.exception
        assert not app.error
        shown = given(app)
        assert stage(app)["selected"] == layer
        found = unpacked(shown["planes"])
        in_sight = outputs[layer] if outputs[layer].ndim == 1 else outputs[layer][: layer_planes.PAGE_SIZE]
        np.testing.assert_array_equal(found.reshape(in_sight.shape), in_sight)
        source = shown["source"]
        np.testing.assert_array_equal(unpacked(source["input"]).reshape(outputs[layer - 1].shape), outputs[layer - 1])
        assert source["made"]["kind"] != "each"  # all of these have an arithmetic to tell
        assert (source["weights"] is not None) == isinstance(spec, Linear | Conv)


def picked(app: AppTest, **values: Any) -> AppTest:
    """Pick a picture as the strip does."""
    for key, value in values.items():
        app.session_state[key] = value
    return app.run()


def own_pictures(app: AppTest) -> list[str]:
    """Return the ways to bring a picture that the strip offers."""
    (strip,) = [e for e in app.get("bidi_component") if e.proto.component_name == "cnn_lab.picture_strip"]
    return [way["value"] for way in json.loads(strip.proto.json)["own"]]


def test_pictures(open_page: OpenPage) -> None:
    app = open_page("anatomy")
    first = given(app)["picture"]
    picked(app, n_image=3)
    assert app.query_params["n_image"] in ("3", ["3"])
    assert stage(app)["sentence"].startswith("It predicts ")  # the last change was another picture
    app.query_params["n_layer"] = "4"
    app.run()
    assert stage(app)["sentence"].startswith("ReLU sets values below 0 to 0")
    assert given(app)["picture"]["base64"] != first["base64"]
    for source in ("cat", "camera", "checkerboard"):
        picked(app, n_picture=source)
        assert not app.exception
        assert given(app)["picture"]["shape"] == [1, 28, 28]
    assert "it always predicts one of its classes" in stage(app)["sentence"]
    app.selectbox(key="n_network").set_value("cifar-cnn").run()
    assert given(app)["picture"]["shape"] == [3, 32, 32]


def test_drawing_is_offered_where_the_network_reads_digits(open_page: OpenPage) -> None:
    app = open_page("anatomy")
    assert own_pictures(app) == ["draw", "upload"]
    picked(app, n_picture="draw")
    assert not app.exception
    assert given(app)["alt"].startswith("Empty")
    assert not answered(app)
    app.selectbox(key="n_network").set_value("cifar-cnn").run()
    assert not app.exception
    assert own_pictures(app) == ["upload"]


@pytest.mark.parametrize("name", ["mnist-cnn", "mnist-capsule", "cifar-cnn"])
@pytest.mark.parametrize("tab", TABS)
def test_before_a_picture_is_given_nothing_is_answered(open_page: OpenPage, name: str, tab: str) -> None:
    app = open_page("anatomy", n_picture="upload", n_network=name, n_tab=tab)
    assert not app.exception
    assert given(app)["alt"].startswith("Empty")
    assert not answered(app)
    app.query_params["n_layer"] = str(len(network(name).experiment.layers))
    app.run()
    assert given(app)["selected"] == 0


def answered(app: AppTest) -> bool:
    """Return whether the page names a class as the network's answer."""
    return bool(re.search("It predicts|<tr class=.?best", words(app))) or any(one["answers"] for one in stages(app))


def png(gray: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(gray).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(("dark_on_light", "name"), [(True, "mnist-cnn"), (False, "mnist-cnn"), (True, "mnist-mlp")])
def test_an_uploaded_digit_is_read_as_mnist_has_it(open_page: OpenPage, dark_on_light: bool, name: str) -> None:
    digit = np.array(data.load("mnist-5k").test_images[0, 0])
    large = np.pad(digit.repeat(5, 0).repeat(5, 1), ((20, 200), (150, 10)))
    app = open_page("anatomy", n_picture="upload", n_network=name, n_layer=str(len(network(name).experiment.layers)))
    sent = png(255 - large if dark_on_light else large)
    app.file_uploader[0].set_value(("digit.png", sent, "image/png")).run()
    assert not app.error
    assert answered(app)
    shown = np.frombuffer(base64.b64decode(given(app)["picture"]["base64"]), np.uint8).reshape(28, 28)
    assert np.abs(shown.astype(int) - digit).max() <= 26  # what is fainter than a tenth of the ink is paper
    assert ("is inverted" in words(app)) == dark_on_light
    assert given(app)["selected"] == int(unpacked(given(app)["planes"]).argmax())
    app.toggle(key="n_as_mnist").set_value(False).run()
    given_as_is = np.frombuffer(base64.b64decode(given(app)["picture"]["base64"]), np.uint8)
    assert (np.median(given_as_is) > 128) == dark_on_light


def test_an_upload_without_a_digit_is_said_and_not_answered(open_page: OpenPage) -> None:
    app = open_page("anatomy", n_picture="upload")
    app.file_uploader[0].set_value(("white.png", png(np.full((50, 60), 255, np.uint8)), "image/png")).run()
    assert "no digit" in app.error[0].value
    assert not answered(app)


def test_the_colors_scale(open_page: OpenPage) -> None:
    app = open_page("anatomy", n_layer="5")
    every = given(app)["limits"]
    assert len(set(every)) > 10
    app.segmented_control(key="n_scale").set_value("layer").run()
    layer = set(given(app)["limits"])
    assert layer == {max(every)}
    app.segmented_control(key="n_scale").set_value("network").run()
    assert set(given(app)["limits"]) > layer or max(given(app)["limits"]) >= max(every)
    assert len(set(given(app)["limits"])) == 1


def test_random_weights(open_page: OpenPage) -> None:
    app = open_page("anatomy")
    trained = given(app)["planes"]["base64"]
    app.segmented_control(key="n_weights").set_value("random").run()
    assert "a guess, where chance is 10" in stage(app)["sentence"].replace("\u00a0", " ")  # it answers the last move
    zero = given(app)["planes"]["base64"]
    app.number_input(key="n_seed").set_value(5).run()
    five = given(app)["planes"]["base64"]
    assert len({trained, zero, five}) == 3
    app.number_input(key="n_seed").set_value(0).run()
    assert given(app)["planes"]["base64"] == zero


@pytest.mark.parametrize("name", [CNN, CIFAR, "MLP on MNIST"])
@pytest.mark.parametrize("tab", TABS)
def test_every_tab(open_page: OpenPage, name: str, tab: str) -> None:
    app = open_page("anatomy", n_network=name, n_tab=tab, n_plane="4")
    assert not app.error
    said = words(app)
    match tab:
        case "3d":
            assert "Height and width are to scale" in said
        case "attention":
            assert ("Grad-CAM needs a layer" if "MLP" in name else "weighted by its gradient") in said
        case "filters":
            assert "4 is selected above" in said
        case "top":
            assert re.search(r"the 9 that activate (plane|unit) 4 of layer \d most", said)
            assert said.count("<figure>") == 9
        case "random":
            assert "Random, seed 0" in said
            assert said.count("It predicts") == 3  # in the notice, trained, random
        case "prediction":
            assert r"\sum_k e^{z_k}" in said


def test_gradcam_of_another_class(open_page: OpenPage, answering: Answering) -> None:
    app = open_page("anatomy", n_tab="attention", n_target="4")
    assert not app.error
    assert [values["answer"] for asked, values in answering.asked if asked == "attention"] == [3]
    assert 'alt="Grad-CAM for 3"' in words(app)


def test_filters_of_the_layers_that_pass_on_planes(open_page: OpenPage) -> None:
    app = open_page("anatomy", n_layer="8", n_tab="filters")
    assert "the filters of layer 5" in words(app)
    app.query_params["n_layer"] = "9"
    app.run()
    assert "does not come from filters" in words(app)


def test_top_activations_of_an_output_are_of_its_class(open_page: OpenPage) -> None:
    app = open_page("anatomy", n_layer="12", n_plane="4", n_tab="top")
    assert "9 of the 9 are of one class: 3" in words(app)


def random_run(service: Any, folder: Path, layers: tuple, seed: int = 0) -> Experiment:
    """A finished run of the store whose network has not learned anything."""
    experiment = Experiment(layers=layers, data="mnist-5k", train_images=4000, seed=seed)
    torch.manual_seed(seed)
    about = {"experiment": experiment.to_json(), "shape": [1, 28, 28], "mean": [0.13], "std": [0.31]}
    tensors = build(layers, (1, 28, 28)).state_dict()
    save_file(tensors, folder / run_files.WEIGHTS, {key: json.dumps(value) for key, value in about.items()})
    service.put(experiment, FINISHED, "me")
    return experiment


def test_a_run_of_the_store_with_many_planes_and_a_block(open_page: OpenPage, service: Any, tmp_path: Path) -> None:
    block = Residual((Conv(100, 3, padding=1), BatchNorm()))
    layers = (
        Conv(100, 5, stride=3),
        block,
        Activation(),
        BlurPool(3, 2),
        GlobalPool(),
        Flatten(),
        Linear(10),
        Activation("softmax"),
    )
    run = random_run(service, tmp_path, layers)
    app = open_page("anatomy")
    app.selectbox(key="n_network").set_value(run.key).run()
    assert not app.error
    assert given(app)["planes"]["shape"] == [layer_planes.PAGE_SIZE, 8, 8]
    app.number_input(key="n_page").set_value(2).run()
    shown = given(app)
    assert (shown["first"], shown["total"]) == (layer_planes.PAGE_SIZE, 100)
    weights, biases = shown["source"]["weights"], shown["source"]["biases"]
    assert shown["planes"]["shape"][0] == len(unpacked(weights)) == len(biases) == 36
    for layer in range(2, 9):
        app.query_params["n_layer"] = str(layer)
        app.run()
        if layer == 2:
            through, past = given(app)["source"]["ways"]
            assert (through["name"], [step["name"] for step in through["steps"]]) == ("conv 3 × 3", ["norm"])
            assert (past["made"]["kind"], past["steps"]) == ("same", [])
        assert not app.exception
        assert not app.error
    (title,) = [one for one in app.selectbox(key="n_network").options if one.endswith(f"run {run.key[:6]}")]
    for tab in TABS:
        app = open_page("anatomy", n_network=title, n_tab=tab)
        assert app.selectbox(key="n_network").value == run.key
        assert not app.error
    app = open_page("anatomy", n_network=title, n_tab="filters", n_layer="2")
    assert "adds the outputs of two branches" in words(app)


@pytest.mark.parametrize("tail", [(), (Activation("softmax"),), (Activation("softmax"), Dropout(0.5))])
def test_the_answer_is_one_softmax_of_the_logits(
    open_page: OpenPage, service: Any, answering: Answering, tmp_path: Path, tail: Network
) -> None:
    """The page computes from the logits whether the network has a softmax of its own or not, and shows that layer."""
    run = random_run(service, tmp_path, (Conv(4, 5, stride=3), Flatten(), Linear(10), *tail))
    (title,) = [one for one in open_page("anatomy").selectbox(key="n_network").options if run.key[:6] in one]
    app = open_page("anatomy", n_network=title, n_tab="prediction")
    assert ("ends in a softmax layer, layer 4" in words(app)) == bool(tail)
    assert ("softmax" in [layer["title"] for layer in stage(app)["layers"]]) == bool(tail)
    picture = next(decode_array(values["image"]) for asked, values in answering.asked[::-1] if asked == "outputs")
    loaded = load(tmp_path / run_files.WEIGHTS)
    own = loaded.network(loaded.prepared(picture[None].copy()).float())[0].detach()
    (certainty,) = re.findall(r"= (0\.\d{4})\b", words(app))
    assert float(certainty) == pytest.approx(float((own if tail else own.softmax(dim=0)).max()), abs=1e-4)


def test_names_of_classes_are_no_markup(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's own data bring the names of their classes."""
    whole = data.info("mnist")
    names = tuple(f"<b>{digit}</b> [x](y)" for digit in whole.classes)
    monkeypatch.setattr(data, "info", lambda name: replace(whole, classes=names))
    for tab in ("filters", "prediction"):
        app = open_page("anatomy", n_layer="12", n_tab=tab, n_network=CNN)
        said = [str(e.proto.body) for e in app.get("html")] + [e.value for e in app.caption if "It predicts" in e.value]
        assert said
        assert not any("<b>7</b> [x](y)" in one for one in said)


def test_runs_that_cannot_be_shown_are_not_offered(open_page: OpenPage, service: Any) -> None:
    cnn = network("mnist-cnn").experiment
    service.put(replace(cnn, seed=9), "running", "me")
    service.put(replace(cnn, data="pets@01234567"), FINISHED, "me")
    assert len(open_page("anatomy").selectbox(key="n_network").options) == len(PRETRAINED)


def test_shuffled_pixels_are_shown_as_the_network_sees_them(open_page: OpenPage, service: Any, tmp_path: Path) -> None:
    run = replace(network("mnist-cnn").experiment, shuffle_pixels=True)
    shutil.copy(network("mnist-cnn").file, tmp_path / run_files.WEIGHTS)
    service.put(run, FINISHED, "me")
    app = open_page("anatomy")
    before = base64.b64decode(given(app)["picture"]["base64"])
    app.selectbox(key="n_network").set_value(run.key).run()
    after = base64.b64decode(given(app)["picture"]["base64"])
    assert before != after
    assert sorted(before) == sorted(after)


def test_what_cannot_be_asked_or_read_is_said(open_page: OpenPage, service: Any, answering: Answering) -> None:
    def recent(limit: int = 50) -> list[Any]:
        raise StoreUnavailable("The disk is full.")

    service.recent = recent
    answering.trouble = "There was no answer within 60 seconds. Try again."
    app = open_page("anatomy")
    assert app.error[0].value == answering.trouble
    assert len(app.selectbox(key="n_network").options) == len(PRETRAINED)


@pytest.mark.parametrize(
    "parameters",
    [
        {
            **{"n_network": "../../etc/passwd", "n_layer": "99", "n_plane": "17", "n_page": "40", "n_tab": "none"},
            **{"n_image": "99999999", "n_seed": "x", "n_weights": "y", "n_picture": "nothing", "n_scale": "largest"},
        },
        {"n_layer": "-1", "n_plane": "<script>"},
        {"n_layer": "9" * 5000},
    ],
)
def test_a_damaged_link_shows_the_page(open_page: OpenPage, parameters: dict[str, str]) -> None:
    app = open_page("anatomy", **parameters)
    assert not app.error
    assert given(app)["name"] == "Layer 1, conv 3 × 3"
    middle = unpacked(given(app)["planes"])[:, 6:20, 6:20]
    assert given(app)["selected"] == middle.max(axis=(1, 2)).argmax()


def test_figures_of_the_digits_that_come_with_the_app_say_so(open_page: OpenPage, service: Any, tmp_path: Path) -> None:
    caveat = "Measured on the 1,000 of MNIST's test digits that come with the app"
    shipped = words(open_page("anatomy", n_network=CNN))
    assert "5,000 of MNIST's 70,000 digits for now" in shipped
    assert caveat not in shipped  # its accuracy is of the whole test set
    assert caveat in words(open_page("anatomy", n_network=CNN, n_layer="12", n_plane="4", n_tab="top"))
    random_run(service, tmp_path, (Flatten(), Linear(10)))
    app = open_page("anatomy")
    app.selectbox(key="n_network").set_value(app.selectbox(key="n_network").options[-1]).run()
    assert caveat in stage(app)["sentence"]


OWN = {"n_own": "true", "n_layer": "1"}


def sent(app: AppTest, kind: str, name: str, content: bytes) -> AppTest:
    """Upload a file into the field whose key begins with `kind`."""
    (field,) = [one for one in app.file_uploader if one.key.startswith(kind)]
    return field.set_value((name, content, "application/octet-stream")).run()


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("name", ["mnist-capsule", "mnist-cnn"])
def test_a_network_of_ones_own(open_page: OpenPage, tab: str, name: str) -> None:
    app = open_page("anatomy", n_tab=tab, **OWN)
    assert not app.error
    assert not answered(app)
    app = sent(app, "n_weights_file", "mine.safetensors", network(name).file.read_bytes())
    assert not app.error
    assert not app.exception
    loaded = load(network(name).file)
    expected = activations.outputs(loaded, np.array(data.load("mnist-5k").test_images[0]))[1]
    np.testing.assert_allclose(unpacked(given(app)["planes"]), expected[: layer_planes.PAGE_SIZE], atol=1e-4)
    assert answered(app)
    assert "correct on" not in words(app)  # nobody has tested it


def test_a_network_of_ones_own_with_a_program(open_page: OpenPage, tmp_path: Path) -> None:
    layers = (Conv(6, 5, stride=3), Flatten(), Linear(10))
    save_file(build(layers, (1, 28, 28)).state_dict(), tmp_path / "mine.safetensors")
    app = sent(
        open_page("anatomy", **OWN), "n_weights_file", "a.safetensors", (tmp_path / "mine.safetensors").read_bytes()
    )
    assert "do not say which layers" in app.error[0].value
    program = b"nn.Sequential(nn.Conv2d(1, 6, 5, stride=3), nn.Flatten(), nn.Linear(384, 10))"
    app = sent(app, "n_about_file", "net.py", program)
    assert not app.error
    assert given(app)["planes"]["shape"] == [6, 8, 8]


def test_a_file_that_is_no_network_is_said(open_page: OpenPage) -> None:
    app = sent(open_page("anatomy", **OWN), "n_weights_file", "a.safetensors", b"not a network")
    assert "no whole safetensors file" in app.error[0].value
    assert not app.exception
