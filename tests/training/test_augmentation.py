"""Whole batches against torchvision: the same pictures for the same numbers, and numbers drawn alike."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from scipy.stats import ks_2samp
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as vision

from core.training.augmentation import specs
from core.training.augmentation.batch import apply, augment, mix
from core.training.augmentation.mixing import parts
from core.training.augmentation.normalization import Normalization
from core.training.augmentation.pipeline import Pipeline, random_affine
from core.training.augmentation.sampling import Batch, coin, draw
from core.training.augmentation.specs import KINDS
from core.training.augmentation.step import Range, Step, settings
from core.training.augmentation.torchvision_reference import by_policy, policy, transform

GRAY = Normalization((0.4,), (0.3,))
COLOR = Normalization((0.5, 0.4, 0.3), (0.2, 0.25, 0.3))
IDLE: dict[str, Step] = {
    "ResizedCrop": specs.ResizedCrop(1, 1),
    "Blur": specs.Blur(0.1),
    "Normalize": specs.Normalize(0, 1),
}
MOVING = specs.Affine(shift=3, rotate=30, scale=0.2, shear=20)
BUSY = {name: MOVING if name == "Affine" else kind() for name, kind in KINDS.items()}
SINGLE = {name: step for name, step in BUSY.items() if name not in ("Mixup", "CutMix")}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(n: int = 6, channels: int = 3, height: int = 32, width: int = 28, dtype: Any = torch.float32) -> Tensor:
    """Smooth random pictures in [0, 1]."""
    smooth = vision.gaussian_blur(torch.rand((n, channels, height, width), generator=seeded(7)), [5, 5])
    return ((smooth - smooth.min()) / (smooth.max() - smooth.min())).to(dtype)


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize(("channels", "dtype"), [(1, torch.float32), (3, torch.float32), (3, torch.bfloat16)])
def test_shape_format_and_range_stay_and_a_seed_decides(name: str, channels: int, dtype: Any) -> None:
    normalization = GRAY if channels == 1 else COLOR
    images, pipeline = normalization(pictures(channels=channels).mul(255).byte(), dtype), Pipeline((SINGLE[name],))
    before = images.clone()
    changed = augment(images, pipeline, seeded(1), normalization)
    assert torch.equal(images, before)  # the dataset on the device is not written to
    assert changed.shape == images.shape
    assert changed.dtype == dtype
    assert torch.equal(changed, augment(images, pipeline, seeded(1), normalization))
    if name == "Normalize":
        return
    others = [augment(images, pipeline, seeded(seed), normalization) for seed in (2, 3, 4)]
    gray_keeps = channels == 1 and name == "Grayscale"
    assert gray_keeps == all(torch.equal(changed, other) for other in others)
    shown = changed.float() * torch.tensor(normalization.std).view(-1, 1, 1)
    shown = shown + torch.tensor(normalization.mean).view(-1, 1, 1)
    assert shown.min() > -0.02
    assert shown.max() < 1.02


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"AutoAugment", "TrivialAugment", "Mixup", "CutMix"}))
def test_strength_zero_changes_nothing(name: str) -> None:
    kind = KINDS[name]
    zeros = {n: 0 for n, s in settings(kind).items() if isinstance(s, Range) and s.low == 0}
    idle = IDLE.get(name) or kind(**zeros)
    images = pictures()
    assert augment(images, Pipeline((idle,)), seeded()) is images  # and what is skipped would do nothing:
    if not isinstance(idle, specs.RandAugment):
        done = apply(images, idle, draw(idle, Batch(6, 32, 28, seeded())), torch.zeros(3, 1, 1))
        assert torch.allclose(done, images, atol=1e-5)


def theirs(step: Step, image: Tensor, drawn: dict[str, Tensor]) -> Tensor:
    """torchvision's functions told the numbers that we drew for one picture."""
    numbers = {name: value[0].tolist() for name, value in drawn.items() if len(value)}
    smooth = {"interpolation": v2.InterpolationMode.BILINEAR}
    h, w = image.shape[-2:]
    match step:
        case specs.Rotation():
            return vision.rotate(image, numbers["angle"], **smooth)
        case specs.Affine():
            move = [numbers["dx"], numbers["dy"]]
            return vision.affine(image, numbers["angle"], move, numbers["scale"], [numbers["shear"], 0.0], **smooth)
        case specs.ResizedCrop():
            place = [numbers[name] for name in ("top", "left", "height", "width")]
            return vision.resized_crop(image, *place, [h, w], antialias=True)
        case specs.PaddedCrop():
            padded = vision.pad(image, [step.padding], padding_mode="constant" if step.mode == "zero" else "reflect")
            return vision.crop(padded, step.padding - numbers["dy"], step.padding - numbers["dx"], h, w)
        case specs.HorizontalFlip():
            return vision.horizontal_flip(image) if numbers["done"] else image
        case specs.VerticalFlip():
            return vision.vertical_flip(image) if numbers["done"] else image
        case specs.Perspective():
            if not numbers["done"]:
                return image
            return vision.perspective(image, None, None, coefficients=numbers["coefficients"], **smooth)
        case specs.Elastic():
            size = int(8 * step.sigma + 1) | 1
            offset = vision.gaussian_blur(drawn["displacement"], [size, size], [step.sigma, step.sigma])
            offset = offset * step.alpha / torch.tensor([w, h]).view(2, 1, 1)
            return vision.elastic(image, offset.permute(0, 2, 3, 1))
        case specs.ColorJitter():
            changes = (
                (vision.adjust_brightness, "brightness"),
                (vision.adjust_contrast, "contrast"),
                (vision.adjust_saturation, "saturation"),
                (vision.adjust_hue, "hue"),
            )
            for index in numbers["order"]:
                change, name = changes[index]
                image = change(image, numbers[name])
            return image
        case specs.Grayscale():
            return vision.rgb_to_grayscale(image, 3) if numbers["done"] else image
        case specs.Blur():
            size = 2 * math.ceil(3 * step.sigma) + 1
            return vision.gaussian_blur(image, [size, size], [numbers["sigma"]] * 2)
        case specs.Erasing():
            place = [numbers[name] for name in ("top", "left", "height", "width")]
            return vision.erase(image, *place, torch.zeros(1)) if numbers["done"] else image
    assert isinstance(step, specs.Normalize)
    return vision.normalize(image, [step.mean], [step.std])


