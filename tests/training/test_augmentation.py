import math

import pytest
import torch
from torchvision.transforms.v2 import functional as torchvision

from core.training.augmentation import augment
from core.training.experiment import Augmentation

BLACK = torch.zeros(1)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_strength_zero_is_the_identity() -> None:
    images = torch.randn(4, 1, 28, 28)
    assert augment(images, Augmentation(), seeded(), BLACK) is images


def test_a_seed_decides_the_draw() -> None:
    images, spec = torch.rand(8, 3, 12, 10), Augmentation(shift=2.5, rotate=20, scale=0.2)
    black = torch.zeros(3)
    first = augment(images, spec, seeded(1), black)
    assert torch.equal(first, augment(images, spec, seeded(1), black))
    assert not torch.equal(first, augment(images, spec, seeded(2), black))
    assert first.shape == images.shape
    assert first.dtype == images.dtype


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_whole_pixel_shifts_move_pixels_and_fill_with_the_background(dtype: torch.dtype) -> None:
    images = torch.full((500, 1, 9, 9), -0.5, dtype=dtype)
    images[:, :, 4, 4] = 1.0
    moved = augment(images, Augmentation(shift=3), seeded(), torch.tensor([-0.5]))
    places = (moved[:, 0] == 1.0).nonzero()  # (500, 3): one bright pixel a picture
    assert len(places) == 500
    assert ((moved == 1.0) | (moved == -0.5)).all()
    for axis in (1, 2):
        counts = torch.bincount(places[:, axis], minlength=9)
        assert counts[:1].sum() == counts[8:].sum() == 0
        assert (counts[1:8] > 40).all()  # uniform over 7 places: 71 each on average, 4 deviations below is 40


def test_rotation_alone_keeps_within_its_degrees() -> None:
    # A bar from the center to the right: after a turn by a degrees its ink lies at -a (y points down).
    images = torch.zeros(300, 1, 41, 41)
    images[:, :, 20, 22:38] = 1.0
    turned = augment(images, Augmentation(rotate=30), seeded(), BLACK)[:, 0]
    y, x = torch.meshgrid(torch.arange(41.0) - 20, torch.arange(41.0) - 20, indexing="ij")
    angles = torch.rad2deg(torch.atan2((turned * y).sum((1, 2)), (turned * x).sum((1, 2))))
    assert angles.abs().max() < 31
    assert angles.min() < -25
    assert angles.max() > 25


def test_the_grid_agrees_with_torchvisions_affine() -> None:
    """Draw, then ask torchvision for the same turn, size and place."""
    images = torch.rand(6, 1, 28, 28)
    images = torchvision.gaussian_blur(images, [5, 5])  # smooth, so that rounding of the grid does not show
    spec = Augmentation(shift=3.5, rotate=40, scale=0.3)
    ours = augment(images, spec, seeded(3), BLACK)
    drawn = torch.rand((4, 6), generator=seeded(3)) * 2 - 1
    for index in range(6):
        dx, dy, turn, size = (float(v) for v in drawn[:, index])
        scale = 1 + size * 0.3
        # The grid reads at R x / s + d, so the content moves by -s R^-1 d.
        a = math.radians(turn * 40)
        px, py = dx * 3.5, dy * 3.5
        move = [-(math.cos(a) * px - math.sin(a) * py) * scale, -(math.sin(a) * px + math.cos(a) * py) * scale]
        theirs = torchvision.affine(
            images[index : index + 1],
            angle=math.degrees(a),
            translate=move,
            scale=scale,
            shear=[0.0, 0.0],
            interpolation=torchvision.InterpolationMode.BILINEAR,
        )
        inner = (slice(None), slice(None), slice(2, -2), slice(2, -2))
        assert (ours[index : index + 1][inner] - theirs[inner]).abs().mean() < 0.01
