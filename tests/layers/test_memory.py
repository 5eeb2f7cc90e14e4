"""The memory of networks, by arithmetic, against the tensors that torch itself keeps."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from core.layers.calculator import analyze
from core.layers.logits import ACTIVATIONS
from core.layers.memory import OPTIMIZER_NUMBERS, memory
from core.layers.reference_networks import REFERENCE_NETWORKS
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    CapsuleLengths,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    GroupNorm,
    InstanceNorm,
    Layer,
    LayerNorm,
    Linear,
    LPPool,
    Network,
    Pad,
    PixelShuffle,
    Pool,
    PReLU,
    PrimaryCapsules,
    Residual,
    RoutedCapsules,
    Unflatten,
    Upsample,
)
from core.nets.network import build
from core.training.experiment import OPTIMIZERS, Experiment
from core.training.optimizers import optimizer

CONV = Conv(4, 3)
UNTRAINED: Network = (  # and trained with a few numbers
    *(CONV, GroupNorm(2), Activation(), Upsample(2), CONV, InstanceNorm(True), PixelShuffle(2), CONV, LayerNorm(2)),
    *(
        Pad(1, 2, "reflect"),
        PReLU(True),
        CONV,
        Pad(1, 1, "zeros"),
        LPPool(2, 2),
        CONV,
        Upsample(3, "bilinear"),
        PReLU(),
    ),
    *(Dropout(0.2, "channels"), CONV, Dropout(0.2, "alpha"), Flatten(), Linear(16), Unflatten(1, 4), CONV),
)
POOLS: Network = (
    *(BlurPool(3), Conv(4, 3), Pool("max", 2), Conv(4, 3), Pool("average", 2), Conv(4, 2), AdaptivePool("max", 3)),
    *(Conv(4, 1), AdaptivePool("average", 2), Conv(4, 1), GlobalPool("max"), Flatten(), Dropout(), Linear(3)),
)


def capsules(*routing: Any, **settings: Any) -> Network:
    """Return a small capsule network with these settings of its routing."""
    trunk = (Conv(16, 5, 2), Activation(), PrimaryCapsules(4, 8, 5, 2))
    return (*trunk, RoutedCapsules(10, 16, *routing, **settings), CapsuleLengths())


NETWORKS: dict[str, tuple[Network, tuple[int, int, int]]] = {
    **{kind: ((Conv(4, 3), Activation(kind), Flatten(), Linear(10)), (1, 20, 20)) for kind in ACTIVATIONS},
    "pools": (POOLS, (1, 40, 40)),
    "norms and sizes": (UNTRAINED, (1, 20, 20)),
    "mean": ((Conv(4, 3), Dropout(0), GlobalPool(), Flatten(), Linear(3)), (1, 12, 12)),
    "untrained norms first": (
        (BatchNorm(False), InstanceNorm(), LayerNorm(2, False), GroupNorm(2, False), Conv(4, 3), BatchNorm(False)),
        (2, 9, 9),
    ),
    "up": ((Conv(4, 3), BatchNorm(), ConvTranspose(4, 2, stride=2), Dropout(0.2), BlurPool(3)), (1, 20, 20)),
    "blocks": ((Residual((Conv(2, 3, padding=1), BatchNorm(), Activation())), Activation(), Pool("max", 2)), (2, 9, 9)),
    "capsules": (capsules(), (1, 28, 28)),
    "capsules, one iteration": (capsules(1), (1, 28, 28)),
    "capsules, through": (capsules(3, True), (1, 28, 28)),
    "capsules, shared": (capsules(shared=True), (1, 28, 28)),
    **{
        name: (REFERENCE_NETWORKS[name].layers, REFERENCE_NETWORKS[name].input_shape)
        for name in ("lenet-5", "cifar-exercise", "resnet-18-cifar")
    },
}


def kept(layers: Sequence[Layer], shape: tuple[int, int, int], batch: int) -> int:
    """Return the bytes of the tensors that torch keeps for the backward pass, without the parameters, each once."""
    model = build(layers, shape).train()
    own = {tensor.untyped_storage().data_ptr() for tensor in (*model.parameters(), *model.buffers())}
    found: dict[int, Tensor] = {}  # holding the tensors, so that no address is used twice

    def pack(tensor: Tensor) -> Tensor:
        found[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(torch.randn(batch, *shape))
    return sum(tensor.untyped_storage().nbytes() for place, tensor in found.items() if place not in own)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("batch", [2, 5])
def test_what_is_kept_for_the_backward_pass_is_what_torch_keeps(name: str, batch: int) -> None:
    layers, shape = NETWORKS[name]
    found = memory(analyze(layers, shape), batch).activations
    assert found == pytest.approx(kept(layers, shape, batch), rel=0.05 if "capsules" in name else 1e-9)


@pytest.mark.parametrize("name", [*OPTIMIZERS, "sgd without momentum"])
def test_an_optimizer_keeps_so_many_numbers_of_each_parameter(name: str) -> None:
    layers, shape = (Conv(8, 3), BatchNorm(), Flatten(), Linear(10)), (1, 8, 8)
    kind, momentum = name.removesuffix(" without momentum"), 0.0 if "without" in name else 0.9
    model = build(layers, shape)
    stepped = optimizer(Experiment(layers=layers, optimizer=kind, momentum=momentum), model)
    model(torch.randn(4, *shape)).sum().backward()
    stepped.step()
    state = [value for values in stepped.state.values() for value in values.values() if isinstance(value, Tensor)]
    bytes_kept = sum(value.nbytes for value in state if value.ndim > 0)
    found = memory(analyze(layers, shape), 4, name)
    assert set(OPTIMIZER_NUMBERS) == {*OPTIMIZERS, "sgd without momentum"}
    assert found.optimizer == bytes_kept
    assert found.gradients == sum(
        parameter.grad.nbytes for parameter in model.parameters() if parameter.grad is not None
    )
    assert found.weights == sum(t.nbytes for t in (*model.parameters(), *model.buffers()) if t.ndim > 0)
    assert found.training == found.weights + found.gradients + found.optimizer + found.activations


@pytest.mark.parametrize("name", ["lenet-5", "cifar-exercise", "pools"])
def test_inference_holds_the_pictures_and_a_layers_input_and_output(name: str) -> None:
    layers, shape = NETWORKS[name]
    model = build(layers, shape).eval()
    most = 0

    def count(_: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        nonlocal most
        tensors = {tensor.untyped_storage().data_ptr(): tensor for tensor in (pictures, *inputs, output)}
        most = max(most, sum(tensor.nbytes for tensor in tensors.values()))

    for module in model:
        module.register_forward_hook(count)
    pictures = torch.randn(3, *shape)
    with torch.no_grad():
        model(pictures)
    found = memory(analyze(layers, shape), 3)
    assert found.passing == pytest.approx(most, rel=0.05)


def test_a_block_holds_its_input_while_its_body_runs() -> None:
    block = Residual((Conv(8, 3, padding=1), Conv(8, 3, padding=1)))
    found = memory(analyze([Conv(8, 3, padding=1), block], (1, 10, 10)))
    plane = 4 * 8 * 10 * 10
    assert found.passing == 4 * 100 + 3 * plane  # the picture, the block's input, and two within it
