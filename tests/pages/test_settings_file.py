"""The JSON of an experiment, loaded into a page that trains: it trains just that, and bad input changes nothing."""

import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import data
from core.layers import builders
from core.layers.cifar_networks import RESNET_18, SMALL
from core.layers.specs import Activation, Conv, Flatten, GlobalPool, Linear
from core.training.augmentation.pipeline import PRESETS as PIPELINES
from core.training.augmentation.pipeline import random_affine
from core.training.experiment import Experiment, ExperimentError
from core.training.presets import PRESETS
from core.training.range_test import range_test
from core.training.run_changes import continued, stopped, with_rate
from core.ui.run_panels import settings_file
from core.ui.views.cifar import network_picker
from tests.pages.reading import button, field, labels, words

OpenPage = Callable[..., AppTest]
LETTERS = {"mnist": "m", "cifar": "ci"}
TRAIN = {"mnist": "Train both", "cifar": "Train"}

PLAIN = Experiment(
    layers=builders.mlp([96, 96], 0.2),
    data="mnist-5k",
    train_images=2_000,
    epochs=7,
    batch_size=64,
    learning_rate=0.01,
    optimizer="sgd",
    schedule="cosine",
    weight_decay=0.05,
    warmup=0.2,
    seed=41,
)
OF_MNIST = {
    "an MLP": PLAIN,
    "no hidden layer": replace(PLAIN, layers=builders.mlp([])),
    "unequal layers": replace(PLAIN, layers=builders.mlp([96, 32])),
    "a CNN": replace(PLAIN, layers=builders.cnn(3, 12, 5, dense=128, dropout=0.3, batch_norm=True)),
    "another CNN": replace(PLAIN, layers=(Conv(5, 5, stride=2), Activation(), Flatten(), Linear(10))),
    "moved digits": replace(PLAIN, augmentation=random_affine(shift=3, rotate=12, scale=0.15)),
    "a pipeline": replace(PLAIN, augmentation=PIPELINES["standard"]),
    "shuffled": replace(PLAIN, shuffle_pixels=True, precision="float32"),
    "what has no control": replace(
        PLAIN, learning_rate=0.0137, batch_size=77, epochs=33, momentum=0.7, label_smoothing=0.1, held_out=300
    ),
    "a preset": replace(PRESETS["mnist-cnn-995"].experiment, data="mnist-5k", train_images=4_000, seed=3),
    "changed on the way": with_rate(PLAIN, 20, 0.001),
}
SPEED = replace(PRESETS["cifar-80"].experiment, data="cifar10-standin", held_out=500, train_images=4_500)
OF_CIFAR = {
    "an aim": SPEED,
    "switches": replace(
        SPEED,
        whitening=False,
        averaging="ema",
        low_res_fraction=0.3,
        optimizer="nesterov",
        learning_rate=0.1,
        batch_size=200,
        train_images=2_000,
        seed=9,
        weight_decay=0.01,
    ),
    "a budget": replace(SPEED, time_budget=30.0, epochs=200),
    "another budget": replace(SPEED, time_budget=47.0, epochs=120),
    "no batch norm": replace(SPEED, layers=network_picker.without_norm(SMALL)),
    "own network": replace(
        SPEED,
        layers=(Conv(8, 5, stride=2), Activation(), GlobalPool(), Flatten(), Linear(10)),
        whitening=False,
        dirac_init=False,
    ),
    "a ResNet": replace(
        PRESETS["cifar-exercise"].experiment, layers=RESNET_18, data="cifar10-standin", held_out=500, train_images=4_500
    ),
    "a pipeline": replace(SPEED, augmentation=random_affine(shift=2, rotate=5)),
    "what has no control": replace(SPEED, learning_rate=0.0371, head_scale=0.3, epochs=150, label_smoothing=0.55),
    "ended early": stopped(with_rate(SPEED, 11, 0.02), 44),
    "continued": continued(SPEED, 2),
}


def load(app: AppTest, page: str, text: str) -> AppTest:
    app.text_area(key=f"{LETTERS[page]}_load_text").set_value(text)
    button(app, "Load").click().run()
    assert not app.exception
    return app


def trained(app: AppTest, service: Any, page: str) -> list[Experiment]:
    """What the page trains when it is asked to, besides what it has trained before."""
    before = set(service.runs)
    button(app, next(one for one in labels(app) if one.startswith("Train "[: len(TRAIN[page])]))).click().run()
    assert not app.exception
    return [run.experiment for id, run in service.runs.items() if id not in before]


def test_what_was_downloaded_on_mnist_is_trained_again(open_page: OpenPage, service: Any) -> None:
    app = open_page("mnist", m_epochs="4", m_budget="Same parameters")
    for name, experiment in OF_MNIST.items():
        load(app, "mnist", experiment.to_json())
        assert not app.error, name
        assert experiment in trained(app, service, "mnist"), name
        assert ("label smoothing 0.1" in words(app)) == (name == "what has no control"), name


def test_what_was_downloaded_on_cifar_is_trained_again(open_page: OpenPage, service: Any) -> None:
    app = open_page("cifar", ci_epochs="4")
    for name, experiment in OF_CIFAR.items():
        load(app, "cifar", json.dumps(json.loads(experiment.to_json()), indent=2))
        assert not app.error, name
        assert trained(app, service, "cifar") == [experiment], name


