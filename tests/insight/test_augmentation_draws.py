"""Draws as the page shows them: the exported program does the same, and the numbers told are those used."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as vision

from core.insight.augmentation_averages import DRAWS, SLOW_DRAWS, average, cost, sweep, sweep_values
from core.insight.augmentation_draws import operation_words, render
from core.insight.pixel_moves import moves_pixels
from core.training.augmentation import specs
from core.training.augmentation.codegen import program
from core.training.augmentation.pipeline import PRESETS, Pipeline
from core.training.augmentation.specs import KINDS, Affine, HorizontalFlip
from core.training.augmentation.step import Range, Step, settings

BUSY = [Affine(2, 10, 0.2, 5) if name == "Affine" else kind() for name, kind in KINDS.items()]
EACH = [Pipeline((step,)) for step in BUSY]
LONG = Pipeline((*BUSY[:9], specs.CutMix()))
ALTERNATING = Pipeline((HorizontalFlip(alternating=True), specs.Rotation(20)))
ALTERNATING_MIXED = Pipeline((HorizontalFlip(alternating=True), specs.Rotation(20), specs.Mixup(1.0)))
IDLE_AMONG = [  # steps that change nothing, between others
    Pipeline((specs.Rotation(0), specs.Noise(0), Affine(2, 10), specs.Elastic(0), specs.Erasing(), specs.Mixup(0))),
    Pipeline((HorizontalFlip(0), specs.Perspective(0, 1), specs.ColorJitter(), specs.CutMix(0))),
    Pipeline((specs.RandAugment(0), specs.Blur(0.1), specs.PaddedCrop(0), specs.ResizedCrop(), specs.CutMix(1.0))),
]


def picture(seed: int = 0, channels: int = 3, height: int = 30, width: int = 32) -> Tensor:
    made = torch.rand((channels, height, width), generator=torch.Generator().manual_seed(seed))
    return vision.gaussian_blur(made, [3, 3])


@pytest.mark.parametrize(
    "pipeline",
    [*EACH, LONG, ALTERNATING, ALTERNATING_MIXED, *IDLE_AMONG, *PRESETS.values()],
    ids=lambda p: p.to_json()[:40],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_exported_program_gives_the_same_pictures_for_the_same_seeds(pipeline: Pipeline, channels: int) -> None:
    one, other = picture(0, channels), picture(1, channels)
    seeds = range(40, 44)
    shown = render(pipeline, one, other, seeds, index=5)
    module: dict[str, Any] = {}
    exec(program(pipeline, 30, 32), module)
    for epoch, seed in enumerate(seeds):
        turn = {"epoch": epoch, "index": 5} if pipeline.alternating else {}
        if pipeline.busy.mixing is None:
            drawn = module["draw"](one, seed, **turn)
        else:
            drawn = module["draw"](torch.stack([one, other]), torch.tensor([0, 1]), seed, **turn)[0][0]
        assert torch.equal(drawn, shown.images[epoch])
        assert len(shown.drawn[epoch]) == len(pipeline.steps)


def test_idle_steps_are_told_as_not_done() -> None:
    shown = render(IDLE_AMONG[0], picture(), picture(), range(3))
    places = {place for place, step in enumerate(IDLE_AMONG[0].steps) if step.idle}
    assert len(places) == 4
    for drawn in shown.drawn:
        assert {place for place, numbers in enumerate(drawn) if numbers is None} >= places


@pytest.mark.parametrize("step", [specs.Mixup(0), specs.CutMix(0)])
def test_mixing_at_alpha_0_leaves_pictures_unmixed(step: Step) -> None:
    one, other = picture(), picture(1)
    assert all(torch.equal(image, one) for image in render(Pipeline((step,)), one, other, range(3)).images)
    assert torch.allclose(average(Pipeline((step,)), one, other, 0).mean, one, atol=1e-6)


def test_steps_say_by_their_kind_whether_they_move_pixels() -> None:
    still = {"ColorJitter", "Grayscale", "Blur", "Noise", "Erasing", "Normalize", "Mixup", "CutMix"}
    assert {step.name for step in BUSY if not moves_pixels(step)} == still
    assert not average(Pipeline((specs.Rotation(0), specs.Blur())), picture(), picture(), 0).moves
    never_in_256 = average(Pipeline((specs.VerticalFlip(1e-9),)), picture(), picture(), 0)
    assert never_in_256.moves
    assert max(never_in_256.moved) == 0


def test_gray_pictures_have_no_color_numbers() -> None:
    pipeline = Pipeline((specs.ColorJitter(), specs.Grayscale(1.0), specs.ColorJitter(0, 0, 0.4, 0.2)))
    (gray,) = render(pipeline, picture(0, 1), picture(1, 1), [3]).drawn
    assert set(gray[0] or {}) == {"brightness", "contrast"}
    assert gray[1:] == [None, None]
    (color,) = render(pipeline, picture(), picture(1), [3]).drawn
    assert set(color[0] or {}) == {"brightness", "contrast", "saturation", "hue"}
    assert color[1] == {}
    found = average(pipeline, picture(0, 1), picture(1, 1), 0)
    assert [set(names) for names in found.drawn] == [{"brightness", "contrast"}, set(), set()]


@pytest.mark.parametrize(
    ("name", "magnitude", "words"),
    [
        ("Rotate", 124.13, "Rotate 124°"),
        ("Rotate", -9.0, "Rotate -9°"),
        ("Solarize", 127.5, "Solarize 128"),
        ("TranslateX", -14.9, "TranslateX -14 px"),
        ("ShearX", 0.033, "ShearX 0.033"),
        ("Posterize", 4, "Posterize 4"),
        ("Equalize", 0.0, "Equalize"),
    ],
)
def test_magnitudes_are_written_without_exponents(name: str, magnitude: float, words: str) -> None:
    assert operation_words(name, magnitude) == words


def test_what_is_told_is_what_was_done() -> None:
    one = picture()
    shown = render(Pipeline((specs.Rotation(60), HorizontalFlip(0.5))), one, one, range(12))
    for image, (turn, flip) in zip(shown.images, shown.drawn, strict=True):
        assert turn is not None
        expected = vision.rotate(one, float(turn["angle"]), interpolation=vision.InterpolationMode.BILINEAR)
        assert torch.allclose(image, expected if flip is None else expected.flip(-1), atol=1e-6)
    assert {flip is None for _, flip in shown.drawn} == {True, False}


def test_policies_tell_their_operations() -> None:
    shown = render(Pipeline((specs.RandAugment(2, 9),)), picture(), picture(), range(5))
    for (drawn,) in shown.drawn:
        assert drawn is not None
        assert set(drawn) == {"1", "2"}
        assert all(str(word)[0].isupper() for word in drawn.values())


def test_an_alternating_flip_takes_turns() -> None:
    drawn = [flip is not None for flip, _ in render(ALTERNATING, picture(), picture(), range(6)).drawn]
    assert drawn in ([True, False] * 3, [False, True] * 3)


def test_the_average_of_a_shifted_dot_is_a_square_cloud() -> None:
    dot = torch.zeros(1, 21, 21)
    dot[0, 10, 10] = 1
    found = average(Pipeline((Affine(shift=3),)), dot, dot, seed=2)
    inside = found.mean[0, 7:14, 7:14]
    assert float(inside.sum()) == pytest.approx(1)
    assert float(found.mean.sum()) == pytest.approx(1)
    assert float(inside.max()) < 0.05  # 1 / 49 each
    expected = (found.mean[0] * (1 - found.mean[0])).sqrt()  # of a pixel that is 0 or 1
    assert torch.allclose(found.spread, expected, atol=2e-3)
    assert len(found.moved) == DRAWS
    assert set(found.drawn[0]) == {"dx", "dy"}
    assert sum(found.moved) / DRAWS == pytest.approx(
        sum(torch.hypot(torch.tensor(x), torch.tensor(y)).item() for x, y in zip(*found.drawn[0].values(), strict=True))
        / DRAWS,
        abs=0.01,
    )


def test_what_does_not_move_pixels_says_so() -> None:
    found = average(Pipeline((specs.ColorJitter(), specs.Erasing())), picture(), picture(), 0)
    assert not found.moves
    assert max(found.moved) < 1e-6
    assert found.lost == 0
    assert 0.3 < found.done[1] < 0.7


@pytest.mark.parametrize("pipeline", [*EACH, LONG], ids=lambda p: p.to_json()[:40])
def test_every_step_has_its_average(pipeline: Pipeline) -> None:
    found = average(pipeline, picture(), picture(1), 0)
    assert found.mean.shape == (3, 30, 32)
    assert found.spread.shape == (30, 32)
    assert torch.isfinite(found.mean).all()
    assert len(found.drawn) == len(found.done) == len(pipeline.steps)
    counts = found.ops[0].values()
    if pipeline.steps[0].name in ("RandAugment", "TrivialAugment"):
        assert sum(counts) == SLOW_DRAWS * (2 if pipeline.steps[0].name == "RandAugment" else 1)


def test_a_sweep_begins_with_the_picture_itself_and_goes_smoothly() -> None:
    one = picture()
    frames = sweep(Pipeline((specs.Rotation(30),)), 0, "degrees", one, one, 1, 19)
    assert torch.allclose(frames[0], one, atol=1e-5)
    assert frames.shape == (19, 3, 30, 32)
    values = sweep_values(settings(specs.Rotation)["degrees"], 19)  # type: ignore[arg-type]
    assert values[0] == 0
    assert values[-1] == 180
    jumps = (frames[1:] - frames[:-1]).abs().mean(dim=(1, 2, 3))
    assert jumps.max() < 0.2


@pytest.mark.parametrize("step", BUSY, ids=lambda step: step.name)
def test_every_setting_can_be_swept(step: Step) -> None:
    for name, setting in settings(step).items():
        if isinstance(setting, Range):
            assert sweep(Pipeline((step,)), 0, name, picture(), picture(1), 0, 3).shape == (3, 3, 30, 32)


@pytest.mark.clock
def test_cost_is_measured() -> None:
    found = cost(Pipeline((Affine(2), HorizontalFlip())), picture(), seconds=0.05)
    assert found.whole_batch > found.one_by_one > 0
