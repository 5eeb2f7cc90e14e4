"""The augmentation page: steps added, ordered, switched, tuned; its tabs; links that reopen it, whole and damaged."""

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from core import data
from core.runs.augmentation_queries import QUERIES
from core.runs.inference_client import InferenceError
from core.training.augmentation.pipeline import PRESETS, Pipeline
from core.training.augmentation.specs import (
    KINDS,
    Affine,
    AutoAugment,
    Erasing,
    HorizontalFlip,
    Normalize,
    RandAugment,
    Rotation,
    TrivialAugment,
    VerticalFlip,
)
from core.training.augmentation.step import Step
from core.ui.backend import client
from core.ui.state import pipeline_link
from core.ui.views.augmentation import label_traps, value_scale
from core.ui.views.augmentation.queries import TILES

OpenPage = Callable[..., AppTest]
TABS = ("average", "sweep", "draws", "cost", "export")


class Direct:
    """Answers in this process, as the answering process does."""

    broken = False

    def warm_up(self) -> None:
        pass

    def query(self, question: str, **values: Any) -> Any:
        if self.broken:
            raise InferenceError("There was no answer within 60 seconds. Try again.")
        return json.loads(json.dumps(QUERIES[question](**values)))

    def probabilities(self, network: str, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.eye(10, dtype=np.float32)[[6]]


@pytest.fixture(autouse=True)
def inference(service: Any, monkeypatch: pytest.MonkeyPatch) -> Direct:
    direct = Direct()
    monkeypatch.setattr(client, "inference", lambda: direct)
    return direct


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "html", "error", "warning")
    return " ".join(str(getattr(e, "value", None) or e.proto.body) for kind in kinds for e in app.get(kind))


def drawn(app: AppTest) -> str:
    """The HTML of the draws, whether they fly or not."""
    found = next(e.proto.body for e in app.get("html") if 'class="draws' in e.proto.body)
    return str(found).replace("draws flying", "draws")


def draws(app: AppTest) -> int:
    return drawn(app).count("<img")


def linked(app: AppTest) -> str:
    text: str | list[str] = app.query_params["a_pipeline"]
    return text if isinstance(text, str) else text[0]


def popovers(app: AppTest) -> set[str]:
    return {block.proto.popover.label for block in app.get("popover")}


def press(app: AppTest, help: str) -> None:
    next(button for button in app.button if button.help == help).click().run()


def test_fresh(open_page: OpenPage) -> None:
    app = open_page("augmentation")
    assert app.title[0].value == "Which changes keep the label?"
    assert draws(app) == TILES
    assert [e.label.split("**")[2].split(" (")[0].strip() for e in app.expander] == [
        "affine",
        "rotation",
        "padded crop",
    ]
    assert "14 different inputs" in words(app)
    assert "A pixel moves by" in words(app)
    assert not app.error
    assert "a_pipeline" not in app.query_params


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("name", ["none", "strong"])
def test_every_tab_of_no_step_and_of_many(open_page: OpenPage, tab: str, name: str) -> None:
    app = open_page("augmentation", a_tab=tab, a_pipeline=name, a_picture="coins")
    assert draws(app) == TILES
    assert not app.error


@pytest.mark.parametrize("kinds", [list(KINDS)[:7], list(KINDS)[7:13], list(KINDS)[13:18], ["CutMix"]])
def test_every_step_can_be_added_and_drawn(open_page: OpenPage, kinds: list[str]) -> None:
    app = open_page("augmentation", a_pipeline="none")
    assert "14 times the same picture" in words(app)
    for kind in kinds:
        app.selectbox(key="a_add").select(kind).run()
        assert not app.error
        assert not app.exception
    assert [one["step"] for one in json.loads(linked(app))] == kinds
    assert draws(app) == TILES
    assert len(app.expander) == len(kinds)


def test_steps_are_tuned_switched_moved_and_removed(open_page: OpenPage) -> None:
    app = open_page("augmentation", a_pipeline=Pipeline((Rotation(10), HorizontalFlip(1.0))).to_json())
    next(slider for slider in app.slider if slider.label == "Maximum angle (±°)").set_value(90.0).run()
    assert Pipeline.from_json(linked(app)).steps == (Rotation(90), HorizontalFlip(1.0))
    assert "rotation (degrees ±90°)" in app.expander[0].label
    press(app, "Down: rotation")
    assert [one["step"] for one in json.loads(linked(app))] == ["HorizontalFlip", "Rotation"]
    next(toggle for toggle in app.toggle if toggle.label == "Alternating").set_value(True).run()
    assert json.loads(linked(app))[0]["alternating"] is True
    next(toggle for toggle in app.toggle if toggle.label == "horizontal flip on").set_value(False).run()
    assert json.loads(linked(app))[0]["off"] is True
    assert "mirrored" not in next(e.proto.body for e in app.get("html") if 'class="draws' in e.proto.body)
    press(app, "Remove: rotation")
    assert [one["step"] for one in json.loads(linked(app))] == ["HorizontalFlip"]
    again = open_page("augmentation", a_pipeline=linked(app))
    assert linked(again) == linked(app)


