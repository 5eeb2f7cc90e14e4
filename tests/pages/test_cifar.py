"""The page's states and settings, as a person meets them."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.layers.builders import capsule_network
from core.layers.cifar_networks import RESNET_18
from core.layers.specs import Activation, BatchNorm, Conv, Dropout, Flatten, GlobalPool, Linear, Pool
from core.training.ablation_results import measured
from core.training.augmentation.pipeline import PRESETS as PIPELINES
from core.training.experiment import Experiment
from core.training.presets import PRESETS
from core.ui.run_panels import time_estimate
from core.ui.state import network_link
from core.ui.state.network_link import Stack
from tests.pages.reading import button, field, labels, words

OpenPage = Callable[..., AppTest]
RATE = 0.1
STANDIN = "Generated pictures, not CIFAR-10"


def asked(app: AppTest, service: Any) -> Experiment:
    """What Train asks for on the page as it is set."""
    before = set(service.runs)
    button(app, "Train").click().run()
    assert not app.exception
    (new,) = set(service.runs) - before
    experiment: Experiment = service.runs[new].experiment
    return experiment


def test_fresh(open_page: OpenPage) -> None:
    app = open_page("cifar")
    said = words(app)
    assert app.title[0].value.startswith("How good")
    assert "67,008</b> parameters" in said
    assert "Not CIFAR-10:" in said
    assert STANDIN in said
    assert "the course notes (" in said  # the first mention says what they are
    assert {"Train", "Run it"} <= set(labels(app))
    assert re.search(r"About [\d.]+\s?s", said)
    assert "What a run looks like: an example of " in said
    assert "500 of the 5,000 training pictures are held out" in said


@pytest.mark.parametrize("aim", [name for name in PRESETS if name.startswith("cifar-")])
def test_each_aim_trains_its_preset_with_a_tenth_held_out(open_page: OpenPage, service: Any, aim: str) -> None:
    app = open_page("cifar", ci_aim=PRESETS[aim].title)
    found = asked(app, service)
    here = {"data": "cifar10-standin", "train_images": 4_500, "held_out": 500}
    assert found == replace(PRESETS[aim].experiment, **here)


def test_another_aim_sets_the_whole_page(open_page: OpenPage, service: Any) -> None:
    app = open_page("cifar", ci_rate="0.3", ci_epochs="9")
    app.selectbox(key="ci_aim").set_value("cifar-80").run()
    assert not app.exception
    found = asked(app, service)
    preset = PRESETS["cifar-80"].experiment
    assert (found.layers, found.epochs, found.learning_rate) == (preset.layers, preset.epochs, preset.learning_rate)


SWITCHES: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "off": (
        {
            "ci_white": "false",
            "ci_smooth": "0.0",
            "ci_dirac": "false",
            "ci_opt": "SGD with Nesterov momentum",
            "ci_aug": "None",
            "ci_rate": "0.01",
            "ci_seed": "5",
        },
        {
            "whitening": False,
            "label_smoothing": 0.0,
            "dirac_init": False,
            "optimizer": "nesterov",
            "augmentation": PIPELINES["none"],
            "learning_rate": 0.01,
            "seed": 5,
        },
    ),
    "on": (
        {
            "ci_schedule": "Cosine",
            "ci_average": "EMA",
            "ci_views": "And mirrored",
            "ci_small": "0.4",
            "ci_precision": "float32",
            "ci_warmup": "0.2",
            "ci_epochs": "7",
            "ci_aug": "The records': crop less, mirror in turn",
        },
        {
            "schedule": "cosine",
            "averaging": "ema",
            "test_time": "mirror",
            "low_res_fraction": 0.4,
            "precision": "float32",
            "warmup": 0.2,
            "epochs": 7,
            "augmentation": PIPELINES["records"],
        },
    ),
    "budget": (
        {
            "ci_images": "500",
            "ci_batch": "250",
            "ci_length": "Time budget",
            "ci_budget": "30\u202fs",
            "ci_decay": "0.001",
            "ci_aug": "Crop and mirror",
        },
        {
            "train_images": 500,
            "batch_size": 250,
            "time_budget": 30.0,
            "epochs": 200,
            "weight_decay": 0.001,
            "augmentation": PIPELINES["standard"],
        },
    ),
}


@pytest.mark.parametrize("name", SWITCHES)
def test_each_switch_changes_its_setting_and_no_other(open_page: OpenPage, service: Any, name: str) -> None:
    link, changed = SWITCHES[name]
    found = asked(open_page("cifar", **link), service)
    here = {"data": "cifar10-standin", "train_images": 4_500, "held_out": 500}
    assert found == replace(PRESETS["cifar-70"].experiment, **{**here, **changed})


def test_batch_norm_can_be_taken_out(open_page: OpenPage, service: Any) -> None:
    found = asked(open_page("cifar", ci_norm="false"), service)
    kept = tuple(layer for layer in PRESETS["cifar-70"].experiment.layers if not isinstance(layer, BatchNorm))
    assert found.layers == kept


def test_a_pipeline_of_the_augmentation_page_is_taken_up(open_page: OpenPage, service: Any) -> None:
    given = PIPELINES["strong"]
    app = open_page("cifar", ci_pipeline=given.to_json(), ci_aug="From the augmentation page")
    assert asked(app, service).augmentation == given.busy
    assert app.query_params["ci_pipeline"] == given.to_json()


def test_a_broken_pipeline_says_so(open_page: OpenPage) -> None:
    app = open_page("cifar", ci_pipeline="[nonsense", ci_aug="From the augmentation page")
    assert "This is not JSON" in app.error[0].value


def test_an_own_network_by_its_link(open_page: OpenPage, service: Any) -> None:
    layers = (Conv(8, 5, stride=2), Activation(), GlobalPool(), Flatten(), Linear(10))
    text = network_link.encode(Stack((3, 32, 32), layers))
    link = f"http://localhost:8501/layer_calculator?c_net={text}"
    app = open_page("cifar", ci_net="Your own", ci_stack=link, ci_white="false", ci_dirac="false")
    assert asked(app, service).layers == layers


def test_an_own_network_of_capsules(open_page: OpenPage, service: Any) -> None:
    layers = capsule_network(16, 5, decoder=(8, 8), types=2)
    text = network_link.encode(Stack((3, 32, 32), layers))
    app = open_page("cifar", ci_net="Your own", ci_stack=text, ci_white="false", ci_dirac="false")
    assert not app.error
    assert any("margin loss" in caption.value for caption in app.caption)
    assert asked(app, service).layers == layers


def test_a_network_not_made_for_the_speed_recipe_is_trained_plainly(open_page: OpenPage, service: Any) -> None:
    app = open_page("cifar")
    app.selectbox(key="ci_net").set_value("resnet-18").run()
    assert not app.exception
    plain = PRESETS["cifar-exercise"].experiment
    found = asked(app, service)
    assert found.layers == RESNET_18
    assert (found.optimizer, found.learning_rate, found.whitening) == (plain.optimizer, plain.learning_rate, False)


def test_a_last_softmax_is_left_out_of_training_and_that_is_said(open_page: OpenPage, service: Any) -> None:
    layers = (Conv(8, 5, stride=2), Activation(), GlobalPool(), Flatten(), Linear(10), Activation("softmax"))
    text = network_link.encode(Stack((3, 32, 32), layers))
    app = open_page("cifar", ci_net="Your own", ci_stack=text, ci_white="false", ci_dirac="false")
    assert "training skips this one" in words(app)
    assert asked(app, service).layers == layers


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nonsense", "cannot be read"),
        ('[[3,32,32],["Flatten"],["Linear",7]]', "must end in 10 numbers"),
        ('[[3,32,32],["Flatten"],["Linear",10],["Activation","sigmoid"]]', "Sigmoid keeps the network's logits"),
    ],
)
def test_an_own_network_that_cannot_be_says_why(open_page: OpenPage, text: str, why: str) -> None:
    app = open_page("cifar", ci_net="Your own", ci_stack=text)
    assert "This network cannot learn CIFAR-10." in app.error[0].value
    assert why in app.error[0].value
    assert "Train" not in labels(app)


def test_each_state_says_how_it_stands(open_page: OpenPage, service: Any) -> None:
    app = open_page("cifar")
    button(app, "Train").click().run()
    ((key, run),) = service.runs.items()
    for state, expected, offers in (
        ("queued", "Waiting, place 3 in the queue.", "Pause"),
        ("running", "Training", "Pause"),
        ("stopped", "Stopped", "Resume"),
        ("finished", "95 % interval", "Another seed"),
    ):
        service.put(run.experiment, state, "me")
        app.run()
        assert not app.exception, state
        assert expected in words(app), state
        assert offers in labels(app), state
        assert app.query_params["ci_runs"] == key


def test_a_failed_run_can_be_tried_again(open_page: OpenPage, service: Any) -> None:
    service.state = "failed"
    app = open_page("cifar")
    button(app, "Train").click().run()
    assert not app.exception
    assert "Failed" in words(app)
    assert "Try again" in labels(app)


def test_a_changed_setting_keeps_the_run_as_an_earlier_one(open_page: OpenPage, service: Any) -> None:
    service.state = "finished"
    app = open_page("cifar")
    button(app, "Train").click().run()
    button(app, "Another seed").click().run()
    assert field(app.number_input, "ci_seed").value == 1
    assert "Small, seed 0" in labels(app)
    assert "Train" in labels(app)


def test_continuing_makes_a_run_that_the_page_shows(open_page: OpenPage, service: Any) -> None:
    service.state = "finished"
    app = open_page("cifar")
    button(app, "Train").click().run()
    (first,) = service.runs
    button(app, "Continue training").click().run()
    (longer,) = set(service.runs) - {first}
    assert service.runs[longer].experiment.parent_run == first
    assert app.query_params["ci_now"] == longer
    again = open_page("cifar", ci_now=longer, ci_runs=f"{first}.{longer}")
    assert "Small, 2 epochs" in words(again)


@pytest.mark.parametrize(
    ("press", "field", "value"), [("Change it", "lr_changes", ((50, RATE / 10),)), ("End here", "stop_step", 50)]
)
def test_what_is_done_on_the_way_makes_a_run_that_the_page_follows(
    open_page: OpenPage, service: Any, press: str, field: str, value: Any
) -> None:
    service.state = "running"
    app = open_page("cifar", ci_rate=f"{RATE:g}")
    button(app, "Train").click().run()
    (first,) = service.runs
    button(app, press).click().run()
    app.run()
    (changed,) = set(service.runs) - {first}
    assert getattr(service.runs[changed].experiment, field) == value
    assert app.query_params["ci_now"] == app.query_params["ci_runs"] == changed
    again = open_page("cifar", ci_rate=f"{RATE:g}", ci_now=changed)
    assert ("Pause" if press == "Change it" else "Another seed") in labels(again)


def test_the_page_quotes_what_each_switch_gave(open_page: OpenPage) -> None:
    app = open_page("cifar", ci_tab="ablation")
    row = measured().row("whitening")
    assert row is not None
    said = words(app)
    points = f"{row.difference:+.1f}".replace("-", "−")
    assert f"Off: {points} points." in said  # beside the switch
    assert f"<td>{points}" in said  # and in the table
    assert measured().date in said


def test_a_single_device_is_shown_without_a_choice(open_page: OpenPage, service: Any) -> None:
    app = open_page("cifar", ci_device="NVIDIA GPU")
    (chip,) = [element for element in app.markdown if "CPU" in element.value and "badge" in element.value]
    assert "On cpu. 32\u202fGiB of memory." in chip.proto.help
    assert "ci_device" not in [group.key for group in app.get("button_group")]
    asked(app, service)
    assert {run.device for run in service.runs.values()} == {"auto"}


@pytest.mark.parametrize(
    ("link", "device", "said"),
    [({}, "auto", "On cuda. 32\u202fGiB of memory. Auto takes"), ({"ci_device": "CPU"}, "cpu", "On cpu. 64\u202fGiB")],
)
def test_of_several_devices_one_is_chosen(
    open_page: OpenPage, service: Any, link: dict[str, str], device: str, said: str
) -> None:
    service.devices = ["cuda", "cpu"]
    app = open_page("cifar", **link)
    assert any(said in element.proto.help for element in app.markdown if "badge" in element.value)
    button(app, "Run it").click().run()  # the range test
    asked(app, service)
    assert [run.device for run in service.runs.values()] == [device] * 2


def test_overfitting_trains_four_networks_that_differ_in_nothing_else(open_page: OpenPage, service: Any) -> None:
    service.state = "finished"
    app = open_page("cifar", ci_tab="overfitting")
    button(app, "Train all four").click().run()
    assert not app.exception
    found = [run.experiment for run in service.runs.values()]
    assert len({(one.layers, one.augmentation) for one in found}) == len(found) == 4
    alike = {replace(one, layers=found[0].layers, augmentation=found[0].augmentation).key for one in found}
    assert len(alike) == 1
    assert {one.train_images for one in found} == {500}
    assert [any(isinstance(layer, Pool) for layer in one.layers) for one in found] == [False, True, True, True]
    assert [any(isinstance(layer, Dropout) for layer in one.layers) for one in found] == [False, False, True, True]
    assert "Train all four" not in labels(app)


def test_the_range_tests_suggestion_is_taken(open_page: OpenPage, service: Any) -> None:
    service.state = "finished"
    service.events = [
        {
            "event": "progress",
            "seq": step,
            "step": step,
            "epoch": step / 100,
            "images": step,
            "seconds": step / 10,
            "accuracy": 0.5,
            "images_per_second": 10.0,
            "memory_bytes": 0,
            "learning_rate": 1e-5 * 1.12**step,
            "loss": 2.3 - 0.02 * step if step < 90 else 0.5 + 0.2 * (step - 90),
        }
        for step in range(1, 110)
    ]
    app = open_page("cifar")
    button(app, "Run it").click().run()
    (use,) = [label for label in labels(app) if label.startswith("Use ")]
    button(app, use).click().run()
    assert app.select_slider(key="ci_rate").value == float(use.removeprefix("Use "))


@pytest.mark.parametrize(
    ("slope", "said"), [(0.0, "the loss never fell clearly below the 2.30"), (-0.02, "the loss had not risen again")]
)
def test_a_range_test_that_cannot_tell_says_so(open_page: OpenPage, service: Any, slope: float, said: str) -> None:
    service.state = "finished"
    service.events = [
        {
            "event": "progress",
            "seq": step,
            "step": step,
            "epoch": step / 100,
            "images": step,
            "seconds": step / 10,
            "accuracy": 0.5,
            "images_per_second": 10.0,
            "memory_bytes": 0,
            "learning_rate": 1e-5 * 1.12**step,
            "loss": 2.3 + slope * step,
        }
        for step in range(1, 110)
    ]
    app = open_page("cifar")
    button(app, "Run it").click().run()
    assert "**No suggestion:**" in words(app)
    assert said in words(app)
    assert not [label for label in labels(app) if label.startswith("Use ")]


def test_the_time_is_estimated_from_a_probe_of_the_network_as_it_is_set(
    open_page: OpenPage, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def speed(experiment: str, device: str, inference: object) -> float:
        asked.append((Experiment.from_json(experiment).batch_size, device))
        return 900.0

    monkeypatch.setattr(time_estimate, "speed", speed)
    app = open_page("cifar", ci_epochs="3", ci_batch="250")
    (estimate,) = [caption for caption in app.caption if caption.value.startswith("About ")]
    assert re.fullmatch(r"About 1[6-9]\ss", estimate.value)
    said = estimate.proto.help.replace("\u202f", " ")
    assert re.search(r"About \*\*1[6-9] s\*\* in total for 3 epochs: 15 s of training, ", said)  # of 4,500 pictures
    assert "Measured here for 1 s: 900 images/s in training." in said
    assert set(asked) == {(250, "auto")}


def test_a_network_that_somebody_else_wrote_is_timed_when_asked(open_page: OpenPage, service: Any) -> None:
    app = open_page("cifar", ci_net="Your own", ci_white="false", ci_dirac="false")
    assert not [caption for caption in app.caption if caption.value.startswith("About ")]
    button(app, "Estimate").click().run()
    assert [caption for caption in app.caption if caption.value.startswith("About ")]


def test_a_full_queue_is_refused_in_words(open_page: OpenPage, service: Any) -> None:
    service.full = True
    app = open_page("cifar", ci_epochs="7")
    button(app, "Train").click().run()
    assert "20 runs" in app.error[0].value
    assert app.slider(key="ci_epochs").value == 7


def test_a_store_that_cannot_be_read_says_so(open_page: OpenPage, service: Any) -> None:
    service.broken = True
    app = open_page("cifar")
    assert any("its disk is full" in error.value for error in app.error)
    assert "67,008</b> parameters" in words(app)


def test_a_bad_link_falls_back_to_good_values(open_page: OpenPage) -> None:
    bad = {"ci_aim": "no-such", "ci_rate": "fast", "ci_runs": "../../etc", "ci_now": "0" * 16, "ci_epochs": "-4"}
    app = open_page("cifar", ci_pipeline="x" * 30_000, **bad)
    assert "Train" in labels(app)
