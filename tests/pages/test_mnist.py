"""The page's states, as a person meets them: fresh, queued, training, finished, stopped, failed, refused, cut off."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.layers.builders import capsule_network
from core.layers.specs import Activation, ActivationKind, CapsuleDecoder, Conv, Flatten, Linear, Pool, RoutedCapsules
from core.training.presets import PRESETS
from core.ui.state import network_link
from core.ui.state.network_link import Stack
from tests.pages.conftest import SUMMARIES
from tests.pages.reading import button, field, labels, press, words

FINISHED = SUMMARIES["finished"]
OpenPage = Callable[..., AppTest]


def pressed(app: AppTest) -> int | None:
    """The number of the ready question that is pressed."""
    return next(group.value for group in app.get("button_group") if group.key == "m_question")


def test_fresh(open_page: OpenPage) -> None:
    app = open_page("mnist")
    assert app.title[0].value.startswith("MLP or CNN")
    assert "Not trained yet" in words(app)
    assert "118,282 parameters" in words(app)
    assert "5,000 of MNIST's 70,000 digits" in words(app)
    assert "Train both" in labels(app)
    assert pressed(app) == 0  # the first question is what the page opens with
    assert "What a run looks like: an example of " in words(app)
    assert "About " in words(app)


def test_the_workers_warm_up_once_for_what_may_be_trained(open_page: OpenPage, service: Any) -> None:
    app = open_page("mnist")
    app.run()
    ((mlp, cnn),) = service.expected
    button(app, "Train both").click().run()
    assert set(service.runs) == {mlp.key, cnn.key}


def test_each_state_says_how_it_stands(open_page: OpenPage, service: Any) -> None:
    app = open_page("mnist")
    button(app, "Train both").click().run()
    for state, expected, offers in (
        ("queued", "Waiting, place 3 in the queue.", "Stop"),
        ("running", "Epoch 0.8 of 3, 6.0\u202fs left, 3,200\u202fimages/s", "Stop"),
        ("stopped", "At epoch 1.5 of 3", "Resume"),
        ("finished", "95 % interval 95.86 to 96.60\u202f%", "Another seed"),
    ):
        for run in list(service.runs.values()):
            service.put(run.experiment, state, "me")
        app.run()
        assert not app.exception, state
        assert "What a run looks like" in words(app)  # until there is a point to draw, and these runs have none
        assert expected in words(app), state
        assert offers in labels(app), state
        assert app.query_params["m_runs"] == ".".join(service.runs)


def test_a_failed_run_says_why_and_can_be_tried_again(open_page: OpenPage, service: Any) -> None:
    service.state, service.reason = "failed", "The loss stopped being a number: try a tenth of the learning rate."
    app = open_page("mnist")
    button(app, "Train both").click().run()
    assert "try a tenth of the learning rate" in words(app)
    service.state, service.reason = "queued", None
    button(app, "Try again").click().run()
    assert sum(run.state == "queued" for run in service.runs.values()) == 1


def test_a_full_queue_is_refused_in_words_and_nothing_set_is_lost(open_page: OpenPage, service: Any) -> None:
    service.full = True
    app = open_page("mnist", m_epochs="7")
    button(app, "Train both").click().run()
    assert "20 runs" in app.error[0].value
    assert app.slider(key="m_epochs").value == 7


def test_a_store_that_cannot_be_read_leaves_the_cards(open_page: OpenPage, service: Any) -> None:
    service.broken = True
    app = open_page("mnist")
    assert "its disk is full" in app.error[0].value
    assert "118,282 parameters" in words(app)


def test_stopping_both(open_page: OpenPage, service: Any) -> None:
    service.state = "running"
    app = open_page("mnist")
    button(app, "Train both").click().run()
    button(app, "Stop").click().run()
    assert {run.state for run in service.runs.values()} == {"stopped"}


def test_a_run_of_someone_else_is_shown_and_marked(open_page: OpenPage, service: Any) -> None:
    first = open_page("mnist")
    button(first, "Train both").click().run()
    for run in list(service.runs.values()):
        service.put(run.experiment, "finished", "someone")
    second = open_page("mnist")
    assert "Already trained by someone" in words(second)
    assert "Train both" not in labels(second)


def test_a_moved_slider_keeps_the_run_as_an_earlier_one(open_page: OpenPage, service: Any) -> None:
    service.state = "finished"
    app = open_page("mnist")
    button(app, "Train both").click().run()
    app.slider(key="m_mlp_width").set_value(256).run()
    assert "Not trained yet" in words(app)
    assert "MLP, dense 128" in labels(app)  # what sets it apart from the one that is set up
    assert "Train the MLP" in labels(app)
    assert "Changed since the last run: MLP dense 128 → dense 256" in words(app).replace("\\", "")
    button(app, "MLP, dense 128").click().run()
    assert "MLP, dense 128" not in labels(app)


def test_before_the_first_run_the_sentence_answers_the_last_change(open_page: OpenPage) -> None:
    app = open_page("mnist")
    app.slider(key="m_epochs").set_value(5).run()
    app.slider(key="m_mlp_width").set_value(256).run()
    assert "MLP dense 128 → dense 256: train to see what this changes." in words(app).replace("\\", "")
    assert "pochs 3 → 5" not in words(app)


def test_a_change_is_told_and_taken_back(open_page: OpenPage, service: Any) -> None:
    service.state = "finished"
    app = open_page("mnist")
    button(app, "Train both").click().run()
    assert "Undo" not in labels(app)
    app.slider(key="m_epochs").set_value(5).run()
    app.select_slider(key="m_images").set_value(500).run()
    assert "training images 4,000 → 500, epochs 3 → 5" in words(app)
    button(app, "Undo").click().run()
    assert (app.slider(key="m_epochs").value, app.select_slider(key="m_images").value) == (3, 4_000)
    assert "Changed since" not in words(app)


def test_what_a_change_did_is_said_first_once_both_have_finished(open_page: OpenPage, service: Any) -> None:
    app = open_page("mnist")
    button(app, "Train both").click().run()
    for run in list(service.runs.values()):
        service.put(run.experiment, "finished", "me")
    app.select_slider(key="m_images").set_value(500).run()
    button(app, "Train both").click().run()
    new = [run for run in service.runs.values() if run.experiment.train_images == 500]
    for run, accuracy in zip(new, (0.9, 0.9125), strict=True):
        service.put(run.experiment, "finished", "me")
        service.runs[run.id] = replace(
            run, state="finished", summary=run.summary | FINISHED | {"test_accuracy": accuracy}
        )
    app.run()
    said = words(app).replace("\\", "")
    assert "500 digits instead of 4,000: MLP −6.25 points, CNN −5.00 points." in said


def test_a_run_of_someone_else_stays_as_an_earlier_one(open_page: OpenPage, service: Any) -> None:
    first = open_page("mnist")
    button(first, "Train both").click().run()
    for run in list(service.runs.values()):
        service.put(run.experiment, "finished", "someone")
    app = open_page("mnist")
    app.slider(key="m_epochs").set_value(5).run()
    assert {"MLP, 3 epochs", "CNN, 3 epochs", "Train both"} <= set(labels(app))
    assert app.query_params["m_runs"] == ".".join(service.runs)


def test_the_same_parameters_size_the_mlp(open_page: OpenPage) -> None:
    app = open_page("mnist", m_budget="Same parameters")
    app.slider(key="m_cnn_filters").set_value(32).run()
    mlp, cnn = (int(count.replace(",", "")) for count in re.findall(r"<span>([\d,]+) parameters", words(app)))
    assert mlp == pytest.approx(cnn, rel=0.01)
    assert field(app.slider, "m_mlp_width").disabled


def test_presets_are_trained_as_they_are_but_for_the_data(open_page: OpenPage, service: Any) -> None:
    app = open_page("mnist", m_mlp="MLP, 98.5 %", m_cnn="CNN, 99.5 %")
    button(app, "Train both").click().run()
    trained = [run.experiment for run in service.runs.values()]
    for experiment, name in zip(trained, ("mnist-mlp", "mnist-cnn-995"), strict=True):
        preset = PRESETS[name].experiment
        assert (experiment.layers, experiment.learning_rate, experiment.epochs) == (
            preset.layers,
            preset.learning_rate,
            preset.epochs,
        )
        assert (experiment.data, experiment.train_images) == ("mnist-5k", 4_000)


def test_a_question_sets_the_whole_page(open_page: OpenPage, service: Any) -> None:
    app = open_page("mnist", m_epochs="9")
    press(app, "m_question", 3)
    assert pressed(app) == 3
    assert app.slider(key="m_epochs").value == 3
    button(app, "Train both").click().run()
    assert all(run.experiment.shuffle_pixels for run in service.runs.values())
    assert pressed(app) == 3
    app.slider(key="m_epochs").set_value(4).run()
    assert pressed(app) is None


def test_a_network_of_the_layer_calculator_is_trained_as_it_stands(open_page: OpenPage, service: Any) -> None:
    layers = (Conv(5, 5), Pool("max", 3), Flatten(), Linear(10))
    app = open_page("mnist", m_net=network_link.encode(Stack((1, 28, 28), layers)), m_epochs="7")
    assert app.selectbox(key="m_cnn").value == "calculator"
    assert "3,340 parameters" in words(app)
    button(app, "Train both").click().run()
    _, cnn = (run.experiment for run in service.runs.values())
    assert (cnn.layers, cnn.epochs) == (layers, 7)
    app.selectbox(key="m_cnn").set_value("own").run()
    assert "m_net" not in app.query_params
    app.selectbox(key="m_cnn").set_value("calculator").run()
    assert "m_net" in app.query_params
    app = open_page("mnist", m_net=network_link.encode(Stack((1, 28, 28), (Flatten(), Linear(300), Linear(10)))))
    assert app.selectbox(key="m_mlp").value == "calculator"
    assert "238,510 parameters" in words(app)


@pytest.mark.parametrize(  # why each network is refused: tests/training/test_experiment_checks.py
    ("link", "said"),
    [
        ('[[1,28,28],["Flatten"],["Linear",9]]', "must end in 10 numbers, one per digit; it ends in 9."),
        ('[[1,28,28],["Flatten"],["Linear",32000],["Linear",10]]', "the limit for training is 25,000,000"),
        ("__import__('os')", "cannot be read"),
        ("alexnet", "cannot be trained here"),
        ('[[1,28,28],["Flatten"],["Linear",10],["Activation","tanh"]]', "Tanh keeps the network's logits"),
    ],
)
def test_a_network_that_cannot_learn_digits_is_refused_in_words(open_page: OpenPage, link: str, said: str) -> None:
    app = open_page("mnist", m_net=link)
    assert said in app.error[0].value
    assert "m_net" not in app.query_params
    assert app.selectbox(key="m_cnn").value == app.selectbox(key="m_mlp").value == "own"


@pytest.mark.parametrize(
    ("kind", "said"),
    [("softmax", "training skips this one"), ("relu", "ReLU, so none is below 0"), ("leaky_relu", "")],
)
def test_an_ending_that_is_not_trained_as_it_stands_is_said(
    open_page: OpenPage, service: Any, kind: ActivationKind, said: str
) -> None:
    layers = (Flatten(), Linear(300), Activation(), Linear(10), Activation(kind))
    app = open_page("mnist", m_net=network_link.encode(Stack((1, 28, 28), layers)))
    (caption,) = [one.value for one in app.caption if one.value.startswith("The network from the layer calculator")]
    assert said in caption
    assert caption.endswith("on this page.") == (not said)
    button(app, "Train both").click().run()
    assert layers in [run.experiment.layers for run in service.runs.values()]


def test_a_network_that_a_link_brought_does_not_warm_up_workers(open_page: OpenPage, service: Any) -> None:
    open_page(
        "mnist", m_net=network_link.encode(Stack((1, 28, 28), (Conv(5, 5), Flatten(), Linear(10)))), m_mlp_width="2048"
    )
    assert service.expected == [()]


def test_the_device_is_a_setting_of_those_that_there_are(open_page: OpenPage, service: Any) -> None:
    service.devices = ["cuda", "cpu"]
    app = open_page("mnist", m_device="CPU")
    button(app, "Train both").click().run()
    assert {run.device for run in service.runs.values()} == {"cpu"}


def test_a_third_contender_has_a_name_of_its_own(open_page: OpenPage, service: Any) -> None:
    app = open_page("mnist", m_third="true")
    assert "CNN with augmentation" in words(app)
    button(app, "Train all three").click().run()
    assert len(service.runs) == 3


def test_capsules_are_a_contender_of_as_many_parameters(open_page: OpenPage, service: Any) -> None:
    assert "Capsules" not in words(open_page("mnist"))
    app = open_page("mnist", m_third="true")
    press(app, "m_question", 5)
    assert pressed(app) == 5
    mlp, cnn, capsules = (int(count.replace(",", "")) for count in re.findall(r"<span>([\d,]+) parameters", words(app)))
    assert mlp == pytest.approx(cnn, rel=0.01)
    assert capsules == pytest.approx(cnn, rel=0.01)
    assert field(app.slider, "m_cap_types").disabled
    field(app.toggle, "m_cap_decoder").set_value(True).run()
    field(app.slider, "m_cap_iterations").set_value(1).run()
    field(app.toggle, "m_third").set_value(True).run()
    button(app, "Train all four").click().run()
    *_, augmented, last = (run.experiment for run in service.runs.values())
    assert augmented.augmentation
    assert RoutedCapsules(10, 16, iterations=1) in last.layers
    assert CapsuleDecoder(256, 512) in last.layers
    assert (last.epochs, last.train_images) == (3, 4_000)


def test_the_calculators_capsules_are_trained_on_a_card_of_their_own(open_page: OpenPage, service: Any) -> None:
    layers = capsule_network(8, types=3, capsules=10)
    app = open_page("mnist", m_net=network_link.encode(Stack((1, 28, 28), layers)))
    assert app.selectbox(key="m_cap").value == "calculator"
    assert app.selectbox(key="m_cnn").value == "own"
    button(app, "Train all three").click().run()
    assert layers in [run.experiment.layers for run in service.runs.values()]
    app.toggle(key="m_capsules").set_value(False).run()
    assert "m_net" not in app.query_params


def test_a_bad_link_falls_back_to_good_values(open_page: OpenPage) -> None:
    bad = {"m_epochs": "9999", "m_rate": "fast", "m_cnn_kernel": "-1", "m_runs": "../../etc", "m_mlp": "no-such"}
    app = open_page("mnist", **bad)
    assert "Train both" in labels(app)


def test_figures_of_the_digits_that_come_with_the_app_say_so(open_page: OpenPage, service: Any) -> None:
    service.state = "running"
    point = {"step": 10, "epoch": 0.1, "images": 1_000, "seconds": 1.0, "loss": 1.0, "accuracy": 0.6}
    rest = {"images_per_second": 1_000.0, "memory_bytes": 0, "learning_rate": 0.001}
    service.events = [{"event": "progress", "seq": 1, **point, **rest}]  # before, an example's curves stand there
    app = open_page("mnist")
    button(app, "Train both").click().run()
    (curves,) = [caption.value for caption in app.caption if "Solid: test images" in caption.value]
    assert "Measured on the 1,000 of MNIST's test digits that come with the app, not on all 10,000." in curves
