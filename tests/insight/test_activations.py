"""What goes on inside a network, against torch's own hooks and against looking at every picture."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core import data
from core.insight import activations
from core.insight.loaded_network import Loaded, load
from core.insight.pretrained import PRETRAINED, network
from core.layers.calculator import analyze
from core.layers.specs import Activation, BatchNorm, Conv, ConvTranspose, Flatten, Linear, Residual
from core.nets.network import build
from core.runs.inference_client import InferenceClient, InferenceError, decode_array, encode_array
from core.training.experiment import Experiment

pytestmark = pytest.mark.slow


def loaded(name: str) -> Loaded:
    return load(network(name).file)


def picture(shape: tuple[int, int, int], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.fixture(scope="module")
def inference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InferenceClient]:
    asked = InferenceClient(tmp_path_factory.mktemp("home"))
    yield asked
    asked.stop()


@pytest.mark.parametrize("name", PRETRAINED)
def test_every_output_is_what_a_forward_hook_sees(name: str) -> None:
    trained = loaded(name)
    one = picture(trained.shape)
    seen: list[torch.Tensor] = []
    handles = [module.register_forward_hook(lambda *a: seen.append(a[2].detach())) for module in trained.network]
    with torch.inference_mode():
        trained.network(trained.normalization(torch.as_tensor(one[None])))
    for handle in handles:
        handle.remove()
    found = activations.outputs(trained, one)
    assert len(found) == len(seen) + 1
    mean, std = (np.array(numbers)[:, None, None] for numbers in (network(name).mean, network(name).std))
    np.testing.assert_allclose(found[0], (one / 255 - mean) / std, rtol=1e-5, atol=1e-5)
    for mine, hooked, row in zip(found[1:], seen, analyze(trained.experiment.layers, trained.shape), strict=True):
        assert mine.shape == row.output_shape
        assert mine.dtype == np.float32
        np.testing.assert_array_equal(mine, hooked[0].numpy())


def test_the_random_twin_is_the_same_for_a_seed_and_another_for_another() -> None:
    trained = loaded("mnist-cnn")
    one = picture(trained.shape)
    state = torch.random.get_rng_state()
    first, again, other = (activations.with_random_weights.__wrapped__(trained, seed) for seed in (3, 3, 4))
    assert torch.equal(state, torch.random.get_rng_state())  # other questions draw as if it had not been asked
    answers = [activations.outputs(twin, one)[-1] for twin in (trained, first, again, other)]
    np.testing.assert_array_equal(answers[1], answers[2])
    assert not np.allclose(answers[1], answers[3])
    assert not np.allclose(answers[1], answers[0])
    assert first.experiment == trained.experiment


@pytest.mark.parametrize(("name", "layer"), [("mnist-cnn", 4), ("mnist-mlp", 1), ("cifar-cnn", 2)])
def test_what_excites_most_is_found_as_by_looking_at_every_picture(
    name: str, layer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activations, "BATCH", 16)  # several, the last one smaller
    trained = loaded(name)
    images = data.load(trained.experiment.data).test_images[:40]
    values, places, units = activations.strongest(trained, layer, images, 9)
    every = np.stack([activations.outputs(trained, np.array(image))[layer + 1] for image in images])
    every = every.reshape(len(images), every.shape[1], -1)  # (N, K, H * W)
    best = np.sort(every.max(axis=2), axis=0)[::-1][:9].T  # (K, 9)
    np.testing.assert_allclose(values, best, rtol=1e-4, atol=1e-4)
    for plane in range(len(values)):
        at = every[places[plane], plane, units[plane]]
        np.testing.assert_allclose(at, values[plane], rtol=1e-4, atol=1e-4)
    assert all(len(set(row)) == 9 for row in places.tolist())


def test_parameters_are_the_files() -> None:
    from safetensors.numpy import load_file

    tensors = load_file(network("cifar-cnn").file)
    weights, biases = activations.parameters(loaded("cifar-cnn"), 3)
    np.testing.assert_array_equal(weights, tensors["3.weight"])
    np.testing.assert_array_equal(biases, tensors["3.bias"])
    assert [one.shape for one in activations.parameters(loaded("cifar-cnn"), 2)] == [(0,), (0,)]


def test_a_block_is_looked_into(tmp_path: Path) -> None:
    """Its ways' outputs are torch's; weights of a transposed convolution and a norm are told as what they do."""
    up = ConvTranspose(6, 3, stride=2, groups=2)
    block = Residual(
        (Conv(6, 3, padding=1), BatchNorm(), Activation(), Conv(6, 3, padding=1)), (Conv(6, 1), BatchNorm())
    )
    layers = (Conv(4, 3), up, block, Flatten(), Linear(10))
    torch.manual_seed(0)
    net = build(layers, (1, 9, 9))
    net(torch.randn(20, 1, 9, 9))  # the norms' running figures are not as they begin
    about = {"experiment": Experiment(layers=layers).to_json(), "shape": [1, 9, 9], "mean": [0.5], "std": [0.25]}
    save_file(net.state_dict(), tmp_path / "w", {key: json.dumps(value) for key, value in about.items()})
    trained, one = load(tmp_path / "w"), picture((1, 9, 9))
    net.eval()
    x = net[:2](trained.normalization(torch.as_tensor(one[None])))
    with torch.inference_mode():
        for way, found in zip((net[2].body, net[2].shortcut), activations.in_block(trained, one, 2), strict=True):
            for count, mine in enumerate(found, 1):
                np.testing.assert_allclose(mine, way[:count](x)[0], rtol=1e-5, atol=1e-6)
        scale, shift = (torch.as_tensor(each)[:, None, None] for each in activations.parameters(trained, 2, "body.1"))
        summed = net[2].body[0](x)
        torch.testing.assert_close(summed * scale + shift, net[2].body[1](summed))
    weights, _ = activations.parameters(trained, 1)
    assert weights.shape == (6, 2, 3, 3)
    np.testing.assert_array_equal(weights[4, 1], net[1].weight[3, 1].detach())  # the second group's second filter
    with pytest.raises(ValueError, match="no block"):
        activations.in_block(trained, one, 1)


def test_the_answering_process_tells_the_same(inference: InferenceClient) -> None:
    one = picture((1, 28, 28))
    file = inference.file("mnist-cnn")
    for seed in (None, 5):
        trained = loaded("mnist-cnn")
        twin = trained if seed is None else activations.with_random_weights(trained, seed)
        flat = decode_array(inference.query("outputs", network=file, image=encode_array(one), seed=seed))
        mine = np.concatenate([x.ravel() for x in activations.outputs(twin, one)])
        np.testing.assert_allclose(flat, mine, rtol=1e-4, atol=1e-5)
        weights, _ = map(decode_array, inference.query("parameters", network=file, layer=4, seed=seed))
        np.testing.assert_array_equal(weights, activations.parameters(twin, 4)[0])


def test_parts_of_the_test_set_are_named_by_their_places_in_the_whole(inference: InferenceClient) -> None:
    file = inference.file("mnist-linear")
    values, places, units = map(
        decode_array, inference.query("strongest", network=file, layer=1, first=200, count=50, most=9)
    )
    assert values.shape == places.shape == units.shape == (10, 9)
    assert places.min() >= 200
    assert places.max() < 250
    assert (units == 0).all()


def test_a_picture_of_another_shape_is_refused_in_a_sentence(inference: InferenceClient) -> None:
    with pytest.raises(InferenceError, match="takes pictures of 1 × 28 × 28"):
        inference.query("outputs", network=inference.file("mnist-cnn"), image=encode_array(picture((3, 32, 32))))
