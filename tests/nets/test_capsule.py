"""Capsule layers against plain loops, and the ten faults of public replications, each with its test."""

import math

import pytest
import torch
from torch import Tensor

from core.layers.calculator import analyze, totals
from core.layers.network_json import from_json, to_json
from core.layers.setting_checks import LayerError
from core.layers.specs import Activation, CapsuleDecoder, CapsuleLengths, Conv, Network, PrimaryCapsules, RoutedCapsules
from core.nets import capsule
from core.nets.network import build

PUBLISHED: Network = (
    Conv(256, 9),
    Activation(),
    PrimaryCapsules(32),
    RoutedCapsules(10),
    CapsuleDecoder(),
    CapsuleLengths(),
)
SMALL: Network = (Conv(4, 5, stride=2), Activation(), PrimaryCapsules(2, 4, kernel=3), RoutedCapsules(10, 6))


def loops(poses: Tensor, weights: Tensor, iterations: int) -> tuple[Tensor, Tensor]:
    """Procedure 1 of Sabour, Frosst and Hinton (2017), picture by picture and capsule by capsule."""
    count, inputs = weights.shape[:2]
    vectors = poses.new_zeros(len(poses), count, weights.shape[3])
    coefficients = poses.new_zeros(len(poses), len(poses[0]), count)
    for n, pose in enumerate(poses):
        predicted = [[pose[i] @ weights[j, i % inputs] for j in range(count)] for i in range(len(pose))]
        logits = poses.new_zeros(len(pose), count)
        for _ in range(max(1, iterations)):
            for i in range(len(pose)):
                coefficients[n, i] = logits[i].exp() / logits[i].exp().sum()
            for j in range(count):
                s = sum((coefficients[n, i, j] * predicted[i][j] for i in range(len(pose))), torch.zeros(()))
                square = float(s @ s)
                vectors[n, j] = square / (1 + square) * s / math.sqrt(square)
            for i in range(len(pose)):
                for j in range(count):
                    logits[i, j] += predicted[i][j] @ vectors[n, j]
    return vectors, coefficients


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("iterations", range(6))
@pytest.mark.parametrize("shared", [False, True])
def test_routing_is_the_published_procedure(iterations: int, shared: bool) -> None:
    poses, weights = drawn(3, 7, 4), drawn(5, 1 if shared else 7, 4, 6, seed=1)
    vectors, coefficients = capsule.route(poses, weights, iterations)
    wanted, wanted_coefficients = loops(poses, weights, iterations)
    torch.testing.assert_close(vectors, wanted, atol=1e-9, rtol=0)
    torch.testing.assert_close(coefficients, wanted_coefficients, atol=1e-9, rtol=0)


def test_what_a_capsule_gives_away_sums_to_1_and_is_even_at_first() -> None:
    poses, weights = drawn(2, 9, 4), drawn(10, 9, 4, 6, seed=1)
    _, routed = capsule.route(poses, weights, 3)
    torch.testing.assert_close(routed.sum(dim=2), torch.ones(2, 9, dtype=torch.float64))
    assert routed.std() > 1e-3
    for iterations in (0, 1):
        vectors, even = capsule.route(poses, weights, iterations)
        torch.testing.assert_close(even, torch.full_like(even, 0.1))
        mean = torch.einsum("nid,jide->nje", poses, weights) / 10
        torch.testing.assert_close(vectors, capsule.squash(mean))


def test_permuting_capsules_permutes_the_result() -> None:
    poses, weights = drawn(2, 6, 4), drawn(5, 6, 4, 3, seed=1)
    vectors, coefficients = capsule.route(poses, weights)
    inputs, outputs = torch.randperm(6), torch.randperm(5)
    moved, moved_coefficients = capsule.route(poses[:, inputs], weights[outputs][:, inputs])
    torch.testing.assert_close(moved, vectors[:, outputs])
    torch.testing.assert_close(moved_coefficients, coefficients[:, inputs][:, :, outputs])


@pytest.mark.parametrize(("length", "squashed"), [(1.0, 0.5), (3.0, 0.9), (0.0, 0.0), (100.0, 10_000 / 10_001)])
def test_squash_keeps_the_direction(length: float, squashed: float) -> None:
    vector = torch.tensor([0.6, 0.0, -0.8], dtype=torch.float64) * length
    torch.testing.assert_close(capsule.squash(vector), vector / max(length, 1e-9) * squashed, atol=1e-9, rtol=0)