def test_a_preset_replaces_the_steps(open_page: OpenPage) -> None:
    app = open_page("augmentation")
    app.pills(key="a_preset").set_value("strong").run()
    assert linked(app) == "strong"
    assert len(app.expander) == len(PRESETS["strong"].steps)
    assert "Mixed with this picture" in words(app)


def test_another_seed_draws_others_and_the_same_again(open_page: OpenPage) -> None:
    app = open_page("augmentation")
    first = drawn(app)
    app.button(key="a_again").click().run()
    assert drawn(app) != first
    app.number_input(key="a_seed").set_value(0).run()
    assert drawn(app) == first


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ({"step": "VerticalFlip"}, "a 6, flipped upside down,"),
        ({"step": "HorizontalFlip"}, "a 2, mirrored,"),
        ({"step": "Rotation", "degrees": 180}, "a 9, rotated by 180°,"),
        ({"step": "TrivialAugment"}, "a 9, rotated by 135°,"),
    ],
)
def test_a_step_that_changes_what_a_digit_means_is_warned_of(open_page: OpenPage, step: Any, what: str) -> None:
    app = open_page("augmentation", a_pipeline=json.dumps([step]))
    assert what in app.warning[0].value
    assert "still labeled" in words(app)
    assert "predicts 6, at 100" in words(app)
    other = open_page("augmentation", a_pipeline=json.dumps([step]), a_picture="coffee")
    assert not other.warning
    assert what in words(other)


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        ([TrivialAugment()], ["rotated by 135°"]),
        ([TrivialAugment(), Rotation(60)], ["rotated by 180°"]),
        ([Rotation(60), Affine(rotate=35)], ["rotated by 95°"]),
        ([RandAugment(4, 30)], ["rotated by 120°"]),
        ([RandAugment(2, 9), AutoAugment()], []),
        ([Rotation(90)], []),
        ([HorizontalFlip(), VerticalFlip()], ["flipped upside down", "mirrored", "rotated by 180°"]),
    ],
)
def test_labels_are_checked_against_the_largest_rotation_of_all_steps(steps: list[Step], what: list[str]) -> None:
    found = label_traps.pitfalls(Pipeline(tuple(steps)))
    assert [pitfall.what for pitfall in found] == what
    corner = np.zeros((28, 28), np.uint8)
    corner[4, 20] = 255
    assert all(pitfall.change(corner).shape == (28, 28) for pitfall in found)


@pytest.mark.parametrize("off", [1, 0, "true", None])
def test_off_is_true_or_false(open_page: OpenPage, off: object) -> None:
    app = open_page("augmentation", a_pipeline=json.dumps([{"step": "Rotation", "off": off}]))
    assert "off of a step is true or false" in app.error[0].value


@pytest.mark.parametrize("kind", ["Mixup", "CutMix"])
def test_both_parts_of_a_mixed_label_stand_under_each_picture(open_page: OpenPage, kind: str) -> None:
    labels = data.load("mnist").train_labels.tolist()
    index = next(place for place, label in enumerate(labels) if labels[place + 1] != label)
    app = open_page("augmentation", a_pipeline=json.dumps([{"step": kind}]), a_image=str(index))
    html = next(e.proto.body for e in app.get("html") if 'class="draws' in e.proto.body)
    own, other = labels[index : index + 2]
    parts = re.findall(rf"<b>label: {own} \((\d+)\W%\), {other} \((\d+)\W%\)</b>", html)
    assert len(parts) == TILES - 2
    assert all(int(first) + int(second) == 100 for first, second in parts)
    assert "The label is mixed" in words(app)
    unmixed = open_page("augmentation", a_pipeline=json.dumps([{"step": kind, "alpha": 0}]))
    assert not unmixed.error
    assert draws(unmixed) == TILES
    assert "label:" not in words(unmixed)
    assert "Mixed with this picture" not in words(unmixed)


@pytest.mark.parametrize("gray", [True, False])
def test_erasing_looks_different_before_and_after_normalizing(gray: bool) -> None:
    """Erased to 0, which is the mean after normalizing and black before it."""
    shape = (2, 28, 28) if gray else (2, 28, 28, 3)
    before, after = np.full(shape, 0.4, np.float32), np.full(shape, 0.4, np.float32)
    before[0, :9], after[0, :9] = -1.0, 0.0
    shown = [value_scale.of((Normalize(), Erasing()), pictures).levels(pictures[0]) for pictures in (before, after)]
    assert not np.array_equal(shown[0][0], shown[1][0])
    zero = shown[1][0, 0].tolist()
    assert zero[-1] == 0 if gray else zero == [128, 128, 128]
    assert value_scale.of((Erasing(),), before).limit is None
    assert value_scale.of((Normalize(),), np.full(shape, 0.7)).limit == pytest.approx(0.7)  # by its kind, also above 0


@pytest.mark.parametrize("tab", ["average", "sweep"])
def test_normalized_values_have_their_scale_on_every_tab(open_page: OpenPage, tab: str) -> None:
    app = open_page("augmentation", a_tab=tab, a_pipeline='[{"step": "Erasing"}, {"step": "Normalize"}]')
    assert not app.error
    assert not app.exception
    assert words(app).count("(orange)") == 2


