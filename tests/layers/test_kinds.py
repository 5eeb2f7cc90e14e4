"""Layers that people write in PyTorch, one by one: read, counted, built and written out again, all equal to torch's."""

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from core.layers.calculator import LayerError, analyze, totals
from core.layers.codegen.keras import keras_program
from core.layers.codegen.pytorch import pytorch_program
from core.layers.network_json import to_json
from core.layers.parse import ParseError, read
from core.layers.specs import (
    BatchNorm,
    Dropout,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    Network,
    Pad,
    PixelShuffle,
    Pool,
    Unflatten,
    Upsample,
)
from core.nets.network import build

Size = tuple[int, int, int]
PLANES: Size = (8, 11, 9)
TEXTS: dict[str, Size] = {
    "nn.GroupNorm(4, 8)": PLANES,
    "nn.GroupNorm(2, 8, affine=False)": PLANES,
    "nn.InstanceNorm2d(8)": PLANES,
    "nn.InstanceNorm2d(8, affine=True)": PLANES,
    "nn.LayerNorm([8, 11, 9])": PLANES,
    "nn.LayerNorm((11, 9), bias=False)": PLANES,
    "nn.LayerNorm(9, elementwise_affine=False)": PLANES,
    "nn.Flatten(), nn.LayerNorm(792)": PLANES,
    "nn.Flatten(), nn.GroupNorm(6, 792)": PLANES,
    "nn.BatchNorm2d(8, affine=False)": PLANES,
    "nn.PReLU()": PLANES,
    "nn.PReLU(8)": PLANES,
    "nn.Flatten(), nn.PReLU(num_parameters=792)": PLANES,
    "nn.Upsample(scale_factor=2)": PLANES,
    "nn.Upsample(scale_factor=(2, 3), mode='nearest')": PLANES,
    "nn.Upsample(size=(22, 27), mode='bilinear')": PLANES,
    "nn.Upsample(scale_factor=3, mode='bilinear', align_corners=True)": PLANES,
    "nn.Upsample(scale_factor=2, mode='bicubic')": PLANES,
    "nn.UpsamplingNearest2d(scale_factor=2)": PLANES,
    "nn.UpsamplingBilinear2d(scale_factor=2)": PLANES,
    "nn.PixelShuffle(2)": PLANES,
    "nn.Flatten(), nn.Linear(792, 98), nn.Unflatten(1, (2, 7, 7)), nn.Conv2d(2, 3, 3)": PLANES,
    "nn.Flatten(), nn.Unflatten(1, (8, 11, 9)), nn.Conv2d(8, 3, 3)": PLANES,
    "nn.LPPool2d(2, 3)": PLANES,
    "nn.LPPool2d(norm_type=1, kernel_size=(2, 3), stride=1, ceil_mode=True)": PLANES,
    "nn.ZeroPad2d(2)": PLANES,
    "nn.ZeroPad2d((1, 0, 2, 3)), nn.Conv2d(8, 3, 3)": PLANES,
    "nn.ReflectionPad2d((0, 1, 2, 3))": PLANES,
    "nn.ReplicationPad2d(3)": PLANES,
    "nn.CircularPad2d((1, 2, 3, 4))": PLANES,
    "nn.ConstantPad2d(1, 0.0)": PLANES,
    "nn.MaxPool2d(3, stride=2, padding=1, dilation=2)": PLANES,
    "nn.MaxPool2d((2, 3), dilation=(1, 2), ceil_mode=True)": PLANES,
    "nn.AdaptiveAvgPool2d((None, 7))": PLANES,
    "nn.AdaptiveMaxPool2d((5, None))": PLANES,
    "nn.Dropout2d(0.3)": PLANES,
    "nn.AlphaDropout(p=0.2)": PLANES,
    "nn.Identity(), nn.ReLU()": PLANES,
    "nn.Softmax2d()": PLANES,
    "nn.LogSoftmax(dim=1)": PLANES,
    **dict.fromkeys(
        (f"nn.{name}()" for name in ("SELU", "CELU", "Mish", "Softplus", "Softsign", "Tanhshrink")), PLANES
    ),
    **dict.fromkeys((f"nn.{name}()" for name in ("Hardswish", "Hardsigmoid", "Hardtanh", "LogSigmoid")), PLANES),
    "nn.LazyConv2d(5, 3, groups=1)": PLANES,
    "nn.LazyConvTranspose2d(5, 3), nn.LazyBatchNorm2d()": PLANES,
    "nn.LazyInstanceNorm2d(track_running_stats=False)": PLANES,
    "nn.Flatten(), nn.LazyLinear(7), nn.LazyBatchNorm1d()": PLANES,
    "nn.ConvTranspose2d(8, 4, 3, stride=2, dilation=2, output_padding=1)": PLANES,
}


def torchs(text: str, shape: Size) -> nn.Sequential:
    """Return what PyTorch makes of a text."""
    made: nn.Sequential = eval(f"nn.Sequential({text})", {"nn": nn})
    made(torch.rand(2, *shape))  # lazy layers learn their sizes
    return made.eval()


def written(network: nn.Sequential) -> nn.Sequential:
    """Return a network without layers that do nothing, which are not read."""
    return nn.Sequential(*(module for module in network if not isinstance(module, nn.Identity)))