@pytest.mark.parametrize(
    "flips", [("HorizontalFlip",), ("VerticalFlip",), ("HorizontalFlip", "VerticalFlip", "HorizontalFlip")]
)
@pytest.mark.parametrize("moving", [MOVING, specs.Rotation(40), specs.Affine(shift=3)])
def test_flips_within_the_step_before_are_the_flips_behind_it(flips: tuple[str, ...], moving: Step) -> None:
    pipeline, images = Pipeline((moving, *(KINDS[name](0.5) for name in flips))), COLOR(pictures(20).mul(255).byte())
    black = COLOR.black.view(3, 1, 1)
    batch, by_turns = Batch(20, 32, 28, seeded(5)), images
    for step in pipeline.steps:
        by_turns = apply(by_turns, step, draw(step, batch), black)
    together = augment(images, pipeline, seeded(5), COLOR)
    assert torch.allclose(together, by_turns, atol=1e-4)
    assert not torch.allclose(together, images, atol=0.1)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    "step", [specs.AutoAugment(), specs.AutoAugment("svhn"), specs.RandAugment(3, 12), specs.TrivialAugment()]
)
def test_policies_on_a_batch_are_torchvisions_picture_by_picture(step: Step, channels: int) -> None:
    images = pictures(60, channels).mul(255).round().byte()
    torch.manual_seed(11)
    change = policy(step)
    one_by_one = torch.stack([change(image) for image in images])
    before = torch.random.get_rng_state()
    together = by_policy(step, images, 11)
    assert torch.equal(torch.random.get_rng_state(), before)  # nobody else's draws are touched
    assert (together.int() - one_by_one.int()).abs().max() <= 1  # a mean of one or of many pictures, rounded
    assert (together != one_by_one).float().mean() < 0.001
    assert (together != images).float().mean() > 0.2


SEEDED = {"Noise", "AutoAugment", "RandAugment", "TrivialAugment"}  # drawn where they are done