def test_small_turns_are_not_warned_of(open_page: OpenPage) -> None:
    assert not open_page("augmentation", a_pipeline='[{"step": "Rotation", "degrees": 30}]').warning


@pytest.mark.parametrize("link", ['[{"step": "Rotation", "degrees": 999}]', "[" * 30_000])
def test_a_damaged_link_is_refused_with_a_sentence(open_page: OpenPage, link: str) -> None:
    """What else may be damaged: tests/training/test_pipeline.py."""
    app = open_page("augmentation", a_pipeline=link)
    assert "The link's augmentation cannot be read." in app.error[0].value
    assert draws(app) == TILES


def test_pasting(open_page: OpenPage) -> None:
    app = open_page("augmentation")
    app.text_area(key="a_json").set_value("no").run()
    app.button(key="a_use").click().run()
    assert "not JSON" in app.error[0].value
    assert len(app.expander) == 3
    app.text_area(key="a_json").set_value(PRESETS["standard"].to_json()).run()
    app.button(key="a_use").click().run()
    assert linked(app) == "standard"


def test_when_nobody_answers_the_page_says_so_and_keeps_the_steps(open_page: OpenPage, inference: Direct) -> None:
    inference.broken = True
    app = open_page("augmentation", a_seed="77")
    assert "no answer" in app.error[0].value
    assert len(app.expander) == 3


def test_the_mnist_page_trains_with_it(open_page: OpenPage, service: Any) -> None:
    pipeline = Pipeline((Affine(3, 10), HorizontalFlip(0.5)))
    app = open_page("mnist", **{pipeline_link.TRAIN: pipeline.to_json()})
    next(button for button in app.button if button.label.startswith("Train")).click().run()
    assert {run.experiment.augmentation for run in service.runs.values()} == {pipeline}
    assert "affine (shift ±3 px, rotate ±10°)" in words(app)
    app.button(key="m_leave_pipeline").click().run()
    assert pipeline_link.TRAIN not in app.query_params
    assert app.slider(key="m_shift").value == 0


def test_the_mnist_page_refuses_what_is_no_pipeline(open_page: OpenPage) -> None:
    app = open_page("mnist", **{pipeline_link.TRAIN: '[{"step": "evil"}]'})
    assert "The link's augmentation cannot be read." in app.error[0].value
    assert app.slider(key="m_shift").value == 0


def test_the_cifar_page_takes_it(open_page: OpenPage) -> None:
    pipeline = Pipeline((Affine(3, 10), HorizontalFlip(0.5)))
    query = {pipeline_link.TRAIN_CIFAR: pipeline.to_json(), pipeline_link.CIFAR_CHOICE: pipeline_link.FROM_LINK}
    app = open_page("cifar", **query)
    assert app.selectbox(key=pipeline_link.CIFAR_CHOICE).value == "given"
    assert not app.error
    assert "Settings: 2 steps" in popovers(app)
    app.selectbox(key=pipeline_link.CIFAR_CHOICE).select("none").run()
    assert "Settings" in popovers(app)


def test_digits_that_stand_in_for_mnist_are_named(open_page: OpenPage) -> None:
    said = words(open_page("augmentation", a_pipeline='[{"step": "VerticalFlip", "p": 0.5}]'))
    assert "5,000 of MNIST's 70,000 digits for now" in said
    assert "Measured on the 1,000 of MNIST's test digits that come with the app" in said
    assert "for now" not in words(open_page("augmentation", a_picture="cat"))


def test_generated_pictures_are_not_called_cifar10(open_page: OpenPage) -> None:
    assert "**Not CIFAR-10:** generated pictures" in words(open_page("augmentation", a_picture="cifar10"))


@pytest.mark.parametrize("digit", [2, 6, 9])
def test_the_network_is_asked_about_digits_it_has_not_learned(digit: int) -> None:
    shown = label_traps._example(digit).tobytes()
    digits = data.load("mnist")
    assert shown in {image.tobytes() for image in digits.test_images[digits.test_labels == digit]}
    assert shown not in {image.tobytes() for image in digits.train_images}


def test_the_sentence_answers_the_last_change(open_page: OpenPage) -> None:
    app = open_page("augmentation")

    def said() -> str:
        return re.findall(r'<div role="status">\s*(.*?)\s*</div>', words(app), re.DOTALL)[-1]

    assert said().startswith("One picture, 14 different inputs")
    app.button(key="a_again").click().run()
    assert said().startswith("Drawn again: one picture")
    app.toggle(key="a_1_on").set_value(False).run()
    assert said().startswith("Without rotation (degrees ±15°): one picture")
    app.toggle(key="a_1_on").set_value(True).run()
    assert said().startswith("With rotation (degrees ±15°): one picture")
    app.slider(key="a_1_degrees").set_value(90).run()
    assert said().startswith("Rotation (degrees ±15°) → rotation (degrees ±90°): one picture")
    app.pills(key="a_preset").set_value("gentle").run()
    assert said().startswith("With this step: one picture")
    app.pills(key="a_preset").set_value("none").run()
    assert said().startswith("14 times the same picture")
