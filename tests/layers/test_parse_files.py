"""Files of networks, as torch writes them: what is read is equal to the network that was written."""

import io
import json
import struct
from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import onnx
import pytest
import safetensors.torch
import torch
import torchvision
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from core.insight.loaded_network import load
from core.insight.onnx_writer import FromPixels, _converted, exportable
from core.insight.pretrained import network
from core.layers import torchvision_networks
from core.layers.builders import cnn_of_blocks
from core.layers.calculator import analyze, totals
from core.layers.parse import ParseError, read
from core.layers.parse.files import MAX_BYTES, read_file
from core.layers.parse.weight_shapes import MAX_TENSORS
from core.layers.reference_networks import REFERENCE_NETWORKS
from core.layers.specs import (
    EVERY_KIND,
    Activation,
    ActivationKind,
    BatchNorm,
    BlurPool,
    Conv,
    ConvTranspose,
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
    Residual,
    Unflatten,
    Upsample,
)
from core.nets.network import build
from tests.onnx_operators import one_table_of_operators  # noqa: F401  (a fixture)

Size = tuple[int, int, int]
TUTORIAL: Network = (
    *(Conv(6, 5), Activation(), Pool("max", 2), Conv(16, 5), Activation(), Pool("max", 2), Flatten()),
    *(Linear(120), Activation(), Linear(84), Activation(), Linear(10)),
)
GRAPHS: dict[str, tuple[Network, Size]] = {
    "tutorial": (TUTORIAL, (3, 32, 32)),
    "lenet-5": (REFERENCE_NETWORKS["lenet-5"].layers, (1, 32, 32)),
    "blocks": (
        (
            Conv(8, 3, padding=1),
            Activation(),
            Residual((Conv(8, 3, padding=1), Activation(), Conv(8, 3, padding=1))),
            Residual((Conv(16, 3, 2, 1),), (Conv(16, 1, 2),)),
            Activation("silu"),
            GlobalPool(),
            Flatten(),
            Linear(10),
        ),
        (3, 16, 16),
    ),
    "sizes": (
        (
            *(
                Pad((1, 2), 1, "reflect"),
                Conv(8, 3),
                PixelShuffle(2),
                Upsample(2, "bilinear"),
                ConvTranspose(3, 4, 2, 1),
            ),
            *(Upsample(2), BlurPool(3, (1, 2)), Upsample(2, "bicubic"), BlurPool(4), Upsample(2, "bilinear", True)),
            *(LPPool(2.0, 3), LPPool(1.0, (2, 1), 1), Pad(1, 2, "circular"), Pad(2, 1, "replicate"), GlobalPool("max")),
        ),
        (3, 10, 12),
    ),
    "activations": (
        (
            # the exporter makes one of a ReLU beside a ReLU6
            *(Activation(kind) for kind in get_args(ActivationKind) if kind != "relu"),
            *(PReLU(True), Activation("relu"), Flatten(), LayerNorm(1), Linear(32, bias=False), Unflatten(2, 4)),
        ),
        (2, 6, 6),
    ),
    "norms": (
        (
            *(GroupNorm(2), InstanceNorm(), Conv(4, 3), InstanceNorm(True), LayerNorm(2), LayerNorm(3, False), PReLU()),
            *(BatchNorm(), Activation("tanh"), BatchNorm(False), LayerNorm(1, True, False), Conv(4, 4, padding="same")),
            *(Flatten(), Linear(8), GroupNorm(4), Activation("mish")),
        ),
        (4, 8, 8),
    ),
    "windows": (
        (
            Conv(8, (3, 5), (2, 1), (1, 2), 1, 2),
            Pool("max", 3, 2, 1, True),
            Pool("average", 2, 1),
            Conv(4, 3, dilation=2, bias=False),
        ),
        (4, 21, 23),
    ),
}


def onnx_bytes(network: nn.Module, shape: Size) -> bytes:
    written = io.BytesIO()
    program = torch.onnx.export(network.eval(), (torch.zeros(1, *shape),), dynamo=True, verbose=False)
    assert program is not None
    written.write(program.model_proto.SerializeToString())
    return written.getvalue()


def kinds(layers: Network) -> set[str]:
    inner = (kinds((*layer.body, *layer.shortcut)) for layer in layers if isinstance(layer, Residual))
    return {type(layer).__name__ for layer in layers}.union(*inner)