@pytest.mark.parametrize("text", TEXTS)
def test_a_layer_is_torchs_in_shape_parameters_macs_and_values(text: str) -> None:
    shape, found = TEXTS[text], read(f"nn.Sequential({text})", TEXTS[text])
    theirs, ours = written(torchs(text, shape)), build(found.layers, shape).eval()
    assert [tuple(values.shape) for values in ours.state_dict().values()] == [
        tuple(values.shape) for values in theirs.state_dict().values()
    ]
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    picture: Tensor = torch.randn(1, *shape)
    rows = analyze(found.layers, shape)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        output = theirs(picture)
    assert tuple(output.shape[1:]) == rows[-1].output_shape
    torch.testing.assert_close(ours(picture), output, equal_nan=True)
    assert totals(rows).parameters == sum(values.numel() for values in theirs.parameters())
    assert totals(rows).buffers == sum(values.numel() for values in theirs.buffers() if values.ndim)
    assert 2 * totals(rows).macs == counter.get_total_flops()
    assert all(row.formula for row in rows)


@pytest.mark.parametrize("text", TEXTS)
def test_a_layer_is_read_back_from_what_the_app_writes_and_from_what_torch_prints(text: str) -> None:
    shape, layers = TEXTS[text], read(f"nn.Sequential({text})", TEXTS[text]).layers
    assert read(pytorch_program(layers, shape)).layers == layers
    if not any(isinstance(layer, Upsample) and layer.corners for layer in layers):  # which torch doesn't print
        assert read(repr(build(layers, shape)), shape).layers == layers
    try:
        code = keras_program(layers, shape)
    except LayerError:
        return
    again = read(code)
    assert again.input_shape == shape
    assert [row.output_shape for row in analyze(again.layers, shape)][-1] == analyze(layers, shape)[-1].output_shape
    assert totals(analyze(again.layers, shape)).parameters == totals(analyze(layers, shape)).parameters


@pytest.mark.parametrize(
    ("layers", "shape", "wanted"),
    [
        ((GroupNorm(3),), (8, 4, 4), "use 2"),
        ((GroupNorm(8),), (8, 1, 1), "single numbers"),
        ((InstanceNorm(),), (8, 1, 1), "single numbers"),
        ((LayerNorm(4),), (8, 4, 4), "axes must be"),
        ((PixelShuffle(3),), (8, 4, 4), "multiple"),
        ((Pad(4, 1, "reflect"),), (8, 4, 9), "at most 3"),
        ((Pad(1, 10, "circular"),), (8, 4, 9), "at most 9"),
        ((Pool("average", 3, dilation=2),), (8, 9, 9), "no dilation"),
        ((Unflatten(2, 4),), (8, 4, 4), "needs a list of 32"),
        ((Upsample(2, "nearest", True),), (8, 4, 4), "bilinear or bicubic"),
        ((Upsample(1_000), Upsample(1_000), Upsample(1_000)), (1, 4, 4), "at most"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_way_out(layers: Network, shape: Size, wanted: str) -> None:
    with pytest.raises(LayerError, match=wanted):
        analyze(layers, shape)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("nn.Upsample(scale_factor=1.5)", "whole factors"),
        ("nn.Upsample(size=(12, 12))", "no whole multiple"),
        ("nn.Upsample(scale_factor=2, mode='area')", "must be one of"),
        ("nn.LayerNorm([8, 9, 11])", "normalized_shape"),
        ("nn.PReLU(3)", "num_parameters"),
        ("nn.ReLU(), nn.Conv2d(8, 8, 1), nn.GroupNorm(4, 12)", "num_channels"),
        ("nn.ConstantPad2d(1, 0.5)", "must pad with 0"),
        ("nn.Flatten(), nn.Unflatten(1, (2, 396))", "channels, height, width"),
    ],
)
def test_a_setting_that_is_not_read_is_told(text: str, wanted: str) -> None:
    with pytest.raises(ParseError, match=wanted):
        read(f"nn.Sequential({text})", PLANES)


def test_functions_are_their_layers() -> None:
    forward = {
        "F.pad(x, (1, 2, 3, 4), mode='reflect')": "nn.ReflectionPad2d((1, 2, 3, 4))",
        "F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=False)": "nn.Upsample(None, 2, 'bilinear')",
        "F.interpolate(x, size=(22, 18))": "nn.Upsample(scale_factor=2)",
        "F.pixel_shuffle(x, 2)": "nn.PixelShuffle(2)",
        "F.lp_pool2d(x, 2, 3)": "nn.LPPool2d(2, 3)",
        "F.mish(x)": "nn.Mish()",
    }
    for call, module in forward.items():
        text = f"class Net(nn.Module):\n    def forward(self, x):\n        return {call}\nnet = Net()"
        assert read(text, PLANES).layers == read(f"nn.Sequential({module})", PLANES).layers, call


def test_older_keys_of_runs_stay() -> None:
    """What a spec was given later is no part of its JSON at its default, from which the keys of runs are made."""
    assert "dilation" not in to_json(Pool("max", 2))
    assert to_json(Pool("max", 2, dilation=2))["dilation"] == 2
    assert to_json(BatchNorm()) == {"layer": "BatchNorm"}
    assert to_json(Dropout(0.5)) == {"layer": "Dropout", "p": 0.5}
    assert to_json(BatchNorm(False)) == {"layer": "BatchNorm", "affine": False}
