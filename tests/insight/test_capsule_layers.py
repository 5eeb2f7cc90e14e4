"""Capsule networks seen from inside: routing, lengths as they are, shifts."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.insight import activations, gradcam, invariance
from core.insight.loaded_network import Loaded
from core.insight.transforms import SHIFTS, AffineTransform
from core.layers.specs import (
    Activation,
    CapsuleDecoder,
    CapsuleLengths,
    Conv,
    Flatten,
    Linear,
    Network,
    Pool,
    PrimaryCapsules,
    Residual,
    RoutedCapsules,
)
from core.nets.capsule import squash
from core.nets.network import build
from core.training import objective
from core.training.augmentation.normalization import Normalization
from core.training.devices import choose
from core.training.experiment import Experiment

SHAPE = (1, 12, 12)
TRUNK = (Conv(4, 3), Activation("relu"), Pool("max", 2), PrimaryCapsules(2, 4, 3, 2))
LENGTHS = (*TRUNK, RoutedCapsules(3, 6), CapsuleDecoder(5, 5), CapsuleLengths())


def loaded(layers: Network) -> Loaded:
    torch.manual_seed(3)
    network = build(layers, SHAPE).eval()
    with torch.no_grad():
        for module in network:
            if hasattr(module, "iterations"):
                module.weight *= 20  # so that predictions differ enough to be routed
    return Loaded(Experiment(layers=layers), network, SHAPE, Normalization((0.2,), (0.3,)), choose("cpu", "float32"))


def pictures(count: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (count, *SHAPE), np.uint8)


@pytest.mark.parametrize("shared", [False, True])
def test_what_is_routed_adds_up_to_the_capsules(shared: bool) -> None:
    network = loaded((*TRUNK, RoutedCapsules(3, 6, shared=shared), CapsuleLengths()))
    (picture,) = pictures(1)
    coefficients, predictions = activations.routing(network, picture, 4)
    assert coefficients.shape == (8, 3)
    assert predictions.shape == (3, 8, 6)
    np.testing.assert_allclose(coefficients.sum(axis=1), 1, atol=1e-6)
    assert np.abs(coefficients - 1 / 3).max() > 0.01  # it is routed
    sums = np.einsum("ij,jie->je", coefficients, predictions)
    capsules = activations.outputs(network, picture)[5]
    np.testing.assert_allclose(squash(torch.from_numpy(sums)).numpy(), capsules, rtol=1e-4, atol=1e-6)


def test_only_a_layer_that_routes_has_a_routing() -> None:
    with pytest.raises(ValueError, match="Layer 1 does not route"):
        activations.routing(loaded(LENGTHS), pictures(1)[0], 0)


def test_the_strongest_pictures_of_a_capsule_are_those_where_it_is_longest() -> None:
    network, some = loaded(LENGTHS), pictures(7)
    values, places, units = activations.strongest(network, 4, some, 2)
    with torch.inference_mode():
        lengths = network.network[:5](network.prepared(some.copy())).norm(dim=2).numpy()  # (N, J)
    np.testing.assert_array_equal(places, np.argsort(-lengths, axis=0)[:2].T)
    np.testing.assert_allclose(values, np.sort(lengths, axis=0)[::-1][:2].T, rtol=1e-5)
    assert not units.any()


def test_estimates_are_lengths_or_a_softmax_by_the_networks_end() -> None:
    network, some = loaded(LENGTHS), pictures(2)
    maps = gradcam.gradcam(network, some[0])
    shown = activations.outputs(network, some[0])[-1]
    np.testing.assert_allclose(maps.logits, shown, rtol=1e-5)
    assert maps.layers == (0, 1, 2)
    assert any(map_.any() for map_ in maps.maps)
    moved = invariance.probabilities(network, torch.from_numpy(some[0]), [AffineTransform()])
    np.testing.assert_allclose(moved[0], shown, rtol=1e-5)
    flat = loaded((*TRUNK, RoutedCapsules(3, 6), Flatten(), Linear(3)))
    estimates = objective.probabilities(flat.logits, torch.from_numpy(gradcam.gradcam(flat, some[0]).logits[None]))
    assert float(estimates.sum()) == pytest.approx(1)


@pytest.mark.parametrize(
    "layers",
    [
        LENGTHS,
        (*TRUNK, RoutedCapsules(5, 4), RoutedCapsules(5, 4), Flatten(), Linear(3), Activation("softmax")),
        (PrimaryCapsules(2, 4, 5, 3), Residual((RoutedCapsules(18, 4, 1, shared=True),)), CapsuleLengths()),
    ],
    ids=["lengths", "flattened", "block"],
)
def test_the_map_of_shifts_is_what_each_shift_gives(layers: Network) -> None:
    network, some = loaded(layers), torch.from_numpy(pictures(2))
    every = invariance.shift_map(network, some)
    picked = [(0, 0), (3, 11), (8, 8), (16, 2)]
    moves = [AffineTransform(dx=SHIFTS[column], dy=SHIFTS[row]) for row, column in picked]
    np.testing.assert_array_equal([every[at] for at in picked], invariance.answers(network, some, moves))
