"""Where pixels come from, against torchvision's own transforms of masks and, for chains, one pixel at a time."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as vision

from core.insight.augmentation_averages import average
from core.insight.pixel_moves import trace
from core.training.augmentation import specs
from core.training.augmentation.batch import apply
from core.training.augmentation.pipeline import PRESETS, Pipeline
from core.training.augmentation.sampling import Batch, Drawn, draw
from core.training.augmentation.step import Step
from core.training.augmentation.torchvision_reference import by_policy, policy_operations

H, W, N = 30, 26, 40
NEAREST = v2.InterpolationMode.NEAREST
BLACK = torch.zeros(1, 1, 1)


def drawn_for(step: Step, seed: int = 1, height: int = H, width: int = W) -> Drawn:
    return draw(step, Batch(N, height, width, torch.Generator().manual_seed(seed)))


def mask(step: Step, drawn: Drawn, row: int) -> Tensor:
    """What torchvision leaves of a white picture if it reads the nearest pixel: (H, W) bool."""
    white = torch.ones(1, H, W)
    number: dict[str, Any] = {name: value[row].tolist() for name, value in drawn.items()}
    match step:
        case specs.Rotation():
            moved = vision.rotate(white, number["angle"], interpolation=NEAREST)
        case specs.Affine():
            shift, shear = [number["dx"], number["dy"]], [number["shear"], 0.0]
            moved = vision.affine(white, number["angle"], shift, number["scale"], shear, interpolation=NEAREST)
        case _:
            assert isinstance(step, specs.Perspective)
            moved = white
            if number["done"]:
                numbers = number["coefficients"]
                moved = vision.perspective(white, None, None, coefficients=numbers, interpolation=NEAREST)
    left: Tensor = moved[0] > 0
    return left


@pytest.mark.parametrize(
    "step",
    [
        specs.Rotation(1),
        specs.Rotation(170),
        specs.Affine(4),
        specs.Affine(3, 40, 0.5, 30),
        specs.Affine(scale=0.9),
        specs.Perspective(0.6, 0.7),
    ],
    ids=str,
)
def test_what_comes_from_outside_is_what_torchvision_fills_in(step: Step) -> None:
    drawn = drawn_for(step)
    inside = trace([(step, drawn, [])], N, H, W).inside
    expected = torch.stack([mask(step, drawn, row) for row in range(N)])
    assert float((inside != expected).float().mean()) < 2e-4  # a center on the very edge, in float32
    assert bool(inside.all()) == (step == specs.Rotation(1))


def test_a_crop_brings_in_as_much_as_it_shifts_and_nothing_if_mirrored() -> None:
    for mode in ("zero", "reflect"):
        step = specs.PaddedCrop(5, mode)
        drawn = drawn_for(step)
        found = trace([(step, drawn, [])], N, H, W)
        dx, dy = drawn["dx"].abs(), drawn["dy"].abs()
        expected = (H - dy) * (W - dx) if mode == "zero" else torch.full((N,), float(H * W))
        assert torch.equal(found.inside.sum(dim=(1, 2)).float(), expected.float())


@pytest.mark.parametrize(
    "step", [specs.HorizontalFlip(), specs.VerticalFlip(), specs.ResizedCrop(0.3, 2), specs.Elastic(100, 4)], ids=str
)
def test_distances_are_those_of_a_picture_of_places(step: Step) -> None:
    drawn = drawn_for(step)
    y, x = torch.meshgrid(torch.arange(float(H)), torch.arange(float(W)), indexing="ij")
    places = apply(torch.stack([x, y]).expand(N, -1, -1, -1), step, drawn, BLACK)
    found = trace([(step, drawn, [])], N, H, W)
    sure = apply(torch.ones(N, 1, H, W), step, drawn, BLACK)[:, 0] > 0.9999
    distance = torch.hypot(places[:, 0] - x, places[:, 1] - y)
    assert found.inside[sure].all()
    assert torch.allclose(found.distance[sure], distance[sure], atol=2e-3)
    assert float(found.distance.max()) > 2


@pytest.mark.parametrize("step", [specs.AutoAugment(), specs.RandAugment(3, 25), specs.TrivialAugment()], ids=str)
def test_policies_move_pixels_as_their_operations_do(step: Step) -> None:
    operations = policy_operations(step, N, H, W, seed=7)
    y, x = torch.meshgrid(torch.arange(H), torch.arange(W), indexing="ij")
    found = trace([(step, {}, operations)], N, H, W)
    distances = torch.zeros(N, H, W)
    for row, chosen in enumerate(operations):
        change: Any = v2.TrivialAugmentWide()
        places, white = torch.stack([x, y]).float(), torch.ones(1, H, W)
        for name, magnitude in chosen:
            if name.startswith(("Shear", "Translate", "Rotate")):
                act = change._apply_image_or_video_transform
                smooth = {"interpolation": v2.InterpolationMode.BILINEAR, "fill": {}}
                places, white = act(places, name, magnitude, **smooth), act(white, name, magnitude, **smooth)
        distances[row] = torch.hypot(places[0] - x, places[1] - y)
        sure = white[0] > 0.9999
        assert found.inside[row][sure].all()
        assert torch.allclose(found.distance[row][sure], distances[row][sure], atol=5e-3)
        assert not found.inside[row][white[0] < 1e-6].any()
    assert float(found.distance.max()) > 1
    pictures = torch.randint(256, (N, 1, H, W), dtype=torch.uint8)  # the operations are those done to the pictures
    still = [row for row, chosen in enumerate(operations) if {name for name, _ in chosen} <= {"Identity"}]
    assert torch.equal(by_policy(step, pictures, 7)[still], pictures[still])


@pytest.mark.parametrize(
    "step",
    [
        *(specs.AutoAugment(name) for name in ("cifar10", "imagenet", "svhn")),
        *(specs.RandAugment(1, 30), specs.RandAugment(2, 25), specs.TrivialAugment()),
    ],
    ids=str,
)
def test_no_policy_rotates_further_than_said(step: Step) -> None:
    chosen = policy_operations(step, 1500, H, W, seed=3)
    angles = [sum(abs(angle) for name, angle in operations if name == "Rotate") for operations in chosen]
    assert max(angles) == pytest.approx(specs.largest_rotation(step), abs=1e-3)


def read_back(step: Step, number: dict[str, float], x: float, y: float) -> tuple[float, float]:
    """One pixel through one step of the course notes, in plain arithmetic."""
    if isinstance(step, specs.PaddedCrop):
        return x - number["dx"], y - number["dy"]
    turn = math.radians(number["angle"]) * (-1 if isinstance(step, specs.Rotation) else 1)
    scale = number.get("scale", 1.0)
    cos, sin = math.cos(turn) / scale, math.sin(turn) / scale
    return cos * x + sin * y, -sin * x + cos * y


def test_a_chain_loses_what_leaves_the_picture_at_any_step() -> None:
    size, generator = 28, torch.Generator().manual_seed(0)
    batch, steps = Batch(N, size, size, generator), PRESETS["notes"].steps
    drawn = [draw(step, batch) for step in steps]
    outside = 0
    for row in range(N):
        numbers = [{name: float(value[row]) for name, value in one.items()} for one in drawn]
        for place in range(size * size):
            x, y = place % size - (size - 1) / 2, place // size - (size - 1) / 2
            for step, number in zip(reversed(steps), reversed(numbers), strict=True):
                x, y = read_back(step, number, x, y)
                if max(abs(x), abs(y)) > size / 2:
                    outside += 1
                    break
    found = trace([(step, one, []) for step, one in zip(steps, drawn, strict=True)], N, size, size)
    assert int((~found.inside).sum()) == pytest.approx(outside, abs=3)


def test_the_average_says_what_comes_from_outside() -> None:
    one = torch.rand(1, 28, 28)
    assert average(Pipeline((specs.Rotation(1),)), one, one, 0).lost == 0
    lost = [average(PRESETS["notes"], one, one, seed).lost for seed in range(4)]
    assert sum(lost) / 4 == pytest.approx(0.22, abs=0.005)
    for step in (specs.AutoAugment(), specs.RandAugment(), specs.TrivialAugment()):
        assert max(average(Pipeline((step,)), one, one, 0).moved) > 0.5