@pytest.mark.parametrize(("page", "experiment"), [("mnist", OF_MNIST["an MLP"]), ("cifar", OF_CIFAR["switches"])])
def test_the_controls_show_what_was_loaded(open_page: OpenPage, page: str, experiment: Experiment) -> None:
    app = load(open_page(page), page, experiment.to_json())
    letters = LETTERS[page]
    assert app.select_slider(key=f"{letters}_rate").value == experiment.learning_rate
    assert field(app.select_slider, f"{letters}_batch").value == experiment.batch_size
    assert field(app.number_input, f"{letters}_seed").value == experiment.seed
    assert "As loaded" not in words(app)


def test_moving_a_control_leaves_what_has_none(open_page: OpenPage, service: Any) -> None:
    app = load(open_page("cifar"), "cifar", OF_CIFAR["what has no control"].to_json())
    assert "head scale 0.3" in words(app)
    field(app.number_input, "ci_seed").set_value(5).run()
    assert "As loaded" not in words(app)
    (found,) = trained(app, service, "cifar")
    assert (found.seed, found.head_scale) == (5, PRESETS["cifar-80"].experiment.head_scale)


def test_a_run_of_the_whole_set_is_loaded_where_a_part_is(open_page: OpenPage, service: Any) -> None:
    app = load(open_page("mnist"), "mnist", replace(PLAIN, data="mnist", train_images=60_000).to_json())
    assert "not on this machine" in words(app)
    assert replace(PLAIN, train_images=4_000) in trained(app, service, "mnist")


BAD = {
    "": "Choose a file or paste the text",
    "   ": "Choose a file or paste the text",
    "nonsense": "This is not JSON",
    "[" * 5_000: "This is not JSON",
    "[]": 'a list of "layers"',
    '{"layers": []}': "needs a network",
    '{"layers": [{"type": "Nope"}]}': "cannot be loaded",
    '{"layers": {"a": 1}}': 'a list of "layers"',
    replace(PLAIN, data="cifar10").to_json(): "for the data 'cifar10'",
    replace(PLAIN, layers=(Flatten(), Linear(9))).to_json(): "must end in 10 numbers",
    replace(PLAIN, layers=(Conv(8, 40), Flatten(), Linear(10))).to_json(): "cannot be loaded",
    replace(PLAIN, layers=(Flatten(), Linear(40_000), Linear(10))).to_json(): "cannot be loaded",
    replace(PLAIN, train_images=50_000).to_json(): "50,000 training pictures",
    range_test(PLAIN).to_json(): "range test",
    PLAIN.to_json().replace('"epochs":7', '"epochs":1e999'): "epochs must be a whole number",
    PLAIN.to_json().replace('"epochs"', '"![x](http://evil/t)"'): "has no setting",
}


def test_bad_settings_get_a_sentence_and_change_nothing(open_page: OpenPage, service: Any) -> None:
    app = open_page("mnist", m_epochs="9", m_mlp_width="77")
    for text, said in BAD.items():
        load(app, "mnist", text)
        (error,) = app.error
        assert said in error.value, text[:40]
        assert (app.slider(key="m_epochs").value, app.slider(key="m_mlp_width").value) == (9, 77), text[:40]
    assert {run.epochs for run in trained(app, service, "mnist")} == {9}


def test_settings_of_digits_are_refused_on_the_other_page(open_page: OpenPage) -> None:
    app = load(open_page("cifar", ci_epochs="9"), "cifar", PLAIN.to_json())
    assert "for the data 'mnist-5k'" in app.error[0].value
    assert app.slider(key="ci_epochs").value == 9


@pytest.mark.parametrize(
    ("content", "size", "why"),
    [(b"\xff\xfe\x00\x81", 4, "not a text file"), (b"{}", 2_000_000, "too large"), (None, 0, "Choose a file")],
)
def test_files_that_are_no_settings(
    content: bytes | None, size: int, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = None if content is None else SimpleNamespace(size=size, getvalue=lambda: content)
    monkeypatch.setattr(st, "session_state", {"m_load_file": file})
    with pytest.raises(ExperimentError, match=why):
        settings_file._text("m")


def test_a_file_is_read_where_nothing_is_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    file = SimpleNamespace(size=9, getvalue=lambda: PLAIN.to_json().encode("utf-8-sig"))
    monkeypatch.setattr(st, "session_state", {"m_load_file": file})
    assert Experiment.from_json(settings_file._text("m")) == PLAIN


def test_a_smaller_set_keeps_a_tenth_for_validation_and_trains_on_the_rest() -> None:
    info = data.info("mnist-5k")  # 4,000 for training
    whole = replace(PLAIN, data="mnist", held_out=5_000, train_images=55_000)
    found = settings_file.on_this_machine(whole, info, {"mnist", "mnist-5k"})
    assert (found.data, found.held_out, found.train_images) == ("mnist-5k", 400, 3_600)
    few = settings_file.on_this_machine(replace(whole, held_out=0, train_images=500), info, {"mnist", "mnist-5k"})
    assert (few.held_out, few.train_images) == (0, 500)
