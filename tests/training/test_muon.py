import numpy as np
import pytest
import torch
from torch import nn

from core.layers.cifar_networks import SMALL
from core.nets.network import build
from core.training.experiment import Experiment
from core.training.initialization import prepare
from core.training.muon import COEFFICIENTS, ITERATIONS, Muon, as_matrix, as_weight, orthogonalized
from core.training.optimizers import optimizer


def plain_orthogonalized(matrix: np.ndarray) -> np.ndarray:
    """Newton and Schulz's iteration as it is written down, in float64 and without the shorter side's trick."""
    a, b, c = COEFFICIENTS
    x = matrix / (np.sqrt((matrix**2).sum()) + 1e-7)
    for _ in range(ITERATIONS):
        x = a * x + b * (x @ x.T) @ x + c * (x @ x.T) @ (x @ x.T) @ x
    return x


@pytest.mark.parametrize("shape", [(8, 27), (27, 8), (16, 16), (1, 5), (64, 288)])
def test_the_iteration_is_the_plain_one(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(0).normal(size=shape)
    expected = plain_orthogonalized(matrix)
    found = orthogonalized(torch.from_numpy(matrix))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(orthogonalized(torch.from_numpy(matrix).float()).numpy(), expected, atol=2e-5)
    np.testing.assert_allclose(orthogonalized(torch.from_numpy(matrix).bfloat16()).float().numpy(), expected, atol=0.05)


def test_more_rounds_bring_every_singular_value_near_one() -> None:
    matrix = torch.randn(20, 50, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonalized(matrix, rounds=8))
    assert values.min() > 0.6
    assert values.max() < 1.3


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_a_filter_is_a_row_and_comes_back(layout: torch.memory_format) -> None:
    weight = torch.randn(6, 4, 3, 3).contiguous(memory_format=layout)
    matrix = as_matrix(weight)
    assert matrix.shape == (6, 36)
    assert torch.equal(matrix[2].sort().values, weight[2].flatten().sort().values)
    assert torch.equal(as_weight(matrix, weight), weight)


def test_three_steps_are_the_plain_ones() -> None:
    """A filter bank under Muon and a bias under Nesterov, against the rules written out in float64."""
    generator = torch.Generator().manual_seed(1)
    filters = nn.Parameter(torch.randn(5, 2, 3, 3, generator=generator, dtype=torch.float64))
    bias = nn.Parameter(torch.randn(5, generator=generator, dtype=torch.float64))
    ours = Muon(
        [
            {"params": [filters], "lr": 0.1, "momentum": 0.6, "orthogonal": True},
            {"params": [bias], "lr": 0.02, "momentum": 0.85, "weight_decay": 0.01},
        ],
        torch.float64,
    )
    theirs = nn.Parameter(bias.detach().clone())
    sgd = torch.optim.SGD([theirs], lr=0.02, momentum=0.85, nesterov=True, weight_decay=0.01)
    w, buffer = filters.detach().clone().numpy(), np.zeros((5, 2, 3, 3))
    for _ in range(3):
        filters.grad = torch.randn(filters.shape, generator=generator, dtype=torch.float64)
        bias.grad = torch.randn(bias.shape, generator=generator, dtype=torch.float64)
        theirs.grad = bias.grad.clone()
        g = filters.grad.numpy().copy()
        ours.step()
        sgd.step()
        buffer = 0.6 * buffer + g
        w = w * np.sqrt(5) / (np.sqrt((w**2).sum()) + 1e-7)
        # the order of a row's numbers is of no matter: X X^T is the same
        w = w - 0.1 * plain_orthogonalized((g + 0.6 * buffer).reshape(5, -1)).reshape(w.shape)
    np.testing.assert_allclose(filters.detach().numpy(), w, rtol=1e-9)
    torch.testing.assert_close(bias, theirs)


def test_who_is_moved_by_what() -> None:
    experiment = Experiment(
        layers=SMALL,
        optimizer="muon",
        learning_rate=0.1,
        non_matrix_lr_factor=2.0,
        head_lr_factor=5.0,
        whitening=True,
        norm_scale=False,
    )
    network = build(SMALL, (3, 32, 32))
    prepare(network, experiment, torch.randn(20, 3, 32, 32, generator=torch.Generator().manual_seed(0)))
    made = optimizer(experiment, network)
    names = {id(p): name for name, p in network.named_parameters()}
    groups = [
        (group.get("orthogonal"), group["multiple"], sorted(names[id(p)] for p in group["params"]))
        for group in made.param_groups
    ]
    assert groups == [
        (True, 1.0, ["10.weight", "2.weight", "6.weight"]),
        (False, 2.0, ["12.bias", "4.bias", "8.bias"]),
        (False, 5.0, ["16.weight"]),
    ]
    assert not network[0].weight.requires_grad
