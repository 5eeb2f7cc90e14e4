"""A person's own network: what it answers is what torch answers; what is no network ends in a sentence."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from core import data
from core.insight.loaded_network import load
from core.insight.own_network import OwnNetworkError, adopt
from core.insight.pretrained import PRETRAINED, network
from core.layers.specs import Conv, Flatten, Linear
from core.training.experiment import Experiment

LAYERS = (Conv(4, 5, stride=3), Flatten(), Linear(10))
PROGRAM = "nn.Sequential(nn.Conv2d(1, 4, 5, stride=3), nn.Flatten(), nn.Linear(256, 10))"
SMALL = [name for name in PRETRAINED if network(name).experiment.data == "mnist"]


def mine() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(nn.Conv2d(1, 4, 5, stride=3), nn.Flatten(), nn.Linear(256, 10)).eval()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_file(mine().state_dict(), tmp_path / "mine.safetensors")
    return tmp_path


@pytest.mark.parametrize("name", SMALL)
def test_what_the_app_exports_is_taken_in_as_it_was(tmp_path: Path, name: str) -> None:
    found = adopt(network(name).file, "", "mnist-5k", tmp_path / "in.safetensors")
    assert found.notes == ()
    before, after = load(network(name).file), load(tmp_path / "in.safetensors")
    pictures = np.array(data.load("mnist-5k").test_images[:8])
    with torch.no_grad():
        torch.testing.assert_close(after.logits(after.prepared(pictures)), before.logits(before.prepared(pictures)))
    assert after.experiment.data == "mnist-5k"


@pytest.mark.parametrize("about", [PROGRAM, Experiment(layers=LAYERS, data="pets@01234567").to_json()])
@pytest.mark.parametrize("prefix", ["", "module.", "model.net."])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_weights_with_a_program_or_with_json(folder: Path, about: str, prefix: str, dtype: torch.dtype) -> None:
    held = {prefix + name: tensor.to(dtype) for name, tensor in mine().state_dict().items()}
    save_file(held, folder / "other.safetensors", {"format": "pt"})
    found = adopt(folder / "other.safetensors", about, "mnist-5k", folder / "in.safetensors")
    assert len(found.notes) == 1 + bool(prefix)  # the normalization, the names
    loaded = load(folder / "in.safetensors")
    pictures = loaded.prepared(np.array(data.load("mnist-5k").test_images[:4])).float()
    with torch.no_grad():
        torch.testing.assert_close(loaded.network(pictures), mine()(pictures))


def test_a_class_of_its_own_names(folder: Path) -> None:
    names = {"0.weight": "conv1.weight", "0.bias": "conv1.bias", "2.weight": "fc.weight", "2.bias": "fc.bias"}
    held = {names[name]: tensor for name, tensor in mine().state_dict().items()}
    save_file(held, folder / "named.safetensors")
    adopt(folder / "named.safetensors", PROGRAM, "mnist-5k", folder / "in.safetensors")
    taken = load_file(folder / "in.safetensors")
    assert all(torch.equal(taken[name], tensor) for name, tensor in mine().state_dict().items())


def changed(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> Path:
    held = load_file(folder / "mine.safetensors")
    change(held)
    save_file(held, folder / "changed.safetensors")
    return folder / "changed.safetensors"


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held.pop("2.weight"),
        lambda held: held.update({"4.weight": torch.ones(3)}),
        lambda held: held.update({"2.weight": torch.ones(10, 255)}),
        lambda held: held.update({"2.weight": torch.full((10, 256), torch.nan)}),
        lambda held: held.update({"2.weight": torch.ones(10, 256, dtype=torch.int64)}),
        lambda held: held.clear(),
        lambda held: held.update({f"{i}.more": torch.ones(1) for i in range(3000)}),
    ],
)
def test_weights_that_do_not_fit_are_said(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    with pytest.raises(OwnNetworkError):
        adopt(changed(folder, change), PROGRAM, "mnist-5k", folder / "in.safetensors")
    assert not (folder / "in.safetensors").exists()


@pytest.mark.parametrize(
    ("about", "dataset"),
    [
        ("", "mnist-5k"),
        ("{", "mnist-5k"),
        ("{}", "mnist-5k"),
        ("[" * 50_000, "mnist-5k"),
        ("__import__('os').system('true')", "mnist-5k"),
        ("nn.Sequential(nn.Flatten(), nn.Linear(784, 7))", "mnist-5k"),
        ("nn.Sequential(nn.Flatten(), nn.Linear(784, 900000), nn.Linear(900000, 10))", "mnist-5k"),
        (PROGRAM, "cifar10-standin"),
    ],
)
def test_what_is_no_description_of_them_is_said(folder: Path, about: str, dataset: str) -> None:
    with pytest.raises(OwnNetworkError):
        adopt(folder / "mine.safetensors", about, dataset, folder / "in.safetensors")


@pytest.mark.parametrize("content", [b"", b"x", b"\x80\x04\x95", b"\xff" * 8 + b"{}", json.dumps({}).encode()])
def test_files_of_another_kind_are_said_and_never_unpickled(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(OwnNetworkError, match="safetensors"):
        adopt(tmp_path / "x", PROGRAM, "mnist-5k", tmp_path / "in.safetensors")
