"""The capsules page's last part: a capsule network beside a CNN of as many parameters, over a run service that trains
nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.layers.builders import CAPSNET, capsule_network
from core.layers.equal_parameters import parameters, without_decoder
from core.training.augmentation.pipeline import NONE
from core.training.events import encode_uint8
from core.training.experiment import Experiment, ExperimentError
from core.training.presets import PRESETS
from core.ui.backend import client
from core.ui.run_panels import time_estimate
from core.ui.views.capsules import experiments, reconstructions
from tests.pages.reading import button, labels, words

OpenPage = Callable[..., AppTest]


class Probe:
    """Measures nothing: 900 pictures a second, of capsules half as many."""

    asked: ClassVar[list[Experiment]] = []

    def speed(self, experiment: str, device: str, inference: object) -> float:
        self.asked.append(Experiment.from_json(experiment))
        return 450.0 if "Capsule" in experiment else 900.0


@pytest.fixture(autouse=True)
def probe(monkeypatch: pytest.MonkeyPatch, service: object) -> type[Probe]:
    Probe.asked.clear()
    monkeypatch.setattr(time_estimate, "speed", Probe().speed)
    return Probe


def account(app: AppTest) -> str:
    """The whole account of the estimate that stands beside Train."""
    return next(caption.proto.help for caption in app.caption if caption.value.startswith("About "))


def trained(service: Any) -> list[Experiment]:
    return [run.experiment for run in service.runs.values()]


def test_both_train_on_the_same_digits_and_the_cnn_follows_the_sizes(open_page: OpenPage, service: Any) -> None:
    app = open_page("capsules", v_tab="training", v_t_types="12", v_t_dims="8", v_t_iterations="2", v_t_epochs="5")
    button(app, "Train both").click().run()
    capsules, cnn = trained(service)
    assert capsules.layers == capsule_network(types=12, dimensions=8, iterations=2, decoder=(256, 512))
    assert parameters(cnn.layers) == pytest.approx(parameters(without_decoder(capsules.layers)), rel=0.01)
    for experiment in (capsules, cnn):
        assert (experiment.train_images, experiment.epochs, experiment.augmentation) == (4_000, 5, NONE)
        assert experiment.data == "mnist-5k"
    assert app.query_params["v_t_runs"] == f"{capsules.key}.{cnn.key}"


def test_without_reconstruction_the_companion_stays(open_page: OpenPage, service: Any) -> None:
    service.state = "finished"
    app = open_page("capsules", v_tab="training")
    button(app, "Train both").click().run()
    app.toggle(key="v_t_decoder").set_value(False).run()
    assert "Train the capsule network" in labels(app)
    button(app, "Train the capsule network").click().run()
    first, _, last = trained(service)
    assert last.layers == without_decoder(first.layers)


def test_the_published_networks_time_is_told_before_anyone_trains_it(
    open_page: OpenPage, service: Any, probe: type[Probe]
) -> None:
    app = open_page("capsules", v_tab="training", v_t_net="published", v_t_epochs="10")
    said = words(app).replace("\u202f", " ")
    assert "6,804,224 parameters + 1,411,344 in the decoder" in said
    assert "Estimate" not in labels(app)
    assert probe.asked[0].layers == CAPSNET
    assert (
        "About **1 min 37 s** in total, at the same time. The capsule network 1 min 37 s (1 min 29 s of training"
        in account(app).replace("\u202f", " ")
    )
    button(app, "Train both").click().run()
    assert trained(service)[0].layers == CAPSNET


def test_other_sizes_are_timed_when_asked(open_page: OpenPage, probe: type[Probe]) -> None:
    app = open_page("capsules", v_tab="training", v_t_types="5")
    assert probe.asked == []
    button(app, "Estimate").click().run()
    assert len({experiment.key for experiment in probe.asked}) == 2
    assert "450\u202fimages/s" in account(app)


def test_a_run_shows_what_its_decoder_redraws_after_every_evaluation(open_page: OpenPage, service: Any) -> None:
    answers = np.full((16, 10), 0.05)
    answers[:, 7] = 0.9
    looks = [
        {
            "event": "snapshot",
            "seq": seq,
            "step": 10 * seq,
            "epoch": seq / 2,
            "answers": answers.tolist(),
            "redrawn": encode_uint8(np.full((16, 1, 28, 28), 100 * seq, np.uint8)),
        }
        for seq in (1, 2)
    ]
    service.state = "running"
    app = open_page("capsules", v_tab="training")
    assert words(app).count("A test digit: ") == 16
    assert "Redrawn from" not in words(app)
    service.events = looks
    button(app, "Train both").click().run()
    said = words(app)
    assert said.count("Redrawn from the capsule of 7") == 16
    assert "at epoch 1.0" in said
    assert "Sixteen digits: " not in said  # all evaluations are folded away
    sheets = reconstructions.sheets(np.zeros((16, 28, 28), np.uint8), looks)
    assert [f"Sixteen digits: {name}" in sheets for name in ("the digits", "epoch 0.5", "epoch 1.0")] == [True] * 3
    assert said.count("✗") == 14  # two of the sixteen are a 7


def test_a_contact_sheet_keeps_the_order() -> None:
    pictures = np.arange(16, dtype=np.uint8).repeat(4).reshape(16, 2, 2)
    assert reconstructions.sheet(pictures)[::2, ::2].tolist() == np.arange(16).reshape(4, 4).tolist()


def test_settings_are_loaded_and_other_networks_refused(
    open_page: OpenPage, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = client.mnist()
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    loaded = experiments.capsules(capsule_network(20, types=3, pose=4), info, 2_000, 7, 5)
    assert experiments.set_controls(info, replace(loaded, learning_rate=0.1)).learning_rate == 0.1
    assert state == {
        "v_t_net": "small",
        "v_t_types": 3,
        "v_t_pose": 4,
        "v_t_dims": 16,
        "v_t_iterations": 3,
        "v_t_filters": 20,
        "v_t_decoder": False,
        "v_t_images": 2_000,
        "v_t_epochs": 7,
        "v_t_seed": 5,
    }
    for other in (PRESETS["mnist-cnn"], PRESETS["capsule-affine"]):
        with pytest.raises(ExperimentError, match="MNIST page"):
            experiments.set_controls(info, other.experiment)
    state.clear()
    published = replace(PRESETS["capsnet"].experiment, layers=CAPSNET)
    experiments.set_controls(info, published)
    assert state["v_t_net"] == "published"


def test_a_bad_link_falls_back_to_good_values(open_page: OpenPage) -> None:
    bad = {"v_t_types": "99", "v_t_net": "<b>", "v_t_iterations": "-1", "v_t_runs": "../x"}
    app = open_page("capsules", v_tab="training", **bad)
    assert "Train both" in labels(app)
    assert app.slider(key="v_t_types").value == 8


def test_a_store_that_cannot_be_read_says_so(open_page: OpenPage, service: Any) -> None:
    service.broken = True
    assert "its disk is full" in open_page("capsules", v_tab="training").error[0].value
