"""CIFAR-10's networks, and blocks in all readings that apply to them."""

import contextlib
import io
import json

import pytest
import torch
from torchvision.models import resnet18

from core.layers import layer_count, network_json, specs
from core.layers.calculator import LayerError, analyze, totals
from core.layers.cifar_networks import NETWORKS, RESNET_18, speed_network
from core.layers.codegen.pytorch import pytorch_program
from core.layers.specs import Activation, BatchNorm, Conv, Flatten, GlobalPool, Linear, Network, Pool, Residual
from core.nets.network import build

CIFAR = (3, 32, 32)
BLOCKS: Network = (
    Conv(4, 3, padding=1),
    Residual((Conv(4, 3, padding=1), Activation(), Residual((Conv(4, 1), BatchNorm())))),
    Residual([Conv(6, 3, 2, 1), BatchNorm()], [Conv(6, 1, 2)]),  # type: ignore[arg-type]
    Flatten(),
    Linear(10),
)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_ends_in_ten_classes_and_is_built_as_it_is_counted(name: str) -> None:
    _, layers = NETWORKS[name]
    rows = analyze(layers, CIFAR)
    built = build(layers, CIFAR)
    assert rows[-1].output_shape == (10,)
    assert sum(p.numel() for p in built.parameters()) == totals(rows).parameters
    again = [network_json.from_json(json.loads(json.dumps(network_json.to_json(layer)))) for layer in layers]
    assert tuple(again) == layers
    if name != "exercise":  # global pooling takes any size: smaller pictures first
        assert totals(analyze(layers, (3, 24, 24))).parameters == totals(rows).parameters


def test_resnet_18_has_the_published_size() -> None:
    sums = totals(analyze(RESNET_18, CIFAR))
    assert (sums.parameters, sums.macs) == (11_173_962, 555_422_720)


def test_resnet_18_answers_as_torchvisions_does() -> None:
    theirs = resnet18(num_classes=10)
    theirs.conv1, theirs.maxpool = torch.nn.Conv2d(3, 64, 3, padding=1, bias=False), torch.nn.Identity()
    ours = build(RESNET_18, CIFAR)
    mine, other = list(ours.state_dict().values()), list(theirs.state_dict().values())
    assert [tensor.shape for tensor in mine] == [tensor.shape for tensor in other]
    ours.load_state_dict(dict(zip(ours.state_dict(), other, strict=True)))
    pictures = torch.rand(2, *CIFAR, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(ours.eval()(pictures), theirs.eval()(pictures))


def test_a_blocks_row_holds_the_sums_of_its_layers() -> None:
    row = analyze(BLOCKS, CIFAR)[2]
    assert [len(row.body), len(row.shortcut)] == [2, 1]
    assert row.parameters == (4 * 9 * 6 + 6) + 2 * 6 + (4 * 6 + 6)
    assert row.macs == (4 * 9 * 6 + 4 * 6) * 16 * 16
    assert row.buffers == 12
    assert row.activation_bytes == 4 * 4 * 6 * 16 * 16  # its own, and those of three layers in it
    assert row.output_shape == (6, 16, 16)


def test_a_block_sees_what_its_longer_way_sees() -> None:
    """By gradient: which pixels of the picture one unit in the middle depends on."""
    layers = (*BLOCKS[:3],)
    rows = analyze(layers, CIFAR)
    built = build(layers, CIFAR).double().eval()
    with torch.no_grad():
        for parameter in built.parameters():
            parameter.fill_(0.1)
    picture = torch.ones(1, *CIFAR, dtype=torch.float64, requires_grad=True)
    built(picture)[0, 0, 8, 8].backward()
    assert picture.grad is not None
    touched = picture.grad[0, 0].abs().sum(dim=0).nonzero()
    assert touched.max() - touched.min() + 1 == rows[-1].receptive_field


def test_the_pytorch_program_of_blocks_takes_their_weights() -> None:
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(pytorch_program(BLOCKS, CIFAR), names)  # our own code, which is what is tested
    built = build(BLOCKS, CIFAR).eval()
    theirs = names["network"]
    assert isinstance(theirs, torch.nn.Sequential)
    theirs.load_state_dict(built.state_dict())
    pictures = torch.rand(2, *CIFAR)
    assert torch.equal(theirs(pictures), built(pictures))


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Residual(()), "at least one layer"),
        (Residual((Conv(4, 3),)), "its body gives 4 × 30 × 30, its input is 3 × 32 × 32"),
        (Residual((Conv(4, 3),), (Conv(5, 3),)), "its shortcut gives 5 × 30 × 30"),
        (Residual((BatchNorm(), Linear(3))), "in its body, layer 2: a fully connected layer"),
        (Residual((Pool("max", 40),)), "in its body, layer 1: a 40 × 40 pooling window"),
        (Residual((Conv(3, 1),), ("no layer",)), "in its shortcut, layer 1: 'no layer'"),  # type: ignore[arg-type]
    ],
)
def test_a_block_that_does_not_fit_says_where(layer: Residual, message: str) -> None:
    with pytest.raises(LayerError) as caught:
        analyze([Activation(), layer], CIFAR)
    assert message in str(caught.value)
    assert caught.value.index == 1


def test_blocks_stand_in_blocks_only_so_deep() -> None:
    layer: specs.Layer = Activation()
    for _ in range(layer_count.MAX_DEPTH):
        layer = Residual((layer,))
    assert network_json.from_json(network_json.to_json(layer)) == layer
    assert analyze([layer], CIFAR)[0].output_shape == CIFAR
    deeper = Residual((layer,))
    with pytest.raises(ValueError, match="4 deep"):
        network_json.from_json(network_json.to_json(deeper))
    with pytest.raises(LayerError, match="4 deep"):
        analyze([deeper], CIFAR)


@pytest.mark.parametrize(
    "data",
    [
        {"layer": "Residual"},
        {"layer": "Residual", "body": 3},
        {"layer": "Residual", "body": [], "evil": []},
        {"layer": "Residual", "body": [{"layer": "os.system"}]},
        {"layer": "Residual", "body": ["Conv"]},
    ],
)
def test_a_block_that_is_none_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match=r"body|is one of"):
        network_json.from_json(data)


def test_two_equal_layers_in_a_block_stay_two() -> None:
    assert len(Residual((Activation(), Activation())).body) == 2


def test_a_speed_network_halves_the_picture_once_a_group() -> None:
    layers = speed_network((24, 2, 1), (32, 64), (1, 2))
    assert [layer.filters for layer in layers if isinstance(layer, Conv)] == [24, 32, 64, 64]
    assert sum(isinstance(layer, Pool) for layer in layers) == 2
    assert GlobalPool("max") in layers