def test_every_kind_of_layer_that_a_graph_can_say_is_among_them() -> None:
    """Dropout does nothing there, capsules and windows of several sizes are spelled out in dozens of nodes."""
    capsules = {name for name in EVERY_KIND if "Capsule" in name}
    assert set().union(*(kinds(layers) for layers, _ in GRAPHS.values())) == (
        set(EVERY_KIND) - capsules - {"Dropout", "AdaptivePool"}
    )


@pytest.mark.parametrize("name", GRAPHS)
def test_an_onnx_file_is_read_back_equal(name: str) -> None:
    layers, shape = GRAPHS[name]
    network = exportable(build(layers, shape))
    for parameter in network.parameters():  # as if trained: the exporter keeps equal constants once
        nn.init.uniform_(parameter, 0.5, 1.5)
    found = read_file(onnx_bytes(network, shape), "network.ONNX")
    assert found.input_shape == shape
    assert found.layers == layers


def test_a_batch_norm_may_be_folded_into_its_convolution_by_the_exporter() -> None:
    layers = cnn_of_blocks([(8, 3), (16, 3)], padded=True, batch_norm=True, dense=20)
    found = read_file(onnx_bytes(build(layers, (1, 28, 28)), (1, 28, 28)), "network.onnx")
    wanted, ours = (analyze(one, (1, 28, 28)) for one in (layers, found.layers))
    kinds = (Conv, Linear, Pool)
    assert [row.output_shape for row in ours if isinstance(row.layer, kinds)] == [
        row.output_shape for row in wanted if isinstance(row.layer, kinds)
    ]
    assert totals(ours).macs == totals(wanted).macs


class Joined(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, x.relu()], 1)


@pytest.mark.parametrize(
    ("data", "name", "wanted"),
    [
        (b"no", "net.onnx", "no ONNX"),
        (b"", "net.onnx", "no ONNX graph"),
        (b"\x80\x02}", "net.pth", "can hold a program"),
        (b"x", "net.zip", "are not read"),
        (b"\xff\xfe\xff", "net.py", "no text"),
        (b"12345678", "net.safetensors", "no whole safetensors"),
        (struct.pack("<Q", 4) + b"[1,]", "net.safetensors", "can be read"),
        (struct.pack("<Q", 2) + b"{}", "net.safetensors", "holds 0 tensors"),
    ],
)
def test_what_is_no_network_is_refused(data: bytes, name: str, wanted: str) -> None:
    with pytest.raises(ParseError, match=wanted):
        read_file(data, name)


def test_a_graph_that_no_layers_express_is_named_by_its_node() -> None:
    with pytest.raises(ParseError, match=r"^node \d+: two pictures are joined side by side"):
        read_file(onnx_bytes(Joined(), (3, 8, 8)), "net.onnx")