def test_all_1152_capsules_are_shorter_than_1() -> None:
    torch.manual_seed(0)
    primary = build(PUBLISHED[:3], (1, 28, 28))
    pictures = torch.randn(2, 1, 28, 28)
    with torch.no_grad():
        vectors, before = primary(pictures), primary[:2](pictures)
    found = vectors.norm(dim=2)
    assert found.shape == (2, 1152)
    assert found.max() < 1
    assert found.std() > 0.001 * found.mean()
    # the numbers of a capsule are the planes of its type, at one place
    by_hand = torch.nn.functional.conv2d(before, primary[2].weight, primary[2].bias, stride=2)  # (2, 256, 6, 6)
    torch.testing.assert_close(vectors[:, 5 * 36 + 2 * 6 + 3], capsule.squash(by_hand[:, 40:48, 2, 3]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("value", [0.0, 1e-30, 1e4])
def test_no_picture_gives_nan(dtype: torch.dtype, value: float) -> None:
    network = build((*SMALL, CapsuleDecoder(8, 8), CapsuleLengths()), (1, 12, 12))
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter) if parameter.ndim == 1 else None
    with torch.autocast("cpu", dtype, enabled=dtype == torch.bfloat16):
        outputs = network(torch.full((3, 1, 12, 12), value))
    capsule.margin_loss(outputs, torch.eye(10)[:3]).backward()
    assert outputs.isfinite().all()
    assert all(parameter.grad.isfinite().all() for parameter in network.parameters() if parameter.grad is not None)


def test_the_margin_loss_is_squared_and_summed_over_classes() -> None:
    half = torch.full((1, 10), 0.5)
    none, seven = torch.zeros(1, 10), torch.zeros(1, 10).index_fill(1, torch.tensor([7]), 1)
    assert capsule.margin_loss(half, seven) == pytest.approx(0.16 + 9 * 0.08)
    assert capsule.margin_loss(half, none) == pytest.approx(10 * 0.08)
    assert capsule.margin_loss(half.expand(4, 10), seven.expand(4, 10)) == pytest.approx(0.16 + 9 * 0.08)
    assert capsule.margin_loss(torch.tensor([[0.95, 0.05]]), torch.tensor([[1.0, 0.0]])) == 0


def test_the_reconstruction_loss_is_a_sum_over_pixels() -> None:
    pictures = torch.zeros(2, 784)
    assert capsule.reconstruction_loss(torch.ones(2, 784), pictures) == pytest.approx(784 * 0.0005)
    assert capsule.reconstruction_loss(torch.full((2, 1296), 0.5), torch.zeros(2, 1296)) == pytest.approx(0.162)


def test_a_picture_is_routed_alike_alone_and_in_a_batch() -> None:
    network = build((*SMALL, CapsuleLengths()), (1, 16, 16)).double()
    pictures = drawn(64, 1, 16, 16)
    with torch.inference_mode():
        torch.testing.assert_close(network(pictures)[10:11], network(pictures[10:11]), atol=1e-12, rtol=0)


@pytest.mark.parametrize("through", [False, True])
def test_the_gradient_is_that_of_the_last_iteration_or_of_all(through: bool) -> None:
    poses, weights = drawn(2, 5, 3).requires_grad_(), drawn(4, 5, 3, 2, seed=1).requires_grad_()
    if through:
        assert torch.autograd.gradcheck(lambda u, w: capsule.route(u, w, 3, through=True)[0], (poses, weights))
        return
    _, coefficients = capsule.route(poses.detach(), weights.detach(), 3)

    def last(u: Tensor, w: Tensor) -> Tensor:
        return capsule.squash(torch.einsum("nij,nid,jide->nje", coefficients, u, w))

    assert torch.autograd.gradcheck(last, (poses, weights))
    seen = drawn(2, 4, 2, seed=2)
    wanted = torch.autograd.grad((last(poses, weights) * seen).sum(), (poses, weights))
    found = torch.autograd.grad((capsule.route(poses, weights, 3)[0] * seen).sum(), (poses, weights))
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize(("side", "capsules", "whole"), [(28, 1152, 8_215_568), (36, 3200, 11_361_808), (40, 4608, 0)])
def test_the_published_network_has_the_published_parameters(side: int, capsules: int, whole: int) -> None:
    rows = analyze(PUBLISHED, (1, side, side))
    assert [row.output_shape for row in rows[2:]] == [(capsules, 8), (10, 16), (10, 16), (10,)]
    assert [row.parameters for row in rows[:3]] == [20_992, 0, 5_308_672]
    assert totals(rows).parameters == (whole or 11_227_904 + 2_247_744)
    assert rows[3].receptive_field == side - 1  # the published stride leaves the last row and column unread


def test_built_parameters_are_the_calculated_ones() -> None:
    layers: Network = (*SMALL[:-1], RoutedCapsules(10, 6, shared=True), CapsuleDecoder(7, 9), CapsuleLengths())
    rows = analyze(layers, (3, 14, 15))
    network = build(layers, (3, 14, 15))
    for row, module in zip(rows, network, strict=True):
        assert sum(parameter.numel() for parameter in module.parameters()) == row.parameters
    values = torch.randn(2, 3, 14, 15)
    for row, module in zip(rows, network, strict=True):
        values = module(values)
        assert tuple(values.shape[1:]) == row.output_shape
    assert network[-2].pictures(torch.rand(2, 10, 6), torch.tensor([3, 4])).shape == (2, 3 * 14 * 15)


def test_the_decoder_draws_from_the_masked_capsule_alone() -> None:
    decoder = capsule.CapsuleDecoder((10, 6), 8, 8, 20)
    vectors = torch.rand(2, 10, 6)
    others = vectors.clone()
    others[:, 5:] = 9.0
    kept = torch.tensor([1, 4])
    torch.testing.assert_close(decoder.pictures(vectors, kept), decoder.pictures(others, kept))
    assert not torch.allclose(decoder.pictures(vectors, kept), decoder.pictures(vectors, kept + 1))


def test_layers_survive_json() -> None:
    layers: Network = (*PUBLISHED, RoutedCapsules(4, 3, iterations=0, through=True, shared=True))
    assert tuple(from_json(to_json(layer)) for layer in layers) == layers


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ((RoutedCapsules(10),), "needs capsules"),
        ((Conv(4, 3), CapsuleLengths()), "needs capsules"),
        ((PrimaryCapsules(2), Activation()), "reads no capsules"),
        ((PrimaryCapsules(2), Conv(4, 3)), "needs planes"),
        ((PrimaryCapsules(2, kernel=30),), "does not fit"),
        ((PrimaryCapsules(2), RoutedCapsules(10, iterations=6)), "iterations must be"),
        ((PrimaryCapsules(2), RoutedCapsules(10, shared=1)), "shared must be"),  # type: ignore[arg-type]
    ],
)
def test_what_does_not_fit_is_named(layers: Network, words: str) -> None:
    with pytest.raises(LayerError, match=words):
        analyze(layers, (1, 28, 28))
