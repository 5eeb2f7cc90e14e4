"""The length and the direction of capsules that follow a transform exactly, and of ones that do not."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.insight import equivariance, robustness
from core.insight.loaded_network import Loaded
from core.insight.transforms import AffineTransform
from core.layers.specs import CapsuleLengths, Conv, Flatten, Linear, Network, PrimaryCapsules
from core.nets.network import build
from core.training.augmentation.normalization import Normalization
from core.training.devices import Device
from core.training.experiment import Experiment

ANGLES = (-90, -45, -15, 0, 15, 45, 90)
SIDE = 28


def made(layers: Network) -> Loaded:
    network = build(layers, (1, SIDE, SIDE)).eval()
    device = Device("cpu", "float32", "")
    return Loaded(Experiment(layers=layers), network, (1, SIDE, SIDE), Normalization((0.0,), (1.0,)), device)


def by_moments() -> Loaded:
    """One capsule that holds the ink's center, seen from the picture's: it turns as the picture does."""
    loaded = made((PrimaryCapsules(1, 2, kernel=SIDE, stride=1), CapsuleLengths()))
    away = torch.arange(SIDE) - (SIDE - 1) / 2
    with torch.no_grad():
        loaded.network[0].weight.copy_(
            torch.stack([away.expand(SIDE, SIDE), away[:, None].expand(SIDE, SIDE)])[:, None] / 100
        )
        loaded.network[0].bias.zero_()
    return loaded


def blobs() -> Tensor:
    """Soft spots at different places, 7 px from the middle."""
    rows, columns = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    turns = torch.deg2rad(torch.tensor([10.0, 100.0, 200.0, 290.0]))[:, None, None]
    middle = (SIDE - 1) / 2
    far = (rows - middle - 7 * turns.sin()) ** 2 + (columns - middle - 7 * turns.cos()) ** 2
    return (255 * torch.exp(-far / 8)).round().byte()[:, None]


def test_a_capsule_of_moments_turns_as_far_as_the_picture_and_keeps_its_length() -> None:
    pictures, labels = blobs(), np.zeros(4, np.int64)
    found = equivariance.follow(by_moments(), pictures, labels, [AffineTransform(rotate=angle) for angle in ANGLES])
    np.testing.assert_allclose(found.turned, np.abs(ANGLES)[:, None] * np.ones(4), atol=0.3)
    np.testing.assert_allclose(found.steps, np.diff(ANGLES)[:, None] * np.ones(4), atol=0.3)
    assert found.estimates.min() > 0.3
    assert (found.estimates.max(axis=0) - found.estimates.min(axis=0)).max() < 0.002
    np.testing.assert_allclose(found.others, [90, 100, 90, 80], atol=0.3)  # each to the next one of its class
    even = equivariance.follow(by_moments(), pictures, labels, [AffineTransform(rotate=15 * k) for k in range(7)])
    np.testing.assert_allclose(robustness.largest_step(even.steps), 1, atol=0.02)


def test_a_capsule_of_moments_does_not_turn_when_the_picture_moves_along_its_direction() -> None:
    pictures, labels = blobs()[:1], np.zeros(1, np.int64)
    along = [AffineTransform(dx=step * np.cos(np.radians(10)), dy=step * np.sin(np.radians(10))) for step in (-4, 0, 4)]
    found = equivariance.follow(by_moments(), pictures, labels, along)
    assert found.turned.max() < 0.5
    assert found.estimates[0] < found.estimates[1] < found.estimates[2]  # the moment grows: the length does not stay


def test_the_vector_of_a_cnn_is_what_its_last_layer_reads() -> None:
    torch.manual_seed(0)
    loaded = made((Conv(3, 5, stride=2), Flatten(), Linear(8), Linear(10)))
    pictures, labels = blobs(), np.array([3, 1, 3, 9])
    moves = [AffineTransform(), AffineTransform(dx=2)]
    found = equivariance.follow(loaded, pictures, labels, moves)
    with torch.no_grad():
        still = loaded.network[:3](pictures / 255)
        moved = loaded.network[:3](nn.functional.pad(pictures, (2, 0))[..., :SIDE] / 255)
        expected = loaded.network[3](moved).softmax(dim=1)[range(4), labels]
    np.testing.assert_allclose(found.estimates[1], expected, atol=1e-5)
    cosines = nn.functional.cosine_similarity(still, moved).numpy()
    np.testing.assert_allclose(np.cos(np.radians(found.turned[1])), cosines, atol=1e-5)
    np.testing.assert_allclose(found.steps[0], found.turned[1], atol=1e-3)
    assert (found.turned[0] == 0).all()
    assert found.others[1] == found.others[3] == 0  # alone in their classes
    assert found.others[0] == pytest.approx(found.others[2])


def test_a_jump_is_the_largest_step() -> None:
    steps = np.array([[1.0, 1.0, 0.0], [1.0, 5.0, 0.0], [1.0, 0.0, 0.0]])
    assert robustness.largest_step(steps) == pytest.approx([1.0, 2.5, 1.0])


def test_a_difference_of_accuracies_pairs_the_pictures() -> None:
    labels = np.zeros(400, np.int64)
    second = (np.arange(400) % 4 == 0).astype(np.int64)  # 75 % right
    first = second * (np.arange(400) >= 200)  # mends half of the errors and makes none
    found = robustness.accuracy_difference(first, second, labels)
    assert found.value == pytest.approx(0.125)
    assert found.high - found.low == pytest.approx(2 * 1.96 * np.sqrt(0.125 * 0.875 / 399), rel=1e-3)
    assert robustness.accuracy_difference(second, second, labels) == robustness.Share(0.0, 0.0, 0.0)