def test_files_have_limits() -> None:
    class Large(bytes):
        def __len__(self) -> int:
            return MAX_BYTES + 1

    with pytest.raises(ParseError, match="limit"):
        read_file(Large(), "net.onnx")
    many = json.dumps(
        {f"{i}.weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} for i in range(MAX_TENSORS + 1)}
    )
    with pytest.raises(ParseError, match="tensors"):
        read_file(struct.pack("<Q", len(many)) + many.encode(), "net.safetensors")


class Named(nn.Module):
    """The layers of a tutorial under the names that people give them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1, self.conv2 = nn.Conv2d(3, 6, 5), nn.BatchNorm2d(6), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)


NORMED: Network = (TUTORIAL[0], BatchNorm(), *TUTORIAL[1:])


def test_a_safetensors_file_is_a_guess_of_its_shapes() -> None:
    found = read_file(safetensors.torch.save(Named().state_dict()), "net.safetensors", (3, 32, 32))
    assert found.layers == NORMED
    assert "guess" in found.notes[0]


@pytest.mark.parametrize("template", ["{0} {1}", "{0}\t{1}", "'{0}': {1},", "{0}: {2}", "{0} {2}"])
def test_a_state_dicts_list_is_a_guess_of_its_shapes(template: str) -> None:
    lines = [template.format(name, value.shape, list(value.shape)) for name, value in Named().state_dict().items()]
    found = read("\n".join(lines))
    assert (found.layers, found.input_shape) == (NORMED, (3, 32, 32))


GUESSABLE: Sequence[tuple[Sequence[Layer], Size]] = [
    ((Flatten(), Linear(100), Activation(), Linear(10)), (1, 28, 28)),
    ((Conv(8, 3, padding=1), Activation(), GlobalPool(), Flatten(), Linear(10)), (3, 32, 32)),
    ((Conv(3, 3, padding=1, groups=3, bias=False), Activation(), Conv(8, 1), Activation(), Conv(4, 1)), (3, 32, 32)),
]


@pytest.mark.parametrize(("layers", "shape"), GUESSABLE)
def test_a_guess_has_the_weights_it_is_made_of(layers: Sequence[Layer], shape: Size) -> None:
    found = read_file(safetensors.torch.save(build(layers, shape).state_dict()), "net.safetensors", shape)
    assert totals(analyze(found.layers, shape)).parameters == totals(analyze(layers, shape)).parameters


def test_weights_of_a_network_known_by_name_are_that_network() -> None:
    with torch.device("meta"):
        shapes = {name: tuple(value.shape) for name, value in torchvision.models.resnet34().state_dict().items()}
    found = read("\n".join(f"{name} {shape}" for name, shape in shapes.items()))
    assert found.layers == torchvision_networks.network("resnet34")


def test_residual_blocks_of_another_size_are_guessed() -> None:
    net = torchvision.models.ResNet(torchvision.models.resnet.BasicBlock, [1, 1, 1, 1], num_classes=7)
    found = read_file(safetensors.torch.save(net.state_dict()), "net.safetensors", (3, 64, 64))
    assert sum(isinstance(layer, Residual) for layer in found.layers) == 4
    assert totals(analyze(found.layers, (3, 64, 64))).parameters == sum(values.numel() for values in net.parameters())


@pytest.mark.parametrize("name", torchvision_networks.NAMES)
def test_a_name_of_torchvision_is_its_network(name: str) -> None:
    found = read(f"models.{name}(weights=None)")
    with torch.device("meta"):
        net = getattr(torchvision.models, name)()
        with FlopCounterMode(display=False) as counter:
            net.eval()(torch.empty(1, *found.input_shape))
    rows = analyze(found.layers, found.input_shape)
    assert totals(rows).parameters == sum(values.numel() for values in net.parameters())
    assert 2 * totals(rows).macs == counter.get_total_flops()


@pytest.mark.parametrize("name", ["squeezenet1_0", "densenet121", "models.vit_b_16()", "efficientnet_b0"])
def test_a_name_that_no_layers_express_is_told_why(name: str) -> None:
    with pytest.raises(ParseError, match="cannot be written"):
        read(name)


@pytest.mark.parametrize("views", ["none", "mirror", "mirror+shift"])
def test_what_the_app_exports_as_onnx_is_read_back_equal(views: str) -> None:
    shipped = network("mnist-cnn")
    exported = FromPixels(load(shipped.file)).eval()
    exported.test_time = views
    found = read_file(_converted(exported, torch.rand(3, 1, 28, 28), "logits")[0], "network.onnx")
    assert (found.layers, found.input_shape) == (shipped.experiment.layers, (1, 28, 28))
    assert ("mean over views" in " ".join(found.notes)) == (views != "none")


def test_the_apps_own_weights_say_their_layers() -> None:
    experiment, shape = network("mnist-cnn").experiment, (1, 28, 28)
    told = {"experiment": json.dumps(experiment.to_json()), "shape": json.dumps(shape)}
    data = safetensors.torch.save(build(experiment.layers, shape).state_dict(), told)
    found = read_file(data, "weights.safetensors")
    assert (found.layers, found.input_shape) == (experiment.layers, shape)


@pytest.mark.parametrize(
    "settings",
    [
        {"op_type": "Pad", "mode": "edge"},
        {"op_type": "Conv", "strides": [0, 0], "auto_pad": "SAME_UPPER"},
        {"op_type": "Constant", "value": [1.0, 2.0]},
        {"op_type": "Transpose", "perm": [3, 1]},
    ],
)
def test_nonsense_in_a_graph_is_refused_at_its_node(settings: dict[str, Any]) -> None:
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    inputs = [] if settings["op_type"] == "Constant" else ["x", "weights"]
    node = helper.make_node(settings["op_type"], inputs, ["y"])
    node.attribute.extend(helper.make_attribute(key, value) for key, value in settings.items() if key != "op_type")
    weights = onnx.numpy_helper.from_array(np.zeros((4, 3, 3, 3), np.float32), "weights")
    weights.data_type = 1 if settings["op_type"] == "Conv" else 99
    end = helper.make_node("Relu", ["x" if settings["op_type"] == "Constant" else "y"], ["z"])
    ends = [helper.make_tensor_value_info(name, kind, size) for name, size in (("x", [1, 3, 8, 8]), ("z", None))]
    graph = helper.make_graph([node, end], "g", ends[:1], ends[1:], [weights])
    with pytest.raises(ParseError, match="node 1"):
        read_file(helper.make_model(graph).SerializeToString(), "net.onnx")
