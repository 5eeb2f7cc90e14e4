"""The exported network against torch, run by onnxruntime; what cannot be exported says why."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import onnxruntime
import pytest
import torch

from core import app_paths
from core.insight import onnx_writer
from core.insight.loaded_network import Loaded, load
from core.insight.onnx_writer import OnnxError, exported
from core.insight.pretrained import network
from core.layers.parse.files import read_file
from core.layers.specs import (
    EVERY_KIND,
    Activation,
    ActivationKind,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    CapsuleDecoder,
    CapsuleLengths,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    GroupNorm,
    InstanceNorm,
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
from core.training.augmentation.normalization import Normalization
from core.training.devices import choose
from core.training.evaluation import logits
from core.training.experiment import Experiment
from tests.onnx_operators import one_table_of_operators  # noqa: F401  (a fixture)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cnn() -> tuple[bytes, float]:
    return exported(load(network("cifar-cnn").file))


def test_onnx_equals_torch(cnn: tuple[bytes, float]) -> None:
    content, difference = cnn
    assert difference < 1e-4
    loaded = load(network("cifar-cnn").file)
    pictures = np.random.default_rng(5).integers(0, 256, (33, *loaded.shape), np.uint8)
    with torch.inference_mode():
        wanted = loaded.network.float().cpu()(loaded.normalization(pictures)).numpy()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"pictures": pictures.astype(np.float32) / 255})
    scale = max(1.0, np.abs(wanted).max())
    np.testing.assert_allclose(
        found / scale, wanted / scale, atol=1e-4 if loaded.device.precision == "float32" else 2e-2
    )


def test_any_number_of_pictures_goes_in(cnn: tuple[bytes, float]) -> None:
    session = onnxruntime.InferenceSession(cnn[0], providers=["CPUExecutionProvider"])
    for count in (1, 7):
        (found,) = session.run(None, {"pictures": np.zeros((count, 3, 32, 32), np.float32)})
        assert found.shape == (count, 10)


def test_the_file_holds_no_path_of_the_machine_that_wrote_it(cnn: tuple[bytes, float]) -> None:
    """PyTorch notes for every node which lines of which files made it."""
    content = cnn[0]
    assert b"Conv" in content
    for told in (b"site-packages", b".py", str(Path(torch.__file__).parent).encode(), str(app_paths.ROOT).encode()):
        assert told not in content


def test_shuffled_pixels_are_refused() -> None:
    loaded = load(network("cifar-cnn").file)
    shuffled = replace(loaded, normalization=replace(loaded.normalization, shuffled=True))
    with pytest.raises(OnnxError, match="shuffled"):
        exported(shuffled)


@pytest.mark.parametrize("views", ["mirror", "mirror+shift"])
def test_the_views_of_a_picture_are_a_part_of_it(views: str) -> None:
    loaded = load(network("cifar-cnn").file)
    several = replace(loaded, experiment=replace(loaded.experiment, test_time=views))
    content, _ = exported(several)
    pictures = np.random.default_rng(7).integers(0, 256, (5, *loaded.shape), np.uint8)
    cpu = choose("cpu", "float32")
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"pictures": pictures.astype(np.float32) / 255})
    with torch.inference_mode():
        wanted, single = logits(loaded.network.cpu(), loaded.normalization(pictures), cpu, views)
    np.testing.assert_allclose(found, wanted.numpy(), atol=2e-3)
    assert np.abs(found - single.numpy()).max() > 0.1


SIDES = (3, 11, 13)
# Several kinds in one network: an export takes seconds, whatever it holds.
EACH_KIND: dict[str, Network] = {
    "convolutions": (
        Conv(6, 4, padding="same"),
        Conv(6, (3, 5), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=3, bias=False),
        ConvTranspose(4, 3, stride=2, padding=1, output_padding=1),
        ConvTranspose(6, 3, dilation=2, output_padding=1, groups=2),  # as much output padding as stride
        ConvTranspose(4, (2, 3), stride=(1, 4), padding=(2, 1), dilation=(4, 1), output_padding=(3, 0), bias=False),
    ),
    "pooling": (
        BlurPool(3, (1, 2)),
        Pool("max", 3, stride=2, padding=1, ceil=True),
        BlurPool(4, 1),
        Pool("average", (3, 2), stride=(2, 3), padding=(1, 0), ceil=True),
        LPPool(2.0, 2),
    ),
    "adaptive maximum": (
        AdaptivePool("max", (16, 13)),
        AdaptivePool("max", 5),
        AdaptivePool("max", (2, 7)),
        AdaptivePool("max", 1),
    ),
    "average of uneven windows": (AdaptivePool("average", (4, 15)), Flatten(), Linear(7, bias=False), BatchNorm()),
    "global maximum": (GlobalPool("max"),),
    "global average": (BatchNorm(), Dropout(0.3), GlobalPool("average")),
    "activations": tuple(Activation(kind) for kind in get_args(ActivationKind)),
    "capsules": (
        PrimaryCapsules(2, 4, 3),
        RoutedCapsules(5, 6),
        Residual((RoutedCapsules(5, 6, through=True),)),
        CapsuleLengths(),
    ),
    "a decoder": (PrimaryCapsules(2, 4, 3), RoutedCapsules(5, 6, iterations=1, shared=True), CapsuleDecoder(8, 8)),
    "a block": (
        Residual((Conv(5, 3, padding=1), AdaptivePool("max", (4, 5))), (Conv(5, 1), AdaptivePool("max", (4, 5)))),
    ),
    "norms and sizes": (
        Conv(4, 3),
        GroupNorm(2),
        InstanceNorm(),
        LayerNorm(),
        PReLU(per_channel=True),
        Upsample(2),
        Conv(8, 3),
        PixelShuffle(2),
        Pad((1, 0), (2, 1), "reflect"),
    ),
    "flat and back": (Flatten(), Linear(12), Unflatten(3, 2)),
}


def made(layers: Network) -> Loaded:
    torch.manual_seed(0)
    normalization = Normalization((0.5, 0.4, 0.3), (0.2, 0.2, 0.2))
    return Loaded(
        Experiment(layers=layers), build(layers, SIDES).eval(), SIDES, normalization, choose("cpu", "float32")
    )


@pytest.mark.parametrize("layers", EACH_KIND.values(), ids=EACH_KIND)
def test_every_kind_of_layer_is_exported(layers: Network) -> None:
    flat = layers[-1] == CapsuleLengths() or (Flatten() in layers and not isinstance(layers[-1], Unflatten))
    whole = (*layers, *(() if flat else (Flatten(),)), Linear(10))
    one = made(whole)
    before = {name: tensor.clone() for name, tensor in one.network.state_dict().items()}
    content, difference = exported(one)
    assert difference < 1e-4
    found = read_file(content, "network.onnx")
    assert (found.layers, found.input_shape) == (whole, SIDES)  # which the file says
    pictures = np.random.default_rng(5).random((3, *SIDES), np.float32)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (logits_found,) = session.run(["logits"], {"pictures": pictures})
    with torch.inference_mode():
        wanted = one.network((torch.from_numpy(pictures) - torch.tensor([[0.5], [0.4], [0.3]])[..., None]) / 0.2)
    np.testing.assert_allclose(logits_found, wanted.numpy(), rtol=1e-4, atol=1e-5)
    assert all(torch.equal(before[name], tensor) for name, tensor in one.network.state_dict().items())


def test_lengths_of_capsules_are_named_for_what_they_are() -> None:
    layers = (PrimaryCapsules(2, 4, 3), RoutedCapsules(5, 6, iterations=1), CapsuleDecoder(8, 8), CapsuleLengths())
    content, difference = exported(made(layers))
    assert difference < 1e-4
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    assert [output.name for output in session.get_outputs()] == ["lengths"]


def test_every_kind_is_among_them() -> None:
    def kinds(layers: Network) -> set[str]:
        inner = (kinds((*layer.body, *layer.shortcut)) for layer in layers if isinstance(layer, Residual))
        return {type(layer).__name__ for layer in layers}.union(*inner)

    assert set().union(*map(kinds, EACH_KIND.values())) == set(EVERY_KIND)


@pytest.mark.parametrize(
    ("layers", "named"),
    [
        ((Conv(4, 3), AdaptivePool("max", 4), Flatten(), Linear(10)), r"Layer 2 \(AdaptiveMaxPool2d\) has no form"),
        (
            (Residual((Conv(3, 1), AdaptivePool("max", 4)), (AdaptivePool("max", 4),)), Flatten(), Linear(10)),
            r"Layer 1, in its body, layer 2 \(AdaptiveMaxPool2d\) has no form",
        ),
    ],
)
def test_a_layer_that_cannot_be_exported_is_named(layers: Network, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_writer, "exportable", lambda network: network)  # as with a layer that nobody has rewritten
    with pytest.raises(OnnxError, match=f"{named} in ONNX .* take the weights with the PyTorch program"):
        exported(made(layers))