@pytest.mark.parametrize("name", sorted(set(SINGLE) - SEEDED))
def test_a_whole_batch_equals_torchvision_picture_by_picture(name: str) -> None:
    variants = [SINGLE[name]]
    if name == "PaddedCrop":
        variants.append(specs.PaddedCrop(5, "reflect"))
    if name == "Affine":
        variants.append(specs.Affine(shift=4))
    for step in variants:
        images, batch = pictures(16), Batch(16, 32, 28, seeded(3))
        drawn = draw(step, batch)
        ours = apply(images, step, drawn, torch.zeros(3, 1, 1))
        for index in range(16):
            one = {key: value[index : index + 1] for key, value in drawn.items()}
            assert torch.allclose(ours[index], theirs(step, images[index : index + 1], one)[0], atol=2e-4), (
                step,
                index,
            )


def torchvisions_numbers(step: Step, n: int, height: int, width: int) -> dict[str, list[float]]:
    """What torchvision's own transform draws, by our names."""
    made = transform(step, height, width)
    image = torch.zeros(3, height, width)
    told: dict[str, list[float]] = {}
    for _ in range(n):
        params = made.make_params([image])
        match step:
            case specs.Rotation():
                numbers = {"angle": params["angle"]}
            case specs.Affine():
                (dx, dy), (shear, _) = params["translate"], params["shear"]
                numbers = {"dx": dx, "dy": dy, "shear": shear, "angle": params["angle"], "scale": params["scale"]}
            case specs.ResizedCrop():
                numbers = {key: params[key] for key in ("top", "left", "height", "width")}
            case specs.PaddedCrop():
                numbers = {"dx": step.padding - params["left"], "dy": step.padding - params["top"]}
            case specs.Perspective():
                numbers = {f"coefficients{k}": value for k, value in enumerate(params["coefficients"])}
            case specs.ColorJitter():
                numbers = {key: params[f"{key}_factor"] for key in ("brightness", "contrast", "saturation", "hue")}
                numbers["first"] = int(params["fn_idx"][0])
            case specs.Blur():
                numbers = {"sigma": params["sigma"][0]}
            case _:
                keys = {"i": "top", "j": "left", "h": "height", "w": "width"}
                numbers = {ours: params[theirs] for theirs, ours in keys.items() if params["v"] is not None}
        for key, value in numbers.items():
            told.setdefault(key, []).append(float(value))
    return told


DRAWING = (
    *(MOVING, specs.Affine(shift=2.5), specs.Rotation(40), specs.ResizedCrop(0.3, 2), specs.ResizedCrop(0.9, 3)),
    *(specs.PaddedCrop(4), specs.Perspective(0.6, 1), specs.ColorJitter(), specs.Blur(2), specs.Erasing(1, 0.9)),
)


@pytest.mark.parametrize("step", DRAWING, ids=str)
def test_numbers_are_drawn_as_torchvision_draws_them(step: Step) -> None:
    n, height, width = 2000, 32, 26
    torch.manual_seed(11)
    told = torchvisions_numbers(step, n, height, width)
    ours = draw(step, Batch(n, height, width, seeded(5)))
    if "order" in ours:
        ours["first"] = ours.pop("order")[:, 0]
    if "coefficients" in ours:
        ours |= {f"coefficients{k}": column for k, column in enumerate(ours.pop("coefficients").unbind(1))}
    if isinstance(step, specs.Erasing):
        ours = {key: value[ours["done"]] for key, value in ours.items()}
        assert abs(len(ours["top"]) - len(told["top"])) < 60
    assert told
    for name, values in told.items():
        # 16 such names a step at most, and the seeds are fixed: 1e-4 is far from a chance find
        assert ks_2samp(values, ours[name].double().numpy()).pvalue > 1e-4, name


@pytest.mark.parametrize("name", ["HorizontalFlip", "VerticalFlip", "Perspective", "Grayscale"])
def test_a_chance_is_kept(name: str) -> None:
    done = draw(replace(SINGLE[name], p=0.3), Batch(5000, 32, 32, seeded()))["done"]
    assert abs(done.float().mean() - 0.3) < 0.02  # three deviations


def test_whole_pixel_shifts_are_all_equally_likely_and_fill_with_black() -> None:
    for dtype in (torch.float32, torch.bfloat16):
        normalization = Normalization((0.1,), (0.3,))
        black = normalization.black.to(dtype)
        images = torch.zeros((500, 1, 9, 9), dtype=dtype) + black
        images[:, :, 4, 4] = 1.0
        changed = augment(images, random_affine(shift=3), seeded(), normalization)
        places = (changed[:, 0] == 1.0).nonzero()  # (500, 3): one bright pixel a picture
        assert len(places) == 500
        assert ((changed == 1.0) | (changed == black)).all()  # to the bit
        for axis in (1, 2):
            counts = torch.bincount(places[:, axis], minlength=9)
            assert counts[:1].sum() == counts[8:].sum() == 0
            assert (counts[1:8] > 40).all()  # uniform over 7 places: 71 each on average, 4 deviations below is 40


def test_an_alternating_flip_shows_every_picture_the_other_way_round_every_other_epoch() -> None:
    images, pipeline = pictures(64), Pipeline((specs.HorizontalFlip(alternating=True),))
    rows = torch.randperm(50_000, generator=seeded())[:64]
    epochs = [augment(images, pipeline, seeded(e), epoch=e, indices=rows) for e in range(3)]
    assert torch.equal(epochs[0], epochs[2])
    assert torch.equal(epochs[1], epochs[0].flip(3))
    assert not torch.equal(epochs[0], images)
    order = torch.randperm(64, generator=seeded(1))  # another order of the batch: each picture as before
    again = augment(images[order], pipeline, seeded(9), epoch=0, indices=rows[order])
    assert torch.equal(again, epochs[0][order])


def test_the_coin_of_an_index_is_as_good_as_random() -> None:
    coins = coin(torch.arange(50_000)).float()
    assert abs(coins.mean() - 0.5) < 0.01
    for lag in (1, 2, 5, 10):
        assert abs(((coins[:-lag] - 0.5) * (coins[lag:] - 0.5)).mean()) < 0.005


def test_mixup_lays_neighbors_over_one_another_and_mixes_their_labels() -> None:
    images, labels, pipeline = pictures(5), torch.tensor([0, 1, 2, 3, 3]), Pipeline((specs.Mixup(1.0),))
    changed, targets = mix(images, labels, pipeline, seeded(), 4)
    part = float(targets[0, 0])
    assert 0 < part < 1
    assert torch.allclose(changed, part * images + (1 - part) * images.roll(1, 0), atol=1e-6)
    assert torch.allclose(targets.sum(1), torch.ones(5))
    assert torch.allclose(targets[4], torch.tensor([0.0, 0, 0, 1]))
    assert torch.allclose(targets[1], torch.tensor([1 - part, part, 0, 0]))


def test_cutmix_puts_a_box_of_the_neighbor_in_and_mixes_by_area() -> None:
    images = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 3, 32, 28).contiguous()
    labels, pipeline = torch.arange(4), Pipeline((specs.CutMix(1.0),))
    for seed in range(5):
        changed, targets = mix(images, labels, pipeline, seeded(seed), 4)
        kept = (changed[1, 0] == 1).float().mean()
        assert ((changed[1] == 0) | (changed[1] == 1)).all()
        assert torch.allclose(targets[1, 1], kept)
        assert torch.allclose(targets.sum(1), torch.ones(4))


@pytest.mark.parametrize(("step", "key"), [(specs.Mixup(0.4), "lam"), (specs.CutMix(1.0), "lam_adjusted")])
def test_parts_are_mixed_as_torchvision_draws_them(step: Step, key: str) -> None:
    torch.manual_seed(3)
    made, images = transform(step, 32, 32), torch.zeros(2, 3, 32, 32)
    told = [made.make_params([images])[key] for _ in range(2000)]
    ours = [parts(step, draw(step, Batch(2, 32, 32, seeded(seed))), 32, 32)[0] for seed in range(2000)]
    assert ks_2samp(told, ours).pvalue > 1e-3


def test_nothing_mixed_leaves_pictures_and_labels() -> None:
    images, labels = pictures(4), torch.arange(4)
    for pipeline in (random_affine(shift=1), Pipeline((specs.Mixup(0),))):
        assert mix(images, labels, pipeline, seeded(), 4) == (images, labels)
